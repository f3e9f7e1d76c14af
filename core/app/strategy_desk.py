"""The desk of one strategy: what it may see and do. Everything it sends passes its limits, then the common risk gate.

Orders placed here belong to the strategy: the ids are made here, and no other order can be touched from here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

from core.app.executor import Executor
from core.app.strategy import StrategyLimits, StrategyPlan, StrategyRefused
from core.domain.errors import NotSent, OutcomeUnknown, Refused
from core.domain.ids import ClOrdId, new_cl_ord_id
from core.domain.instrument import Instrument, Side
from core.domain.limits import Consent, Reason, Severity
from core.domain.market import Ticker
from core.domain.orders import (
    AmendRequest,
    CancelRequest,
    Order,
    OrderRequest,
    OrderType,
    RequestFlag,
    TimeInForce,
    order_from_request,
)
from core.processing.book_store import BookView
from core.processing.own_pnl import OwnPnl
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

T = TypeVar("T")
ZERO = Decimal(0)
RATE_WINDOW_NS = 10 * NS_PER_S
CANCELS_PER_ORDER = 3
"""Cancels are never refused, but more than this many times the order limit is no trading either."""


_BY_NATURE = (Reason.SIZE, Reason.DUPLICATE, Reason.CROSSES, Reason.THROUGH)
AGREED = Consent(dict.fromkeys(_BY_NATURE, Severity.HOLD), standing=True)
"""What starting a strategy agrees to: it cuts sizes, repeats itself, takes where its owner rests and bounds what it
takes. Every other soft limit refuses its order."""


class Overseer(Protocol):
    """Who runs the strategy: hears of what it may not do, and owns the tasks that act for it."""

    pnl: OwnPnl

    def may_trade(self) -> bool:
        """Whether new orders are allowed now: it runs and is not paused."""
        ...

    def broke_rule(self, reason: str) -> None:
        """The strategy did what ends it."""
        ...

    def finish(self) -> None:
        """The strategy has done what it was for."""
        ...

    def note(self, text: str) -> None:
        """Write into the event log."""
        ...

    def funded(self) -> Decimal:
        """Quote currency it may dispose of now, before its own open orders."""
        ...

    def act(self, work: Callable[[], Awaitable[T]], name: str, about: Iterable[ClOrdId]) -> asyncio.Task[T]:
        """Run work of the terminal about some of the strategy's orders, outside of its own steps."""
        ...


