"""How orders read: states in words and shape, and every order of the account in its own row."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import ClOrdId, OrderId
from core.domain.orders import OrderReport, OrderStatus, OrderType, RequestFlag, Trigger, order_from_request
from core.runtime.clock import MANUAL_START_NS, ManualClock
from gui.models.orders_model import OrdersModel, is_doubtful, side_words, status_words
from tests.helpers.account import accepted, good_stores, resting
from tests.helpers.records import buy

OURS = ClOrdId("6d1b345e-2821-40e2-ad83-4ecb18a06876")
ORDER = order_from_request(buy(OURS), MANUAL_START_NS)
S = 10**9


def in_state(status, **fields):
    return replace(ORDER, reported=status, **fields)


class Desk:
    def __init__(self):
        self.clock, self.stores = ManualClock(), good_stores()
        self.orders = self.stores.orders
        self.model = OrdersModel(self.stores, self.clock)

    def cell(self, title, row=0, role=Qt.ItemDataRole.DisplayRole):
        at = next(at for at, column in enumerate(self.model.columns) if column.title == title)
        return self.model.index(row, at).data(role)

    def show(self, *requests):
        for request in requests:
            self.orders.add(order_from_request(request, self.clock.wall_ns()))
        self.model.reload()


@pytest.fixture
def desk(qapp):
    return Desk()


@pytest.mark.parametrize("status", OrderStatus)
def test_every_state_has_words_with_a_shape_of_its_own(status):
    words = status_words(in_state(status))

    assert not words[0].isalnum()
    assert len(words.split(maxsplit=1)) == 2


def test_an_order_on_its_way_counts_milliseconds_and_one_in_doubt_its_age():
    assert status_words(in_state(OrderStatus.SENT), age_ns=250_000_000) == "◌ Sending 250 ms"
    assert status_words(in_state(OrderStatus.IN_DOUBT), age_ns=12 * S) == "▨ Unknown, checking (12s)"


def test_a_doubt_that_cannot_be_asked_about_says_so():
    words = status_words(in_state(OrderStatus.IN_DOUBT), age_ns=12 * S, reachable=False)

    assert words == "▨ Unknown, cannot reach exchange"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"cancel": RequestFlag.ASKED}, "◍ Cancelling…"),
        ({"cancel": RequestFlag.DOUBT}, "▨ Cancel unknown, repeating"),
        ({"amend": RequestFlag.ASKED}, "◍ Amending…"),
        ({"amend": RequestFlag.DOUBT}, "▨ Amend unknown, checking"),
        ({"cancel": RequestFlag.ASKED, "amend": RequestFlag.DOUBT}, "◍ Cancelling…"),
        ({"cancel": RequestFlag.DENIED}, "● Open"),
    ],
)
def test_a_wish_under_way_comes_before_the_state(flags, words):
    assert status_words(in_state(OrderStatus.NEW, **flags)) == words


def test_an_order_that_ended_has_no_wishes_left_to_show():
    assert status_words(in_state(OrderStatus.FILLED, cancel=RequestFlag.ASKED)) == "■ Filled"


def test_what_was_filled_before_the_end_and_why_it_ended_are_told():
    ended = in_state(OrderStatus.CANCELED, cum_qty=Decimal("0.3"), reason="User requested")

    assert status_words(ended) == "□ Cancelled · 0.3 filled · User requested"


def test_a_reason_from_outside_cannot_break_the_line():
    assert status_words(in_state(OrderStatus.REJECTED, reason="a\nb\u202ec")) == "✕ Rejected · a bc"


def test_an_order_of_another_program_is_marked_while_it_is_open():
    assert status_words(in_state(OrderStatus.NEW, foreign=True)) == "● Open · placed elsewhere"
    assert status_words(in_state(OrderStatus.FILLED, foreign=True)) == "■ Filled"


@pytest.mark.parametrize(
    ("order", "doubtful"),
    [
        (in_state(OrderStatus.IN_DOUBT), True),
        (in_state(OrderStatus.NEW, cancel=RequestFlag.DOUBT), True),
        (in_state(OrderStatus.NEW, amend=RequestFlag.DOUBT), True),
        (in_state(OrderStatus.NEW, cancel=RequestFlag.ASKED), False),
        (in_state(OrderStatus.CANCELED, cancel=RequestFlag.DOUBT), False),
    ],
)
def test_whatever_is_not_known_is_hatched(desk, order, doubtful):
    assert is_doubtful(order) is desk.model.is_hatched(order) is doubtful


def test_the_side_is_told_by_shape_and_word():
    assert side_words(ORDER) == "▲ BUY"


def test_rows_are_the_open_orders_or_all_of_them(desk):
    desk.orders.report(resting(1))
    desk.orders.report(OrderReport(order_id=OrderId("O1"), exec_type="canceled", status=OrderStatus.CANCELED))
    desk.show(buy(OURS))
    assert desk.model.keys() == [OURS]

    desk.model.show_all = True
    desk.model.reload()

    assert set(desk.model.keys()) == {OURS, "O1"}


def test_two_orders_under_one_id_of_ours_are_two_rows(desk):
    request = buy(OURS)
    desk.show(request)
    for number in (1, 2):
        desk.orders.report(replace(resting(number), cl_ord_id=OURS))
    desk.model.reload()

    hints = {desk.cell("State", row, Qt.ItemDataRole.ToolTipRole) for row in range(desk.model.rowCount())}
    assert len(hints) == 2
    assert {"O1" in hint for hint in hints} == {True, False}


def test_an_order_that_got_our_id_only_later_keeps_its_row(desk):
    desk.orders.report(resting(1))
    desk.model.reload()
    desk.orders.report(replace(resting(1), cl_ord_id=OURS, ts=5))
    desk.model.reload()

    assert desk.model.row_at(0) is not None
    assert desk.cell("Qty") == "1"


def test_keys_of_the_model_are_the_keys_the_store_tells(desk):
    told = []
    desk.orders.observe(told.append)
    desk.orders.report(resting(1))
    desk.show(buy(OURS))
    desk.orders.flush()

    assert set(desk.model.keys()) <= set().union(*told)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "100.0"),
        ({"order_type": OrderType.MARKET, "limit_price": None}, "market"),
        ({"order_type": OrderType.STOP_LOSS, "limit_price": None, "trigger": Trigger(Decimal(90))}, "▶90.0"),
        ({"order_type": OrderType.STOP_LOSS_LIMIT, "trigger": Trigger(Decimal(90))}, "▶90.0"),
        (
            {
                "order_type": OrderType.TRAILING_STOP,
                "limit_price": None,
                "trigger": Trigger(Decimal(2), "pct"),
            },
            "2% off",
        ),
    ],
)
def test_the_price_tells_what_the_order_waits_for(desk, fields, text):
    desk.show(buy(OURS, **fields))

    assert desk.cell("Price") == text


def test_figures_have_the_decimals_of_their_pair(desk):
    request = buy(OURS, qty=Decimal("0.50000000"))
    desk.show(request)
    desk.orders.report(replace(accepted(request), cum_qty=Decimal("0.1"), cum_cost=Decimal("10.01")))

    assert (desk.cell("Qty"), desk.cell("Filled"), desk.cell("Avg")) == ("0.5", "0.1", "100.1")


def test_words_that_count_time_grow_older_with_the_clock(desk):
    desk.show(buy(OURS))
    desk.clock.advance(ms=320)
    assert desk.cell("State") == "◌ Sending 320 ms"
    assert desk.model.growing_older() == [OURS]
    assert desk.model.is_sending()

    desk.orders.infer(OURS, OrderStatus.REJECTED, "no")

    assert not desk.model.is_sending()
    assert desk.model.growing_older() == []


def test_a_clock_set_back_makes_no_negative_age(desk):
    desk.show(buy(OURS))
    desk.clock.set_wall_ns(MANUAL_START_NS - 3600 * S)

    assert (desk.cell("Age"), desk.cell("State")) == ("now", "◌ Sending 0 ms")


def test_the_exchange_is_out_of_reach_when_neither_road_is_there(desk):
    desk.show(buy(OURS))
    desk.orders.infer(OURS, OrderStatus.IN_DOUBT, "no answer")
    desk.orders.reachable = False
    assert "cannot reach" in desk.cell("State")

    desk.stores.health.set_line(LineStatus(line=Line.PRIVATE, state=ConnectionState.LIVE))

    assert "checking" in desk.cell("State")
