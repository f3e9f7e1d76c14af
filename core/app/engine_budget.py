"""What our order traffic costs on the engine's counter of each pair, and what is kept back for cancels.

Source: Kraken guide "Spot trading limits"; the streamed counter corrects our own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from core.data.rest.limiter import OPEN_ORDERS, PairLimiter, Tier, engine_cost, tier_of
from core.domain.events import Event, ExecutionEvent, SubscriptionEvent
from core.domain.ids import OrderId, Symbol
from core.domain.orders import Order, OrderReport
from core.processing.order_store import OrderStore
from core.runtime.clock import NS_PER_S, Clock

WARN_SHARE = 0.70
REFUSE_SHARE = 0.85
"""Above this only cancels use the counter (faults, section 7)."""

OPEN_SHARE = 0.9
SEEN_KEPT = 5_000


class EngineBudget:
    """Counters by pair. Listens to the events of the session; times come from its clock."""

    def __init__(self, orders: OrderStore, clock: Clock) -> None:
        self._orders = orders
        self._clock = clock
        self._tier = Tier.STARTER
        self._pairs: dict[Symbol, PairLimiter] = {}
        self._cancelled: OrderedDict[OrderId, None] = OrderedDict()

    @property
    def open_orders_max(self) -> int:
        """Open orders a pair may have: nine tenths of what the account's tier allows."""
        return int(OPEN_ORDERS[self._tier] * OPEN_SHARE)

    def share(self, symbol: Symbol) -> float:
        """Return how much of a pair's counter is used, 0 to 1 and above."""
        return self._pair(symbol).share(self._clock.mono_ns())

    def symbols(self) -> list[Symbol]:
        """Pairs with a counter."""
        return list(self._pairs)

    def wait_ns(self, symbol: Symbol, cost: float) -> int:
        """Return how long until something of this cost leaves enough for cancels; 0 when it does now."""
        return self._pair(symbol).wait_ns(cost, REFUSE_SHARE, self._clock.mono_ns())

    def take(self, symbol: Symbol, cost: float) -> None:
        """Count what leaves now."""
        self._pair(symbol).take(cost, self._clock.mono_ns())

    def refused(self, symbol: Symbol, text: str) -> None:
        """The exchange refused something on a pair; its words tell whether for the rate."""
        if "rate limit exceeded" in text.lower():
            self._pair(symbol).exceeded(self._clock.mono_ns())

    def amend_cost(self, order: Order) -> float:
        """Return what changing this order costs now."""
        return engine_cost("amend", self._age_s(order))

    def listen(self, events: Sequence[Event]) -> None:
        """Learn the tier, the streamed counters and the cancels that happened."""
        for event in events:
            match event:
                case SubscriptionEvent(max_rate_count=count) if count:
                    self._use_tier(tier_of(count))
                case ExecutionEvent(snapshot=False, reports=reports):
                    for report in reports:
                        self._heard(report)

    def _heard(self, report: OrderReport) -> None:
        order = self._orders.by_order_id(report.order_id)
        symbol = report.symbol or (order.symbol if order is not None else None)
        if symbol is None:
            return
        is_cancel = report.exec_type == "canceled" and report.order_id not in self._cancelled
        if is_cancel:
            self._cancelled[report.order_id] = None
            while len(self._cancelled) > SEEN_KEPT:
                self._cancelled.popitem(last=False)
        if report.rate_count is not None:
            self._pair(symbol).told(float(report.rate_count), self._clock.mono_ns())
        elif is_cancel and order is not None:
            self.take(symbol, engine_cost("cancel", self._age_s(order)))

    def _age_s(self, order: Order) -> float:
        # Since the last amend where one was told, which is what the exchange counts from.
        changed = max(order.created_ns, order.terms.qty.ts, order.terms.limit_price.ts)
        return max(0, self._clock.wall_ns() - changed) / NS_PER_S

    def _use_tier(self, tier: Tier) -> None:
        if tier is self._tier:
            return
        now, old = self._clock.mono_ns(), self._pairs
        self._tier, self._pairs = tier, {}
        for symbol, pair in old.items():
            self._pair(symbol).told(pair.share(now) * pair.threshold, now)

    def _pair(self, symbol: Symbol) -> PairLimiter:
        found = self._pairs.get(symbol)
        if found is None:
            found = self._pairs[symbol] = PairLimiter(self._tier)
        return found
