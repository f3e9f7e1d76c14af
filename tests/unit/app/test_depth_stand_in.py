from decimal import Decimal

import pytest

from core.app.depth_stand_in import AFTER_NS, EVERY_NS, OLDEST_NS, DepthStandIn
from core.domain.errors import NotSent
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.market import BookChange, Depth, Level
from core.domain.subscription import book as book_channel
from core.processing.channel_store import Source
from core.processing.checksum import checksum, piece
from core.processing.stores import Stores
from core.runtime.clock import ManualClock
from tests.helpers.instruments import instrument

PAIRS = {pair.symbol: pair for pair in (instrument("BTC/USD"), instrument("ETH/USD"))}
BTC, ETH = PAIRS


class Exchange:
    """Tells one level a side, or nothing."""

    def __init__(self):
        self.asked = []
        self.is_down = False
        self.before_answer = lambda: None

    async def depth(self, symbol, count):
        self.asked.append(symbol)
        if self.is_down:
            raise NotSent("the breaker is open")
        self.before_answer()
        return Depth(symbol, ((Decimal(99), Decimal(1)),), ((Decimal(101), Decimal(2)),))


class Desk:
    def __init__(self, *symbols):
        self.clock = ManualClock()
        self.stores = Stores.create()
        self.exchange = Exchange()
        self.stand_in = DepthStandIn(self.stores, self.exchange, self.clock)
        self.stores.instruments.apply(list(PAIRS.values()), [], snapshot=True)
        for symbol in symbols:
            self.stores.books.expect(symbol, 10, PAIRS[symbol])
            self.stores.channels.carried(book_channel(symbol, 10), Line.PUBLIC, self.clock.mono_ns())
        self.line(ConnectionState.BACKOFF)

    def line(self, state):
        self.stores.health.set_line(LineStatus(line=Line.PUBLIC, state=state))

    def snapshot(self, symbol):
        right = checksum([piece("101.0") + piece("1.00000000")], [piece("99.0") + piece("1.00000000")])
        change = BookChange(symbol, [Level(99.0, 1.0)], [Level(101.0, 1.0)], right)
        assert self.stores.books.apply(change, True, self.clock.mono_ns()) is None

    async def look(self, after_ns=0):
        self.clock.advance(s=after_ns / 1e9)
        await self.stand_in.look()


@pytest.fixture
def desk():
    return Desk(BTC, ETH)


async def test_qa4_rest_stands_in_only_when_no_line_has_been_live_for_a_while(desk):
    desk.line(ConnectionState.LIVE)
    await desk.look(AFTER_NS)
    desk.line(ConnectionState.BACKOFF)
    await desk.look()
    await desk.look(AFTER_NS - 1)
    assert desk.exchange.asked == []

    await desk.look(1)
    assert desk.exchange.asked == [BTC]
    assert desk.stores.depths.view(BTC).best_ask == (101, 2)
    assert desk.stores.channels.get("book", BTC).source is Source.REST


async def test_books_are_asked_for_in_turn_and_not_too_often(desk):
    await desk.look()
    await desk.look(AFTER_NS)
    for _ in range(3):
        await desk.look(EVERY_NS // 2)
        await desk.look(EVERY_NS // 2)

    assert desk.exchange.asked == [BTC, ETH, BTC, ETH]


async def test_a_told_book_is_never_one_to_trade_on(desk):
    await desk.look()
    await desk.look(AFTER_NS)

    assert desk.stores.depths.view(BTC) is not None
    assert not desk.stores.is_tradable(BTC)
    assert desk.stores.books.view(BTC).best_bid is None


async def test_a_snapshot_on_the_stream_ends_it(desk):
    await desk.look()
    await desk.look(AFTER_NS)
    desk.line(ConnectionState.LIVE)
    await desk.look(1)
    assert desk.stores.depths.view(BTC) is not None, "the line is back, the book is not"

    desk.snapshot(BTC)
    await desk.look(1)
    assert desk.stores.depths.view(BTC) is None
    assert desk.stores.channels.get("book", BTC).source is Source.WS


async def test_an_answer_that_comes_after_the_snapshot_is_not_kept(desk):
    await desk.look()
    desk.exchange.before_answer = lambda: desk.snapshot(BTC)
    await desk.look(AFTER_NS)

    assert desk.exchange.asked == [BTC]
    assert desk.stores.depths.view(BTC) is None
    assert desk.stores.channels.get("book", BTC).source is Source.WS


async def test_what_was_told_long_ago_is_dropped_and_failures_are_counted(desk):
    await desk.look()
    await desk.look(AFTER_NS)
    desk.exchange.is_down = True
    await desk.look(OLDEST_NS + 1)

    assert desk.stores.depths.symbols() == []
    assert desk.stores.health.feed.failed == 1


async def test_nothing_watched_asks_nothing():
    desk = Desk()
    await desk.look()
    await desk.look(AFTER_NS)

    assert desk.exchange.asked == []
