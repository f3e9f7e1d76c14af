"""Rows of the private channels: execution reports as sparse deltas, balances and ledger entries.

Only ``exec_type``, ``order_id``, ``order_status``, ``timestamp`` and the client id are always there; what a report
carries besides depends on its type. Source: Kraken channel pages ``executions`` and ``balances``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from core.sim import wire
from core.sim.model import ZERO, AssetSpec, ExecReport, Fill, LedgerEntry, PairSpec, SimOrder

if TYPE_CHECKING:
    from core.sim.engine import Engine

Row = dict[str, object]

# Kraken sends only these when a client asks for no transitions.
FINAL_EXEC_TYPES = frozenset({"new", "filled", "canceled", "expired"})


def report_row(report: ExecReport, pair: PairSpec, engine: Engine) -> Row:
    """Return one element of an ``executions`` update."""
    order = report.order
    status = "partially_filled" if report.exec_type == "trade" else order.status
    row: Row = {
        "timestamp": wire.rfc3339_us(report.ts_ns),
        "order_status": status,
        "exec_type": report.exec_type,
        "order_id": order.order_id,
    } | _client_id(order)
    if report.exec_type == "trade":
        assert report.fill is not None, "a trade report carries its fill"
        return row | fill_part(report.fill, pair, engine) | _cumulative(order, pair)
    details = _DETAILS.get(report.exec_type)
    return row | (details(report, pair) if details else {})


def open_order_row(order: SimOrder, pair: PairSpec) -> Row:
    """Return one element of the snapshot of open orders: everything known about the order."""
    return (
        {
            "timestamp": wire.rfc3339_us(order.last_change_ns or order.opened_ns),
            "order_status": order.status,
            "exec_type": "pending_new" if order.status == "pending_new" else "new",
            "order_id": order.order_id,
        }
        | _client_id(order)
        | _description(order, pair)
        | _cumulative(order, pair)
    )


def past_fill_row(fill: Fill, order: SimOrder | None, pair: PairSpec, engine: Engine) -> Row:
    """Return one element of the snapshot of fills: status ``filled`` and no cumulative fields, as recorded."""
    row: Row = {
        "timestamp": wire.rfc3339_us(fill.ts_ns),
        "order_status": "filled",
        "exec_type": "trade",
        "order_id": fill.order_id,
    }
    return row | (_client_id(order) if order else {}) | fill_part(fill, pair, engine)


def fill_part(fill: Fill, pair: PairSpec, engine: Engine) -> Row:
    """Return what describes one execution."""
    fee = wire.exact(fill.fee, engine.assets[fill.fee_asset].precision)
    return {
        "exec_id": fill.exec_id,
        "trade_id": fill.trade_id,
        "symbol": fill.symbol,
        "side": fill.side,
        "last_qty": wire.fixed(fill.qty, pair.qty_precision),
        "last_price": wire.fixed(fill.price, pair.price_precision),
        "liquidity_ind": fill.liquidity,
        "cost": wire.exact(fill.cost, pair.cost_precision),
        "order_type": fill.order_type,
        "fees": [{"asset": fill.fee_asset, "qty": fee}],
        "fee_usd_equiv": wire.fixed(_fee_in_usd(fill, pair), pair.cost_precision),
    }


def _fee_in_usd(fill: Fill, pair: PairSpec) -> Decimal:
    """Kraken shows zero where the pair is not quoted in USD."""
    if pair.quote != "USD":
        return ZERO
    return fill.fee if fill.fee_asset == "USD" else fill.fee * fill.price


def _client_id(order: SimOrder) -> Row:
    """Orders with a ``cl_ord_id`` carry no userref; orders without either carry userref 0."""
    if order.spec.cl_ord_id is not None:
        return {"cl_ord_id": order.spec.cl_ord_id}
    return {"order_userref": order.spec.order_userref or 0}


def _cumulative(order: SimOrder, pair: PairSpec) -> Row:
    return {
        "cum_qty": wire.fixed(order.cum_qty, pair.qty_precision),
        "cum_cost": wire.exact(order.cum_cost, pair.cost_precision),
        "avg_price": wire.fixed(order.avg_price, pair.price_precision),
    }


def _description(order: SimOrder, pair: PairSpec) -> Row:
    spec = order.spec
    row: Row = {
        "symbol": spec.symbol,
        "side": spec.side,
        "order_type": spec.order_type,
        "order_qty": wire.fixed(order.order_qty, pair.qty_precision),
        "cum_cost": wire.exact(order.cum_cost, pair.cost_precision),
        "limit_price_type": spec.limit_price_type,
        "time_in_force": spec.time_in_force.upper(),
        "stop_price": wire.fixed(order.trigger_price or ZERO, pair.price_precision),
        "fee_usd_equiv": wire.fixed(ZERO, pair.cost_precision),
        "fee_ccy_pref": _fee_preference(order),
    }
    if order.limit_price is not None:
        row["limit_price"] = wire.fixed(order.limit_price, pair.price_precision)
    if spec.cash_order_qty is not None:
        row["cash_order_qty"] = wire.exact(spec.cash_order_qty, pair.cost_precision)
    return row | _triggers(order, pair) | _options(order, pair)


def _fee_preference(order: SimOrder) -> str:
    return "fcib" if order.spec.fee_preference == "base" else "fciq"


def _options(order: SimOrder, pair: PairSpec) -> Row:
    spec = order.spec
    row: Row = {name: True for name in ("post_only", "reduce_only", "margin") if getattr(spec, name)}
    if order.amended:
        row["amended"] = True
    if order.ref_order_id is not None:
        row["ord_ref_id"] = order.ref_order_id
    if spec.sender_sub_id is not None:
        row["sender_sub_id"] = spec.sender_sub_id
    for name, ns in (("expire_time", spec.expire_ns), ("effective_time", spec.effective_ns)):
        if ns is not None:
            row[name] = wire.rfc3339_us(ns)
    return row | _display(order, pair) | _contingent(order, pair)


def _display(order: SimOrder, pair: PairSpec) -> Row:
    if order.display_qty is None:
        return {}
    return {
        "display_qty": wire.fixed(order.display_qty, pair.qty_precision),
        "display_qty_remain": wire.fixed(order.display_left, pair.qty_precision),
    }


def _contingent(order: SimOrder, pair: PairSpec) -> Row:
    template = order.spec.conditional
    if template is None:
        return {}
    row: Row = {"order_type": template.order_type}
    if template.trigger_price is not None:
        row["trigger_price"] = wire.exact(template.trigger_price, pair.price_precision)
        row["trigger_price_type"] = template.trigger_price_type
    if template.limit_price is not None:
        row["limit_price"] = wire.exact(template.limit_price, pair.price_precision)
        row["limit_price_type"] = template.limit_price_type
    return {"contingent": row}


def _triggers(order: SimOrder, pair: PairSpec) -> Row:
    asked = order.spec.triggers
    if asked is None:
        return {}
    row: Row = {
        "reference": asked.reference,
        "price": wire.exact(asked.price, pair.price_precision),
        "price_type": asked.price_type,
        "status": "triggered" if order.triggered else "untriggered",
    }
    for name, value in (
        ("actual_price", order.trigger_price),
        ("peak_price", order.peak_price),
        ("last_price", order.triggered_price),
    ):
        if value is not None:
            row[name] = wire.fixed(value, pair.price_precision)
    if order.triggered:
        row["timestamp"] = wire.rfc3339_us(order.last_change_ns)
    return {"triggers": row}


def _of_new(report: ExecReport, pair: PairSpec) -> Row:
    return {"post_only": True} if report.order.spec.post_only else {}


def _of_end(report: ExecReport, pair: PairSpec) -> Row:
    row = _cumulative(report.order, pair)
    row["fee_usd_equiv"] = wire.fixed(_total_fee_in_usd(report.order, pair), pair.cost_precision)
    reason = report.reason or report.order.reason
    if report.exec_type != "filled" and reason:
        row["reason"] = row["cancel_reason"] = reason
    return row


def _total_fee_in_usd(order: SimOrder, pair: PairSpec) -> Decimal:
    if pair.quote != "USD":
        return ZERO
    return order.cum_fee * order.avg_price if order.spec.fee_preference == "base" else order.cum_fee


def _of_change(report: ExecReport, pair: PairSpec) -> Row:
    order = report.order
    row: Row = {
        "amended": True,
        "order_qty": wire.fixed(order.order_qty, pair.qty_precision),
        "cum_qty": wire.fixed(order.cum_qty, pair.qty_precision),
    }
    if order.limit_price is not None:
        row["limit_price"] = wire.fixed(order.limit_price, pair.price_precision)
        row["limit_price_type"] = order.spec.limit_price_type
    if report.reason:
        row["reason"] = report.reason
    return row | _triggers(order, pair) | _display(order, pair)


_DETAILS: Mapping[str, Callable[[ExecReport, PairSpec], Row]] = {
    "pending_new": lambda report, pair: _description(report.order, pair),
    "new": _of_new,
    "filled": _of_end,
    "canceled": _of_end,
    "expired": _of_end,
    "amended": _of_change,
    "restated": _of_change,
    "iceberg_refill": lambda report, pair: _display(report.order, pair),
    "status": lambda report, pair: _triggers(report.order, pair),
}


def balance_row(asset: AssetSpec, balance: Decimal) -> Row:
    """Return one element of the ``balances`` snapshot."""
    amount = wire.exact(balance, asset.precision)
    return {
        "asset": asset.code,
        "asset_class": "currency",
        "balance": amount,
        "wallets": [{"type": "spot", "id": "main", "balance": amount}],
    }


def ledger_row(entry: LedgerEntry, asset: AssetSpec) -> Row:
    """Return one element of a ``balances`` update."""
    row: Row = {
        "ledger_id": entry.ledger_id,
        "ref_id": entry.ref_id,
        "timestamp": wire.rfc3339_us(entry.ts_ns),
        "type": entry.type,
        "asset": entry.asset,
        "asset_class": "currency",
        "category": entry.category,
        "wallet_type": entry.wallet_type,
        "wallet_id": entry.wallet_id,
        "amount": wire.exact(entry.amount, asset.precision),
        "fee": wire.exact(entry.fee, asset.precision),
        "balance": wire.exact(entry.balance, asset.precision),
    }
    return row | ({"subtype": entry.subtype} if entry.subtype else {})
