"""Scaled entry: a quantity spread over several resting prices, placed together and ended together."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, cast

import msgspec

from core.app.strategy import Params, Strategy
from core.app.strategy_desk import Desk
from core.domain.instrument import Instrument, Side

ZERO = Decimal(0)
LOT = 15
"""Orders in one request (Kraken "Batch add")."""


class Weights(StrEnum):
    """How the quantity is spread from the first price to the last."""

    EQUAL = "equal"
    RISING = "rising"
    FALLING = "falling"


class ScaledParams(Params, frozen=True, kw_only=True):
    """``qty`` in base over ``count`` prices from ``from_price`` to ``to_price``, evenly apart."""

    side: Side = Side.BUY
    qty: Decimal
    from_price: Decimal
    to_price: Decimal
    count: Annotated[int, msgspec.Meta(ge=2, le=60)] = 5
    weights: Weights = Weights.EQUAL
    post_only: bool = True

    def __post_init__(self) -> None:
        prices = (self.from_price, self.to_price)
        if any(not value.is_finite() or value <= 0 for value in (self.qty, *prices)):
            raise ValueError("quantity and prices must be above zero")
        if self.from_price == self.to_price:
            raise ValueError("the two prices must differ")


def levels(wish: ScaledParams, instrument: Instrument) -> list[tuple[Decimal, Decimal]]:
    """Return (quantity, price) of each order on the pair's grid; together exactly the quantity that fits the grid.

    ValueError when an order would be too small or two would have the same price.
    """
    ranks = range(1, wish.count + 1)
    shares = {
        Weights.EQUAL: [1 for _ in ranks],
        Weights.RISING: list(ranks),
        Weights.FALLING: list(reversed(ranks)),
    }[wish.weights]
    step = (wish.to_price - wish.from_price) / (wish.count - 1)
    prices = [instrument.quantize_price(wish.from_price + step * at, wish.side) for at in range(wish.count)]
    qtys = [instrument.quantize_qty(wish.qty * share / sum(shares)) for share in shares]
    qtys[-1] += instrument.quantize_qty(wish.qty) - sum(qtys, ZERO)
    if len(set(prices)) < wish.count:
        raise ValueError(f"{wish.count} orders do not fit between the two prices")
    if min(qtys) < instrument.qty_min:
        raise ValueError(f"each order must have at least {instrument.qty_min.normalize():f}")
    return list(zip(qtys, prices, strict=True))


class Scaled(Strategy):
    """It rests until everything is filled or it is stopped. Needs as many open orders as it has prices."""

    title = "Scaled entry"
    about = "Spreads a quantity over several resting prices; all are cancelled together when it is stopped."
    params_type = ScaledParams

    def __init__(self, params: Params) -> None:
        super().__init__(params)
        self._wish = cast(ScaledParams, params)
        self._done = ZERO
        self._placed = False

    async def on_start(self, desk: Desk) -> None:
        wanted = levels(self._wish, desk.instrument)
        while wanted:
            # Never a last lot of one: a batch has at least two.
            lot = LOT if len(wanted) != LOT + 1 else LOT - 1
            await desk.ladder(self._wish.side, wanted[:lot], post_only=self._wish.post_only)
            wanted = wanted[lot:]
        self._placed = True

    async def on_tick(self, desk: Desk) -> None:
        self._done = desk.filled()
        if self._placed and not desk.open_orders():
            desk.note(f"{self._done.normalize():f} of {self._wish.qty.normalize():f} done")
            desk.finish()

    def state_words(self) -> str:
        return f"{self._done.normalize():f}/{self._wish.qty.normalize():f} of {self._wish.count} orders"
