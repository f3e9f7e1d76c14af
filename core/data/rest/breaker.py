"""Stops asking a service that does not answer, and finds out gently when it does again. Pure: time is an argument.

Counts failures of the service (time-outs, 5xx, ``EService``), never refusals of a request. Cancels do not ask it.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from random import Random

from core.runtime.clock import NS_PER_S

WINDOW_NS = 20 * NS_PER_S
MOST_FAILURES = 5
LEAST_CALLS = 10
OPEN_S = 10.0
LONGEST_OPEN_S = 120.0
JITTER = 0.2
SUCCESSES_TO_CLOSE = 2


class BreakerState(StrEnum):
    """``HALF_OPEN``: harmless questions only."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """One class of calls: trade, query or public."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._results: deque[tuple[int, bool]] = deque()
        self._open_until: int | None = None
        self._open_s = OPEN_S
        self._probes = 0

    def state(self, now: int) -> BreakerState:
        """Return the state at monotonic ``now``."""
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self._open_until else BreakerState.HALF_OPEN

    def wait_ns(self, now: int) -> int:
        """Return how long it stays open."""
        return max(0, (self._open_until or now) - now)

    def succeeded(self, now: int) -> None:
        """A call was answered."""
        if self._open_until is None:
            self._note(now, True)
            return
        if now < self._open_until:
            return
        self._probes += 1
        if self._probes >= SUCCESSES_TO_CLOSE:
            self.reset()

    def reset(self) -> None:
        """Something else proved that the service works: nothing is held against it."""
        self._open_until, self._open_s = None, OPEN_S
        self._results.clear()

    def failed(self, now: int) -> None:
        """The service did not answer, or said that it cannot."""
        if self._open_until is not None:
            if now >= self._open_until:
                self._open_s = min(LONGEST_OPEN_S, self._open_s * 2)
                self._open(now)
            return
        self._note(now, False)
        failures = sum(not good for _, good in self._results)
        calls = len(self._results)
        if failures >= MOST_FAILURES or (calls >= LEAST_CALLS and failures * 2 >= calls):
            self._open(now)

    def _open(self, now: int) -> None:
        seconds = self._open_s * self._random.uniform(1 - JITTER, 1 + JITTER)
        self._open_until = now + int(seconds * NS_PER_S)
        self._probes = 0

    def _note(self, now: int, good: bool) -> None:
        self._results.append((now, good))
        while now - self._results[0][0] > WINDOW_NS:
            self._results.popleft()
