"""The candles of a chart as floats, and how times and prices fall on pixels. For drawing only: floats lose digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from core.domain.ids import Symbol
from core.domain.market import Candle
from core.domain.times import NS

Floats = np.ndarray[Any, np.dtype[np.float64]]
BEGIN, OPEN, HIGH, LOW, CLOSE, VOLUME, VWAP = range(7)
FIELDS = 7
SPARE = 256
"""Rows kept free, so that a new bar does not copy the others."""


def candle_array(candles: Sequence[Candle]) -> Floats:
    """Return ``(n, 7) float64``: begin (s UTC), open, high, low, close (quote), volume (base), vwap; oldest first."""
    rows = [(c.begin // NS, c.open, c.high, c.low, c.close, c.volume, c.vwap) for c in candles]
    return np.array(rows, dtype=np.float64).reshape(-1, FIELDS)


class ChartSeries:
    """One series, kept in step with the store: while older bars stand only the last ones are read anew."""

    def __init__(self) -> None:
        self._memory: Floats = np.empty((0, FIELDS))
        self._count = 0
        self._source: tuple[Symbol, int, int] | None = None

    @property
    def bars(self) -> Floats:
        """The bars as ``candle_array`` gives them; a view that the next ``read`` writes to."""
        return self._memory[: self._count]

    def read(self, symbol: Symbol, interval: int, version: int, candles: Sequence[Candle]) -> bool:
        """Take over the store's series. Returns whether anything but the last bar is different."""
        source, before = (symbol, interval, version), self._count
        if source != self._source or not 0 < before <= len(candles):
            self._source, self._count = source, 0
        start = max(0, self._count - 1)
        fresh = candle_array(candles[start:])
        self._count = start + len(fresh)
        if self._count > len(self._memory):
            kept = self._memory[:start]
            self._memory = np.empty((self._count + SPARE, FIELDS))
            self._memory[:start] = kept
        self._memory[start : self._count] = fresh
        return start == 0 or self._count != before


class Scale(NamedTuple):
    """What a plot shows: times in s UTC, heights in quote or its log10, and its size in pixels, y downwards."""

    left: float
    right: float
    bottom: float
    top: float
    width: float
    height: float
    logarithmic: bool = False

    @property
    def pixels_per_second(self) -> float:
        """Horizontal resolution."""
        return self.width / (self.right - self.left)

    def x(self, seconds: Any) -> Any:
        """Return the pixel of a time, or of an array of them."""
        return (seconds - self.left) * self.pixels_per_second

    def y(self, price: Any) -> Any:
        """Return the pixel of a price, or of an array of them. Prices must be above zero on a log scale."""
        height = np.log10(price) if self.logarithmic else price
        return (self.top - height) * (self.height / (self.top - self.bottom))

    def price_at(self, y: float) -> float:
        """Return the price at a pixel."""
        height = self.top - y * (self.top - self.bottom) / self.height
        return float(10.0**height) if self.logarithmic else height

    def time_at(self, x: float) -> float:
        """Return the time at a pixel, s UTC."""
        return self.left + x / self.pixels_per_second

    def visible(self, bars: Floats, interval_s: float) -> slice:
        """Return which bars are in sight, the one cut off on each side included."""
        first = int(np.searchsorted(bars[:, BEGIN], self.left - interval_s, side="right"))
        return slice(first, int(np.searchsorted(bars[:, BEGIN], self.right)))
