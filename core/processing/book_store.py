"""Order books built from snapshots and updates. Pure: no clock, no I/O.

Knows when a book can no longer be trusted; does not know how to subscribe again, it only returns the wish.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from core.domain.effects import ResyncBook
from core.domain.health import BookState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.domain.market import BookChange
from core.processing.book import TOO_WIDE, Book, PriceQty
from core.processing.store import Store

ZERO = Decimal(0)
BPS = Decimal(10_000)


class Walk(msgspec.Struct, frozen=True):
    """What taking a quantity from the book would cost, level by level.

    ``avg`` and ``worst`` in quote (``None`` when nothing could be filled), ``filled`` in base, ``cost`` in quote.
    """

    avg: Decimal | None
    worst: Decimal | None
    filled: Decimal
    cost: Decimal
    levels: int


class BookView:
    """What may be read of a book. A book that is not live has no levels."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def received(self) -> int:
        """Monotonic time of the last message, ns."""
        return self._book.received

    @property
    def checksum_ok(self) -> int:
        """Messages whose checksum fitted, since the book was first expected."""
        return self._book.checksum_ok

    @property
    def checksum_failed(self) -> int:
        """Messages after which the book had to be dropped."""
        return self._book.checksum_failed

    @property
    def resyncs(self) -> int:
        """Fresh snapshots asked for."""
        return self._book.resyncs

    @property
    def state(self) -> BookState:
        """Whether the book is live, waits for its snapshot, or lost its way."""
        return self._book.state

    @property
    def reason(self) -> str:
        """Why it is not live, in words; empty when it is."""
        return self._book.reason

    @property
    def instrument(self) -> Instrument:
        """The pair."""
        return self._book.instrument

    @property
    def depth(self) -> int:
        """Subscribed levels a side."""
        return self._book.depth

    @property
    def version(self) -> tuple[int, int]:
        """Changes whenever a level may have changed."""
        return self._book.bids.version, self._book.asks.version

    def bids(self, count: int) -> list[PriceQty]:
        """At most ``count`` (price, qty), highest price first."""
        return self._book.levels(Side.BUY, count)

    def asks(self, count: int) -> list[PriceQty]:
        """At most ``count`` (price, qty), lowest price first."""
        return self._book.levels(Side.SELL, count)

    @property
    def best_bid(self) -> PriceQty | None:
        """Highest bid."""
        return next(iter(self.bids(1)), None)

    @property
    def best_ask(self) -> PriceQty | None:
        """Lowest ask."""
        return next(iter(self.asks(1)), None)

    @property
    def mid(self) -> Decimal | None:
        """Half way between the touches, quote."""
        bid, ask = self.best_bid, self.best_ask
        return (bid[0] + ask[0]) / 2 if bid and ask else None

    @property
    def spread(self) -> Decimal | None:
        """Ask minus bid, quote."""
        bid, ask = self.best_bid, self.best_ask
        return ask[0] - bid[0] if bid and ask else None

    @property
    def spread_bps(self) -> Decimal | None:
        """Spread in hundredths of a percent of the mid."""
        mid, spread = self.mid, self.spread
        return spread / mid * BPS if mid and spread is not None else None

    def imbalance(self, count: int = 10) -> Decimal | None:
        """Share of bid quantity in the top ``count`` of both sides: 0 all asks, 1 all bids."""
        bid = sum((qty for _, qty in self.bids(count)), ZERO)
        ask = sum((qty for _, qty in self.asks(count)), ZERO)
        return bid / (bid + ask) if bid + ask else None

    def walk(self, side: Side, qty: Decimal, limit: Decimal | None = None) -> Walk:
        """Return what a taker of ``qty`` (base) on ``side`` would pay or get, no further than ``limit``."""
        return self._walk(side, qty, limit, in_quote=False)

    def walk_quote(self, side: Side, cost: Decimal) -> Walk:
        """Return what a taker spending ``cost`` (quote) would get from the visible levels."""
        return self._walk(side, cost, None, in_quote=True)

    def _walk(self, side: Side, wanted: Decimal, limit: Decimal | None, *, in_quote: bool) -> Walk:
        levels = self.asks(self.depth) if side is Side.BUY else self.bids(self.depth)
        filled = cost = ZERO
        worst, count = None, 0
        for price, qty in levels:
            left = (wanted - cost) / price if in_quote else wanted - filled
            if left <= 0 or (limit is not None and (price - limit) * side.sign > 0):
                break
            take = min(qty, left)
            filled += take
            cost += take * price
            worst, count = price, count + 1
        return Walk(cost / filled if filled else None, worst, filled, cost, count)


class BookStore(Store[Symbol]):
    """All books, one depth a pair."""

    def __init__(self) -> None:
        super().__init__()
        self._books: dict[Symbol, Book] = {}
        self._views: dict[Symbol, BookView] = {}

    def expect(self, symbol: Symbol, depth: int, instrument: Instrument) -> None:
        """Await a snapshot of this book: it was just subscribed."""
        book = self._books[symbol] = Book(instrument, depth)
        self._views[symbol] = BookView(book)
        self.touch(symbol)

    def drop(self, symbol: Symbol) -> None:
        """Forget a book nobody watches."""
        if self._books.pop(symbol, None) is not None:
            del self._views[symbol]
            self.touch(symbol)

    def view(self, symbol: Symbol) -> BookView | None:
        """Return the book of a pair, or ``None`` when nobody subscribed it."""
        return self._views.get(symbol)

    def symbols(self) -> list[Symbol]:
        """Pairs with a book."""
        return list(self._books)

    def apply(self, change: BookChange[Any], *, snapshot: bool, now: int) -> ResyncBook | None:
        """Apply one message received at monotonic ``now`` and return the wish for a new snapshot, if any."""
        symbol = change.symbol
        book = self._books.get(symbol)
        if book is None:
            return None
        was_live = book.state is BookState.LIVE
        book.received = now
        problem = book.apply(change, snapshot=snapshot)
        self._dirty.add(symbol)
        if not problem or not (snapshot or was_live):
            return None
        book.checksum_failed += problem != TOO_WIDE
        book.resyncs += 1
        return ResyncBook(symbol, problem, exact=problem == TOO_WIDE)

    def invalidate(self, reason: str) -> None:
        """The line was lost: no book is live until its next snapshot."""
        for symbol, book in self._books.items():
            book.wait(reason)
            self.touch(symbol)
