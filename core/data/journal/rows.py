"""Domain values to rows and back. Plain functions on a connection; the caller owns the transaction.

Every write may be repeated without harm: the same report, fill or balance is kept once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec

from core.data.journal.order_rows import amount, count_fill, fold_report
from core.domain.account import Balance
from core.domain.ids import ExecId
from core.domain.instrument import Instrument, Side
from core.domain.order_merge import join_fills
from core.domain.orders import Fee, Fill, OrderReport

NONCE = "nonce"
KEPT = "kept:"
"""Before the keys of values that parts of the program keep."""

FILL_COLUMNS = "exec_id, order_id, cl_ord_id, symbol, side, qty, price, cost, fees, liquidity, trade_id, ts"

_REPORT = """INSERT INTO reports (recv_ns, road, order_id, cl_ord_id, exec_type, ts, raw, digest)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id, digest) DO NOTHING"""
_FILL = f"INSERT INTO fills ({FILL_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NEW_FILL = f"{_FILL} ON CONFLICT (exec_id) DO NOTHING"
_BALANCE = """INSERT INTO balances (ts, asset, total, wallets)
    SELECT :ts, :asset, :total, :wallets WHERE (:total, :wallets) IS NOT
    (SELECT total, wallets FROM balances WHERE asset = :asset ORDER BY id DESC LIMIT 1)"""
_META = """INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value
    WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)"""


def put_report(connection: sqlite3.Connection, report: OrderReport, road: str, recv_ns: int) -> None:
    """Append what the exchange said, with its fill, and fold it into our order. Said again word for word: kept once."""
    raw = _json(report)
    digest = blake2b(raw.encode(), digest_size=16).digest()
    added = connection.execute(
        _REPORT,
        (recv_ns, road, report.order_id, report.cl_ord_id, report.exec_type, report.ts, raw, digest),
    )
    if added.rowcount:
        fold_report(connection, report)
    if report.fill is not None:
        put_fill(connection, report.fill)


def put_fill(connection: sqlite3.Connection, fill: Fill) -> None:
    """Keep a fill once, with all that any road told of it, and count it in our order."""
    if connection.execute(_NEW_FILL, _fill_row(fill)).rowcount:
        count_fill(connection, fill.order_id, fill.qty, fill.cost)
        return
    found = connection.execute(
        f"SELECT {FILL_COLUMNS} FROM fills WHERE exec_id = ?", (fill.exec_id,)
    ).fetchone()
    known = fill_from(found)
    joined = join_fills(known, fill)
    if joined == known:
        return
    connection.execute("DELETE FROM fills WHERE exec_id = ?", (fill.exec_id,))
    connection.execute(_FILL, _fill_row(joined))
    count_fill(connection, fill.order_id, joined.qty - known.qty, joined.cost - known.cost)


def _fill_row(fill: Fill) -> tuple[str | int | None, ...]:
    return (
        fill.exec_id,
        fill.order_id,
        fill.cl_ord_id,
        fill.symbol,
        fill.side,
        amount(fill.qty),
        amount(fill.price),
        amount(fill.cost),
        _json(fill.fees),
        fill.liquidity,
        fill.trade_id,
        fill.ts,
    )


def put_balances(connection: sqlite3.Connection, balances: Iterable[Balance], ts: int) -> None:
    """Keep the balances that differ from the last ones kept."""
    for balance in balances:
        values = {
            "ts": ts,
            "asset": balance.asset,
            "total": amount(balance.total),
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


def put_kept(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Keep a value under a key, in the place of an earlier one; an empty value forgets the key."""
    if value:
        connection.execute("REPLACE INTO meta (key, value) VALUES (?, ?)", (KEPT + key, value))
    else:
        connection.execute("DELETE FROM meta WHERE key = ?", (KEPT + key,))


def put_nonce(connection: sqlite3.Connection, nonce: int) -> None:
    """Keep the highest nonce used."""
    connection.execute(_META, (NONCE, str(nonce)))


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


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
