"""Where prices belong: a shared market factor and own movements, with volatility that comes in clusters.

The leader (BTC/USD) carries most of the factor, crosses are exact ratios of their legs, pegs are pulled back to
one. Floats: these values steer random orders and never become money.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from core.sim.nature import Nature

DAY_S = 86_400.0
# Log-volatility, seconds: a slow mood of hours and a fast one of half a minute.
SLOW_S, SLOW_SD = 7200.0, 0.36
FAST_S, FAST_SD = 35.0, 0.70
MOOD_STEP_S = 0.25
JUMP_EVERY_S = 1500.0
JUMP_SIZE = 0.0011  # of the leader's price
CENTRE = SLOW_SD**2 + FAST_SD**2


class FairValues:
    """Fair prices in quote units. ``advance`` moves the shared part, ``price`` the pair's own.

    ``mood``: log-volatility to start with, the one the past ended in.
    """

    def __init__(self, random: Random, natures: Mapping[str, Nature], mood: float) -> None:
        self._random = random
        self._natures = natures
        self._factor = 0.0
        self._slow = mood
        self._fast = random.gauss(0, FAST_SD)
        self._mood_age_s = 0.0
        self._at_s = 0.0
        self._own = dict.fromkeys(natures, 0.0)
        self._own_at_s = dict.fromkeys(natures, 0.0)
        self.heat = math.exp(self._slow + self._fast - CENTRE)

    def advance(self, at_s: float) -> bool:
        """Move to a time (market seconds since the start); whether news made the price jump."""
        elapsed = at_s - self._at_s
        if elapsed <= 0:
            return False
        self._at_s = at_s
        random = self._random
        self._factor += self.heat * math.sqrt(elapsed / DAY_S) * random.gauss(0, 1)
        self._mood_age_s += elapsed
        if self._mood_age_s < MOOD_STEP_S:
            return False
        return self._change_mood(random)

    def _change_mood(self, random: Random) -> bool:
        elapsed, self._mood_age_s = self._mood_age_s, 0.0
        keep = math.exp(-elapsed / SLOW_S)
        self._slow = self._slow * keep + SLOW_SD * math.sqrt(1 - keep * keep) * random.gauss(0, 1)
        keep = math.exp(-elapsed / FAST_S)
        self._fast = self._fast * keep + FAST_SD * math.sqrt(1 - keep * keep) * random.gauss(0, 1)
        jumps = random.random() < min(elapsed, 60.0) / JUMP_EVERY_S
        if jumps:
            leader = max(nature.volatility for nature in self._natures.values())
            self._factor += random.gauss(0, 1) * JUMP_SIZE / max(leader / 2, 1e-9)
            self._fast = max(self._fast, 0.0) + 0.9
        self.heat = math.exp(self._slow + self._fast - CENTRE)
        return jumps

    def price(self, symbol: str) -> float:
        """The fair price of a pair now."""
        nature = self._natures[symbol]
        if nature.legs:
            return self.price(nature.legs[0]) / self.price(nature.legs[1])
        elapsed = self._at_s - self._own_at_s[symbol]
        if elapsed > 0:
            self._own_at_s[symbol] = self._at_s
            self._move_own(nature, elapsed)
        shared = nature.volatility * nature.correlation * self._factor
        return nature.start * math.exp(shared + self._own[symbol])

    def _move_own(self, nature: Nature, elapsed: float) -> None:
        spread = nature.volatility * math.sqrt((1 - nature.correlation**2) * elapsed / DAY_S)
        own = self._own[nature.symbol] + self.heat * spread * self._random.gauss(0, 1)
        if nature.pull_min:
            anchor = -math.log(nature.start)
            own = anchor + (own - anchor) * math.exp(-elapsed / (nature.pull_min * 60))
        self._own[nature.symbol] = own
