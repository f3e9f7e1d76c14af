"""Seeded history before the exchange started: candles of every interval and the latest trades.

One random path a pair, fine near the start and coarser further back, ending exactly at the starting price. Pairs
share a market factor and its clustered volatility; a cross is the ratio of its legs; coarse candles are sums of
finer ones wherever finer ones reach. Everything is made when first asked for and depends only on seed and start.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from core.sim.bars import CLOSE, COUNT, INTERVALS, OPEN, TURNOVER, VOLUME, Bar, aggregate
from core.sim.nature import Nature

CANDLES = 720
TRADES = 1000
GROWTH_PER_DAY = 0.0005  # of pairs that follow the market, where candles are a day or longer
LISTED_S = 1_443_657_600  # 1 October 2015: nothing is older
DAY_MIN = 1440

# Log-volatility: two mean-reverting parts, time constant in minutes and standard deviation.
FAST = (90.0, 0.40)
SLOW = (4000.0, 0.38)


class PastTrade(NamedTuple):
    """A print before the start: price steps, lots, whether a buyer took, whether a market order, nanoseconds."""

    ticks: int
    lots: int
    is_buy: bool
    is_market: bool
    ts_ns: int


class Past:
    """The history of all pairs. ``bars`` and ``trades`` are computed once and kept."""

    def __init__(self, seed: int, natures: Mapping[str, Nature], start_ns: int, mood: float) -> None:
        self._seed = seed
        self._natures = natures
        self._start_ns = start_ns
        self._mood = mood
        self._shocks: dict[int, list[tuple[float, float]]] = {}
        self._moods: dict[int, list[float]] = {}
        self._paths: dict[tuple[str, int], list[float]] = {}
        self._bars: dict[tuple[str, int], list[Bar]] = {}
        self._trades: dict[str, list[PastTrade]] = {}

    def bars(self, symbol: str, interval: int) -> list[Bar]:
        """Candles of an interval (minutes), oldest first; the last one may still be running at the start."""
        key = (symbol, interval)
        if key not in self._bars:
            older = self._made(symbol, interval)
            if interval == 1:
                self._trades[symbol] = self._print_trades(symbol, older)
                self._bars[key] = older
            else:
                finer = self.bars(symbol, self._finer(interval))
                recent = aggregate(finer, interval * 60)
                since = self._range(interval)[1]
                self._bars[key] = older + [bar for bar in recent if bar[0] >= since]
        return self._bars[key]

    def trades(self, symbol: str) -> list[PastTrade]:
        """About the last thousand prints before the start, oldest first; the candles contain them."""
        self.bars(symbol, 1)
        return self._trades[symbol]

    @staticmethod
    def _finer(interval: int) -> int:
        return DAY_MIN if interval > DAY_MIN else INTERVALS[INTERVALS.index(interval) - 1]

    def _range(self, interval: int) -> tuple[int, int]:
        """Begin and end (seconds) of the stretch made at this interval; finer ones cover what follows."""
        start = self._start_ns // 1_000_000_000
        if interval == 1:
            end = start - start % 60 + 60
        else:
            end = self._range(self._finer(interval))[0]
            end -= end % (interval * 60)
        begin = start - CANDLES * interval * 60
        begin -= begin % (_border(interval) * 60)
        listed = LISTED_S - LISTED_S % (interval * 60)
        return min(max(begin, listed), end), end

    def _market(self, interval: int) -> list[tuple[float, float]]:
        """Shared shock and volatility multiplier of each bar, oldest first."""
        if interval not in self._shocks:
            random = Random(f"past-{self._seed}-{interval}")
            begin, end = self._range(interval)
            count = (end - begin) // (interval * 60)
            if interval == 1:
                moods = [self._mood, random.gauss(0, SLOW[1])]
            else:
                finer = self._finer(interval)
                self._market(finer)
                moods = list(self._moods[finer])
            self._shocks[interval] = _market_shocks(random, count, interval, moods)
            self._moods[interval] = moods
        return self._shocks[interval]

    def _path(self, symbol: str, interval: int) -> list[float]:
        """Prices at the borders of the bars made at this interval, oldest first."""
        key = (symbol, interval)
        if key not in self._paths:
            nature = self._natures[symbol]
            if nature.legs:
                base, quote = (self._path(leg, interval) for leg in nature.legs)
                path = [b / q for b, q in zip(base, quote, strict=True)]
            else:
                path = self._walk(symbol, interval, nature)
            self._paths[key] = path
        return self._paths[key]

    def _walk(self, symbol: str, interval: int, nature: Nature) -> list[float]:
        """A random walk backwards from where the finer stretch begins."""
        finer = None if interval == 1 else self._path(symbol, self._finer(interval))
        price = finer[0] if finer else nature.start
        random = Random(f"past-{self._seed}-{interval}-{symbol}")
        sigma = nature.volatility * math.sqrt(interval / DAY_MIN)
        own = math.sqrt(1 - nature.correlation**2)
        keep = math.exp(-interval / nature.pull_min) if nature.pull_min else 1.0
        grows = nature.correlation > 0 and interval >= DAY_MIN
        growth = GROWTH_PER_DAY * interval / DAY_MIN if grows else 0.0
        path, log_price = [price], math.log(price)
        for shock, heat in reversed(self._market(interval)):
            step = growth + sigma * heat * (nature.correlation * shock + own * random.gauss(0, 1))
            log_price = (log_price - step) * keep
            path.append(math.exp(log_price))
        path.reverse()
        return path

    def _made(self, symbol: str, interval: int) -> list[Bar]:
        """The bars of the stretch made at this interval."""
        nature, path = self._natures[symbol], self._path(symbol, interval)
        random = Random(f"bars-{self._seed}-{interval}-{symbol}")
        begin, end = self._range(interval)
        seconds = interval * 60
        share = [1.0] * ((end - begin) // seconds)
        if interval == 1 and share:
            share[-1] = (self._start_ns // 1_000_000_000 % 60 + 1) / 60
        sigma = nature.volatility * math.sqrt(interval / DAY_MIN)
        bars = []
        for index, (_, heat) in enumerate(self._market(interval)):
            bar = _bar(
                random, nature, path[index], path[index + 1], sigma * heat, heat * share[index], interval
            )
            bar[0] = begin + index * seconds
            if bar[COUNT] and bar[0] >= nature.listed_s:
                bars.append(bar)
        return bars

    def _print_trades(self, symbol: str, bars: list[Bar]) -> list[PastTrade]:
        """Prints inside the newest minutes; the minutes take over their volume."""
        nature = self._natures[symbol]
        random = Random(f"trades-{self._seed}-{symbol}")
        prints: list[PastTrade] = []
        if bars:
            bars[-1][CLOSE] = round(nature.start / nature.tick)
            _widen(bars[-1])
        for bar in reversed(bars):
            if len(prints) >= TRADES:
                break
            end_ns = min((bar[0] + 60) * 1_000_000_000, self._start_ns)
            inside = _prints(random, nature, bar, end_ns)
            bar[VOLUME] = sum(trade.lots for trade in inside)
            bar[TURNOVER] = sum(trade.lots * trade.ticks for trade in inside)
            prints.extend(reversed(inside))
        prints.reverse()
        return prints


def gap_bars(random: Random, nature: Nature, start: int, end: int, from_ns: int, to_ns: int) -> list[Bar]:
    """Minutes between two moments, from one price (steps) to another, at most half a day's worth."""
    first, last = from_ns // 60_000_000_000 + 1, to_ns // 60_000_000_000
    first = max(first, last - CANDLES)
    count = last - first
    if count < 1:
        return []
    sigma = nature.volatility * math.sqrt(1 / DAY_MIN)
    walk, prices = 0.0, [0.0]
    for _ in range(count):
        walk += sigma * random.gauss(0, 1)
        prices.append(walk)
    pull = (math.log(end / start) - walk) / count
    path = [start * nature.tick * math.exp(move + pull * index) for index, move in enumerate(prices)]
    bars = []
    for index in range(count):
        bar = _bar(random, nature, path[index], path[index + 1], sigma, 1.0, 1)
        if bar[COUNT]:
            bar[0] = (first + index) * 60
            bars.append(bar)
    return bars


