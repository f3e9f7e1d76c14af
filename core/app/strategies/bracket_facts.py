"""What is known of a bracket's orders: from the order store, and from the journal of those that ended earlier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from core.data.journal.order_rows import StoredIntent
from core.domain.ids import ClOrdId
from core.domain.instrument import Side
from core.domain.orders import ZERO, Fill, OrderStatus, RequestFlag
from core.processing.bracket import BracketPlan
from core.processing.stores import Stores

_UNDER_WAY = (RequestFlag.ASKED, RequestFlag.DOUBT)


class Fact(NamedTuple):
    """One order as it is known; see ``processing.bracket.told``."""

    done: Decimal
    placed: bool
    ended: bool
    cancelling: bool = False
    growing: bool = False
    qty: Decimal | None = None


class StoredFacts:
    """Orders as the journal had them when the program started. An order that had not ended is in the store as well."""

    def __init__(self, stored: Mapping[ClOrdId, StoredIntent] | None = None) -> None:
        self._stored = stored or {}

    def of(self, cl_ord_id: ClOrdId) -> Fact | None:
        """Return what the journal says of an order that had ended."""
        intent = self._stored.get(cl_ord_id)
        if intent is None or not intent.status.is_final:
            return None
        return Fact(intent.cum_qty, intent.order_id is not None, True)


class Facts:
    """Facts of the running program."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def leg(self, cl_ord_id: ClOrdId, stored: StoredFacts) -> Fact | None:
        """Return what is known of a leg, ``None`` while nobody has heard of it."""
        order = self._stores.orders.get(cl_ord_id)
        if order is None:
            return stored.of(cl_ord_id)
        return Fact(
            done=order.cum_qty,
            placed=order.order_id is not None,
            ended=order.status.is_final,
            cancelling=order.cancel in _UNDER_WAY,
            growing=order.amend in _UNDER_WAY,
            qty=order.qty or None,
        )

    def entry(self, plan: BracketPlan, stored: StoredFacts) -> tuple[Decimal, bool]:
        """Return the position (base) a bracket guards and whether it can still grow."""
        if plan.entry is None:
            return plan.qty, True
        order = self._stores.orders.get(plan.entry)
        if order is None:
            fact = stored.of(plan.entry)
            fills = [fill for fill in self._stores.fills.all() if fill.cl_ord_id == plan.entry]
            return (self._owned(plan, fact.done, fills), True) if fact is not None else (ZERO, False)
        ended = order.status.is_final or order.status is OrderStatus.NOT_FOUND
        # A fee in base is known with the fill: until then less is guarded rather than more.
        executed = sum((fill.qty for fill in order.fills.values()), ZERO)
        return self._owned(plan, executed, order.fills.values()), ended and order.missing_qty <= 0

    def is_absent(self, cl_ord_id: ClOrdId) -> bool:
        """Whether an order was proven absent."""
        order = self._stores.orders.get(cl_ord_id)
        return order is not None and order.status is OrderStatus.NOT_FOUND

    def cancelled_by_others(self, cl_ord_id: ClOrdId) -> str:
        """Return why an order that rested was cancelled, empty when it was not or had been triggered."""
        order = self._stores.orders.get(cl_ord_id)
        if order is None or order.triggered or order.order_id is None:
            return ""
        is_over = order.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED)
        rested = order.trigger is not None
        return (order.reason or "no reason told") if is_over and rested else ""

    def _owned(self, plan: BracketPlan, executed: Decimal, fills: Iterable[Fill]) -> Decimal:
        base = plan.symbol.split("/")[0]
        fees = sum((fee.qty for fill in fills for fee in fill.fees if fee.asset == base), ZERO)
        instrument = self._stores.instruments.get(plan.symbol)
        owned = max(ZERO, executed - fees)
        return min(plan.qty, owned if instrument is None else instrument.quantize_qty(owned))


def touches(plan: BracketPlan, stores: Stores) -> bool:
    """Whether somebody pays the target's price now; never while the book may not be traded on."""
    view = stores.books.view(plan.symbol)
    if view is None or not stores.is_tradable(plan.symbol):
        return False
    level = view.best_bid if plan.side is Side.SELL else view.best_ask
    return level is not None and (level[0] - plan.target) * plan.side.sign <= 0
