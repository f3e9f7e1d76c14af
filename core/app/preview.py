"""What an order would do, told before it is sent: walked through the verified book, at the account's fees."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from core.domain.account import FeeRate
from core.domain.health import BookState
from core.domain.instrument import Instrument, Side
from core.domain.orders import OrderRequest, OrderType, TimeInForce
from core.processing.book_store import BookView

ZERO = Decimal(0)
BPS = Decimal(10_000)


class Preview(msgspec.Struct, frozen=True):
    """Figures in quote currency; ``missing`` says why there are none. ``avg`` and ``worst`` of the part that takes.

    ``slippage_bps`` against the touch; ``unfilled`` is what would rest or find nothing, base units.
    """

    missing: str = ""
    avg: Decimal | None = None
    worst: Decimal | None = None
    slippage_bps: Decimal | None = None
    levels: int = 0
    takes: bool = False
    notional: Decimal = ZERO
    fee: Decimal = ZERO
    total: Decimal = ZERO
    unfilled: Decimal = ZERO


def preview(request: OrderRequest, instrument: Instrument, view: BookView | None, fees: FeeRate) -> Preview:
    """Return what the order would cost or bring if it reached the book as it stands now."""
    if view is None or view.state is not BookState.LIVE:
        return Preview(missing=view.reason if view else "the book is not subscribed")
    touch = view.best_ask if request.side is Side.BUY else view.best_bid
    if touch is None:
        return Preview(missing="the book has no price on that side")
    if request.order_type.has_trigger:
        # Most triggered orders take, so the dearer fee is told.
        return _resting(request, fees.taker, _price_when_triggered(request, touch[0]))
    limit = request.limit_price
    if limit is not None and (limit - touch[0]) * request.side.sign < 0:
        return _resting(request, fees.maker, limit)
    if request.post_only:
        return Preview(missing="post-only, but the price would take: it would be refused")
    taking = _taking(request, view, fees, touch[0])
    if request.time_in_force is TimeInForce.FOK and taking.unfilled:
        return Preview(missing="FOK, but the visible book does not hold all of it: it would be refused")
    return taking


def crosses(request: OrderRequest, view: BookView) -> bool:
    """Whether a limit order would take from the book as it stands."""
    touch = view.best_ask if request.side is Side.BUY else view.best_bid
    limit = request.limit_price
    return (
        touch is not None
        and limit is not None
        and not request.order_type.has_trigger
        and (limit - touch[0]) * request.side.sign >= 0
    )


def _price_when_triggered(request: OrderRequest, touch: Decimal) -> Decimal:
    """Return the price the order would have; relative ones are reckoned from the touch, which may still move."""
    trigger = request.trigger
    assert trigger is not None, "the ticket gives every such order its trigger"
    trailing = request.order_type in (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)
    if request.limit_price is not None and not trailing:
        return request.limit_price
    if trigger.price_type == "static":
        return trigger.price
    away = trigger.price * request.side.sign if trailing else trigger.price
    return touch + (touch * away / 100 if trigger.price_type == "pct" else away)


def _resting(request: OrderRequest, rate: Decimal, price: Decimal) -> Preview:
    notional = (request.qty or ZERO) * price
    fee = notional * rate
    return Preview(notional=notional, fee=fee, total=_total(request.side, notional, fee))


def _taking(request: OrderRequest, view: BookView, fees: FeeRate, touch: Decimal) -> Preview:
    if request.cash_qty is not None:
        walk, unfilled = view.walk_quote(request.side, request.cash_qty), ZERO
    else:
        walk = view.walk(request.side, request.qty or ZERO, request.limit_price)
        unfilled = (request.qty or ZERO) - walk.filled
    fee = walk.cost * fees.taker
    slippage = abs(walk.avg - touch) / touch * BPS if walk.avg is not None else None
    return Preview(
        avg=walk.avg,
        worst=walk.worst,
        slippage_bps=slippage,
        levels=walk.levels,
        takes=True,
        notional=walk.cost,
        fee=fee,
        total=_total(request.side, walk.cost, fee),
        unfilled=unfilled,
    )


def _total(side: Side, notional: Decimal, fee: Decimal) -> Decimal:
    return notional + fee if side is Side.BUY else notional - fee
