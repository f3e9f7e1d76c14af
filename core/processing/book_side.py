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
from collections.abc import Callable
from decimal import Context, Decimal
from math import floor
from pathlib import Path
from typing import Any, Protocol

from core.domain.instrument import Instrument
from core.domain.market import Level
from core.processing.checksum import TOP
from core.runtime.compiled import load

FLOAT_LIMIT = 10**15
"""Integers of the last decimal below this survive the way through a double."""

EXACT_LIMIT = Decimal(10) ** 40
"""Numbers above this are nobody's price; computing with them would take minutes."""

EXACT = Context(prec=100)
"""Arithmetic that never rounds numbers below ``EXACT_LIMIT``; the default context cuts at 28 digits."""

NO_KEY = float("-inf")
"""Stands for the best level's key on a side without levels: such sides never cross."""

TOO_WIDE = "a number has more digits than a double holds"
"""Reason that asks for exact decoding of the pair."""

PriceQty = tuple[Decimal, Decimal]

COMPILED = load(Path(__file__).with_name("compiled_side.c"))
"""The same side for floats in C, a few times faster, where the set-up could build it."""


class MisfitError(Exception):
    """A level that no book of this pair can hold. ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Side(Protocol):
    """One side of a book, whatever keeps its levels.

    Keys ascend to the best level, asks negated; ``touch`` is the last of ``count``, minus infinity when there is none.
    ``text`` is what the checksum reads of the best ten. ``version`` rises when a level may have changed.
    """

    count: int
    touch: Any
    text: bytes
    version: int

    def apply(self, levels: list[Level[Any]]) -> bool:
        """Apply levels in order and cut to depth. Returns whether the best ten may have changed.

        Raises MisfitError for a level that cannot be, after which the side must be cleared.
        """

    def best(self, count: int) -> tuple[list[Any], list[Any]]:
        """Return keys and quantities of at most ``count`` levels, best first."""

    def clear(self) -> None:
        """Forget all levels."""


class Digits:
    """How one side's numbers are scaled, and how exact ones are made of them again."""

    __slots__ = ("exact", "max_price", "negated", "price_precision", "qty_precision", "scales")

    def __init__(self, instrument: Instrument, *, negated: bool, exact: bool) -> None:
        # One type for all arithmetic of a pair: integers stay integers.
        self.exact = exact
        self.negated = negated
        self.price_precision, self.qty_precision = instrument.price_precision, instrument.qty_precision
        half: Any = 0 if exact else 0.5
        price_scale: Any = 1 if exact else float(10**self.price_precision)
        qty_scale: Any = 1 if exact else float(10**self.qty_precision)
        self.max_price = float("inf") if exact else FLOAT_LIMIT / price_scale
        max_qty = float("inf") if exact else FLOAT_LIMIT / qty_scale
        self.scales = (
            0 if exact else 0.0,
            half,
            -price_scale if negated else price_scale,
            qty_scale,
            max_qty,
        )

    def row(self, key: Any, qty: Any) -> PriceQty:
        """Return a level as exact (price, qty)."""
        _, half, price_scale, qty_scale, _ = self.scales
        return (
            Decimal(int(key * price_scale + half)).scaleb(-self.price_precision, EXACT),
            Decimal(int(qty * qty_scale + half)).scaleb(-self.qty_precision, EXACT),
        )

    def floats(self, keys: list[Any], qtys: list[Any]) -> tuple[list[float], list[float]]:
        """Return prices and quantities as floats: for drawing only."""
        price_scale = 10.0**-self.price_precision if self.exact else 1.0
        qty_scale = 10.0**-self.qty_precision if self.exact else 1.0
        if self.negated:
            price_scale = -price_scale
        return [key * price_scale for key in keys], [qty * qty_scale for qty in qtys]


