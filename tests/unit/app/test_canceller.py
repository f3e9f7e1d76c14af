"""Cancels over both roads: repeated freely, held back by nothing, believed only when answered."""

import asyncio

import pytest

from core.app.canceller import Canceller, CancelTally
from core.domain.errors import NotSent, OutcomeUnknown, Refused
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    BatchCancelRequest,
    CancelAllRequest,
    CancelRequest,
    OrderReport,
    OrderStatus,
    RequestFlag,
    order_from_request,
)
from core.processing.stores import Stores
from core.runtime.clock import MANUAL_START_NS
from tests.helpers.account import FakeRoad, resting
from tests.helpers.records import buy
from tests.helpers.waiting import eventually

ETH = Symbol("ETH/USD")
O1 = OrderId("O1")
UNKNOWN_ORDER = Refused("EOrder:Unknown order")


class Desk:
    """A canceller on two roads and a store without any instrument, line or journal: a cancel needs none."""

    def __init__(self):
        self.orders = Stores.create().orders
        self.ws, self.rest, self.asked = FakeRoad("WS"), FakeRoad("REST"), []
        self.canceller = Canceller(
            self.orders, self.ws, self.rest, lambda: MANUAL_START_NS, self.asked.append
        )

    def hold(self, *reports):
        for report in reports:
            self.orders.report(report)

    def flag(self, order_id=O1):
        return self.orders.by_order_id(order_id).cancel

    def fail_both(self, failure):
        self.ws.behave = self.rest.behave = lambda command: failure


@pytest.fixture
def desk():
    made = Desk()
    made.hold(resting(1))
    return made


async def test_an_answered_cancel_is_asked_until_the_report_comes(desk):
    await desk.canceller.cancel(CancelRequest(order_id=O1))

    assert (desk.flag(), len(desk.ws.sent), desk.rest.sent) == (RequestFlag.ASKED, 1, [])
    desk.hold(OrderReport(order_id=O1, exec_type="canceled", status=OrderStatus.CANCELED))
    assert desk.flag() is RequestFlag.NONE


@pytest.mark.parametrize("failure", [NotSent("down"), OutcomeUnknown("no answer")])
async def test_a_cancel_that_is_not_answered_takes_the_other_road_at_once(desk, failure):
    desk.ws.behave = lambda command: failure
    await desk.canceller.cancel(CancelRequest(order_id=O1))

    assert (desk.ws.sent, desk.rest.sent) == ([CancelRequest(order_id=O1)], [CancelRequest(order_id=O1)])
    assert desk.flag() is RequestFlag.ASKED


@pytest.mark.parametrize("failure", [NotSent("down"), OutcomeUnknown("no answer")])
async def test_without_any_answer_the_cancel_is_in_doubt_and_may_be_repeated(desk, failure):
    desk.fail_both(failure)
    with pytest.raises(type(failure)):
        await desk.canceller.cancel(CancelRequest(order_id=O1))
    assert desk.flag() is RequestFlag.DOUBT

    desk.ws.behave = lambda command: None
    await desk.canceller.repeat_wishes()

    assert desk.flag() is RequestFlag.ASKED


async def test_a_refused_cancel_asks_how_the_order_really_ended(desk):
    desk.ws.behave = lambda command: UNKNOWN_ORDER
    with pytest.raises(Refused):
        await desk.canceller.cancel(CancelRequest(order_id=O1))

    assert (desk.flag(), len(desk.asked), desk.rest.sent) == (RequestFlag.DENIED, 1, [])


async def test_a_refusal_over_the_other_road_counts_like_any(desk):
    desk.ws.behave = lambda command: NotSent("down")
    desk.rest.behave = lambda command: UNKNOWN_ORDER
    with pytest.raises(Refused):
        await desk.canceller.cancel(CancelRequest(order_id=O1))

    assert desk.flag() is RequestFlag.DENIED


async def test_an_order_in_doubt_is_cancelled_by_our_id_and_the_wish_stays(desk):
    request = buy()
    desk.orders.add(order_from_request(request, 1))
    desk.orders.infer(request.cl_ord_id, OrderStatus.IN_DOUBT, "no answer")
    desk.ws.behave = lambda command: UNKNOWN_ORDER
    with pytest.raises(Refused):
        await desk.canceller.cancel(CancelRequest(cl_ord_id=request.cl_ord_id))

    assert desk.orders.get(request.cl_ord_id).cancel is RequestFlag.ASKED


async def test_an_interrupted_cancel_is_in_doubt(desk):
    desk.ws.gate = asyncio.Event()
    cancelling = asyncio.create_task(desk.canceller.cancel(CancelRequest(order_id=O1)))
    await eventually(lambda: desk.ws.sent)
    cancelling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelling

    assert desk.flag() is RequestFlag.DOUBT


async def test_an_order_not_known_here_can_be_cancelled_too(desk):
    await desk.canceller.cancel(CancelRequest(order_id=OrderId("O9")))

    assert desk.ws.sent == [CancelRequest(order_id=OrderId("O9"))]


