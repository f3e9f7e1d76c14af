"""A recording played into stores: the same decoding, the same processor, in the order and the batches of life."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.app import store_rows as rows
from core.app.store_rows import book_snapshot, row_of
from core.data.kraken.answers import Answer
from core.data.kraken.codec import Codec
from core.data.recorder import DATA_EVENTS, RECENT_FRAMES
from core.data.recording import (
    PLACES,
    Asked,
    Batch,
    Frame,
    Head,
    Record,
    RecordingError,
    Segment,
    Sent,
    State,
    Told,
    event_of,
)
from core.domain.errors import DecodeError
from core.domain.events import CarrierEvent, Event
from core.domain.health import Line
from core.domain.ids import Symbol
from core.domain.orders import order_from_request
from core.domain.subscription import Subscription
from core.processing.channel_judge import ChannelJudge
from core.processing.channel_store import ChannelKey, key_of
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S

END_NS = 1 << 62
NOTES_COMPARED = 200
"""A note of the recording is skipped when the replay made it itself, lately."""


class ReplayClock:
    """Shows the time of the recording. ``set`` jumps anywhere."""

    def __init__(self) -> None:
        self._mono = self._wall = 0

    def wall_ns(self) -> int:
        """Wall time of the recording, ns UTC."""
        return self._wall

    def mono_ns(self) -> int:
        """Monotonic time of the recording, ns."""
        return self._mono

    def set(self, mono: int, wall: int) -> None:
        """It is this time now."""
        self._mono, self._wall = mono, wall

    def reach(self, mono: int) -> None:
        """Time went on to this moment, if it is later."""
        if mono > self._mono:
            self._wall += mono - self._mono
            self._mono = mono


Receive = Callable[[Line, int, Sequence[Event], int], None]


class Player:
    """Carries stores through a recording. Times are the recording's monotonic ns.

    ``receive`` applies a batch as the live pipeline would; ``reset`` empties the stores. ``asked`` collects what the
    user of the recording asked for.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        stores: Stores,
        codec: Codec,
        clock: ReplayClock,
        receive: Receive,
        reset: Callable[[], None],
    ) -> None:
        self._segments = list(segments)
        self._stores = stores
        self._codec = codec
        self._clock = clock
        self._receive = receive
        self._reset = reset
        self._judge = ChannelJudge(stores)
        self._judged: dict[ChannelKey, rows.Judged] = {}
        self._at = 0
        self._records: Iterator[Record] = iter(())
        self._next: Record | None = None
        self._needs_checkpoint = True
        self._events: dict[int, Event] = {}
        self._recent: deque[list[int]] = deque()
        self._frames = 0
        self._active: dict[tuple[str, Symbol, int], Subscription] = {}
        self.asked: deque[Asked] = deque(maxlen=1000)
        self.start_ns = self._segments[0].head.mono
        self.start_wall_ns = self._segments[0].head.wall
        self.end_ns = _end_of(self._segments[-1])
        self.position_ns = self.start_ns
        self._open(0)

    def advance(self, to_ns: int, most: int = END_NS) -> bool:
        """Apply records up to a moment, at most so many. Returns whether the moment was reached.

        RecordingError when the recording is damaged from here on.
        """
        while most > 0:
            record = self._next
            if record is None:
                if self._at + 1 >= len(self._segments):
                    break
                self._open(self._at + 1)
                continue
            if not isinstance(record, Head) and record.mono > to_ns:
                break
            self._apply(record)
            self._next = next(self._records, None)
            most -= 1
        if most <= 0:
            self.position_ns = self._clock.mono_ns()
            return False
        self.position_ns = min(to_ns, self.end_ns)
        self._clock.reach(self.position_ns)
        return True

    def prepare(self, to_ns: int) -> None:
        """Go to the last checkpoint before a moment unless that is no shorter way; ``advance`` does the rest."""
        begins = [segment.head.mono for segment in self._segments]
        target = max(0, sum(begin <= to_ns for begin in begins) - 1)
        if to_ns >= self.position_ns and target - self._at <= 1:
            return
        self._begin_anew()
        self.asked.clear()
        self._open(target)

    def _begin_anew(self) -> None:
        self._reset()
        self._active.clear()
        self._judge = ChannelJudge(self._stores)
        self._judged.clear()
        self._needs_checkpoint = True

    def _open(self, at: int) -> None:
        self._at = at
        self._records = self._segments[at].records()
        self._next = next(self._records, None)
        self._events.clear()
        self._recent.clear()
        self._frames = 0

    def _apply(self, record: Record) -> None:
        match record:
            case Head():
                self._clock.set(record.mono, record.wall)
                if record.gap and not self._needs_checkpoint:
                    self._begin_anew()
            case Frame():
                self._decode(record)
            case Batch():
                self._clock.set(record.mono, record.wall)
                events = [self._event(one) for one in record.events]
                self._batch(_line(record.line), record.epoch, events, record.mono)
            case State(is_checkpoint=True) if not self._needs_checkpoint:
                pass
            case State():
                self._clock.set(record.mono, record.wall)
                self._needs_checkpoint = False
                for one in record.rows:
                    self._put(row_of(one))
            case Asked():
                self.asked.append(record)
            case Sent():
                pass

    def _decode(self, frame: Frame) -> None:
        self._frames += 1
        place, places = self._frames * PLACES, []
        try:
            decoded = self._codec.decode(frame.data)
        except DecodeError:
            decoded = []  # what was made of it stands in the batch
        if not isinstance(decoded, Answer):
            for event in decoded:
                if type(event) in DATA_EVENTS:
                    self._events[place] = event
                    places.append(place)
                    place += 1
        self._recent.append(places)
        if len(self._recent) > RECENT_FRAMES:
            for old in self._recent.popleft():
                self._events.pop(old, None)

    def _event(self, one: int | Told) -> Event:
        if isinstance(one, Told):
            event: Event = event_of(one)
            return event
        try:
            return self._events[one]
        except KeyError:
            raise RecordingError(f"no event {one}", user_message=_DAMAGED) from None

    def _batch(self, line: Line, epoch: int, events: Sequence[Event], mono: int) -> None:
        for event in events:
            if isinstance(event, CarrierEvent) and event.line is not None:
                self._expect(event.subscription)
        self._receive(line, epoch, events, mono)
        for event in events:
            if isinstance(event, CarrierEvent) and event.line is None:
                self._drop(event.subscription)

    def _expect(self, sub: Subscription) -> None:
        if self._active.get(_key(sub)) == sub:
            return  # another line carries it now
        self._active[_key(sub)] = sub
        instrument = self._stores.instruments.get(sub.symbol)
        if instrument is not None and sub.channel == "book":
            self._stores.books.expect(sub.symbol, sub.depth, instrument)
        elif instrument is not None and sub.channel == "level3":
            self._stores.queues.expect(sub.symbol, sub.depth, instrument)

    def _drop(self, sub: Subscription) -> None:
        self._active.pop(_key(sub), None)
        if sub.channel == "book":
            self._stores.books.drop(sub.symbol)
        elif sub.channel == "level3":
            self._stores.queues.drop(sub.symbol)

    def _put(self, row: Any) -> None:
        stores = self._stores
        match row:
            case rows.LineRow():
                self._batch(row.line, row.epoch, [event_of(row.event)], self._clock.mono_ns())
            case rows.OrderRow():
                stores.orders.keep(row.key, row.order)
                stores.balances.orders_changed()
            case rows.IntentRow():
                stores.orders.add(order_from_request(row.request, row.wall))
                stores.orders.stamp(row.request.cl_ord_id, "clicked", row.wall)
            case rows.ReportRow():
                stores.orders.report(row.report, row.road)
            case rows.ConclusionRow():
                stores.orders.infer(row.cl_ord_id, row.status, row.reason)
            case rows.FillRow():
                stores.fills.add(row.fill)
            case rows.BalanceRow():
                if row.balances != stores.balances.told_all():
                    stores.balances.apply_snapshot(row.balances)
                stores.balances.verified = row.verified
            case rows.FeeRow():
                stores.balances.set_fee_rates(row.rates)
            case rows.TickerRow():
                stores.tickers.apply([row.ticker], row.received)
            case rows.CandleRow():
                stores.candles.add_history(row.candles())
            case rows.TradeRow():
                stores.trades.apply(row.trades, row.received)
            case rows.BookRow():
                self._put_book(row)
            case rows.HealthRow():
                self._put_health(row)

    def _put_book(self, row: rows.BookRow) -> None:
        view = self._stores.books.view(row.symbol)
        if view is not None:
            self._stores.books.apply(book_snapshot(row, view).change, True, row.received)

    def _put_health(self, row: rows.HealthRow) -> None:
        stores, now = self._stores, self._clock.mono_ns()
        health, performance = stores.health, stores.performance
        for status in row.lines:
            health.set_line(status)
        health.system, health.rest, health.has_account = row.system, row.rest, row.has_account
        (health.doubt_account(row.account_doubt) if row.account_doubt else health.verified_account())
        health.told_of_journal(row.journal_failure)
        if health.alarms != row.alarms:
            health.alarms[:] = row.alarms
            health.touch("alarms")
        made = list(health.events)[-NOTES_COMPARED:]
        for note in row.notes:
            if note not in made:
                health.note(note.at, note.source, note.text)
        performance.clock_offset_ns = row.clock_offset_ns
        performance.clock_uncertainty_ns = row.clock_uncertainty_ns
        performance.behind_ns, performance.stalls = row.behind_ns, row.stalls
        performance.longest_stall_ns, health.feed = row.longest_stall_ns, row.feed
        figures = {"queue_size": row.queue_size, "rss_bytes": row.rss_bytes, "cpu_percent": row.cpu_percent}
        performance.tick(now, **figures)  # type: ignore[arg-type]  # named as its parameters
        stores.channels.second()
        self._judge.judge(now, self._clock.wall_ns())
        self._take_over(row.judged)
        health.show(row.shown)

    def _take_over(self, judged: Sequence[rows.Judged]) -> None:
        """Put what the live run held of its channels in place of what can be concluded from frames alone.

        It looked more often, and asked REST about silences.
        """
        self._judged.update((key_of(one.sub, one.line), one) for one in judged)
        for channel in self._stores.channels.all():
            told = self._judged.get(key_of(channel.sub, channel.line))
            if told is not None and told.sub == channel.sub:
                channel.source = told.source
                self._stores.channels.enter(channel, told.state, told.reason, told.since)
                channel.since = told.since


def _line(name: str) -> Line:
    try:
        return Line(name)
    except ValueError:
        raise RecordingError(f"line {name!r}", user_message=_DAMAGED) from None


def _key(sub: Subscription) -> tuple[str, Symbol, int]:
    return sub.channel, sub.symbol, sub.interval


def _end_of(segment: Segment) -> int:
    end = segment.head.mono
    for record in segment.records():
        end = max(end, record.mono)
    return end


def second_of(player: Player, mono_ns: int) -> float:
    """Return a moment as seconds since the recording began."""
    return (mono_ns - player.start_ns) / NS_PER_S


_DAMAGED = "The recording is damaged or was written by another version."
