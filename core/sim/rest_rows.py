"""Orders, trades and ledger entries as REST prints them: texts for amounts, Unix seconds for times.

Source: Kraken REST "Account data" pages.
"""

from __future__ import annotations

from decimal import Decimal

from core.sim import wire
from core.sim.model import ZERO, AssetSpec, ConditionalSpec, Fill, LedgerEntry, OrderSpec, PairSpec, SimOrder

Row = dict[str, object]

NS_PER_MS = 1_000_000

STATUS = {
    "pending_new": "pending",
    "new": "open",
    "partially_filled": "open",
    "filled": "closed",
    "canceled": "canceled",
    "expired": "expired",
}


def order_row(order: SimOrder, pair: PairSpec, *, trades: bool) -> Row:
    """Return one order object of OpenOrders, ClosedOrders and QueryOrders."""
    row: Row = {
        "refid": order.ref_order_id,
        "userref": order.spec.order_userref or 0,
        "status": STATUS[order.status],
        "opentm": wire.unix_text(order.opened_ns),
        "starttm": _seconds(order.spec.effective_ns),
        "expiretm": _seconds(order.spec.expire_ns),
        "descr": _descr(order, pair),
        **_volumes(order, pair),
        "cost": wire.exact_text(order.cum_cost, pair.cost_precision),
        "fee": wire.exact_text(order.cum_fee, pair.cost_precision),
        "price": f"{order.avg_price:.{pair.price_precision}f}",
        "stopprice": _decimal5(order.triggered_price if order.triggered else order.trigger_price),
        "limitprice": _decimal5(order.limit_price if order.triggered else None),
        "margin": order.spec.margin,
        "misc": _misc(order),
        "oflags": _oflags(order.spec),
    }
    if order.spec.cl_ord_id is not None:
        row["cl_ord_id"] = order.spec.cl_ord_id
        del row["userref"]
    if order.spec.triggers is not None:
        row["trigger"] = order.spec.triggers.reference
    if not order.is_open:
        row["reason"] = order.reason
        row["closetm"] = wire.unix_text(order.closed_ns)
    if trades and order.exec_ids:
        row["trades"] = list(order.exec_ids)
    return row


def _volumes(order: SimOrder, pair: PairSpec) -> Row:
    """Total and executed: base, but quote currency where the volume was asked for in it (flag ``viqc``)."""
    cash = order.spec.cash_order_qty
    total, done = (order.order_qty, order.cum_qty) if cash is None else (cash, order.cum_cost)
    return {
        "vol": wire.exact_text(total, pair.qty_precision),
        "vol_exec": wire.exact_text(done, pair.qty_precision),
    }


def _seconds(ns: int | None) -> object:
    return 0 if ns is None else wire.unix_text(ns)


def _decimal5(value: Decimal | None) -> str:
    return wire.exact_text(value or ZERO, 5)


def _descr(order: SimOrder, pair: PairSpec) -> Row:
    spec = order.spec
    has_trigger = spec.triggers is not None
    first = order.trigger_price if has_trigger else order.limit_price
    second = order.limit_price if has_trigger else None
    return {
        "pair": pair.altname,
        "aclass": "forex",
        "type": spec.side,
        "ordertype": spec.order_type,
        "price": "0" if first is None else f"{first:.{pair.price_precision}f}",
        "price2": "0" if second is None else f"{second:.{pair.price_precision}f}",
        "leverage": _leverage(spec) or "none",
        "order": order_text(spec, pair, order.order_qty, order.limit_price, order.trigger_price),
        "close": close_text(spec.conditional, pair),
    }


def _leverage(spec: OrderSpec) -> str:
    if not spec.margin:
        return ""
    return f"{spec.leverage.normalize():f}:1" if spec.leverage else "5:1"


def order_text(
    spec: OrderSpec, pair: PairSpec, qty: Decimal | None, limit: Decimal | None, trigger: Decimal | None
) -> str:
    """Return an order in words: ``buy 1.25000000 XBTUSD @ limit 27500.0``."""
    size = spec.cash_order_qty or qty or ZERO
    asked = trigger if trigger is not None else spec.triggers.price if spec.triggers else None
    words = _kind_text(spec.order_type, limit, asked, pair)
    leverage = _leverage(spec)
    with_leverage = f" with {leverage} leverage" if leverage else ""
    return f"{spec.side} {size:.{pair.qty_precision}f} {pair.altname} @ {words}{with_leverage}"


