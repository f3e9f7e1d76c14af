"""What each row of the ladder meant lately: which price stood on it, and on which side of the market that price was.

A click on a row that just changed is not meant.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from core.runtime.clock import NS_PER_MS

SETTLED_NS = 150 * NS_PER_MS
"""Nobody sees a change and takes back a click faster than this."""


class LadderMeaning:
    """Remembers the touches of the last moments. No clock: the caller brings monotonic time, ns."""

    def __init__(self) -> None:
        self._touches: deque[tuple[int, Decimal, Decimal]] = deque()
        self._moved: int | None = None

    def clear(self) -> None:
        """Another pair."""
        self._touches.clear()

    def moved(self, now: int) -> None:
        """From now on other prices stand on the rows: the ladder was recentred, scrolled or grouped otherwise."""
        self._moved = now

    def note(self, bid: Decimal, ask: Decimal, now: int) -> None:
        """Take in the touches as they are from now on."""
        touches = self._touches
        if not touches or touches[-1][1:] != (bid, ask):
            touches.append((now, bid, ask))
        # The newest of the old ones was still in force when the span began.
        while len(touches) > 1 and touches[1][0] <= now - SETTLED_NS:
            touches.popleft()

    def is_settled(self, price: Decimal, now: int) -> bool:
        """Whether a price has stood on its row and on its side for long enough; never without a market."""
        if not self._touches or (self._moved is not None and now - self._moved < SETTLED_NS):
            return False
        self.note(*self._touches[-1][1:], now)
        return len({_side(price, bid, ask) for _, bid, ask in self._touches}) == 1


def _side(price: Decimal, bid: Decimal, ask: Decimal) -> int:
    return -1 if price <= bid else 1 if price >= ask else 0
