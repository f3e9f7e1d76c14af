"""One order book: two sides, verified after every message.

Pure: no clock, no I/O. The CRC is computed only when one of the best ten levels changed, and only the side that did is
joined anew. Source: Kraken guide "Book checksum (WebSocket v2)".
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import Any
from zlib import crc32 as crc32_of_zlib

from core.domain.health import BookState
from core.domain.instrument import Instrument, Side
from core.domain.market import BookChange
from core.processing.book_side import (
    COMPILED,
    TOO_WIDE,
    Digits,
    MakeSide,
    MisfitError,
    PriceQty,
    Rows,
    make_side,
)
from core.processing.checksum import TOP

FAILURES_TOLERATED = 5

LIVE = BookState.LIVE

crc32 = crc32_of_zlib if COMPILED is None else COMPILED.crc32


class Book:
    """The book of one pair at one depth. Read it through ``BookStore``'s views; only the store writes it.

    ``reason`` says why the book is not live. A book that is not live has no levels.
    """

    __slots__ = (
        "_asks_crc",
        "_asks_shown",
        "_bids_shown",
        "_crc",
        "_exact",
        "_make_side",
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

    def __init__(self, instrument: Instrument, depth: int, sides: MakeSide = make_side) -> None:
        assert depth >= TOP, "the checksum needs ten levels a side"
        self.depth = depth
        self._make_side = sides
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
        self._make_sides(exact=False)
        self.wait(reason)

    def wait(self, reason: str) -> None:
        """Forget all levels and expect a new snapshot."""
        self._leave(BookState.WAITING, reason)

    def apply(self, change: BookChange[Any], snapshot: bool) -> str:
        """Apply one message: all levels in order, truncate, check. Updates before the snapshot change nothing.

        Returns an empty text, or why the book cannot be trusted from now on.
        """
        if snapshot:
            self._leave(LIVE, "")
            self._crc = self._asks_crc = 0
        elif self.state is not LIVE:
            return ""
        asks, bids = self.asks, self.bids
        if not bids.count and not asks.count:
            self._choose_numbers(change)
            asks, bids = self.asks, self.bids
        try:
            levels = change.asks
            changed = False
            if levels and asks.apply(levels):
                self._asks_crc = crc32(asks.text)
                changed = True
            levels = change.bids
            if (levels and bids.apply(levels)) or changed:
                self._crc = crc32(bids.text, self._asks_crc)
                if bids.touch >= -asks.touch:
                    return self.fail("the book is crossed")
        except MisfitError as misfit:
            return self.fail(misfit.reason)
        if self._crc != change.checksum:
            return self.fail(f"checksum {self._crc} is not {change.checksum}")
        self.verified += 1
        return ""

    def levels(self, side: Side, count: int) -> list[PriceQty]:
        """Return at most ``count`` levels of exact (price, qty), best first. ``side`` BUY means bids."""
        return (self._bids_shown if side is Side.BUY else self._asks_shown).exact(count)

    def floats(self, side: Side, count: int) -> tuple[list[float], list[float]]:
        """Return prices and quantities of at most ``count`` levels, best first, as floats: for drawing only."""
        return (self._bids_shown if side is Side.BUY else self._asks_shown).floats(count)

    def fail(self, problem: str) -> str:
        """Drop the levels of a book that cannot be trusted until its next snapshot. Returns the problem."""
        self.failed += problem != TOO_WIDE
        self._leave(BookState.OUT_OF_SYNC, problem)
        return problem

    def _choose_numbers(self, change: BookChange[Any]) -> None:
        # A pair is switched to exact decoding between two snapshots, and the first of its levels tells.
        first = next(iter(change.bids or change.asks), None)
        exact = first is not None and isinstance(first.price, Decimal)
        if exact is not self._exact:
            self._make_sides(exact=exact)

    def _make_sides(self, *, exact: bool) -> None:
        self._exact = exact
        ask_digits = Digits(self.instrument, negated=True, exact=exact)
        bid_digits = Digits(self.instrument, negated=False, exact=exact)
        self.asks = self._make_side(ask_digits, self.depth)
        self.bids = self._make_side(bid_digits, self.depth)
        self._asks_shown = Rows(self.asks, ask_digits)
        self._bids_shown = Rows(self.bids, bid_digits)

    def _leave(self, state: BookState, reason: str) -> None:
        self.state, self.reason = state, reason
        self.asks.clear()
        self.bids.clear()
