"""The open orders of a pair in the few figures the checks need."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.orders import Order, OrderStatus
from core.processing.order_store import Changes, OrderKey, OrderStore

ZERO = Decimal(0)


class OwnOrders(msgspec.Struct, frozen=True, kw_only=True):
    """``buy_leaves`` in base; ``best_buy`` and ``best_sell`` are limits in the book or on their way there, quote."""

    count: int = 0
    buy_leaves: Decimal = ZERO
    best_buy: Decimal | None = None
    best_sell: Decimal | None = None
    doubtful_buys: int = 0
    doubtful_sells: int = 0

    def opposite(self, side: Side) -> Decimal | None:
        """Return the own price an order of this side would meet first."""
        return self.best_sell if side is Side.BUY else self.best_buy

    def doubtful(self, side: Side) -> int:
        """Return how many orders of a side are of unknown state."""
        return self.doubtful_buys if side is Side.BUY else self.doubtful_sells


NONE = OwnOrders()


def summary(orders: Iterable[Order]) -> OwnOrders:
    """Return the figures of these open orders."""
    buys = sells = doubtful_buys = doubtful_sells = 0
    leaves, best_buy, best_sell = ZERO, None, None
    for order in orders:
        terms = order.terms
        doubtful = order.reported is OrderStatus.IN_DOUBT
        price = terms.limit_price.value if order.trigger is None or order.triggered else ZERO
        if order.side is Side.BUY:
            buys += 1
            doubtful_buys += doubtful
            leaves += terms.qty.value - order.cum_qty
            if price and (best_buy is None or price > best_buy):
                best_buy = price
        else:
            sells += 1
            doubtful_sells += doubtful
            if price and (best_sell is None or price < best_sell):
                best_sell = price
    return OwnOrders(
        count=buys + sells,
        buy_leaves=leaves,
        best_buy=best_buy,
        best_sell=best_sell,
        doubtful_buys=doubtful_buys,
        doubtful_sells=doubtful_sells,
    )


class _Side:
    """One side of a pair by order: the few figures of each that a summary is made of."""

    def __init__(self) -> None:
        self.leaves: dict[OrderKey, Decimal] = {}
        self.prices: dict[OrderKey, Decimal] = {}
        self.doubtful: set[OrderKey] = set()

    def take(self, key: OrderKey, order: Order) -> None:
        """Take an order in that is not here."""
        terms = order.terms
        self.leaves[key] = terms.qty.value - order.cum_qty
        if terms.limit_price.value and (order.trigger is None or order.triggered):
            self.prices[key] = terms.limit_price.value
        if order.reported is OrderStatus.IN_DOUBT:
            self.doubtful.add(key)

    def drop(self, key: OrderKey) -> None:
        """Forget an order."""
        del self.leaves[key]
        self.prices.pop(key, None)
        self.doubtful.discard(key)


class OwnOrdersReader:
    """Summaries by pair. Of the orders only those that changed are read again."""

    def __init__(self, orders: OrderStore) -> None:
        self._orders = orders
        self._changes = Changes()
        self._version = 0
        self._sides: dict[tuple[Symbol, Side], _Side] = {}
        self._place: dict[OrderKey, tuple[Symbol, Side]] = {}
        self._known: dict[Symbol, OwnOrders] = {}

    def of(self, symbol: Symbol) -> OwnOrders:
        """Return the summary of a pair now."""
        changes = self._orders.changes
        if changes is not self._changes or changes.version != self._version:
            self._catch_up(changes)
        found = self._known.get(symbol)
        if found is None:
            found = self._known[symbol] = self._summary(symbol)
        return found

    def _catch_up(self, changes: Changes) -> None:
        keys: Iterable[OrderKey] | None = changes.since(self._version) if changes is self._changes else None
        self._changes, self._version = changes, changes.version
        if keys is None:  # another store's orders, or too many changes: all anew
            self._sides.clear()
            self._place.clear()
            self._known.clear()
            keys = [key for key, _ in self._orders.open_items()]
        for key in keys:
            self._read(key)

    def _read(self, key: OrderKey) -> None:
        place = self._place.pop(key, None)
        if place is not None:
            self._sides[place].drop(key)
            self._known.pop(place[0], None)
        order = self._orders.open_by_key(key)
        if order is not None:
            place = self._place[key] = (order.symbol, order.side)
            self._sides.setdefault(place, _Side()).take(key, order)
            self._known.pop(order.symbol, None)

    def _summary(self, symbol: Symbol) -> OwnOrders:
        buys = self._sides.get((symbol, Side.BUY)) or _Side()
        sells = self._sides.get((symbol, Side.SELL)) or _Side()
        return OwnOrders(
            count=len(buys.leaves) + len(sells.leaves),
            buy_leaves=sum(buys.leaves.values(), ZERO),
            best_buy=max(buys.prices.values(), default=None),
            best_sell=min(sells.prices.values(), default=None),
            doubtful_buys=len(buys.doubtful),
            doubtful_sells=len(sells.doubtful),
        )
