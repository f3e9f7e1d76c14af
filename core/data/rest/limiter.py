"""Kraken's decaying counters as arithmetic on the clock. Pure: the caller brings the time.

Two counters exist: one for REST calls of a key, one for order traffic of a pair in the engine, shared by all roads.
Source: Kraken guides "Spot REST rate limits", "Spot trading limits".
"""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec

from core.runtime.clock import NS_PER_S


class Tier(StrEnum):
    """Verification level of the account."""

    STARTER = "starter"
    INTERMEDIATE = "intermediate"
    PRO = "pro"


REST_LIMITS = {Tier.STARTER: (15.0, 0.33), Tier.INTERMEDIATE: (20.0, 0.5), Tier.PRO: (20.0, 1.0)}
"""Maximum and decay per second of the counter of a key."""

ENGINE_LIMITS = {Tier.STARTER: (60.0, 1.0), Tier.INTERMEDIATE: (125.0, 2.34), Tier.PRO: (180.0, 3.75)}
"""Threshold and decay per second of the counter of a pair."""

OPEN_ORDERS = {Tier.STARTER: 60, Tier.INTERMEDIATE: 80, Tier.PRO: 225}
"""Open orders a pair may have."""


def tier_of(max_rate_count: int) -> Tier:
    """Return the tier whose engine threshold the exchange told (``maxratecount`` of the executions channel)."""
    return next((tier for tier, (most, _) in ENGINE_LIMITS.items() if max_rate_count <= most), Tier.PRO)


USE_OF_REST = 0.75
RESERVED_FOR_WALKS = 5.0
HISTORY_COST = 4
CALL_COST = 1
_FREE = frozenset({"AddOrder", "AddOrderBatch", "AmendOrder", "EditOrder"})
_HISTORY = frozenset({"Ledgers", "QueryLedgers", "TradesHistory", "ClosedOrders", "QueryTrades"})


class Counter:
    """A number that calls raise and time lowers, never below zero."""

    def __init__(self, decay_per_s: float) -> None:
        self._decay_per_s = decay_per_s
        self._value = 0.0
        self._at = 0

    def value(self, now: int) -> float:
        """Return the number at monotonic ``now``."""
        lapsed = max(0, now - self._at) / NS_PER_S
        return max(0.0, self._value - self._decay_per_s * lapsed)

    def add(self, cost: float, now: int) -> None:
        """Raise it."""
        self._value, self._at = self.value(now) + cost, now

    def raise_to(self, value: float, now: int) -> None:
        """Believe the exchange when it says the number is at least this."""
        self._value, self._at = max(self.value(now), value), now

    def wait_ns(self, cost: float, limit: float, now: int) -> int:
        """Return how long until ``cost`` fits under ``limit``; 0 when it does now."""
        excess = self.value(now) + cost - limit
        return math.ceil(excess / self._decay_per_s * NS_PER_S) if excess > 0 else 0


def rest_cost(path: str) -> int:
    """Return what a private call costs on the counter of its key."""
    name = path.rpartition("/")[2]
    if name in _FREE or name.startswith("Cancel"):
        return 0
    return HISTORY_COST if name in _HISTORY else CALL_COST


class RestLimiter:
    """The counter of one key. Uses three quarters; the last points are kept for finding out what became of orders."""

    def __init__(self, tier: Tier = Tier.STARTER) -> None:
        self.tier = tier
        self.maximum, decay_per_s = REST_LIMITS[tier]
        self._counter = Counter(decay_per_s)

    def use_tier(self, tier: Tier, now: int) -> None:
        """The account's tier became known; what was counted stays counted."""
        used = self._counter.value(now)
        self.tier = tier
        self.maximum, decay_per_s = REST_LIMITS[tier]
        self._counter = Counter(decay_per_s)
        self._counter.add(used, now)

    def wait_ns(self, cost: int, now: int, *, walk: bool = False) -> int:
        """Return how long a call should wait. ``walk``: it settles the state of orders."""
        if cost == 0:
            return 0
        limit = self.maximum * USE_OF_REST - (0 if walk else RESERVED_FOR_WALKS)
        return self._counter.wait_ns(cost, limit, now)

    def take(self, cost: int, now: int) -> None:
        """Count a call that leaves now."""
        self._counter.add(cost, now)

    def exceeded(self, now: int) -> None:
        """The exchange says the counter is full."""
        self._counter.raise_to(self.maximum, now)

    def used(self, now: int) -> float:
        """Return the counter."""
        return self._counter.value(now)


class Charge(msgspec.Struct, frozen=True):
    """One line of Kraken's table: a fixed part, and parts by the order's rest since creation or last amend."""

    fixed: float
    by_age_s: tuple[tuple[float, float], ...]


ENGINE_CHARGES = {
    "add": Charge(1, ()),
    "amend": Charge(1, ((5, 3), (10, 2), (15, 1))),
    "edit": Charge(1, ((5, 6), (10, 5), (15, 4), (45, 2), (90, 1))),
    "cancel": Charge(0, ((5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1))),
}


def engine_cost(action: str, age_s: float = 0.0) -> float:
    """Return what a transaction adds to the pair's counter; ``age_s`` is the order's rest, for changes and cancels."""
    charge = ENGINE_CHARGES[action]
    return charge.fixed + next((cost for limit, cost in charge.by_age_s if age_s < limit), 0.0)


class PairLimiter:
    """Our estimate of the engine's counter of one pair; the streamed value corrects it."""

    def __init__(self, tier: Tier = Tier.STARTER) -> None:
        self.threshold, self._decay_per_s = ENGINE_LIMITS[tier]
        self._counter = Counter(self._decay_per_s)

    def take(self, cost: float, now: int) -> None:
        """Count a transaction that leaves now."""
        self._counter.add(cost, now)

    def told(self, value: float, now: int) -> None:
        """The stream says what the counter is; ours is lower only by delay."""
        self._counter.raise_to(value, now)

    def exceeded(self, now: int) -> None:
        """The exchange refused for the rate: the counter is full."""
        self._counter.raise_to(self.threshold, now)

    def share(self, now: int) -> float:
        """Return how much of the threshold is used, 0 to 1 and above."""
        return self._counter.value(now) / self.threshold

    def wait_ns(self, cost: float, share: float, now: int) -> int:
        """Return how long until ``cost`` fits under ``share`` of the threshold."""
        return self._counter.wait_ns(cost, self.threshold * share, now)
