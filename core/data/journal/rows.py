"""Domain values to rows and back. Plain functions on a connection; the caller owns the transaction.

Every write may be repeated without harm: the same report, fill or balance is kept once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from hashlib import blake2b
from typing import Any

import msgspec

from core.domain.account import Balance
from core.domain.ids import ClOrdId, ExecId, OrderId, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.order_merge import merge
from core.domain.orders import (
    ZERO,
    Fee,
    Fill,
    Order,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Terms,
)

NONCE = "nonce"

_BLANK = Order(symbol=Symbol(""), side=Side.BUY, order_type=OrderType.LIMIT, terms=Terms())
_INTENT = """INSERT INTO orders (cl_ord_id, profile, sent_ns, request, symbol, side, order_type, qty, cash_qty,
    limit_price, status, updated_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_OUTCOME = """UPDATE orders SET reason = CASE WHEN :reason <> '' AND :status >= status THEN :reason ELSE reason END,
    status = max(status, :status), updated_ns = max(updated_ns, :ts) WHERE cl_ord_id = :cl_ord_id"""
_UNSENT = """UPDATE orders SET status = ?, reason = ?, updated_ns = max(updated_ns, ?)
    WHERE cl_ord_id = ? AND sent_ns = ? AND status = ?"""
_REPORT = """INSERT INTO reports (recv_ns, road, order_id, cl_ord_id, exec_type, ts, raw, digest)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id, digest) DO NOTHING"""
_SUMS = "UPDATE orders SET status = max(status, ?), cum_qty = ?, cum_cost = ? WHERE cl_ord_id = ?"
_STATE = """UPDATE orders SET order_id = ?, status = ?, reason = ?, cum_qty = ?, cum_cost = ?,
    updated_ns = max(updated_ns, ?) WHERE cl_ord_id = ?"""
# A fill may come by two roads, one telling more than the other: the fuller one stays, as in the merge of orders.
_FILL = """INSERT INTO fills (exec_id, order_id, cl_ord_id, symbol, side, qty, price, cost, fees, fee_count,
    liquidity, trade_id, ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (exec_id) DO UPDATE SET cl_ord_id = coalesce(excluded.cl_ord_id, cl_ord_id),
        fees = excluded.fees, fee_count = excluded.fee_count, trade_id = excluded.trade_id,
        liquidity = CASE WHEN excluded.liquidity <> '' THEN excluded.liquidity ELSE liquidity END, ts = excluded.ts
    WHERE (excluded.fee_count, excluded.trade_id, excluded.ts) > (fee_count, trade_id, ts)"""
_BALANCE = """INSERT INTO balances (ts, asset, total, wallets)
    SELECT :ts, :asset, :total, :wallets WHERE (:total, :wallets) IS NOT
    (SELECT total, wallets FROM balances WHERE asset = :asset ORDER BY id DESC LIMIT 1)"""
_META = """INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value
    WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)"""


class StoredIntent(msgspec.Struct, frozen=True, kw_only=True):
    """One order of ours as the journal knows it: the request, when it was about to leave, and the last state.

    Times ns UTC; ``cum_qty`` base, ``cum_cost`` quote.
    """

    request: OrderRequest
    profile: str
    sent_ns: int
    status: OrderStatus
    reason: str
    order_id: OrderId | None
    cum_qty: Decimal
    cum_cost: Decimal
    updated_ns: int


INTENT_COLUMNS = "request, profile, sent_ns, status, reason, order_id, cum_qty, cum_cost, updated_ns"
FILL_COLUMNS = "exec_id, order_id, cl_ord_id, symbol, side, qty, price, cost, fees, liquidity, trade_id, ts"


def has_intent(connection: sqlite3.Connection, cl_ord_id: ClOrdId) -> bool:
    """Whether an order with this id was ever about to be sent."""
    found = connection.execute("SELECT 1 FROM orders WHERE cl_ord_id = ?", (cl_ord_id,))
    return found.fetchone() is not None


def put_intent(connection: sqlite3.Connection, request: OrderRequest, profile: str, sent_ns: int) -> None:
    """Write down what is about to be sent."""
    connection.execute(
        _INTENT,
        (
            request.cl_ord_id,
            profile,
            sent_ns,
            _json(request),
            request.symbol,
            request.side,
            request.order_type,
            _amount(request.qty),
            _amount(request.cash_qty),
            _amount(request.limit_price),
            int(OrderStatus.SENT),
            sent_ns,
        ),
    )


def put_outcome(
    connection: sqlite3.Connection, cl_ord_id: ClOrdId, status: OrderStatus, reason: str, ts: int
) -> None:
    """Raise an order to what we conclude of it; an order not in the journal stays out."""
    values = {"cl_ord_id": cl_ord_id, "status": int(status), "reason": reason, "ts": ts}
    connection.execute(_OUTCOME, values)


def put_unsent(
    connection: sqlite3.Connection, cl_ord_id: ClOrdId, sent_ns: int, reason: str, ts: int
) -> None:
    """End an intent that got on disk although its asker was told no; an earlier one of the same id is not touched."""
    values = (int(OrderStatus.REJECTED), reason, ts, cl_ord_id, sent_ns, int(OrderStatus.SENT))
    connection.execute(_UNSENT, values)


def put_report(connection: sqlite3.Connection, report: OrderReport, road: str, recv_ns: int) -> None:
    """Append what the exchange said, with its fill, and fold it into our order. Said again word for word: kept once."""
    raw = _json(report)
    digest = blake2b(raw.encode(), digest_size=16).digest()
    added = connection.execute(
        _REPORT,
        (recv_ns, road, report.order_id, report.cl_ord_id, report.exec_type, report.ts, raw, digest),
    )
    if added.rowcount:
        _fold(connection, report)
    if report.fill is not None:
        put_fill(connection, report.fill)


def put_fill(connection: sqlite3.Connection, fill: Fill) -> None:
    """Keep a fill once, in its fullest version, and count it in our order."""
    connection.execute(
        _FILL,
        (
            fill.exec_id,
            fill.order_id,
            fill.cl_ord_id,
            fill.symbol,
            fill.side,
            _amount(fill.qty),
            _amount(fill.price),
            _amount(fill.cost),
            _json(fill.fees),
            len(fill.fees),
            fill.liquidity,
            fill.trade_id,
            fill.ts,
        ),
    )
    _add_up(connection, fill.order_id)


def put_balances(connection: sqlite3.Connection, balances: Iterable[Balance], ts: int) -> None:
    """Keep the balances that differ from the last ones kept."""
    for balance in balances:
        values = {
            "ts": ts,
            "asset": balance.asset,
            "total": _amount(balance.total),
            "wallets": _json(balance.wallets),
        }
        connection.execute(_BALANCE, values)


def put_event(connection: sqlite3.Connection, kind: str, text: str, ts: int) -> None:
    """Append something that happened."""
    connection.execute("INSERT INTO events (ts, kind, text) VALUES (?, ?, ?)", (ts, kind, text))


def put_instruments(connection: sqlite3.Connection, instruments: Iterable[Instrument], ts: int) -> None:
    """Replace what is known of these pairs."""
    rows = [(instrument.symbol, ts, _json(instrument)) for instrument in instruments]
    connection.executemany("REPLACE INTO instruments (symbol, ts, raw) VALUES (?, ?, ?)", rows)


def put_nonce(connection: sqlite3.Connection, nonce: int) -> None:
    """Keep the highest nonce used."""
    connection.execute(_META, (NONCE, str(nonce)))


def intent_from(row: tuple[Any, ...]) -> StoredIntent:
    """Return what the columns INTENT_COLUMNS hold."""
    request, profile, sent_ns, status, reason, order_id, cum_qty, cum_cost, updated_ns = row
    return StoredIntent(
        request=msgspec.json.decode(request, type=OrderRequest),
        profile=profile,
        sent_ns=sent_ns,
        status=OrderStatus(status),
        reason=reason,
        order_id=order_id,
        cum_qty=Decimal(cum_qty),
        cum_cost=Decimal(cum_cost),
        updated_ns=updated_ns,
    )


def fill_from(row: tuple[Any, ...]) -> Fill:
    """Return what the columns FILL_COLUMNS hold."""
    exec_id, order_id, cl_ord_id, symbol, side, qty, price, cost, fees, liquidity, trade_id, ts = row
    return Fill(
        exec_id=ExecId(exec_id),
        order_id=order_id,
        cl_ord_id=cl_ord_id,
        symbol=symbol,
        side=Side(side),
        qty=Decimal(qty),
        price=Decimal(price),
        cost=Decimal(cost),
        fees=msgspec.json.decode(fees, type=tuple[Fee, ...]),
        liquidity=liquidity,
        trade_id=trade_id,
        ts=ts,
    )


def report_from(raw: str) -> OrderReport:
    """Return a report as it was received."""
    return msgspec.json.decode(raw, type=OrderReport)


def merged(reports: Iterable[OrderReport]) -> Order:
    """Fold reports into an order that stands for nothing else: read its status, reason and executed sums."""
    return reduce(merge, reports, _BLANK)


def _fold(connection: sqlite3.Connection, report: OrderReport) -> None:
    """Raise our order to what was said of it. A report that first links the two ids brings the earlier ones with it."""
    found = connection.execute(
        "SELECT cl_ord_id, order_id, status, reason, cum_qty, cum_cost FROM orders WHERE cl_ord_id = ? OR order_id = ?",
        (report.cl_ord_id, report.order_id),
    ).fetchall()
    for cl_ord_id, order_id, status, reason, cum_qty, cum_cost in found:
        heard = merged([report] if order_id else _said_of(connection, report.order_id))
        state = (
            order_id or report.order_id,
            max(status, int(heard.reported)),
            heard.reason if heard.reason and heard.reported >= status else reason,
            _amount(max(Decimal(cum_qty), heard.cum_qty)),
            _amount(max(Decimal(cum_cost), heard.cum_cost)),
            heard.ts,
            cl_ord_id,
        )
        connection.execute(_STATE, state)
        if not order_id:
            _add_up(connection, report.order_id)


def _add_up(connection: sqlite3.Connection, order_id: OrderId) -> None:
    """Raise our order to what its fills sum to: they may come by a road that tells no totals."""
    ours = connection.execute(
        "SELECT cl_ord_id, cum_qty, cum_cost FROM orders WHERE order_id = ?", (order_id,)
    ).fetchall()
    if not ours:
        return
    fills = connection.execute("SELECT qty, cost FROM fills WHERE order_id = ?", (order_id,)).fetchall()
    executed = sum((Decimal(qty) for qty, _ in fills), ZERO)
    cost = sum((Decimal(cost) for _, cost in fills), ZERO)
    for cl_ord_id, cum_qty, cum_cost in ours:
        sums = (
            int(OrderStatus.PARTIALLY_FILLED) if fills else 0,
            _amount(max(Decimal(cum_qty), executed)),
            _amount(max(Decimal(cum_cost), cost)),
            cl_ord_id,
        )
        connection.execute(_SUMS, sums)


def _said_of(connection: sqlite3.Connection, order_id: OrderId) -> list[OrderReport]:
    found = connection.execute("SELECT raw FROM reports WHERE order_id = ? ORDER BY id", (order_id,))
    return [report_from(raw) for (raw,) in found]


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
