"""A journal without a disk, for virtual time: what was committed survives a kill, what was not does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import reduce
from random import Random

from core.data.journal.order_rows import StoredIntent
from core.domain.account import Balance
from core.domain.audit import Journalled, Told
from core.domain.errors import JournalUnavailable
from core.domain.ids import Asset, ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.order_merge import merge
from core.domain.orders import (
    ZERO,
    Fill,
    Order,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Terms,
    order_from_request,
)

LEAST_COMMIT_S, MOST_COMMIT_S = 0.0002, 0.004


class Disk:
    """What is left when the program is killed. ``full`` refuses everything new."""

    def __init__(self) -> None:
        self.intents: dict[ClOrdId, tuple[OrderRequest, int]] = {}
        self.outcomes: dict[ClOrdId, tuple[OrderStatus, str]] = {}
        self.reports: dict[OrderId, list[OrderReport]] = {}
        self.roads: dict[ClOrdId, dict[OrderId, None]] = {}  # every order ever reported under a name of ours
        self.fills: dict[str, Fill] = {}
        self._merged: dict[ClOrdId, tuple[tuple[OrderRequest, int], int, Order]] = {}
        self.balances: dict[Asset, Decimal] = {}
        self.full = False
        self.kept: dict[str, str] = {}

    def order(self, order_id: OrderId) -> Order | None:
        """What the reports written down amount to."""
        told = self.reports.get(order_id, [])
        cl_ord_id = next((report.cl_ord_id for report in told if report.cl_ord_id in self.intents), None)
        if cl_ord_id is None:
            return None
        return reduce(merge, told, order_from_request(*self.intents[cl_ord_id]))

    def note(self, report: OrderReport) -> None:
        self.reports.setdefault(report.order_id, []).append(report)
        if report.cl_ord_id is not None:
            self.roads.setdefault(report.cl_ord_id, {})[report.order_id] = None

    def told(self, cl_ord_id: ClOrdId) -> list[OrderReport]:
        return [report for order_id in self.ids(cl_ord_id) for report in self.reports[order_id]]

    def order_under(self, cl_ord_id: ClOrdId) -> Order:
        """What the intent and its reports amount to; merged anew only when there are others than last time."""
        told, sent = self.told(cl_ord_id), self.intents[cl_ord_id]
        known = self._merged.get(cl_ord_id)
        if known is None or known[0] is not sent or known[1] != len(told):
            known = self._merged[cl_ord_id] = (
                sent,
                len(told),
                reduce(merge, told, order_from_request(*sent)),
            )
        return known[2]

    def ids(self, cl_ord_id: ClOrdId) -> list[OrderId]:
        """The orders written down under one name; more than one means the order was doubled."""
        return [order_id for order_id in self.roads.get(cl_ord_id, ()) if order_id in self.reports]


class MemoryJournal:
    """See ``core.app.record.OrderJournal``. ``kill`` ends it as a power cut would: nothing is written any more."""

    def __init__(self, disk: Disk, random: Random) -> None:
        self.failure = ""
        self._disk = disk
        self._random = random
        self._killed = False
        self._changed: list[Callable[[str], None]] = []

    def kill(self) -> None:
        self._killed = True

    def look(self) -> None:
        """Notice that the disk became full or has room again."""
        failure = "the disk is full" if self._disk.full else ""
        if failure != self.failure:
            self.failure = failure
            for tell in self._changed:
                tell(failure)

    def on_commit(self, callback: Callable[[int], None]) -> None:
        """Memory takes no time."""

    def on_change(self, callback: Callable[[str], None]) -> None:
        self._changed.append(callback)

    async def open(self) -> None:
        self.look()

    async def close(self) -> None:
        self.kill()

    async def keep(self, key: str, value: str) -> None:
        self.look()
        if self._killed or self.failure:
            raise JournalUnavailable(self.failure or "killed")
        self._disk.kept[key] = value

    async def kept(self, prefix: str) -> dict[str, str]:
        return {key: value for key, value in self._disk.kept.items() if key.startswith(prefix) and value}

    async def intents_of(self, ids: Sequence[ClOrdId]) -> list[StoredIntent]:
        return [stored for stored in await self.pending_intents() if stored.request.cl_ord_id in ids]

    async def intents(self, requests: Sequence[OrderRequest], profile: str, sent_ns: int) -> None:
        await asyncio.sleep(self._random.uniform(LEAST_COMMIT_S, MOST_COMMIT_S))
        self.look()
        if self._killed or self.failure:
            raise JournalUnavailable(self.failure or "killed")
        for request in requests:
            self._disk.intents[request.cl_ord_id] = (request, sent_ns)
            self._disk.outcomes.pop(request.cl_ord_id, None)

    def outcome(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str, ts: int) -> None:
        if not self._killed:
            self._disk.outcomes[cl_ord_id] = (status, reason)

    def note_report(self, report: OrderReport, road: str, recv_ns: int) -> None:
        if not self._killed:
            self._disk.note(report)
            if report.fill is not None:
                self._disk.fills[report.fill.exec_id] = report.fill

    def note_balances(self, balances: Iterable[Balance], ts: int) -> None:
        if not self._killed:
            for balance in balances:
                spot = [wallet.balance for wallet in balance.wallets if wallet.type == "spot"]
                self._disk.balances[balance.asset] = sum(spot, ZERO) if balance.wallets else balance.total

    def note_event(self, kind: str, text: str, ts: int) -> None:
        pass

    def note_instruments(self, instruments: Iterable[object], ts: int) -> None:
        pass

    async def pending_intents(self) -> list[StoredIntent]:
        stored = []
        for cl_ord_id, (request, sent_ns) in self._disk.intents.items():
            order = self._disk.order_under(cl_ord_id)
            status, reason = self._disk.outcomes.get(cl_ord_id, (OrderStatus.SENT, ""))
            status = max(status, order.status)
            if not status.is_final or order.missing_qty:
                stored.append(
                    StoredIntent(
                        request=request,
                        profile="default",
                        sent_ns=sent_ns,
                        status=status,
                        reason=reason,
                        order_id=order.order_id,
                        cum_qty=order.cum_qty,
                        cum_cost=order.cum_cost,
                        costed_qty=order.costed_qty,
                        updated_ns=sent_ns,
                    )
                )
        return stored

    async def reports(self, cl_ord_id: ClOrdId) -> list[OrderReport]:
        return self._disk.told(cl_ord_id)

    async def fills(self, since_ns: int = 0) -> list[Fill]:
        return [fill for fill in self._disk.fills.values() if fill.ts >= since_ns]

    async def flush(self) -> None:
        """Memory has no queue."""

    async def account(self, wanted: Iterable[OrderId], since_ns: int) -> Journalled:
        disk, pending = self._disk, await self.pending_intents()
        ids = {*wanted, *(stored.order_id for stored in pending if stored.order_id)}
        found = {order_id: _folded(disk.reports[order_id]) for order_id in ids if order_id in disk.reports}
        fills = tuple(fill for fill in disk.fills.values() if fill.ts >= since_ns)
        return Journalled(
            told=Told(at=0, orders=found, fills=fills, fills_since=since_ns, balances=dict(disk.balances)),
            intents=frozenset(disk.intents),
            silent={
                one.request.cl_ord_id: one.sent_ns
                for one in pending
                if one.order_id is None and one.status <= OrderStatus.IN_DOUBT
            },
            unreported=frozenset(fill.exec_id for fill in fills if fill.order_id not in disk.reports),
            doubled={key: tuple(sorted(ids)) for key in disk.intents if len(ids := disk.ids(key)) > 1},
        )


def _folded(said: Sequence[OrderReport]) -> Order:
    symbol = next((report.symbol for report in said if report.symbol), Symbol(""))
    side = next((report.side for report in said if report.side), Side.BUY)
    blank = Order(symbol=symbol, side=side, order_type=OrderType.LIMIT, terms=Terms())
    return reduce(merge, said, blank)
