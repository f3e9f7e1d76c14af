"""The open orders of a pair in the few figures the checks need, reckoned anew only when an order changed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.orders import Order, OrderStatus
from core.processing.order_store import OrderStore

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
    """Return the figures of these open orders. Once a check after every change: kept lean."""
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


class OwnOrdersReader:
    """Summaries by pair, kept until an order changes."""

    def __init__(self, orders: OrderStore) -> None:
        self._orders = orders
        self._version = -1
        self._known: dict[Symbol, OwnOrders] = {}

    def of(self, symbol: Symbol) -> OwnOrders:
        """Return the summary of a pair now."""
        if self._version != self._orders.version:
            self._version = self._orders.version
            self._known.clear()
        found = self._known.get(symbol)
        if found is None:
            found = self._known[symbol] = summary(self._orders.each_open(symbol))
        return found
