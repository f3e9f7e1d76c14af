"""One side of an order book: sorted levels, exact in and exact out, and the checksum text of the best ten.

Two parallel sorted lists (keys, quantities) with the best level at the end, where inserting is cheap; asks are kept
under negated prices so that one piece of code serves both sides. Beside them stand the checksum texts of the best ten,
made when such a level changes.

Numbers are ``float`` where they have at most 15 significant digits, and then every one is the nearest double to
``n / 10**decimals`` with ``n < 10**15``. Multiplying by ``10**decimals`` (exact as a double up to ``10**22``) is off by
less than ``n * 2**-52 < 0.23``, so adding a half and cutting gives ``n`` back: nothing is lost. Pairs with more digits
are kept as integers made from ``Decimal``, by the same code. Source: Kraken guide "Book checksum (WebSocket v2)".
"""

from __future__ import annotations

from bisect import bisect_left
from decimal import Context, Decimal
from math import floor
from typing import Any

from core.domain.instrument import Instrument
from core.domain.market import Level
from core.processing.checksum import TOP

FLOAT_LIMIT = 10**15
"""Integers of the last decimal below this survive the way through a double."""

EXACT_LIMIT = Decimal(10) ** 40
"""Numbers above this are nobody's price; computing with them would take minutes."""

EXACT = Context(prec=100)
"""Arithmetic that never rounds numbers below ``EXACT_LIMIT``; the default context cuts at 28 digits."""

TOO_WIDE = "a number has more digits than a double holds"
"""Reason that asks for exact decoding of the pair."""

PriceQty = tuple[Decimal, Decimal]


