from decimal import Decimal

import pytest

from core.app.quotes import FRESH_NS, Quotes
from core.domain.errors import NotSent
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import Symbol
from core.domain.market import Ticker
from core.domain.subscription import ticker as ticker_channel
from core.processing.channel_store import ChannelState, Source
from core.processing.stores import Stores
from core.runtime.clock import ManualClock

BTC = Symbol("BTC/USD")


class Exchange:
    """Answers with the price it is told, or not at all."""

    def __init__(self):
        self.asked = []
        self.price = Decimal(100)
        self.is_down = False

    async def tickers(self, symbols):
        self.asked.append(list(symbols))
        if self.is_down:
            raise NotSent("the breaker is open")
        return [Ticker(symbol=symbol, last=self.price) for symbol in symbols]


class Desk:
    def __init__(self):
        self.clock = ManualClock()
        self.stores = Stores.create()
        self.exchange = Exchange()
        self.quotes = Quotes(self.stores, self.exchange, self.clock)
        self.counts = self.stores.health.feed

    async def price(self):
        found = await self.quotes.get([BTC])
        return (found[0].ticker.last, found[0].source) if found else None

    def stream(self, price, state=ChannelState.LIVE):
        now = self.clock.mono_ns()
        self.stores.channels.carried(ticker_channel(BTC), Line.PUBLIC, now)
        self.stores.channels.heard("ticker", BTC, 0, None, now)
        self.stores.channels.get("ticker", BTC).enter(state, "", now)
        self.stores.tickers.apply([Ticker(symbol=BTC, last=Decimal(price))], now)

    def line(self, state):
        self.stores.health.set_line(LineStatus(line=Line.PUBLIC, state=state))


@pytest.fixture
def desk():
    return Desk()


async def test_qb1_the_stream_answers_whenever_it_is_live(desk):
    desk.stream("90")
    desk.clock.advance(s=600)

    assert await desk.price() == (90, Source.WS)
    assert desk.exchange.asked == []
    assert desk.counts.stream == 1


async def test_qb3_without_a_stream_rest_answers_and_is_kept(desk):
    assert await desk.price() == (100, Source.REST)
    assert await desk.price() == (100, Source.REST)

    assert len(desk.exchange.asked) == 1
    assert desk.counts.cache == 1


async def test_an_old_answer_is_asked_for_again(desk):
    await desk.price()
    desk.exchange.price = Decimal(101)
    desk.clock.advance(s=FRESH_NS / 1e9 + 1)

    assert await desk.price() == (101, Source.REST)


async def test_qb2_when_nobody_answers_the_old_value_comes_with_its_age(desk):
    await desk.price()
    desk.exchange.is_down = True
    desk.clock.advance(s=60)

    (quoted,) = await desk.quotes.get([BTC])

    assert quoted.ticker.last == 100
    assert quoted.age_ns == 60 * 10**9
    assert desk.counts.failed == 1


async def test_qb2_when_nobody_answers_and_nothing_is_known_there_is_no_quote(desk):
    desk.exchange.is_down = True

    assert await desk.price() is None


async def test_a_failing_exchange_is_not_asked_with_every_look(desk):
    desk.exchange.is_down = True
    for _ in range(10):
        await desk.price()

    assert len(desk.exchange.asked) == 1


async def test_qb4_the_hit_rate_is_what_stream_and_cache_served(desk):
    assert desk.counts.hit_rate is None
    desk.counts.rest = 1
    desk.stream("90")
    for _ in range(3):
        await desk.price()

    assert desk.counts.hit_rate == 0.75


async def test_rest_stands_in_for_the_ticker_stream_after_three_seconds_and_leaves_when_it_is_back(desk):
    desk.stream("90")
    desk.line(ConnectionState.BACKOFF)
    await desk.quotes.look()
    assert desk.exchange.asked == []

    desk.clock.advance(s=3)
    await desk.quotes.look()
    desk.clock.advance(s=1)
    await desk.quotes.look()

    assert desk.exchange.asked == [[BTC]]
    assert desk.stores.tickers.get(BTC).last == 100
    desk.line(ConnectionState.LIVE)
    desk.stream("91")
    desk.clock.advance(s=5)
    await desk.quotes.look()
    assert len(desk.exchange.asked) == 1
    assert desk.stores.channels.get("ticker", BTC).source is Source.WS
