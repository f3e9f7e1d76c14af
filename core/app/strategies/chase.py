"""Chase: one post-only order that follows the touch of its own side, changed in place, until it is filled."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, cast

import msgspec

from core.app.strategy import Params, Strategy, StrategyRefused
from core.app.strategy_desk import Desk
from core.domain.errors import RiskRejected
from core.domain.instrument import Side
from core.domain.orders import Order
from core.processing.book_store import BookView
from core.runtime.clock import NS_PER_S

ZERO = Decimal(0)
BPS = Decimal(10_000)


class ChaseParams(Params, frozen=True, kw_only=True):
    """``qty`` in base. It follows at most ``chase_bps`` away from the first price, every ``pause_s`` at most once."""

    side: Side = Side.BUY
    qty: Decimal
    chase_bps: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 50
    pause_s: Annotated[int, msgspec.Meta(ge=2, le=600)] = 2

    def __post_init__(self) -> None:
        if not self.qty.is_finite() or self.qty <= 0:
            raise ValueError("the quantity must be above zero")


class Chase(Strategy):
    """Each change costs points of the engine's counter and the place in the queue, hence the pause."""

    title = "Chase"
    about = "Keeps one post-only order at the touch of its own side, moved in place, until it is filled."
    params_type = ChaseParams

    def __init__(self, params: Params) -> None:
        super().__init__(params)
        self._wish = cast(ChaseParams, params)
        self._done = ZERO
        self._first: Decimal | None = None
        self._moved_at: int | None = None
        self._words = "waits for the book"

    async def on_book(self, desk: Desk, book: BookView) -> None:
        await self._follow(desk, book)

    async def on_tick(self, desk: Desk) -> None:
        if (book := desk.book()) is not None:
            await self._follow(desk, book)

    async def _follow(self, desk: Desk, book: BookView) -> None:
        now, self._done = desk.now_ns(), desk.filled()
        if not desk.open_orders() and not self._left(desk):
            desk.finish()
            return
        if self._moved_at is not None and now - self._moved_at < self._wish.pause_s * NS_PER_S:
            return
        target = self._target(desk, book)
        if target is None:
            return
        order = next(iter(desk.open_orders()), None)
        if order is not None and order.limit_price == target:
            self._words = f"at the touch {target:f}"
            return
        self._moved_at = now
        try:
            await (self._place(desk, target) if order is None else self._move(desk, order, target))
        except (RiskRejected, StrategyRefused) as refusal:
            self._words = f"waits: {refusal}"

    async def _place(self, desk: Desk, price: Decimal) -> None:
        self._words = f"placed at {price:f}"
        await desk.limit(self._wish.side, self._left(desk), price, post_only=True)

    async def _move(self, desk: Desk, order: Order, price: Decimal) -> None:
        agreed = await desk.amend(order, price=price)
        self._words = f"moved to {price:f}" if agreed else f"not moved to {price:f}"

    def _target(self, desk: Desk, book: BookView) -> Decimal | None:
        """Return the touch of its side, held back where it would chase too far."""
        buys = self._wish.side is Side.BUY
        touch = book.best_bid if buys else book.best_ask
        if touch is None:
            return None
        if self._first is None:
            self._first = touch[0]
        reach = self._first * self._wish.chase_bps / BPS * self._wish.side.sign
        farthest = self._first + reach
        price = min(touch[0], farthest) if buys else max(touch[0], farthest)
        return desk.instrument.quantize_price(price, self._wish.side)

    def _left(self, desk: Desk) -> Decimal:
        left = desk.instrument.quantize_qty(self._wish.qty - self._done)
        return left if left >= desk.instrument.qty_min else ZERO

    def state_words(self) -> str:
        return f"{self._done.normalize():f}/{self._wish.qty.normalize():f}, {self._words}"
