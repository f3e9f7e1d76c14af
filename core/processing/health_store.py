"""What is known of lines, channels and the exchange, and the one line that says whether it is safe to trade."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import OrderId, Symbol
from core.domain.subscription import PRIORITIES, Subscription
from core.processing.feed_counts import FeedCounts
from core.processing.store import Store

EVENTS_KEPT = 5_000
LANE_STEPS = 500
"""States of a line kept for the timeline."""

_RANK = (
    ConnectionState.LIVE,
    ConnectionState.STALE,
    ConnectionState.SUBSCRIBING,
    ConnectionState.CONNECTING,
    ConnectionState.BACKOFF,
    ConnectionState.CLOSED,
)
"""States of a line, best first."""


class HealthLevel(StrEnum):
    """How far the screen may be trusted, best first."""

    SAFE = "SAFE"
    DEGRADED = "DEGRADED"
    REDUCE_ONLY = "REDUCE-ONLY"
    BLIND = "BLIND"


class HealthLine(msgspec.Struct, frozen=True):
    """Line 0: the level, the single worst cause, what the program does, and since when (monotonic ns)."""

    level: HealthLevel
    cause: str
    action: str
    since: int


class HealthEvent(msgspec.Struct, frozen=True):
    """One entry of the event log. ``at`` is wall time, ns UTC."""

    at: int
    source: str
    text: str


class LaneStep(msgspec.Struct, frozen=True):
    """A line's state from ``at`` (wall time, ns UTC) on, and its cause."""

    at: int
    state: ConnectionState
    reason: str


class Alarm(msgspec.Struct, frozen=True):
    """What must never happen and did. Stays until the user has seen it. ``at`` is wall time, ns UTC."""

    at: int
    kind: str
    text: str
    order_ids: tuple[OrderId, ...] = ()


