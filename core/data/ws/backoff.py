"""When to try again: delays with jitter, and one budget of attempts for all sockets together.

Kraken bans an address above about 150 connects in ten minutes; a flapping line must never come near (faults, 7).
"""

from __future__ import annotations

from collections import deque
from random import Random

from core.runtime.clock import NS_PER_S

QUICK_TRIES = 2
LONGEST_S = 30.0
SLOW_LEAST_S = 5.0
"""After maintenance, a refusal at the door (403, 429, 52x) or a permanent close: never faster than this."""

BUDGET = 60
WINDOW_NS = 600 * NS_PER_S


class Backoff:
    """Delays of one line: two quick tries, then doubling up to half a minute, jittered."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._tries = 0

    @property
    def tries(self) -> int:
        """Attempts since the line was last stable."""
        return self._tries

    def next_s(self, *, slow: bool = False) -> float:
        """Return seconds to wait before the next attempt."""
        self._tries += 1
        if self._tries <= QUICK_TRIES and not slow:
            return self._random.uniform(0.1, 0.5)
        ceiling = min(LONGEST_S, 2.0 ** min(self._tries, 10))
        return max(SLOW_LEAST_S if slow else 1.0, ceiling * self._random.uniform(0.5, 1.0))

    def reset(self) -> None:
        """The line proved stable: the next loss starts from quick tries."""
        self._tries = 0


class AttemptBudget:
    """At most ``limit`` attempts in any rolling window. Lines of less importance leave a reserve to the others."""

    def __init__(self, limit: int = BUDGET, window_ns: int = WINDOW_NS) -> None:
        self._limit = limit
        self._window_ns = window_ns
        self._taken: deque[int] = deque()

    def wait_ns(self, now: int, reserve: int = 0) -> int:
        """Return how long until an attempt is allowed that leaves ``reserve`` more; 0 when it is now."""
        while self._taken and now - self._taken[0] >= self._window_ns:
            self._taken.popleft()
        excess = len(self._taken) + reserve + 1 - self._limit
        if excess <= 0:
            return 0
        return self._taken[min(excess, len(self._taken)) - 1] + self._window_ns - now

    def take(self, now: int) -> None:
        """Count one attempt."""
        self._taken.append(now)

    def used(self, now: int) -> int:
        """Attempts in the window that ends now."""
        self.wait_ns(now)
        return len(self._taken)
