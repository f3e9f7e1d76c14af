"""Makes our account equal the exchange's, at start and after every doubt. One procedure for both (faults, 4 and 5).

Absence is believed only on proof: the deadline has passed, and neither open nor closed orders show the id, either with
an unbroken stream since before the click, or in several looks, the last one a minute later, because REST history may
lag that long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.app.roads import ORDER_DEADLINE_NS, OTHER_ROAD_NS
from core.data.kraken.answers import Verdict, verdict
from core.domain.account import Holding
from core.domain.errors import Refused, TerminalError
from core.domain.ids import Asset, ClOrdId, OrderId
from core.domain.orders import Fill, Order, OrderReport, OrderStatus, RequestFlag
from core.processing.health_store import Alarm
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

POLL_S = 0.5
AUDIT_NS = 60 * NS_PER_S
"""How often the set of open orders is compared although nothing seems wrong."""

FULL_NS = 300 * NS_PER_S
"""How often balances are compared too. Each minute would cost more than one in a hundred of all requests for data."""

CANCEL_NS = 5 * NS_PER_S
"""After this long an unconfirmed cancel is looked after."""

LOOK_MARGIN_NS = 2 * NS_PER_S
"""Past the deadline by this much, a late arrival at the engine is no longer expected."""

HISTORY_LAG_NS = 60 * NS_PER_S
"""REST history has been seen this late; absence before that proves nothing."""

LOOKS_NEEDED = 3
LOOK_PAUSES_NS = tuple(seconds * NS_PER_S for seconds in (2, 5, 10, 20, 30, 60))
FILLS_OVERLAP_NS = 120 * NS_PER_S
FIRST_FILLS_NS = 24 * 3600 * NS_PER_S
"""How far back fills are asked for when none is known yet."""

QUERY_LOT = 50


LOOKS_AT_ONCE = 2
"""Orders asked for by their id in one comparison: each such question costs a quarter of the allowance."""


class AccountQueries(Protocol):
    """What can be asked about the account, over REST. All raise a TerminalError when no answer came."""

    async def open_orders(self, cl_ord_id: ClOrdId | None = None) -> list[OrderReport]:
        """All open orders of the account, or those with this id."""
        ...

    async def closed_orders(self, cl_ord_id: ClOrdId | None, start_ns: int) -> list[OrderReport]:
        """Closed orders since ``start_ns``, those with this id or the latest 50."""
        ...

    async def query_orders(self, order_ids: Sequence[OrderId]) -> list[OrderReport]:
        """Orders by Kraken's id, open or closed, at most 50."""
        ...

    async def trades_history(self, start_ns: int) -> list[Fill]:
        """Our fills since ``start_ns``, unconsolidated."""
        ...

    async def balances(self) -> list[Holding]:
        """What is owned and held, by asset."""
        ...


@dataclass
class _Looked:
    """How often an order in doubt was asked for, when next, and from when on nothing of it can be on its way any more.

    Times are monotonic ns: a wall clock that is set meanwhile must not prove an absence.
    """

    deadline_ns: int
    next_ns: int
    count: int = 0


