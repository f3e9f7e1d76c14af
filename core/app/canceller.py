"""Cancels: idempotent, repeated over both roads, held back by nothing (faults, I12)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec

from core.app.roads import ORDER_DEADLINE_NS, Road
from core.domain.errors import NotSent, OutcomeUnknown, Refused
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    BatchCancelRequest,
    CancelAllRequest,
    CancelRequest,
    Order,
    OrderStatus,
    RequestFlag,
)
from core.processing.order_store import OrderStore

log = logging.getLogger(__name__)

BATCH_FROM = 6
"""Fewer are cancelled one by one: each has its own answer, and their cost fits even the smallest rate counter."""

BATCH_MOST = 50
"""Orders in one ``batch_cancel`` (Kraken "Batch cancel")."""


class CancelTally(msgspec.Struct, frozen=True):
    """What became of a cancel-all: how many were asked, confirmed by an answer, and failed."""

    asked: int
    confirmed: int
    failed: int


class Canceller:
    """Asks for cancels and notes what became of the wish; the order's state comes from reports alone."""

    def __init__(
        self,
        orders: OrderStore,
        primary: Road,
        secondary: Road,
        exchange_ns: Callable[[], int],
        ask: Callable[[str], None],
    ) -> None:
        self._orders = orders
        self._primary = primary
        self._secondary = secondary
        self._exchange_ns = exchange_ns
        self._ask = ask

    async def cancel(self, request: CancelRequest) -> None:
        """Cancel one order, over the other road too when the first does not answer.

        Raises Refused when the exchange says the order is not open, NotSent or OutcomeUnknown when no road worked.
        An order not accepted yet is cancelled by our id, and the wish stays until its doubt has ended.
        """
        order = self._find(request)
        self._flag(order, RequestFlag.ASKED)
        try:
            await self._on_any_road(request)
        except Refused:
            if order is None or not _may_arrive(order):
                self._flag(order, RequestFlag.DENIED)
                self._ask(f"cancel of {request.order_id or request.cl_ord_id} was refused")
            raise
        except (NotSent, OutcomeUnknown):
            self._flag(order, RequestFlag.DOUBT)
            raise
        except asyncio.CancelledError:
            self._flag(order, RequestFlag.DOUBT)
            raise

    async def cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> CancelTally:
        """Cancel every order that may be open, of a pair and side if given, and count what was answered.

        Without pair and side the exchange is asked for all at once, which includes orders not known here; where that
        fails they are cancelled one by one.
        """
        wanted = [
            order
            for order in self._orders.open()
            if symbol in (None, order.symbol) and side in (None, order.side)
        ]
        if symbol is None and side is None and await self._all_at_once(wanted):
            return CancelTally(len(wanted), len(wanted), 0)
        return await self.cancel_many(wanted)

    async def cancel_many(self, wanted: Sequence[Order]) -> CancelTally:
        """Cancel these orders and count what was answered. Many at once go in batches.

        A batch passes even where it fills the rate counter, while single cancels of young orders would be refused one
        after the other (Kraken, limits of the matching engine). What a batch did not do is cancelled one by one.
        """
        known = [order for order in wanted if order.order_id is not None]
        batched: set[OrderId] = set()
        if len(known) >= BATCH_FROM:
            for batch in await asyncio.gather(*(self._batch(part) for part in _parts(known))):
                batched |= batch
        results = await asyncio.gather(
            *(
                self.cancel(CancelRequest(order_id=o.order_id, cl_ord_id=o.cl_ord_id))
                for o in wanted
                if o.order_id not in batched
            ),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException) and not isinstance(
                result, (Refused, NotSent, OutcomeUnknown)
            ):
                raise result
        # Refused means that there was nothing left to cancel.
        failed = sum(isinstance(result, (NotSent, OutcomeUnknown)) for result in results)
        return CancelTally(len(wanted), len(wanted) - failed, failed)

    async def is_absent(self, cl_ord_id: ClOrdId) -> bool:
        """Cancel by our id and return whether the exchange knew no such order.

        Raises NotSent or OutcomeUnknown when no road answered.
        """
        try:
            await self._on_any_road(CancelRequest(cl_ord_id=cl_ord_id))
        except Refused as refusal:
            if "unknown order" not in refusal.detail.lower():
                raise OutcomeUnknown(refusal.detail) from refusal
            return True
        return False

    async def repeat_wishes(self) -> None:
        """Ask again for every cancel that the exchange has not confirmed. Failures leave the wish as it is."""
        for order in self._orders.open():
            if order.cancel in (RequestFlag.ASKED, RequestFlag.DOUBT):
                try:
                    await self.cancel(CancelRequest(order_id=order.order_id, cl_ord_id=order.cl_ord_id))
                except (Refused, NotSent, OutcomeUnknown) as failure:
                    log.info("cancel still open order=%s reason=%s", order.order_id, failure)

    async def _batch(self, orders: Sequence[Order]) -> set[OrderId]:
        """Cancel in one request; returns the ids the exchange answered for."""
        ids = tuple(order.order_id for order in orders if order.order_id is not None)
        for order in orders:
            self._flag(order, RequestFlag.ASKED)
        deadline = self._exchange_ns() + ORDER_DEADLINE_NS
        try:
            await self._primary.send(BatchCancelRequest(order_ids=ids), deadline)
        except (Refused, NotSent, OutcomeUnknown) as failure:
            log.warning("batch cancel failed, cancelling one by one reason=%s", failure)
            return set()
        except asyncio.CancelledError:
            for order in orders:
                self._flag(order, RequestFlag.DOUBT)
            raise
        return set(ids)

    async def _all_at_once(self, wanted: list[Order]) -> bool:
        for order in wanted:
            self._flag(order, RequestFlag.ASKED)
        try:
            await self._on_any_road(CancelAllRequest())
        except (Refused, NotSent, OutcomeUnknown) as failure:
            log.warning("cancel all failed, cancelling one by one reason=%s", failure)
            return False
        return True

    async def _on_any_road(self, request: CancelRequest | CancelAllRequest) -> None:
        deadline = self._exchange_ns() + ORDER_DEADLINE_NS
        try:
            await self._primary.send(request, deadline)
        except (NotSent, OutcomeUnknown) as failure:
            log.info("cancel by other road request=%s reason=%s", request, failure.detail)
            await self._secondary.send(request, deadline)

    def _find(self, request: CancelRequest) -> Order | None:
        if request.order_id is not None:
            return self._orders.by_order_id(request.order_id)
        return self._orders.get(request.cl_ord_id) if request.cl_ord_id else None

    def _flag(self, order: Order | None, flag: RequestFlag) -> None:
        if order is not None:
            self._orders.flag(order, cancel=flag)


def _parts(orders: Sequence[Order]) -> list[Sequence[Order]]:
    """Return the orders in as few batches of like size as the exchange takes."""
    count = -(-len(orders) // BATCH_MOST)
    bounds = [len(orders) * at // count for at in range(count + 1)]
    return [orders[low:high] for low, high in pairwise(bounds)]


def _may_arrive(order: Order) -> bool:
    return order.status in (OrderStatus.SENT, OrderStatus.IN_DOUBT)
