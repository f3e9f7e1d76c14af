"""Rows B of the fault catalogue: what reaches the books, and what is never drawn as live."""

import asyncio

from msgspec.structs import replace

from core.domain.health import BookState
from core.processing.channel_store import ChannelState
from core.processing.health_store import HealthLevel
from tests.faults.scene import BTC, play
from tests.faults.test_line_rows import book_row, is_live, level, untrusted, watch

ETH = "ETH/USD"


def view(scene, symbol=BTC):
    return scene.stores.books.view(symbol)


def best(scene, symbol=BTC):
    """The touch shown and the exchange's own, or nothing while the book is not live."""
    shown = view(scene, symbol)
    if shown.state is not BookState.LIVE:
        return None
    return shown.best_bid[0], shown.best_ask[0]


def test_b1_a_wrong_checksum_is_never_live_and_mended_within_a_second():
    async def story(scene):
        await asyncio.sleep(2)
        scene.plan.corrupt("qty", channel="book", symbol=str(BTC))
        await scene.until(lambda: view(scene).checksum_failed == 1, 20)
        wrong = scene.now_s
        assert best(scene) is None

        await scene.until(lambda: is_live(scene), 1)

        assert scene.now_s - wrong <= 1
        assert view(scene).resyncs == 1
        assert scene.stores.books.view(ETH).resyncs == 0

    play(story)


def test_b1_lost_deltas_are_found_with_the_next_checksum():
    async def story(scene):
        scene.plan.gap(
            channel="book", symbol=str(BTC), probability=0.01, times=None, until_s=scene.now_s + 400
        )
        await asyncio.sleep(400)
        lost = view(scene).checksum_failed
        assert lost > 0
        assert scene.stores.books.view(ETH).checksum_failed == 0

        await scene.until(lambda: is_live(scene), 5)
        await asyncio.sleep(20)

        assert view(scene).checksum_failed == lost
        assert view(scene).state is BookState.LIVE

    play(story)


def test_b3_a_book_that_fails_under_load_has_one_resync_at_a_time():
    async def story(scene):
        await asyncio.sleep(2)
        asked = scene.exchange.received("subscribe")
        scene.plan.delay(0.8, method="subscribe", times=None, until_s=scene.now_s + 20)
        scene.plan.corrupt("qty", channel="book", symbol=str(BTC), times=4)
        await asyncio.sleep(20)

        resyncs = view(scene).resyncs
        assert 1 <= resyncs <= 5
        assert scene.exchange.received("subscribe") - asked <= resyncs

    play(story)


def test_b7_a_pair_that_always_fails_is_left_alone_for_a_minute_and_harms_no_other():
    async def story(scene):
        await asyncio.sleep(2)
        broken = scene.plan.corrupt("checksum", channel="book", symbol=str(BTC), times=None)
        await scene.until(lambda: view(scene).unreliable, 60)
        asked = scene.exchange.received("subscribe")
        assert untrusted(scene) == {("book", BTC)}

        seen = await watch(
            scene, 50, lambda: (is_live(scene, ETH), scene.exchange.received("subscribe") - asked)
        )

        assert all(fine for fine, _ in seen)
        assert seen[-1][1] <= 1
        assert level(scene) is HealthLevel.DEGRADED
        broken.remove()
        await scene.until(lambda: is_live(scene), 90)

    play(story)


def test_b8_trades_told_twice_and_out_of_order_count_once():
    async def story(scene):
        from core.domain.subscription import trades

        scene.plan.duplicate(channel="trade", times=None)
        scene.plan.reorder(3, channel="trade", times=None, probability=0.3)
        scene.terminal.session.market_data.watch(trades(BTC))
        await scene.until(lambda: len(scene.stores.trades.recent(BTC)) > 60, 400)

        ids = [trade.trade_id for trade in scene.stores.trades.recent(BTC)]
        assert ids == sorted(set(ids))
        assert scene.stores.trades.repeated > 0

    play(story)


def test_b9_a_pair_that_leaves_the_exchange_takes_no_more_orders():
    async def story(scene):
        await asyncio.sleep(1)
        known = scene.stores.instruments.get(BTC)
        gone = replace(known, status="delisted")
        scene.stores.instruments.apply([gone], [], snapshot=False)
        order = scene.submit(scene.request())
        await scene.until(lambda: scene.errors, 2)

        assert "delisted" in scene.errors[0].user_message
        assert scene.accepted(order) == 0
        scene.errors.clear()

    play(story)


def test_b6_a_pair_printed_with_other_decimals_waits_for_a_snapshot_and_is_live_again():
    async def story(scene):
        await asyncio.sleep(1)
        known = scene.stores.instruments.get(BTC)
        scene.stores.books.regrid(replace(known, price_precision=known.price_precision + 1))
        assert view(scene).state is BookState.WAITING

        scene.stores.books.regrid(known)
        scene.terminal.session.market_data.resync("book", BTC)

        await scene.until(lambda: is_live(scene), 3)

    play(story)


def test_b4_a_book_that_is_swept_again_and_again_stays_verified():
    async def story(scene):
        await asyncio.sleep(1)
        engine = scene.exchange.engine
        assert engine is not None
        for _ in range(40):
            scene.plan.act_elsewhere("order", symbol=ETH, side="buy", qty="5")
            await asyncio.sleep(0.05)
        await asyncio.sleep(5)

        assert scene.stores.books.view(ETH).checksum_failed == 0
        assert is_live(scene, ETH)

    play(story)


def test_b3_a_book_that_fails_again_before_its_acknowledgement_is_not_forgotten():
    async def story(scene):
        await asyncio.sleep(2)
        scene.plan.delay(1, method="subscribe", times=None, until_s=scene.now_s + 6)
        scene.plan.corrupt("qty", channel="book", symbol=str(BTC), times=3)
        await scene.until(lambda: view(scene).checksum_failed >= 2, 20)

        await scene.until(lambda: is_live(scene), 8)

    play(story)


def test_b3_a_snapshot_that_never_came_is_asked_for_again():
    async def story(scene):
        await asyncio.sleep(2)
        scene.plan.corrupt("qty", channel="book", symbol=str(BTC))
        await scene.until(lambda: view(scene).checksum_failed == 1, 20)
        silent = scene.plan.silent("book", symbol=str(BTC))
        await scene.until(lambda: book_row(scene).state is ChannelState.STALE, 30)
        silent.remove()

        await scene.until(lambda: is_live(scene), 15)

    play(story)
