"""Our orders and those of other programs on the same account, merged from everything that is said of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec

from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.orders import (
    Order,
    OrderReport,
    OrderStatus,
    RequestFlag,
    infer,
    merge,
    order_from_report,
)
from core.processing.fill_store import FillStore
from core.processing.store import Store

HELD_REPORTS = 5_000
"""Reports kept of orders not described yet; the oldest go first, counted."""

OrderKey = str
"""``cl_ord_id`` where there is one, else ``order_id``: stable from the click to the archive."""


class OrderStore(Store[OrderKey]):
    """Orders by our id and by Kraken's. Reports may come in any order and any number of times.

    ``conflicts`` lists ids of ours that got two of Kraken's: the one thing that must never happen.
    """

    def __init__(self, fills: FillStore) -> None:
        super().__init__()
        self._fills = fills
        self._orders: dict[OrderKey, Order] = {}
        self._open: set[OrderKey] = set()
        self._key_of: dict[OrderId, OrderKey] = {}
        self._held: OrderedDict[OrderId, list[OrderReport]] = OrderedDict()
        self._held_count = 0
        self.dropped = 0
        self.conflicts: list[tuple[ClOrdId, OrderId, OrderId]] = []

    def add(self, order: Order) -> None:
        """Take in an order we are about to send."""
        assert order.cl_ord_id is not None
        self._keep(order.cl_ord_id, order)

    def get(self, cl_ord_id: ClOrdId) -> Order | None:
        """Return an order by our id."""
        return self._orders.get(cl_ord_id)

    def by_order_id(self, order_id: OrderId) -> Order | None:
        """Return an order by Kraken's id."""
        key = self._key_of.get(order_id)
        return self._orders.get(key) if key is not None else None

    def by_key(self, key: OrderKey) -> Order | None:
        """Return an order by the key this store tells observers."""
        return self._orders.get(key)

    def open(self, symbol: Symbol | None = None) -> list[Order]:
        """Orders that count as open for risk, doubt included, newest first."""
        found = (self._orders[key] for key in self._open)
        return _newest_first(order for order in found if symbol in (None, order.symbol))

    def all(self) -> list[Order]:
        """All orders, newest first."""
        return _newest_first(self._orders.values())

    def report(self, report: OrderReport) -> None:
        """Fold in what the exchange said, whatever its road; hold it while nothing describes the order."""
        key = self._find(report)
        if key is not None:
            self._note_conflict(self._orders[key], report)
            order = merge(self._orders[key], report)
            if report.exec_type == "amended":
                order = msgspec.structs.replace(order, amend=RequestFlag.NONE)
            self._settle(key, order)
            return
        described = order_from_report(report)
        if described is None:
            self._hold(report)
            return
        self._adopt(report.order_id, described)

    def _adopt(self, order_id: OrderId, order: Order) -> None:
        for held in self._held.pop(order_id, []):
            self._held_count -= 1
            order = merge(order, held)
        self._settle(order.cl_ord_id or order_id, order)

    def absent_from(self, reports: Sequence[OrderReport]) -> list[OrderId]:
        """Return orders held open that a complete list of open orders does not contain."""
        listed = {report.order_id for report in reports}
        return [
            order.order_id
            for order in (self._orders[key] for key in self._open)
            if order.order_id and order.order_id not in listed
        ]

    def infer(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str = "") -> None:
        """Note what *we* conclude of one of our orders; the exchange's word outranks it."""
        order = self._orders.get(cl_ord_id)
        if order is not None:
            self._keep(cl_ord_id, infer(order, status, reason))

    def took_road(self, cl_ord_id: ClOrdId, road: str) -> None:
        """Note by which road the order leaves."""
        order = self._orders.get(cl_ord_id)
        if order is not None:
            self._keep(cl_ord_id, msgspec.structs.replace(order, road=road))

    def flag(
        self, order: Order, *, cancel: RequestFlag | None = None, amend: RequestFlag | None = None
    ) -> None:
        """Note what became of a wish to cancel or amend."""
        key = order.cl_ord_id or order.order_id
        known = self._orders.get(key) if key else None
        if key and known is not None:
            self._keep(
                key,
                msgspec.structs.replace(known, cancel=cancel or known.cancel, amend=amend or known.amend),
            )

    def _find(self, report: OrderReport) -> OrderKey | None:
        key = self._key_of.get(report.order_id)
        if key is None and report.cl_ord_id in self._orders:
            key = report.cl_ord_id
        return key

    def _note_conflict(self, order: Order, report: OrderReport) -> None:
        if order.cl_ord_id and order.order_id and order.order_id != report.order_id:
            conflict = (order.cl_ord_id, order.order_id, report.order_id)
            if conflict not in self.conflicts:
                self.conflicts.append(conflict)

    def _settle(self, key: OrderKey, order: Order) -> None:
        if order.status.is_final:
            order = msgspec.structs.replace(order, cancel=RequestFlag.NONE, amend=RequestFlag.NONE)
        self._keep(key, order)
        for fill in order.fills.values():
            self._fills.add(fill)

    def _keep(self, key: OrderKey, order: Order) -> None:
        self._orders[key] = order
        (self._open.add if order.status.counts_as_open else self._open.discard)(key)
        if order.order_id is not None:
            self._key_of[order.order_id] = key
        self.touch(key)

    def _hold(self, report: OrderReport) -> None:
        self._held.setdefault(report.order_id, []).append(report)
        self._held_count += 1
        while self._held_count > HELD_REPORTS:
            _, oldest = self._held.popitem(last=False)
            self._held_count -= len(oldest)
            self.dropped += len(oldest)


def _newest_first(orders: Iterable[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: order.created_ns, reverse=True)
