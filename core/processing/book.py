"""One order book: levels kept sorted, truncated to depth and verified after every message.

Each side is two parallel sorted lists (keys, quantities) with the best level at the end, where inserting is cheap;
asks are kept under negated prices so that one piece of code serves both sides. Beside them stand the checksum texts of
the best ten, made when such a level changes; the CRC is computed only when one of them did.

Numbers are ``float`` where they have at most 15 significant digits, and then every one is the nearest double to
``n / 10**decimals`` with ``n < 10**15``. Multiplying by ``10**decimals`` (exact as a double up to ``10**22``) is off by
less than ``n * 2**-52 < 0.23``, so adding a half and cutting gives ``n`` back: nothing is lost. Pairs with more digits
are kept as integers made from ``Decimal``, by the same code. Source: Kraken guide "Book checksum (WebSocket v2)".
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from decimal import Context, Decimal
from typing import Any
from zlib import crc32

from core.domain.health import BookState
from core.domain.instrument import Instrument, Side
from core.domain.market import BookChange, Level
from core.processing.checksum import TOP

FLOAT_LIMIT = 10**15
"""Integers of the last decimal below this survive the way through a double."""

EXACT_LIMIT = Decimal(10) ** 40
"""Numbers above this are nobody's price; computing with them would take minutes."""

EXACT = Context(prec=100)
"""Arithmetic that never rounds numbers below ``EXACT_LIMIT``; the default context cuts at 28 digits."""

FAILURES_TOLERATED = 5

TOO_WIDE = "a number has more digits than a double holds"
"""Reason that asks for exact decoding of the pair."""

PriceQty = tuple[Decimal, Decimal]

LIVE = BookState.LIVE


class BookSide:
    """One side. ``keys`` ascend to the best level, asks negated; ``top`` has the checksum texts, best first."""

    __slots__ = ("_made", "_rows", "_rows_version", "keys", "negated", "qtys", "top", "version")

    def __init__(self, *, negated: bool) -> None:
        self.negated = negated
        self.version = 0
        self.keys: list[Any] = []
        self.qtys: list[Any] = []
        self.top: list[bytes] = []
        self._made: dict[Any, tuple[Any, PriceQty]] = {}
        self._rows: list[PriceQty] = []
        self._rows_version = -1

    def clear(self) -> None:
        """Forget all levels."""
        self.version += 1
        self.keys, self.qtys, self.top = [], [], []
        self._made.clear()

    def rows(self, count: int, scales: _Scales) -> list[PriceQty]:
        """Return at most ``count`` exact levels, best first. Levels that did not change are not made again."""
        count = min(max(count, 0), len(self.keys))
        if self._rows_version != self.version:
            self._rows, self._rows_version = [], self.version
            if len(self._made) > 2 * len(self.keys) + TOP:
                self._made.clear()
        rows, made, keys, qtys = self._rows, self._made, self.keys, self.qtys
        for at in range(-len(rows) - 1, -count - 1, -1):
            key, qty = keys[at], qtys[at]
            known = made.get(key)
            if known is None or known[0] != qty:
                known = made[key] = (qty, scales.row(abs(key), qty))
            rows.append(known[1])
        return rows[:count]


class _Scales:
    """How the pair's numbers become integers of their last decimal, and those exact decimals again."""

    def __init__(self, instrument: Instrument, *, exact: bool) -> None:
        price, qty = instrument.price_precision, instrument.qty_precision
        self._decimals = (-price, -qty)
        # One type for all arithmetic of a pair: integers stay integers.
        half, price_scale, qty_scale = (0, 1, 1) if exact else (0.5, float(10**price), float(10**qty))
        self.max_price = float("inf") if exact else FLOAT_LIMIT / price_scale
        max_qty = float("inf") if exact else FLOAT_LIMIT / qty_scale
        self._bids = (half, price_scale, qty_scale, max_qty)
        self._asks = (half, -price_scale, qty_scale, max_qty)

    def of(self, negated: bool) -> tuple[Any, Any, Any, Any]:
        """Return what to add before cutting, the scales of keys and quantities, and the largest quantity."""
        return self._asks if negated else self._bids

    def row(self, price: Any, qty: Any) -> PriceQty:
        """Return a level as exact decimals, with the decimals of the pair."""
        half, price_scale, qty_scale, _ = self._bids
        price_decimals, qty_decimals = self._decimals
        return (
            Decimal(int(price * price_scale + half)).scaleb(price_decimals, EXACT),
            Decimal(int(qty * qty_scale + half)).scaleb(qty_decimals, EXACT),
        )


