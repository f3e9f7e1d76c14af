from decimal import Decimal

import pytest

from core.domain.account import Balance, BalanceChange
from core.domain.effects import Reconcile, ResyncPrivate
from core.domain.events import UNNUMBERED, BalanceEvent, ExecutionEvent, LineEvent
from core.domain.health import ConnectionState, Line
from core.domain.ids import Asset, LedgerId, OrderId
from core.domain.instrument import Side
from core.domain.orders import OrderStatus
from core.processing.processor import Processor
from core.processing.stores import Stores
from tests.helpers.reports import BTC, ORDER, OURS, SENT_NS, THEIRS, report, traded

USD = Asset("USD")


class Account:
    """Stores and the processor that feeds them, one private frame at a time."""

    def __init__(self):
        self.stores = Stores.create()
        self._processor = Processor(self.stores)

    def tell(self, event, line=Line.PRIVATE, epoch=1, wall=SENT_NS):
        return self._processor.apply(line, epoch, [event], 1, wall)

    def orders(self, *reports, snapshot=False, sequence=1, **more):
        return self.tell(ExecutionEvent(snapshot, sequence, list(reports)), **more)

    def totals(self, sequence=1, **totals):
        rows = [Balance(asset=Asset(name), total=Decimal(total)) for name, total in totals.items()]
        return self.tell(BalanceEvent(True, sequence, rows, []))

    def changed(self, sequence, balance, ledger_id="L1"):
        change = BalanceChange(
            asset=USD,
            amount=Decimal(1),
            fee=Decimal(0),
            balance=Decimal(balance),
            ledger_id=LedgerId(ledger_id),
        )
        return self.tell(BalanceEvent(False, sequence, [], [change]))

    def total(self):
        return self.stores.balances.get(USD).total


@pytest.fixture
def account():
    return Account()


@pytest.fixture
def known(account):
    """An account whose snapshots came and whose comparison ended well."""
    account.orders(snapshot=True)
    account.totals(USD="100")
    account.stores.health.verified_account()
    return account


def test_the_two_snapshots_together_ask_for_the_comparison_that_verifies(account):
    first = account.orders(snapshot=True)
    second = account.totals(USD="100")

    assert first == []
    assert second == [Reconcile("account snapshots complete")]


def test_a_missing_report_puts_orders_in_doubt_and_asks_for_a_fresh_snapshot(known):
    effects = known.orders(report("new", OrderStatus.NEW, symbol=BTC, side=Side.BUY), sequence=3)

    assert [type(effect) for effect in effects] == [ResyncPrivate, Reconcile]
    assert effects[0].channel == "executions"
    assert not known.stores.orders.verified
    assert known.stores.balances.verified
    assert "sequence 1 is followed by 3" in known.stores.health.account_doubt


def test_what_came_after_a_gap_is_still_merged_because_it_is_true(known):
    known.stores.orders.add(ORDER)

    known.orders(report("new", OrderStatus.NEW), sequence=7)

    assert known.stores.orders.get(OURS).status is OrderStatus.NEW


def test_a_missing_ledger_entry_puts_balances_alone_in_doubt(known):
    effects = known.changed(5, "101")

    assert effects[0] == ResyncPrivate("balances", Line.PRIVATE, "sequence 1 is followed by 5")
    assert not known.stores.balances.verified
    assert known.stores.orders.verified
    assert known.total() == 100


def test_a_repeated_frame_changes_nothing(known):
    known.changed(2, "101")

    effects = known.changed(2, "999", ledger_id="L2")

    assert effects == []
    assert known.total() == 101


@pytest.mark.parametrize("numbers", [(0, 1, 2), (7, 8, 9), (UNNUMBERED,) * 3], ids=str)
def test_a_server_may_begin_with_another_number_or_not_count_at_all(account, numbers):
    first, second, third = numbers
    account.orders(snapshot=True, sequence=first)
    account.totals(sequence=first, USD="100")

    effects = account.changed(second, "101") + account.changed(third, "102", ledger_id="L2")
    effects += account.orders(report("new", symbol=BTC, side=Side.BUY), sequence=second)

    assert account.total() == 102
    assert account.stores.orders.by_order_id(THEIRS) is not None
    assert [effect for effect in effects if isinstance(effect, ResyncPrivate)] == []


def test_a_hole_is_seen_whatever_the_first_number_was(account):
    account.totals(sequence=0, USD="100")
    account.changed(1, "101")

    assert ResyncPrivate in map(type, account.changed(3, "103", ledger_id="L3"))


def test_updates_before_their_snapshot_wait_and_follow_it(account):
    account.changed(2, "101")
    account.changed(3, "102", ledger_id="L2")

    account.totals(USD="100")

    assert account.total() == 102


def test_the_second_part_of_a_snapshot_does_not_erase_the_first(account):
    account.totals(USD="100")

    account.totals(sequence=2, BTC="3")

    assert account.total() == 100
    assert account.stores.balances.get(Asset("BTC")).total == 3


def test_a_lost_line_leaves_nothing_verified(known):
    known.tell(LineEvent(Line.PRIVATE, ConnectionState.BACKOFF, 1, 1, "closed"))

    assert not known.stores.orders.verified
    assert not known.stores.balances.verified
    assert known.stores.health.account_doubt == "the account line was lost"


def test_frames_of_an_earlier_connection_change_nothing(known):
    known.orders(snapshot=True, epoch=2)

    known.orders(report("new", OrderStatus.NEW, symbol=BTC, side=Side.BUY), sequence=2, epoch=1)

    assert known.stores.orders.all() == []
    assert known.stores.health.stale_epochs == 1


def test_fifty_unknown_fills_in_a_snapshot_ask_for_the_history_behind_them(account):
    fills = [traded(number, order_id=OrderId(f"O{number}")) for number in range(50)]

    effects = account.orders(*fills, snapshot=True)

    assert Reconcile("more fills than the snapshot holds", fills=True) in effects


def test_fewer_new_fills_than_a_snapshot_holds_are_all_there_are(account):
    effects = account.orders(*(traded(number) for number in range(49)), snapshot=True)

    assert not any(effect.fills for effect in effects)


def test_an_order_reported_open_after_it_ended_raises_an_alarm(known):
    ended = report("canceled", OrderStatus.CANCELED, symbol=BTC, side=Side.BUY)
    known.orders(ended, sequence=2)

    known.orders(report("new", OrderStatus.NEW), snapshot=True)

    assert known.stores.health.alarms[0].order_ids == (THEIRS,)
    assert "reported open after it ended" in known.stores.health.alarms[0].text


def test_two_orders_under_one_id_of_ours_are_both_named_and_both_shown(known):
    other = OrderId("OXXXXX-YYYYY-ZZZZZZ")
    known.stores.orders.add(ORDER)
    known.orders(report("new", OrderStatus.NEW), sequence=2)

    known.orders(report("new", OrderStatus.NEW, order_id=other, symbol=BTC, side=Side.BUY), sequence=3)

    assert known.stores.health.alarms[0].order_ids == (THEIRS, other)
    assert {order.order_id for order in known.stores.orders.open()} == {THEIRS, other}


def test_an_order_that_was_proven_absent_and_surfaces_raises_an_alarm(known):
    known.stores.orders.add(ORDER)
    known.stores.orders.infer(OURS, OrderStatus.NOT_FOUND)

    known.orders(report("new", OrderStatus.NEW), sequence=2)

    assert known.stores.orders.get(OURS).status is OrderStatus.NEW
    assert known.stores.health.alarms[0].kind == "order surfaced"
