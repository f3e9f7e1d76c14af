"""The tape of one pair: trades, candles of every interval and 24-hour statistics, the seeded past included."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from core.sim.bars import (
    BEGIN,
    CLOSE,
    COUNT,
    HIGH,
    INTERVALS,
    LOW,
    OPEN,
    TURNOVER,
    VOLUME,
    Bar,
    absorb,
    candle,
)
from core.sim.book import Grid
from core.sim.model import Candle, PublicTrade
from core.sim.past import CANDLES, Past, PastTrade

RING = 2000
STATS_MIN = 5
DAY_S = 86_400
NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums over a stretch of bars, in steps and lots. ``open`` is the first price."""

    open: int
    high: int
    low: int
    volume: int
    turnover: int
    count: int


class _Print(NamedTuple):
    ticks: int
    lots: int
    is_buy: bool
    ord_type: str
    trade_id: int
    ts_ns: int


class Tape:
    """Trades and candles of one pair. ``last_ticks`` and ``last_lots`` are the latest print's."""

    def __init__(self, symbol: str, grid: Grid, start_ns: int, start_ticks: int, past: Past | None) -> None:
        self.last_ticks = start_ticks
        self.last_lots = 0
        self.last_ns = start_ns
        self._symbol = symbol
        self._grid = grid
        self._past = past
        self._first_id = self._next_id = max(1, start_ns // 500_000_000 - 2_760_000_000)
        self._ring: deque[_Print] = deque(maxlen=RING)
        self._bars: dict[int, list[Bar]] = {interval: [] for interval in INTERVALS}
        self._has_past: set[int] = set()
        self._summary_key: tuple[int, int] = (0, 0)
        self._summaries: tuple[list[Bar], list[Bar]] = ([], [])

    def record(self, ticks: int, lots: int, is_buy: bool, ord_type: str, ts_ns: int) -> int:
        """Add a trade and return its id."""
        trade_id = self._next_id
        self._next_id += 1
        self._ring.append(_Print(ticks, lots, is_buy, ord_type, trade_id, ts_ns))
        self.last_ticks, self.last_lots, self.last_ns = ticks, lots, ts_ns
        self.absorb([ts_ns // NS, ticks, ticks, ticks, ticks, lots, ticks * lots, 1])
        return trade_id

    def absorb(self, bar: Bar) -> None:
        """Add a finished minute (or one trade) to the candles of every interval."""
        for interval, bars in self._bars.items():
            absorb(bars, bar, interval * 60)
            if len(bars) > 3 * CANDLES:
                del bars[:CANDLES]

    def skip(self, minutes: list[Bar]) -> None:
        """Account for minutes whose single trades nobody saw."""
        for bar in minutes:
            self.absorb(bar)
            self._next_id += bar[COUNT]
            self.last_ticks = bar[CLOSE]

    def bars(self, interval: int) -> list[Bar]:
        """All bars of an interval (minutes), oldest first, the running one last."""
        live = self._bars[interval]
        if interval not in self._has_past:
            self._has_past.add(interval)
            past = (
                [] if self._past is None else [list(bar) for bar in self._past.bars(self._symbol, interval)]
            )
            for bar in live:
                absorb(past, bar, interval * 60)
            live = self._bars[interval] = past
        return live

    def candles(self, interval: int) -> list[Candle]:
        """Up to 720 candles, oldest first, the running one last."""
        return [candle(bar, self._grid) for bar in self.bars(interval)[-CANDLES:]]

    def running(self, interval: int) -> Candle | None:
        """The newest candle."""
        live = self._bars[interval]
        bars = live if len(live) > 1 else self.bars(interval)
        return candle(bars[-1], self._grid) if bars else None

    def trades(self, count: int, keep: Callable[[int], bool]) -> list[PublicTrade]:
        """The newest ``count`` trades whose time passes ``keep``, oldest first."""
        prints = [*self._ring] if len(self._ring) == RING else [*self._seeded(), *self._ring]
        chosen = [one for one in prints if keep(one.ts_ns)]
        return [self._public(one) for one in chosen[-count:]] if count > 0 else []

    def _seeded(self) -> list[_Print]:
        past: list[PastTrade] = self._past.trades(self._symbol) if self._past else []
        first = self._first_id - len(past)
        return [
            _Print(
                one.ticks,
                one.lots,
                one.is_buy,
                "market" if one.is_market else "limit",
                first + index,
                one.ts_ns,
            )
            for index, one in enumerate(past)
        ]

    def _public(self, one: _Print) -> PublicTrade:
        return PublicTrade(
            self._symbol,
            "buy" if one.is_buy else "sell",
            self._grid.price(one.ticks),
            self._grid.qty(one.lots),
            one.ord_type,
            one.trade_id,
            one.ts_ns,
        )

    def last_qty(self) -> Decimal:
        """Quantity of the latest trade, the seeded past included."""
        if not self.last_lots and self._past and (past := self._past.trades(self._symbol)):
            self.last_lots = past[-1].lots
        return self._grid.qty(self.last_lots)

    def summaries(self, now_ns: int) -> tuple[Summary, Summary]:
        """Statistics of the last 24 hours and of today (UTC)."""
        now_s = now_ns // NS
        bars = self.bars(STATS_MIN)
        begin = now_s - now_s % (STATS_MIN * 60)
        key = (begin, len(bars))
        if key != self._summary_key:
            self._summary_key = key
            day = [bar for bar in bars if bar[BEGIN] > now_s - DAY_S]
            midnight = now_s - now_s % DAY_S
            today = [bar for bar in day if bar[BEGIN] >= midnight]
            self._summaries = (_fold(day[:-1]), _fold(today[:-1]))
        running = bars[-1:]
        day_sum, today_sum = self._summaries
        is_today = bool(running) and running[0][BEGIN] >= now_s - now_s % DAY_S
        return self._summed(day_sum + running), self._summed(today_sum + (running if is_today else []))

    def _summed(self, bars: list[Bar]) -> Summary:
        folded = _fold(bars)
        if not folded:
            return Summary(self.last_ticks, self.last_ticks, self.last_ticks, 0, 0, 0)
        bar = folded[0]
        return Summary(bar[OPEN], bar[HIGH], bar[LOW], bar[VOLUME], bar[TURNOVER], bar[COUNT])


def _fold(bars: list[Bar]) -> list[Bar]:
    """All bars as one, or nothing."""
    if not bars:
        return []
    return [
        [
            bars[0][BEGIN],
            bars[0][OPEN],
            max(bar[HIGH] for bar in bars),
            min(bar[LOW] for bar in bars),
            bars[-1][CLOSE],
            sum(bar[VOLUME] for bar in bars),
            sum(bar[TURNOVER] for bar in bars),
            sum(bar[COUNT] for bar in bars),
        ]
    ]
