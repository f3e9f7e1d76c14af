"""Candles as integers: how they are made from trades and from finer candles.

A bar is a list, because one is touched for every trade and interval: begin (Unix seconds), open, high, low, close
(price steps), volume (lots), turnover (steps times lots), number of trades.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.sim.book import Grid
from core.sim.model import Candle

Bar = list[int]
BEGIN, OPEN, HIGH, LOW, CLOSE, VOLUME, TURNOVER, COUNT = range(8)

# Minutes, as on Kraken's ohlc channel; 21600 is 15 days.
INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)


def absorb(bars: list[Bar], bar: Bar, seconds: int) -> None:
    """Add a bar (or a single trade) to a series of ``seconds`` long bars, oldest first, in place."""
    begin = bar[BEGIN] - bar[BEGIN] % seconds
    if not bars or bars[-1][BEGIN] < begin:
        bars.append([begin, *bar[1:]])
        return
    last = bars[-1]
    if bar[HIGH] > last[HIGH]:
        last[HIGH] = bar[HIGH]
    if bar[LOW] < last[LOW]:
        last[LOW] = bar[LOW]
    last[CLOSE] = bar[CLOSE]
    last[VOLUME] += bar[VOLUME]
    last[TURNOVER] += bar[TURNOVER]
    last[COUNT] += bar[COUNT]


def aggregate(bars: Iterable[Bar], seconds: int) -> list[Bar]:
    """Coarser bars out of finer ones."""
    coarse: list[Bar] = []
    for bar in bars:
        absorb(coarse, bar, seconds)
    return coarse


def candle(bar: Bar, grid: Grid) -> Candle:
    """A bar in exact decimals."""
    return Candle(
        begin_ns=bar[BEGIN] * 1_000_000_000,
        open=grid.price(bar[OPEN]),
        high=grid.price(bar[HIGH]),
        low=grid.price(bar[LOW]),
        close=grid.price(bar[CLOSE]),
        volume=grid.qty(bar[VOLUME]),
        turnover=bar[TURNOVER] * grid.step * grid.lot,
        count=bar[COUNT],
    )
