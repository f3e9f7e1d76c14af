"""Candles and volume as two graphics items that draw arrays of primitives, for the bars in sight only.

Closed bars are kept in a pixmap that is drawn anew on pan, zoom and new bar; the live bar is drawn on top, so that a
tick repaints one bar. Everything is reckoned in pixels, so that all bodies are equally wide and wicks are sharp.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from pyqtgraph.Qt import internals
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.theme import active
from gui.views.chart_series import BEGIN, CLOSE, HIGH, LOW, OPEN, VOLUME, Floats, Scale, candle_array

BODY_SHARE = 0.72
"""Width of a candle's body within its interval."""

HOLLOW_FROM = 3
"""Pixels. Narrower bodies are filled: there is no inside to leave empty."""

MARK = 6
"""Half the width of a fill's triangle, pixels."""


class Curve(NamedTuple):
    """A line over the bars: one price each (NaN draws nothing), a colour of the theme, dashed or not.

    ``groups`` has a number for each bar; bars of different groups are not joined.
    """

    prices: Floats
    colour: str
    dashed: bool = False
    groups: Floats | None = None


class Mark(NamedTuple):
    """An execution of ours."""

    seconds: float
    price: float
    is_buy: bool


class BarsItem(QGraphicsItem):
    """Bars over a shared array. ``scale`` tells what the plot shows at the moment of painting."""

    def __init__(self, scale: Callable[[], Scale]) -> None:
        super().__init__()
        self._scale = scale
        self.bars = candle_array(())
        self.interval_s = 60.0
        self._closed = QPixmap()
        self._drawn: tuple[object, ...] = ()
        self._edition = 0
        self._boxes = internals.PrimitiveArray(QRectF, 4)
        self._lines = internals.PrimitiveArray(QLineF, 4)

    def show_bars(self, bars: Floats, interval_s: float, *, closed_changed: bool) -> None:
        """Draw these from now on."""
        self.bars, self.interval_s = bars, interval_s
        if closed_changed:
            self.forget()
        elif len(bars):
            self.update(self.live_rect())

    def forget(self) -> None:
        """Draw the closed bars anew."""
        self._edition += 1
        self.update()

    def live_rect(self) -> QRectF:
        """Return where the last bar stands, with the line that leads to it from the bar before."""
        scale, begin = self._scale(), float(self.bars[-1, BEGIN])
        before = float(self.bars[-2, BEGIN]) if len(self.bars) > 1 else begin
        left = scale.x(before) - 2
        return QRectF(left, 0, scale.x(begin + self.interval_s) + 2 - left, scale.height)

    def boundingRect(self) -> QRectF:
        scale = self._scale()
        return QRectF(0, 0, scale.width, scale.height)

    def shape(self) -> QPainterPath:
        return QPainterPath()  # the plot below takes the mouse

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        scale = self._scale()
        if not len(self.bars) or scale.width < 1 or scale.height < 1:
            return
        ratio = painter.device().devicePixelRatio()
        drawn = (scale, ratio, active().name, self._edition)
        if drawn != self._drawn:
            self._drawn = drawn
            self._closed = self._draw_closed(scale, ratio)
        painter.drawPixmap(QPointF(0, 0), self._closed)
        self.draw_bars(painter, scale, slice(len(self.bars) - 1, len(self.bars)))
        self.draw_extras(painter, scale, slice(max(0, len(self.bars) - 2), len(self.bars)))

    def draw_bars(self, painter: QPainter, scale: Scale, which: slice) -> None:
        """Draw some of the bars."""
        raise NotImplementedError

    def draw_extras(self, painter: QPainter, scale: Scale, which: slice) -> None:
        """Draw what lies over these bars."""

    def _draw_closed(self, scale: Scale, ratio: float) -> QPixmap:
        pixmap = QPixmap(ceil(scale.width * ratio), ceil(scale.height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        seen = scale.visible(self.bars, self.interval_s)
        self.draw_bars(painter, scale, slice(seen.start, min(seen.stop, len(self.bars) - 1)))
        self.draw_extras(painter, scale, slice(max(0, seen.start - 1), min(seen.stop, len(self.bars) - 1)))
        painter.end()
        return pixmap

    def body_width(self, scale: Scale) -> float:
        """Pixels, the same for every bar."""
        return max(1.0, round(self.interval_s * BODY_SHARE * scale.pixels_per_second))

    def draw_boxes(self, painter: QPainter, left: Floats, top: Floats, width: float, height: Floats) -> None:
        """Draw rectangles with the painter's pen and brush."""
        self._boxes.resize(len(left))
        memory = self._boxes.ndarray()
        memory[:, 0], memory[:, 1], memory[:, 2], memory[:, 3] = left, top, width, height
        painter.drawRects(*self._boxes.drawargs())

    def draw_lines(self, painter: QPainter, x1: Floats, y1: Floats, x2: Floats, y2: Floats) -> None:
        """Draw lines with the painter's pen."""
        self._lines.resize(len(x1))
        memory = self._lines.ndarray()
        memory[:, 0], memory[:, 1], memory[:, 2], memory[:, 3] = x1, y1, x2, y2
        painter.drawLines(*self._lines.drawargs())


class CandleItem(BarsItem):
    """Hollow when it closed above its open, filled when below, so that colour is not needed; averages and fills."""

    def __init__(self, scale: Callable[[], Scale]) -> None:
        super().__init__(scale)
        self.curves: Sequence[Curve] = ()
        self.marks: Sequence[Mark] = ()

    def draw_bars(self, painter: QPainter, scale: Scale, which: slice) -> None:
        bars, theme = self.bars[which], active()
        rising, width = bars[:, CLOSE] >= bars[:, OPEN], self.body_width(scale)
        hollow = theme.panel if width >= HOLLOW_FROM else theme.buy
        for chosen, colour, fill in (
            (bars[rising], theme.buy, hollow),
            (bars[~rising], theme.sell, theme.sell),
        ):
            if len(chosen):
                painter.setPen(QPen(QColor(colour), 1))
                painter.setBrush(QColor(fill))
                self._draw_candles(painter, scale, chosen, width)

    def _draw_candles(self, painter: QPainter, scale: Scale, bars: Floats, width: float) -> None:
        middle = np.rint(scale.x(bars[:, BEGIN] + self.interval_s / 2))
        heights = np.rint(scale.y(bars[:, OPEN : CLOSE + 1]))
        opened, high, low, closed = heights.T
        self.draw_lines(painter, middle, high, middle, low)
        if width > 1:
            top = np.minimum(opened, closed)
            left = middle - (width - 1) // 2
            self.draw_boxes(painter, left, top, width - 1, np.abs(opened - closed))

    def draw_extras(self, painter: QPainter, scale: Scale, which: slice) -> None:
        middle = scale.x(self.bars[which, BEGIN] + self.interval_s / 2)
        for curve in self.curves:
            heights = scale.y(curve.prices[which])
            known = ~np.isnan(heights[:-1]) & ~np.isnan(heights[1:])
            if curve.groups is not None:
                known &= curve.groups[which][:-1] == curve.groups[which][1:]
            style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(active().colour(curve.colour), 1, style))
            ends = (middle[:-1], heights[:-1], middle[1:], heights[1:])
            self.draw_lines(painter, *(values[known] for values in ends))
        for mark in self.marks:
            if scale.left <= mark.seconds <= scale.right:
                self._draw_mark(painter, scale, mark)

    def _draw_mark(self, painter: QPainter, scale: Scale, mark: Mark) -> None:
        theme, away = active(), 1 if mark.is_buy else -1
        x, y = float(scale.x(mark.seconds)), float(scale.y(mark.price))
        painter.setPen(theme.colour("on_fill"))
        painter.setBrush(theme.colour("buy" if mark.is_buy else "sell"))
        base = y + away * 2 * MARK
        painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x - MARK, base), QPointF(x + MARK, base)]))


class VolumeItem(BarsItem):
    """Volume below the candles, in the colour of its candle and hollow or filled as it is."""

    def draw_bars(self, painter: QPainter, scale: Scale, which: slice) -> None:
        bars, theme = self.bars[which], active()
        rising, width = bars[:, CLOSE] >= bars[:, OPEN], self.body_width(scale)
        painter.setPen(Qt.PenStyle.NoPen)
        for chosen, colour in ((bars[rising], theme.buy), (bars[~rising], theme.sell)):
            if len(chosen):
                painter.setBrush(QColor(colour))
                middle = np.rint(scale.x(chosen[:, BEGIN] + self.interval_s / 2))
                top = np.rint(scale.y(chosen[:, VOLUME]))
                self.draw_boxes(painter, middle - (width - 1) // 2, top, width, scale.height - top)


def price_span(bars: Floats) -> tuple[float, float]:
    """Return lowest low and highest high."""
    return float(bars[:, LOW].min()), float(bars[:, HIGH].max())
