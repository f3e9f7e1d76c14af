"""One order book: levels kept sorted, truncated to depth and verified after every message.

Each side is three parallel lists (keys, quantities, checksum texts) with the best level at the end, where inserting
is cheap; asks are kept under negated prices so that one piece of code serves both sides. A level's checksum text is
made only when the level stands in the top ten, and the CRC only when the top ten changed.

Numbers are ``float`` where the pair's digits fit a double, else ``Decimal``; either way they are read back as exact
``Decimal`` through the integer of the last decimal. Source: Kraken guide "Book checksum (WebSocket v2)".
"""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from typing import Any
from zlib import crc32

from core.domain.health import BookState
from core.domain.instrument import Instrument, Side
from core.domain.market import BookChange, Level
from core.processing.checksum import TOP

EXACT = 10**15
"""Integers below this survive multiplication and rounding as a double (15 significant digits)."""

PriceQty = tuple[Decimal, Decimal]


class SideOfBook:
    """One side. ``keys`` ascend to the best level; ``texts`` hold the checksum text or ``None`` until needed."""

    __slots__ = ("_read", "crc_text", "keys", "qtys", "texts", "version")

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.qtys: list[Any] = []
        self.texts: list[str | None] = []
        self.crc_text: str | None = ""
        self.version = 0
        self._read: tuple[int, int, list[PriceQty]] = (-1, 0, [])

    def clear(self) -> None:
        """Forget all levels."""
        self.keys, self.qtys, self.texts, self.crc_text = [], [], [], ""
        self.version += 1


class Book:
    """The book of one pair at one depth. Read it through ``BookStore``'s views; only the store writes it.

    ``apply`` returns an empty text when the book is live afterwards, else the reason why it is not.
    """

    def __init__(self, instrument: Instrument, depth: int) -> None:
        self.instrument = instrument
        self.depth = depth
        self.state = BookState.WAITING
        self.reason = "waiting for the snapshot"
        self.asks = SideOfBook()
        self.bids = SideOfBook()
        self.exact = False
        self._set_scales(exact=False)
        self._crc = 0

    def apply(self, change: BookChange[Any], *, snapshot: bool) -> str:
        """Apply one message: all levels in order, truncate, check. Updates before the snapshot change nothing."""
        if snapshot:
            self._begin(change)
        elif self.state is not BookState.LIVE:
            return self.reason
        problem = self._apply_side(self.asks, change.asks, negate=True) or self._apply_side(
            self.bids, change.bids, negate=False
        )
        if not problem:
            problem = self._verify(change.checksum)
        if problem:
            self.fail(problem)
        else:
            self.state = BookState.LIVE
            self.reason = ""
        return problem

    def fail(self, reason: str) -> None:
        """Drop the levels: a book that cannot be trusted has none."""
        self.state = BookState.OUT_OF_SYNC
        self.reason = reason
        self.asks.clear()
        self.bids.clear()

    def wait(self, reason: str) -> None:
        """Expect a new snapshot."""
        self.fail(reason)
        self.state = BookState.WAITING

    def levels(self, side: Side, count: int) -> list[PriceQty]:
        """Return at most ``count`` levels of exact (price, qty), best first. ``side`` BUY means bids."""
        book_side = self.bids if side is Side.BUY else self.asks
        version, known, rows = book_side._read
        wanted = min(count, len(book_side.keys))
        if version != book_side.version or known < wanted:
            rows = self._rows(book_side, wanted)
            book_side._read = (book_side.version, wanted, rows)
        return rows[:wanted]

    def _begin(self, change: BookChange[Any]) -> None:
        first = next(iter(change.bids or change.asks), None)
        self._set_scales(exact=first is not None and isinstance(first.price, Decimal))
        self.asks.clear()
        self.bids.clear()

    def _set_scales(self, *, exact: bool) -> None:
        price, qty = self.instrument.price_precision, self.instrument.qty_precision
        self.exact = exact
        # One type for all arithmetic of the pair: mixing float and Decimal would raise.
        self._half: Any = Decimal("0.5") if exact else 0.5
        self._price_scale: Any = Decimal(10) ** price if exact else float(10**price)
        self._qty_scale: Any = Decimal(10) ** qty if exact else float(10**qty)
        self._max_price: Any = Decimal("Infinity") if exact else EXACT / self._price_scale
        self._max_qty: Any = Decimal("Infinity") if exact else EXACT / self._qty_scale

    def _apply_side(self, side: SideOfBook, levels: list[Level[Any]], *, negate: bool) -> str:
        # The hot path: one loop with local names and no calls but bisect.
        if not levels:
            return ""
        keys, qtys, texts = side.keys, side.qtys, side.texts
        max_qty, top_from = self._max_qty, len(keys) - TOP
        touched_top = False
        for level in levels:
            price, qty = level.price, level.qty
            key = -price if negate else price
            at = bisect_left(keys, key)
            if at < len(keys) and keys[at] == key:
                if qty:
                    qtys[at] = qty
                    texts[at] = None
                else:
                    del keys[at], qtys[at], texts[at]
            elif qty:
                if price > self._max_price or price <= 0:
                    return TOO_WIDE if price > 0 else "a price is not above zero"
                keys.insert(at, key)
                qtys.insert(at, qty)
                texts.insert(at, None)
            if not 0 <= qty <= max_qty:
                return TOO_WIDE if qty > 0 else "a quantity is negative"
            if at >= top_from - 1:
                touched_top = True
            top_from = len(keys) - TOP
        excess = len(keys) - self.depth
        if excess > 0:
            del keys[:excess], qtys[:excess], texts[:excess]
        side.version += 1
        if touched_top:
            side.crc_text = None
        return ""

    def _verify(self, expected: int) -> str:
        asks, bids = self.asks, self.bids
        if asks.crc_text is None or bids.crc_text is None:
            if asks.crc_text is None:
                asks.crc_text = self._top_text(asks, negate=True)
            if bids.crc_text is None:
                bids.crc_text = self._top_text(bids, negate=False)
            self._crc = crc32((asks.crc_text + bids.crc_text).encode())
        if self._crc != expected:
            return f"checksum {self._crc} is not {expected}"
        if asks.keys and bids.keys and bids.keys[-1] >= -asks.keys[-1]:
            return "the book is crossed"
        return ""

    def _top_text(self, side: SideOfBook, *, negate: bool) -> str:
        texts = side.texts
        top = texts[: -TOP - 1 : -1]
        if None in top:
            half, price_scale, qty_scale = self._half, self._price_scale, self._qty_scale
            if negate:
                price_scale = -price_scale
            for at in range(1, len(top) + 1):
                if texts[-at] is None:
                    price = int(side.keys[-at] * price_scale + half)
                    texts[-at] = f"{price}{int(side.qtys[-at] * qty_scale + half)}"
            top = texts[: -TOP - 1 : -1]
        return "".join(top)  # type: ignore[arg-type]  # every text was just made

    def _rows(self, side: SideOfBook, count: int) -> list[PriceQty]:
        keys, qtys = side.keys[: -count - 1 : -1], side.qtys[: -count - 1 : -1]
        price_digits, qty_digits = -self.instrument.price_precision, -self.instrument.qty_precision
        half, price_scale, qty_scale = self._half, self._price_scale, self._qty_scale
        return [
            (
                Decimal(int(abs(key) * price_scale + half)).scaleb(price_digits),
                Decimal(int(qty * qty_scale + half)).scaleb(qty_digits),
            )
            for key, qty in zip(keys, qtys, strict=True)
        ]


TOO_WIDE = "a number has more digits than a double holds"
"""Reason that asks for exact decoding of the pair."""
