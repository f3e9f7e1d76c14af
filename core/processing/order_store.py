"""Our orders and those of other programs on the same account, merged from everything that is said of them."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Protocol

import msgspec

from core.domain.effects import Effect, Reconcile
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.order_merge import infer, merge, order_from_report
from core.domain.orders import Order, OrderReport, OrderStatus, RequestFlag
from core.processing.fill_store import FillStore
from core.processing.store import BoundedStore

HELD_REPORTS = 5_000
"""Reports kept of orders not described yet; the oldest go first, counted."""

ENDED_KEPT = 2_000
"""Ended orders kept in memory; older ones are in the journal. A flight recorder's checkpoint writes them all out at
once, and the table of ended orders sorts them: with more of them, both would cost frames."""

CHANGES_KEPT = 256
"""Changes by key a reader may be behind; one that is further behind reads all orders anew."""

TOLD_STEPS = {
    "pending_new": "accepted",
    "new": "open",
    "filled": "filled",
    "canceled": "cancelled",
    "expired": "expired",
}
"""Reports that are steps in an order's life, and how they are called."""

OrderKey = str
"""``cl_ord_id`` where there is one, else ``order_id``: stable from the click to the archive."""


class OrderAlarm(msgspec.Struct, frozen=True):
    """Something that must never happen with an order, and the orders to look at."""

    kind: str
    text: str
    order_ids: tuple[OrderId, ...]


class Stamp(msgspec.Struct, frozen=True):
    """One step in the life of an order. ``at`` is wall time, ns UTC: ours, or the exchange's where it tells."""

    step: str
    at: int


class OrderListener(Protocol):
    """Who keeps a record of what is learned of orders."""

    def heard(self, report: OrderReport, road: str) -> None:
        """The exchange said this; ``road`` is how: ``WS`` or ``REST``."""
        ...

    def concluded(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str) -> None:
        """We concluded this of one of our orders."""
        ...


class Changes:
    """Which orders changed lately, for readers that keep figures of them. ``version`` rises with every change."""

    def __init__(self) -> None:
        self.version = 0
        self._keys: deque[OrderKey] = deque(maxlen=CHANGES_KEPT)

    def note(self, key: OrderKey) -> None:
        """This order is another one now, or gone."""
        self.version += 1
        self._keys.append(key)

    def since(self, version: int) -> set[OrderKey] | None:
        """Return the keys of what changed since, ``None`` when that is too long ago to know."""
        count = self.version - version
        return set(islice(reversed(self._keys), count)) if count <= len(self._keys) else None


