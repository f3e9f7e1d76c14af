"""UnifiedFeed: one source at a time for every channel, whichever line carries it.

Wishes go down to the lines that are to carry them; events come up from those that do. Private channels are carried by
both private lines at once, because merging them is idempotent (required.md, QA1). Public channels have one carrier
and move as ``Allocation`` says; what an old carrier still sends is dropped and counted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from core.data.ws.allocation import Allocation, Move
from core.domain.events import (
    BookEvent,
    CandleEvent,
    CarrierEvent,
    Event,
    SubscriptionEvent,
    TickerEvent,
    TradeEvent,
)
from core.domain.health import ConnectionState, Line
from core.domain.ids import Symbol
from core.domain.subscription import Subscription
from core.runtime.clock import Clock

log = logging.getLogger(__name__)

OPEN = (ConnectionState.SUBSCRIBING, ConnectionState.LIVE)
GONE = (ConnectionState.STALE, ConnectionState.BACKOFF)

OnEvents = Callable[[Line, int, list[Event], int], None]


class Lines(Protocol):
    """The sockets, as far as the feed needs them."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Lines that exist."""
        ...

    def epoch(self, line: Line) -> int:
        """Count of a line's connections."""
        ...

    def subscribe(self, sub: Subscription, line: Line) -> None:
        """Want it on a line, over every reconnect."""
        ...

    def unsubscribe(self, sub: Subscription, line: Line) -> None:
        """Want it there no longer."""
        ...

    def resubscribe(self, sub: Subscription, line: Line) -> None:
        """Get a fresh snapshot from that line."""
        ...


class UnifiedFeed:
    """Stands between the lines and the pipeline. ``failovers`` counts channels that had to change their line."""

    def __init__(self, lines: Lines, clock: Clock, on_events: OnEvents) -> None:
        self._lines = lines
        self._clock = clock
        self._on_events = on_events
        self._allocation = Allocation([line for line in lines.lines if line.is_public])
        self._subs: dict[tuple[str, Symbol, int], Subscription] = {}
        self.failovers = 0
        self.dropped = 0

    def subscribe(self, sub: Subscription) -> None:
        """Want it from now on, over every reconnect and whatever happens to a line."""
        if not sub.line.is_public:
            for line in self._fixed(sub):
                self._lines.subscribe(sub, line)
                self._tell(line, [CarrierEvent(sub, line)])
            return
        self._subs[_key(sub)] = sub
        self._carry_out(self._allocation.want(sub))
        self._tell_carriers([sub])

    def unsubscribe(self, sub: Subscription) -> None:
        """Want it no longer."""
        if not sub.line.is_public:
            for line in self._fixed(sub):
                self._lines.unsubscribe(sub, line)
                self._tell(line, [CarrierEvent(sub, None)])
            return
        carrier = self._allocation.carriers.get(sub)
        if self._subs.get(_key(sub)) == sub:
            del self._subs[_key(sub)]
        self._carry_out(self._allocation.drop(sub))
        if carrier is not None:
            self._tell(carrier, [CarrierEvent(sub, None)])

    def resubscribe(self, sub: Subscription, line: Line | None = None) -> None:
        """Get a fresh snapshot from the carrier, or from one of the private lines."""
        carrier = line or self._allocation.carriers.get(sub)
        for one in [carrier] if carrier is not None else self._fixed(sub):
            self._lines.resubscribe(sub, one)

    def receive(self, line: Line, epoch: int, events: list[Event], recv_ns: int) -> None:
        """Take what a line brought: hand up what counts. ``recv_ns`` is the monotonic time of receipt."""
        if self._allocation.in_transit and line.is_public:
            events = [event for event in events if self._counts(line, event)]
        if events:
            self._on_events(line, epoch, events, recv_ns)

    def line_moved(self, line: Line, state: ConnectionState) -> None:
        """A line came to another state: its channels move, or others come to it."""
        if not line.is_public:
            return
        if state in OPEN:
            self._carry_out(self._allocation.up(line, self._clock.mono_ns()))
        elif state in GONE:
            if state is not ConnectionState.STALE:
                self._allocation.left(line)
            moves = self._allocation.down(line)
            moved = sum(move.want for move in moves)
            if moved:
                self.failovers += moved
                log.info("line lost line=%s channels moved=%d", line, moved)
            self._carry_out(moves)

    def settle(self) -> None:
        """Move channels back to lines that have proven themselves. Call about once a second."""
        self._carry_out(self._allocation.settle(self._clock.mono_ns()))

    def _counts(self, line: Line, event: Event) -> bool:
        """Whether an event comes from its channel's carrier; the first data on a new one make it that."""
        match event:
            case BookEvent(change=change):
                key = ("book", change.symbol, 0)
            case TickerEvent(tickers=[ticker, *_]):
                key = ("ticker", ticker.symbol, 0)
            case TradeEvent(trades=[trade, *_]):
                key = ("trade", trade.symbol, 0)
            case CandleEvent(candles=[candle, *_]):
                key = ("ohlc", candle.symbol, candle.interval)
            case SubscriptionEvent(subscription=sub, active=active):
                self._answered(line, sub, active=active)
                return True
            case _:
                return True
        wanted = self._subs.get(key)
        if wanted is None:
            return True
        if self._allocation.incoming.get(wanted) is line and (key[0] != "book" or event.snapshot):
            self._change_over(wanted, line)
        counts = self._allocation.carriers.get(wanted) is line
        self.dropped += not counts
        return counts

    def _answered(self, line: Line, sub: Subscription, *, active: bool) -> None:
        if not active:
            self._allocation.left(line, sub)
        elif sub.channel in ("trade", "ohlc", "instrument") and self._allocation.incoming.get(sub) is line:
            # A pair without trades sends nothing: the acknowledgement has to do.
            self._change_over(sub, line)

    def _change_over(self, sub: Subscription, line: Line) -> None:
        self._carry_out(self._allocation.delivered(sub, line))
        self._tell_carriers([sub])

    def _carry_out(self, moves: Iterable[Move]) -> None:
        for line, sub, want in moves:
            (self._lines.subscribe if want else self._lines.unsubscribe)(sub, line)

    def _tell_carriers(self, subs: Iterable[Subscription]) -> None:
        for sub in subs:
            line = self._allocation.carriers[sub]
            self._tell(line, [CarrierEvent(sub, line)])

    def _tell(self, line: Line, events: list[Event]) -> None:
        self._on_events(line, self._lines.epoch(line), events, self._clock.mono_ns())

    def _fixed(self, sub: Subscription) -> list[Line]:
        if sub.line is Line.LEVEL3:
            return [line for line in self._lines.lines if line is Line.LEVEL3]
        return [line for line in self._lines.lines if line.is_private]


def _key(sub: Subscription) -> tuple[str, Symbol, int]:
    return sub.channel, sub.symbol, sub.interval