class MisfitError(Exception):
    """A level that no book of this pair can hold. ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BookSide:
    """One side. ``keys`` ascend to the best level, asks negated; ``text`` is what the checksum reads of it."""

    __slots__ = (
        "_decimals",
        "_depth",
        "_exact",
        "_limits",
        "_made",
        "_negated",
        "_qtys",
        "_rows",
        "_rows_version",
        "_scales",
        "_top",
        "keys",
        "text",
        "version",
    )

    def __init__(self, instrument: Instrument, depth: int, *, negated: bool, exact: bool) -> None:
        self._negated = negated
        self._depth = depth
        self._exact = exact
        self._made: dict[Any, tuple[Any, PriceQty]] = {}
        self.version = 0
        self._set_scales(instrument.price_precision, instrument.qty_precision)
        self.clear()

    def clear(self) -> None:
        """Forget all levels."""
        self.version += 1
        self.keys: list[Any] = []
        self._qtys: list[Any] = []
        self._top: list[bytes] = []
        self.text = b""
        self._made.clear()
        self._rows: list[PriceQty] = []
        self._rows_version = self.version

    def apply(self, levels: list[Level[Any]]) -> bool:
        """Apply levels in order and cut to depth. Returns whether the best ten may have changed.

        Raises MisfitError for a level that cannot be, after which the side must be cleared.

        The hot path: one loop with local names, no calls but bisect and the text of a level in the best ten; plain
        comparisons of one type, because Python runs those several times faster than chained or mixed ones.
        At any moment ``top`` belongs to exactly the levels from ``edge`` on; it is made ten again at the end.
        """
        if self._exact:
            levels = self._in_ticks(levels)
        keys, qtys, top, negated = self.keys, self._qtys, self._top, self._negated
        zero, half, price_scale, qty_scale, max_qty = self._scales
        count = len(keys)
        edge, changed = count - len(top), False
        for level in levels:
            qty = level.qty
            key = -level.price if negated else level.price
            at = bisect_left(keys, key)
            if at < count and keys[at] == key:
                if qty > zero and qty <= max_qty:
                    qtys[at] = qty
                    if at >= edge:
                        text = b"%d%d" % (floor(key * price_scale + half), floor(qty * qty_scale + half))
                        top[count - at - 1] = text
                        changed = True
                elif qty == zero:
                    del keys[at], qtys[at]
                    count -= 1
                    if at >= edge:
                        del top[count - at]
                        changed = True
                    else:
                        edge -= 1
                else:
                    raise MisfitError(TOO_WIDE if qty > 0 else "a quantity is negative")
            elif qty > zero and qty <= max_qty:
                if not 0 < level.price <= self._limits:
                    raise MisfitError(TOO_WIDE if level.price > 0 else "a price is not above zero")
                keys.insert(at, key)
                qtys.insert(at, qty)
                if at >= edge and at > count - TOP:
                    text = b"%d%d" % (floor(key * price_scale + half), floor(qty * qty_scale + half))
                    top.insert(count - at, text)
                    del top[TOP:]
                    changed = True
                count += 1
                edge = count - len(top)
            elif qty != zero:
                raise MisfitError(TOO_WIDE if qty > 0 else "a quantity is negative")
        self.version += 1
        if count > self._depth:
            del keys[: count - self._depth], qtys[: count - self._depth]
        if changed:
            if len(top) != TOP:
                self._fill_top()
            self.text = b"".join(top)
        return changed

    def rows(self, count: int) -> list[PriceQty]:
        """Return at most ``count`` exact levels, best first. Levels that did not change are not made again."""
        count = min(max(count, 0), len(self.keys))
        if self._rows_version != self.version:
            self._rows, self._rows_version = [], self.version
            if len(self._made) > 2 * len(self.keys) + TOP:
                self._made.clear()
        rows, made, keys, qtys = self._rows, self._made, self.keys, self._qtys
        for at in range(-len(rows) - 1, -count - 1, -1):
            key, qty = keys[at], qtys[at]
            known = made.get(key)
            if known is None or known[0] != qty:
                known = made[key] = (qty, self._row(key, qty))
            rows.append(known[1])
        return rows[:count]

    def floats(self, count: int) -> tuple[list[float], list[float]]:
        """Return prices and quantities of at most ``count`` levels, best first, as floats: for drawing only."""
        cut = -min(max(count, 0), len(self.keys)) - 1
        keys, qtys = self.keys[:cut:-1], self._qtys[:cut:-1]
        price_scale = 10.0 ** self._decimals[0] if self._exact else 1.0
        qty_scale = 10.0 ** self._decimals[1] if self._exact else 1.0
        if self._negated:
            price_scale = -price_scale
        return [key * price_scale for key in keys], [qty * qty_scale for qty in qtys]

    def _set_scales(self, price_precision: int, qty_precision: int) -> None:
        # One type for all arithmetic of a pair: integers stay integers.
        self._decimals = (-price_precision, -qty_precision)
        half: Any = 0 if self._exact else 0.5
        price_scale: Any = 1 if self._exact else float(10**price_precision)
        qty_scale: Any = 1 if self._exact else float(10**qty_precision)
        self._limits = float("inf") if self._exact else FLOAT_LIMIT / price_scale
        max_qty = float("inf") if self._exact else FLOAT_LIMIT / qty_scale
        self._scales = (
            0 if self._exact else 0.0,
            half,
            -price_scale if self._negated else price_scale,
            qty_scale,
            max_qty,
        )

    def _row(self, key: Any, qty: Any) -> PriceQty:
        _, half, price_scale, qty_scale, _ = self._scales
        price_decimals, qty_decimals = self._decimals
        return (
            Decimal(int(key * price_scale + half)).scaleb(price_decimals, EXACT),
            Decimal(int(qty * qty_scale + half)).scaleb(qty_decimals, EXACT),
        )

    def _fill_top(self) -> None:
        # Levels left the best ten and others rose into it.
        _, half, price_scale, qty_scale, _ = self._scales
        top, keys, qtys = self._top, self.keys, self._qtys
        for at in range(len(top) + 1, min(TOP, len(keys)) + 1):
            top.append(b"%d%d" % (floor(keys[-at] * price_scale + half), floor(qtys[-at] * qty_scale + half)))

    def _in_ticks(self, levels: list[Level[Any]]) -> list[Level[Any]]:
        price, qty = -self._decimals[0], -self._decimals[1]
        return [Level(_ticks(level.price, price), _ticks(level.qty, qty)) for level in levels]


def _ticks(value: Decimal, precision: int) -> int:
    """Return a number as an integer of the pair's last decimal."""
    if not value.is_finite() or value.copy_abs() >= EXACT_LIMIT:
        raise MisfitError("a number is beyond reason")
    scaled = value.scaleb(precision, EXACT)
    if scaled != (ticks := int(scaled)):
        raise MisfitError("a number has more decimals than the pair")
    return ticks
