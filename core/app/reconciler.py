"""Makes our orders equal the exchange's, at start and after every doubt. One procedure for both.

Absence is believed only on proof: the deadline has passed, and neither open nor closed orders show the id in
several looks, the last one a minute later, because REST history may lag that long (faults, section 4).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from core.app.executor import ORDER_DEADLINE_NS
from core.domain.errors import TerminalError
from core.domain.ids import ClOrdId, OrderId
from core.domain.orders import Fill, Order, OrderReport, OrderStatus
from core.processing.order_store import OrderStore
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

AUDIT_S = 60.0
"""How often the set of open orders is compared although nothing seems wrong."""

LOOK_MARGIN_NS = 2 * NS_PER_S
"""Past the deadline by this much, a late arrival at the engine is no longer expected."""

HISTORY_LAG_NS = 60 * NS_PER_S
"""REST history has been seen this late; absence before that proves nothing."""

LOOKS_NEEDED = 3
LOOK_PAUSES_S = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
FILLS_OVERLAP_NS = 120 * NS_PER_S


class OrderQueries(Protocol):
    """What can be asked about orders, over REST. All raise a TerminalError when no answer came."""

    async def open_orders(self, cl_ord_id: ClOrdId | None = None) -> list[OrderReport]:
        """All open orders of the account, or those with this id."""
        ...

    async def closed_orders(self, cl_ord_id: ClOrdId, start_ns: int) -> list[OrderReport]:
        """Closed orders with this id since ``start_ns``."""
        ...

    async def query_orders(self, order_ids: Sequence[OrderId]) -> list[OrderReport]:
        """Orders by Kraken's id, open or closed, at most 50."""
        ...

    async def trades_history(self, start_ns: int) -> list[Fill]:
        """Our fills since ``start_ns``, unconsolidated."""
        ...


class Reconciler:
    """Runs one comparison at a time; wishes that arrive meanwhile are served by the next one."""

    def __init__(
        self, queries: OrderQueries, orders: OrderStore, clock: Clock, exchange_ns: Callable[[], int]
    ) -> None:
        self._queries = queries
        self._orders = orders
        self._clock = clock
        self._exchange_ns = exchange_ns
        self._wish = asyncio.Event()
        self._reason = "start"
        self._looks: dict[ClOrdId, int] = {}
        self.verified_ns: int | None = None
        """Wall time of the last comparison that ended without an open question, ns UTC."""

    def ask(self, reason: str) -> None:
        """Compare soon. Returns at once."""
        self._reason = reason
        self._wish.set()

    async def run(self) -> None:
        """Compare whenever asked, and every minute, until cancelled."""
        while True:
            await self._pause()
            self._wish.clear()
            try:
                await self.compare(self._reason)
            except TerminalError as failure:
                log.warning("reconcile failed reason=%s failure=%s", self._reason, failure)

    async def compare(self, reason: str) -> None:
        """Merge what the exchange says of open orders, of orders we hold open, of doubts and of missing fills.

        Raises a TerminalError when the exchange could not be asked; state is then as good as before.
        """
        found = await self._queries.open_orders()
        self._merge(found)
        seen = {report.order_id for report in found}
        absent = self._orders.absent_from(seen) + self._orders.undescribed()
        for start in range(0, len(absent), 50):
            self._merge(await self._queries.query_orders(absent[start : start + 50]))
        for order in self._doubts():
            await self._look(order)
        await self._fetch_missing_fills()
        if not self._doubts():
            self.verified_ns = self._clock.wall_ns()
        log.info("reconciled reason=%s open=%d absent=%d", reason, len(found), len(absent))

    async def _pause(self) -> None:
        looks = min((self._looks.get(o.cl_ord_id, 0) for o in self._doubts() if o.cl_ord_id), default=None)
        wait_s = AUDIT_S if looks is None else LOOK_PAUSES_S[min(looks, len(LOOK_PAUSES_S) - 1)]
        try:
            async with asyncio.timeout(wait_s):
                await self._wish.wait()
        except TimeoutError:
            self._reason = "audit" if looks is None else "doubt"

    def _doubts(self) -> list[Order]:
        return [order for order in self._orders.open() if order.status is OrderStatus.IN_DOUBT]

    async def _look(self, order: Order) -> None:
        cl_ord_id = order.cl_ord_id
        if cl_ord_id is None:
            return
        deadline_ns = self._exchange_created(order) + ORDER_DEADLINE_NS
        if self._exchange_ns() < deadline_ns + LOOK_MARGIN_NS:
            return
        reports = await self._queries.open_orders(cl_ord_id)
        reports += await self._queries.closed_orders(cl_ord_id, order.created_ns - HISTORY_LAG_NS)
        self._merge(reports)
        if reports:
            self._looks.pop(cl_ord_id, None)
            return
        looks = self._looks[cl_ord_id] = self._looks.get(cl_ord_id, 0) + 1
        if looks >= LOOKS_NEEDED and self._exchange_ns() >= deadline_ns + HISTORY_LAG_NS:
            self._looks.pop(cl_ord_id)
            self._orders.infer(cl_ord_id, OrderStatus.NOT_FOUND, "absent from open and closed orders")

    def _exchange_created(self, order: Order) -> int:
        return order.created_ns + (self._exchange_ns() - self._clock.wall_ns())

    async def _fetch_missing_fills(self) -> None:
        short = [order for order in self._orders.all() if order.missing_qty > 0]
        if not short:
            return
        since = min(order.created_ns for order in short) - FILLS_OVERLAP_NS
        for fill in await self._queries.trades_history(since):
            self._orders.report(
                OrderReport(
                    order_id=fill.order_id,
                    exec_type="trade",
                    ts=fill.ts,
                    symbol=fill.symbol,
                    side=fill.side,
                    fill=fill,
                )
            )

    def _merge(self, reports: Sequence[OrderReport]) -> None:
        for report in reports:
            self._orders.report(report)
