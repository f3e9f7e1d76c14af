"""Time as an argument: wall and monotonic nanoseconds, and a clock that tests move by hand.

Wall time stamps what people read and what the exchange is told; monotonic time measures ages and
time-outs. The two are never subtracted from each other.
"""

import time
from typing import Protocol

NS_PER_US = 1_000
NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

# 2026-01-01T00:00:00Z: a plausible date for tests, far enough from zero to show mixed-up units.
MANUAL_START_NS = 1_767_225_600 * NS_PER_S


class Clock(Protocol):
    """Where time comes from. Both methods return integer nanoseconds."""

    def wall_ns(self) -> int:
        """Return nanoseconds since 1970-01-01 UTC. May jump when the system clock is set."""
        ...

    def mono_ns(self) -> int:
        """Return nanoseconds since an arbitrary start. Never runs backwards; use differences only."""
        ...


class SystemClock:
    """The computer's own clocks."""

    __slots__ = ()

    def wall_ns(self) -> int:
        return time.time_ns()

    def mono_ns(self) -> int:
        return time.monotonic_ns()


class ManualClock:
    """A clock that stands still until it is moved. For tests and replays.

    The wall clock may be set back (`set_wall_ns`), the monotonic one only moves forward, as in life.
    """

    __slots__ = ("_mono_ns", "_wall_ns")

    def __init__(self, wall_ns: int = MANUAL_START_NS, mono_ns: int = NS_PER_S) -> None:
        self._wall_ns = wall_ns
        self._mono_ns = mono_ns

    def wall_ns(self) -> int:
        return self._wall_ns

    def mono_ns(self) -> int:
        return self._mono_ns

    def advance(self, ns: int = 0, *, ms: int = 0, s: int = 0) -> None:
        """Move both clocks forward by the sum given. Raises ValueError for a negative step."""
        step_ns = ns + ms * NS_PER_MS + s * NS_PER_S
        if step_ns < 0:
            raise ValueError(f"time does not run backwards: {step_ns} ns")
        self._wall_ns += step_ns
        self._mono_ns += step_ns

    def set_wall_ns(self, wall_ns: int) -> None:
        """Set the wall clock alone, as a user or a time service would."""
        self._wall_ns = wall_ns
