"""Orders, WebSocket first. Every click, key and strategy takes this one road.

What is known of a send decides what follows: provably not sent may take the other road once; refused is final;
everything else is doubt, which is never resolved by sending again. Cancels repeat freely and nothing blocks them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from core.app.risk import RiskManager
from core.domain.errors import NotSent, OutcomeUnknown, Refused, RiskRejected
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    AmendRequest,
    CancelRequest,
    Order,
    OrderReport,
    OrderRequest,
    OrderStatus,
    RequestFlag,
    order_from_request,
)
from core.processing.order_store import OrderStore
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

ORDER_DEADLINE_NS = 5 * NS_PER_S
"""How long the engine may still accept an order: bounds the doubt (faults, section 7)."""

OTHER_ROAD_NS = 3 * NS_PER_S
"""After this long since the click the market the user saw is gone; the order is not sent by REST any more."""

Command = OrderRequest | AmendRequest | CancelRequest


class Route(Protocol):
    """A road to the exchange: the private WebSocket line or REST."""

    name: str

    async def send(self, command: Command, deadline_ns: int) -> OrderReport | None:
        """Send one command. ``deadline_ns`` is exchange time, ns UTC.

        Returns the report an accepted answer amounts to, if it says anything of the order.
        Raises NotSent, Refused or OutcomeUnknown; nothing else.
        """
        ...


class CancelTally(msgspec.Struct, frozen=True):
    """What became of a cancel-all: how many were asked, confirmed by an answer, and failed."""

    asked: int
    confirmed: int
    failed: int


class Executor:
    """Submits, amends and cancels. Order state goes through the store; outcomes are told to the caller."""

    def __init__(
        self,
        *,
        orders: OrderStore,
        primary: Route,
        secondary: Route,
        risk: RiskManager,
        clock: Clock,
        exchange_ns: Callable[[], int],
        doubt: Callable[[Order], None],
    ) -> None:
        self._orders = orders
        self._primary = primary
        self._secondary = secondary
        self._risk = risk
        self._clock = clock
        self._exchange_ns = exchange_ns
        self._doubt = doubt

    async def submit(self, request: OrderRequest) -> Order:
        """Place one order and return it as it stands once the outcome is known, or in doubt.

        Raises RiskRejected before anything is stored or sent. A refusal of the exchange and a failed send are
        states of the returned order, with its reason, not exceptions.
        """
        if self._orders.get(request.cl_ord_id) is not None:
            raise RiskRejected("This order was already sent.", field="cl_ord_id")
        self._risk.check(request)
        clicked = self._clock.mono_ns()
        order = order_from_request(request, self._clock.wall_ns())
        self._orders.add(order)
        try:
            await self._place(request, clicked)
        except Refused as refusal:
            self._orders.infer(request.cl_ord_id, OrderStatus.REJECTED, refusal.detail)
        except NotSent as failure:
            self._orders.infer(request.cl_ord_id, OrderStatus.REJECTED, f"not sent: {failure.detail}")
        except OutcomeUnknown as unknown:
            self._in_doubt(request, unknown.detail)
        except asyncio.CancelledError:
            self._in_doubt(request, "interrupted while waiting for the answer")
            raise
        return self._orders.get(request.cl_ord_id) or order

    async def amend(self, request: AmendRequest) -> None:
        """Change an open order in place.

        Raises Refused with the exchange's reason, NotSent, or OutcomeUnknown; the order's ``amend`` flag follows.
        """
        self._risk.check_amend(request)
        order = self._orders.by_order_id(request.order_id)
        self._flag_amend(order, RequestFlag.ASKED)
        try:
            await self._primary.send(request, self._deadline())
        except OutcomeUnknown:
            self._flag_amend(order, RequestFlag.DOUBT)
            raise
        except (NotSent, Refused):
            self._flag_amend(order, RequestFlag.DENIED)
            raise

    async def cancel(self, request: CancelRequest) -> None:
        """Cancel one order, over the other road too when the first does not answer.

        Raises Refused when the exchange says the order is not open, NotSent or OutcomeUnknown when no road worked.
        """
        order = self._find(request)
        self._flag_cancel(order, RequestFlag.ASKED)
        try:
            await self._cancel_on_any_road(request)
        except Refused:
            self._flag_cancel(order, RequestFlag.DENIED)
            if order is not None:
                self._doubt(order)
            raise
        except (NotSent, OutcomeUnknown):
            self._flag_cancel(order, RequestFlag.DOUBT)
            raise

    async def cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> CancelTally:
        """Cancel every open order we know of, of a pair and side if given, and count what was answered."""
        wanted = [
            order
            for order in self._orders.open()
            if symbol in (None, order.symbol) and side in (None, order.side)
        ]
        results = await asyncio.gather(
            *(self.cancel(CancelRequest(order_id=o.order_id, cl_ord_id=o.cl_ord_id)) for o in wanted),
            return_exceptions=True,
        )
        failed = 0
        for result in results:
            if isinstance(result, (Refused, NotSent, OutcomeUnknown)):
                failed += 1
            elif isinstance(result, BaseException):
                raise result
        return CancelTally(len(wanted), len(wanted) - failed, failed)

    async def _place(self, request: OrderRequest, clicked: int) -> None:
        try:
            await self._send_order(self._primary, request)
        except NotSent as failure:
            if self._clock.mono_ns() - clicked > OTHER_ROAD_NS:
                raise
            log.info("order by other road cl_ord_id=%s reason=%s", request.cl_ord_id, failure.detail)
            await self._send_order(self._secondary, request)

    async def _send_order(self, route: Route, request: OrderRequest) -> None:
        self._orders.took_road(request.cl_ord_id, route.name)
        report = await route.send(request, self._deadline())
        if report is not None:
            self._orders.report(report)

    async def _cancel_on_any_road(self, request: CancelRequest) -> None:
        deadline = self._deadline()
        try:
            await self._primary.send(request, deadline)
        except (NotSent, OutcomeUnknown) as failure:
            log.info("cancel by other road order_id=%s reason=%s", request.order_id, failure.detail)
            await self._secondary.send(request, deadline)

    def _in_doubt(self, request: OrderRequest, reason: str) -> None:
        self._orders.infer(request.cl_ord_id, OrderStatus.IN_DOUBT, reason)
        order = self._orders.get(request.cl_ord_id)
        log.warning("order in doubt cl_ord_id=%s reason=%s", request.cl_ord_id, reason)
        if order is not None:
            self._doubt(order)

    def _deadline(self) -> int:
        return self._exchange_ns() + ORDER_DEADLINE_NS

    def _find(self, request: CancelRequest) -> Order | None:
        if request.order_id is not None:
            return self._orders.by_order_id(request.order_id)
        return self._orders.get(request.cl_ord_id) if request.cl_ord_id else None

    def _flag_cancel(self, order: Order | None, flag: RequestFlag) -> None:
        if order is not None:
            self._orders.flag(order, cancel=flag)

    def _flag_amend(self, order: Order | None, flag: RequestFlag) -> None:
        if order is not None:
            self._orders.flag(order, amend=flag)
