"""The account as the journal has it, for a comparison with what the exchange tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from core.data.journal import reader
from core.data.journal.audit import doubled_intents
from core.data.journal.order_rows import INTENT_COLUMNS, intent_from, merged
from core.domain.account import Wallet
from core.domain.audit import Journalled, Told
from core.domain.ids import Asset, ClOrdId, ExecId, OrderId
from core.domain.orders import ZERO, Order, OrderStatus


def account(
    connection: sqlite3.Connection, wanted: Iterable[OrderId], since_ns: int, now_ns: int
) -> Journalled:
    """Return the orders ``wanted`` and those of ours that did not end, fills since a time (ns UTC), balances."""
    query = f"SELECT {INTENT_COLUMNS} FROM orders WHERE status < ? OR order_id IS NULL AND sent_ns >= ?"
    found = connection.execute(query, (int(OrderStatus.REJECTED), since_ns))
    mine = [intent_from(row) for row in found]
    ids = {*wanted, *(intent.order_id for intent in mine if intent.order_id)}
    orders = {order_id: order for order_id in ids if (order := _order(connection, order_id)) is not None}
    silent = {
        intent.request.cl_ord_id: intent.sent_ns
        for intent in mine
        if intent.order_id is None
        and intent.status < OrderStatus.REJECTED
        and intent.status is not OrderStatus.NOT_FOUND
    }
    return Journalled(
        told=Told(
            at=now_ns,
            orders=orders,
            fills=tuple(reader.fills(connection, since_ns)),
            fills_since=since_ns,
            balances=_balances(connection),
        ),
        intents=_intents(connection, orders.values()),
        silent=silent,
        unreported=_unreported(connection, since_ns),
        doubled={cl_ord_id: tuple(found) for cl_ord_id, found in doubled_intents(connection)},
    )


def _order(connection: sqlite3.Connection, order_id: OrderId) -> Order | None:
    said = reader.reports_of(connection, order_id)
    if not said:
        return None
    symbol = next((report.symbol for report in said if report.symbol), None)
    side = next((report.side for report in said if report.side), None)
    order = merged(said)
    return msgspec.structs.replace(order, symbol=symbol or order.symbol, side=side or order.side)


def _intents(connection: sqlite3.Connection, orders: Iterable[Order]) -> frozenset[ClOrdId]:
    ids = [order.cl_ord_id for order in orders if order.cl_ord_id]
    return frozenset(intent.request.cl_ord_id for intent in reader.intents_of(connection, ids))


def _balances(connection: sqlite3.Connection) -> dict[Asset, Decimal]:
    """Return the last balance kept of each asset, of what can be traded."""
    found = connection.execute(
        "SELECT asset, total, wallets FROM balances WHERE id IN (SELECT max(id) FROM balances GROUP BY asset)"
    )
    kept = {}
    for asset, total, raw in found:
        wallets = msgspec.json.decode(raw, type=tuple[Wallet, ...])
        spot = sum((wallet.balance for wallet in wallets if wallet.type == "spot"), ZERO)
        kept[Asset(asset)] = spot if wallets else Decimal(total)
    return kept


def _unreported(connection: sqlite3.Connection, since_ns: int) -> frozenset[ExecId]:
    found = connection.execute(
        """SELECT exec_id FROM fills WHERE ts >= ? AND NOT EXISTS
            (SELECT 1 FROM reports WHERE reports.order_id = fills.order_id)""",
        (since_ns,),
    )
    return frozenset(ExecId(exec_id) for (exec_id,) in found)
