"""The session of a replay: a whole one, of which nothing reaches an exchange. Its window is the usual one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from time import monotonic_ns
from typing import Any

from core.app.canceller import CancelTally
from core.app.history import CandleHistory
from core.app.replay import Player, ReplayClock
from core.app.session import TradingSession
from core.app.venue import Venue
from core.data.journal.order_rows import StoredIntent
from core.data.kraken.endpoints import Endpoints
from core.data.recording import Head, RecordingError, open_recording
from core.domain.account import Balance
from core.domain.audit import Journalled
from core.domain.errors import JournalUnavailable, NotSent
from core.domain.health import BookState, Line
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.mode import Mode
from core.domain.orders import Fill, Order, OrderReport, OrderRequest, OrderStatus
from core.domain.subscription import Subscription
from core.processing.processor import Processor
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_MS

FRAME_S = 0.03
SLICE_RECORDS = 200
SLICE_NS = 12 * NS_PER_MS
SPEEDS = (1, 2, 5, 10, 20, 50, 100)
NOWHERE = Endpoints(
    public_ws="ws://127.0.0.1:1/",
    private_ws="ws://127.0.0.1:1/",
    level3_ws="ws://127.0.0.1:1/",
    public_rest="http://127.0.0.1:1",
    private_rest="http://127.0.0.1:1",
)


class NothingLive:
    """Market data of a replay: what was recorded is all there is."""

    def watch(self, *wanted: Subscription) -> Callable[[], None]:
        """Nothing is subscribed."""
        return lambda: None

    def instruments_changed(self) -> None:
        """Nothing waits for a description."""

    def resync(self, channel: str, symbol: Symbol) -> None:
        """The recording holds the snapshot that was asked for."""

    def unknown(self) -> list[Symbol]:
        """Nothing was asked for."""
        return []


class ReadOnlyExecutor:
    """Refuses everything: nothing can be traded in the past."""

    def remember(self, request: OrderRequest) -> None:
        """Nothing will be sent again."""

    async def submit(self, request: object, consent: object = None) -> Order:
        """Always NotSent."""
        raise NotSent("replay", user_message=_REFUSED)

    submit_batch = send_again = amend = cancel = submit

    async def cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> CancelTally:
        """Always NotSent."""
        raise NotSent("replay", user_message=_REFUSED)


class NoJournal:
    """A journal that remembers nothing."""

    failure = ""

    def on_commit(self, callback: Callable[[int], None]) -> None:
        """Nothing is committed."""

    def on_change(self, callback: Callable[[str], None]) -> None:
        """Nothing will change."""

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def keep(self, key: str, value: str) -> None:
        """Always NotSent: nothing is kept."""
        raise NotSent("replay", user_message=_REFUSED)

    async def kept(self, prefix: str) -> dict[str, str]:
        """Nothing is kept."""
        return {}

    async def intents_of(self, ids: Sequence[ClOrdId]) -> list[StoredIntent]:
        """Nothing was sent."""
        return []

    async def intents(self, requests: Sequence[OrderRequest], profile: str, sent_ns: int) -> None:
        """Always NotSent: nothing may leave."""
        raise NotSent("replay", user_message=_REFUSED)

    def outcome(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str, ts: int) -> None:
        """Not noted."""

    def note_report(self, report: OrderReport, road: str, recv_ns: int) -> None:
        """Not noted."""

    def note_balances(self, balances: Iterable[Balance], ts: int) -> None:
        """Not noted."""

    def note_event(self, kind: str, text: str, ts: int) -> None:
        """Not noted."""

    def note_instruments(self, instruments: Iterable[Instrument], ts: int) -> None:
        """Not noted."""

    async def pending_intents(self) -> list[StoredIntent]:
        """None."""
        return []

    async def reports(self, cl_ord_id: ClOrdId) -> list[OrderReport]:
        """None."""
        return []

    async def fills(self, since_ns: int = 0) -> list[Fill]:
        """None."""
        return []

    async def flush(self) -> None:
        """Nothing is queued."""

    async def account(self, wanted: Iterable[OrderId], since_ns: int) -> Journalled:
        """Always JournalUnavailable: nothing was written down."""
        raise JournalUnavailable("a replay writes nothing down")


class ReplaySession(TradingSession):
    """Read ``stores`` as ever; ``player`` is the recording. RecordingError when it cannot be opened.

    ``playing`` and ``speed`` may be set at any time; ``wish`` is the moment to be reached first, ``None`` when there.
    ``failure`` says why the recording goes no further. ``went_back`` is called when the stores began anew.
    """

    def __init__(self, path: Path) -> None:
        segments = open_recording(path)
        self.head: Head = segments[0].head
        clock = ReplayClock()
        super().__init__(Venue(Mode.REPLAY, NOWHERE, None), clock, 0, NoJournal())
        nothing: Any = NothingLive()
        refusing: Any = ReadOnlyExecutor()
        self.market_data = self._pipeline.market_data = nothing
        # Whatever is asked of it, nothing is loaded: what was recorded is all there is.
        self.history = CandleHistory(self.rest, self.stores.candles, _never)
        self.executor = refusing
        self.playing = True
        self.speed = SPEEDS[0]
        self.wish: int | None = None
        self.failure = ""
        self.went_back: Callable[[], None] = lambda: None
        clock.set(self.head.mono, self.head.wall)
        self.player = Player(segments, self.stores, self._codec, clock, self._pipeline.receive, self._reset)

    async def start(self) -> None:
        """Begin to play."""
        self._tasks.keep(self._play, name="replay")

    async def stop(self) -> None:
        """End."""
        await self._tasks.stop()
        await self.lines.stop()
        await self.rest.close()

    def first_symbols(self) -> list[Symbol]:
        """Return the pairs whose book is live at this moment of the recording: what to open first."""
        return [
            symbol
            for symbol in self.stores.books.symbols()
            if (view := self.stores.books.view(symbol)) is not None and view.state is BookState.LIVE
        ]

    def jump(self, to_ns: int) -> None:
        """Be at that moment as soon as possible (monotonic ns of the recording)."""
        player = self.player
        self.wish = max(player.start_ns, min(player.end_ns, to_ns))

    # What the pipeline would set in motion is in the recording already.

    def resubscribe_private(self, channel: str, line: Line, reason: str) -> None:
        """See ``pipeline.Actions``."""

    def reconcile(self, reason: str, *, fills: bool = False) -> None:
        """See ``pipeline.Actions``."""

    def refetch_candles(self, symbol: Symbol, interval: int) -> None:
        """See ``pipeline.Actions``."""

    async def _play(self) -> None:
        at = monotonic_ns()
        while not self.failure:
            await asyncio.sleep(0 if self.wish is not None else FRAME_S)
            now = monotonic_ns()
            passed, at = now - at, now
            try:
                self._step(passed)
            except RecordingError as damage:
                self.failure = damage.user_message

    def _step(self, passed_ns: int) -> None:
        player = self.player
        if self.wish is not None:
            player.prepare(self.wish)
            if self._advance(self.wish):
                self.wish = None
        elif self.playing:
            self._advance(min(player.end_ns, player.position_ns + passed_ns * self.speed))
            self.playing = player.position_ns < player.end_ns

    def _advance(self, to_ns: int) -> bool:
        until = monotonic_ns() + SLICE_NS
        while not (reached := self.player.advance(to_ns, SLICE_RECORDS)) and monotonic_ns() < until:
            pass
        return reached

    def _reset(self) -> None:
        for mine, fresh in zip(self.stores.each(), Stores.create().each(), strict=True):
            mine.take_over(fresh)
        self.processor = Processor(self.stores)
        self._pipeline.use(self.processor)
        self.went_back()


def _never(work: Coroutine[Any, Any, None], name: str) -> None:
    work.close()


_REFUSED = "This is a replay. Nothing was sent."