class BookSide:
    """``Side`` in Python, for every pair."""

    __slots__ = (
        "_depth",
        "_digits",
        "_exact",
        "_keys",
        "_limit",
        "_negated",
        "_qtys",
        "_scales",
        "_top",
        "count",
        "text",
        "touch",
        "version",
    )

    def __init__(self, digits: Digits, depth: int) -> None:
        self._negated = digits.negated
        self._exact = digits.exact
        self._depth = depth
        self._digits = digits
        self._scales, self._limit = digits.scales, digits.max_price
        self.version = 0
        self.clear()

    def clear(self) -> None:
        """Forget all levels."""
        self.version += 1
        self._keys: list[Any] = []
        self._qtys: list[Any] = []
        self._top: list[bytes] = []
        self.text = b""
        self.count = 0
        self.touch: Any = NO_KEY

    def apply(self, levels: list[Level[Any]]) -> bool:
        """Do as ``Side`` says.

        One loop with local names, no calls but bisect and the text of a level in the best ten; plain
        comparisons of one type, because Python runs those several times faster than chained or mixed ones.

        At any moment ``top`` belongs to exactly the levels from ``edge`` on; it is made ten again at the end.
        """
        if self._exact:
            levels = self._in_ticks(levels)
        keys, qtys, top, negated = self._keys, self._qtys, self._top, self._negated
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
                if not 0 < level.price <= self._limit:
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
            count = self._depth
        self.count = count
        if changed:
            self.touch = keys[-1] if keys else NO_KEY
            if len(top) != TOP:
                self._fill_top()
            self.text = b"".join(top)
        return changed

    def best(self, count: int) -> tuple[list[Any], list[Any]]:
        """Return keys and quantities of at most ``count`` levels, best first."""
        cut = -min(max(count, 0), self.count) - 1
        return self._keys[:cut:-1], self._qtys[:cut:-1]

    def _fill_top(self) -> None:
        # Levels left the best ten and others rose into it.
        _, half, price_scale, qty_scale, _ = self._scales
        top, keys, qtys = self._top, self._keys, self._qtys
        for at in range(len(top) + 1, min(TOP, len(keys)) + 1):
            top.append(b"%d%d" % (floor(keys[-at] * price_scale + half), floor(qtys[-at] * qty_scale + half)))

    def _in_ticks(self, levels: list[Level[Any]]) -> list[Level[Any]]:
        price, qty = self._digits.price_precision, self._digits.qty_precision
        return [Level(_ticks(level.price, price), _ticks(level.qty, qty)) for level in levels]


MakeSide = Callable[[Digits, int], Side]
"""Makes an empty side of at most so many levels."""


def make_side(digits: Digits, depth: int) -> Side:
    """Return the fastest side there is for these numbers."""
    if COMPILED is None or digits.exact:
        return BookSide(digits, depth)
    price_scale, qty_scale = abs(digits.scales[2]), digits.scales[3]
    side: Side = COMPILED.Side(price_scale, qty_scale, depth, digits.negated, MisfitError, TOO_WIDE)
    return side


class Rows:
    """What is shown of a side. Exact levels are made once and kept until they change."""

    def __init__(self, side: Side, digits: Digits) -> None:
        self._side = side
        self._digits = digits
        self._made: dict[Any, tuple[Any, PriceQty]] = {}
        self._rows: list[PriceQty] = []
        self._version = side.version

    def exact(self, count: int) -> list[PriceQty]:
        """Return at most ``count`` exact levels, best first."""
        side, made, rows = self._side, self._made, self._rows
        if self._version != side.version:
            self._version = side.version
            rows = self._rows = []
            if len(made) > 2 * side.count + TOP:
                made.clear()
        if len(rows) < min(count, side.count):
            keys, qtys = side.best(count)
            for key, qty in zip(keys[len(rows) :], qtys[len(rows) :], strict=True):
                known = made.get(key)
                if known is None or known[0] != qty:
                    known = made[key] = (qty, self._digits.row(key, qty))
                rows.append(known[1])
        return rows[: max(count, 0)]

    def floats(self, count: int) -> tuple[list[float], list[float]]:
        """Return prices and quantities of at most ``count`` levels, best first, as floats: for drawing only."""
        return self._digits.floats(*self._side.best(count))


def _ticks(value: Decimal, precision: int) -> int:
    """Return a number as an integer of the pair's last decimal."""
    if not value.is_finite() or value.copy_abs() >= EXACT_LIMIT:
        raise MisfitError("a number is beyond reason")
    scaled = value.scaleb(precision, EXACT)
    if scaled != (ticks := int(scaled)):
        raise MisfitError("a number has more decimals than the pair")
    return ticks
