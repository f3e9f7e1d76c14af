"""The matching engine's rate counter (one for each account and pair), and what each tier may do.

Source: Kraken "Trading rate limits" (``limits.md`` section 2): a fixed part for each transaction plus a part that
depends on how long the order has rested since creation or its last amend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.sim.model import ZERO, Reject

SECOND_NS = 1_000_000_000

# Rest time below (seconds): points. An older order costs nothing.
AMEND_POINTS = ((5, 3), (10, 2), (15, 1))
EDIT_POINTS = ((5, 6), (10, 5), (15, 4), (45, 2), (90, 1))
CANCEL_POINTS = ((5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1))


@dataclass(frozen=True, slots=True)
class Tier:
    """Limits of a verification tier: counter threshold, decay a second, open and scheduled orders a pair."""

    threshold: int
    decay_per_s: Decimal
    open_orders: int


TIERS: dict[str, Tier] = {
    "starter": Tier(60, Decimal(1), 60),
    "intermediate": Tier(125, Decimal("2.34"), 80),
    "pro": Tier(180, Decimal("3.75"), 225),
}

# Kraken publishes no number; a small one lets the refusal be met in practice.
SCHEDULED_ORDERS = 25


def age_points(table: Sequence[tuple[int, int]], age_ns: int) -> int:
    """Points of a transaction on an order that has rested ``age_ns``."""
    return next((points for below_s, points in table if age_ns < below_s * SECOND_NS), 0)


class RateCounter:
    """A counter that decays with time. No clock: the caller brings the time, nanoseconds."""

    def __init__(self, tier: Tier) -> None:
        self._tier = tier
        self._value = ZERO
        self._at_ns = 0

    def value(self, now_ns: int) -> Decimal:
        """The decayed value."""
        passed_ns = max(0, now_ns - self._at_ns)  # the exchange's clock may be set back
        decayed = self._value - self._tier.decay_per_s * passed_ns / SECOND_NS
        return max(ZERO, decayed)

    def charge(self, now_ns: int, points: Decimal | int) -> Decimal:
        """Add ``points`` and return the new value. Points above the threshold are counted too."""
        self._value = self.value(now_ns) + points
        self._at_ns = now_ns
        return self._value

    def admit(self, now_ns: int) -> None:
        """Refuse a transaction while the counter is above the threshold."""
        if self.value(now_ns) > self._tier.threshold:
            raise Reject("EOrder:Rate limit exceeded")
