"""Services of a session that only remember what they were asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal

from core.app.canceller import CancelTally
from core.app.flatten import Flattened, Flattener
from core.app.history import HistoryState
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.limits import NO_CONSENT, Consent
from core.domain.orders import (
    AmendRequest,
    CancelRequest,
    Order,
    OrderRequest,
    OrderStatus,
    order_from_request,
)
from core.domain.subscription import Subscription
from core.processing.stores import Stores
from core.runtime.clock import ManualClock


class RememberingMarketData:
    """Counts who watches what; subscribes nothing."""

    def __init__(self) -> None:
        self.watched: Counter[Subscription] = Counter()

    def watch(self, *wanted: Subscription) -> Callable[[], None]:
        held = list(wanted)
        self.watched.update(held)

        def release() -> None:
            self.watched.subtract(held)
            self.watched = +self.watched
            held.clear()

        return release


class RememberingHistory:
    """Notes which series were wanted."""

    def __init__(self) -> None:
        self.wanted: list[tuple[Symbol, int]] = []
        self.reached = HistoryState.COMPLETE

    def want(self, symbol: Symbol, interval: int, *, stays: bool = False) -> None:
        self.wanted.append((symbol, interval))

    def state(self, symbol: Symbol, interval: int) -> HistoryState:
        return self.reached

    def failure(self, symbol: Symbol, interval: int) -> str:
        return "no answer" if self.reached is HistoryState.FAILED else ""


class RememberingExecutor:
    """Takes every command and answers it at once, as an exchange with nothing to object would."""

    def __init__(self, stores: Stores, clock: ManualClock) -> None:
        self._stores = stores
        self._clock = clock
        self.submitted: list[OrderRequest] = []
        self.cancelled: list[CancelRequest] = []
        self.amended: list[AmendRequest] = []
        self.cancelled_all: list[Symbol | None] = []
        self.batches: list[int] = []

    async def submit(self, request: OrderRequest, consent: Consent = NO_CONSENT) -> Order:
        self.submitted.append(request)
        self._stores.orders.add(order_from_request(request, self._clock.wall_ns()))
        self._stores.orders.infer(request.cl_ord_id, OrderStatus.NEW)
        order = self._stores.orders.get(request.cl_ord_id)
        assert order is not None
        return order

    async def submit_batch(
        self, requests: Sequence[OrderRequest], consent: Consent = NO_CONSENT
    ) -> list[Order]:
        self.batches.append(len(requests))
        return [await self.submit(request, consent) for request in requests]

    async def cancel(self, request: CancelRequest) -> None:
        self.cancelled.append(request)

    async def cancel_many(self, orders: Sequence[Order]) -> CancelTally:
        for order in orders:
            await self.cancel(CancelRequest(order_id=order.order_id, cl_ord_id=order.cl_ord_id))
        return CancelTally(len(orders), len(orders), 0)

    async def amend(self, request: AmendRequest, consent: Consent = NO_CONSENT) -> None:
        self.amended.append(request)

    async def cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> CancelTally:
        self.cancelled_all.append(symbol)
        wanted = [order for order in self._stores.orders.open(symbol) if side in (None, order.side)]
        return CancelTally(len(wanted), len(wanted), 0)


class RememberingFlattener(Flattener):
    """Plans as the real one does; only remembers what was to be flattened."""

    def __init__(self, stores: Stores, executor: RememberingExecutor, clock: ManualClock) -> None:
        super().__init__(stores, executor, None, clock, _silent, _quiet)  # type: ignore[arg-type]
        self.flattened: list[tuple[Symbol, Decimal, int]] = []

    async def flatten(
        self, symbol: Symbol, baseline: Decimal, slippage_bps: int, consent: Consent = NO_CONSENT
    ) -> Flattened:
        self.flattened.append((symbol, baseline, slippage_bps))
        zero = Decimal(0)
        return Flattened(symbol=symbol, cancelled=0, traded=zero, cost=zero, owned=baseline, left=zero)


def _silent(source: str, text: str) -> None:
    return None


async def _quiet(symbol: Symbol) -> None:
    return None
