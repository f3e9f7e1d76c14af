"""Rows R of the fault catalogue: limits, latches and breakers of REST, and that a cancel passes them all."""

import asyncio

from core.data.rest.breaker import BreakerState
from core.domain.errors import NotSent, Refused, TerminalError
from core.domain.orders import CancelRequest, OrderStatus
from tests.faults.scene import play


async def failure_of(work):
    """What a call fails with, or nothing."""
    try:
        await work
    except TerminalError as failure:
        return failure
    return None


def rest(scene):
    return scene.terminal.session.rest


async def resting(scene):
    order = scene.submit(scene.request())
    await scene.sees(order, OrderStatus.NEW, within_s=2)
    return order


async def cancelled_by_rest(scene, order):
    """Cancel over REST alone, as when both account lines are down."""
    await rest(scene).cancel_order(CancelRequest(order_id=scene.order(order).order_id))
    await scene.sees(order, OrderStatus.CANCELED, within_s=3)


def test_r1_a_rate_limit_pauses_queries_and_lets_cancels_pass():
    async def story(scene):
        order = await resting(scene)
        scene.plan.error("EAPI:Rate limit exceeded", method="OpenOrders", times=1)
        assert isinstance(await failure_of(rest(scene).open_orders()), Refused)
        asked = scene.exchange.received("OpenOrders")
        assert isinstance(await failure_of(rest(scene).open_orders()), TerminalError | None)

        await cancelled_by_rest(scene, order)

        assert scene.exchange.received("OpenOrders") - asked <= 1

    play(story)


def test_r3_a_nonce_that_went_back_is_tried_again_silently_once():
    async def story(scene):
        scene.plan.raise_nonce()
        failures = [await failure_of(rest(scene).balances()) for _ in range(2)]

        assert failures[-1] is None or "nonce" in str(failures[-1]).lower()

    play(story)


def test_r4_an_invalid_key_is_asked_once_and_then_left_alone():
    async def story(scene):
        scene.plan.error("EAPI:Invalid key", road="rest", times=None, until_s=scene.now_s + 60)
        assert await failure_of(rest(scene).balances()) is not None
        tried = scene.exchange.received("BalanceEx")

        for _ in range(5):
            assert isinstance(await failure_of(rest(scene).balances()), NotSent)
            await asyncio.sleep(1)

        assert scene.exchange.received("BalanceEx") == tried
        rest(scene).transport.unlatch()

    play(story)


def test_r5_a_lockout_stops_every_private_call_but_the_users_cancel():
    async def story(scene):
        order = await resting(scene)
        scene.plan.error("EGeneral:Temporary lockout", method="BalanceEx", times=1)
        assert await failure_of(rest(scene).balances()) is not None
        asked = scene.exchange.received("BalanceEx")

        assert isinstance(await failure_of(rest(scene).balances()), NotSent)
        assert scene.exchange.received("BalanceEx") == asked
        await cancelled_by_rest(scene, order)
        await asyncio.sleep(16 * 60)

    play(story)


def test_r6_the_breaker_opens_recovers_by_a_harmless_question_and_never_holds_a_cancel():
    async def story(scene):
        order = await resting(scene)
        scene.plan.http(503, b"down", method="BalanceEx", times=None, until_s=scene.now_s + 30)
        for _ in range(6):
            await failure_of(rest(scene).balances())
        query = rest(scene).transport.breakers["query"]
        assert query.state(int(scene.now_s * 1e9)) is BreakerState.OPEN
        orders = scene.exchange.received("AddOrder")

        await cancelled_by_rest(scene, order)
        await scene.until(lambda: query.state(int(scene.now_s * 1e9)) is not BreakerState.OPEN, 60)
        await asyncio.sleep(30)
        assert await failure_of(rest(scene).balances()) is None

        assert scene.exchange.received("AddOrder") == orders

    play(story)


def test_r7_a_slow_answer_in_the_lane_does_not_hold_a_cancel():
    async def story(scene):
        order = await resting(scene)
        scene.plan.delay(8, method="TradesHistory", road="rest", times=1)
        slow = asyncio.ensure_future(failure_of(rest(scene).trades_history(0)))
        await asyncio.sleep(0.2)
        clicked = scene.now_s

        await rest(scene).cancel_order(CancelRequest(order_id=scene.order(order).order_id))

        assert scene.now_s - clicked <= 0.25
        await slow

    play(story)