class Book:
    """The book of one pair at one depth. Read it through ``BookStore``'s views; only the store writes it.

    ``reason`` says why the book is not live. A book that is not live has no levels.
    """

    __slots__ = (
        "_crc",
        "_exact",
        "_scales",
        "asks",
        "bids",
        "depth",
        "failed",
        "failures",
        "instrument",
        "reason",
        "received",
        "resyncs",
        "retry_at",
        "state",
        "timestamp",
        "verified",
    )

    def __init__(self, instrument: Instrument, depth: int) -> None:
        assert depth >= TOP, "the checksum needs ten levels a side"
        self.depth = depth
        self.asks = BookSide(negated=True)
        self.bids = BookSide(negated=False)
        self.received = 0
        self.timestamp = ""
        self.verified = 0
        self.failed = 0
        self.resyncs = 0
        self.failures: deque[int] = deque(maxlen=FAILURES_TOLERATED)
        self.retry_at: int | None = None
        self.use(instrument, "waiting for the snapshot")

    def use(self, instrument: Instrument, reason: str) -> None:
        """Take over the pair's grid and expect a new snapshot."""
        self.instrument = instrument
        self._use_numbers(exact=False)
        self.wait(reason)

    def wait(self, reason: str) -> None:
        """Forget all levels and expect a new snapshot."""
        self._leave(BookState.WAITING, reason)

    def apply(self, change: BookChange[Any], snapshot: bool) -> str:
        """Apply one message: all levels in order, truncate, check. Updates before the snapshot change nothing.

        Returns an empty text, or why the book cannot be trusted from now on.
        """
        asks, bids = self.asks, self.bids
        if snapshot:
            asks.clear()
            bids.clear()
            self._crc = 0
            self.state, self.reason = LIVE, ""
        elif self.state is not LIVE:
            return ""
        if not asks.keys and not bids.keys:
            self._choose_numbers(change)
        try:
            changed = self._apply_side(asks, change.asks)
            if self._apply_side(bids, change.bids) or changed:
                self._crc = crc32(b"".join(asks.top + bids.top))
                if asks.keys and bids.keys and bids.keys[-1] >= -asks.keys[-1]:
                    return self.fail("the book is crossed")
        except _Misfit as misfit:
            return self.fail(misfit.reason)
        if self._crc != change.checksum:
            return self.fail(f"checksum {self._crc} is not {change.checksum}")
        self.verified += 1
        return ""

    def levels(self, side: Side, count: int) -> list[PriceQty]:
        """Return at most ``count`` levels of exact (price, qty), best first. ``side`` BUY means bids."""
        return (self.bids if side is Side.BUY else self.asks).rows(count, self._scales)

    def fail(self, problem: str) -> str:
        """Drop the levels of a book that cannot be trusted until its next snapshot. Returns the problem."""
        self.failed += problem != TOO_WIDE
        self._leave(BookState.OUT_OF_SYNC, problem)
        return problem

    def _leave(self, state: BookState, reason: str) -> None:
        self.state, self.reason = state, reason
        self.asks.clear()
        self.bids.clear()

    def _choose_numbers(self, change: BookChange[Any]) -> None:
        # Asked only while the book is empty: a pair is switched to exact decoding between two snapshots.
        first = next(iter(change.bids or change.asks), None)
        exact = first is not None and isinstance(first.price, Decimal)
        if exact is not self._exact:
            self._use_numbers(exact=exact)

    def _use_numbers(self, *, exact: bool) -> None:
        self._exact = exact
        self._scales = _Scales(self.instrument, exact=exact)

    def _apply_side(self, side: BookSide, levels: list[Level[Any]]) -> bool:
        """Apply levels in order and truncate. Returns whether the top ten may have changed.

        The hot path: one loop with local names, no calls but bisect and the text of a level in the top ten.
        At any moment ``top`` belongs to exactly the best ``len(top)`` levels; it is made ten again at the end.
        """
        if not levels:
            return False
        if self._exact:
            levels = self._in_ticks(levels)
        keys, qtys, top, negated = side.keys, side.qtys, side.top, side.negated
        half, price_scale, qty_scale, max_qty = self._scales.of(negated)
        count, changed = len(keys), False
        for level in levels:
            qty = level.qty
            key = -level.price if negated else level.price
            if not 0 <= qty <= max_qty:
                raise _Misfit(TOO_WIDE if qty > 0 else "a quantity is negative")
            at = bisect_left(keys, key)
            rank = count - at
            if rank and keys[at] == key:
                in_top = rank <= len(top)
                if qty:
                    qtys[at] = qty
                    if in_top:
                        top[rank - 1] = b"%d%d" % (int(key * price_scale + half), int(qty * qty_scale + half))
                        changed = True
                else:
                    del keys[at], qtys[at]
                    count -= 1
                    if in_top:
                        del top[rank - 1]
                        changed = True
            elif qty:
                if not 0 < level.price <= self._scales.max_price:
                    raise _Misfit(TOO_WIDE if level.price > 0 else "a price is not above zero")
                keys.insert(at, key)
                qtys.insert(at, qty)
                count += 1
                if rank < TOP and rank <= len(top):
                    top.insert(rank, b"%d%d" % (int(key * price_scale + half), int(qty * qty_scale + half)))
                    del top[TOP:]
                    changed = True
        side.version += 1
        if count > self.depth:
            del keys[: count - self.depth], qtys[: count - self.depth]
        if len(top) != TOP:
            self._fill_top(side)
        return changed

    def _fill_top(self, side: BookSide) -> None:
        half, price_scale, qty_scale, _ = self._scales.of(side.negated)
        top, keys, qtys = side.top, side.keys, side.qtys
        del top[TOP:]
        for at in range(len(top) + 1, min(TOP, len(keys)) + 1):
            top.append(b"%d%d" % (int(keys[-at] * price_scale + half), int(qtys[-at] * qty_scale + half)))

    def _in_ticks(self, levels: list[Level[Any]]) -> list[Level[Any]]:
        price, qty = self.instrument.price_precision, self.instrument.qty_precision
        return [Level(_ticks(level.price, price), _ticks(level.qty, qty)) for level in levels]


class _Misfit(Exception):
    """A level that no book of this pair can hold. Never leaves this module."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _ticks(value: Decimal, precision: int) -> int:
    """Return a number as an integer of the pair's last decimal."""
    if not value.is_finite() or value.copy_abs() >= EXACT_LIMIT:
        raise _Misfit("a number is beyond reason")
    scaled = value.scaleb(precision, EXACT)
    if scaled != (ticks := int(scaled)):
        raise _Misfit("a number has more decimals than the pair")
    return ticks
