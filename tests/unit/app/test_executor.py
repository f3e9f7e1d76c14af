"""Every outcome of a send, and what follows from it (faults, section 2)."""

import asyncio
from decimal import Decimal

import pytest

from core.app import executor
from core.app.executor import BATCH_MAX
from core.app.roads import ORDER_DEADLINE_NS
from core.domain.errors import JournalUnavailable, NotSent, OutcomeUnknown, Refused, RiskRejected
from core.domain.orders import OrderStatus
from core.runtime.clock import MANUAL_START_NS
from tests.helpers.account import accepted
from tests.helpers.order_desk import OFFSET_NS, OrderDesk
from tests.helpers.records import buy
from tests.helpers.waiting import eventually


@pytest.fixture
def desk():
    return OrderDesk()


@pytest.fixture
def in_doubt_log(expect_logs):
    expect_logs("core.app.executor", "order in doubt")


async def test_an_accepted_order_is_pending_and_went_over_one_road(desk):
    desk.ws.behave = accepted
    order = await desk.executor.submit(buy())

    assert (order.status, order.road) == (OrderStatus.PENDING_NEW, "WS")
    assert (len(desk.ws.sent), desk.rest.sent, desk.asked) == (1, [], [])


async def test_an_intent_is_durable_before_it_is_sent(desk):
    request = buy()
    await desk.executor.submit(request)

    assert desk.committed == [([request], MANUAL_START_NS)]


async def test_without_a_journal_nothing_is_sent_and_the_same_order_may_be_tried_again(desk):
    desk.journal_failure = JournalUnavailable("disk full")
    request = buy()
    with pytest.raises(JournalUnavailable):
        await desk.executor.submit(request)
    assert (desk.ws.sent, desk.orders.all()) == ([], [])

    desk.journal_failure = None

    assert (await desk.executor.submit(request)).cl_ord_id == request.cl_ord_id


async def test_the_deadline_is_five_seconds_from_now_in_exchange_time(desk):
    await desk.executor.submit(buy())

    assert desk.ws.deadlines == [MANUAL_START_NS + OFFSET_NS + ORDER_DEADLINE_NS]


async def test_what_the_checks_refuse_is_neither_kept_nor_sent(desk):
    with pytest.raises(RiskRejected):
        await desk.executor.submit(buy(qty=Decimal(10**6)))

    assert (desk.committed, desk.orders.all(), desk.ws.sent) == ([], [], [])


async def test_a_refusal_ends_the_order_with_the_exchanges_reason_and_is_not_sent_elsewhere(desk):
    desk.ws.behave = lambda command: Refused("EOrder:Insufficient funds")
    order = await desk.executor.submit(buy())

    assert (order.status, order.reason) == (OrderStatus.REJECTED, "EOrder:Insufficient funds")
    assert desk.rest.sent == []


@pytest.mark.usefixtures("in_doubt_log")
async def test_an_unknown_outcome_is_doubt_and_is_never_sent_again(desk):
    desk.ws.behave = lambda command: OutcomeUnknown("no answer")
    order = await desk.executor.submit(buy())

    assert order.status is OrderStatus.IN_DOUBT
    assert (len(desk.ws.sent), desk.rest.sent) == (1, [])
    assert order.cl_ord_id in desk.asked[0]


async def test_what_was_provably_not_sent_takes_the_other_road_once(desk):
    desk.line_down_for(seconds=3)
    order = await desk.executor.submit(buy())

    assert (order.status, order.road) == (OrderStatus.PENDING_NEW, "REST")
    assert [command.cl_ord_id for command in desk.rest.sent] == [order.cl_ord_id]


async def test_more_than_three_seconds_after_the_click_it_is_not_sent_any_more(desk):
    desk.line_down_for(seconds=4)
    order = await desk.executor.submit(buy())

    assert (order.status, order.reason) == (OrderStatus.REJECTED, "not sent: line is down")
    assert desk.rest.sent == []


async def test_sent_over_neither_road_it_is_rejected_as_not_sent(desk):
    desk.line_down_for()
    desk.rest.behave = lambda command: NotSent("breaker open")
    order = await desk.executor.submit(buy())

    assert (order.status, order.reason) == (OrderStatus.REJECTED, "not sent: breaker open")


@pytest.mark.usefixtures("in_doubt_log")
async def test_an_unknown_outcome_on_the_other_road_is_doubt_too(desk):
    desk.line_down_for()
    desk.rest.behave = lambda command: OutcomeUnknown("HTTP 502")
    order = await desk.executor.submit(buy())

    assert (order.status, len(desk.rest.sent)) == (OrderStatus.IN_DOUBT, 1)


async def test_a_refusal_on_the_other_road_is_final(desk):
    desk.line_down_for()
    desk.rest.behave = lambda command: Refused("EOrder:Post only order")

    assert (await desk.executor.submit(buy())).status is OrderStatus.REJECTED


@pytest.mark.usefixtures("in_doubt_log")
async def test_an_order_interrupted_on_its_way_is_in_doubt(desk):
    desk.ws.gate = asyncio.Event()
    request = buy()
    sending = asyncio.create_task(desk.executor.submit(request))
    await eventually(lambda: desk.ws.sent)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert desk.orders.get(request.cl_ord_id).status is OrderStatus.IN_DOUBT
    assert desk.asked


