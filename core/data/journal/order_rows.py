"""The table of our orders: what we asked, and what reports and fills made of it by the rules of ``order_merge``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from typing import Any

import msgspec

from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.order_merge import infer, join, merge
from core.domain.orders import (
    ZERO,
    Order,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Terms,
)

# Stands for any order: of the accounts folded into it only status, reason, ids and executed sums are read.
_BLANK = Order(symbol=Symbol(""), side=Side.BUY, order_type=OrderType.LIMIT, terms=Terms())

_INTENT = """INSERT INTO orders (cl_ord_id, profile, sent_ns, request, symbol, side, order_type, qty, cash_qty,
    limit_price, status, updated_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (cl_ord_id) DO UPDATE SET profile = excluded.profile, sent_ns = excluded.sent_ns,
        request = excluded.request, status = excluded.status, reason = '', reason_rank = -1, reason_ns = 0,
        updated_ns = excluded.updated_ns"""
_FILLED = "UPDATE orders SET filled_qty = ?, filled_cost = ? WHERE cl_ord_id = ?"
_KNOWN = """SELECT cl_ord_id, order_id, status, reason, reason_rank, reason_ns, cum_qty, cum_cost, costed_qty,
    updated_ns FROM orders WHERE """
_STATE = """UPDATE orders SET order_id = ?, status = ?, reason = ?, reason_rank = ?, reason_ns = ?, cum_qty = ?,
    cum_cost = ?, costed_qty = ?, updated_ns = ? WHERE cl_ord_id = ?"""

INTENT_COLUMNS = (
    "request, profile, sent_ns, status, reason, order_id, cum_qty, cum_cost, costed_qty, updated_ns"
)


class StoredIntent(msgspec.Struct, frozen=True, kw_only=True):
    """One order of ours as the journal knows it: the request, when it was about to leave, and the last state.

    Times ns UTC; ``cum_qty`` base, ``cum_cost`` quote, for the first ``costed_qty`` of it.
    """

    request: OrderRequest
    profile: str
    sent_ns: int
    status: OrderStatus
    reason: str
    order_id: OrderId | None
    cum_qty: Decimal
    cum_cost: Decimal
    costed_qty: Decimal
    updated_ns: int


def intent_from(row: tuple[Any, ...]) -> StoredIntent:
    """Return what the columns INTENT_COLUMNS hold."""
    request, profile, sent_ns, status, reason, order_id, cum_qty, cum_cost, costed_qty, updated_ns = row
    return StoredIntent(
        request=msgspec.json.decode(request, type=OrderRequest),
        profile=profile,
        sent_ns=sent_ns,
        status=OrderStatus(status),
        reason=reason,
        order_id=order_id,
        cum_qty=Decimal(cum_qty),
        cum_cost=Decimal(cum_cost),
        costed_qty=Decimal(costed_qty),
        updated_ns=updated_ns,
    )


def is_used(connection: sqlite3.Connection, cl_ord_id: ClOrdId) -> bool:
    """Whether an order with this id was ever about to be sent, and is not proven absent: then it may go once more."""
    found = connection.execute("SELECT status FROM orders WHERE cl_ord_id = ?", (cl_ord_id,)).fetchone()
    return found is not None and found[0] != OrderStatus.NOT_FOUND


def put_intent(connection: sqlite3.Connection, request: OrderRequest, profile: str, sent_ns: int) -> None:
    """Write down what is about to be sent, in the place of an earlier attempt under its id."""
    connection.execute(
        _INTENT,
        (
            request.cl_ord_id,
            profile,
            sent_ns,
            msgspec.json.encode(request).decode(),
            request.symbol,
            request.side,
            request.order_type,
            amount(request.qty),
            amount(request.cash_qty),
            amount(request.limit_price),
            int(OrderStatus.SENT),
            sent_ns,
        ),
    )


def put_outcome(
    connection: sqlite3.Connection, cl_ord_id: ClOrdId, status: OrderStatus, reason: str, ts: int
) -> None:
    """Raise an order to what we conclude of it, unless the exchange has spoken; an unknown order stays out."""
    for order in _known(connection, "cl_ord_id = ?", cl_ord_id):
        _keep(connection, infer(order, status, reason), ts)


def put_unsent(
    connection: sqlite3.Connection, cl_ord_id: ClOrdId, sent_ns: int, reason: str, ts: int
) -> None:
    """End an intent that got on disk although its asker was told no; an earlier one of the same id is not touched."""
    for order in _known(connection, "cl_ord_id = ? AND sent_ns = ?", cl_ord_id, sent_ns):
        if order.reported is OrderStatus.SENT:
            _keep(connection, infer(order, OrderStatus.REJECTED, reason), ts)


def fold_report(connection: sqlite3.Connection, report: OrderReport) -> None:
    """Raise our order to what was said. A report that first links the two ids brings what came before with it."""
    ours = _known(connection, "cl_ord_id = ? OR order_id = ?", report.cl_ord_id, report.order_id)
    for order in ours:
        said = [report] if order.order_id else _said_of(connection, report.order_id)
        _keep(connection, reduce(merge, said, order), report.ts)
        if not order.order_id:
            _count_earlier_fills(connection, report.order_id)


def count_fill(connection: sqlite3.Connection, order_id: OrderId, qty: Decimal, cost: Decimal) -> None:
    """Add to what the fills of our order sum to (base, quote): they may come by a road that tells no totals."""
    ours = connection.execute(
        "SELECT cl_ord_id, filled_qty, filled_cost FROM orders WHERE order_id = ?", (order_id,)
    )
    for cl_ord_id, filled_qty, filled_cost in ours.fetchall():
        executed, paid = Decimal(filled_qty) + qty, Decimal(filled_cost) + cost
        connection.execute(_FILLED, (amount(executed), amount(paid), cl_ord_id))
        account = msgspec.structs.replace(
            _BLANK,
            reported=OrderStatus.PARTIALLY_FILLED,
            cum_qty=executed,
            cum_cost=paid,
            costed_qty=executed,
        )
        for order in _known(connection, "cl_ord_id = ?", cl_ord_id):
            _keep(connection, join(order, account), 0)


def report_from(raw: str) -> OrderReport:
    """Return a report as it was received."""
    return msgspec.json.decode(raw, type=OrderReport)


def merged(reports: Iterable[OrderReport]) -> Order:
    """Fold reports into an order that stands for nothing else: read its status, reason and executed sums."""
    return reduce(merge, reports, _BLANK)


def amount(value: Decimal | None) -> str | None:
    """Return a decimal as text without an exponent."""
    return None if value is None else format(value, "f")


def _known(connection: sqlite3.Connection, where: str, *values: str | int | None) -> list[Order]:
    return [_order_from(row) for row in connection.execute(_KNOWN + where, values).fetchall()]


def _order_from(row: tuple[Any, ...]) -> Order:
    cl_ord_id, order_id, status, reason, reason_rank, reason_ns, cum_qty, cum_cost, costed_qty, updated_ns = (
        row
    )
    return msgspec.structs.replace(
        _BLANK,
        cl_ord_id=cl_ord_id,
        order_id=order_id,
        reported=OrderStatus(status),
        reason=reason,
        reason_rank=(reason_rank, reason_ns),
        cum_qty=Decimal(cum_qty),
        cum_cost=Decimal(cum_cost),
        costed_qty=Decimal(costed_qty),
        ts=updated_ns,
    )


def _keep(connection: sqlite3.Connection, order: Order, ts: int) -> None:
    state = (
        order.order_id,
        int(order.reported),
        order.reason,
        *(int(part) for part in order.reason_rank),
        amount(order.cum_qty),
        amount(order.cum_cost),
        amount(order.costed_qty),
        max(order.ts, ts),
        order.cl_ord_id,
    )
    connection.execute(_STATE, state)


def _count_earlier_fills(connection: sqlite3.Connection, order_id: OrderId) -> None:
    fills = connection.execute("SELECT qty, cost FROM fills WHERE order_id = ?", (order_id,)).fetchall()
    if fills:
        executed = sum((Decimal(qty) for qty, _ in fills), ZERO)
        count_fill(connection, order_id, executed, sum((Decimal(cost) for _, cost in fills), ZERO))


def _said_of(connection: sqlite3.Connection, order_id: OrderId) -> list[OrderReport]:
    found = connection.execute("SELECT raw FROM reports WHERE order_id = ? ORDER BY id", (order_id,))
    return [report_from(raw) for (raw,) in found]
