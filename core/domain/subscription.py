"""What we want to hear. Identity as Kraken defines it: channel, symbol, and depth or interval."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from core.domain.health import Line
from core.domain.ids import Symbol


class Priority(IntEnum):
    """Order of subscribing, draining and recovering: the account first, flow last."""

    CRITICAL = 0
    HIGH = 1
    MEDIUM = 2
    LOW = 3


PRIORITIES = {
    "executions": Priority.CRITICAL,
    "balances": Priority.CRITICAL,
    "instrument": Priority.HIGH,
    "ticker": Priority.HIGH,
    "book": Priority.MEDIUM,
    "level3": Priority.MEDIUM,
    "ohlc": Priority.LOW,
    "trade": Priority.LOW,
}


class Subscription(msgspec.Struct, frozen=True, order=True):
    """One subscription. ``depth`` for book and level3, ``interval`` (minutes) for ohlc, else 0."""

    channel: str
    symbol: Symbol = Symbol("")
    depth: int = 0
    interval: int = 0

    @property
    def priority(self) -> Priority:
        """Class of the channel."""
        return PRIORITIES[self.channel]

    @property
    def line(self) -> Line:
        """Which host serves the channel."""
        if self.channel in ("executions", "balances"):
            return Line.PRIVATE
        return Line.LEVEL3 if self.channel == "level3" else Line.PUBLIC


INSTRUMENTS = Subscription("instrument")
EXECUTIONS = Subscription("executions")
BALANCES = Subscription("balances")


def ticker(symbol: Symbol) -> Subscription:
    """Quotes on every change of the touch."""
    return Subscription("ticker", symbol)


def book(symbol: Symbol, depth: int) -> Subscription:
    """Price levels, ``depth`` a side: 10, 25, 100, 500 or 1000."""
    return Subscription("book", symbol, depth=depth)


def level3(symbol: Symbol, depth: int) -> Subscription:
    """Single resting orders, ``depth`` price levels a side: 10, 100 or 1000."""
    return Subscription("level3", symbol, depth=depth)


def candles(symbol: Symbol, interval: int) -> Subscription:
    """Candles of ``interval`` minutes."""
    return Subscription("ohlc", symbol, interval=interval)


def trades(symbol: Symbol) -> Subscription:
    """Public prints."""
    return Subscription("trade", symbol)
