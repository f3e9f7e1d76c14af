"""One pair's resting orders in price-time order. Prices and quantities are integers: steps and lots of the pair.

Integers keep the arithmetic exact and fast; :class:`Grid` turns them into the exact decimals of the wire.
Only visible quantity counts as depth; the hidden part of an iceberg waits in its order.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from decimal import Decimal

from core.sim.model import PairSpec, SimOrder


class Grid:
    """Exact conversion between decimals and integer steps (price) or lots (quantity)."""

    __slots__ = ("lot", "step")

    def __init__(self, spec: PairSpec) -> None:
        self.step = spec.price_increment
        self.lot = spec.qty_increment

    def price(self, ticks: int) -> Decimal:
        """Price of a number of steps, with the pair's decimals."""
        return ticks * self.step

    def qty(self, lots: int) -> Decimal:
        """Quantity of a number of lots, with the pair's decimals."""
        return lots * self.lot

    def ticks(self, price: Decimal) -> int:
        """Steps of a price that is on the grid."""
        return int(price / self.step)

    def lots(self, qty: Decimal) -> int:
        """Lots of a quantity that is on the grid."""
        return int(qty / self.lot)


class Resting:
    """A place in a queue: visible and hidden lots, and the account's order, or None for the market's own."""

    __slots__ = ("count", "hidden", "is_buy", "lots", "order", "ticks", "ts_ns")

    def __init__(
        self, count: int, is_buy: bool, ticks: int, lots: int, ts_ns: int, order: SimOrder | None = None
    ) -> None:
        self.count = count
        self.is_buy = is_buy
        self.ticks = ticks
        self.lots = lots
        self.hidden = 0
        self.ts_ns = ts_ns
        self.order = order


class Level:
    """The queue at one price, oldest first, and its visible total in lots."""

    __slots__ = ("queue", "total")

    def __init__(self) -> None:
        self.queue: dict[int, Resting] = {}
        self.total = 0


class Side:
    """One side of a book. ``keys`` are sorted so that the best is last: the price for bids, its negative for asks.

    ``orders`` counts what rests in all queues.
    """

    __slots__ = ("keys", "levels", "orders", "sign")

    def __init__(self, is_buy: bool) -> None:
        self.sign = 1 if is_buy else -1
        self.keys: list[int] = []
        self.levels: dict[int, Level] = {}
        self.orders = 0

    def best(self) -> int | None:
        """Best price in steps, or None when empty."""
        return self.keys[-1] * self.sign if self.keys else None

    def level(self, ticks: int) -> Level | None:
        """The queue at a price, if any."""
        return self.levels.get(ticks * self.sign)

    def best_first(self) -> Iterator[tuple[int, Level]]:
        """Prices and queues from the best outwards."""
        for key in reversed(self.keys):
            yield key * self.sign, self.levels[key]

    def place(self, ticks: int) -> Level:
        """The queue at a price, opened if it did not exist."""
        key = ticks * self.sign
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = Level()
            insort(self.keys, key)
        return level

    def close(self, ticks: int) -> None:
        """Drop an empty queue."""
        key = ticks * self.sign
        del self.levels[key]
        del self.keys[bisect_left(self.keys, key)]


class Book:
    """Both sides. ``on_level(is_buy, ticks)`` and ``on_order(event, resting)`` hear every visible change."""

    def __init__(
        self,
        grid: Grid,
        on_level: Callable[[bool, int], None],
        on_order: Callable[[str, Resting], None],
    ) -> None:
        self.grid = grid
        self.bids = Side(True)
        self.asks = Side(False)
        self._on_level = on_level
        self._on_order = on_order

    def side(self, is_buy: bool) -> Side:
        """The side orders of this direction rest on."""
        return self.bids if is_buy else self.asks

    def crosses(self, is_buy: bool, ticks: int) -> bool:
        """Whether an order at this price would trade at once."""
        best = self.side(not is_buy).best()
        return best is not None and (ticks >= best if is_buy else ticks <= best)

    def add(self, resting: Resting) -> None:
        """Join the back of the queue."""
        side = self.side(resting.is_buy)
        level = side.place(resting.ticks)
        level.queue[resting.count] = resting
        level.total += resting.lots
        side.orders += 1
        self._on_level(resting.is_buy, resting.ticks)
        self._on_order("add", resting)

    def remove(self, resting: Resting) -> None:
        """Leave the book."""
        side = self.side(resting.is_buy)
        level = side.levels[resting.ticks * side.sign]
        del level.queue[resting.count]
        level.total -= resting.lots
        side.orders -= 1
        if not level.queue:
            side.close(resting.ticks)
        self._on_level(resting.is_buy, resting.ticks)
        self._on_order("delete", resting)

    def resize(self, resting: Resting, lots: int) -> None:
        """Change the visible quantity in place; the position in the queue stays."""
        level = self.side(resting.is_buy).place(resting.ticks)
        level.total += lots - resting.lots
        resting.lots = lots
        self._on_level(resting.is_buy, resting.ticks)
        self._on_order("modify", resting)

    def take(self, resting: Resting, lots: int) -> None:
        """Execute visible lots of a resting order; an order with nothing visible left leaves the book."""
        if lots < resting.lots:
            self.resize(resting, resting.lots - lots)
            return
        self.remove(resting)
        resting.lots = 0

    def depth(self, is_buy: bool, count: int) -> list[tuple[Decimal, Decimal]]:
        """Up to ``count`` levels of one side, best first: price and visible total."""
        side, grid = self.side(is_buy), self.grid
        keys = side.keys[: -count - 1 : -1]
        return [(grid.price(key * side.sign), grid.qty(side.levels[key].total)) for key in keys]