class Reconciler:
    """Runs one comparison at a time; wishes that arrive meanwhile are served by the next one.

    A *full* comparison ends with the account verified; it runs at start, after every doubt and every five minutes:
    a deposit of which the stream said nothing shows nowhere else. The others look at open orders and doubts only.
    ``renew_totals`` asks the stream for its totals anew.
    """

    def __init__(
        self,
        queries: AccountQueries,
        stores: Stores,
        clock: Clock,
        repeat_cancels: Callable[[], Awaitable[None]],
        renew_totals: Callable[[], None],
    ) -> None:
        self._queries = queries
        self._stores = stores
        self._orders = stores.orders
        self._clock = clock
        self._repeat_cancels = repeat_cancels
        self._renew_totals = renew_totals
        self._wish = asyncio.Event()
        self._reason = "start"
        self._wants_fills = False
        self._looked: dict[ClOrdId, _Looked] = {}
        self._failures = 0
        self._loose = 0
        """Comparisons in a row that left an order out of the list, short of fills, or not described."""
        self._last = 0
        self._last_full = 0
        self._drift: dict[Asset, Decimal] = {}
        self._drifts = 0
        """Full comparisons in a row that found the balances different."""

    def ask(self, reason: str, *, fills: bool = False) -> None:
        """Compare soon. Returns at once."""
        self._reason = reason
        self._wants_fills |= fills
        self._wish.set()

    async def run(self) -> None:
        """Compare whenever asked or due, until cancelled."""
        while True:
            await self._until_due()
            self._wish.clear()
            try:
                await self.compare(self._reason)
                self._failures = 0
            except TerminalError as failure:
                self._failures += 1
                self._orders.reachable = False
                log.warning("reconcile failed reason=%s failure=%s", self._reason, failure)
            self._last = self._clock.mono_ns()

    async def compare(self, reason: str) -> None:
        """Merge what the exchange says of open orders, of orders we hold open, of missing fills and of doubts.

        Raises a TerminalError when the exchange could not be asked; state is then as good as before.
        """
        doubt, asked_ns = self._stores.health.account_doubt, self._clock.mono_ns()
        doubtful = {order.cl_ord_id: self._looked_at(order) for order in self._doubts()}
        self._looked = {id_: looked for id_, looked in doubtful.items() if id_ is not None}
        found = await self._queries.open_orders()
        self._orders.reachable = True
        self._merge(found)
        await self._query(self._orders.absent_from({report.order_id for report in found}))
        await self._query(self._orders.undescribed())
        await self._fetch_fills()
        if doubt or self._clock.mono_ns() - self._last_full >= FULL_NS:
            await self._verify(doubt)
        await self._settle_amends()
        await self._repeat_cancels()
        await self._look_for_doubts(asked_ns)
        if self._orders.short_of_fills():
            await self._fetch_fills()  # of an order that a look has found
        missing = self._orders.absent_from({report.order_id for report in found})
        loose = missing or self._orders.short_of_fills() or self._orders.undescribed()
        self._loose = self._loose + 1 if loose else 0
        log.info("reconciled reason=%s open=%d", reason, len(found))

    async def _until_due(self) -> None:
        # Wishes come in swarms, and the allowance for questions is small: never two comparisons within POLL_S.
        await asyncio.sleep(POLL_S)
        while not self._wish.is_set():
            if self._clock.mono_ns() >= self._due_ns():
                self._reason = "due"
                return
            try:
                async with asyncio.timeout(POLL_S):
                    await self._wish.wait()
            except TimeoutError:
                continue

    def _due_ns(self) -> int:
        """Return the monotonic time of the next comparison nobody asked for."""
        due = [self._last + AUDIT_NS]
        if self._failures or self._stores.health.account_doubt:
            due.append(self._last + _pause(self._failures))
        if self._loose:
            due.append(self._last + _pause(self._loose))
        for order in self._orders.open():
            if order.status is OrderStatus.IN_DOUBT and order.cl_ord_id and not self._failures:
                due.append(self._looked_at(order).next_ns)
            if RequestFlag.NONE != order.cancel != RequestFlag.DENIED or order.amend is RequestFlag.DOUBT:
                due.append(self._last + CANCEL_NS)
        return max(min(due), self._last + _pause(self._failures) if self._failures else 0)

    def _doubts(self) -> list[Order]:
        return [order for order in self._orders.open() if order.status is OrderStatus.IN_DOUBT]

    async def _query(self, order_ids: Sequence[OrderId]) -> None:
        for start in range(0, len(order_ids), QUERY_LOT):
            lot = order_ids[start : start + QUERY_LOT]
            try:
                self._merge(await self._queries.query_orders(lot))
            except Refused as refusal:
                if verdict(refusal.detail) is not Verdict.REFUSED:
                    raise  # for its pace or for the key: nothing was said of the orders
                # One id the exchange does not know may refuse them all; what is not known proves nothing.
                log.warning("query refused orders=%d reason=%s", len(lot), refusal.detail)
                if len(lot) > 1:
                    for order_id in lot:
                        await self._query([order_id])

    async def _look_for_doubts(self, asked_ns: int) -> None:
        """Ask for orders in doubt of which nothing can be on its way any more; the longest waiting first.

        ``asked_ns``: monotonic time at which the open orders just merged were asked for.
        """
        due = self._due(asked_ns)
        ripe = [order for order in due if self._may_conclude(order, asked_ns)]
        unripe = [order for order in due if order not in ripe]
        if len(unripe) > LOOKS_AT_ONCE:
            await self._look_for_all(unripe)
            unripe = []
        for order in (ripe + unripe)[:LOOKS_AT_ONCE]:
            await self._look(order)

    async def _look_for_all(self, orders: Sequence[Order]) -> None:
        """One question counts as a look for each; the one that concludes is for that very order."""
        since = min(order.created_ns for order in orders) - HISTORY_LAG_NS
        self._merge(await self._queries.closed_orders(None, since))
        now = self._clock.mono_ns()
        for order in orders:
            looked = self._looked_at(order)
            looked.count += 1
            looked.next_ns = now + _pause(looked.count)

    def _due(self, asked_ns: int) -> list[Order]:
        now = self._clock.mono_ns()
        due = [
            order
            for order in self._doubts()
            if asked_ns >= self._looked_at(order).deadline_ns + LOOK_MARGIN_NS
            and self._looked_at(order).next_ns <= now
        ]
        return sorted(due, key=lambda order: self._looked_at(order).next_ns)

    async def _look(self, order: Order) -> None:
        cl_ord_id = order.cl_ord_id
        assert cl_ord_id is not None, "only orders of ours are in doubt"
        looked = self._looked_at(order)
        looked.next_ns = self._clock.mono_ns() + _pause(looked.count)
        asked_ns, watched = self._clock.mono_ns(), self._orders.was_watched(order)
        reports = await self._queries.open_orders(cl_ord_id)
        reports += await self._queries.closed_orders(cl_ord_id, order.created_ns - HISTORY_LAG_NS)
        self._merge(reports)
        if reports:
            self._looked.pop(cl_ord_id, None)
            return
        # Unbroken before and after the question; or else late enough, by this look and those before.
        concludes = self._may_conclude(order, asked_ns)
        looked.count += 1
        if concludes and watched == self._orders.was_watched(order):
            self._looked.pop(cl_ord_id, None)
            self._orders.infer(cl_ord_id, OrderStatus.NOT_FOUND, "absent from open and closed orders")

    def _may_conclude(self, order: Order, asked_ns: int) -> bool:
        """Whether one more look without a trace proves that an order is absent."""
        if self._orders.was_watched(order):
            return True
        looked = self._looked_at(order)
        late = asked_ns >= looked.deadline_ns + HISTORY_LAG_NS
        return late and self._orders.verified and looked.count >= LOOKS_NEEDED - 1

    def _looked_at(self, order: Order) -> _Looked:
        cl_ord_id = order.cl_ord_id
        assert cl_ord_id is not None, "only orders of ours are in doubt"
        looked = self._looked.get(cl_ord_id)
        if looked is None:
            now, age = self._clock.mono_ns(), self._clock.wall_ns() - order.created_ns
            # Stamped after the click, at the latest when the order could just still change to the other road.
            deadline = now - age + OTHER_ROAD_NS + ORDER_DEADLINE_NS
            looked = self._looked[cl_ord_id] = _Looked(deadline, max(now, deadline + LOOK_MARGIN_NS))
        return looked

    async def _settle_amends(self) -> None:
        # The exchange's terms are the truth once nothing can be on its way any more; the wish is then over.
        waiting = [
            order for order in self._orders.open() if order.amend is RequestFlag.DOUBT and order.order_id
        ]
        await self._query([order.order_id for order in waiting if order.order_id])
        for order in waiting:
            self._orders.flag(order, amend=RequestFlag.NONE)

    async def _fetch_fills(self) -> None:
        short = [order.created_ns for order in self._orders.short_of_fills()]
        if not short and not self._wants_fills:
            return
        newest = self._stores.fills.newest_ns
        known = (newest or self._clock.wall_ns() - FIRST_FILLS_NS) if self._wants_fills else None
        since = min([*short, *([known] if known is not None else [])])
        for fill in await self._queries.trades_history(since - FILLS_OVERLAP_NS):
            self._orders.report(
                OrderReport(
                    order_id=fill.order_id,
                    exec_type="trade",
                    ts=fill.ts,
                    symbol=fill.symbol,
                    side=fill.side,
                    fill=fill,
                ),
                "REST",
            )
        self._wants_fills = False
        await self._query(self._orders.undescribed())

    async def _verify(self, doubt: str) -> None:
        """Compare balances, and end the doubt the comparison began with, unless a new one came meanwhile."""
        health, balances = self._stores.health, self._stores.balances
        if not self._orders.verified or not balances.verified:
            return  # the snapshots are still to come, and with them the next wish
        drift = self._differences(await self._queries.balances())
        if drift:
            await asyncio.sleep(LOOK_PAUSES_NS[0] / NS_PER_S)
            again = self._differences(await self._queries.balances())
            drift = {asset: off for asset, off in again.items() if drift.get(asset) == off}
        if drift and drift != self._drift:
            text = ", ".join(f"{asset} {off:+f}" for asset, off in sorted(drift.items())[:5])
            health.alarm(Alarm(self._clock.wall_ns(), "balance drift", f"balances differ from REST: {text}"))
        self._drift = drift
        self._drifts = self._drifts + 1 if drift else 0
        if self._drifts and self._drifts & (self._drifts - 1) == 0:
            # Ever more seldom: where stream and REST disagree for good, asking again and again mends nothing.
            self._renew_totals()
        if health.account_doubt == doubt:
            health.verified_account()
            self._last_full = self._clock.mono_ns()

    def _differences(self, holdings: Sequence[Holding]) -> dict[Asset, Decimal]:
        """Return stream minus REST for every asset both know. Only what can be traded is told alike by both."""
        found = {}
        for holding in holdings:
            known = self._stores.balances.get(holding.asset)
            if known is not None and known.spot != holding.total:
                found[holding.asset] = known.spot - holding.total
        return found

    def _merge(self, reports: Sequence[OrderReport]) -> None:
        for report in reports:
            self._orders.report(report, "REST")


def _pause(tries: int) -> int:
    return LOOK_PAUSES_NS[min(tries, len(LOOK_PAUSES_NS) - 1)]
