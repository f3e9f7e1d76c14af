"""How accounts of one order become one order, whatever their sequence, repetition or road.

Every field has a rule that only ever moves up: the highest rank, the latest exchange time, the union of fills. ``join``
is therefore commutative, associative and idempotent, and so is folding reports in one after another with ``merge``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

import msgspec

from core.domain.ids import ExecId
from core.domain.orders import (
    ZERO,
    Fill,
    Order,
    OrderReport,
    OrderStatus,
    OrderType,
    RequestFlag,
    Term,
    Terms,
    TimeInForce,
    Trigger,
)

Number = TypeVar("Number", int, Decimal)

# First the value that stands for "not told"; what never changes can be told in one way only.
_TYPES = tuple(OrderType)
_FORCES = tuple(TimeInForce)
_FLAGS = tuple(RequestFlag)


def merge(order: Order, report: OrderReport) -> Order:
    """Fold a report of this order into it. Status and quantities never fall."""
    return join(order, _told(report, order))


def order_from_report(report: OrderReport) -> Order | None:
    """Return an order we did not place, or ``None`` while nothing describes it.

    A trade names pair and side but not what was ordered, and the trades in a snapshot are of orders long ended.
    """
    if report.symbol is None or report.side is None or report.is_trade:
        return None
    blank = Order(
        symbol=report.symbol, side=report.side, order_type=OrderType.LIMIT, terms=Terms(), foreign=True
    )
    return merge(blank, report)


def infer(order: Order, status: OrderStatus, reason: str = "") -> Order:
    """Raise an order to what *we* conclude, unless the exchange has said anything of it: its word outranks ours."""
    if order.reported >= OrderStatus.PENDING_NEW:
        return order
    mine = ((int(status), 0), reason) if reason else ((-1, 0), "")
    rank, text = max(mine, (order.reason_rank, order.reason))
    return msgspec.structs.replace(order, reported=max(order.reported, status), reason=text, reason_rank=rank)


def join(one: Order, other: Order) -> Order:
    """Return what two accounts of the same order amount to. Pair and side must be the same in both."""
    fills = _union(one.fills, other.fills)
    executed = sum((fill.qty for fill in fills.values()), ZERO)
    cost = sum((fill.cost for fill in fills.values()), ZERO)
    costed_qty, cum_cost = max(
        (one.costed_qty, one.cum_cost), (other.costed_qty, other.cum_cost), (executed, cost)
    )
    trigger_ts, trigger = max(
        (one.trigger_ts, one.trigger), (other.trigger_ts, other.trigger), key=_trigger_key
    )
    reason_rank, reason = max((one.reason_rank, one.reason), (other.reason_rank, other.reason))
    return Order(
        symbol=one.symbol,
        side=one.side,
        order_type=max(one.order_type, other.order_type, key=_TYPES.index),
        terms=_latest(one.terms, other.terms),
        reported=max(one.reported, other.reported),
        cl_ord_id=one.cl_ord_id or other.cl_ord_id,
        order_id=one.order_id or other.order_id,
        cash_qty=_larger(one.cash_qty, other.cash_qty),
        trigger=trigger,
        trigger_ts=trigger_ts,
        time_in_force=max(one.time_in_force, other.time_in_force, key=_FORCES.index),
        expire_ns=_larger(one.expire_ns, other.expire_ns),
        post_only=one.post_only or other.post_only,
        reduce_only=one.reduce_only or other.reduce_only,
        triggered=one.triggered or other.triggered,
        cum_qty=max(one.cum_qty, other.cum_qty, executed),
        cum_cost=cum_cost,
        costed_qty=costed_qty,
        fills=fills,
        reason=reason,
        reason_rank=reason_rank,
        foreign=one.foreign and other.foreign,
        road=max(one.road, other.road),
        created_ns=_created(one, other),
        ts=max(one.ts, other.ts),
        cancel=max(one.cancel, other.cancel, key=_FLAGS.index),
        amend=max(one.amend, other.amend, key=_FLAGS.index),
    )


def join_fills(one: Fill, other: Fill) -> Fill:
    """Return what two accounts of the same fill amount to: REST and stream do not tell the same of it."""
    return msgspec.structs.replace(
        one,
        qty=max(one.qty, other.qty),
        price=max(one.price, other.price),
        cost=max(one.cost, other.cost),
        fees=max(one.fees, other.fees, key=_fees_key),
        liquidity=max(one.liquidity, other.liquidity),
        trade_id=max(one.trade_id, other.trade_id),
        ts=max(one.ts, other.ts),
        cl_ord_id=one.cl_ord_id or other.cl_ord_id,
    )


def _told(report: OrderReport, order: Order) -> Order:
    """Return a report as an account of the order that knows nothing else."""
    ts = report.ts
    priced = report.cum_qty is not None and report.cum_cost is not None
    return Order(
        symbol=order.symbol,
        side=order.side,
        order_type=report.order_type or _TYPES[0],
        terms=Terms(
            qty=_term(ts, report.qty),
            limit_price=_term(ts, report.limit_price),
            trigger_price=_term(ts, report.trigger.price if report.trigger else None),
            display_qty=_term(ts, report.display_qty),
        ),
        reported=_rank(report),
        cl_ord_id=report.cl_ord_id,
        order_id=report.order_id,
        cash_qty=report.cash_qty,
        trigger=report.trigger,
        trigger_ts=ts if report.trigger else 0,
        time_in_force=report.time_in_force or _FORCES[0],
        expire_ns=report.expire_ns,
        post_only=bool(report.post_only),
        reduce_only=bool(report.reduce_only),
        triggered=bool(report.triggered),
        cum_qty=report.cum_qty or ZERO,
        cum_cost=report.cum_cost or ZERO if priced else ZERO,
        costed_qty=report.cum_qty or ZERO if priced else ZERO,
        fills={report.fill.exec_id: report.fill} if report.fill else {},
        reason=report.reason,
        reason_rank=(_rank(report), ts) if report.reason else (-1, 0),
        foreign=True,
        created_ns=ts,
        ts=ts,
    )


def _rank(report: OrderReport) -> OrderStatus:
    # The last trade still says partially filled, and trades inside a snapshot say filled: neither ends the order.
    if report.is_trade:
        return OrderStatus.PARTIALLY_FILLED
    return report.status if report.status is not None else OrderStatus.PENDING_NEW


def _term(ts: int, value: Decimal | None) -> Term:
    return Term() if value is None else Term(ts, value)


def _latest(one: Terms, other: Terms) -> Terms:
    return Terms(
        qty=max(one.qty, other.qty),
        limit_price=max(one.limit_price, other.limit_price),
        trigger_price=max(one.trigger_price, other.trigger_price),
        display_qty=max(one.display_qty, other.display_qty),
    )


def _union(one: Mapping[ExecId, Fill], other: Mapping[ExecId, Fill]) -> Mapping[ExecId, Fill]:
    if not other:
        return one
    both = {**one, **other}
    for exec_id in one.keys() & other.keys():
        both[exec_id] = join_fills(one[exec_id], other[exec_id])
    return both


def _fees_key(fees: tuple[object, ...]) -> tuple[int, str]:
    return len(fees), str(fees)


def _trigger_key(stamped: tuple[int, Trigger | None]) -> tuple[int, Decimal, str, str]:
    ts, trigger = stamped
    if trigger is None:
        return -1, ZERO, "", ""
    return ts, trigger.price, trigger.price_type, trigger.reference


def _larger(one: Number | None, other: Number | None) -> Number | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _created(one: Order, other: Order) -> int:
    # The moment of our click where there is one, else the first thing ever told.
    if one.foreign is not other.foreign:
        return other.created_ns if one.foreign else one.created_ns
    return min((at for at in (one.created_ns, other.created_ns) if at), default=0)
