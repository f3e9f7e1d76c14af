"""Level-3 books: every visible resting order in queue order, verified by checksum. Source: channel ``level3``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from core.domain.effects import ResyncQueue
from core.domain.health import BookState
from core.domain.ids import OrderId, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.market import QueueChange, QueueOrder
from core.processing.checksum import TOP, checksum, piece
from core.processing.store import Store

ZERO = Decimal(0)
_Levels = dict[Decimal, dict[OrderId, Decimal]]


class QueueBook:
    """One pair's resting orders. ``state`` is live only while the checksum holds."""

    def __init__(self, instrument: Instrument, depth: int) -> None:
        self.instrument = instrument
        self.depth = depth
        self.state = BookState.WAITING
        self._levels: dict[Side, _Levels] = {Side.BUY: {}, Side.SELL: {}}
        self._price_of: dict[OrderId, tuple[Side, Decimal]] = {}

    def prices(self, side: Side) -> list[Decimal]:
        """Return the price levels of a side, best first. ``side`` BUY means bids."""
        return sorted(self._levels[side], reverse=side is Side.BUY)

    def queue(self, side: Side, price: Decimal) -> list[tuple[OrderId, Decimal]]:
        """Return the orders at a price, first in the queue first."""
        return list(self._levels[side].get(price, {}).items())

    def ahead_of(self, order_id: OrderId) -> tuple[int, Decimal] | None:
        """Return how many orders and how much (base) stand before an order, ``None`` when it is not visible."""
        where = self._price_of.get(order_id)
        if where is None or self.state is not BookState.LIVE:
            return None
        count, qty = 0, ZERO
        for other, size in self._levels[where[0]][where[1]].items():
            if other == order_id:
                break
            count, qty = count + 1, qty + size
        return count, qty

    def apply(self, change: QueueChange, *, snapshot: bool) -> str:
        """Apply one message; returns why the book is not live afterwards, empty when it is."""
        if snapshot:
            self.clear()
        elif self.state is not BookState.LIVE:
            return "waiting for the snapshot"
        for side, orders in ((Side.SELL, change.asks), (Side.BUY, change.bids)):
            for order in orders:
                self._apply_order(side, order)
            self._truncate(side)
        problem = self._problem(change.checksum)
        self.state = BookState.OUT_OF_SYNC if problem else BookState.LIVE
        return problem

    def clear(self) -> None:
        """Forget all orders and wait for a snapshot."""
        self._levels = {Side.BUY: {}, Side.SELL: {}}
        self._price_of.clear()
        self.state = BookState.WAITING

    def _apply_order(self, side: Side, order: QueueOrder) -> None:
        known = self._price_of.get(order.order_id)
        if order.event == "delete":
            self._remove(order.order_id)
            return
        qty = order.order_qty or ZERO
        if known is not None:
            level = self._levels[known[0]][known[1]]
            if known == (side, order.limit_price) and qty <= level[order.order_id]:
                level[order.order_id] = qty  # smaller at the same price keeps its place
                return
            self._remove(order.order_id)
        self._levels[side].setdefault(order.limit_price, {})[order.order_id] = qty
        self._price_of[order.order_id] = (side, order.limit_price)

    def _remove(self, order_id: OrderId) -> None:
        where = self._price_of.pop(order_id, None)
        if where is None:
            return
        levels = self._levels[where[0]]
        del levels[where[1]][order_id]
        if not levels[where[1]]:
            del levels[where[1]]

    def _truncate(self, side: Side) -> None:
        if len(self._levels[side]) > self.depth:
            for price in self.prices(side)[self.depth :]:
                for order_id in self._levels[side].pop(price):
                    del self._price_of[order_id]

    def _problem(self, told: int) -> str:
        crc = checksum(self._pieces(Side.SELL), self._pieces(Side.BUY))
        if crc != told:
            return f"checksum {crc} is not {told}"
        bids, asks = self._levels[Side.BUY], self._levels[Side.SELL]
        if bids and asks and max(bids) >= min(asks):
            return f"bid {max(bids)} is not below ask {min(asks)}"
        return ""

    def _pieces(self, side: Side) -> Iterable[str]:
        instrument = self.instrument
        for price in self.prices(side)[:TOP]:
            head = piece(f"{price:.{instrument.price_precision}f}")
            for qty in self._levels[side][price].values():
                yield head + piece(f"{qty:.{instrument.qty_precision}f}")


class QueueStore(Store[Symbol]):
    """All level-3 books."""

    def __init__(self) -> None:
        super().__init__()
        self._books: dict[Symbol, QueueBook] = {}

    def expect(self, symbol: Symbol, depth: int, instrument: Instrument) -> None:
        """Await a snapshot: it was just subscribed."""
        self._books[symbol] = QueueBook(instrument, depth)
        self.touch(symbol)

    def drop(self, symbol: Symbol) -> None:
        """Forget a book nobody watches."""
        if self._books.pop(symbol, None) is not None:
            self.touch(symbol)

    def get(self, symbol: Symbol) -> QueueBook | None:
        """Return a pair's queue, or ``None`` when nobody subscribed it."""
        return self._books.get(symbol)

    def apply(self, change: QueueChange, *, snapshot: bool) -> ResyncQueue | None:
        """Apply one message and return the wish for a new snapshot, if any."""
        book = self._books.get(change.symbol)
        if book is None:
            return None
        was_live = book.state is BookState.LIVE
        problem = book.apply(change, snapshot=snapshot)
        self.touch(change.symbol)
        return ResyncQueue(change.symbol, problem) if problem and (snapshot or was_live) else None

    def distrust(self, symbol: Symbol, reason: str) -> ResyncQueue | None:
        """Give up a live book of which a message was lost and return the wish for a new snapshot, if any."""
        book = self._books.get(symbol)
        if book is None or book.state is not BookState.LIVE:
            return None
        book.clear()
        self.touch(symbol)
        return ResyncQueue(symbol, reason)

    def regrid(self, instrument: Instrument) -> None:
        """Take over reference data; the decimals are part of the checksum from now on."""
        book = self._books.get(instrument.symbol)
        if book is not None:
            book.instrument = instrument

    def invalidate(self) -> None:
        """The line was lost: nothing is exact until the next snapshots."""
        for symbol, book in self._books.items():
            book.clear()
            self.touch(symbol)

    def symbols(self) -> Sequence[Symbol]:
        """Pairs with a level-3 book."""
        return tuple(self._books)
