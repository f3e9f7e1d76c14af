"""The journal as CSV, for a spreadsheet or the tax office. One table a file, oldest first, times UTC.

Numbers are written as they are. Text from outside that a spreadsheet would take for a formula gets an apostrophe.
"""

from __future__ import annotations

import csv
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from core.data.journal import reader
from core.data.journal.schema import PRIVATE_FILE
from core.domain.times import format_ns

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")

Cell = str | Decimal | int | None
Rows = Callable[[sqlite3.Connection, int], Iterator[tuple[Cell, ...]]]


class What(StrEnum):
    """What can be exported."""

    ORDERS = "orders"
    FILLS = "fills"
    BALANCES = "balances"
    EVENTS = "events"


def export(connection: sqlite3.Connection, what: What, since_ns: int, out: Path) -> int:
    """Write one table since a moment (ns UTC) to a file only its owner may read; return the number of rows.

    The file appears as a whole or not at all. OSError when it cannot be written, sqlite3.Error when not read.
    """
    header, rows = _TABLES[what]
    count = 0
    with _appearing(out) as file:
        writer = csv.writer(file)
        writer.writerow(header.split())
        for row in rows(connection, since_ns):
            writer.writerow([_cell(value) for value in row])
            count += 1
    return count


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case str():
            return "'" + value if value.startswith(FORMULA_STARTS) else value
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def _time(ns: int) -> str:
    return format_ns(ns) if ns else ""


def _orders(connection: sqlite3.Connection, since_ns: int) -> Iterator[tuple[Cell, ...]]:
    for intent in reader.intents(connection, since_ns):
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


def _fills(connection: sqlite3.Connection, since_ns: int) -> Iterator[tuple[Cell, ...]]:
    for fill in reader.fills(connection, since_ns):
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


def _balances(connection: sqlite3.Connection, since_ns: int) -> Iterator[tuple[Cell, ...]]:
    query = "SELECT ts, asset, total FROM balances WHERE ts >= ? ORDER BY id"
    for ts, asset, total in connection.execute(query, (since_ns,)):
        yield _time(ts), asset, Decimal(total)


def _events(connection: sqlite3.Connection, since_ns: int) -> Iterator[tuple[Cell, ...]]:
    query = "SELECT ts, kind, text FROM events WHERE ts >= ? ORDER BY ts, id"
    for ts, kind, text in connection.execute(query, (since_ns,)):
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


@contextmanager
def _appearing(path: Path) -> Iterator[TextIO]:
    """Yield a private file that takes its name only when everything is in it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
