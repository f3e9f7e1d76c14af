"""What is usual for this trader on a pair: the size of his orders, and whether they rest or take.

Learned from fills of the past days and from what is sent now. Pure: told by its owner.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from statistics import median

from core.domain.ids import OrderId, Symbol
from core.domain.orders import Fill

REMEMBERED = 50
"""Orders of a pair that say what is usual."""

KNOWN_AFTER = 5
"""Fewer orders than this make no habit."""


class Habits:
    """Habits by pair."""

    def __init__(self) -> None:
        self._sizes: dict[Symbol, deque[Decimal]] = {}
        self._medians: dict[Symbol, Decimal | None] = {}
        self._rested: dict[Symbol, deque[bool]] = {}

    def median_size(self, symbol: Symbol) -> Decimal | None:
        """Return the median quantity (base) of the orders on a pair, ``None`` while there are too few."""
        return self._medians.get(symbol)

    def rests(self, symbol: Symbol) -> bool:
        """Whether limit orders on a pair were nearly all meant to rest: at most one of ten took."""
        told = self._rested.get(symbol, ())
        return len(told) >= 2 * KNOWN_AFTER and sum(told) * 10 >= len(told) * 9

    def learn_fills(self, fills: Iterable[Fill]) -> None:
        """Take in what was executed before this run, oldest first."""
        orders: dict[OrderId, list[Fill]] = {}
        for fill in fills:
            orders.setdefault(fill.order_id, []).append(fill)
        for parts in orders.values():
            self.learn(parts[0].symbol, sum((part.qty for part in parts), Decimal(0)))

    def learn(self, symbol: Symbol, qty: Decimal | None, rested: bool | None = None) -> None:
        """Remember an order. ``rested`` says of a plain limit order whether it was sent to rest."""
        if qty:
            sizes = self._sizes.setdefault(symbol, deque(maxlen=REMEMBERED))
            sizes.append(qty)
            self._medians[symbol] = median(sizes) if len(sizes) >= KNOWN_AFTER else None
        if rested is not None:
            self._rested.setdefault(symbol, deque(maxlen=REMEMBERED)).append(rested)