class OrderStore(BoundedStore[OrderKey]):
    """Orders by our id and by Kraken's. Reports may come in any order and any number of times.

    A *stretch* is time in which one line missed no report of any order; there may be two at once. Orders are verified
    while there is one.
    ``reachable`` says whether the last question about orders was answered.
    Of orders that ended the newest are kept; one that is in doubt, absent or short of fills has not ended.
    """

    def __init__(self, fills: FillStore, bound: int = ENDED_KEPT) -> None:
        super().__init__(bound)
        self._fills = fills
        self._orders: dict[OrderKey, Order] = {}
        self._open: set[OrderKey] = set()
        self._short: set[OrderKey] = set()
        self._absent: set[OrderKey] = set()
        self._doubtful: set[OrderKey] = set()
        self._key_of: dict[OrderId, OrderKey] = {}
        self._stamps: dict[OrderKey, dict[str, int]] = {}
        self._held: OrderedDict[OrderId, list[OrderReport]] = OrderedDict()
        self._held_count = 0
        self._alarms: list[OrderAlarm] = []
        self.listener: OrderListener | None = None
        self._stretches: set[int] = set()
        self._stretch_count = 0
        self._watched: dict[ClOrdId, frozenset[int]] = {}
        self.reachable = True
        self.dropped = 0
        self.changes = Changes()

    def add(self, order: Order) -> None:
        """Take in an order we are about to send, or sent before a restart."""
        assert order.cl_ord_id is not None
        self._watch(order.cl_ord_id)
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

    def rows(self) -> dict[OrderKey, Order]:
        """Return every order by the key this store tells observers."""
        return dict(self._orders)

    def keep(self, key: OrderKey, order: Order) -> None:
        """Take an order as another run of the program knew it, whatever is known here."""
        self._keep(key, order)

    def absent(self) -> list[Order]:
        """Orders of ours that were proven absent, newest first: they may be sent again."""
        return _newest_first(self._orders[key] for key in self._absent)

    def stamp(self, cl_ord_id: ClOrdId, step: str, at: int) -> None:
        """Note when a step in the life of one of our orders was first taken, wall ns."""
        self._stamps.setdefault(cl_ord_id, {}).setdefault(step, at)

    def stamps(self, key: OrderKey) -> list[Stamp]:
        """Return the steps of an order's life so far, in time."""
        steps = self._stamps.get(key, {})
        return sorted((Stamp(step, at) for step, at in steps.items()), key=lambda stamp: stamp.at)

    def open(self, symbol: Symbol | None = None) -> list[Order]:
        """Orders that count as open for risk, doubt included, newest first."""
        found = (self._orders[key] for key in self._open)
        return _newest_first(order for order in found if symbol in (None, order.symbol))

    def open_items(self) -> Iterator[tuple[OrderKey, Order]]:
        """Open orders with their keys, in no order."""
        return ((key, self._orders[key]) for key in self._open)

    def open_by_key(self, key: OrderKey) -> Order | None:
        """Return an order if it counts as open."""
        return self._orders[key] if key in self._open else None

    def each_open(self, symbol: Symbol) -> Iterator[Order]:
        """Open orders of a pair in no order."""
        orders = self._orders
        return (order for key in self._open if (order := orders[key]).symbol == symbol)

    @property
    def doubts(self) -> int:
        """How many orders are of unknown state."""
        return len(self._doubtful)

    def all(self) -> list[Order]:
        """All orders, newest first."""
        return _newest_first(self._orders.values())

    def short_of_fills(self) -> list[Order]:
        """Orders of which more was executed than the fills seen amount to."""
        return _newest_first(self._orders[key] for key in self._short)

    def has_ended(self, order_id: OrderId) -> bool:
        """Whether an order is known and can no longer trade."""
        order = self.by_order_id(order_id)
        return order is not None and order.status.is_final

    def absent_from(self, listed: Collection[OrderId]) -> list[OrderId]:
        """Return orders held open that a complete list of open orders does not contain."""
        known = (self._orders[key].order_id for key in self._open)
        return [order_id for order_id in known if order_id and order_id not in listed]

    def report(self, report: OrderReport, road: str = "WS") -> list[Effect]:
        """Fold in what the exchange said, whatever its road, and return what should be found out.

        A report is held while nothing describes its order.
        """
        if self.listener is not None:
            self.listener.heard(report, road)
        key = self._find(report)
        if key is not None:
            return self._merge(key, report)
        described = order_from_report(report)
        if described is None:
            self._hold(report)
            return [Reconcile(f"order {report.order_id} is not known here")]
        for held in self._held.pop(report.order_id, []):
            self._held_count -= 1
            described = merge(described, held)
        return self._settle(self._new_key(described), described)

    def infer(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str = "") -> None:
        """Note what *we* conclude of one of our orders; the exchange's word outranks it."""
        self._change(cl_ord_id, lambda order: infer(order, status, reason))
        if self.listener is not None:
            self.listener.concluded(cl_ord_id, status, reason)

    def took_road(self, cl_ord_id: ClOrdId, road: str) -> None:
        """Note by which road the order leaves."""
        self._change(cl_ord_id, lambda order: msgspec.structs.replace(order, road=road))

    def flag(
        self, order: Order, *, cancel: RequestFlag | None = None, amend: RequestFlag | None = None
    ) -> None:
        """Note what became of a wish to cancel or amend; an order that ended has no wishes."""
        key = self._key_of.get(order.order_id) if order.order_id else None
        self._change(
            key or order.cl_ord_id or "",
            lambda known: (
                known
                if known.status.is_final
                else msgspec.structs.replace(known, cancel=cancel or known.cancel, amend=amend or known.amend)
            ),
        )

    def renew(self, order: Order) -> None:
        """Begin anew with an order that was proven absent and is sent again under its id."""
        assert order.cl_ord_id is not None
        assert self._orders[order.cl_ord_id].status is OrderStatus.NOT_FOUND
        self._watch(order.cl_ord_id)
        self._keep(order.cl_ord_id, order)

    def undescribed(self) -> list[OrderId]:
        """Orders of which something was said, but not yet what they are."""
        return list(self._held)

    @property
    def verified(self) -> bool:
        """Whether the open orders are all here and nothing said of them was missed."""
        return bool(self._stretches)

    def begin_stretch(self) -> int:
        """A line told all open orders: from here on it hears everything. Returns the stretch to end."""
        self._stretch_count += 1
        self._stretches.add(self._stretch_count)
        return self._stretch_count

    def end_stretch(self, stretch: int) -> None:
        """A line, or a frame of it, was lost."""
        self._stretches.discard(stretch)

    def was_watched(self, order: Order) -> bool:
        """Whether one line has missed nothing since before an order of ours was sent."""
        watched = self._watched.get(order.cl_ord_id, frozenset()) if order.cl_ord_id else frozenset()
        return not watched.isdisjoint(self._stretches)

    def doubt(self) -> None:
        """No line has heard everything: more may have happened than is known."""
        self._stretches.clear()
        for key in self._open:
            self.touch(key)

    def _watch(self, cl_ord_id: ClOrdId) -> None:
        self._watched[cl_ord_id] = frozenset(self._stretches)

    def take_alarms(self) -> list[OrderAlarm]:
        """Return what must never happen and did since the last call."""
        alarms, self._alarms = self._alarms, []
        return alarms

    def _find(self, report: OrderReport) -> OrderKey | None:
        key = self._key_of.get(report.order_id)
        if key is not None:
            return key
        ours = self._orders.get(report.cl_ord_id) if report.cl_ord_id else None
        if ours is None or ours.order_id not in (None, report.order_id):
            return None
        return report.cl_ord_id

    def _new_key(self, order: Order) -> OrderKey:
        # A second order of the exchange under an id of ours must be seen beside the first, not instead of it.
        assert order.order_id is not None
        first = self._orders.get(order.cl_ord_id) if order.cl_ord_id else None
        if first is None or first.order_id is None:
            return order.cl_ord_id or order.order_id
        if not first.foreign:
            text = f"order {order.cl_ord_id} has two orders at the exchange: {first.order_id} and {order.order_id}"
            self._alarms.append(OrderAlarm("duplicate order", text, (first.order_id, order.order_id)))
        return order.order_id

    def _merge(self, key: OrderKey, report: OrderReport) -> list[Effect]:
        before = self._orders[key]
        order = merge(before, report)
        if report.exec_type in ("amended", "restated"):
            order = msgspec.structs.replace(order, amend=RequestFlag.NONE)
        if before.reported is OrderStatus.NOT_FOUND and order.reported > before.reported:
            text = f"order {key} was found absent and surfaced as {report.order_id}"
            self._alarms.append(OrderAlarm("order surfaced", text, (report.order_id,)))
        if report.exec_type in TOLD_STEPS and report.ts and order.cl_ord_id:
            self.stamp(order.cl_ord_id, TOLD_STEPS[report.exec_type], report.ts)
        return self._settle(key, order)

    def _settle(self, key: OrderKey, order: Order) -> list[Effect]:
        ended = order.status.is_final
        if ended:
            order = msgspec.structs.replace(order, cancel=RequestFlag.NONE, amend=RequestFlag.NONE)
        self._keep(key, order)
        for fill in order.fills.values():
            self._fills.add(fill)
        return [Reconcile(f"fills of {key} are missing")] if ended and order.missing_qty > 0 else []

    def _change(self, key: OrderKey, change: Callable[[Order], Order]) -> None:
        order = self._orders.get(key)
        if order is not None:
            self._keep(key, change(order))

    def _keep(self, key: OrderKey, order: Order) -> None:
        self._orders[key] = order
        self.changes.note(key)
        doubtful = order.status is OrderStatus.IN_DOUBT
        (self._doubtful.add if doubtful else self._doubtful.discard)(key)
        (self._open.add if order.status.counts_as_open else self._open.discard)(key)
        (self._absent.add if order.status is OrderStatus.NOT_FOUND else self._absent.discard)(key)
        (self._short.add if order.missing_qty > 0 else self._short.discard)(key)
        if order.order_id is not None:
            self._key_of[order.order_id] = key
        self.touch(key)

    def _size(self) -> int:
        return len(self._orders)

    def _ended(self) -> list[OrderKey]:
        unclear = self._open | self._absent | self._doubtful | self._short
        return [key for key, order in self._orders.items() if order.status.is_final and key not in unclear]

    def _drop(self, key: OrderKey) -> None:
        order = self._orders.pop(key)
        self.changes.note(key)
        self._stamps.pop(key, None)
        if order.cl_ord_id is not None and key == order.cl_ord_id:
            self._watched.pop(order.cl_ord_id, None)
        if order.order_id is not None and self._key_of.get(order.order_id) == key:
            del self._key_of[order.order_id]

    def _hold(self, report: OrderReport) -> None:
        self._held.setdefault(report.order_id, []).append(report)
        self._held_count += 1
        while self._held_count > HELD_REPORTS:
            _, oldest = self._held.popitem(last=False)
            self._held_count -= len(oldest)
            self.dropped += len(oldest)


def _newest_first(orders: Iterable[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: order.created_ns, reverse=True)
