"""How a pair's simulated market behaves, derived from its specification: volatility, correlation, sizes, depth."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from core.sim.model import PairSpec

LEADER = "BTC/USD"
CALM = 0.001  # a lower daily volatility marks a peg: its price is pulled back to one
QUIET_MARKET = 0.01  # below this daily volatility a pair does not follow the crypto market
YOUNG = 0.03  # a wilder pair was listed only in 2020
YOUNG_S = 1_577_836_800
WALLS = 0.008  # of the orders away from the touch, how many are conspicuously large
ROUND_SIZES = (1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 7.5)
ROUND_BORDERS = tuple((size + larger) / 2 for size, larger in pairwise(ROUND_SIZES))  # the nearest is wanted


@dataclass(frozen=True, slots=True)
class Nature:
    """Character of one pair. ``tick`` and ``lot`` as floats: this is for drawing random numbers, not for money.

    ``legs``: the two USD pairs a cross is the ratio of. ``pull_min``: minutes in which a peg returns, 0 for none.
    ``listed_s``: no older history (Unix seconds). ``levels`` a side reach to ``reach`` (fraction of the price);
    ``half_spread`` and ``slack`` (how far the price may leave a quote behind before it reacts) in steps.
    """

    symbol: str
    start: float
    tick: float
    lot: float
    legs: tuple[str, str] | None
    volatility: float
    correlation: float
    pull_min: float
    listed_s: int
    rate: float
    trades_per_min: float
    min_lots: int
    median_lots: float
    levels: int
    reach: float
    half_spread: float
    slack: float

    @classmethod
    def of(cls, spec: PairSpec, specs: Mapping[str, PairSpec]) -> Nature:
        """The character of a pair among the others."""
        legs = _legs(spec, specs)
        if legs:
            start = float(specs[legs[0]].start_price) / float(specs[legs[1]].start_price)
        else:
            start = float(spec.start_price)
        tick, lot = float(spec.price_increment), float(spec.qty_increment)
        ticks = start / tick
        levels = max(1250, round(spec.orders_per_s * 40)) if spec.orders_per_s >= 25 else 0
        levels = levels or 22 + round(90 * math.sqrt(spec.orders_per_s))
        return cls(
            symbol=spec.symbol,
            start=start,
            tick=tick,
            lot=lot,
            legs=legs,
            volatility=spec.daily_volatility,
            correlation=_correlation(spec),
            pull_min=240.0 if spec.daily_volatility < CALM else 0.0,
            listed_s=YOUNG_S if spec.daily_volatility > YOUNG else 0,
            rate=spec.orders_per_s,
            trades_per_min=spec.orders_per_s * 4.6,
            min_lots=math.ceil(float(spec.qty_min) / lot),
            median_lots=spec.median_notional / start / lot,
            levels=levels,
            reach=max(spec.daily_volatility * 1.1, 1.25 * levels / ticks, 6 * spec.spread_bps / 1e4),
            half_spread=max(0.5, spec.spread_bps / 2e4 * ticks),
            slack=max(0.7, ticks * 1.5e-5),
        )

    @property
    def mean_lots(self) -> float:
        """Average size of a trade, lots."""
        return self.median_lots * 0.38

    def trade_lots(self, random: Random) -> int:
        """Size of a market participant's trade: log-normal, often a round number."""
        return self._tidy(random, self.median_lots * 0.21 * math.exp(random.gauss(0, 1.2)), 0.35)

    def order_lots(self, random: Random, depth: float) -> int:
        """Size of a resting order; ``depth`` from 0 at the touch to 1 at the far end, where orders are larger."""
        size = self.median_lots * (0.5 + 2.6 * math.sqrt(depth)) * math.exp(random.gauss(0, 0.85))
        if depth > 0.03 and random.random() < WALLS:
            return self._tidy(random, size * random.uniform(6, 22), 1.0)
        if random.random() < 0.3:  # a market maker's ladder: the same value at every price
            size = (
                self.median_lots
                * random.choice((0.25, 1.0, 2.4))
                * (1 + depth)
                * random.uniform(0.999, 1.001)
            )
            return max(self.min_lots, round(size))
        return self._tidy(random, size, 0.5)

    def _tidy(self, random: Random, lots: float, round_share: float) -> int:
        """Round a share of the sizes to one or two digits, as people do."""
        if random.random() < round_share:
            scale = 10.0 ** math.floor(math.log10(max(lots * self.lot, self.lot)))
            wanted = lots * self.lot / scale
            near = ROUND_SIZES[bisect_left(ROUND_BORDERS, wanted)]
            lots = near * scale / self.lot
        return max(self.min_lots, round(lots))


def _legs(spec: PairSpec, specs: Mapping[str, PairSpec]) -> tuple[str, str] | None:
    base, quote = f"{spec.base}/USD", f"{spec.quote}/USD"
    return (base, quote) if spec.quote != "USD" and base in specs and quote in specs else None


def _correlation(spec: PairSpec) -> float:
    if spec.daily_volatility < QUIET_MARKET:
        return 0.0
    return 0.985 if spec.symbol == LEADER else 0.74


def natures_of(specs: Mapping[str, PairSpec]) -> dict[str, Nature]:
    """How each pair behaves, from its specification."""
    return {symbol: Nature.of(spec, specs) for symbol, spec in specs.items()}
