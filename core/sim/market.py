"""The seeded market: when which pair's crowd acts, in what mood, and what happens after a long pause.

Arrivals excite each other (Hawkes): activity comes in bursts that follow volatility. Events carry their own times,
so the trace depends on the seed and the clock, not on how often the engine is asked to advance.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random

from core.sim.bars import CLOSE, HIGH, LOW, Bar
from core.sim.fair import FairValues
from core.sim.floor import Floor, Venue
from core.sim.flow import Flow
from core.sim.matching import Matcher, Taker
from core.sim.nature import Nature
from core.sim.past import gap_bars

NS = 1_000_000_000
# A longer backlog is not replayed event by event.
PATIENCE_NS = 20 * NS
LEAP_PAIRS = 3  # in one call, so that no call takes long
CALM_SHARE = 0.5  # of the usual rate arrives on its own; the rest is excited
CALM_FLOOR = 0.5  # arrivals do not quite follow volatility: makers are always there
DECAY_PER_S = 1.3
FASTEST_PER_S = 400.0
BURST_PER_S = 5000.0


@dataclass(slots=True)
class Arrivals:
    """When the next event of a pair is due; ``excited`` events a second on top of the calm rate."""

    excited: float = 0.0
    last_ns: int = 0
    burst: int = 0


class Market:
    """Synthetic order flow on all venues. ``settle(venue, ts_ns)`` is called after every event that traded."""

    def __init__(
        self,
        *,
        seed: int,
        start_ns: int,
        speed: float,
        natures: Mapping[str, Nature],
        mood: float,
        floor: Floor,
        matcher: Matcher,
        settle: Callable[[Venue, int], None],
    ) -> None:
        self._random = Random(f"market-{seed}")
        self._start_ns = start_ns
        self._speed = speed
        self._floor = floor
        self._matcher = matcher
        self._settle = settle
        self.fair = FairValues(self._random, natures, mood)
        self._flows = {
            symbol: Flow(floor.venues[symbol], nature, Random(f"flow-{seed}-{symbol}"), floor, matcher)
            for symbol, nature in natures.items()
        }
        self._arrivals = {symbol: Arrivals(last_ns=start_ns) for symbol in natures}
        self._due: list[tuple[int, str]] = []
        self._behind: list[str] = []
        for symbol, flow in self._flows.items():
            flow.venue.fill_later(partial(flow.seed, self._fair_ticks(symbol), start_ns))
            self._schedule(symbol, start_ns)
        self.events = 0

    def _fair_ticks(self, symbol: str) -> float:
        return self.fair.price(symbol) / self._flows[symbol].nature.tick

    def advance(self, now_ns: int, max_events: int) -> None:
        """Let everything due until ``now_ns`` happen, at most ``max_events``; a long backlog is leapt over."""
        if self._due and now_ns - self._due[0][0] > PATIENCE_NS:
            self._due.clear()
            self._behind = list(self._flows)
            self.fair.advance(self._market_s(now_ns))
        if self._behind:
            self._leap(now_ns)
            return
        while max_events > 0 and self._due and self._due[0][0] <= now_ns:
            ts_ns, symbol = heapq.heappop(self._due)
            self._act(symbol, ts_ns)
            self._schedule(symbol, ts_ns)
            max_events -= 1

    def shift(self, ns: int) -> None:
        """The clock was set forward or back by so much: what was due in a second still is."""
        self._start_ns += ns
        self._due = [(at_ns + ns, symbol) for at_ns, symbol in self._due]
        for arrivals in self._arrivals.values():
            arrivals.last_ns += ns

    def burst(self, symbol: str, messages: int) -> None:
        """Let a storm of about ``messages`` book changes break over a pair, thousands a second."""
        self._arrivals[symbol].burst += messages
        at_ns = next((at_ns for at_ns, name in self._due if name == symbol), None)
        if at_ns is None:
            return
        self._due.remove((at_ns, symbol))
        heapq.heapify(self._due)
        soonest = min(at_ns for at_ns, _ in self._due) if self._due else at_ns
        heapq.heappush(self._due, (min(at_ns, soonest), symbol))

    def _market_s(self, ts_ns: int) -> float:
        return (ts_ns - self._start_ns) / NS * self._speed

    def _act(self, symbol: str, ts_ns: int) -> None:
        flow = self._flows[symbol]
        if self.fair.advance(self._market_s(ts_ns)):
            for arrivals in self._arrivals.values():
                arrivals.excited += 6.0
        floor = self._floor
        mode = floor.status if floor.status != "online" else flow.venue.status
        traded = flow.venue.tape.last_ns
        flow.event(self._fair_ticks(symbol), ts_ns, mode)
        self.events += 1
        if flow.venue.tape.last_ns != traded and (flow.venue.prints or floor.closing):
            self._settle(flow.venue, ts_ns)

    def _schedule(self, symbol: str, ts_ns: int) -> None:
        """Draw the pair's next event."""
        arrivals, rate = self._arrivals[symbol], self._flows[symbol].nature.rate
        elapsed = (ts_ns - arrivals.last_ns) / NS * self._speed
        arrivals.last_ns = ts_ns
        arrivals.excited = arrivals.excited * math.exp(-DECAY_PER_S * elapsed)
        arrivals.excited += (1 - CALM_SHARE) * DECAY_PER_S * min(1.0, rate)
        wanted = rate * CALM_SHARE * (CALM_FLOOR + self.fair.heat) + arrivals.excited
        if arrivals.burst > 0:
            arrivals.burst -= 1
            wanted = BURST_PER_S
        else:
            wanted = min(wanted, FASTEST_PER_S) * self._speed
        gap_ns = max(1000, round(self._random.expovariate(wanted) * NS))
        heapq.heappush(self._due, (ts_ns + gap_ns, symbol))

    # -- after a pause --------------------------------------------------------------------------------------

    def _leap(self, now_ns: int) -> None:
        """Bring a few pairs to the present: sketch the minutes between, rebuild the book around the new price."""
        now, self._behind = self._behind[:LEAP_PAIRS], self._behind[LEAP_PAIRS:]
        for symbol in now:
            flow = self._flows[symbol]
            self._arrivals[symbol] = Arrivals(last_ns=now_ns)
            if self._floor.status == "online" and flow.venue.status == "online":
                self._leap_pair(flow, self._fair_ticks(symbol), now_ns)
            self._schedule(symbol, now_ns)

    def _leap_pair(self, flow: Flow, fair: float, now_ns: int) -> None:
        venue = flow.venue
        last_ns = venue.tape.last_ns
        minutes = gap_bars(self._random, flow.nature, venue.tape.last_ticks, round(fair), last_ns, now_ns)
        flow.clear(now_ns)
        venue.tape.skip(minutes)
        if minutes:
            low, high = min(bar[LOW] for bar in minutes), max(bar[HIGH] for bar in minutes)
            self._sweep(venue, low, high, minutes[-1], now_ns)
        flow.seed(fair, now_ns)
        venue.note_spread()
        self._settle(venue, now_ns)

    def _sweep(self, venue: Venue, low: int, high: int, last: Bar, now_ns: int) -> None:
        """Fill clients' orders the price went through while nobody looked, and wake triggers on the way."""
        everything = 10**18
        for is_buy, limit in ((False, low), (True, high)):
            self._matcher.take(venue, Taker(is_buy, everything, limit, "market"), now_ns)
        if venue.waiting:
            venue.prints += [low, high, last[CLOSE]]
