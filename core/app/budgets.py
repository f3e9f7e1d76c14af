"""What the exchange allows and how much of it is used, with the cost of the next obvious action.

Source: Kraken guides "Spot REST rate limits", "Spot trading limits"; the ban on too many connections.
"""

from __future__ import annotations

import msgspec

from core.app.engine_budget import EngineBudget
from core.data.rest.breaker import BreakerState as BreakerState
from core.data.rest.client import RestClient
from core.data.rest.limiter import ENGINE_LIMITS, USE_OF_REST, Tier, engine_cost
from core.data.ws.backoff import BUDGET
from core.data.ws.manager import LineManager
from core.domain.health import Line
from core.domain.ids import Symbol
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

WARNING_SHARE, FULL_SHARE = 0.70, 0.85
"""Of an allowance used: warn, and refuse what adds to it (faults, section 7)."""

FREE_WHEN_OLD = 300


class Budget(msgspec.Struct, frozen=True):
    """One allowance: ``used`` of ``limit``, and in words what the next action costs."""

    name: str
    used: float
    limit: float
    next_cost: str

    @property
    def share(self) -> float:
        """Part that is used, 0 to 1 and above."""
        return self.used / self.limit if self.limit else 0.0


class Vitals(msgspec.Struct, frozen=True):
    """What the dashboard shows beside the stores: who carries orders, the breakers by class, nonces, allowances.

    ``nonce_lead_ns`` is how far the last nonce is ahead of our clock; above zero only after it was set back.
    """

    primary: Line
    breakers: dict[str, BreakerState]
    nonce_lead_ns: int
    budgets: list[Budget]


class Budgets:
    """Reads the counters where they are kept."""

    def __init__(
        self, stores: Stores, lines: LineManager, rest: RestClient, engine: EngineBudget, clock: Clock
    ) -> None:
        self._stores = stores
        self._lines = lines
        self._rest = rest
        self._engine = engine
        self._clock = clock

    def all(self) -> list[Budget]:
        """Every allowance now: REST, connections, open orders, and the engine's for each pair with orders."""
        now = self._clock.mono_ns()
        limiter = self._rest.transport.limiter
        rest = Budget(
            "REST calls", limiter.used(now), limiter.maximum * USE_OF_REST, "a query 1, history 4, orders 0"
        )
        connects = Budget("connections in 10 min", self._lines.budget.used(now), BUDGET, "a reconnect 1")
        return [
            rest,
            connects,
            *(self._engine_budget(symbol, now) for symbol in sorted(self._engine.symbols())),
        ]

    def vitals(self) -> Vitals:
        """Everything at this moment."""
        transport, now = self._rest.transport, self._clock.mono_ns()
        return Vitals(
            primary=self._lines.primary,
            breakers={name: breaker.state(now) for name, breaker in transport.breakers.items()},
            nonce_lead_ns=transport.nonces.last - self._clock.wall_ns(),
            budgets=self.all(),
        )

    def _engine_budget(self, symbol: Symbol, now: int) -> Budget:
        """The engine's counter of one pair as we reckon it, and what the stream said of it, less what decayed since."""
        threshold, decay = ENGINE_LIMITS[self._tier()]
        told = self._stores.health.rate_counts.get(symbol)
        streamed = f", streamed {max(0.0, told[0] - decay * (now - told[1]) / NS_PER_S):.0f}" if told else ""
        used = self._engine.share(symbol) * threshold
        return Budget(f"changes on {symbol}", used, threshold, self._next_cancel(symbol) + streamed)

    def _tier(self) -> Tier:
        return self._rest.transport.limiter.tier

    def _next_cancel(self, symbol: Symbol) -> str:
        newest = next(iter(self._stores.orders.open(symbol)), None)
        if newest is None:
            return "an order 1"
        age_s = (self._clock.wall_ns() - newest.created_ns) / NS_PER_S
        return f"cancelling the newest order {engine_cost('cancel', min(age_s, FREE_WHEN_OLD)):g}"
