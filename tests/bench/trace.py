"""Seeded Kraken WebSocket v2 messages with true wire text and checksums, and the books they lead to.

The exchange's side of a benchmark. Shares no code with what is measured: prices and quantities are integers
of the smallest unit here, text and CRC32 are made from them. Same seed, same bytes.
"""

from __future__ import annotations

import random
import zlib
from bisect import bisect_left, insort
from dataclasses import dataclass, field

# How many levels one message changes, and how often. With the levels that come into view: about 2.3 on average.
CHANGES = (1, 2, 3, 4, 5, 8)
CHANGE_WEIGHTS = (46, 30, 12, 6, 3.5, 2.5)
# What happens to a level. Adding and removing balance, so the book neither thins out nor grows for ever.
ACTIONS = ("modify", "add", "remove")
ACTION_WEIGHTS = (56, 22, 22)
SPARE_LEVELS = 60
START_NS = 1_767_225_600_000_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair as printed on the wire: decimals of price and quantity, and a price to start from in ticks."""

    symbol: str
    price_precision: int
    qty_precision: int
    start_ticks: int

    def price_text(self, ticks: int) -> str:
        return decimal_text(ticks, self.price_precision)

    def qty_text(self, units: int) -> str:
        return decimal_text(units, self.qty_precision)


PAIRS = (
    Pair("BTC/USD", 1, 8, 650_000),
    Pair("ETH/USD", 2, 8, 320_000),
    Pair("SOL/USD", 2, 8, 15_000),
    Pair("XRP/USD", 5, 8, 61_500),
    Pair("ADA/USD", 6, 8, 452_000),
    Pair("DOGE/USD", 7, 8, 1_204_000),
    Pair("LTC/USD", 2, 8, 8_400),
    Pair("USDT/USD", 5, 8, 100_010),
)
BTC = PAIRS[0]


def decimal_text(units: int, precision: int) -> str:
    """Return an integer of smallest units as wire text with all its decimals: 1000, 8 → 0.00001000."""
    digits = str(units).rjust(precision + 1, "0")
    return f"{digits[:-precision]}.{digits[-precision:]}" if precision else digits


def wire_time(ns: int) -> str:
    seconds, rest = divmod(ns - START_NS, 1_000_000_000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"2026-01-{day + 1:02d}T{hour:02d}:{minute:02d}:{second:02d}.{rest // 1000:06d}Z"


@dataclass(slots=True)
class Side:
    """One side of the true book. ``sign`` is 1 for asks and -1 for bids: keys are sign x ticks, best first."""

    sign: int
    keys: list[int] = field(default_factory=list)
    units: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)


class TrueBook:
    """The exchange's book of one pair, deeper than any subscriber sees, and the messages for one depth."""

    def __init__(self, pair: Pair, depth: int, rng: random.Random) -> None:
        self.pair = pair
        self.depth = depth
        self._rng = rng
        self._ns = START_NS
        self.bids = Side(-1)
        self.asks = Side(1)
        for side in (self.bids, self.asks):
            ticks = pair.start_ticks
            for _ in range(depth + SPARE_LEVELS):
                ticks += side.sign * (1 + int(rng.expovariate(0.8)))
                self._put(side, side.sign * ticks, self._new_units())

    def snapshot(self) -> bytes:
        sides = [
            [(key, side.units[key]) for key in side.keys[: self.depth]] for side in (self.bids, self.asks)
        ]
        return self._message("snapshot", *sides)

    def update(self) -> bytes:
        """Change some levels in view and return the message a subscriber of this depth gets."""
        changed: dict[int, dict[int, int]] = {1: {}, -1: {}}
        for _ in range(self._rng.choices(CHANGES, CHANGE_WEIGHTS)[0]):
            side = self.asks if self._rng.random() < 0.5 else self.bids
            self._change(side, changed[side.sign])
        return self._message("update", self._told(self.bids, changed[-1]), self._told(self.asks, changed[1]))

    def top(self, count: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        """Return (bids, asks) as a client shows them: price and quantity, best first."""
        bids, asks = (
            [(float(self._price(key)), float(self._qty(side.units[key]))) for key in side.keys[:count]]
            for side in (self.bids, self.asks)
        )
        return bids, asks

    def checksum(self) -> int:
        text = "".join(side.texts[key] for side in (self.asks, self.bids) for key in side.keys[:10])
        return zlib.crc32(text.encode())

    def _change(self, side: Side, changed: dict[int, int]) -> None:
        place = min(int(self._rng.expovariate(1 / max(4.0, self.depth * 0.1))), self.depth - 1)
        key = side.keys[place]
        action = self._rng.choices(ACTIONS, ACTION_WEIGHTS)[0]
        if action == "remove" and len(side.keys) > self.depth + 1:
            self._remove(side, key, changed)
            return
        if action == "add":
            key = self._free_key(side, place)
        self._put(side, key, self._new_units())
        changed[key] = side.units[key]

    def _remove(self, side: Side, key: int, changed: dict[int, int]) -> None:
        del side.keys[bisect_left(side.keys, key)]
        del side.units[key], side.texts[key]
        changed[key] = 0
        # The level that comes into view is told in the same message.
        entering = side.keys[self.depth - 1]
        changed[entering] = side.units[entering]

    def _free_key(self, side: Side, place: int) -> int:
        """Return a price without a level: inside the spread, or behind the place; the place's own if there is none."""
        spread = self.bids.keys[0] + self.asks.keys[0]
        if place == 0 and spread > 1:
            return side.keys[0] - spread // 2  # by one tick at a time it would widen without end
        for key, behind in zip(side.keys[place:], side.keys[place + 1 : self.depth], strict=False):
            if behind - key > 1:
                return key + 1
        return side.keys[place]

    def _put(self, side: Side, key: int, units: int) -> None:
        if key not in side.units:
            insort(side.keys, key)
        side.units[key] = units
        side.texts[key] = stripped(self._price(key)) + stripped(self._qty(units))

    def _new_units(self) -> int:
        """Return a quantity as people send them: some round, most not."""
        units = max(1, int(self._rng.lognormvariate(17.5, 1.6)))
        step = 10**6 if self._rng.random() < 0.3 else 1
        return max(step, units // step * step)

    def _told(self, side: Side, changed: dict[int, int]) -> list[tuple[int, int]]:
        """Return what a subscriber hears: removals first, so that peers which cut after each level can follow too."""
        heard = [(key, units) for key, units in changed.items() if units == 0 or self._sees(side, key)]
        return sorted(heard, key=lambda level: level[1] != 0)

    def _sees(self, side: Side, key: int) -> bool:
        return bisect_left(side.keys, key) < self.depth

    def _price(self, key: int) -> str:
        return self.pair.price_text(abs(key))

    def _qty(self, units: int) -> str:
        return self.pair.qty_text(units)

    def _levels(self, levels: list[tuple[int, int]]) -> str:
        return ",".join(f'{{"price":{self._price(key)},"qty":{self._qty(units)}}}' for key, units in levels)

    def _message(self, kind: str, bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> bytes:
        self._ns += int(self._rng.expovariate(1 / 2e6))
        return (
            f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{self.pair.symbol}",'
            f'"bids":[{self._levels(bids)}],"asks":[{self._levels(asks)}],'
            f'"checksum":{self.checksum()},"timestamp":"{wire_time(self._ns)}"}}]}}'
        ).encode()


def stripped(text: str) -> str:
    return text.replace(".", "").lstrip("0")


@dataclass(frozen=True, slots=True)
class BookTrace:
    """One pair's messages, the snapshot first, and where they must end: (bids, asks) best first."""

    pair: Pair
    depth: int
    frames: list[bytes]
    end: tuple[list[tuple[float, float]], list[tuple[float, float]]]


def book_trace(depth: int, count: int, *, pair: Pair = BTC, seed: int = 7) -> BookTrace:
    """Return a snapshot and ``count`` updates of about 2.3 changed levels."""
    book = TrueBook(pair, depth, random.Random(f"{seed} {pair.symbol} {depth}"))
    frames = [book.snapshot(), *(book.update() for _ in range(count))]
    return BookTrace(pair, depth, frames, book.top(depth))
