"""Order books built from snapshots and updates. Pure: no clock, no I/O.

Knows when a book can no longer be trusted; does not know how to subscribe again, it only returns the wish.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any

import msgspec

from core.domain.effects import ResyncBook
from core.domain.health import BookState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.domain.market import BookChange
from core.domain.times import NS
from core.processing.book import Book
from core.processing.book_side import TOO_WIDE, PriceQty
from core.processing.store import Store

ZERO = Decimal(0)
BPS = Decimal(10_000)

NEAR_LEVELS = 10
"""Nearly every order that takes ends among these levels."""

FAILURE_WINDOW_NS = 60 * NS
RETRY_PAUSE_NS = 60 * NS
"""A pair that failed five times within the window is asked again only after the pause (faults, B7)."""


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
    """What may be read of a book. A book that is not live has no levels.

    The counts run since the book was first expected.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

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
    def received(self) -> int:
        """Monotonic time of the last message, ns; 0 before the first."""
        return self._book.received

    @property
    def timestamp(self) -> str:
        """Exchange time of the last message as sent, empty when it had none."""
        return self._book.timestamp

    @property
    def checksum_ok(self) -> int:
        """Messages that passed the checksum."""
        return self._book.verified

    @property
    def checksum_failed(self) -> int:
        """Messages that did not, or that crossed the book."""
        return self._book.failed

    @property
    def resyncs(self) -> int:
        """How often a fresh snapshot was needed."""
        return self._book.resyncs

    @property
    def unreliable(self) -> bool:
        """Whether the book failed so often that a fresh snapshot is asked only once a minute."""
        return self._book.retry_at is not None

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

    def floats(self, side: Side, count: int) -> tuple[list[float], list[float]]:
        """Prices and quantities of at most ``count`` levels, best first, as floats: for drawing only."""
        return self._book.floats(side, count)

    @property
    def best_bid(self) -> PriceQty | None:
        """Highest bid."""
        return next(iter(self.bids(1)), None)

    @property
    def best_ask(self) -> PriceQty | None:
        """Lowest ask."""
        return next(iter(self.asks(1)), None)

    def cumulative(self, side: Side, count: int) -> list[Decimal]:
        """Running quantity (base) of the best ``count`` levels, best first. ``side`` BUY means bids."""
        return list(accumulate(qty for _, qty in self._book.levels(side, count)))

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
        filled = cost = ZERO
        worst, count = None, 0
        for price, qty in self._met_by(side):
            left = (wanted - cost) / price if in_quote else wanted - filled
            if left <= 0 or (limit is not None and (price - limit) * side.sign > 0):
                break
            take = min(qty, left)
            filled += take
            cost += take * price
            worst, count = price, count + 1
        return Walk(cost / filled if filled else None, worst, filled, cost, count)

    def _met_by(self, side: Side) -> Iterator[PriceQty]:
        """The levels a taker of ``side`` meets. Nearly all end among the first: only who goes on has the rest made."""
        other = side.opposite
        yield from self._book.levels(other, min(NEAR_LEVELS, self.depth))
        yield from islice(self._book.levels(other, self.depth), NEAR_LEVELS, None)


class BookStore(Store[Symbol]):
    """All books, one depth a pair.

    A book that fails asks for one fresh snapshot; after five failures within a minute it is unreliable and asks only
    once a minute. ``retry_at`` is the monotonic time at which ``overdue`` has something to ask.
    """

    def __init__(self) -> None:
        super().__init__()
        self._books: dict[Symbol, Book] = {}
        self._views: dict[Symbol, BookView] = {}
        self.retry_at: int | None = None

    def expect(self, symbol: Symbol, depth: int, instrument: Instrument) -> None:
        """Await a snapshot of this book: it was just subscribed."""
        self._books[symbol] = book = Book(instrument, depth)
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

    def apply(self, change: BookChange[Any], snapshot: bool, now: int) -> ResyncBook | None:
        """Apply one message received at monotonic ``now`` and return the wish for a new snapshot, if any."""
        symbol = change.symbol
        book = self._books.get(symbol)
        if book is None:
            return None
        problem = book.apply(change, snapshot)
        book.received = now
        book.timestamp = change.timestamp or ""
        self._dirty.add(symbol)
        return self._failed(book, problem, now) if problem else None

    def distrust(self, symbol: Symbol, reason: str, now: int) -> ResyncBook | None:
        """Give up a live book of which a message was lost and return the wish for a new snapshot, if any."""
        book = self._books.get(symbol)
        if book is None or book.state is not BookState.LIVE:
            return None
        book.fail(reason)
        self.touch(symbol)
        return self._failed(book, reason, now)

    def regrid(self, instrument: Instrument) -> None:
        """Take over reference data. A book printed with other decimals from now on waits for a new snapshot."""
        book = self._books.get(instrument.symbol)
        if book is None:
            return
        if _decimals(book.instrument) == _decimals(instrument):
            book.instrument = instrument
        else:
            book.use(instrument, "the pair's precision changed")
        self.touch(instrument.symbol)

    def invalidate(self, reason: str, symbols: Iterable[Symbol] | None = None) -> None:
        """The line that carried these books, or all, was lost: none is live until its next snapshot."""
        for symbol in self.symbols() if symbols is None else symbols:
            book = self._books.get(symbol)
            if book is not None:
                book.wait(reason)
                book.retry_at = None
                self.touch(symbol)
        self._plan_retry()

    def overdue(self, now: int) -> list[ResyncBook]:
        """Return the wishes of unreliable books whose pause is over at monotonic ``now``."""
        due = [book for book in self._books.values() if book.retry_at is not None and book.retry_at <= now]
        for book in due:
            book.retry_at = None
        self._plan_retry()
        return [ResyncBook(book.instrument.symbol, book.reason) for book in due if book.reason]

    def _failed(self, book: Book, problem: str, now: int) -> ResyncBook | None:
        book.resyncs += 1
        if problem == TOO_WIDE:
            return ResyncBook(book.instrument.symbol, problem, exact=True)
        recent = book.failures
        recent.append(now)
        if len(recent) == recent.maxlen and now - recent[0] <= FAILURE_WINDOW_NS:
            book.retry_at = now + RETRY_PAUSE_NS
            self._plan_retry()
            return None
        return ResyncBook(book.instrument.symbol, problem)

    def _plan_retry(self) -> None:
        times = [book.retry_at for book in self._books.values() if book.retry_at is not None]
        self.retry_at = min(times, default=None)


def _decimals(instrument: Instrument) -> tuple[int, int]:
    return instrument.price_precision, instrument.qty_precision
