"""Two private lines feed one account: what either of them told counts once, and the loss of one loses nothing."""

from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import Balance, BalanceChange
from core.domain.effects import Reconcile, ResyncPrivate
from core.domain.events import BalanceEvent, ExecutionEvent, LineEvent
from core.domain.health import ConnectionState, Line
from core.domain.ids import Asset, LedgerId
from core.processing.processor import Processor
from core.processing.stores import Stores

A, B = Line.PRIVATE, Line.PRIVATE_B
USD = Asset("USD")


class Account:
    """An exchange's account of dollars and two lines that tell of it, each at its own pace."""

    def __init__(self):
        self.stores = Stores.create()
        self.processor = Processor(self.stores)
        self.ledger = [Decimal(100)]
        self.at = {}
        self.sequence = {}
        self.epochs = {A: 1, B: 1}
        self.ids = count(1)

    def snapshot(self, line, at=None):
        """The line begins: it tells of all orders (none) and of the total after ``at`` ledger entries."""
        self.at[line] = len(self.ledger) - 1 if at is None else at
        self.sequence[line] = 1
        total = Balance(asset=USD, total=self.ledger[self.at[line]])
        return self.tell(
            line,
            ExecutionEvent(True, 1, []),
            BalanceEvent(snapshot=True, sequence=1, balances=[total], changes=[]),
        )

    def earn(self, amount="1"):
        self.ledger.append(self.ledger[-1] + Decimal(amount))

    def catch_up(self, line, entries=None):
        effects = []
        while self.at[line] < len(self.ledger) - 1 and entries != 0:
            self.at[line] += 1
            self.sequence[line] += 1
            effects += self.tell(line, self.entry(line))
            entries = None if entries is None else entries - 1
        return effects

    def entry(self, line):
        at = self.at[line]
        change = BalanceChange(
            asset=USD,
            amount=self.ledger[at] - self.ledger[at - 1],
            balance=self.ledger[at],
            fee=Decimal(0),
            ledger_id=LedgerId(f"L{at}"),
            ts=at,
        )
        return BalanceEvent(snapshot=False, sequence=self.sequence[line], balances=[], changes=[change])

    def lose(self, line):
        effects = self.tell(line, LineEvent(line, ConnectionState.BACKOFF, 1, self.epochs[line], "cut"))
        self.epochs[line] += 1
        return effects

    def tell(self, line, *events):
        return self.processor.apply(line, self.epochs[line], events, 1, 1)

    @property
    def shown(self):
        return self.stores.balances.get(USD).total

    @property
    def is_verified(self):
        stores = self.stores
        return stores.orders.verified and stores.balances.verified and not stores.health.account_doubt


@pytest.fixture
def account():
    account = Account()
    account.snapshot(A)
    account.snapshot(B)
    account.stores.health.verified_account()
    return account


def test_an_entry_told_by_both_lines_counts_once(account):
    account.earn()
    account.catch_up(A)
    account.catch_up(B)

    assert account.shown == 101
    assert len(account.stores.balances.ledger) == 1


@pytest.mark.parametrize("lost", [A, B])
def test_the_loss_of_one_line_leaves_everything_verified_and_asks_for_nothing(account, lost):
    effects = account.lose(lost)

    assert effects == []
    assert account.is_verified


def test_what_the_lost_line_had_not_told_yet_comes_from_the_other(account):
    account.earn()
    account.earn()
    account.catch_up(A, entries=1)
    account.lose(A)
    account.catch_up(B)

    assert account.shown == 102
    assert account.is_verified


def test_a_line_that_lags_does_not_turn_the_totals_back(account):
    for _ in range(3):
        account.earn()
    account.catch_up(A)
    account.catch_up(B, entries=1)

    assert account.shown == 103


def test_the_loss_of_both_leaves_nothing_verified(account):
    account.lose(A)
    account.lose(B)

    assert not account.stores.orders.verified
    assert not account.stores.balances.verified
    assert account.stores.health.account_doubt


def test_the_first_line_back_brings_its_totals_and_asks_for_the_comparison(account):
    account.lose(A)
    account.lose(B)
    account.earn("-40")

    assert account.snapshot(B) == [Reconcile("account snapshots complete")]
    assert account.shown == 60


def test_an_old_snapshot_of_the_returning_line_changes_nothing(account):
    account.lose(A)
    account.earn()
    account.catch_up(B)

    account.snapshot(A, at=0)

    assert account.shown == 101
    assert account.is_verified


def test_a_line_that_never_caught_up_takes_over_but_has_to_be_compared(account):
    account.lose(B)
    account.earn()
    account.snapshot(B)  # the other line has not told of the entry yet

    effects = account.lose(A)

    assert account.shown == 101
    assert effects == [Reconcile("the account line was lost")]
    assert not account.is_verified


def test_a_gap_on_one_line_renews_that_line_and_doubts_nothing(account):
    account.sequence[B] += 1
    account.earn()

    effects = account.catch_up(B)

    assert effects == [ResyncPrivate("balances", B, "sequence 1 is followed by 3")]
    assert account.is_verified
    account.catch_up(A)
    assert account.shown == 101


@given(
    st.lists(
        st.sampled_from(["earn", "A", "B", "one A", "one B", "lose A", "lose B", "back A", "back B"]),
        max_size=60,
    )
)
def test_whatever_the_order_of_losses_the_end_is_the_exchanges(steps):
    account = Account()
    account.snapshot(A)
    account.snapshot(B)
    up = {"A": True, "B": True}
    lines = {"A": A, "B": B}
    for step in steps:
        name = step[-1]
        if step == "earn":
            account.earn()
        elif step.startswith("lose") and up[name]:
            up[name] = False
            account.lose(lines[name])
        elif step.startswith("back") and not up[name]:
            up[name] = True
            account.snapshot(lines[name])
        elif up.get(name) and not step.startswith(("lose", "back")):
            account.catch_up(lines[name], entries=1 if step.startswith("one") else None)
    for name, line in lines.items():
        if not up[name]:
            account.snapshot(line)
        account.catch_up(line)

    assert account.shown == account.ledger[-1]
