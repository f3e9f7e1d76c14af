"""Rows O14 to O25 of the fault catalogue (faults, section 6)."""

from decimal import Decimal

import pytest

from core.domain.errors import OutcomeUnknown, Refused
from core.domain.instrument import Side
from core.domain.orders import AmendRequest, RequestFlag
from core.domain.orders import OrderStatus as S
from core.domain.orders import TimeInForce as Force
from tests.faults.scene import play
from tests.faults.terminal import ONE_A_SIDE
from tests.faults.user import AGREED


def test_o14_a_fill_that_crosses_its_cancel_is_counted_and_shown_as_filled():
    async def story(scene):
        order = await scene.place()
        scene.plan.fill_after_cancel()

        scene.cancel(order)
        found = await scene.sees(order.cl_ord_id, S.FILLED, within_s=20)

        assert found.cum_qty == found.qty
        assert scene.truth.fills

    play(story)


def test_o15_an_amend_below_what_is_filled_is_denied_and_leaves_nothing_negative():
    async def story(scene):
        order = await scene.place(qty=Decimal("0.03"))
        scene.plan.act_elsewhere("trade", qty="0.02")
        await scene.sees(order.cl_ord_id, S.PARTIALLY_FILLED, within_s=5)

        amend = AmendRequest(order_id=order.order_id, qty=Decimal("0.01"))
        scene.do(scene.terminal.session.executor.amend, amend, AGREED)
        await scene.until(lambda: scene.terminal.is_idle, 10)

        found = scene.order(order.cl_ord_id)
        assert found.amend is RequestFlag.DENIED or found.status.is_final
        assert found.leaves >= 0

    play(story)


def test_o15_an_amend_whose_answer_is_lost_shows_the_exchanges_terms_in_the_end():
    async def story(scene):
        order = await scene.place()
        price = order.limit_price - 10
        scene.plan.lose_request(method="amend_order")

        scene.do(
            scene.terminal.session.executor.amend,
            AmendRequest(order_id=order.order_id, limit_price=price),
            AGREED,
        )
        await scene.until(lambda: scene.order(order.cl_ord_id).amend is RequestFlag.DOUBT, 10)
        await scene.until(lambda: scene.order(order.cl_ord_id).amend is RequestFlag.NONE, 20)

        assert scene.order(order.cl_ord_id).limit_price == order.limit_price
        assert isinstance(scene.errors[0], OutcomeUnknown)

    play(story)


def test_o16_a_post_only_order_that_would_take_ends_with_its_reason():
    async def story(scene):
        ask = scene.stores.books.view("BTC/USD").best_ask[0]
        order = scene.submit(scene.request(limit_price=ask + 50, post_only=True))

        await scene.until(lambda: scene.status(order) is not None and scene.order(order).status.is_final, 10)

        assert scene.order(order).reason
        assert scene.stores.orders.open() == []

    play(story)


def test_o16_an_immediate_order_that_finds_nothing_ends_with_its_reason():
    async def story(scene):
        order = scene.submit(scene.request(time_in_force=Force.IOC))

        found = await scene.sees(order, S.EXPIRED, within_s=5)

        assert (found.cum_qty, found.reason) == (0, "Order expired")

    play(story)


def test_o17_a_cancel_whose_answer_is_lost_is_repeated_and_never_believed_without_a_report():
    async def story(scene):
        order = await scene.place()
        scene.plan.lose_request(method="cancel_order")

        scene.cancel(order)
        await scene.until(lambda: scene.order(order.cl_ord_id).cancel is RequestFlag.ASKED, 1)
        assert scene.order(order.cl_ord_id).status is S.NEW
        await scene.sees(order.cl_ord_id, S.CANCELED, within_s=20)

        assert scene.exchange.received("cancel_order") + scene.exchange.received("CancelOrder") >= 2

    play(story)


def test_o18_a_cancel_of_an_order_that_ended_tells_how_it_ended():
    async def story(scene):
        order = await scene.place()
        scene.plan.silent("executions", until_s=scene.now_s + 3)
        scene.plan.act_elsewhere("trade")

        scene.cancel(order)
        found = await scene.sees(order.cl_ord_id, S.FILLED, within_s=20)

        assert found.cancel is RequestFlag.NONE
        assert [type(error) for error in scene.errors] == [Refused]

    play(story)


async def _batch(scene, *requests):
    scene.ids.extend(request.cl_ord_id for request in requests)
    scene.do(scene.terminal.session.executor.submit_batch, requests, AGREED)
    await scene.until(lambda: scene.terminal.is_idle, 10)
    return [request.cl_ord_id for request in requests]


def test_o19_a_batch_has_a_result_for_every_leg():
    async def story(scene):
        ids = await _batch(scene, *(scene.request() for _ in range(5)))

        for cl_ord_id in ids:
            await scene.sees(cl_ord_id, S.NEW, within_s=5)

        assert scene.exchange.received("batch_add") == 1

    play(story)