class HealthStore(Store[str]):
    """States and counters, all measured. The processor counts; the session reports lines four times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.system = "unknown"
        self.messages = dict.fromkeys(PRIORITIES, 0)
        self.bad_data: Counter[str] = Counter()
        self.resyncs = 0
        self.gaps = 0
        self.checksum_failures = 0
        self.stale_epochs = 0
        self.refused: dict[Subscription, str] = {}
        self.active: set[Subscription] = set()
        self.events: deque[HealthEvent] = deque(maxlen=EVENTS_KEPT)
        self.alarms: list[Alarm] = []
        self.has_account = True
        self.journal_failure = ""
        self.recording_failure = ""
        self.stopped = ""
        self.locks: dict[str, str] = {}
        """What forbids new orders until somebody acts: a name, and why."""
        self.account_doubt = "the account was not compared yet"
        self.rest = "unused"
        self.feed = FeedCounts()
        self.rate_counts: dict[Symbol, tuple[float, int]] = {}
        """The engine's counter of a pair as last told, and when that was, monotonic ns."""
        self.lanes: dict[Line, deque[LaneStep]] = {}
        self._lines: dict[Line, LineStatus] = {}
        self._shown = HealthLine(HealthLevel.BLIND, "starting", "connecting", 0)

    def line(self, line: Line) -> LineStatus | None:
        """Return what is known of a line, ``None`` before it was started."""
        return self._lines.get(line)

    def lines(self) -> dict[Line, LineStatus]:
        """Return all lines."""
        return dict(self._lines)

    def set_line(self, status: LineStatus) -> None:
        """Take over a line's status."""
        self._lines[status.line] = status
        self.touch(status.line)

    def note(self, wall: int, source: str, text: str) -> None:
        """Write an entry into the event log."""
        self.events.append(HealthEvent(wall, source, text))
        self.touch("events")

    def moved(self, wall: int, line: Line, state: ConnectionState, reason: str) -> None:
        """A line came to another state."""
        steps = self.lanes.setdefault(line, deque(maxlen=LANE_STEPS))
        steps.append(LaneStep(wall, state, reason))
        self.note(wall, f"{line.value} line", state.value + (f": {reason}" if reason else ""))

    def alarm(self, alarm: Alarm) -> None:
        """Raise an alarm: it is shown on line 0 until acknowledged."""
        self.alarms.append(alarm)
        self.note(alarm.at, alarm.kind, alarm.text)
        self.touch("alarms")

    def doubt_account(self, reason: str) -> None:
        """Something on the account may have been missed; new orders wait until it is compared again."""
        self.account_doubt = reason
        self.touch("account")

    def verified_account(self) -> None:
        """Orders, fills and balances were compared and are the exchange's."""
        self.account_doubt = ""
        self.touch("account")

    def told_of_journal(self, failure: str) -> None:
        """The journal cannot be written (why), or can be again (empty)."""
        self.journal_failure = failure
        self.touch("journal")

    def told_of_stop(self, reason: str) -> None:
        """The kill switch was pulled (why), or released (empty)."""
        self.stopped = reason
        self.touch("stop")

    def lock(self, name: str, why: str) -> None:
        """Forbid new orders for a reason, or, with an empty one, no longer."""
        if why:
            self.locks[name] = why
        else:
            self.locks.pop(name, None)
        self.touch("locks")

    def acknowledge(self) -> None:
        """The user has seen all alarms."""
        self.alarms.clear()
        self.touch("alarms")

    def subscribed(self, subscription: Subscription, *, active: bool, error: str) -> None:
        """Note the answer to a subscription."""
        if active:
            self.active.add(subscription)
            self.refused.pop(subscription, None)
        else:
            self.active.discard(subscription)
            if error:
                self.refused[subscription] = error
        self.touch("subscriptions")

    def market(self) -> LineStatus | None:
        """Return the better of the lines that bring market data, ``None`` before one was started."""
        return _best(status for line, status in self._lines.items() if line.is_public)

    def account(self) -> LineStatus | None:
        """Return the better of the lines that bring the account, ``None`` before one was started."""
        return _best(status for line, status in self._lines.items() if line.is_private)

    def is_live(self, line: Line) -> bool:
        """Whether a line is connected, subscribed and heard of."""
        status = self._lines.get(line)
        return status is not None and status.state is ConnectionState.LIVE

    def show(self, line: HealthLine) -> None:
        """Take line 0 as another run of the program judged it."""
        if line != self._shown:
            self._shown = line
            self.touch("shown")

    @property
    def shown(self) -> HealthLine:
        """Line 0 as last judged."""
        return self._shown

    def judge(
        self, now: int, *, clock_known: bool, waiting: list[str], queue_fill: float, frozen: str = ""
    ) -> HealthLine:
        """Find the worst problem at monotonic ``now`` and keep since when it is the worst.

        ``waiting`` names books that are not live, and why, ``queue_fill`` the share of the inbox in use (0 to 1),
        ``frozen`` says that the program itself stood still.
        """
        level, cause, action = self._worst(clock_known, waiting, queue_fill, frozen)
        if (level, cause) != (self._shown.level, self._shown.cause):
            self._shown = HealthLine(level, cause, action, now)
            self.touch("shown")
        return self._shown

    def _worst(
        self, clock_known: bool, waiting: list[str], queue_fill: float, frozen: str
    ) -> tuple[HealthLevel, str, str]:
        public, private = self.market(), self.account()
        if public is None or public.state is not ConnectionState.LIVE:
            return HealthLevel.BLIND, _line_cause("market data", public), "reconnecting, orders locked"
        if self.system != "online":
            text = f"exchange is in {self.system} mode"
            return (
                HealthLevel.REDUCE_ONLY,
                text,
                "new orders limited, cancels pass where the exchange takes them",
            )
        if self.has_account and (private is None or private.state is not ConnectionState.LIVE):
            return (
                HealthLevel.REDUCE_ONLY,
                _line_cause("account line", private),
                "reconnecting, cancels go by REST",
            )
        if self.journal_failure:
            return (
                HealthLevel.REDUCE_ONLY,
                f"journal: {self.journal_failure}",
                "new orders wait, cancels work",
            )
        if self.has_account and self.account_doubt:
            text = f"account not verified: {self.account_doubt}"
            return HealthLevel.REDUCE_ONLY, text, "comparing with the exchange, new orders wait"
        if self.locks:
            return HealthLevel.REDUCE_ONLY, next(iter(self.locks.values())), "new orders locked, cancels work"
        if self.stopped:
            return HealthLevel.REDUCE_ONLY, f"kill switch: {self.stopped}", "only cancels until acknowledged"
        if self.alarms:
            return HealthLevel.REDUCE_ONLY, self.alarms[0].text, "look at the orders named, then acknowledge"
        if not clock_known:
            return HealthLevel.REDUCE_ONLY, "exchange clock unknown", "measuring, orders locked"
        if waiting:
            names = waiting[0] + (f" and {len(waiting) - 1} more" if len(waiting) > 1 else "")
            return (
                HealthLevel.DEGRADED,
                f"book not live: {names}",
                "fresh snapshot asked, that pair is locked",
            )
        for status in self._lines.values():
            if status.line is not Line.LEVEL3 and status.state is not ConnectionState.LIVE:
                cause = _line_cause(f"{status.line.value} line", status)
                return HealthLevel.DEGRADED, cause, "the other line carries its channels, reconnecting"
        if frozen:
            return HealthLevel.DEGRADED, frozen, "what was shown meanwhile was old"
        if queue_fill > 0.5:
            return HealthLevel.DEGRADED, f"inbox {queue_fill:.0%} full", "working it off, numbers are late"
        if self.rest == "down":
            return HealthLevel.DEGRADED, "REST does not answer", "streams carry everything"
        return HealthLevel.SAFE, "all lines live, books verified", ""


def _best(statuses: Iterable[LineStatus]) -> LineStatus | None:
    return min(statuses, key=lambda status: (_RANK.index(status.state), -status.last_frame), default=None)


def _line_cause(name: str, status: LineStatus | None) -> str:
    if status is None:
        return f"{name} not started"
    return f"{name} {status.state.value}" + (f": {status.reason}" if status.reason else "")
