"""The journal's tables as files, for a spreadsheet, a program or the tax office. Oldest first, times UTC."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from core.data.journal import reader
from core.data.journal.export_formats import Cell, Form, appearing
from core.domain.times import format_ns

FOREVER_NS = 2**63 - 1


class Span(NamedTuple):
    """From ``since`` on and before ``until``, ns UTC."""

    since: int = 0
    until: int = FOREVER_NS


Rows = Callable[[sqlite3.Connection, Span], Iterator[tuple[Cell, ...]]]


class What(StrEnum):
    """What can be exported."""

    ORDERS = "orders"
    FILLS = "fills"
    BALANCES = "balances"
    EVENTS = "events"


def export(connection: sqlite3.Connection, what: What, span: Span, out: Path, form: Form = Form.CSV) -> int:
    """Write one table to a file only its owner may read; return the number of rows.

    The file appears as a whole or not at all. OSError when it cannot be written, sqlite3.Error when not read,
    StartError when the form needs a package that is not here.
    """
    header, rows = _TABLES[what]
    count = 0
    with appearing(out, form, header.split(), NUMBERS) as table:
        for row in rows(connection, span):
            table.add(row)
            count += 1
    return count


def _time(ns: int) -> str:
    return format_ns(ns) if ns else ""


def _orders(connection: sqlite3.Connection, span: Span) -> Iterator[tuple[Cell, ...]]:
    for intent in takewhile(
        lambda intent: intent.sent_ns < span.until, reader.intents(connection, span.since)
    ):
        request = intent.request
        yield (
            _time(intent.sent_ns),
            request.cl_ord_id,
            intent.order_id,
            request.symbol,
            request.side.value,
            request.order_type.value,
            request.time_in_force.value,
            request.qty,
            request.cash_qty,
            request.limit_price,
            request.trigger.price if request.trigger else None,
            intent.status.name.lower(),
            intent.cum_qty,
            intent.cum_cost,
            intent.reason,
            intent.profile,
            _time(intent.updated_ns),
        )


def _fills(connection: sqlite3.Connection, span: Span) -> Iterator[tuple[Cell, ...]]:
    for fill in takewhile(lambda fill: fill.ts < span.until, reader.fills(connection, span.since)):
        fee = fill.fees[0] if fill.fees else None
        more = "; ".join(f"{other.qty:f} {other.asset}" for other in fill.fees[1:])
        yield (
            _time(fill.ts),
            fill.exec_id,
            fill.order_id,
            fill.cl_ord_id,
            fill.symbol,
            fill.side.value,
            fill.qty,
            fill.price,
            fill.cost,
            fee.qty if fee else None,
            fee.asset if fee else None,
            more,
            fill.liquidity,
            fill.trade_id or None,
        )


def _balances(connection: sqlite3.Connection, span: Span) -> Iterator[tuple[Cell, ...]]:
    query = "SELECT ts, asset, total FROM balances WHERE ts >= ? AND ts < ? ORDER BY id"
    for ts, asset, total in connection.execute(query, span):
        yield _time(ts), asset, Decimal(total)


def _events(connection: sqlite3.Connection, span: Span) -> Iterator[tuple[Cell, ...]]:
    query = "SELECT ts, kind, text FROM events WHERE ts >= ? AND ts < ? ORDER BY ts, id"
    for ts, kind, text in connection.execute(query, span):
        yield _time(ts), kind, text


_TABLES: dict[What, tuple[str, Rows]] = {
    What.ORDERS: (
        "sent cl_ord_id order_id symbol side order_type time_in_force qty cash_qty limit_price trigger_price "
        "status executed_qty executed_cost reason profile updated",
        _orders,
    ),
    What.FILLS: (
        "time exec_id order_id cl_ord_id symbol side qty price cost fee fee_asset more_fees liquidity trade_id",
        _fills,
    ),
    What.BALANCES: ("time asset total", _balances),
    What.EVENTS: ("time kind text", _events),
}

NUMBERS = frozenset(
    {
        *("qty", "cash_qty", "limit_price", "trigger_price", "executed_qty", "executed_cost"),
        *("price", "cost", "fee", "total"),
    }
)
"""Columns that hold exact decimals."""
