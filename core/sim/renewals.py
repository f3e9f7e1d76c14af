"""Which books have to be asked for anew, and when: one round trip at a time, and ever more slowly while it is in vain.

A book is ended, that is waited for, and then it is asked for. Pure: times are monotonic nanoseconds of the caller.
Source: Kraken WebSocket v2, "Book (level 2)".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

NS_PER_S = 1_000_000_000
ANSWER_NS = 5 * NS_PER_S
"""An end that is not acknowledged for so long counts as one."""

LONGEST_NS = 60 * NS_PER_S
STABLE_NS = 30 * NS_PER_S
"""A book that held for so long is asked for at once when it is lost."""


class Renewals:
    """The books that are wanted and not there."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}
        self._tries: dict[str, int] = {}
        self._opened: dict[str, int] = {}
        self._leaving: set[str] = set()

    def clear(self, now: int) -> None:
        """The line is gone. What failed before failed for its own reasons: the pauses stay."""
        for symbol, opened in self._opened.items():
            if now - opened >= STABLE_NS:
                self._tries.pop(symbol, None)
        self._due.clear()
        self._opened.clear()
        self._leaving.clear()

    def forget(self, symbols: Iterable[str]) -> None:
        """Nobody wants these any more."""
        for symbol in symbols:
            for known in (self._due, self._tries, self._opened):
                known.pop(symbol, None)
            self._leaving.discard(symbol)

    def asked(self, symbols: Iterable[str], now: int) -> None:
        """These were asked for: their snapshots must come before long."""
        for symbol in symbols:
            tries = self._tries[symbol] = self._tries.get(symbol, 0) + 1
            self._leaving.discard(symbol)
            self._due[symbol] = now + min(LONGEST_NS, ANSWER_NS << min(tries - 1, 10))

    def opened(self, symbol: str, now: int) -> None:
        """A snapshot came and fits."""
        self._due.pop(symbol, None)
        self._opened[symbol] = now

    def broken(self, symbol: str, now: int) -> None:
        """What came does not fit: due at once if the book had held, else when its pause is over."""
        opened = self._opened.pop(symbol, None)
        if opened is not None and now - opened >= STABLE_NS:
            self._tries.pop(symbol, None)
        if self._tries.get(symbol, 0) <= 1:
            self._due[symbol] = now
        elif symbol not in self._due:
            self._due[symbol] = now + min(LONGEST_NS, NS_PER_S << min(self._tries[symbol], 10))

    def to_end(self, now: int) -> list[str]:
        """Return the books to be ended now, before they are asked for anew."""
        due = [symbol for symbol, at in self._due.items() if at <= now and symbol not in self._leaving]
        for symbol in due:
            self._leaving.add(symbol)
            self._due[symbol] = now + ANSWER_NS
        return due

    def ended(self, symbol: str) -> bool:
        """An end was acknowledged or refused: return whether the book is to be asked for now."""
        return symbol in self._leaving

    def unanswered(self, now: int) -> Collection[str]:
        """Return the books whose end nobody acknowledged in time."""
        return [symbol for symbol in self._leaving if self._due.get(symbol, now) <= now]
