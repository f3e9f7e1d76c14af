"""Every channel we asked for: who carries it, what was heard of it, and how far it may be believed.

A heartbeat proves a line, never a channel. Silence alone proves nothing either: a quiet pair is told from a broken
channel by how often it used to speak and by a question over REST (a *probe*). Pure; times are monotonic ns.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import NamedTuple

from core.domain.health import Line
from core.domain.ids import Symbol
from core.domain.subscription import Subscription
from core.domain.times import NS
from core.processing.histogram import Histogram
from core.processing.store import Store

RATE_SECONDS = 120
LEAST_SILENCE_NS = 3 * NS
MOST_SILENCE_NS = 60 * NS
GAPS_OF_SILENCE = 12
"""A silence this many times the mean distance of messages is odd; bounded by the two above."""

FIRST_DATA_NS = 8 * NS
"""An acknowledged channel that owes a snapshot must have sent it by then."""

LATE_NS, STALE_NS = NS, 5 * NS
"""Messages that were under way for longer are late, or too old to trade on (faults, section 7)."""

QUIET_STEPS_NS = tuple(seconds * NS for seconds in (15, 30, 60, 120, 300))
"""After how long a channel found quiet is asked about again, by how often it was found so."""

OWES_SNAPSHOT = frozenset({"executions", "balances", "instrument", "ticker", "book", "level3"})
PROBED = frozenset({"ticker", "book", "trade"})


class ChannelState(StrEnum):
    """How far a channel may be believed."""

    SUBSCRIBING = "subscribing"
    ACKED = "acked"
    LIVE = "live"
    QUIET = "quiet"
    LATE = "late"
    STALE = "stale"
    RESYNCING = "resyncing"
    REFUSED = "refused"


TRUSTED = frozenset({ChannelState.LIVE, ChannelState.QUIET})
"""States in which a channel's numbers may be traded on."""

DOUBTFUL = frozenset({ChannelState.LATE, ChannelState.STALE, ChannelState.RESYNCING, ChannelState.REFUSED})
"""States in which they may not, whatever the store says."""


class Source(StrEnum):
    """Where a channel's numbers come from."""

    WS = "WS"
    REST = "REST"


class ChannelKey(NamedTuple):
    """A row of the matrix. ``line`` only for private channels, which two lines carry at once."""

    channel: str
    symbol: Symbol
    interval: int
    line: Line | None


def key_of(sub: Subscription, line: Line) -> ChannelKey:
    """Return the row of a subscription on a line."""
    return ChannelKey(sub.channel, sub.symbol, sub.interval, line if line.is_private else None)


class Channel:
    """One row: written by the store, read by the dashboard. All counts since the channel was first asked for."""

    __slots__ = (
        "acked",
        "age",
        "began",
        "counted",
        "doubt",
        "doubted",
        "error",
        "failed",
        "gaps",
        "heard",
        "late_count",
        "lateness_ns",
        "line",
        "measured",
        "messages",
        "quiet_count",
        "quiet_since",
        "quiet_until",
        "rates",
        "reason",
        "resyncs",
        "since",
        "source",
        "state",
        "sub",
        "verified",
    )

    def __init__(self, sub: Subscription, line: Line, now: int) -> None:
        self.sub = sub
        self.line = line
        self.source = Source.WS
        self.state = ChannelState.SUBSCRIBING
        self.reason = ""
        self.since = now
        self.acked = 0
        self.heard = 0
        self.began = 0
        """``heard`` when the line was last lost: older data count for nothing."""
        self.measured = 0
        self.messages = 0
        self.counted = 0
        self.doubt = ""
        """What a probe found wrong at monotonic ``doubted``; empty once data came again."""
        self.doubted = 0
        self.late_count = 0
        """Looks in a row that found the latest message late."""
        self.lateness_ns = 0
        """How long the latest message was under way, exchange to here."""
        self.age = Histogram()
        self.rates: deque[int] = deque(maxlen=RATE_SECONDS)
        """Messages in each of the last seconds, oldest first."""
        self.verified = 0
        self.failed = 0
        self.resyncs = 0
        self.gaps = 0
        self.error = ""
        self.quiet_count = 0
        self.quiet_since = 0
        self.quiet_until = 0

    @property
    def trusted(self) -> bool:
        """Whether its numbers may be traded on."""
        return self.state in TRUSTED

    @property
    def is_doubtful(self) -> bool:
        """Whether it was judged and found late or worse."""
        return self.state in DOUBTFUL

    @property
    def odd_silence_ns(self) -> int:
        """A silence longer than this is odd for this channel."""
        count = sum(self.rates)
        mean = len(self.rates) * NS // count if count else MOST_SILENCE_NS
        return max(LEAST_SILENCE_NS, min(MOST_SILENCE_NS, GAPS_OF_SILENCE * mean))

    def found_quiet(self, now: int) -> None:
        """A probe showed that nothing was missed: not asked about again for a while, each time longer."""
        step = QUIET_STEPS_NS[min(self.quiet_count, len(QUIET_STEPS_NS) - 1)]
        self.quiet_count += 1
        self.quiet_since, self.quiet_until = now, now + step

    def found_broken(self, reason: str, now: int) -> None:
        """A probe showed that something was missed: stale until the next data."""
        self.doubt, self.doubted = reason, now

    def enter(self, state: ChannelState, reason: str, now: int) -> bool:
        """Take a state. Returns whether anything changed."""
        if (state, reason) == (self.state, self.reason):
            return False
        if state is not self.state:
            self.since = now
        self.state, self.reason = state, reason
        return True


