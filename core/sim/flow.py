"""The order flow of one pair: market makers, takers, cancels and the far depth around a fair price.

Each event changes the book a little, as a crowd would: quotes that the fair price has left behind are taken or
pulled, gaps are filled, queues near the touch grow and shrink, and the far ends are tended now and then.
"""

from __future__ import annotations

import math
from random import Random

from core.sim.book import Level, Resting, Side
from core.sim.floor import Floor, Venue
from core.sim.matching import Matcher, Taker
from core.sim.nature import Nature

NEAR_RANKS = 7.0  # how many levels deep the busy part of the book is, on average
DEEP_SHARE = 0.12
TAKE_SHARE = 0.11  # of the quotes left behind, how many are taken rather than pulled
NOISE_TRADES = 0.026
CURVE = 1.28  # how the gap between levels grows with distance
SWEEP_LEVELS = 5
CROWD = 2.5
"""Orders a level on average, above which someone leaves with every event. A book is seeded with 1.4; what joins at
the touch is left behind by the price and would pile up, and with it liquidity and memory, for as long as it runs."""

LONGEST_OF = 3
"""Levels looked at for a queue that is too long."""


class Flow:
    """Synthetic participants of one pair. Deterministic: only ``random`` decides."""

    def __init__(self, venue: Venue, nature: Nature, random: Random, floor: Floor, matcher: Matcher) -> None:
        self.venue = venue
        self.nature = nature
        self._random = random
        self._floor = floor
        self._matcher = matcher
        self._trend = random.random() < 0.5
        self._seeded = False

    # -- the whole book -------------------------------------------------------------------------------------

    def seed(self, fair: float, ts_ns: int) -> None:
        """Fill both sides around the fair price (steps)."""
        for is_buy in (True, False):
            self._seed_side(is_buy, fair, ts_ns)

    def _seed_side(self, is_buy: bool, fair: float, ts_ns: int) -> None:
        nature, random, book = self.nature, self._random, self.venue.book
        sign = -1 if is_buy else 1
        edge = fair + sign * nature.half_spread
        ticks = math.floor(edge) if is_buy else math.ceil(edge)
        other = book.side(not is_buy).best()
        if other is not None:
            ticks = min(ticks, other - 1) if is_buy else max(ticks, other + 1)
        for rank in range(nature.levels):
            if ticks < 1:
                return
            count = 1 + (random.random() < 0.3) + (random.random() < 0.12)
            ages_s = sorted((random.expovariate(1.0) * (5 + rank * 3) for _ in range(count)), reverse=True)
            for age_ns in (round(age_s * 1_000_000_000) for age_s in ages_s):
                self._place(is_buy, ticks, rank / nature.levels, ts_ns - age_ns)
            far = self._offset(rank + random.uniform(0.4, 1.6))
            beyond = self._snap(round(edge + sign * far), rank)
            ticks = min(ticks - 1, beyond) if is_buy else max(ticks + 1, beyond)

    def clear(self, ts_ns: int) -> None:
        """Take every synthetic order out of the book."""
        self.venue.at(ts_ns)
        for side in (self.venue.book.bids, self.venue.book.asks):
            for level in list(side.levels.values()):
                for place in list(level.queue.values()):
                    if place.order is None:
                        self.venue.book.remove(place)

    def _offset(self, rank: float) -> float:
        """Distance in steps of the level with this rank."""
        nature = self.nature
        reach = nature.reach * nature.start / nature.tick
        return reach * float((max(rank, 0.0) / nature.levels) ** CURVE)

    def _snap(self, ticks: int, rank: float) -> int:
        """People like round prices, the more so the farther away."""
        if self._random.random() < 0.25 + 0.3 * min(1.0, rank / 60):
            unit = 10 if rank < 40 else 50
            near = round(ticks / unit) * unit
            if abs(near - ticks) <= max(1.0, self._offset(rank + 1) - self._offset(rank - 1)):
                return near
        return ticks

    def _place(self, is_buy: bool, ticks: int, depth: float, ts_ns: int) -> None:
        if ticks < 1 or self.venue.book.crosses(is_buy, ticks):
            return
        lots = self.nature.order_lots(self._random, min(1.0, depth))
        self.venue.book.add(Resting(self._floor.ids.count(), is_buy, ticks, lots, ts_ns))

    # -- one event ------------------------------------------------------------------------------------------

    def event(self, fair: float, ts_ns: int, mode: str) -> None:
        """One change of the book. ``fair`` in steps; ``mode`` is the engine's or the pair's state."""
        if mode in ("maintenance", "work_in_progress", "delisted"):
            return
        ts_ns = self.venue.at(ts_ns)
        book = self.venue.book
        bid, ask = book.bids.best(), book.asks.best()
        may_trade = mode in ("online", "limit_only")
        if mode == "cancel_only":
            self._cancel(self._random.random() < 0.5)
        elif bid is None or ask is None:
            self._seed_side(bid is None, fair, ts_ns)
        elif not self._correct(fair, bid, ask, ts_ns, may_trade):
            self._steady(fair, ts_ns, may_trade)
        self._thin_out(book.bids)
        self._thin_out(book.asks)
        self.venue.note_spread()

    def _thin_out(self, side: Side) -> None:
        """Let an order go from a long queue of a side that is crowded."""
        if side.orders <= CROWD * self.nature.levels:
            return
        chosen = [side.levels[self._random.choice(side.keys)] for _ in range(LONGEST_OF)]
        longest = max(chosen, key=lambda level: len(level.queue))
        if len(longest.queue) > 1:  # no price empties because others are crowded
            self._pull(longest)

    def _correct(self, fair: float, bid: int, ask: int, ts_ns: int, may_trade: bool) -> bool:
        """Bring the touch to the fair price, one step; whether anything was out of place."""
        nature, random = self.nature, self._random
        half, slack = nature.half_spread, nature.slack
        above, below = ask - fair, fair - bid
        if above < -slack or below < -slack:
            self._leave_behind(above < below, fair, ts_ns, may_trade)
            return True
        wide = 2 * half + 0.999
        if ask - bid > wide and (above > half + slack or below > half + slack or random.random() < 0.7):
            is_buy = below > above
            room = (below if is_buy else above) - half
            reach = max(0.0, random.triangular(0, max(room, 0.0), 0))
            ticks = round(fair - half - reach) if is_buy else round(fair + half + reach)
            inside = max(bid + 1, min(ask - 1, ticks)) if ask - bid > 1 else ticks
            self._place(is_buy, inside, 0.0, ts_ns)
            return True
        return False

    def _leave_behind(self, is_ask: bool, fair: float, ts_ns: int, may_trade: bool) -> None:
        """The best quote of a side is on the wrong side of the fair price: someone takes it, or it is pulled."""
        random, nature = self._random, self.nature
        side = self.venue.book.side(not is_ask)
        best = side.best()
        assert best is not None
        level = side.level(best)
        assert level is not None
        has_client = any(place.order for place in level.queue.values())
        if may_trade and (has_client or random.random() < TAKE_SHARE):
            limit = math.floor(fair) if is_ask else math.ceil(fair)
            lots = nature.trade_lots(random)
            if random.random() < 0.4:
                lots = max(lots, level.total + nature.trade_lots(random))
            self._take(is_ask, lots, limit, ts_ns)
            return
        for _ in range(1 if len(level.queue) == 1 else 2):
            self._pull(level)

    def _take(self, is_buy: bool, lots: int, limit: int, ts_ns: int) -> None:
        self._trend = is_buy
        kind = "market" if self._random.random() < 0.4 else "limit"
        self._matcher.take(self.venue, Taker(is_buy, lots, limit, kind), ts_ns)

    def _steady(self, fair: float, ts_ns: int, may_trade: bool) -> None:
        """Nothing is out of place: queues grow and shrink, someone trades, the depth is tended."""
        random = self._random
        chance = random.random()
        if may_trade and chance < NOISE_TRADES:
            self._noise_trade(ts_ns)
            return
        is_buy = random.random() < 0.5
        side = self.venue.book.side(is_buy)
        fill = len(side.keys) / self.nature.levels
        if random.random() < min(0.9, max(0.12, 0.5 + 1.6 * (1 - fill))):
            self._join(side, is_buy, fair, ts_ns)
        else:
            self._cancel(is_buy)

    def _noise_trade(self, ts_ns: int) -> None:
        """A trade without news: the same direction as the last one more often than not."""
        is_buy = self._trend if self._random.random() < 0.68 else not self._trend
        side = self.venue.book.side(not is_buy)
        worst = side.keys[-min(len(side.keys), SWEEP_LEVELS)] * side.sign
        self._take(is_buy, self.nature.trade_lots(self._random), worst, ts_ns)

    def _join(self, side: Side, is_buy: bool, fair: float, ts_ns: int) -> None:
        """A new order: mostly near the touch, in an existing queue or between two."""
        random, nature = self._random, self.nature
        thin = len(side.keys) < 0.93 * nature.levels
        deep = random.random() < (0.6 if thin else DEEP_SHARE)
        rank = random.uniform(0, nature.levels) if deep else random.expovariate(1 / NEAR_RANKS)
        if not deep and random.random() < 0.5 and rank < len(side.keys):
            ticks = side.keys[-1 - int(rank)] * side.sign
        else:
            sign = -1 if is_buy else 1
            away = nature.half_spread + self._offset(rank)
            ticks = self._snap(round(fair + sign * away), rank)
            if rank < 1 and is_buy != (ticks * side.sign <= side.keys[-1]):
                ticks = side.keys[-1] * side.sign
        self._place(is_buy, ticks, rank / nature.levels, ts_ns)

    def _cancel(self, is_buy: bool) -> None:
        """Someone leaves: mostly near the touch; an overfull side loses its far end."""
        random, nature = self._random, self.nature
        side = self.venue.book.side(is_buy)
        count = len(side.keys)
        if count <= max(4, nature.levels // 8):
            return
        if count > 1.08 * nature.levels:
            rank = count - 1 - int(random.random() * count * 0.1)
        elif random.random() < DEEP_SHARE:
            rank = int(random.random() * count)
        else:
            rank = min(count - 1, int(random.expovariate(1 / NEAR_RANKS)))
        self._pull(side.levels[side.keys[-1 - rank]])

    def _pull(self, level: Level) -> None:
        """Cancel the youngest synthetic order of a queue, or shrink it as makers do."""
        place = next((place for place in reversed(level.queue.values()) if place.order is None), None)
        if place is None:
            return
        if place.lots > 4 * self.nature.min_lots and self._random.random() < 0.1:
            self.venue.book.resize(place, max(self.nature.min_lots, place.lots // 2))
        else:
            self.venue.book.remove(place)