async def test_a_report_faster_than_the_unknown_outcome_wins(desk, expect_logs):
    expect_logs("core.app.executor", "order in doubt")
    request = buy()
    desk.ws.before = lambda: desk.orders.report(accepted(request))
    desk.ws.behave = lambda command: OutcomeUnknown("no answer")

    assert (await desk.executor.submit(request)).status is OrderStatus.PENDING_NEW


async def test_a_refusal_after_a_report_does_not_end_the_order(desk):
    request = buy()
    desk.ws.before = lambda: desk.orders.report(accepted(request))
    desk.ws.behave = lambda command: Refused("late nonsense")

    assert (await desk.executor.submit(request)).status is OrderStatus.PENDING_NEW


async def test_twenty_clicks_with_one_intent_are_one_order(desk):
    request = buy()
    results = await asyncio.gather(
        *(desk.executor.submit(request) for _ in range(20)), return_exceptions=True
    )

    assert len(desk.ws.sent) == 1
    assert sum(isinstance(result, RiskRejected) for result in results) == 19


async def test_an_order_that_ended_is_not_sent_again_under_its_id(desk):
    desk.ws.behave = lambda command: Refused("no")
    request = buy()
    await desk.executor.submit(request)

    with pytest.raises(RiskRejected, match="already sent"):
        await desk.executor.submit(request)


async def test_a_batch_goes_in_one_request_and_each_order_has_its_own_outcome(desk, expect_logs):
    expect_logs("core.app.executor", "order in doubt")
    good, bad, lost = requests = [buy(qty=Decimal(1)) for _ in range(3)]
    desk.ws.legs = {
        bad.cl_ord_id: Refused("EOrder:Post only order"),
        lost.cl_ord_id: OutcomeUnknown("not named"),
    }
    desk.ws.before = lambda: desk.orders.report(accepted(good))

    orders = await desk.executor.submit_batch(requests)

    wanted = [OrderStatus.PENDING_NEW, OrderStatus.REJECTED, OrderStatus.IN_DOUBT]
    assert [order.status for order in orders] == wanted
    assert (len(desk.ws.sent), desk.rest.sent) == (1, [])


async def test_a_batch_in_doubt_is_doubt_for_every_order(desk, expect_logs):
    expect_logs("core.app.executor", "order in doubt")
    desk.ws.behave = lambda command: OutcomeUnknown("closed")
    orders = await desk.executor.submit_batch([buy(qty=Decimal(1)) for _ in range(3)])

    assert {order.status for order in orders} == {OrderStatus.IN_DOUBT}
    assert desk.rest.sent == []


async def test_a_batch_that_was_not_sent_goes_by_rest_one_by_one(desk):
    desk.line_down_for()
    numbers = iter(range(10))
    desk.rest.behave = lambda command: accepted(command, f"O{next(numbers)}")
    orders = await desk.executor.submit_batch([buy(qty=Decimal(1)) for _ in range(3)])

    assert {(order.status, order.road) for order in orders} == {(OrderStatus.PENDING_NEW, "REST")}
    assert len(desk.rest.sent) == 3


async def test_of_a_batch_interrupted_on_the_other_road_the_unsent_orders_end_as_not_sent(desk, expect_logs):
    expect_logs("core.app.executor", "order in doubt")
    desk.line_down_for()
    desk.rest.gate = asyncio.Event()
    requests = [buy(qty=Decimal(1)) for _ in range(3)]
    sending = asyncio.create_task(desk.executor.submit_batch(requests))
    await eventually(lambda: desk.rest.sent)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    states = [desk.orders.get(request.cl_ord_id).status for request in requests]
    assert states == [OrderStatus.IN_DOUBT, OrderStatus.REJECTED, OrderStatus.REJECTED]


@pytest.mark.parametrize("count", [0, 1, BATCH_MAX + 1])
async def test_a_batch_has_two_to_fifteen_orders(desk, count):
    with pytest.raises(RiskRejected):
        await desk.executor.submit_batch([buy() for _ in range(count)])

    assert desk.ws.sent == []


async def test_of_a_batch_with_one_bad_order_none_is_sent(desk):
    with pytest.raises(RiskRejected):
        await desk.executor.submit_batch([buy(), buy(qty=Decimal(10**6))])

    assert (desk.ws.sent, desk.committed, desk.orders.all()) == ([], [], [])


async def test_requests_of_ended_orders_are_forgotten_and_still_not_sent_twice(desk, monkeypatch):
    monkeypatch.setattr(executor, "REQUESTS_KEPT", 2)
    desk.ws.behave = lambda command: Refused("EOrder:Insufficient funds")
    requests = [buy() for _ in range(4)]
    for request in requests:
        await desk.executor.submit(request)
        desk.clock.advance(s=3)

    assert len(desk.executor._requests) <= 3
    with pytest.raises(RiskRejected, match="already sent"):
        await desk.executor.submit(requests[0])
