"""Nothing is wrong for half an hour: nothing turns red, and REST is hardly used."""

import asyncio

from core.domain.subscription import ticker, trades
from core.processing.channel_store import ChannelState
from gui.views.health.indicators import indicators
from tests.faults.scene import BTC, play
from tests.faults.terminal import SYMBOLS

HALF_AN_HOUR_S = 1_800
STALE = {ChannelState.STALE, ChannelState.LATE, ChannelState.RESYNCING, ChannelState.REFUSED}


def rest_calls(scene):
    """Every REST request for data that the exchange has seen."""
    received = scene.exchange.hub.received
    return sum(
        count for name, count in received.items() if name[0].isupper() and name != "GetWebSocketsToken"
    )


def watch_all(scene):
    for symbol in SYMBOLS:
        scene.terminal.session.market_data.watch(ticker(symbol), trades(symbol))


async def states(scene, seconds):
    """Every state but good ones that any channel was in, with its reason."""
    seen, until = set(), scene.now_s + seconds
    while scene.now_s < until:
        for row in scene.stores.channels.all():
            if row.state in STALE:
                seen.add((row.sub.channel, row.sub.symbol, row.state.value, row.reason))
        await asyncio.sleep(0.25)
    return seen


def test_half_an_hour_of_quiet_pairs_has_no_false_alarm():
    async def story(scene):
        watch_all(scene)
        await asyncio.sleep(5)
        seen = await states(scene, HALF_AN_HOUR_S)

        assert seen == set()
        assert scene.terminal.session.freshness.probes > 0, "the pairs of this market are hardly traded"

    play(story, speed=0.002)


def dashboard(scene, name):
    """What the dashboard shows, and what it tells of it when pointed at."""
    session = scene.terminal.session
    return next((one.text, one.hint) for one in indicators(session, session.vitals()) if one.name == name)


def test_qb4_a_healthy_half_hour_is_served_by_streams_and_the_dashboard_counts_as_the_exchange_does():
    async def story(scene):
        watch_all(scene)
        await asyncio.sleep(5)
        before, mine = rest_calls(scene), scene.stores.health.feed.rest
        await asyncio.sleep(HALF_AN_HOUR_S)

        shown, told = dashboard(scene, "Cache hit rate")
        assert float(shown.removesuffix(" %")) >= 99
        assert told.endswith(f"REST answered {mine + rest_calls(scene) - before}")
        assert scene.stores.health.feed.hit_rate >= 0.99
        assert scene.stores.health.feed.rest - mine == rest_calls(scene) - before
        assert scene.stores.books.view(BTC).resyncs == 0

    play(story)
