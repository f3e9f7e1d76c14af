"""Axes of the charts: prices with the pair's own digits and even steps, on a log scale too; volumes in short."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor, log10

import pyqtgraph as pg

from gui import formats
from gui.theme import active, figure_font

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
PIXELS_A_TICK = 34
WIDE = 12.0
"""From this ratio of highest to lowest price on, a log axis counts in decades."""

DIGITS = 12
TicksByLevel = list[tuple[float, list[float]]]


def nice_step(span: float, most: int) -> float:
    """Return the smallest even step that divides ``span`` into at most ``most`` parts."""
    rough = span / max(1, most)
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in STEPS if step * power >= rough * (1 - 1e-9))


class PriceAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is published without types
    """Prices at even steps. The view is in quote, or its log10 when ``logarithmic``."""

    logarithmic = False

    def tickValues(self, minVal: float, maxVal: float, size: float) -> TicksByLevel:
        if not maxVal > minVal:
            return []
        most = int(size // PIXELS_A_TICK)
        if not self.logarithmic:
            step = nice_step(maxVal - minVal, most)
            return [(step, _multiples(minVal, maxVal, step))]
        low, high = 10.0**minVal, 10.0**maxVal
        if high / low >= WIDE:
            decades = range(floor(minVal), ceil(maxVal) + 1)
            prices = [lead * 10.0**power for power in decades for lead in (1, 2, 5)]
            step = low
        else:
            step = nice_step(high - low, most)
            prices = _multiples(low, high, step)
        return [(step, [log10(price) for price in prices if low <= price <= high and price > 0])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        digits = max(0, min(DIGITS, -floor(log10(spacing) + 1e-9)))
        if round(spacing * 10.0**digits, 6) % 1:  # a step of 2.5
            digits += 1
        prices = [10.0**value for value in values] if self.logarithmic else values
        return [f"{price:,.{digits}f}" for price in prices]


class VolumeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is published without types
    """Two or three volumes."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> TicksByLevel:
        if not maxVal > minVal:
            return []
        step = nice_step(maxVal - minVal, max(1, int(size // 24)))
        return [(step, [value for value in _multiples(minVal, maxVal, step) if value > 0])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [formats.compact(Decimal(repr(value))).removesuffix(".00") for value in values]


def dress(axis: pg.AxisItem) -> None:
    """Give an axis the theme's colours and font."""
    theme = active()
    axis.setPen(theme.border)
    axis.setTextPen(theme.muted)
    axis.setTickFont(figure_font(0.85))


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]
