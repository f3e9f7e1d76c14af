"""Rows L of the fault catalogue: what happens to the lines, how soon it is seen, and what stays as it was."""

import asyncio
from decimal import Decimal

from core.domain.health import BookState, ConnectionState, Line
from core.domain.orders import OrderStatus
from core.processing.channel_store import ChannelState, Source
from core.processing.health_store import HealthLevel
from tests.faults.scene import BTC, play
from tests.faults.terminal import ONE_A_SIDE

ETH = "ETH/USD"
BUDGET = 60
WINDOW_S = 600


def book_row(scene, symbol=BTC):
    return scene.stores.channels.get("book", symbol)


def is_live(scene, symbol=BTC):
    view = scene.stores.books.view(symbol)
    return view is not None and view.state is BookState.LIVE and scene.stores.is_tradable(symbol)


def untrusted(scene):
    """Every channel that is not believed now."""
    return {(row.sub.channel, row.sub.symbol) for row in scene.stores.channels.all() if not row.trusted}


async def watch(scene, seconds, look):
    """Look at the scene all the time and return what was seen."""
    seen, until = [], scene.now_s + seconds
    while scene.now_s < until:
        seen.append(look())
        await asyncio.sleep(0.05)
    return seen


def level(scene):
    return scene.stores.health.shown.level


def test_l1_both_market_lines_closed_are_blind_at_once_and_live_again_within_three_seconds():
    async def story(scene):
        scene.plan.close(1001, role="public")
        cut = scene.now_s
        await scene.until(lambda: level(scene) is HealthLevel.BLIND, 0.6)
        assert scene.stores.books.view(BTC).best_bid is None

        await scene.until(lambda: is_live(scene) and is_live(scene, ETH), 3)

        assert scene.now_s - cut < 3

    play(story)


def test_l1_one_market_line_lost_moves_its_books_and_does_not_blind():
    async def story(scene):
        await asyncio.sleep(1)
        carrier = book_row(scene).line
        session = scene.terminal.session
        session.lines.connection(carrier).drop("cut by the test")

        await scene.until(lambda: book_row(scene).line is not carrier, 1)
        await scene.until(lambda: is_live(scene) and is_live(scene, ETH), 1)

        assert book_row(scene).line is not carrier
        assert session.feed.failovers == 2
        seen = await watch(scene, 5, lambda: level(scene))
        assert HealthLevel.BLIND not in seen

    play(story)


def test_l1_channels_move_back_to_a_line_that_has_proven_itself_without_a_gap():
    async def story(scene):
        await asyncio.sleep(1)
        home = book_row(scene).line
        scene.terminal.session.lines.connection(home).drop("cut by the test")
        await scene.until(lambda: book_row(scene).line is not home and is_live(scene), 2)

        seen = await watch(scene, 20, lambda: is_live(scene))

        assert book_row(scene).line is home
        assert all(seen)

    play(story)


def test_l2_a_line_that_is_open_and_mute_is_stale_within_three_seconds_and_replaced_within_six():
    async def story(scene):
        scene.plan.half_open(role="public")
        cut = scene.now_s
        await scene.until(lambda: not is_live(scene), 3)
        assert scene.now_s - cut >= 1

        await scene.until(lambda: scene.stores.health.line(Line.PUBLIC).state is ConnectionState.BACKOFF, 6)
        assert scene.now_s - cut <= 6

        await scene.until(lambda: is_live(scene), 3)

    play(story, lines=ONE_A_SIDE)


def test_l2_with_a_second_line_a_mute_one_costs_its_books_three_seconds():
    async def story(scene):
        await asyncio.sleep(1)
        carrier = book_row(scene).line
        scene.plan.half_open(role="public", line=scene.line_number(carrier))
        cut = scene.now_s

        await scene.until(lambda: book_row(scene).line is not carrier, 4)
        await scene.until(lambda: is_live(scene), 1)

        assert scene.now_s - cut < 4

    play(story)


def test_l3_one_silent_channel_under_live_heartbeats_is_found_within_ten_seconds_and_nothing_else_turns_red():
    async def story(scene):
        await asyncio.sleep(20)
        silent = scene.plan.silent("book", symbol=str(BTC))
        cut = scene.now_s
        await scene.until(lambda: book_row(scene).state is ChannelState.STALE, 10)
        assert scene.now_s - cut <= 10
        assert untrusted(scene) == {("book", BTC)}
        assert not is_live(scene)
        await scene.until(lambda: level(scene) is HealthLevel.DEGRADED, 0.5)

        silent.remove()
        await scene.until(lambda: is_live(scene), 12)

    play(story)


def test_l3_acknowledged_but_without_data_is_found_within_ten_seconds():
    async def story(scene):
        scene.plan.silent("book", symbol=ETH)
        scene.plan.close(1001, role="public")
        await scene.until(lambda: is_live(scene), 3)
        cut = scene.now_s

        await scene.until(lambda: "nothing came" in book_row(scene, ETH).reason, 10)

        assert scene.now_s - cut <= 10
        assert book_row(scene, ETH).state is ChannelState.STALE
        assert untrusted(scene) == {("book", ETH)}

    play(story)


