"""Questions to the journal. Plain functions on a connection, for any thread that owns one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import msgspec

from core.data.journal.order_rows import INTENT_COLUMNS, StoredIntent, intent_from, report_from
from core.data.journal.rows import FILL_COLUMNS, KEPT, NONCE, fill_from
from core.data.journal.schema import TABLES
from core.domain.ids import ClOrdId, OrderId
from core.domain.instrument import Instrument
from core.domain.orders import Fill, OrderReport, OrderStatus


def pending_intents(connection: sqlite3.Connection, watched_since_ns: int) -> list[StoredIntent]:
    """Return our orders that ask for more, oldest first: without a final outcome, or ended short of fills.

    Those proven absent only if sent since that time.
    """
    found = connection.execute(
        f"""SELECT {INTENT_COLUMNS} FROM orders
            WHERE (status < :final AND (status <> :absent OR sent_ns >= :since))
               OR (status >= :final AND CAST(cum_qty AS REAL) > CAST(filled_qty AS REAL))
            ORDER BY sent_ns, rowid""",
        {
            "final": int(OrderStatus.REJECTED),
            "absent": int(OrderStatus.NOT_FOUND),
            "since": watched_since_ns,
        },
    )
    return [intent_from(row) for row in found]


def intents(connection: sqlite3.Connection, since_ns: int = 0) -> Iterator[StoredIntent]:
    """Yield our orders sent since that time, oldest first."""
    query = f"SELECT {INTENT_COLUMNS} FROM orders WHERE sent_ns >= ? ORDER BY sent_ns, rowid"
    return map(intent_from, connection.execute(query, (since_ns,)))


def fills(connection: sqlite3.Connection, since_ns: int = 0) -> Iterator[Fill]:
    """Yield fills executed since that time, oldest first."""
    query = f"SELECT {FILL_COLUMNS} FROM fills WHERE ts >= ? ORDER BY ts, exec_id"
    return map(fill_from, connection.execute(query, (since_ns,)))


def fills_of(connection: sqlite3.Connection, order_id: OrderId) -> Iterator[Fill]:
    """Yield the fills of one order."""
    return map(
        fill_from,
        connection.execute(f"SELECT {FILL_COLUMNS} FROM fills WHERE order_id = ? ORDER BY ts", (order_id,)),
    )


def reports_of(connection: sqlite3.Connection, order_id: OrderId) -> list[OrderReport]:
    """Return what was said of an order, ours or not, in the order it was heard."""
    found = connection.execute("SELECT raw FROM reports WHERE order_id = ? ORDER BY id", (order_id,))
    return [report_from(raw) for (raw,) in found]


def reports(connection: sqlite3.Connection, cl_ord_id: ClOrdId) -> list[OrderReport]:
    """Return what was said of one of our orders, in the order it was heard; follow-ups may not repeat our id."""
    found = connection.execute(
        """SELECT raw FROM reports WHERE cl_ord_id = :ours
            OR order_id = (SELECT order_id FROM orders WHERE cl_ord_id = :ours) ORDER BY id""",
        {"ours": cl_ord_id},
    )
    return [report_from(raw) for (raw,) in found]


def reports_by_order(connection: sqlite3.Connection) -> Iterator[tuple[OrderId, list[OrderReport]]]:
    """Yield every order that was ever reported, ours or not, with what was said of it."""
    found = connection.execute("SELECT order_id, raw FROM reports ORDER BY order_id, id")
    for order_id, rows in groupby(found, itemgetter(0)):
        yield order_id, [report_from(raw) for _, raw in rows]


def last_nonce(connection: sqlite3.Connection) -> int:
    """Return the highest nonce kept, 0 for none."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (NONCE,)).fetchone()
    return int(found[0]) if found else 0


def kept(connection: sqlite3.Connection, prefix: str) -> dict[str, str]:
    """Return the values kept under keys that begin with ``prefix``."""
    start = KEPT + prefix
    found = connection.execute(
        "SELECT key, value FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key", (len(start), start)
    )
    return {key.removeprefix(KEPT): value for key, value in found}


def intents_of(connection: sqlite3.Connection, ids: Sequence[ClOrdId]) -> list[StoredIntent]:
    """Return those of these orders that were ever about to be sent."""
    query = f"SELECT {INTENT_COLUMNS} FROM orders WHERE cl_ord_id = ?"
    rows = (connection.execute(query, (cl_ord_id,)).fetchone() for cl_ord_id in ids)
    return [intent_from(row) for row in rows if row is not None]


def instruments(connection: sqlite3.Connection) -> list[Instrument]:
    """Return the pairs as they were last described."""
    found = connection.execute("SELECT raw FROM instruments ORDER BY symbol")
    return [msgspec.json.decode(raw, type=Instrument) for (raw,) in found]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the number of rows of each table."""
    return {table: int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in TABLES}
