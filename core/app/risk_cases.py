"""What the checks are shown: an order or an amend together with the market, the account and the limits."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import msgspec

from core.domain.ids import Asset, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import AmendRequest, Order, OrderRequest, OrderType, Trigger
from core.processing.book_store import BookView, Walk
from core.processing.habits import Habits
from core.processing.own_orders import OwnOrders, summary
from core.processing.risk_checks import Situation
from core.processing.stores import Stores

ZERO = Decimal(0)


def situation(
    request: OrderRequest,
    instrument: Instrument,
    stores: Stores,
    habits: Habits,
    own: OwnOrders,
    open_orders_max: int,
) -> Situation:
    """Return the case of a new order."""
    symbol = request.symbol
    relative = request.order_type is OrderType.TRAILING_STOP_LIMIT
    limit = None if relative else request.limit_price
    market = _market(symbol, request.side, stores)
    return Situation(
        instrument=instrument,
        limits=stores.risk.limits.of(symbol),
        side=request.side,
        order_type=request.order_type,
        qty=request.qty,
        cash_qty=request.cash_qty,
        limit=limit,
        trigger=request.trigger,
        time_in_force=request.time_in_force,
        post_only=request.post_only,
        guarded_against_own=bool(request.stp_type),
        near=market.near,
        touch=market.touch,
        walk=market.walk(request.side, request.qty, request.cash_qty, limit)
        if request.trigger is None and not request.post_only
        else None,
        reference=market.reference,
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
    own = summary(other for other in stores.orders.each_open(symbol) if other.order_id != order.order_id)
    relative = order.order_type is OrderType.TRAILING_STOP_LIMIT
    qty = request.qty if request.qty is not None else order.qty
    limit = request.limit_price if request.limit_price is not None else order.limit_price
    limit = None if relative else limit
    trigger = None if order.triggered else _trigger(request, order)
    market = _market(symbol, order.side, stores)
    left = max(ZERO, qty - order.cum_qty)
    return Situation(
        instrument=instrument,
        limits=stores.risk.limits.of(symbol),
        side=order.side,
        order_type=order.order_type,
        qty=left,
        limit=limit,
        trigger=trigger,
        time_in_force=order.time_in_force,
        post_only=order.post_only or request.post_only,
        near=market.near,
        touch=market.touch,
        walk=market.walk(order.side, left, None, limit) if trigger is None else None,
        reference=market.reference,
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
    if case.limit is None and case.cash_qty is None and case.walk is not None:
        cost = max(cost, case.walk.cost)
    return case.instrument.quote, cost + cost * fee


class _Market(NamedTuple):
    """What an order of one side meets: the book where it is live, the reference where it is not."""

    view: BookView | None
    near: Decimal | None
    touch: Decimal | None
    reference: Decimal | None

    def walk(
        self, side: Side, qty: Decimal | None, cash_qty: Decimal | None, limit: Decimal | None
    ) -> Walk | None:
        """Return how far it would get, ``None`` where it would rest or there is no book."""
        if self.view is None or self.touch is None:
            return None
        if limit is not None and (limit - self.touch) * side.sign < 0:
            return None
        if cash_qty is not None:
            return self.view.walk_quote(side, cash_qty)
        return self.view.walk(side, qty, limit) if qty is not None else None


def _market(symbol: Symbol, side: Side, stores: Stores) -> _Market:
    view = stores.references.live(symbol)
    bid, ask = (view.best_bid, view.best_ask) if view is not None else (None, None)
    if bid is not None and ask is not None:
        near, touch = (bid, ask) if side is Side.BUY else (ask, bid)
        return _Market(view, near[0], touch[0], (bid[0] + ask[0]) / 2)
    reference = stores.references.price(symbol)
    near_level, far_level = (bid, ask) if side is Side.BUY else (ask, bid)
    return _Market(
        view,
        near_level[0] if near_level is not None else reference,
        far_level[0] if far_level is not None else reference,
        reference,
    )


def _trigger(request: AmendRequest, order: Order) -> Trigger | None:
    trigger = order.trigger
    if trigger is None:
        return None
    if request.trigger_price is None:
        return trigger
    kind = request.trigger_price_type or trigger.price_type
    return msgspec.structs.replace(trigger, price=request.trigger_price, price_type=kind)


def _position(instrument: Instrument, own: OwnOrders, stores: Stores) -> Decimal:
    total = sum((told.total for told in stores.balances.told([instrument.base])), ZERO)
    return total + own.buy_leaves