def close_text(template: ConditionalSpec | None, pair: PairSpec) -> str:
    """Return a close order in words: ``close position @ stop loss 22000.0 -> limit 21000.0``."""
    if template is None:
        return ""
    kind = _kind_text(template.order_type, template.limit_price, template.trigger_price, pair)
    return f"close position @ {kind}"


def _kind_text(order_type: str, limit: Decimal | None, trigger: Decimal | None, pair: PairSpec) -> str:
    def price(value: Decimal | None) -> str:
        return f"{value or ZERO:.{pair.price_precision}f}"

    if order_type == "market":
        return "market"
    if trigger is None:
        return f"{order_type} {price(limit)}"
    name = order_type.removesuffix("-limit").replace("-", " ")
    return f"{name} {price(trigger)}" + (f" -> limit {price(limit)}" if order_type.endswith("-limit") else "")


def _misc(order: SimOrder) -> str:
    words = []
    if order.triggered:
        words.append("touched" if order.spec.order_type.startswith("take-profit") else "stopped")
    if ZERO < order.cum_qty < order.order_qty:
        words.append("partial")
    if order.amended:
        words.append("amended")
    return ",".join(words)


def _oflags(spec: OrderSpec) -> str:
    flags = ["post"] if spec.post_only else []
    flags.append("fcib" if spec.fee_preference == "base" else "fciq")
    if spec.cash_order_qty is not None:
        flags.append("viqc")
    return ",".join(flags)


def amend_rows(order: SimOrder, pair: PairSpec) -> list[Row]:
    """Return what OrderAmends tells: the order as it was placed, then each change. Times in milliseconds."""
    spec = order.spec
    original: Row = {
        "amend_id": "T" + order.order_id[1:],
        "amend_type": "original",
        "order_qty": spec.order_qty,
        "display_qty": spec.display_qty,
        "remaining_qty": spec.order_qty,
        "limit_price": spec.limit_price,
        "post_only": spec.post_only,
        "ts_ns": order.opened_ns,
    }
    return [_amend_row(row, pair) for row in (original, *order.amends)]


def _amend_row(row: Row, pair: PairSpec) -> Row:
    out: Row = {}
    for name, value in row.items():
        if isinstance(value, Decimal):
            decimals = pair.qty_precision if name.endswith("_qty") else pair.price_precision
            out[name] = f"{value:.{decimals}f}"
        elif name == "ts_ns" and isinstance(value, int):
            out["timestamp"] = value // NS_PER_MS
        elif value is not None:
            out[name] = value
    return out


def fill_row(fill: Fill, pair: PairSpec, *, ledgers: bool) -> Row:
    """Return one trade object of TradesHistory and QueryTrades."""
    row: Row = {
        "ordertxid": fill.order_id,
        "postxid": "",
        "pair": pair.rest_id,
        "aclass": "forex",
        "time": wire.unix_text(fill.ts_ns),
        "type": fill.side,
        "ordertype": fill.order_type,
        "price": wire.exact_text(fill.price, 5),
        "cost": wire.exact_text(fill.cost, 5),
        "fee": wire.exact_text(fill.fee, 5),
        "vol": f"{fill.qty:.{pair.qty_precision}f}",
        "margin": "0.00000",
        "leverage": "0",
        "misc": "",
        "trade_id": fill.trade_id,
        "maker": fill.liquidity == "m",
    }
    return row | ({"ledgers": list(fill.ledger_ids)} if ledgers else {})


def ledger_row(entry: LedgerEntry, asset: AssetSpec) -> Row:
    """Return one entry of Ledgers and QueryLedgers."""
    return {
        "refid": entry.ref_id,
        "time": wire.unix_text(entry.ts_ns),
        "type": entry.type,
        "subtype": entry.subtype,
        "aclass": "currency",
        "asset": asset.rest_id,
        "amount": wire.exact_text(entry.amount, asset.precision),
        "fee": wire.exact_text(entry.fee, asset.precision),
        "balance": wire.exact_text(entry.balance, asset.precision),
    }
