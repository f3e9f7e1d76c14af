"""New orders and amends, WebSocket first. Every click, key and strategy takes this one road.

What is known of a send decides what follows: provably not sent may take the other road once; refused is final;
everything else is doubt, which is never resolved by sending again. Cancels live in ``canceller``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from core.app.canceller import Canceller
from core.app.risk import RiskManager
from core.app.roads import ORDER_DEADLINE_NS, OTHER_ROAD_NS, BatchRoad, LegOutcomes, Road
from core.domain.errors import NotSent, OutcomeUnknown, Refused, RiskRejected, TerminalError
from core.domain.ids import ClOrdId
from core.domain.limits import NO_CONSENT, Consent
from core.domain.orders import (
    AmendRequest,
    BatchAddRequest,
    Order,
    OrderRequest,
    OrderStatus,
    RequestFlag,
    order_from_request,
)
from core.processing.order_store import OrderStore
from core.runtime.clock import Clock

log = logging.getLogger(__name__)

BATCH_MAX = 15
"""Orders in one ``batch_add`` (Kraken "Batch add")."""

REQUESTS_KEPT = 1_000
"""Above this the requests of ended orders are forgotten."""

Commit = Callable[[Sequence[OrderRequest], int], Awaitable[None]]
"""Write intents durably, with the wall time of the click (ns UTC). Raises JournalUnavailable: then nothing is sent."""


class Executor:
    """Submits and amends. Order state goes through the store; outcomes are told to the caller."""

    def __init__(
        self,
        *,
        orders: OrderStore,
        primary: BatchRoad,
        secondary: Road,
        risk: RiskManager,
        canceller: Canceller,
        commit: Commit,
        clock: Clock,
        exchange_ns: Callable[[], int],
        ask: Callable[[str], None],
        confirm: Callable[[OrderRequest], Awaitable[None]],
    ) -> None:
        self._confirm = confirm
        self._orders = orders
        self._primary = primary
        self._secondary = secondary
        self._risk = risk
        self._commit = commit
        self._clock = clock
        self._exchange_ns = exchange_ns
        self._ask = ask
        self._canceller = canceller
        self._requests: dict[ClOrdId, OrderRequest] = {}
        self.cancel = canceller.cancel
        self.cancel_all = canceller.cancel_all
        self.cancel_many = canceller.cancel_many

    async def submit(self, request: OrderRequest, consent: Consent = NO_CONSENT) -> Order:
        """Place one order and return it as it stands once the outcome is known, or in doubt.

        ``consent`` is what a person agreed to; without it every soft limit blocks. Raises RiskRejected or
        JournalUnavailable before anything is sent. A refusal of the exchange and a failed send are states of the
        returned order, with its reason, not exceptions.
        """
        await self._confirm(request)
        clicked = await self._intend([request], consent)
        await self._place(request, clicked)
        return self._known(request.cl_ord_id)

    async def submit_batch(
        self, requests: Sequence[OrderRequest], consent: Consent = NO_CONSENT
    ) -> list[Order]:
        """Place 2 to 15 orders of one pair in one request and return each as it stands.

        Raises like ``submit``, before anything is sent. When the line is provably down they go by REST one by one.
        """
        if not 2 <= len(requests) <= BATCH_MAX or len({request.symbol for request in requests}) != 1:
            raise RiskRejected(f"A batch is 2 to {BATCH_MAX} orders of one pair.")
        clicked = await self._intend(requests, consent)
        batch = BatchAddRequest(requests[0].symbol, tuple(requests))
        try:
            await self._place_batch(batch)
        except NotSent as failure:
            await self._one_by_one(list(requests), clicked, failure)
        return [self._known(request.cl_ord_id) for request in requests]

    async def send_again(self, cl_ord_id: ClOrdId, consent: Consent = NO_CONSENT) -> Order:
        """Send an order again whose absence is proven, as a new decision of the user, under the same id.

        A cancel by that id goes first and must find nothing: it ends whatever might still be on its way. Raises
        RiskRejected when the order is not proven absent or does not pass the checks now, NotSent or OutcomeUnknown
        when the cancel could not be made sure.
        """
        order, request = self._orders.get(cl_ord_id), self._requests.get(cl_ord_id)
        if order is None or request is None or order.status is not OrderStatus.NOT_FOUND:
            raise RiskRejected("Only an order that was proven absent can be sent again.", field="cl_ord_id")
        self._risk.admit([request], consent)
        try:
            if not await self._canceller.is_absent(cl_ord_id):
                self._ask(f"order {cl_ord_id} was cancelled before it was sent again")
                self._risk.withdraw([cl_ord_id])
                return self._known(cl_ord_id)
            clicked, wall = self._clock.mono_ns(), self._clock.wall_ns()
            await self._commit([request], wall)
        except BaseException:
            self._risk.withdraw([cl_ord_id])
            raise
        self._orders.renew(order_from_request(request, wall))
        self._risk.settle([cl_ord_id])
        await self._place(request, clicked)
        return self._known(cl_ord_id)

    def remember(self, request: OrderRequest) -> None:
        """Take back an intent of an earlier run, so that it can be sent again if it proves absent."""
        self._requests[request.cl_ord_id] = request

    async def amend(self, request: AmendRequest, consent: Consent = NO_CONSENT) -> None:
        """Change an open order in place.

        Raises RiskRejected before anything is sent; then Refused with the exchange's reason, NotSent, or
        OutcomeUnknown. The order's ``amend`` flag follows.
        """
        self._risk.check_amend(request, consent)
        order = self._orders.by_order_id(request.order_id)
        assert order is not None, "the risk check knows the order"
        clicked = self._clock.mono_ns()
        self._orders.flag(order, amend=RequestFlag.ASKED)
        try:
            await self._send_amend(request, clicked)
        except OutcomeUnknown:
            self._orders.flag(order, amend=RequestFlag.DOUBT)
            self._ask(f"amend of {request.order_id}")
            raise
        except (NotSent, Refused):
            self._orders.flag(order, amend=RequestFlag.DENIED)
            raise
        except asyncio.CancelledError:
            self._orders.flag(order, amend=RequestFlag.DOUBT)
            raise

    async def _intend(self, requests: Sequence[OrderRequest], consent: Consent) -> int:
        """Check and commit intents; returns the monotonic time of the click, ns."""
        ids = {request.cl_ord_id for request in requests}
        if len(ids) != len(requests) or any(id_ in self._requests or self._orders.get(id_) for id_ in ids):
            raise RiskRejected("This order was already sent.", field="cl_ord_id")
        self._risk.admit(requests, consent)
        clicked, wall = self._clock.mono_ns(), self._clock.wall_ns()
        self._requests |= {request.cl_ord_id: request for request in requests}
        try:
            await self._commit(requests, wall)
        except BaseException:
            # Nothing left this process, and nothing will.
            for id_ in ids:
                del self._requests[id_]
            self._risk.withdraw(ids)
            raise
        for request in requests:
            self._orders.add(order_from_request(request, wall))
            self._orders.stamp(request.cl_ord_id, "clicked", wall)
            self._orders.stamp(request.cl_ord_id, "written down", self._clock.wall_ns())
        self._risk.settle(ids)
        self._forget_ended()
        return clicked

    def _forget_ended(self) -> None:
        """Let requests go that can no longer be sent again; the store knows their ids."""
        if len(self._requests) > REQUESTS_KEPT:
            self._requests = {
                id_: request
                for id_, request in self._requests.items()
                if (order := self._orders.get(id_)) is None or not order.status.is_final
            }

    async def _place(self, request: OrderRequest, clicked: int) -> None:
        try:
            await self._send(self._primary, request)
        except NotSent as failure:
            await self._by_other_road(request, clicked, failure)
        except (Refused, OutcomeUnknown) as outcome:
            self._ended(request.cl_ord_id, outcome)

    async def _place_batch(self, batch: BatchAddRequest) -> None:
        for order in batch.orders:
            self._orders.took_road(order.cl_ord_id, self._primary.name)
        outcomes: LegOutcomes
        try:
            outcomes = await self._primary.send_batch(batch, self._deadline())
        except (Refused, OutcomeUnknown) as outcome:
            outcomes = {order.cl_ord_id: outcome for order in batch.orders}
        except asyncio.CancelledError:
            for order in batch.orders:
                self._in_doubt(order.cl_ord_id, "interrupted while waiting for the answer")
            raise
        for cl_ord_id, problem in outcomes.items():
            if problem is not None:
                self._ended(cl_ord_id, problem)

    async def _one_by_one(self, waiting: list[OrderRequest], clicked: int, failure: NotSent) -> None:
        try:
            while waiting:
                await self._by_other_road(waiting.pop(0), clicked, failure)
        except asyncio.CancelledError:
            for request in waiting:
                self._ended(request.cl_ord_id, NotSent("interrupted before it left"))
            raise

    async def _by_other_road(self, request: OrderRequest, clicked: int, failure: NotSent) -> None:
        if self._clock.mono_ns() - clicked > OTHER_ROAD_NS:
            self._ended(request.cl_ord_id, failure)
            return
        log.info("order by other road cl_ord_id=%s reason=%s", request.cl_ord_id, failure.detail)
        try:
            await self._send(self._secondary, request)
        except (NotSent, Refused, OutcomeUnknown) as outcome:
            self._ended(request.cl_ord_id, outcome)

    async def _send(self, road: Road, request: OrderRequest) -> None:
        self._orders.took_road(request.cl_ord_id, road.name)
        self._orders.stamp(request.cl_ord_id, f"sent by {road.name}", self._clock.wall_ns())
        try:
            report = await road.send(request, self._deadline())
        except asyncio.CancelledError:
            self._in_doubt(request.cl_ord_id, "interrupted while waiting for the answer")
            raise
        self._orders.stamp(request.cl_ord_id, "answered", self._clock.wall_ns())
        if report is not None:
            self._orders.report(report, road.name)

    async def _send_amend(self, request: AmendRequest, clicked: int) -> None:
        try:
            await self._primary.send(request, self._deadline())
        except NotSent:
            if self._clock.mono_ns() - clicked > OTHER_ROAD_NS:
                raise
            await self._secondary.send(request, self._deadline())

    def _ended(self, cl_ord_id: ClOrdId, outcome: TerminalError) -> None:
        match outcome:
            case Refused():
                self._risk.budget.refused(self._known(cl_ord_id).symbol, outcome.detail)
                self._orders.infer(cl_ord_id, OrderStatus.REJECTED, outcome.detail)
            case NotSent():
                self._orders.infer(cl_ord_id, OrderStatus.REJECTED, f"not sent: {outcome.detail}")
            case _:
                self._in_doubt(cl_ord_id, outcome.detail)

    def _in_doubt(self, cl_ord_id: ClOrdId, reason: str) -> None:
        log.warning("order in doubt cl_ord_id=%s reason=%s", cl_ord_id, reason)
        self._orders.infer(cl_ord_id, OrderStatus.IN_DOUBT, reason)
        self._ask(f"order {cl_ord_id} is in doubt")

    def _known(self, cl_ord_id: ClOrdId) -> Order:
        order = self._orders.get(cl_ord_id)
        assert order is not None, "an order that was sent is in the store"
        return order

    def _deadline(self) -> int:
        return self._exchange_ns() + ORDER_DEADLINE_NS
