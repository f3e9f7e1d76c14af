"""What no frame brings is recorded too: a replay shows what was believed live, not what it would conclude itself."""

from decimal import Decimal

import pytest

from core.app.flight_recorder import FlightRecorder
from core.app.replay_session import ReplaySession
from core.app.store_rows import Judged, judged_of
from core.data.recorder import Recorder
from core.domain.events import CarrierEvent, SubscriptionEvent, TickerEvent
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.market import Ticker
from core.domain.mode import Mode
from core.domain.subscription import book, ticker
from core.processing.channel_judge import ChannelJudge
from core.processing.channel_store import ChannelState, Source
from core.processing.processor import Processor
from core.runtime.clock import ManualClock
from tests.helpers.account import PAIR, good_stores

BOOK, TICKER = book(PAIR, 10), ticker(PAIR)
WAITING_NS = 1_500_000_000


def believed(stores):
    return [judged_of(row) for row in stores.channels.all()]


class Run:
    """A run of the terminal as far as a recorder sees it: stores, and what is judged of them."""

    def __init__(self, folder):
        self.clock, self.stores = ManualClock(), good_stores()
        self.clock.advance(s=100)
        self.judge = ChannelJudge(self.stores)
        processor = Processor(self.stores)
        for sub in (BOOK, TICKER):
            self._tell(processor, CarrierEvent(sub, Line.PUBLIC), SubscriptionEvent(sub, True))
        self._tell(processor, TickerEvent(False, [Ticker(symbol=PAIR, bid=Decimal(103), ask=Decimal(104))]))
        writer = Recorder(folder, most_bytes=1 << 30, most_days=7, redact=str)
        self.flight = FlightRecorder(writer, self.stores, processor, self.clock, Mode.DEMO)
        self.folder = folder

    def _tell(self, processor, *events):
        processor.apply(Line.PUBLIC, 1, events, self.clock.mono_ns(), self.clock.wall_ns())

    @property
    def row(self):
        return self.stores.channels.get("book", PAIR)

    def look(self):
        """What the program does four times a second."""
        self.clock.advance(ms=250)
        now = self.clock.mono_ns()
        self.stores.health.set_line(LineStatus(line=Line.PUBLIC, state=ConnectionState.LIVE, last_frame=now))
        self.row.heard = self.stores.channels.get("ticker", PAIR).heard = now
        self.judge.judge(now, self.clock.wall_ns())

    def mark(self):
        return self.flight.mark(), believed(self.stores)


@pytest.fixture
def run(tmp_path):
    run = Run(tmp_path / "run")
    run.flight.start()
    return run


async def replayed(run, moments):
    await run.flight.finish()
    replay = ReplaySession(run.folder)
    try:
        for moment in moments:
            replay.player.prepare(moment)
            assert replay.player.advance(moment)
            yield replay.stores
    finally:
        await replay.stop()


async def test_a_book_that_waited_in_the_inbox_is_late_in_the_replay_as_it_was_live(run):
    run.stores.performance.behind_ns = WAITING_NS
    for _ in range(12):
        run.look()
    assert run.row.state is ChannelState.LATE
    moment, live = run.mark()

    async for stores in replayed(run, [moment]):
        assert believed(stores) == live
        assert stores.performance.behind_ns == WAITING_NS
        assert not stores.is_tradable(PAIR)


async def test_what_rest_said_of_a_silent_book_is_shown_when_it_was_known_and_not_before(run):
    run.stores.tickers.apply([Ticker(symbol=PAIR, bid=Decimal(100), ask=Decimal(101))], run.clock.mono_ns())
    run.look()
    before, trusting = run.mark()
    run.row.found_broken("silent, while the exchange has moved on", run.clock.mono_ns())
    run.judge.judge(run.clock.mono_ns(), run.clock.wall_ns())
    run.clock.advance(s=1)
    moment, doubted = run.mark()

    assert run.row.state is ChannelState.STALE
    again = [believed(stores) async for stores in replayed(run, [moment, before])]

    assert again == [doubted, trusting]


async def test_what_answered_and_how_often_the_program_stood_still_are_those_of_the_run(run):
    counts = run.stores.health.feed
    counts.stream, counts.rest, counts.failovers = 99, 1, 3
    run.stores.performance.stalled(300_000_000, run.clock.mono_ns())
    run.row.source = Source.REST
    run.look()
    moment, live = run.mark()

    async for stores in replayed(run, [moment]):
        assert stores.health.feed == counts
        assert (stores.performance.stalls, stores.performance.longest_stall_ns) == (1, 300_000_000)
        assert believed(stores) == live


async def test_a_channel_is_told_again_only_when_it_is_judged_otherwise(run):
    run.look()
    changed = run.flight._changed
    changed.changed()
    run.look()
    assert changed.changed()[-1].judged == []

    run.stores.performance.behind_ns = WAITING_NS
    for _ in range(12):
        run.look()

    (judged,) = changed.changed()[-1].judged
    since = run.row.since
    assert judged == Judged(
        BOOK, Line.PUBLIC, Source.WS, ChannelState.LATE, "messages wait to be worked on", since
    )
