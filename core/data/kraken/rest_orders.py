"""Orders in REST's words: commands to form fields, answers to reports and fills. Source: Kraken REST "Trading".

REST says ``pair``, ``volume``, ``price`` for symbol, quantity and, depending on the type, limit or trigger price.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, InvalidOperation

import msgspec

from core.data.kraken.numbers import plain, vet, vet_given, vet_id
from core.data.kraken.reports import told_id
from core.data.kraken.rest_schema import WireFill, WireOrder
from core.data.kraken.symbols import Symbols
from core.domain.ids import Asset, ExecId, OrderId
from core.domain.instrument import Side
from core.domain.orders import (
    AmendRequest,
    CancelRequest,
    Conditional,
    Fee,
    Fill,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    TimeInForce,
    Trigger,
)
from core.domain.times import NS, format_ns

Fields = dict[str, str]

_STATUSES = {
    "pending": OrderStatus.PENDING_NEW,
    "open": OrderStatus.NEW,
    "closed": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
}
_TYPES = {kind.value: kind for kind in OrderType}
_FORCES = {force.value: force for force in TimeInForce}
_SIDES = {side.value: side for side in Side}
_LOT = Decimal("1e-8")
"""Quantities have at most eight decimals."""

_TRAILING = (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)


def add_fields(order: OrderRequest, deadline_ns: int, symbols: Symbols) -> Fields:
    """Return the form of ``AddOrder``. Raises ValueError for numbers out of bounds."""
    fields = {
        "ordertype": order.order_type.value,
        "type": order.side.value,
        "volume": plain(order.qty if order.qty is not None else order.cash_qty or Decimal(0)),
        "pair": symbols.rest_name(order.symbol),
        **_prices(order),
        **_flags(order),
        "cl_ord_id": order.cl_ord_id,
        **_close(order.conditional),
        "deadline": format_ns(deadline_ns, 3),
    }
    if order.time_in_force is not TimeInForce.GTC:
        fields["timeinforce"] = order.time_in_force.value.upper()
    if order.expire_ns is not None:
        fields["expiretm"] = str(order.expire_ns // NS)
    if order.effective_ns is not None:
        fields["starttm"] = str(order.effective_ns // NS)
    if order.display_qty is not None:
        fields["displayvol"] = plain(order.display_qty)
    return fields


def amend_fields(amend: AmendRequest, deadline_ns: int) -> Fields:
    """Return the form of ``AmendOrder``."""
    fields: Fields = {"txid": amend.order_id}
    if amend.qty is not None:
        fields["order_qty"] = plain(amend.qty)
    if amend.limit_price is not None:
        fields["limit_price"] = _relative(amend.limit_price, amend.limit_price_type)
    if amend.trigger_price is not None:
        fields["trigger_price"] = _relative(amend.trigger_price, amend.trigger_price_type)
    if amend.post_only:
        fields["post_only"] = "true"
    return {**fields, "deadline": format_ns(deadline_ns, 3)}


def cancel_fields(cancel: CancelRequest) -> Fields:
    """Return the form of ``CancelOrder``. Raises ValueError without an id."""
    if cancel.order_id:
        return {"txid": cancel.order_id}
    if cancel.cl_ord_id:
        return {"cl_ord_id": cancel.cl_ord_id}
    raise ValueError("a cancel without an id")


def _prices(order: OrderRequest) -> Fields:
    limit = order.limit_price
    if order.trigger is None:
        return {} if limit is None else {"price": plain(limit)}
    fields = {"price": _relative(order.trigger.price, order.trigger.price_type)}
    if order.trigger.reference != "last":
        fields["trigger"] = order.trigger.reference
    if limit is not None:
        kind = order.limit_price_type or ("quote" if order.order_type in _TRAILING else "static")
        fields["price2"] = _relative(limit, kind)
    return fields


def _flags(order: OrderRequest) -> Fields:
    flags = [
        *(["post"] if order.post_only else []),
        *(["viqc"] if order.cash_qty is not None else []),
        *({"base": ["fcib"], "quote": ["fciq"]}.get(order.fee_preference, [])),
    ]
    fields = {"oflags": ",".join(flags)} if flags else {}
    if order.reduce_only:
        fields["reduce_only"] = "true"
    if order.stp_type:
        fields["stptype"] = order.stp_type.replace("_", "-")
    return fields


def _close(close: Conditional | None) -> Fields:
    if close is None:
        return {}
    trigger, limit = close.trigger_price, close.limit_price
    prices = [
        *([_relative(trigger, close.trigger_price_type)] if trigger is not None else []),
        *([_relative(limit, close.limit_price_type)] if limit is not None else []),
    ]
    names = ("close[price]", "close[price2]")
    return {"close[ordertype]": close.order_type.value, **dict(zip(names, prices, strict=False))}


def _relative(price: Decimal, kind: str) -> str:
    text = plain(price)
    if kind in ("", "static"):
        return text
    sign = "" if text.startswith("-") else "+"
    return sign + text + ("%" if kind == "pct" else "")


def report_of(order_id: str, order: WireOrder, symbols: Symbols) -> OrderReport:
    """Return what a queried order says, as one more report. Raises ValueError or ArithmeticError for bad numbers."""
    vet(order.vol, order.vol_exec)
    vet_given(order.cost, order.price, order.opentm, order.closetm)
    kind = _TYPES.get(order.descr.ordertype)
    limit, trigger = _told_prices(order, kind)
    in_quote = "viqc" in (order.oflags or "")
    executed, cost = _executed(order) if in_quote else (order.vol_exec, order.cost)
    return OrderReport(
        order_id=OrderId(order_id),
        exec_type="status",
        status=_status(order),
        cl_ord_id=told_id(order.cl_ord_id),
        ts=seconds_ns(order.closetm or order.opentm or Decimal(0)),
        symbol=symbols.symbol(order.descr.pair),
        side=_SIDES.get(order.descr.type),
        order_type=kind,
        qty=None if in_quote else order.vol,
        cash_qty=order.vol if in_quote else None,
        limit_price=limit,
        trigger=trigger,
        display_qty=order.displayvol,
        time_in_force=_FORCES.get((order.timeinforce or "").lower()),
        expire_ns=seconds_ns(order.expiretm) if order.expiretm else None,
        post_only="post" in (order.oflags or "").split(","),
        cum_qty=executed,
        cum_cost=cost,
        reason=order.reason or "",
    )


def _status(order: WireOrder) -> OrderStatus | None:
    status = _STATUSES.get(order.status)
    if status is OrderStatus.NEW and order.vol_exec:
        return OrderStatus.PARTIALLY_FILLED
    return status


def _executed(order: WireOrder) -> tuple[Decimal, Decimal | None]:
    """Return base executed, and its cost where it is exact, of an order whose volume is told in quote currency.

    Whether ``vol_exec`` is in quote too is told by the cost. If so, base follows from cost and average price, which
    is rounded: never more than was executed, so that the fills, which are exact, have the last word.
    """
    done, cost, price = order.vol_exec, order.cost or Decimal(0), order.price
    if done and price and abs(done * price - cost) <= abs(done - cost):
        return done, cost
    if not done or not price:
        return Decimal(0), None
    rounding = max(Decimal(1).scaleb(int(price.as_tuple().exponent)), price.scaleb(-5))
    return (cost / (price + rounding)).quantize(_LOT, ROUND_DOWN), None


def _told_prices(order: WireOrder, kind: OrderType | None) -> tuple[Decimal | None, Trigger | None]:
    first, second = _absolute(order.descr.price), _absolute(order.descr.price2)
    if kind is None or not kind.has_trigger:
        return first, None
    trigger = Trigger(first, "static", order.trigger or "last") if first is not None else None
    return second, trigger


def _absolute(told: msgspec.Raw) -> Decimal | None:
    """Return a price told as text or number; ``None`` for zero, which says "none", and for a relative one."""
    try:
        price = Decimal(bytes(told).decode().strip('"'))
    except (InvalidOperation, UnicodeDecodeError):
        return None
    if not price.is_finite():
        return None
    vet(abs(price))
    return price or None


def fill_of(exec_id: str, row: WireFill, symbols: Symbols) -> Fill | None:
    """Return one execution, or ``None`` for a pair that is no longer listed. Raises as ``report_of``.

    REST does not name the fee's asset; it is the quote unless the order asked otherwise.
    """
    symbol = symbols.symbol(row.pair)
    side = _SIDES.get(row.type)
    if symbol is None or side is None:
        return None
    vet(row.price, row.cost, row.vol, row.time, abs(row.fee))
    trade_id = row.trade_id or 0
    vet_id(trade_id)
    return Fill(
        exec_id=ExecId(exec_id),
        order_id=OrderId(row.ordertxid),
        symbol=symbol,
        side=side,
        qty=row.vol,
        price=row.price,
        cost=row.cost,
        fees=(Fee(Asset(symbol.partition("/")[2]), row.fee),),
        liquidity={True: "m", False: "t", None: ""}[row.maker],
        trade_id=trade_id,
        ts=seconds_ns(row.time),
    )


def seconds_ns(seconds: Decimal) -> int:
    """Return ns of Unix seconds with a fraction."""
    vet(seconds)
    return int(seconds.scaleb(9))