class ChannelStore(Store[ChannelKey]):
    """Rows by channel, symbol, interval. ``LineManager``'s feed tells who carries what, the processor what came."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[ChannelKey, Channel] = {}
        self._active: dict[tuple[Subscription, Line], int] = {}

    def all(self) -> list[Channel]:
        """Every row: private channels first, then by priority and symbol."""
        return sorted(self._rows.values(), key=lambda row: (row.sub.priority, row.sub, row.line))

    def get(self, channel: str, symbol: Symbol, interval: int = 0) -> Channel | None:
        """Return a public channel's row, or ``None`` while nobody asked for it."""
        return self._rows.get(ChannelKey(channel, symbol, interval, None))

    def carried(self, sub: Subscription, line: Line, now: int) -> None:
        """A line was told to carry this from now on."""
        key = key_of(sub, line)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Channel(sub, line, now)
        if row.line is not line:
            row.acked = self._active.get((sub, line), 0)
        row.sub, row.line = sub, line
        self.touch(key)

    def dropped(self, sub: Subscription, line: Line) -> None:
        """Nobody wants this any more."""
        key = key_of(sub, line)
        if self._rows.pop(key, None) is not None:
            self.touch(key)

    def answered(self, sub: Subscription, line: Line, now: int, *, active: bool, error: str) -> bool:
        """The exchange answered a subscription: accepted, refused (``error``) or ended.

        Returns whether the line that answered is the channel's carrier, or nobody told who that is.
        """
        if active:
            self._active[sub, line] = now
        else:
            self._active.pop((sub, line), None)
        row = self._rows.get(key_of(sub, line))
        if row is None or row.line is not line:
            return row is None
        row.acked = now if active else 0
        row.error = error or row.error
        if error:
            row.enter(ChannelState.REFUSED, error, now)
        elif row.state is ChannelState.REFUSED:
            row.enter(ChannelState.SUBSCRIBING, "", now)
        self.touch(key_of(sub, line))
        return True

    def lost(self, line: Line) -> None:
        """A line was lost: what it carried has to be asked for anew."""
        self._active = {key: at for key, at in self._active.items() if key[1] is not line}
        for row in self._rows.values():
            if row.line is line:
                row.acked, row.began = 0, row.heard

    def heard(self, channel: str, symbol: Symbol, interval: int, line: Line | None, now: int) -> None:
        """A message came on this channel; ``line`` for private ones only."""
        row = self._rows.get((channel, symbol, interval, line))  # type: ignore[call-overload]
        if row is not None:
            row.messages += 1
            row.heard = now
            row.source = Source.WS

    def missed(self, channel: str, line: Line) -> None:
        """A private channel skipped a number."""
        row = self._rows.get(ChannelKey(channel, Symbol(""), 0, line))
        if row is not None:
            row.gaps += 1

    def enter(self, row: Channel, state: ChannelState, reason: str, now: int) -> None:
        """Judge a row."""
        if row.enter(state, reason, now):
            self.touch(key_of(row.sub, row.line))

    def second(self) -> None:
        """Take the rates of the second that has passed."""
        for key, row in self._rows.items():
            row.rates.append(row.messages - row.counted)
            row.counted = row.messages
            self.touch(key)
