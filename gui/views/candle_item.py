"""Candles and volume bars as two graphics items that draw arrays of primitives for the visible bars only.

The one place where candles become floats; nothing computed here is ever traded on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt import internals
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter

from core.domain.market import Candle
from core.domain.times import NS
from gui.theme import active

BODY_SHARE = 0.72
"""Width of a candle's body within its interval."""

FIELDS = 6


def candle_array(candles: Sequence[Candle]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return ``(n, 6) float64``: begin (s UTC), open, high, low, close (quote), volume (base); oldest first."""
    rows = [(c.begin // NS, c.open, c.high, c.low, c.close, c.volume) for c in candles]
    return np.array(rows, dtype=np.float64).reshape(-1, FIELDS)


class _BarsItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph is published without types
    """Bars over a shared array; draws what lies within the view."""

    def __init__(self) -> None:
        super().__init__()
        self.bars = candle_array(())
        self.interval_s = 60.0
        self._boxes = internals.PrimitiveArray(QRectF, 4)
        self._wicks = internals.PrimitiveArray(QLineF, 4)

    def set_bars(self, bars: np.ndarray[Any, np.dtype[np.float64]], interval_s: float) -> None:
        """Draw these from now on."""
        self.prepareGeometryChange()
        self.bars, self.interval_s = bars, interval_s
        self.update()

    def visible(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return the bars within the horizontal range of the view."""
        left, right = self.getViewBox().viewRange()[0]
        first = int(np.searchsorted(self.bars[:, 0], left - self.interval_s))
        last = int(np.searchsorted(self.bars[:, 0], right + self.interval_s))
        return self.bars[first:last]

    def boundingRect(self) -> QRectF:
        if not len(self.bars):
            return QRectF()
        top, bottom = self._bounds()
        left = self.bars[0, 0] - self.interval_s
        return QRectF(left, bottom, self.bars[-1, 0] + 2 * self.interval_s - left, top - bottom)

    def _bounds(self) -> tuple[float, float]:
        return float(self.bars[:, 2].max()), float(self.bars[:, 3].min())

    def _draw_boxes(self, painter: QPainter, left: Any, bottom: Any, width: float, height: Any) -> None:
        self._boxes.resize(len(left))
        memory = self._boxes.ndarray()
        memory[:, 0], memory[:, 1], memory[:, 2], memory[:, 3] = left, bottom, width, height
        painter.drawRects(*self._boxes.drawargs())

    def _draw_wicks(self, painter: QPainter, x: Any, low: Any, high: Any) -> None:
        self._wicks.resize(len(x))
        memory = self._wicks.ndarray()
        memory[:, 0], memory[:, 1], memory[:, 2], memory[:, 3] = x, low, x, high
        painter.drawLines(*self._wicks.drawargs())


class CandleItem(_BarsItem):
    """Bodies and wicks: hollow when it closed above its open, filled when below, so that colour is not needed."""

    logarithmic = False

    def paint(self, painter: QPainter, *_: object) -> None:
        bars = self.visible()
        rising = bars[:, 4] >= bars[:, 1]
        theme = active()
        for chosen, colour, fill in (
            (bars[rising], theme.buy, theme.panel),
            (bars[~rising], theme.sell, theme.sell),
        ):
            if len(chosen):
                painter.setPen(pg.mkPen(colour, width=1, cosmetic=True))
                painter.setBrush(pg.mkBrush(fill))
                self._draw(painter, chosen)

    def _draw(self, painter: QPainter, bars: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        prices = np.log10(bars[:, 1:5]) if self.logarithmic else bars[:, 1:5]
        width = self.interval_s * BODY_SHARE
        middle = bars[:, 0] + self.interval_s / 2
        self._draw_wicks(painter, middle, prices[:, 2], prices[:, 1])
        bottom = np.minimum(prices[:, 0], prices[:, 3])
        height = np.abs(prices[:, 3] - prices[:, 0])
        self._draw_boxes(painter, middle - width / 2, bottom, width, height)

    def _bounds(self) -> tuple[float, float]:
        top, bottom = super()._bounds()
        return (float(np.log10(top)), float(np.log10(bottom))) if self.logarithmic else (top, bottom)


class VolumeItem(_BarsItem):
    """Volume below the candles, in the colour of its candle."""

    def paint(self, painter: QPainter, *_: object) -> None:
        bars = self.visible()
        rising = bars[:, 4] >= bars[:, 1]
        theme = active()
        width = self.interval_s * BODY_SHARE
        painter.setPen(pg.mkPen(None))
        for chosen, colour in ((bars[rising], theme.buy), (bars[~rising], theme.sell)):
            if len(chosen):
                painter.setBrush(pg.mkBrush(colour))
                left = chosen[:, 0] + (self.interval_s - width) / 2
                self._draw_boxes(painter, left, 0.0, width, chosen[:, 5])

    def _bounds(self) -> tuple[float, float]:
        return float(self.bars[:, 5].max()), 0.0
