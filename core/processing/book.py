"""One order book: levels kept sorted, truncated to depth and verified after every message.

Each side is parallel lists with the best level at the end, where inserting is cheap; asks are kept under negated
prices so that one piece of code serves both sides. A level's checksum text is made only when the level stands in the
top ten, and the CRC of a side only when its top ten changed.

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
    """One side, four parallel lists that ascend to the best level.

    ``heads`` hold the price's part of the checksum text and ``texts`` the whole of it, empty until needed.
    ``crc_text`` is the text of the top ten, ``None`` when it has to be made anew.
    """

    __slots__ = ("_read", "crc_text", "heads", "keys", "qtys", "sign", "texts", "version")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.version = 0
        self._read: tuple[int, int, list[PriceQty]] = (-1, 0, [])
        self.clear()

    def clear(self) -> None:
        """Forget all levels."""
        self.keys: list[Any] = []
        self.qtys: list[Any] = []
        self.heads: list[str] = []
        self.texts: list[str] = []
        self.crc_text: bytes | None = None
        self.version += 1


class Book:
    """The book of one pair at one depth. Read it through ``BookView``; only the store writes it.

    ``apply`` returns an empty text when the book is live afterwards, else the reason why it is not.
    """

    def __init__(self, instrument: Instrument, depth: int) -> None:
        self.instrument = instrument
        self.depth = depth
        self.state = BookState.WAITING
        self.reason = "waiting for the snapshot"
        self.asks = SideOfBook(-1)
        self.bids = SideOfBook(1)
        self.received = 0
        self.timestamp = ""
        self.checksum_ok = 0
        self.checksum_failed = 0
        self.resyncs = 0
        self._asks_crc = 0
        self._crc = 0
        self._set_scales(exact=False)

    def apply(self, change: BookChange[Any], *, snapshot: bool) -> str:
        """Apply one message: all levels in order, truncate, check. Updates before the snapshot change nothing."""
        if snapshot:
            self._begin(change)
        elif self.state is not BookState.LIVE:
            return self.reason
        problem = (
            (self._apply_side(self.asks, change.asks) if change.asks else "")
            or (self._apply_side(self.bids, change.bids) if change.bids else "")
            or self._verify(change.checksum)
        )
        if problem:
            self.fail(problem)
        else:
            self.checksum_ok += 1
            if snapshot:
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
        # One type for all arithmetic of the pair: mixing float and Decimal would raise.
        self._half: Any = Decimal("0.5") if exact else 0.5
        self._price_scale: Any = Decimal(10) ** price if exact else float(10**price)
        self._qty_scale: Any = Decimal(10) ** qty if exact else float(10**qty)
        self._max_price: Any = Decimal("Infinity") if exact else EXACT / self._price_scale
        self._max_qty: Any = Decimal("Infinity") if exact else EXACT / self._qty_scale

    def _apply_side(self, side: SideOfBook, levels: list[Level[Any]]) -> str:
        # The hot path: one loop, local names, and a checksum text only for levels that stand in the top ten.
        keys, qtys, heads, texts = side.keys, side.qtys, side.heads, side.texts
        half, qty_scale, max_qty, negate = self._half, self._qty_scale, self._max_qty, side.sign < 0
        size = len(keys)
        risen = False
        for level in levels:
            price, qty = level.price, level.qty
            key = -price if negate else price
            at = bisect_left(keys, key)
            if not 0 <= qty <= max_qty:
                return TOO_WIDE if qty > 0 else "a quantity is negative"
            if at < size and keys[at] == key:
                if not qty:
                    del keys[at], qtys[at], heads[at], texts[at]
                    size -= 1
                    if at > size - TOP:
                        risen = True
                    continue
                qtys[at] = qty
            elif qty:
                if not 0 < price <= self._max_price:
                    return TOO_WIDE if price > 0 else "a price is not above zero"
                keys.insert(at, key)
                qtys.insert(at, qty)
                heads.insert(at, "")
                texts.insert(at, "")
                size += 1
            else:
                continue
            if at < size - TOP:
                texts[at] = ""
            else:
                head = heads[at]
                if not head:
                    head = heads[at] = str(int(price * self._price_scale + half))
                texts[at] = head + str(int(qty * qty_scale + half))
                side.crc_text = None
        if size > self.depth:
            excess = size - self.depth
            del keys[:excess], qtys[:excess], heads[:excess], texts[:excess]
        if risen:
            self._fill_texts(side)
        side.version += 1
        return ""

    def _verify(self, expected: int) -> str:
        asks, bids = self.asks, self.bids
        if asks.crc_text is None:
            asks.crc_text = "".join(asks.texts[: -TOP - 1 : -1]).encode()
            self._asks_crc = crc32(asks.crc_text)
            if bids.crc_text is not None:
                self._crc = crc32(bids.crc_text, self._asks_crc)
        if bids.crc_text is None:
            bids.crc_text = "".join(bids.texts[: -TOP - 1 : -1]).encode()
            self._crc = crc32(bids.crc_text, self._asks_crc)
        if self._crc != expected:
            return f"checksum {self._crc} is not {expected}"
        if asks.keys and bids.keys and bids.keys[-1] >= -asks.keys[-1]:
            return "the book is crossed"
        return ""

    def _fill_texts(self, side: SideOfBook) -> None:
        # A level left the top ten and others rose into it, perhaps without a text.
        half, scale, qty_scale = self._half, self._price_scale * side.sign, self._qty_scale
        side.crc_text = None
        for at in range(max(0, len(side.keys) - TOP), len(side.keys)):
            if not side.texts[at]:
                head = side.heads[at] = side.heads[at] or str(int(side.keys[at] * scale + half))
                side.texts[at] = head + str(int(side.qtys[at] * qty_scale + half))

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