def _border(interval: int) -> int:
    """Minutes to whose multiples a stretch reaches back, so that coarser bars are never cut."""
    if interval < DAY_MIN:
        return INTERVALS[INTERVALS.index(interval) + 1]
    return DAY_MIN * 105 if interval == DAY_MIN else interval


def start_mood(seed: int) -> float:
    """Log-volatility at the moment the past ends and the live market begins."""
    return Random(f"mood-{seed}").gauss(0, 0.7 * FAST[1])


def _market_shocks(
    random: Random, count: int, interval: int, levels: list[float]
) -> list[tuple[float, float]]:
    """Standard shocks with multipliers whose squares average one, oldest first.

    Made backwards from the volatility ``levels`` of the newest bar, which are left at the oldest bar's.
    """
    parts = [(math.exp(-interval / tau), sd) for tau, sd in (FAST, SLOW)]
    centre = sum(sd * sd for _, sd in parts)
    shocks = []
    for _ in range(count):
        for index, (keep, sd) in enumerate(parts):
            levels[index] = levels[index] * keep + sd * math.sqrt(1 - keep * keep) * random.gauss(0, 1)
        shocks.append((random.gauss(0, 1), math.exp(sum(levels) - centre)))
    shocks.reverse()
    return shocks


def _bar(
    random: Random, nature: Nature, start: float, end: float, sigma: float, heat: float, interval: int
) -> Bar:
    """One bar between two prices; ``heat`` scales its activity."""
    top = max(start, end) * (1 + random.random() ** 2 * sigma)
    bottom = min(start, end) * (1 - random.random() ** 2 * sigma)
    tick = nature.tick
    start, end = max(start, tick), max(end, tick)
    mean = nature.trades_per_min * interval * heat * math.exp(random.gauss(-0.08, 0.4))
    count = _poisson(random, mean)
    moved = abs(end - start) / start / sigma if sigma else 0.0
    typical = count * nature.mean_lots * math.exp(random.gauss(-0.1, 0.45)) * (0.7 + 0.4 * moved)
    volume = max(count, round(typical))
    bar = [
        0,
        round(start / tick),
        round(top / tick),
        round(bottom / tick),
        round(end / tick),
        volume,
        0,
        count,
    ]
    if count == 1:
        bar[OPEN] = bar[CLOSE]
    if count < 4:
        bar[2], bar[3] = max(bar[OPEN], bar[CLOSE]), min(bar[OPEN], bar[CLOSE])
    _widen(bar)
    bar[TURNOVER] = volume * (bar[1] + bar[2] + bar[3] + bar[4]) // 4
    return bar