def test_o19_a_batch_whose_answer_is_lost_leaves_every_leg_in_doubt_and_finds_each():
    async def story(scene):
        scene.plan.lose_answer(method="batch_add")
        scene.plan.silent("executions", until_s=scene.now_s + 10)
        ids = await _batch(scene, *(scene.request() for _ in range(4)))

        assert {scene.status(cl_ord_id) for cl_ord_id in ids} == {S.IN_DOUBT}
        for cl_ord_id in ids:
            await scene.sees(cl_ord_id, S.NEW, within_s=30)

    play(story, lines=ONE_A_SIDE)


def test_o19_a_batch_lost_on_its_way_is_proven_absent_leg_by_leg():
    async def story(scene):
        scene.plan.lose_request(method="batch_add")
        ids = await _batch(scene, *(scene.request() for _ in range(4)))

        for cl_ord_id in ids:
            await scene.sees(cl_ord_id, S.NOT_FOUND, within_s=60)

    play(story)


def test_o21_follow_ups_without_symbol_and_id_belong_to_their_order():
    async def story(scene):
        order = await scene.place(qty=Decimal("0.02"))
        for _ in range(2):
            scene.plan.act_elsewhere("trade", qty="0.01")

        found = await scene.sees(order.cl_ord_id, S.FILLED, within_s=10)

        assert len(found.fills) == 2

    play(story)


def test_o23_orders_placed_cancelled_and_amended_elsewhere_are_shown_as_such():
    async def story(scene):
        bid = scene.stores.books.view("BTC/USD").best_bid[0]
        price = (bid * Decimal("0.96")).quantize(Decimal("0.1"))
        scene.plan.act_elsewhere("order", symbol="BTC/USD", side="buy", qty="0.01", limit_price=price)
        await scene.until(lambda: len(scene.stores.orders.open()) == 1, 5)
        (foreign,) = scene.stores.orders.open()
        ours = await scene.place()

        scene.plan.act_elsewhere("cancel", order_id=foreign.order_id)
        await scene.until(lambda: scene.stores.orders.by_order_id(foreign.order_id).status is S.CANCELED, 5)

        assert (foreign.foreign, foreign.side, foreign.limit_price) == (True, Side.BUY, price)
        assert not scene.order(ours.cl_ord_id).foreign

    play(story)


def test_o22_one_id_with_two_orders_raises_an_alarm_that_names_both_and_locks_new_orders():
    async def story(scene):
        order = await scene.place()
        other = "OXXXXX-YYYYY-ZZZZZZ"
        scene.plan.corrupt("order_id", other, channel="executions", times=3)
        scene.plan.corrupt("cl_ord_id", order.cl_ord_id, channel="executions", times=3)
        scene.submit(scene.request())

        await scene.until(lambda: scene.stores.health.alarms, 5)
        (alarm, *_) = scene.stores.health.alarms
        assert set(alarm.order_ids) == {order.order_id, other}
        assert not scene.terminal.can_trade
        raise _Seen

    with pytest.raises(_Seen):
        play(story)


class _Seen(Exception):
    """The story ends here: what follows was made up and cannot be audited."""


def test_o24_more_fills_while_away_than_a_snapshot_holds_are_all_fetched():
    async def story(scene):
        order = await scene.place(qty=Decimal("0.2"))
        scene.plan.http(503, b"no", method="connect", times=None, until_s=scene.now_s + 10)
        scene.plan.close(1006, role="private")
        await scene.until(lambda: scene.stores.health.account_doubt, 3)
        for _ in range(120):
            scene.plan.act_elsewhere("trade", order_id=order.order_id, qty="0.001")

        await scene.ready()
        await scene.until(lambda: len(scene.stores.fills.all()) == len(scene.truth.fills) == 120, 30)

        assert scene.order(order.cl_ord_id).cum_qty == Decimal("0.12")

    play(story)


@pytest.mark.parametrize(
    "error", ["EService:Deadline elapsed", "EService:Unavailable", "EGeneral:Internal error"]
)
@pytest.mark.parametrize("accepted", [True, False])
def test_o25_an_error_that_proves_nothing_is_doubt_and_ends_by_proof(error, accepted):
    async def story(scene):
        scene.plan.error(error, accepted=accepted, method="add_order")
        scene.plan.silent("executions", until_s=scene.now_s + 3)
        order = scene.submit(scene.request())

        await scene.sees(order, S.IN_DOUBT, within_s=3)
        await scene.sees(order, S.NEW if accepted else S.NOT_FOUND, within_s=90)

        assert scene.accepted(order) == int(accepted)
        assert scene.received() == 1

    play(story)
