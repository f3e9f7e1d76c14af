"""The exchange's own clock: the program's, set forward or back."""

from __future__ import annotations

from core.runtime.clock import Clock


class ExchangeClock:
    """A clock whose wall time differs from another's by a skew. Monotonic time is the same."""

    __slots__ = ("_clock", "_skew_ns")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._skew_ns = 0

    def wall_ns(self) -> int:
        """Return what the exchange takes for nanoseconds since 1970-01-01 UTC."""
        return self._clock.wall_ns() + self._skew_ns

    def mono_ns(self) -> int:
        """Return the other clock's monotonic nanoseconds."""
        return self._clock.mono_ns()

    def shift(self, ns: int) -> None:
        """Set the wall clock forward by so much, or back."""
        self._skew_ns += ns
