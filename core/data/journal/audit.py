"""Whether the journal agrees with what the exchange said: invariants I1 and I3 on what is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from core.data.journal import reader
from core.data.journal.order_rows import merged
from core.domain.ids import ClOrdId, OrderId
from core.domain.orders import ZERO


class EndedOrder(msgspec.Struct, frozen=True):
    """An order that is over: the executed quantity (base) the exchange told, and the sum of the fills kept."""

    order_id: OrderId
    told: Decimal
    kept: Decimal


def ended_orders(connection: sqlite3.Connection) -> Iterator[EndedOrder]:
    """Yield every order, ours or not, whose end and executed quantity were reported. I3: the two sums are equal."""
    for order_id, reports in reader.reports_by_order(connection):
        told = [report.cum_qty for report in reports if report.cum_qty is not None]
        if told and merged(reports).status.is_final:
            kept = sum((fill.qty for fill in reader.fills_of(connection, order_id)), ZERO)
            yield EndedOrder(order_id, max(told), kept)


def doubled_intents(connection: sqlite3.Connection) -> list[tuple[ClOrdId, list[OrderId]]]:
    """Return the intents that became more than one order. I1: there are none."""
    found = connection.execute(
        """SELECT cl_ord_id, group_concat(order_id) FROM (
            SELECT DISTINCT cl_ord_id, order_id FROM reports WHERE cl_ord_id IN (SELECT cl_ord_id FROM orders)
            ORDER BY cl_ord_id, order_id) GROUP BY cl_ord_id HAVING count(*) > 1"""
    )
    return [(cl_ord_id, order_ids.split(",")) for cl_ord_id, order_ids in found]
