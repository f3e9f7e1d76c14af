"""Which public line carries which channel, and what moves when a line is lost or is back. Pure.

Tickers are spread over the lines; books, candles and trades prefer the last one, reference data the first
(required.md, QA2 and QA3). Whatever the reason, a channel moves in one way: it is asked for on the new line, changes
over with the first data that come from there, and is then ended on the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.domain.health import Line
from core.domain.subscription import Subscription
from core.runtime.clock import NS_PER_S

PROVEN_NS = 10 * NS_PER_S
"""A line that is back carries its own channels again after this long; one that flaps never does."""


class Move(NamedTuple):
    """Ask a line for a channel (``want``), or end it there."""

    line: Line
    sub: Subscription
    want: bool


class Allocation:
    """Carriers of the public channels. Methods return the moves to make, most important channels first.

    ``carriers`` says whose data count. ``incoming`` names the line a channel was asked for to move to, ``leaving``
    the one it has left and that may still send some of it.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = tuple(lines)
        self._up: dict[Line, int] = {}
        self._down: set[Line] = set()
        self._homes: dict[Subscription, Line] = {}
        self.carriers: dict[Subscription, Line] = {}
        self.incoming: dict[Subscription, Line] = {}
        self.leaving: dict[Subscription, Line] = {}

    @property
    def in_transit(self) -> bool:
        """Whether a channel may come from two lines now."""
        return bool(self.incoming or self.leaving)

    def want(self, sub: Subscription) -> list[Move]:
        """Somebody wants a channel."""
        if sub in self.carriers:
            return []
        home = self._homes[sub] = self._home(sub)
        line = self._other(home) if home in self._down else home
        self.carriers[sub] = line
        return [Move(line, sub, True)]

    def drop(self, sub: Subscription) -> list[Move]:
        """Nobody wants it any more."""
        self._homes.pop(sub, None)
        lines = (self.carriers.pop(sub, None), self.incoming.pop(sub, None))
        return [Move(line, sub, False) for line in lines if line is not None]

    def up(self, line: Line, now: int) -> list[Move]:
        """A line is open."""
        self._down.discard(line)
        self._up.setdefault(line, now)
        return self._rescue()

    def down(self, line: Line) -> list[Move]:
        """A line is lost or has fallen silent: what it carries, or was to carry, moves."""
        self._up.pop(line, None)
        self._down.add(line)
        ended = [Move(at, sub, False) for sub, at in self.incoming.items() if at is line]
        for _, sub, _ in ended:
            del self.incoming[sub]
        return ended + self._rescue()

    def settle(self, now: int) -> list[Move]:
        """Move channels back to where they belong, once that line has proven itself."""
        since = {line: now - up for line, up in self._up.items()}
        away = (
            sub
            for sub, at in self.carriers.items()
            if self._homes[sub] is not at and sub not in self.incoming
        )
        return self._ask(
            (sub, self._homes[sub]) for sub in away if since.get(self._homes[sub], 0) >= PROVEN_NS
        )

    def delivered(self, sub: Subscription, line: Line) -> list[Move]:
        """The first data came on the line a channel moves to."""
        if self.incoming.get(sub) is not line:
            return []
        del self.incoming[sub]
        old, self.carriers[sub] = self.carriers[sub], line
        self.leaving[sub] = old
        return [Move(old, sub, False)]

    def left(self, line: Line, sub: Subscription | None = None) -> None:
        """A line has ended a channel, or was lost with all it still sent."""
        for one in [sub] if sub is not None else list(self.leaving):
            if self.leaving.get(one) is line:
                del self.leaving[one]

    def _home(self, sub: Subscription) -> Line:
        if sub.channel == "ticker":
            tickers = [home for one, home in self._homes.items() if one.channel == "ticker"]
            return min(self._lines, key=tickers.count)
        return self._lines[0] if sub.channel == "instrument" else self._lines[-1]

    def _other(self, line: Line) -> Line:
        return next((one for one in self._lines if one in self._up), line)

    def _rescue(self) -> list[Move]:
        stranded = (sub for sub, at in self.carriers.items() if at in self._down and sub not in self.incoming)
        return self._ask((sub, self._other(self.carriers[sub])) for sub in stranded)

    def _ask(self, wishes: Iterable[tuple[Subscription, Line]]) -> list[Move]:
        moves = [Move(line, sub, True) for sub, line in wishes if self.carriers[sub] is not line]
        moves.sort(key=lambda move: (move.sub.priority, move.sub))
        self.incoming.update({sub: line for line, sub, _ in moves})
        return moves
