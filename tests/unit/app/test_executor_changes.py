"""Amending an open order, sending an absent one again, and cancelling whatever else is held back."""

from decimal import Decimal

import pytest

from core.domain.errors import JournalUnavailable, NotSent, OutcomeUnknown, Refused, RiskRejected
from core.domain.ids import OrderId
from core.domain.orders import AmendRequest, CancelAllRequest, CancelRequest, OrderStatus, RequestFlag
from core.processing.health_store import Alarm
from tests.helpers.account import accepted, resting
from tests.helpers.order_desk import OrderDesk
from tests.helpers.records import buy


@pytest.fixture
def desk():
    return OrderDesk()


def amendable(desk):
    desk.orders.report(resting(1))
    return AmendRequest(order_id=OrderId("O1"), limit_price=Decimal(91))


async def test_an_amend_under_way_is_flagged(desk):
    request = amendable(desk)
    await desk.executor.amend(request)

    assert desk.orders.by_order_id(OrderId("O1")).amend is RequestFlag.ASKED


@pytest.mark.parametrize(
    ("failure", "flag"), [(Refused("no"), RequestFlag.DENIED), (OutcomeUnknown("?"), RequestFlag.DOUBT)]
)
async def test_a_failed_amend_is_told_and_flagged(desk, failure, flag):
    request = amendable(desk)
    desk.ws.behave = lambda command: failure
    with pytest.raises(type(failure)):
        await desk.executor.amend(request)

    assert desk.orders.by_order_id(OrderId("O1")).amend is flag
    assert desk.rest.sent == []
    assert bool(desk.asked) is (flag is RequestFlag.DOUBT)


@pytest.mark.parametrize(("seconds", "sent"), [(3, 1), (4, 0)])
async def test_an_unsent_amend_takes_the_other_road_within_three_seconds(desk, seconds, sent):
    request = amendable(desk)
    desk.line_down_for(seconds)
    if sent:
        desk.rest.behave = lambda command: None
        await desk.executor.amend(request)
    else:
        with pytest.raises(NotSent):
            await desk.executor.amend(request)

    assert len(desk.rest.sent) == sent


async def test_an_order_that_is_not_open_cannot_be_amended(desk):
    with pytest.raises(RiskRejected):
        await desk.executor.amend(AmendRequest(order_id=OrderId("O9"), limit_price=Decimal(91)))


async def absent(desk, expect_logs):
    """Return an order whose absence was proven."""
    expect_logs("core.app.executor", "order in doubt")
    desk.ws.behave = lambda command: OutcomeUnknown("no answer")
    order = await desk.executor.submit(buy())
    desk.orders.infer(order.cl_ord_id, OrderStatus.NOT_FOUND, "absent")
    desk.ws.sent.clear()
    return order


async def test_an_absent_order_is_sent_again_under_its_id_after_a_cancel_that_finds_nothing(
    desk, expect_logs
):
    order = await absent(desk, expect_logs)
    desk.ws.behave = lambda command: (
        Refused("EOrder:Unknown order") if isinstance(command, CancelRequest) else accepted(command)
    )
    again = await desk.executor.send_again(order.cl_ord_id)

    assert [type(command).__name__ for command in desk.ws.sent] == ["CancelRequest", "OrderRequest"]
    assert (again.cl_ord_id, again.status) == (order.cl_ord_id, OrderStatus.PENDING_NEW)


async def test_an_order_that_the_cancel_did_find_is_not_sent_again(desk, expect_logs):
    order = await absent(desk, expect_logs)
    desk.ws.behave = lambda command: None
    await desk.executor.send_again(order.cl_ord_id)

    assert [type(command).__name__ for command in desk.ws.sent] == ["CancelRequest"]


async def test_while_the_cancel_is_not_answered_nothing_is_sent_again(desk, expect_logs):
    order = await absent(desk, expect_logs)
    desk.ws.behave = desk.rest.behave = lambda command: OutcomeUnknown("?")
    with pytest.raises(OutcomeUnknown):
        await desk.executor.send_again(order.cl_ord_id)

    assert not [
        command for command in desk.ws.sent + desk.rest.sent if not isinstance(command, CancelRequest)
    ]


async def test_only_a_proven_absence_allows_sending_again(desk):
    desk.ws.behave = accepted
    order = await desk.executor.submit(buy())

    with pytest.raises(RiskRejected):
        await desk.executor.send_again(order.cl_ord_id)


async def test_an_order_in_doubt_is_not_sent_again(desk, expect_logs):
    expect_logs("core.app.executor", "order in doubt")
    desk.ws.behave = lambda command: OutcomeUnknown("no answer")
    order = await desk.executor.submit(buy())
    desk.ws.sent.clear()

    with pytest.raises(RiskRejected, match="proven absent"):
        await desk.executor.send_again(order.cl_ord_id)
    assert desk.ws.sent + desk.rest.sent == []


async def test_what_holds_new_orders_back_holds_no_cancel_back(desk):
    desk.orders.report(resting(1))
    desk.journal_failure = JournalUnavailable("disk full")
    health = desk.stores.health
    health.system = "cancel_only"
    health.told_of_journal("disk full")
    health.doubt_account("the account line was lost")
    health.alarm(Alarm(1, "duplicate order", "two orders under one id"))
    desk.executor._risk.kill("pulled by hand")
    desk.stores.books.invalidate("the line was lost")
    with pytest.raises(RiskRejected):
        await desk.executor.submit(buy())

    await desk.executor.cancel(CancelRequest(order_id=OrderId("O1")))
    await desk.executor.cancel_all()

    assert desk.ws.sent == [CancelRequest(order_id=OrderId("O1")), CancelAllRequest()]
