from decimal import Decimal

import pytest

from core.app.freshness_watch import FreshnessWatch
from core.domain.errors import NotSent, RiskRejected
from core.domain.events import BookEvent, CarrierEvent, SubscriptionEvent, TickerEvent
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.market import Ticker
from core.domain.subscription import book, ticker
from core.processing.channel_store import ChannelState
from core.processing.processor import Processor
from core.runtime.clock import ManualClock
from tests.helpers.account import PAIR, book_of, good_stores

BOOK = book(PAIR, 10)


class Exchange:
    """Tells the touch over REST, when it answers at all."""

    def __init__(self):
        self.bid, self.ask = Decimal(100), Decimal(101)
        self.is_down = False
        self.asked = 0

    async def tickers(self, symbols):
        self.asked += 1
        if self.is_down:
            raise NotSent("REST is failing")
        return [Ticker(symbol=symbol, bid=self.bid, ask=self.ask) for symbol in symbols]


class Desk:
    """A live book on a live line, its channel, and who watches it."""

    def __init__(self):
        self.clock, self.stores, self.exchange = ManualClock(), good_stores(), Exchange()
        self.clock.advance(s=100)
        self.renewed = []
        self.watch = FreshnessWatch(self.stores, self.exchange, self, self.clock)
        self.processor = Processor(self.stores)
        self.tell(CarrierEvent(BOOK, Line.PUBLIC), SubscriptionEvent(BOOK, True))
        self.speak()

    def resubscribe(self, sub):
        self.renewed.append(sub)

    def tell(self, *events):
        now = self.clock.mono_ns()
        self.processor.apply(Line.PUBLIC, 1, events, now, self.clock.wall_ns())

    def speak(self):
        self.tell(BookEvent(True, book_of([("100", "1"), ("99", "2")], [("101", "1"), ("102", "2")])))

    async def look(self, after_s=0.0):
        self.clock.advance(ms=int(after_s * 1000))
        now = self.clock.mono_ns()
        self.stores.health.set_line(LineStatus(line=Line.PUBLIC, state=ConnectionState.LIVE, last_frame=now))
        await self.watch.look()
        return self.row.state

    @property
    def row(self):
        return self.stores.channels.get("book", PAIR)


@pytest.fixture
def desk():
    return Desk()


async def test_a_book_that_speaks_is_live_and_nobody_is_asked(desk):
    for _ in range(60):
        desk.speak()
        assert await desk.look(after_s=1) is ChannelState.LIVE

    assert desk.exchange.asked == 0


async def test_a_silent_book_that_rest_confirms_is_quiet_and_asked_about_ever_less(desk):
    states = [await desk.look(after_s=1) for _ in range(600)]

    assert states[-1] is ChannelState.QUIET
    assert ChannelState.STALE not in states
    assert desk.exchange.asked <= 6
    assert desk.stores.is_tradable(PAIR)


async def test_a_silent_book_that_the_exchange_has_left_is_stale_after_a_second_look_and_renewed(desk):
    desk.exchange.bid = Decimal("100.5")
    states = [await desk.look(after_s=1) for _ in range(70)]

    assert states[-1] is ChannelState.STALE
    assert desk.renewed[0] == BOOK
    assert not desk.stores.is_tradable(PAIR)

    desk.speak()
    assert await desk.look() is ChannelState.LIVE


async def test_one_mismatch_alone_proves_nothing(desk):
    desk.exchange.bid = Decimal("100.5")
    while not desk.exchange.asked:
        await desk.look(after_s=1)
    desk.exchange.bid = Decimal(100)

    states = [await desk.look(after_s=1) for _ in range(30)]

    assert ChannelState.STALE not in states


async def test_without_rest_silence_stays_unjudged(desk):
    desk.exchange.is_down = True

    states = [await desk.look(after_s=1) for _ in range(120)]

    assert set(states) == {ChannelState.LIVE}
    assert desk.exchange.asked <= 13


async def test_a_ticker_outside_the_book_makes_it_stale_after_two_seconds(desk):
    desk.tell(CarrierEvent(ticker(PAIR), Line.PUBLIC), SubscriptionEvent(ticker(PAIR), True))

    def quote():
        desk.tell(TickerEvent(False, [Ticker(symbol=PAIR, bid=Decimal(103), ask=Decimal(104))]))

    seen = []
    for _ in range(14):
        quote()
        seen.append(await desk.look(after_s=0.25))

    assert seen[4] is ChannelState.LIVE
    assert seen[-1] is ChannelState.STALE
    assert desk.row.reason == "the ticker is outside the book"


async def test_l10_a_book_whose_messages_wait_here_is_late_and_not_asked_for_again(desk):
    desk.tell(CarrierEvent(ticker(PAIR), Line.PUBLIC), SubscriptionEvent(ticker(PAIR), True))
    desk.stores.performance.behind_ns = 1_500_000_000

    seen = []
    for _ in range(14):
        desk.tell(TickerEvent(False, [Ticker(symbol=PAIR, bid=Decimal(103), ask=Decimal(104))]))
        seen.append(await desk.look(after_s=0.25))

    assert seen[-1] is ChannelState.LATE
    assert ChannelState.STALE not in seen
    assert desk.renewed == []


async def test_messages_that_are_seconds_old_are_late_only_when_they_keep_coming(desk):
    old = book_of([("100", "1"), ("99", "2")], [("101", "1"), ("102", "2")])
    old = type(old)(
        symbol=old.symbol,
        bids=old.bids,
        asks=old.asks,
        checksum=old.checksum,
        timestamp="1970-01-01T00:00:00Z",
    )
    states = []
    for _ in range(4):
        desk.tell(BookEvent(True, old))
        states.append(await desk.look(after_s=0.25))

    assert states[0] is ChannelState.LIVE
    assert states[-1] is ChannelState.STALE


async def test_a_taker_on_a_book_that_speaks_asks_nobody(desk):
    desk.clock.advance(s=9)
    await desk.watch.confirm(PAIR)

    assert desk.exchange.asked == 0


async def test_a_taker_on_a_silent_book_asks_first_and_once_for_a_while(desk):
    desk.clock.advance(s=11)
    await desk.watch.confirm(PAIR)
    await desk.watch.confirm(PAIR)

    assert desk.exchange.asked == 1


async def test_a_taker_on_a_book_that_has_stopped_is_refused(desk):
    desk.clock.advance(s=11)
    desk.exchange.ask = Decimal(102)

    with pytest.raises(RiskRejected, match="has stopped"):
        await desk.watch.confirm(PAIR)

    await desk.look()
    assert desk.row.state is ChannelState.STALE


async def test_a_taker_on_a_silent_book_that_nobody_can_confirm_is_refused(desk):
    desk.clock.advance(s=11)
    desk.exchange.is_down = True

    with pytest.raises(RiskRejected, match="cannot confirm"):
        await desk.watch.confirm(PAIR)