async def test_cancel_all_asks_once_for_everything(desk):
    desk.hold(resting(2, symbol=ETH), resting(3, side=Side.SELL))
    tally = await desk.canceller.cancel_all()

    assert tally == CancelTally(3, 3, 0)
    assert desk.ws.sent == [CancelAllRequest()]
    assert {order.cancel for order in desk.orders.open()} == {RequestFlag.ASKED}


async def test_cancel_all_asks_even_when_no_order_is_known_here():
    desk = Desk()

    assert await desk.canceller.cancel_all() == CancelTally(0, 0, 0)
    assert desk.ws.sent == [CancelAllRequest()]


async def test_where_all_at_once_fails_they_are_cancelled_one_by_one(desk, expect_logs):
    expect_logs("core.app.canceller", "cancelling one by one")
    desk.hold(resting(2), resting(3))
    desk.fail_both(NotSent("down"))
    desk.rest.behave = lambda command: NotSent("down") if isinstance(command, CancelAllRequest) else None

    assert await desk.canceller.cancel_all() == CancelTally(3, 3, 0)


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        ({"symbol": ETH}, {"O2"}),
        ({"side": Side.SELL}, {"O3"}),
        ({"symbol": ETH, "side": Side.SELL}, set()),
        ({"symbol": Symbol("BTC/USD"), "side": Side.BUY}, {"O1"}),
    ],
)
async def test_a_choice_cancels_exactly_what_it_names(desk, choice, ids):
    desk.hold(resting(2, symbol=ETH), resting(3, side=Side.SELL))
    tally = await desk.canceller.cancel_all(**choice)

    assert {command.order_id for command in desk.ws.sent} == ids
    assert tally == CancelTally(len(ids), len(ids), 0)


async def test_the_tally_counts_what_was_not_answered_as_failed(desk):
    desk.hold(resting(2), resting(3), resting(4))
    ends = {"O1": None, "O2": UNKNOWN_ORDER, "O3": OutcomeUnknown("?"), "O4": NotSent("down")}
    desk.ws.behave = desk.rest.behave = lambda command: ends[command.order_id]

    assert await desk.canceller.cancel_all(side=Side.BUY) == CancelTally(4, 2, 2)


async def test_orders_that_ended_are_not_cancelled_again(desk):
    desk.hold(OrderReport(order_id=O1, exec_type="canceled", status=OrderStatus.CANCELED))

    assert await desk.canceller.cancel_all(side=Side.BUY) == CancelTally(0, 0, 0)
    assert desk.ws.sent == []


async def test_only_open_wishes_are_repeated_and_one_failure_stops_none(desk):
    desk.hold(resting(2), resting(3))
    for number in (1, 3):
        await desk.canceller.cancel(CancelRequest(order_id=OrderId(f"O{number}")))
    desk.ws.sent.clear()
    desk.fail_both(OutcomeUnknown("?"))

    await desk.canceller.repeat_wishes()

    assert {command.order_id for command in desk.ws.sent} == {"O1", "O3"}


@pytest.mark.parametrize(
    ("end", "absent"), [(UNKNOWN_ORDER, True), (None, False), (Refused("EGeneral:Permission denied"), None)]
)
async def test_absence_is_what_the_exchange_says_of_the_id_and_nothing_else(desk, end, absent):
    desk.ws.behave = lambda command: end
    if absent is None:
        with pytest.raises(OutcomeUnknown):
            await desk.canceller.is_absent(ClOrdId("ours"))
    else:
        assert await desk.canceller.is_absent(ClOrdId("ours")) is absent


async def test_no_answer_proves_no_absence(desk):
    desk.fail_both(NotSent("down"))
    with pytest.raises(NotSent):
        await desk.canceller.is_absent(ClOrdId("ours"))


async def test_many_orders_of_a_pair_are_cancelled_in_one_request(desk):
    desk.hold(*(resting(number) for number in range(2, 61)))

    tally = await desk.canceller.cancel_all(Symbol("BTC/USD"))

    assert tally == CancelTally(60, 60, 0)
    assert [len(batch.order_ids) for batch in desk.ws.sent] == [30, 30]
    assert desk.rest.sent == []
    assert all(order.cancel is RequestFlag.ASKED for order in desk.orders.open())


async def test_what_a_batch_did_not_cancel_is_cancelled_one_by_one(desk, log_guard):
    log_guard.expect("core.app.canceller", "batch cancel failed")
    desk.hold(*(resting(number) for number in range(2, 8)))
    desk.ws.behave = lambda command: Refused("EGeneral:Internal error") if _is_batch(command) else None

    tally = await desk.canceller.cancel_all(Symbol("BTC/USD"))

    assert tally == CancelTally(7, 7, 0)
    assert [type(command) for command in desk.ws.sent[1:]] == [CancelRequest] * 7


async def test_a_line_that_is_down_sends_every_cancel_of_many_by_rest(desk, log_guard):
    log_guard.expect("core.app.canceller", "batch cancel failed")
    desk.hold(*(resting(number) for number in range(2, 8)))
    desk.ws.behave = lambda command: NotSent("line down")

    tally = await desk.canceller.cancel_all(Symbol("BTC/USD"))

    assert tally.failed == 0
    assert len(desk.rest.sent) == 7


def _is_batch(command):
    return isinstance(command, BatchCancelRequest)