def test_l4_pongs_alone_are_no_life():
    async def story(scene):
        scene.plan.half_open(app=True, role="public")
        await scene.until(lambda: scene.stores.health.line(Line.PUBLIC).state is ConnectionState.BACKOFF, 6)
        await scene.until(lambda: is_live(scene), 3)

    play(story, lines=ONE_A_SIDE)


def test_l5_a_refused_connection_is_told_in_words_and_tried_slowly():
    async def story(scene):
        scene.plan.http(429, b"slow down", method="connect", times=None, until_s=scene.now_s + 40)
        scene.plan.close(1006, role="public")
        await asyncio.sleep(2)
        before = scene.terminal.session.lines.budget.used(int(scene.now_s * 1e9))

        await asyncio.sleep(30)

        assert "429" in scene.stores.health.shown.cause
        tried = scene.terminal.session.lines.budget.used(int(scene.now_s * 1e9)) - before
        assert tried <= 2 * 30 / 5
        await scene.until(lambda: is_live(scene), 60)

    play(story)


def test_l6_lines_that_flap_for_ten_minutes_stay_within_the_budget_of_attempts():
    async def story(scene):
        while scene.now_s < WINDOW_S - 5:
            scene.plan.close(1006)
            await asyncio.sleep(3)
        used = scene.exchange.received("connect")

        assert used <= BUDGET

        await scene.until(lambda: is_live(scene), WINDOW_S + 60)
        await scene.until(lambda: not scene.stores.health.account_doubt, WINDOW_S + 60)

    play(story)


def test_l8_messages_under_way_for_seconds_are_late_and_lock_the_pair():
    async def story(scene):
        await asyncio.sleep(3)
        scene.plan.delay(3, channel="book", times=None, until_s=scene.now_s + 30)

        await scene.until(lambda: book_row(scene).state is ChannelState.LATE, 12)

        assert not is_live(scene)
        await scene.until(lambda: is_live(scene), 60)

    play(story)


def test_l9_maintenance_is_a_mode_on_screen_and_no_reason_to_reconnect_in_a_hurry():
    async def story(scene):
        scene.plan.status("maintenance")
        await scene.until(lambda: "maintenance" in scene.stores.health.shown.cause, 15)
        assert level(scene) is HealthLevel.REDUCE_ONLY
        before = scene.exchange.received("connect")

        await asyncio.sleep(30)

        assert scene.exchange.received("connect") - before <= 8
        scene.plan.status("online")
        await scene.ready()

    play(story)


def test_the_primary_account_line_cut_during_a_thousand_fills_delays_none_and_asks_nothing():
    async def story(scene):
        await asyncio.sleep(15)
        order = scene.submit(scene.request(qty=Decimal("1.2")))
        await scene.sees(order, OrderStatus.NEW, within_s=2)
        lines = scene.terminal.session.lines
        asked = {name: scene.exchange.received(name) for name in ("OpenOrders", "QueryOrders", "BalanceEx")}
        primary, latest = lines.primary, 0.0
        for number in range(1_000):
            if number == 500:
                scene.plan.close(1006, role="private", line=scene.line_number(primary))
            scene.plan.act_elsewhere("trade", order_id=scene.order(order).order_id, qty="0.001")
            told = scene.now_s
            await scene.until(lambda: len(scene.stores.fills.all()) > number, 1)  # noqa: B023
            latest = max(latest, scene.now_s - told)

        assert lines.primary is not primary
        assert latest <= 0.1
        assert scene.stores.health.gaps == 0
        assert not scene.stores.health.account_doubt
        for name, before in asked.items():
            assert scene.exchange.received(name) - before <= scene.now_s // 60

    play(story)


def test_qa4_books_come_over_rest_while_both_market_lines_are_down_and_end_with_a_snapshot():
    async def story(scene):
        depths, healed_s = scene.stores.depths, scene.now_s + 15
        scene.plan.http(503, b"x", role="public", method="connect", times=None, until_s=healed_s)
        scene.plan.close(1006, role="public")

        await scene.until(lambda: {BTC, ETH} <= set(depths.symbols()), 12)
        told = depths.view(BTC)
        bids, asks = scene.exchange.hub.engine.book(BTC, 1)

        assert not scene.stores.is_tradable(BTC)
        assert scene.stores.books.view(BTC).best_bid is None
        assert abs(told.mid / ((bids[0][0] + asks[0][0]) / 2) - 1) < Decimal("0.01")
        assert book_row(scene).source is Source.REST
        await scene.until(lambda: is_live(scene) and is_live(scene, ETH), 60)
        await scene.until(lambda: not depths.symbols(), 3)
        assert book_row(scene).source is Source.WS

    play(story)
