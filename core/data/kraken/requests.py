"""Commands and subscriptions as Kraken's JSON. Numbers are written from decimals, plain, always with a point.

Field names are checked strictly by the exchange, so nothing is sent that does not apply; optional fields leave when
they carry no wish. Keys stand in the documented order. Source: Kraken "WebSocket API v2", trading and subscribing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import singledispatch
from typing import Any

import msgspec

from core.data.kraken.numbers import number
from core.domain.errors import NotSent
from core.domain.orders import (
    AmendRequest,
    BatchAddRequest,
    BatchCancelRequest,
    CancelAllAfterRequest,
    CancelAllRequest,
    CancelRequest,
    Command,
    Conditional,
    EditRequest,
    OrderRequest,
    Trigger,
)
from core.domain.subscription import Subscription
from core.domain.times import format_ns

Params = dict[str, Any]

_OPTIONS: dict[str, Params] = {
    # Quotes on every change of the touch: by default they would go stale between trades.
    "ticker": {"event_trigger": "bbo"},
    # The documented default and the recorded one differ, so it is said.
    "trade": {"snapshot": True},
    "level3": {"snapshot": True},
    "balances": {"snapshot": True},
    "executions": {"snap_orders": True, "snap_trades": True, "order_status": True, "ratecounter": True},
}

_IDENTITY = {"ticker": {"event_trigger": "bbo"}}
"""Options that are part of what a subscription is, and so are repeated to end it."""


def encode_subscribe(subs: Sequence[Subscription], token: str | None, req_id: int) -> bytes:
    """Return one request for subscriptions that share channel, depth and interval."""
    return _frame("subscribe", {**_about(subs), **_OPTIONS.get(subs[0].channel, {})}, token, req_id, subs[0])


def encode_unsubscribe(subs: Sequence[Subscription], token: str | None, req_id: int) -> bytes:
    """Return the request that ends such subscriptions."""
    return _frame(
        "unsubscribe", {**_about(subs), **_IDENTITY.get(subs[0].channel, {})}, token, req_id, subs[0]
    )


def encode_ping(req_id: int) -> bytes:
    """Return an application ping; it must not carry ``params``."""
    return msgspec.json.encode({"method": "ping", "req_id": req_id})


def encode(command: Command, req_id: int, token: str, deadline_ns: int | None = None) -> bytes:
    """Return a trading request. ``deadline_ns`` (exchange time, ns UTC) goes where the method takes one.

    Raises NotSent when the command cannot be said to the exchange (a number out of bounds, a batch too large).
    """
    try:
        params = _params(command, deadline_ns)
    except ValueError as error:
        raise NotSent(f"cannot be written: {error}") from error
    return msgspec.json.encode(
        {"method": method_of(command), "params": {**params, "token": token}, "req_id": req_id}
    )


_METHODS: dict[type, str] = {
    OrderRequest: "add_order",
    AmendRequest: "amend_order",
    CancelRequest: "cancel_order",
    CancelAllRequest: "cancel_all",
    CancelAllAfterRequest: "cancel_all_orders_after",
    EditRequest: "edit_order",
    BatchAddRequest: "batch_add",
    BatchCancelRequest: "batch_cancel",
}


def method_of(command: Command) -> str:
    """Return the name of the WebSocket method a command becomes."""
    return _METHODS[type(command)]


def _frame(method: str, params: Params, token: str | None, req_id: int, sub: Subscription) -> bytes:
    if not sub.line.is_public:
        params["token"] = token or ""
    return msgspec.json.encode({"method": method, "params": params, "req_id": req_id})


def _about(subs: Sequence[Subscription]) -> Params:
    first = subs[0]
    params: Params = {"channel": first.channel}
    if first.symbol:
        params["symbol"] = [sub.symbol for sub in subs]
    if first.depth:
        params["depth"] = first.depth
    if first.interval:
        params["interval"] = first.interval
    return params


def _wishes(**values: object) -> Params:
    """Return the fields that say something: no ``None``, no empty text, no ``False``. Decimals become numbers."""
    return {
        name: number(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
        if value is not None and value is not False and value != ""
    }


def _time(ns: int | None, digits: int = 0) -> str | None:
    return None if ns is None else format_ns(ns, digits)


def _deadline(deadline_ns: int | None) -> Params:
    return _wishes(deadline=_time(deadline_ns, 3))


@singledispatch
def _params(command: object, deadline_ns: int | None) -> Params:
    raise TypeError(f"not a command: {type(command).__name__}")


@_params.register
def _add(order: OrderRequest, deadline_ns: int | None) -> Params:
    fields = _order(order)
    return {**fields, **_deadline(deadline_ns)}


@_params.register
def _amend(amend: AmendRequest, deadline_ns: int | None) -> Params:
    return {
        **_wishes(
            order_id=amend.order_id,
            limit_price=amend.limit_price,
            limit_price_type=amend.limit_price_type,
            order_qty=amend.qty,
            trigger_price=amend.trigger_price,
            trigger_price_type=amend.trigger_price_type,
        ),
        **_deadline(deadline_ns),
        **_wishes(post_only=amend.post_only),
    }


@_params.register
def _cancel(cancel: CancelRequest, deadline_ns: int | None) -> Params:
    # One id a request: a failed answer names no order, so only the request tells which one it was.
    if cancel.order_id:
        return {"order_id": [cancel.order_id]}
    if cancel.cl_ord_id:
        return {"cl_ord_id": [cancel.cl_ord_id]}
    raise ValueError("a cancel without an id")


@_params.register
def _cancel_all(cancel: CancelAllRequest, deadline_ns: int | None) -> Params:
    return {}


@_params.register
def _cancel_after(arm: CancelAllAfterRequest, deadline_ns: int | None) -> Params:
    if not 0 <= arm.timeout_s < 86_400:
        raise ValueError(f"a dead man's switch of {arm.timeout_s} s")
    return {"timeout": arm.timeout_s}


@_params.register
def _edit(edit: EditRequest, deadline_ns: int | None) -> Params:
    return {
        **_wishes(
            order_id=edit.order_id,
            order_qty=edit.qty,
            symbol=edit.symbol,
            limit_price=edit.limit_price,
            display_qty=edit.display_qty,
            triggers=_triggers(edit.trigger),
            post_only=edit.post_only,
            reduce_only=edit.reduce_only,
        ),
        **_deadline(deadline_ns),
    }


@_params.register
def _batch_add(batch: BatchAddRequest, deadline_ns: int | None) -> Params:
    if not 2 <= len(batch.orders) <= 15 or any(order.symbol != batch.symbol for order in batch.orders):
        raise ValueError("a batch holds 2 to 15 orders of one pair")
    orders = [_order(order) for order in batch.orders]
    for order in orders:
        del order["symbol"]
    return {**_deadline(deadline_ns), "orders": orders, "symbol": batch.symbol}


@_params.register
def _batch_cancel(batch: BatchCancelRequest, deadline_ns: int | None) -> Params:
    ids = batch.order_ids or batch.cl_ord_ids
    if not 2 <= len(ids) <= 50 or (batch.order_ids and batch.cl_ord_ids):
        raise ValueError("a batch cancel holds 2 to 50 ids of one kind")
    return {"orders" if batch.order_ids else "cl_ord_id": list(ids)}


def _order(order: OrderRequest) -> Params:
    return _wishes(
        order_type=order.order_type.value,
        side=order.side.value,
        limit_price=order.limit_price,
        limit_price_type=order.limit_price_type,
        order_qty=order.qty,
        cash_order_qty=order.cash_qty,
        symbol=order.symbol,
        triggers=_triggers(order.trigger),
        time_in_force=order.time_in_force.value,
        expire_time=_time(order.expire_ns),
        effective_time=_time(order.effective_ns),
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        stp_type=order.stp_type,
        fee_preference=order.fee_preference,
        display_qty=order.display_qty,
        conditional=_conditional(order.conditional),
        cl_ord_id=order.cl_ord_id,
    )


def _triggers(trigger: Trigger | None) -> Params | None:
    if trigger is None:
        return None
    return _wishes(reference=trigger.reference, price=trigger.price, price_type=trigger.price_type)


def _conditional(close: Conditional | None) -> Params | None:
    if close is None:
        return None
    # The type of a price is said only where it is not the default one.
    return _wishes(
        order_type=close.order_type.value,
        trigger_price=close.trigger_price,
        trigger_price_type="" if close.trigger_price_type == "static" else close.trigger_price_type,
        limit_price=close.limit_price,
        limit_price_type="" if close.limit_price_type == "static" else close.limit_price_type,
    )
