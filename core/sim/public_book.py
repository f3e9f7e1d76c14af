"""A real book as its exchange tells it: levels in whole units, cut to the depth, proven by the checksum.

Read anew from Kraken's pages, like everything here. Source: Kraken "Book (level 2)", "Book checksum (WebSocket v2)".
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from core.sim import wire
from core.sim.model import PairSpec

Change = tuple[bool, int, int]


class OutOfStep(Exception):
    """What was told does not fit what was known: a fresh snapshot is needed."""


class PublicBook:
    """Both sides of one pair. Prices in units of the last decimal of the price, quantities in lots."""

    def __init__(self, pair: PairSpec, depth: int) -> None:
        self._pair = pair
        self._depth = depth
        self._unit = Decimal(1).scaleb(-pair.price_precision)
        self._step = max(1, int(pair.price_increment / self._unit))
        self._levels: dict[bool, dict[int, int]] = {True: {}, False: {}}
        self._keys: dict[bool, list[int]] = {True: [], False: []}

    def replace(self, row: dict[str, object]) -> None:
        """Take a snapshot. OutOfStep when its own checksum does not fit."""
        for is_buy in (True, False):
            self._levels[is_buy].clear()
            self._keys[is_buy].clear()
        self._apply(row)
        self._verify(row)

    def update(self, row: dict[str, object]) -> list[Change]:
        """Take an update and return what changed: side, steps, lots (0: gone). OutOfStep when it does not fit."""
        changes = self._apply(row)
        self._verify(row)
        return changes

    def side(self, is_buy: bool) -> list[tuple[int, int]]:
        """Steps and lots of one side, best first."""
        levels, sign = self._levels[is_buy], self._sign(is_buy)
        return [(sign * key // self._step, levels[sign * key]) for key in self._keys[is_buy]]

    @staticmethod
    def _sign(is_buy: bool) -> int:
        return -1 if is_buy else 1

    def _apply(self, row: dict[str, object]) -> list[Change]:
        changes: list[Change] = []
        for name, is_buy in (("bids", True), ("asks", False)):
            for price, lots in self._units(row.get(name)):
                self._set(is_buy, price, lots)
                changes.append((is_buy, price // self._step, lots))
        for is_buy in (True, False):
            changes += [(is_buy, price // self._step, 0) for price in self._cut(is_buy)]
        return changes

    def _units(self, levels: object) -> Iterable[tuple[int, int]]:
        if not isinstance(levels, list):
            return
        for level in levels:
            try:
                price, qty = Decimal(level["price"]), Decimal(level["qty"])
                yield int(price / self._unit), int(qty / self._pair.qty_increment)
            except (KeyError, TypeError, ValueError, InvalidOperation) as odd:
                raise OutOfStep("a level without price or quantity") from odd

    def _set(self, is_buy: bool, price: int, lots: int) -> None:
        levels, keys, key = self._levels[is_buy], self._keys[is_buy], self._sign(is_buy) * price
        if lots <= 0:
            if levels.pop(price, None) is not None:
                del keys[bisect_left(keys, key)]
            return
        if price not in levels:
            insort(keys, key)
        levels[price] = lots

    def _cut(self, is_buy: bool) -> list[int]:
        """Forget what lies beyond the depth: nothing more is told of it."""
        keys, sign = self._keys[is_buy], self._sign(is_buy)
        beyond = [sign * key for key in keys[self._depth :]]
        del keys[self._depth :]
        for price in beyond:
            del self._levels[is_buy][price]
        return beyond

    def _verify(self, row: dict[str, object]) -> None:
        told = row.get("checksum")
        if told != wire.checksum(self._pieces(False), self._pieces(True)):
            raise OutOfStep("checksum")

    def _pieces(self, is_buy: bool) -> list[str]:
        levels, sign = self._levels[is_buy], self._sign(is_buy)
        best = self._keys[is_buy][: wire.CHECKSUM_LEVELS]
        return [f"{sign * key}{levels[sign * key]}" for key in best]
