"""Requests of the WebSocket, read strictly: unknown fields and wrong types are refused with Kraken's texts.

Pure: text in, request or Reject out. Source: Kraken WebSocket v2 method pages; error texts as recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.sim import fields, wire
from core.sim.fields import Fields, Params
from core.sim.model import AmendSpec, ConditionalSpec, OrderSpec, Reject, TriggerSpec

WS_DEADLINE_MIN_NS = 500_000_000
MAX_METHOD_CHARS = 64
BATCH_ADD = range(2, 16)
BATCH_CANCEL = range(2, 51)

ORDER_TYPES = (
    "limit",
    "market",
    "iceberg",
    "stop-loss",
    "stop-loss-limit",
    "take-profit",
    "take-profit-limit",
    "trailing-stop",
    "trailing-stop-limit",
    "settle-position",
)
CLOSE_TYPES = tuple(word for word in ORDER_TYPES if word not in ("market", "iceberg", "settle-position"))
PRICE_TYPES = ("static", "pct", "quote")

_ORDER: Fields = {
    "order_type": "string",
    "side": "string",
    "order_qty": "number_float",
    "cash_order_qty": "number_float",
    "limit_price": "number_float",
    "limit_price_type": "string",
    "triggers": "object",
    "time_in_force": "string",
    "expire_time": "string",
    "effective_time": "string",
    "post_only": "boolean",
    "reduce_only": "boolean",
    "margin": "boolean",
    "stp_type": "string",
    "fee_preference": "string",
    "display_qty": "number_float",
    "cl_ord_id": "string",
    "order_userref": "number_integer",
    "conditional": "object",
    "sender_sub_id": "string",
    "no_mpp": "boolean",
    "stop_price": "number_float",
    "trigger": "string",
}
_REQUEST: Fields = {"symbol": "string", "deadline": "string", "validate": "boolean", "token": "string"}
_SYMBOLS: Fields = {"channel": "string", "symbol": "array", "snapshot": "boolean"}
_PRIVATE: Fields = {
    "channel": "string",
    "token": "string",
    "snapshot": "boolean",
    "rebased": "boolean",
    "users": "string",
}
_TRIGGERS: Fields = {"reference": "string", "price": "number_float", "price_type": "string"}
_CONDITIONAL: Fields = {
    "order_type": "string",
    "limit_price": "number_float",
    "limit_price_type": "string",
    "trigger_price": "number_float",
    "trigger_price_type": "string",
    "stop_price": "number_float",
}

CHANNELS: Mapping[str, Fields] = {
    "ticker": _SYMBOLS | {"event_trigger": "string"},
    "book": _SYMBOLS | {"depth": "number_integer"},
    "ohlc": _SYMBOLS | {"interval": "number_integer"},
    "trade": _SYMBOLS,
    "instrument": {
        "channel": "string",
        "snapshot": "boolean",
        "include_tokenized_assets": "boolean",
        "execution_venue": "string",
    },
    "level3": _SYMBOLS | {"depth": "number_integer", "token": "string"},
    "executions": _PRIVATE
    | {
        "snap_orders": "boolean",
        "snap_trades": "boolean",
        "order_status": "boolean",
        "ratecounter": "boolean",
        "snapshot_trades": "boolean",
    },
    "balances": _PRIVATE,
}
TRADING: Mapping[str, Fields] = {
    "add_order": _ORDER | _REQUEST,
    "amend_order": {
        "order_id": "string",
        "cl_ord_id": "string",
        "order_qty": "number_float",
        "display_qty": "number_float",
        "limit_price": "number_float",
        "limit_price_type": "string",
        "trigger_price": "number_float",
        "trigger_price_type": "string",
        "post_only": "boolean",
        "deadline": "string",
        "symbol": "string",
        "token": "string",
    },
    "edit_order": {
        "order_id": "string",
        "symbol": "string",
        "order_qty": "number_float",
        "limit_price": "number_float",
        "display_qty": "number_float",
        "triggers": "object",
        "post_only": "boolean",
        "reduce_only": "boolean",
        "fee_preference": "string",
        "order_userref": "number_integer",
        "deadline": "string",
        "validate": "boolean",
        "token": "string",
    },
    "cancel_order": {"order_id": "array", "cl_ord_id": "array", "order_userref": "array", "token": "string"},
    "cancel_all": {"token": "string"},
    "cancel_all_orders_after": {"timeout": "number_integer", "token": "string"},
    "batch_add": _REQUEST | {"orders": "array"},
    "batch_cancel": {"orders": "array", "cl_ord_id": "array", "token": "string"},
}
METHODS = ("ping", "subscribe", "unsubscribe", *TRADING)


@dataclass(frozen=True, slots=True)
class Request:
    """One frame from a client. ``req_id`` is None when none was sent."""

    method: str
    req_id: int | None
    params: Params = field(default_factory=dict)


class BadFrame(Exception):
    """A frame that is no request; says how to answer it."""

    def __init__(self, text: str, method: str = "error", req_id: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.method = method
        self.req_id = req_id


def parse_frame(raw: str | bytes) -> Request:
    """Return the request in a frame. Raises BadFrame, or Reject for a field of the envelope."""
    try:
        frame = wire.decode(raw) if isinstance(raw, str) else None
    except wire.Malformed:
        frame = None
    if not isinstance(frame, dict) or not isinstance(frame.get("method"), str):
        raise BadFrame("Malformed request")
    method = str(frame["method"])[:MAX_METHOD_CHARS]
    req_id = frame.get("req_id")
    if "req_id" in frame and not fields.has_type(req_id, "number_integer"):
        raise BadFrame(fields.wrong_type("req_id", "number_integer"), method)
    if method not in METHODS:
        raise BadFrame("Unsupported event", method, req_id)
    envelope = {"method": "string", "req_id": "number_integer"}
    try:
        fields.check_fields(frame, envelope | ({} if method == "ping" else {"params": "object"}), method)
    except Reject as refusal:
        raise BadFrame(refusal.text, method, req_id) from refusal
    return Request(method, req_id, frame.get("params") or {})


def order_spec(params: Params, symbol: str, now_ns: int, deadline_ns: int | None = None) -> OrderSpec:
    """Return the order described by ``add_order`` params or by one element of a batch."""
    triggers = _triggers(params)
    return OrderSpec(
        symbol=symbol,
        side=fields.word(params, "side", ("buy", "sell")),
        order_type=fields.word(params, "order_type", ORDER_TYPES),
        order_qty=fields.number(params, "order_qty"),
        cash_order_qty=fields.number(params, "cash_order_qty"),
        limit_price=fields.number(params, "limit_price"),
        limit_price_type=fields.word(params, "limit_price_type", PRICE_TYPES, _default_limit_type(params)),
        triggers=triggers,
        time_in_force=fields.word(params, "time_in_force", ("gtc", "gtd", "ioc", "fok"), "gtc"),
        expire_ns=fields.time(params, "expire_time"),
        effective_ns=fields.time(params, "effective_time"),
        deadline_ns=deadline_ns
        if deadline_ns is not None
        else fields.deadline(params, now_ns, WS_DEADLINE_MIN_NS),
        post_only=fields.flag(params, "post_only"),
        reduce_only=fields.flag(params, "reduce_only"),
        margin=fields.flag(params, "margin"),
        stp_type=fields.word(
            params, "stp_type", ("cancel_newest", "cancel_oldest", "cancel_both"), "cancel_newest"
        ),
        fee_preference=fields.word(params, "fee_preference", ("base", "quote"), "") or None,
        display_qty=fields.number(params, "display_qty"),
        cl_ord_id=fields.client_id(params),
        order_userref=fields.userref(params),
        conditional=_conditional(params),
        sender_sub_id=fields.text(params, "sender_sub_id"),
    )


def _default_limit_type(params: Params) -> str:
    return "quote" if params.get("order_type") == "trailing-stop-limit" else "static"


def _triggers(params: Params) -> TriggerSpec | None:
    """The ``triggers`` object, or the deprecated flat ``stop_price`` and ``trigger``."""
    if "triggers" in params:
        inner = params["triggers"]
        assert isinstance(inner, dict), "checked by check_fields"
        fields.check_fields(inner, _TRIGGERS, "add_order")
        price = fields.number(inner, "price")
        if price is None:
            raise fields.invalid("triggers")
        return TriggerSpec(
            price,
            fields.word(inner, "reference", ("last", "index"), "last"),
            fields.word(inner, "price_type", PRICE_TYPES, "static"),
        )
    price = fields.number(params, "stop_price")
    return (
        None if not price else TriggerSpec(price, fields.word(params, "trigger", ("last", "index"), "last"))
    )


def _conditional(params: Params) -> ConditionalSpec | None:
    inner = params.get("conditional")
    if inner is None:
        return None
    assert isinstance(inner, dict), "checked by check_fields"
    fields.check_fields(inner, _CONDITIONAL, "add_order")
    trigger = fields.number(inner, "trigger_price")
    return ConditionalSpec(
        order_type=fields.word(inner, "order_type", CLOSE_TYPES),
        limit_price=fields.number(inner, "limit_price"),
        limit_price_type=fields.word(inner, "limit_price_type", PRICE_TYPES, "static"),
        trigger_price=trigger if trigger is not None else fields.number(inner, "stop_price"),
        trigger_price_type=fields.word(inner, "trigger_price_type", PRICE_TYPES, "static"),
    )


def amend_spec(params: Params, now_ns: int) -> AmendSpec:
    """Return the change described by ``amend_order`` params."""
    if ("order_id" in params) == ("cl_ord_id" in params):
        raise fields.invalid("order_id")
    return AmendSpec(
        order_id=fields.text(params, "order_id"),
        cl_ord_id=fields.text(params, "cl_ord_id"),
        order_qty=fields.number(params, "order_qty"),
        display_qty=fields.number(params, "display_qty"),
        limit_price=fields.number(params, "limit_price"),
        limit_price_type=fields.word(params, "limit_price_type", PRICE_TYPES, "") or None,
        trigger_price=fields.number(params, "trigger_price"),
        trigger_price_type=fields.word(params, "trigger_price_type", PRICE_TYPES, "") or None,
        post_only=fields.flag(params, "post_only"),
        deadline_ns=fields.deadline(params, now_ns, WS_DEADLINE_MIN_NS),
    )


def edit_changes(params: Params, now_ns: int) -> dict[str, object]:
    """Return what ``edit_order`` changes, as keywords of the engine's ``edit``."""
    changes: dict[str, object] = {
        name: params[name] for name in ("post_only", "reduce_only", "order_userref") if name in params
    }
    for name in ("order_qty", "limit_price", "display_qty"):
        if name in params:
            changes[name] = fields.number(params, name)
    if "triggers" in params:
        changes["triggers"] = _triggers(params)
    if "fee_preference" in params:
        changes["fee_preference"] = fields.word(params, "fee_preference", ("base", "quote"))
    changes["deadline_ns"] = fields.deadline(params, now_ns, WS_DEADLINE_MIN_NS)
    return changes


def batch_orders(params: Params, now_ns: int) -> list[OrderSpec]:
    """Return the orders of ``batch_add``; one that cannot be read refuses all."""
    orders = params.get("orders", [])
    assert isinstance(orders, list), "checked by check_fields"
    if len(orders) not in BATCH_ADD:
        raise fields.invalid("orders")
    until_ns = fields.deadline(params, now_ns, WS_DEADLINE_MIN_NS)
    specs = []
    for one in orders:
        if not isinstance(one, dict):
            raise Reject(fields.wrong_type("orders", "object"))
        fields.check_fields(one, _ORDER, "batch_add")
        specs.append(order_spec(one, required_symbol(params), now_ns, until_ns))
    return specs


def required_symbol(params: Params) -> str:
    """Return ``symbol`` of a trading request."""
    symbol = fields.text(params, "symbol")
    if not symbol:
        raise Reject("Symbol(s) not found")
    return symbol
