"""Private REST calls that place, change and cancel orders. Source: Kraken REST "Trading"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING

from core.sim import rest_requests, wire
from core.sim.auth import ApiKey
from core.sim.fields import Params, invalid
from core.sim.model import OrderSpec, PairSpec, Reject, SimOrder
from core.sim.requests import BATCH_ADD
from core.sim.rest_history import same_client_id
from core.sim.rest_names import Names, listed
from core.sim.rest_public import integer
from core.sim.rest_requests import boolean
from core.sim.rest_rows import close_text, order_text

if TYPE_CHECKING:
    from core.sim.hub import Hub

Row = dict[str, object]
Call = Callable[["Hub", Names, ApiKey, Params], object]

MAX_TIMEOUT_S = 86_400
MAX_BATCH_CANCEL = 50


def _add_order(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    pair = names.required_pair(params)
    spec = rest_requests.order_spec(params, pair, _last(hub, pair), hub.asked_ns)
    order = hub.engine.add(key.account, spec, validate=boolean(params, "validate"))
    row: Row = {"descr": _descr(spec, pair, order)}
    return row | ({"txid": [order.order_id]} if order is not None else {})


def _add_order_batch(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    """One failing validation refuses all; later failures stand in their row."""
    pair = names.required_pair(params)
    orders = params.get("orders")
    if not isinstance(orders, list) or len(orders) not in BATCH_ADD:
        raise invalid("orders")
    now_ns = hub.asked_ns
    until_ns = rest_requests.deadline(params, now_ns)
    specs = []
    for one in orders:
        if not isinstance(one, dict):
            raise invalid("orders")
        specs.append(rest_requests.order_spec(one, pair, _last(hub, pair), now_ns, until_ns))
    outcomes = hub.engine.add_batch(key.account, specs, validate=boolean(params, "validate"))
    return {"orders": [_batch_row(pair, spec, one) for spec, one in zip_longest(specs, outcomes)]}


def _batch_row(pair: PairSpec, spec: OrderSpec, outcome: SimOrder | Reject | None) -> Row:
    """Here ``txid`` is a text and ``close`` stands beside ``descr``. One that was only validated has no ``txid``."""
    if isinstance(outcome, Reject):
        return {"error": outcome.text}
    words = _descr(spec, pair, outcome)
    close = words.pop("close", None)
    row: Row = {"descr": words} if outcome is None else {"txid": outcome.order_id, "descr": words}
    return row | ({"close": close} if close else {})


def _descr(spec: OrderSpec, pair: PairSpec, order: SimOrder | None) -> Row:
    qty = order.order_qty if order is not None and order.order_qty else spec.order_qty
    row: Row = {"order": order_text(spec, pair, qty, spec.limit_price, None)}
    return row | ({"close": close_text(spec.conditional, pair)} if spec.conditional else {})


def _amend_order(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    def pair() -> PairSpec:
        return names.symbol_pair(_open_order(hub, key, params).spec.symbol)

    def last() -> Decimal:
        return hub.engine.ticker(pair().symbol).last

    spec = rest_requests.amend_spec(params, pair, last, hub.asked_ns)
    return {"amend_id": hub.engine.amend(key.account, spec)}


def _open_order(hub: Hub, key: ApiKey, params: Params) -> SimOrder:
    """Return the open order a request names by ``txid`` or ``cl_ord_id``."""
    txid, cl_ord_id = params.get("txid"), params.get("cl_ord_id")
    for order in hub.engine.open_orders(key.account):
        if order.order_id == txid or (cl_ord_id and same_client_id(order, cl_ord_id)):
            return order
    raise Reject("EOrder:Unknown order")


def _edit_order(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    """Cancel and new in one; the flags of the old order must be repeated."""
    pair = names.required_pair(params)
    old = _open_order(hub, key, _by_userref(hub, key, params))
    asked = {"ordertype": old.spec.order_type, "type": old.spec.side, "volume": str(old.order_qty)}
    fresh = rest_requests.order_spec(
        asked | {name: value for name, value in params.items() if name not in ("txid", "userref")},
        pair,
        _last(hub, pair),
        hub.asked_ns,
    )
    changes: Row = {"post_only": fresh.post_only, "deadline_ns": fresh.deadline_ns}
    if params.get("volume"):
        changes["order_qty"] = fresh.order_qty
    if fresh.limit_price is not None:
        changes["limit_price"] = fresh.limit_price
    if fresh.triggers is not None:
        changes["triggers"] = fresh.triggers
    if fresh.display_qty is not None:
        changes["display_qty"] = fresh.display_qty
    row: Row = {
        "status": "ok",
        "originaltxid": old.order_id,
        "volume": f"{fresh.order_qty or old.order_qty:.{pair.qty_precision}f}",
        "price": f"{fresh.limit_price or old.limit_price or Decimal(0):.{pair.price_precision}f}",
        "price2": "0",
        "orders_cancelled": 1,
        "descr": {"order": order_text(fresh, pair, fresh.order_qty, fresh.limit_price, None)},
    }
    if boolean(params, "validate"):
        return row | {"orders_cancelled": 0}
    return row | {"txid": hub.engine.edit(key.account, old.order_id, **changes).order_id}


def _by_userref(hub: Hub, key: ApiKey, params: Params) -> Params:
    """``txid`` may hold a userref when only one open order carries it."""
    txid = str(params.get("txid") or "")
    if not txid.lstrip("-").isdecimal():
        return params
    matching = [one for one in hub.engine.open_orders(key.account) if str(one.spec.order_userref) == txid]
    if len(matching) != 1:
        raise Reject("EOrder:Unknown order")
    return params | {"txid": matching[0].order_id}


def _cancel_order(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    txid, cl_ord_id = str(params.get("txid") or ""), str(params.get("cl_ord_id") or "")
    if bool(txid) == bool(cl_ord_id):
        raise invalid("txid")
    if cl_ord_id:
        cancelled = hub.engine.cancel(key.account, cl_ord_id=cl_ord_id)
    elif txid.lstrip("-").isdecimal():
        cancelled = hub.engine.cancel(key.account, userref=integer(params, "txid", 0))
    else:
        cancelled = hub.engine.cancel(key.account, order_id=txid)
    return {"count": len(cancelled)}


def _cancel_order_batch(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    orders, cl_ord_ids = listed(params, "orders"), listed(params, "cl_ord_ids")
    if not 1 <= len(orders) + len(cl_ord_ids) <= MAX_BATCH_CANCEL:
        raise invalid("orders")
    return {"count": hub.engine.cancel_many(key.account, orders, cl_ord_ids)}


def _cancel_all(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    return {"count": hub.engine.cancel_all(key.account)}


def _cancel_all_after(hub: Hub, names: Names, key: ApiKey, params: Params) -> Row:
    timeout_s = integer(params, "timeout", -1)
    if not 0 <= timeout_s < MAX_TIMEOUT_S:
        raise invalid("timeout")
    now_ns, trigger_ns = hub.engine.cancel_all_after(key.account, timeout_s)
    return {
        "currentTime": wire.rfc3339_s(now_ns),
        "triggerTime": "0" if trigger_ns is None else wire.rfc3339_s(trigger_ns),
    }


def _last(hub: Hub, pair: PairSpec) -> Callable[[], Decimal]:
    return lambda: hub.engine.ticker(pair.symbol).last


ORDER_CALLS: Mapping[str, Call] = {
    "AddOrder": _add_order,
    "AddOrderBatch": _add_order_batch,
    "AmendOrder": _amend_order,
    "EditOrder": _edit_order,
    "CancelOrder": _cancel_order,
    "CancelOrderBatch": _cancel_order_batch,
    "CancelAll": _cancel_all,
    "CancelAllOrdersAfter": _cancel_all_after,
}
