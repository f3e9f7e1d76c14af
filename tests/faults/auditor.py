"""Sees both the exchange's books and ours, and names every difference (faults, section 1)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

from core.domain.ids import ClOrdId
from core.domain.orders import OrderStatus
from core.processing.stores import Stores
from core.sim.exchange import SimExchange
from core.sim.truth import Truth
from tests.faults.memory_journal import Disk

OPEN_WORDS = ("pending_new", "new", "partially_filled")
WORDS = {
    OrderStatus.PENDING_NEW: "pending_new",
    OrderStatus.NEW: "new",
    OrderStatus.PARTIALLY_FILLED: "partially_filled",
    OrderStatus.EXPIRED: "expired",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.FILLED: "filled",
}
DENIED = (OrderStatus.REJECTED, OrderStatus.NOT_FOUND)


STILL_S = 0.5
"""Longer than any message is on its way."""


async def at_rest(exchange: SimExchange) -> Truth:
    """Return the truth once nothing of it is on its way any more: a resting order may be filled at any moment."""
    while True:
        before = _copied(exchange.truth())
        await asyncio.sleep(STILL_S)
        if _copied(exchange.truth()) == before:
            return exchange.truth()


def _copied(truth: Truth) -> tuple[dict[str, object], ...]:
    return dict(truth.orders), dict(truth.fills), dict(truth.balances)


class Auditor:
    """Counts breaches by kind and keeps a sentence for each."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.findings: list[str] = []
        self._named: set[tuple[str, str]] = set()

    def look(self, truth: Truth, stores: Stores, intents: Iterable[ClOrdId]) -> None:
        """Check what must hold at every moment: nothing doubled, nothing denied that exists (I1, I4, I5)."""
        ours = set(intents)
        for cl_ord_id, count in truth.accepted.items():
            if count > 1 and cl_ord_id in ours:
                self._found("duplicates", cl_ord_id, f"{count} orders accepted for one click")
        placed = {order.cl_ord_id: order for order in truth.orders.values()}
        for order in stores.orders.all():
            there = placed.get(order.cl_ord_id) if order.cl_ord_id else None
            if there is not None and order.status in DENIED and not order.foreign:
                self._found(
                    "false_rejects", order.cl_ord_id, f"{order.status.name}, but it is {there.status}"
                )
            known = sum(fill.qty for fill in order.fills.values())
            if order.cum_qty < known or order.leaves < 0:
                self._found("double_fills", order.cl_ord_id, f"fills {known} of {order.cum_qty}")
        for fill in stores.fills.all():
            there = truth.fills.get(fill.exec_id)
            if there is None or (there.qty, there.price) != (fill.qty, fill.price):
                self._found("double_fills", fill.exec_id, f"{fill} is not {there}")

    def look_at_rest(
        self, truth: Truth, stores: Stores, disk: Disk, intents: Iterable[ClOrdId], *, settled: bool
    ) -> None:
        """Check what must hold once everything has calmed down: all is equal (I3, I7)."""
        self.look(truth, stores, intents)
        if not settled:
            self._found("unresolved", "account", f"{stores.health.account_doubt or 'an order is in doubt'}")
        for exec_id, fill in truth.fills.items():
            if stores.fills.get(exec_id) is None:
                self._found("lost_fills", exec_id, f"{fill.qty} {fill.symbol} of {fill.order_id} is missing")
        for asset, told in truth.balances.items():
            known = stores.balances.get(asset)
            total = known.total if known is not None else None
            if total != told.total and not (total is None and not told.total):
                self._found("wrong_balances", asset, f"{total}, but it is {told.total}")
        self._compare_orders(truth, stores, disk, set(intents))

    def _compare_orders(self, truth: Truth, stores: Stores, disk: Disk, ours: set[ClOrdId]) -> None:
        for there in truth.orders.values():
            if there.cl_ord_id not in ours and there.status not in OPEN_WORDS:
                continue  # placed elsewhere and ended while nobody looked
            # What ended before a restart is known to the journal alone.
            order = stores.orders.by_order_id(there.order_id) or disk.order(there.order_id)
            if order is None:
                self._found("unresolved", there.order_id, f"{there.status} order is not known")
            elif WORDS.get(order.status) != there.status or order.cum_qty != there.cum_qty:
                text = f"{order.status.name} {order.cum_qty}, but it is {there.status} {there.cum_qty}"
                self._found("unresolved", there.order_id, text)
        for order in stores.orders.open():
            if order.order_id not in truth.orders:
                self._found("unresolved", str(order.cl_ord_id), f"{order.status.name} order exists nowhere")

    def _found(self, kind: str, name: str | None, text: str) -> None:
        if (kind, str(name)) not in self._named:
            self._named.add((kind, str(name)))
            self.counts[kind] += 1
            self.findings.append(f"{kind} {name}: {text}")