def _widen(bar: Bar) -> None:
    """High and low contain open and close."""
    bar[2] = max(bar[1], bar[2], bar[4])
    bar[3] = max(1, min(bar[1], bar[3], bar[4]))


def _poisson(random: Random, mean: float) -> int:
    """A Poisson count; just the mean where it is large and its own noise is lost in that of the activity."""
    if mean > 10:
        return round(mean)
    limit, count, product = math.exp(-mean), 0, random.random()
    while product > limit:
        count += 1
        product *= random.random()
    return count


def _prints(random: Random, nature: Nature, bar: Bar, end_ns: int) -> list[PastTrade]:
    """Trades that make exactly this bar's prices and count."""
    count = bar[COUNT]
    begin_ns = bar[0] * 1_000_000_000
    times = sorted(random.randrange(begin_ns, max(begin_ns + 1, end_ns)) for _ in range(count))
    prices = _inside(random, bar, count)
    trades = []
    is_buy = random.random() < 0.5
    for ticks, before, ts_ns in zip(prices, [prices[0], *prices[:-1]], times, strict=True):
        if ticks != before:
            is_buy = ticks > before
        elif random.random() < 0.25:
            is_buy = not is_buy
        trades.append(PastTrade(ticks, nature.trade_lots(random), is_buy, random.random() < 0.45, ts_ns))
    return trades


def _inside(random: Random, bar: Bar, count: int) -> list[int]:
    """Prices from open to close that touch high and low and stay between them."""
    low, high = bar[3], bar[2]
    prices = [bar[CLOSE]] * count
    wobble, spread = 0.0, (high - low) * 0.12
    for index in range(count - 1):
        wobble = wobble * 0.9 + random.gauss(0, spread)
        line = bar[OPEN] + (bar[CLOSE] - bar[OPEN]) * index / count
        prices[index] = min(high, max(low, round(line + wobble)))
    if count > 1:
        prices[0] = bar[OPEN]
    if count > 3:
        first, second = random.sample(range(1, count - 1), 2)
        prices[first], prices[second] = high, low
    elif count == 3:
        prices[1] = bar[OPEN]
    return prices
