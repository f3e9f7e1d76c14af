"""Rows P1 to P9 of the fault catalogue (faults, section 6): the private stream and the state built from it."""

import asyncio
from decimal import Decimal

from core.domain.health import Line
from core.domain.orders import OrderStatus as S
from tests.faults.scene import play
from tests.faults.terminal import ONE_A_SIDE


def test_p1_a_missing_report_makes_the_account_unverified_until_it_was_compared():
    async def story(scene):
        scene.plan.gap(channel="executions")
        order = scene.submit(scene.request())
        await scene.until(lambda: scene.stores.health.account_doubt, 5)

        assert not scene.terminal.can_trade
        await scene.ready()
        await scene.sees(order, S.NEW, within_s=1)
        assert scene.stores.health.gaps == 1

    play(story, lines=ONE_A_SIDE)


def test_p1_a_repeated_report_is_no_gap():
    async def story(scene):
        scene.plan.duplicate(channel="executions", times=5)
        order = scene.submit(scene.market())

        await scene.sees(order, S.FILLED, within_s=10)

        assert scene.stores.health.gaps == 0
        assert len(scene.stores.fills.all()) == len(scene.truth.fills)

    play(story)


def test_p2_an_expired_token_is_replaced_without_a_login_storm():
    async def story(scene):
        scene.plan.expire_token()
        before = scene.exchange.received("GetWebSocketsToken")
        order = scene.submit(scene.request())

        await scene.until(lambda: scene.status(order) in (S.NEW, S.REJECTED), 20)
        await scene.ready()
        await asyncio.sleep(60)

        assert scene.exchange.received("GetWebSocketsToken") - before <= 3

    play(story)


def test_p3_without_a_token_the_account_stays_unverified_and_cancels_work():
    async def story(scene):
        order = await scene.place()
        scene.plan.http(503, b"no", method="GetWebSocketsToken", times=None, until_s=scene.now_s + 20)
        scene.plan.close(1006, role="private")
        await scene.until(lambda: scene.stores.health.account_doubt, 3)

        scene.cancel(order)
        await scene.until(lambda: scene.truth.orders[order.order_id].status == "canceled", 10)

        assert not scene.terminal.can_trade
        assert scene.exchange.received("CancelOrder") == 1
        await scene.until(lambda: scene.terminal.can_trade, 90)

    play(story)


def test_p4_acknowledged_without_a_snapshot_is_never_shown_as_verified():
    async def story(scene):
        scene.plan.silent("executions", until_s=scene.now_s + 12)
        scene.plan.close(1001, role="private")
        await scene.until(lambda: scene.stores.health.account_doubt, 3)

        await asyncio.sleep(8)
        assert not scene.stores.orders.verified
        assert not scene.terminal.can_trade
        await scene.until(lambda: scene.terminal.can_trade, 60)

    play(story)


def test_p5_updates_before_the_snapshot_are_kept():
    async def story(scene):
        scene.plan.reorder(2, channel="executions")
        scene.plan.close(1001, role="private")
        await scene.until(lambda: scene.stores.health.account_doubt, 3)
        scene.plan.act_elsewhere("order", symbol="BTC/USD", side="buy", qty="0.01", limit_price="20000")

        await scene.ready()

        assert len(scene.stores.orders.open()) == 1

    play(story)


def test_p6_what_changed_while_away_is_the_new_total():
    async def story(scene):
        before = scene.stores.balances.get("USD").total
        scene.plan.http(503, b"no", method="connect", times=None, until_s=scene.now_s + 4)
        scene.plan.close(1006, role="private")
        await scene.until(lambda: scene.stores.health.account_doubt, 3)
        scene.plan.act_elsewhere("deposit", qty="250")

        assert scene.stores.health.account_doubt
        await scene.ready()

        assert scene.stores.balances.get("USD").total == before + 250

    play(story)


def test_p7_frames_of_the_connection_before_change_nothing():
    async def story(scene):
        scene.plan.delay(2, channel="executions")
        order = scene.submit(scene.request())
        await asyncio.sleep(0.2)
        epoch = scene.stores.health.line(Line.PRIVATE).epoch
        scene.plan.close(1001, role="private")

        await scene.sees(order, S.NEW, within_s=30)
        await scene.ready()

        assert scene.stores.health.line(Line.PRIVATE).epoch == epoch + 1

    play(story, lines=ONE_A_SIDE)


def test_p8_late_rest_answers_do_not_shake_what_the_stream_has_shown():
    async def story(scene):
        seen = []
        scene.plan.lag_rest(20, until_s=scene.now_s + 70)
        await asyncio.sleep(1)
        order = scene.submit(scene.market())
        await scene.sees(order, S.FILLED, within_s=5)
        total = scene.stores.balances.get("BTC").total
        scene.stores.orders.observe(lambda keys: seen.append(scene.status(order)))

        scene.terminal.session.reconcile("a look")
        await asyncio.sleep(66)

        assert set(seen) <= {S.FILLED}
        assert scene.stores.balances.get("BTC").total == total == scene.truth.balances["BTC"].total

    play(story)


def test_p9_orders_cancelled_by_a_timer_of_the_exchange_during_an_outage_are_listed():
    async def story(scene):
        order = await scene.place(qty=Decimal("0.02"))
        scene.plan.http(503, b"no", method="connect", times=None, until_s=scene.now_s + 6)
        scene.plan.close(1006, role="private")
        await scene.until(lambda: scene.stores.health.account_doubt, 3)
        scene.plan.act_elsewhere("cancel", order_id=order.order_id)

        await scene.ready()

        assert scene.order(order.cl_ord_id).status is S.CANCELED

    play(story)


def test_p4_fills_without_their_ledger_entries_are_noticed_and_the_totals_fetched_anew():
    async def story(scene):
        await asyncio.sleep(12)
        silent = scene.plan.silent("balances")
        before = scene.stores.balances.get("BTC").total
        scene.submit(scene.market())
        await scene.until(lambda: scene.stores.fills.all(), 3)
        silent.remove()
        await scene.until(lambda: scene.stores.health.account_doubt, 7)

        assert "ledger entries" in scene.stores.health.account_doubt
        await scene.ready()

        assert scene.stores.balances.get("BTC").total > before

    play(story)