class Desk:
    """Given to every callback. Prices in quote, quantities in base."""

    def __init__(
        self, plan: StrategyPlan, stores: Stores, executor: Executor, clock: Clock, overseer: Overseer
    ) -> None:
        self._plan = plan
        self._stores = stores
        self._executor = executor
        self._clock = clock
        self._overseer = overseer
        self._ids: list[ClOrdId] = []
        self._known: set[ClOrdId] = set()
        self._open: set[ClOrdId] = set()
        self._leaving: dict[ClOrdId, OrderRequest] = {}
        self._sends: deque[int] = deque()
        self._cancels: deque[int] = deque()

    # What it sees.

    @property
    def symbol(self) -> str:
        """The pair it trades."""
        return self._plan.symbol

    @property
    def instrument(self) -> Instrument:
        """The pair's grid. StrategyRefused while the exchange has not described it."""
        found = self._stores.instruments.get(self._plan.symbol)
        if found is None:
            raise StrategyRefused(f"{self._plan.symbol} is not traded here")
        return found

    @property
    def limits(self) -> StrategyLimits:
        """What it was given."""
        return self._plan.limits

    @property
    def pnl(self) -> OwnPnl:
        """What its own fills made of its start."""
        return self._overseer.pnl

    def book(self) -> BookView | None:
        """The pair's order book while it may be traded on, else ``None``."""
        live = self._stores.is_tradable(self._plan.symbol)
        return self._stores.books.view(self._plan.symbol) if live else None

    def ticker(self) -> Ticker | None:
        """The pair's ticker."""
        return self._stores.tickers.get(self._plan.symbol)

    def now_ns(self) -> int:
        """Monotonic time, ns: for measuring, not for reading."""
        return self._clock.mono_ns()

    def order(self, cl_ord_id: ClOrdId) -> Order | None:
        """One of its orders as it stands, ``None`` when it never had it."""
        return self._stores.orders.get(cl_ord_id) if cl_ord_id in self._known else None

    def orders(self) -> list[Order]:
        """Every order it ever placed, oldest first."""
        found = (self._stores.orders.get(cl_ord_id) for cl_ord_id in self._ids)
        return [order for order in found if order is not None]

    def open_orders(self) -> list[Order]:
        """Its orders that may still trade, doubt and those about to leave included, oldest first."""
        self._open = {id_ for id_ in self._open if self._may_trade_still(id_)}
        return [self._as_it_stands(id_) for id_ in self._ids if id_ in self._open]

    def filled(self) -> Decimal:
        """Base executed by all of its orders so far; complete for an order that has ended."""
        return sum((order.cum_qty for order in self.orders()), ZERO)

    def has_placed(self, cl_ord_id: ClOrdId) -> bool:
        """Whether an order is one of its own."""
        return cl_ord_id in self._known

    def free(self) -> Decimal:
        """Quote currency a new buy may use: what it has, less what its open buys hold at the worst fee."""
        held = ZERO
        for order in self.open_orders():
            if order.side is Side.BUY:
                held += self._stores.balances.hold(order, self.instrument)[1]
        return max(ZERO, self._overseer.funded() - held)

    def sellable(self) -> Decimal:
        """Base a new sell may use: what it was given and bought, less its open sells."""
        sells = sum((order.leaves for order in self.open_orders() if order.side is Side.SELL), ZERO)
        return max(ZERO, self._overseer.pnl.position - sells)

    # What it does.

    async def limit(
        self,
        side: Side,
        qty: Decimal,
        price: Decimal,
        *,
        post_only: bool = False,
        time_in_force: TimeInForce = TimeInForce.GTC,
    ) -> Order:
        """Place a limit order and return it as it stands once the exchange answered.

        StrategyRefused or RiskRejected before anything is sent; a refusal of the exchange is a state of the order.
        """
        return await self._submit(
            OrderRequest(
                cl_ord_id=new_cl_ord_id(),
                symbol=self._plan.symbol,
                side=side,
                order_type=OrderType.LIMIT,
                qty=qty,
                limit_price=price,
                post_only=post_only,
                time_in_force=time_in_force,
            )
        )

    async def ladder(
        self, side: Side, levels: Sequence[tuple[Decimal, Decimal]], *, post_only: bool = False
    ) -> list[Order]:
        """Place 2 to 15 limit orders, each (quantity, price), in one request. Errors as ``limit``: then none left."""
        self._may_send()
        if len(self.open_orders()) + len(levels) > self.limits.open_orders:
            raise StrategyRefused(f"{self.limits.open_orders} open orders are its limit")
        self._check_together(side, levels)
        requests = [
            OrderRequest(
                cl_ord_id=new_cl_ord_id(),
                symbol=self._plan.symbol,
                side=side,
                order_type=OrderType.LIMIT,
                qty=qty,
                limit_price=price,
                post_only=post_only,
            )
            for qty, price in levels
        ]
        return await self._leave(requests, lambda: self._executor.submit_batch(requests, AGREED))

    async def market(self, side: Side, qty: Decimal) -> Order:
        """Take at once, whatever the price within the risk limits. Errors as ``limit``."""
        return await self._submit(
            OrderRequest(
                cl_ord_id=new_cl_ord_id(),
                symbol=self._plan.symbol,
                side=side,
                order_type=OrderType.MARKET,
                qty=qty,
            )
        )

    async def amend(self, order: Order, *, price: Decimal | None = None, qty: Decimal | None = None) -> bool:
        """Change one of its orders in place; ``qty`` is the new total. Returns whether the exchange agreed.

        False also while an earlier change is under way or its outcome is unknown. StrategyRefused or RiskRejected
        before anything is sent.
        """
        known = self._own(order)
        if known.order_id is None or known.status.is_final or known.amend is RequestFlag.DOUBT:
            return False
        self._may_send()
        self._check_means(known.side, qty or known.qty, price or known.limit_price, instead_of=known)
        request = AmendRequest(order_id=known.order_id, limit_price=price, qty=qty, post_only=known.post_only)
        try:
            await self._act(lambda: self._executor.amend(request), f"amend {known.order_id}", known)
        except (Refused, NotSent, OutcomeUnknown):
            return False
        return True

    async def cancel(self, order: Order) -> bool:
        """Cancel one of its orders. Returns whether the exchange took it; the wish is repeated if it did not."""
        known = self._own(order)
        self._count(self._cancels, CANCELS_PER_ORDER * self.limits.orders_per_10s, "cancels")
        request = CancelRequest(order_id=known.order_id, cl_ord_id=known.cl_ord_id)
        try:
            await self._act(lambda: self._executor.cancel(request), f"cancel {known.cl_ord_id}", known)
        except (Refused, NotSent, OutcomeUnknown):
            return False
        return True

    async def cancel_all(self) -> None:
        """Cancel all of its orders."""
        await asyncio.gather(*(self.cancel(order) for order in self.open_orders()))

    def note(self, text: str) -> None:
        """Say something a trader would ask about tomorrow; it stands in the event log and the journal."""
        self._overseer.note(text)

    def finish(self) -> None:
        """Say that the work is done: the strategy ends, its open orders are handled as configured."""
        self._overseer.finish()

    async def _submit(self, request: OrderRequest) -> Order:
        self._may_send()
        if len(self.open_orders()) >= self.limits.open_orders:
            raise StrategyRefused(f"{self.limits.open_orders} orders are open, its limit")
        assert request.qty is not None
        self._check_means(request.side, request.qty, request.limit_price)
        return await self._leave([request], lambda: self._executor.submit(request, AGREED))

    async def _leave(self, requests: Sequence[OrderRequest], send: Callable[[], Awaitable[T]]) -> T:
        for request in requests:
            self._ids.append(request.cl_ord_id)
            self._known.add(request.cl_ord_id)
            self._open.add(request.cl_ord_id)
            self._leaving[request.cl_ord_id] = request
            self._overseer.note(f"{request.side} {request.qty} {request.symbol} as {request.cl_ord_id}")

        async def leave() -> T:
            try:
                return await send()
            finally:
                for request in requests:
                    del self._leaving[request.cl_ord_id]

        return await self._act(leave, f"submit {requests[0].cl_ord_id}", *requests)

    def _may_trade_still(self, cl_ord_id: ClOrdId) -> bool:
        order = self._stores.orders.get(cl_ord_id)
        return order.status.counts_as_open if order is not None else cl_ord_id in self._leaving

    def _as_it_stands(self, cl_ord_id: ClOrdId) -> Order:
        order = self._stores.orders.get(cl_ord_id)
        return order if order is not None else order_from_request(self._leaving[cl_ord_id], 0)

    async def _act(self, work: Callable[[], Awaitable[T]], name: str, *about: Order | OrderRequest) -> T:
        # The terminal's own work goes on to its end, even when the strategy that asked for it is gone.
        ids = [order.cl_ord_id for order in about if order.cl_ord_id is not None]
        return await asyncio.shield(self._overseer.act(work, name, ids))

    def _may_send(self) -> None:
        if not self._overseer.may_trade():
            raise StrategyRefused("the strategy does not run")
        self._count(self._sends, self.limits.orders_per_10s, "orders and amends")

    def _count(self, times: deque[int], most: int, what: str) -> None:
        now = self._clock.mono_ns()
        while times and now - times[0] >= RATE_WINDOW_NS:
            times.popleft()
        times.append(now)
        if len(times) > most:
            self._overseer.broke_rule(f"flooded: more than {most} {what} in 10 s")
            raise StrategyRefused(f"more than {most} {what} in 10 s")

    def _check_means(
        self, side: Side, qty: Decimal, price: Decimal | None, instead_of: Order | None = None
    ) -> None:
        """Refuse what the allocation does not cover. The account's own funds are checked by the risk gate."""
        if side is Side.SELL:
            have = self.sellable() + (instead_of.leaves if instead_of is not None else ZERO)
            need = qty - (instead_of.cum_qty if instead_of is not None else ZERO)
            if need > have:
                raise StrategyRefused(f"{need.normalize():f} to sell, {have.normalize():f} its own")
            return
        price = price or self._stores.references.touch(self._plan.symbol, Side.BUY)
        if price is None:
            raise StrategyRefused(f"no price of {self._plan.symbol}")
        rest = qty - (instead_of.cum_qty if instead_of is not None else ZERO)
        need = rest * price * (1 + self._stores.balances.fee_rate(self._plan.symbol).taker)
        have = self.free()
        if instead_of is not None:
            have += self._stores.balances.hold(instead_of, self.instrument)[1]
        if need > have:
            raise StrategyRefused(f"{need:.2f} {self.instrument.quote} needed, {have:.2f} allocated and free")

    def _check_together(self, side: Side, levels: Sequence[tuple[Decimal, Decimal]]) -> None:
        qty = sum((qty for qty, _ in levels), ZERO)
        cost = sum((qty * price for qty, price in levels), ZERO)
        if qty <= 0:
            raise StrategyRefused("a ladder has quantities above zero")
        self._check_means(side, qty, cost / qty)

    def _own(self, order: Order) -> Order:
        known = self.order(order.cl_ord_id) if order.cl_ord_id else None
        if known is None:
            self._overseer.broke_rule(f"reached for an order that is not its own: {order.order_id}")
            raise StrategyRefused("that order is not its own")
        return known
