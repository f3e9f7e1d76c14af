"""What the checks are shown: an order or an amend together with the market, the account and the limits."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from core.domain.ids import Asset, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import AmendRequest, Order, OrderRequest, OrderType, Trigger
from core.processing.habits import Habits
from core.processing.risk_checks import Situation
from core.processing.stores import Stores

ZERO = Decimal(0)


def situation(
    request: OrderRequest, instrument: Instrument, stores: Stores, habits: Habits, open_orders_max: int
) -> Situation:
    """Return the case of a new order."""
    symbol = request.symbol
    own = stores.orders.open(symbol)
    relative = request.order_type is OrderType.TRAILING_STOP_LIMIT
    return Situation(
        instrument=instrument,
        limits=stores.risk.limits.of(symbol),
        side=request.side,
        order_type=request.order_type,
        qty=request.qty,
        cash_qty=request.cash_qty,
        limit=None if relative else request.limit_price,
        trigger=request.trigger,
        time_in_force=request.time_in_force,
        post_only=request.post_only,
        guarded_against_own=bool(request.stp_type),
        view=stores.references.live(symbol),
        reference=stores.references.price(symbol),
        own=own,
        position=_position(instrument, own, stores),
        quote_usd=stores.references.dollars(instrument.quote),
        median_size=habits.median_size(symbol),
        rests=habits.rests(symbol),
        open_orders_max=open_orders_max,
    )


def amended(
    request: AmendRequest, order: Order, instrument: Instrument, stores: Stores, habits: Habits
) -> Situation:
    """Return the case of an open order under new terms; quantities are what would be left."""
    symbol: Symbol = order.symbol
    own = [other for other in stores.orders.open(symbol) if other.order_id != order.order_id]
    relative = order.order_type is OrderType.TRAILING_STOP_LIMIT
    qty = request.qty if request.qty is not None else order.qty
    limit = request.limit_price if request.limit_price is not None else order.limit_price
    return Situation(
        instrument=instrument,
        limits=stores.risk.limits.of(symbol),
        side=order.side,
        order_type=order.order_type,
        qty=max(ZERO, qty - order.cum_qty),
        limit=None if relative else limit,
        trigger=None if order.triggered else _trigger(request, order),
        time_in_force=order.time_in_force,
        post_only=order.post_only or request.post_only,
        view=stores.references.live(symbol),
        reference=stores.references.price(symbol),
        own=own,
        is_new=False,
        position=_position(instrument, own, stores),
        quote_usd=stores.references.dollars(instrument.quote),
        median_size=habits.median_size(symbol),
        rests=habits.rests(symbol),
    )


def need_of(case: Situation, fee: Decimal) -> tuple[Asset, Decimal]:
    """Return which asset an order needs and how much of it at worst, the fee (a fraction) included."""
    if case.side is Side.SELL:
        return case.instrument.base, case.qty or ZERO
    cost = case.cost or ZERO
    if case.limit is None and case.trigger is None and case.cash_qty is None and case.view is not None:
        walk = case.view.walk(case.side, case.qty or ZERO)
        cost = max(cost, walk.cost)
    return case.instrument.quote, cost + cost * fee


def _trigger(request: AmendRequest, order: Order) -> Trigger | None:
    trigger = order.trigger
    if trigger is None:
        return None
    if request.trigger_price is None:
        return trigger
    kind = request.trigger_price_type or trigger.price_type
    return msgspec.structs.replace(trigger, price=request.trigger_price, price_type=kind)


def _position(instrument: Instrument, own: Iterable[Order], stores: Stores) -> Decimal:
    total = sum((told.total for told in stores.balances.told([instrument.base])), ZERO)
    return total + sum((order.leaves for order in own if order.side is Side.BUY), ZERO)
