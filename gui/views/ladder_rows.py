"""The ladder's arithmetic: which price stands on which row, and how much rests there. No Qt, no floats.

A row is an integer: its price in steps. Bids are gathered downwards and asks upwards, so that no row promises a
better price than the book gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import NamedTuple

from core.domain.instrument import Side

PriceQty = tuple[Decimal, Decimal]

GROUPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
"""Ticks a row can gather."""

PRICES_KEPT = 8192

FIRST_LEVELS = 32
"""Levels looked at before it is known whether more are in sight."""


class Rows(NamedTuple):
    """What the ladder shows: quantities (base) by row, that of the longest bar, the last print, own orders by row."""

    top: int
    step: Decimal
    bids: dict[int, Decimal]
    asks: dict[int, Decimal]
    largest: Decimal | None
    last: tuple[int, Side] | None
    own: dict[int, tuple[Side, Decimal]]

    def differing(self, before: Rows) -> set[int]:
        """Return the rows that read otherwise than before."""
        rows = {
            row
            for now, then in ((self.bids, before.bids), (self.asks, before.asks))
            for row, _ in now.items() ^ then.items()
        }
        rows |= {row for row, _ in self.own.items() ^ before.own.items()}
        if self.last != before.last:
            rows |= {last[0] for last in (self.last, before.last) if last is not None}
        return rows


def row_of(price: Decimal, step: Decimal, side: Side) -> int:
    """Return the row a level is gathered on: bids below or at their price, asks above or at it."""
    mode = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return int((price / step).to_integral_value(rounding=mode))


def gather(levels: Iterable[PriceQty], step: Decimal, side: Side) -> dict[int, Decimal]:
    """Return quantity (base) by row."""
    known = _rows_known(step, side is Side.BUY)
    rows: dict[int, Decimal] = {}
    for price, qty in levels:
        row = known.get(price)
        if row is None:
            row = known[price] = row_of(price, step, side)
        rows[row] = rows[row] + qty if row in rows else qty
    return rows


@lru_cache(maxsize=4)
def _rows_known(step: Decimal, is_buy: bool) -> _Bounded:
    """Rows of prices seen before: books repeat their prices, and dividing costs ten times as much as looking."""
    return _Bounded()


class _Bounded(dict[Decimal, int]):
    """Forgets everything when it has become large."""

    def __setitem__(self, price: Decimal, row: int) -> None:
        if len(self) >= PRICES_KEPT:
            self.clear()
        super().__setitem__(price, row)


def within(read: Callable[[int], list[PriceQty]], depth: int, last: Decimal, side: Side) -> list[PriceQty]:
    """Return the levels of a side down (bids) or up (asks) to price ``last``, and perhaps some more.

    ``read`` gives as many of the best levels as asked: those far out of sight need not be made.
    """
    count = FIRST_LEVELS
    while True:
        levels = read(min(count, depth))
        if len(levels) < count or (levels[-1][0] - last) * side.sign < 0:
            return levels
        count *= 2


def fitting_group(levels: Sequence[PriceQty], tick: Decimal, rows: int) -> int:
    """Return the finest grouping, in ticks, at which these levels of one side fit on ``rows`` rows."""
    if len(levels) < 2 or rows < 1:
        return 1
    span = abs(levels[-1][0] - levels[0][0]) / tick
    return next((group for group in GROUPS if span / group <= rows), GROUPS[-1])
