"""TWAP: a quantity bought or sold in equal slices over a time, each taken at the touch with a bound."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, cast

import msgspec

from core.app.strategy import Params, Strategy, StrategyRefused
from core.app.strategy_desk import Desk
from core.domain.errors import RiskRejected
from core.domain.instrument import Side
from core.domain.orders import TimeInForce
from core.runtime.clock import NS_PER_S

ZERO = Decimal(0)
BPS = Decimal(10_000)


class TwapParams(Params, frozen=True, kw_only=True):
    """``qty`` in base, in ``slices`` over ``seconds``. No slice pays more than ``slippage_bps`` beyond the touch."""

    side: Side = Side.BUY
    qty: Decimal
    seconds: Annotated[int, msgspec.Meta(ge=1, le=7 * 24 * 3600)] = 600
    slices: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 20
    slippage_bps: Annotated[int, msgspec.Meta(ge=0, le=200)] = 10
    worst_price: Decimal = ZERO

    def __post_init__(self) -> None:
        if not self.qty.is_finite() or self.qty <= 0:
            raise ValueError("the quantity must be above zero")
        if self.seconds < 2 * self.slices:
            raise ValueError("slices are at least 2 s apart")
        if not self.worst_price.is_finite() or self.worst_price < 0:
            raise ValueError("the worst price is a price, or 0 for none")


class Twap(Strategy):
    """What a slice does not get is shared among the slices to come; what the last one does not get stays undone."""

    title = "TWAP"
    about = "Buys or sells a quantity in equal slices over a time, each taken at the touch within a bound."
    params_type = TwapParams

    def __init__(self, params: Params) -> None:
        super().__init__(params)
        self._wish = cast(TwapParams, params)
        self._done = ZERO
        self._sent = 0
        self._began = 0
        self._waits = ""

    async def on_start(self, desk: Desk) -> None:
        self._began = desk.now_ns()

    async def on_tick(self, desk: Desk) -> None:
        self._done = desk.filled()
        if self._done >= self._wish.qty:
            desk.finish()
        elif self._sent >= self._wish.slices:
            if not desk.open_orders():
                desk.note(f"{self._done.normalize():f} of {self._wish.qty.normalize():f} done in time")
                desk.finish()
        elif desk.now_ns() >= self._due_ns() and not desk.open_orders():
            await self._slice(desk)

    def _due_ns(self) -> int:
        return self._began + self._sent * self._wish.seconds * NS_PER_S // self._wish.slices

    async def _slice(self, desk: Desk) -> None:
        book, instrument, side = desk.book(), desk.instrument, self._wish.side
        touch = (book.best_ask if side is Side.BUY else book.best_bid) if book is not None else None
        if touch is None:
            self._waits = "waits for the book"
            return
        left = self._wish.qty - self._done  # no order of its own is open: this is exact
        qty = instrument.quantize_qty(left / (self._wish.slices - self._sent))
        if self._sent == self._wish.slices - 1:
            qty = instrument.quantize_qty(left)
        price = instrument.quantize_price(touch[0] * (1 + side.sign * self._wish.slippage_bps / BPS), side)
        self._sent += 1
        if qty < instrument.qty_min or not self._is_good(touch[0]):
            self._waits = "a slice left out: too small or the price is too bad"
            return
        try:
            await desk.limit(side, qty, self._bounded(price), time_in_force=TimeInForce.IOC)
            self._waits = ""
        except (RiskRejected, StrategyRefused) as refusal:
            self._waits = f"a slice was refused: {refusal}"
            desk.note(self._waits)

    def _is_good(self, touch: Decimal) -> bool:
        worst = self._wish.worst_price
        return not worst or (touch - worst) * self._wish.side.sign <= 0

    def _bounded(self, price: Decimal) -> Decimal:
        worst = self._wish.worst_price
        if not worst:
            return price
        return min(price, worst) if self._wish.side is Side.BUY else max(price, worst)

    def state_words(self) -> str:
        share = f"{self._done.normalize():f}/{self._wish.qty.normalize():f}"
        return f"{share}, slice {self._sent}/{self._wish.slices}" + (
            f", {self._waits}" if self._waits else ""
        )
