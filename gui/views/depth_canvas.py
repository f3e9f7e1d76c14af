"""The depth curves: what lies in the book between the mid and a price, on both sides. Painted by hand, one path a side.

Floats, because it is a picture; what it says in figures is walked through the book in exact numbers by its owner.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from core.domain.instrument import Instrument, Side
from core.processing.book_store import BookView
from gui import formats
from gui.theme import active, figure_font
from gui.views.chart_axes import nice_step
from gui.views.chart_series import Floats

LEFT, BOTTOM, TOP = 52, 18, 4
"""Pixels kept for quantities, prices, and the highest curve's room to breathe."""

NARROWEST = 0.02
ZOOM = 1.25
WHEEL_NOTCH = 120
FILL_ALPHA = 70
PIXELS_A_PRICE, PIXELS_A_QTY = 84, 30
LABEL_SCALE = 0.85
HALF_TEXT = 9


class Curve(NamedTuple):
    """One side: prices (quote) and quantity summed up from the touch (base), best first."""

    prices: Floats
    totals: Floats

    def total_at(self, price: float, sign: int) -> float:
        """Return what lies between the touch and a price; ``sign`` +1 for asks, -1 for bids."""
        at = int(np.searchsorted(self.prices * sign, price * sign, side="right"))
        return float(self.totals[at - 1]) if at else 0.0


class DepthCanvas(QWidget):
    """Draws the curves that ``show_book`` was given, so that a picture is of one moment."""

    pointed = Signal(object)
    """Price under the pointer, or ``None``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bids = self.asks = Curve(np.empty(0), np.empty(0))
        self.mid: float | None = None
        self.share = 1.0
        self.marks: tuple[tuple[Side, Decimal, str], ...] = ()
        self._instrument: Instrument | None = None
        self._pointer: QPointF | None = None
        self._paths = {Side.BUY: QPolygonF(), Side.SELL: QPolygonF()}
        self._font = figure_font(LABEL_SCALE)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Depth curves"))
        self.setMinimumSize(120, 60)

    def show_book(self, view: BookView | None) -> None:
        """Draw a live book; nothing for one that is not."""
        if view is None:
            self.bids = self.asks = Curve(np.empty(0), np.empty(0))
            self.mid, self._instrument = None, None
        else:
            self.bids, self.asks = _curve(view, Side.BUY), _curve(view, Side.SELL)
            both = len(self.bids.prices) and len(self.asks.prices)
            self.mid = float(self.bids.prices[0] + self.asks.prices[0]) / 2 if both else None
            self._instrument = view.instrument
        self.update()

    @property
    def plot(self) -> QRectF:
        """Where the curves are."""
        return QRectF(LEFT, TOP, max(1, self.width() - LEFT - 1), max(1, self.height() - TOP - BOTTOM))

    @property
    def reach(self) -> float:
        """How far the picture goes from the mid to either side, in quote."""
        if self.mid is None:
            return 0.0
        whole = max(self.mid - self.bids.prices[-1], self.asks.prices[-1] - self.mid)
        return max(float(whole) * self.share, 1e-12)

    def price_at(self, x: float) -> float | None:
        """Return the price at a pixel."""
        if self.mid is None:
            return None
        plot = self.plot
        return self.mid + ((x - plot.left()) / plot.width() * 2 - 1) * self.reach

    def x_of(self, price: float) -> float:
        """Return the pixel of a price."""
        assert self.mid is not None
        plot = self.plot
        return plot.left() + (1 + (price - self.mid) / self.reach) / 2 * plot.width()

    def zoom(self, factor: float) -> None:
        """Show less (below one) or more of the book."""
        share = max(NARROWEST, min(1.0, self.share * factor))
        if share != self.share:
            self.share = share
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), active()
        painter.fillRect(event.rect(), theme.colour("panel"))
        painter.setFont(self._font)
        if self.mid is None:
            return
        most = self._most()
        self._paint_grid(painter, most)
        painter.setClipRect(self.plot)
        for side in Side:
            self._paint_side(painter, side, most)
        self._paint_marks(painter)
        if self._pointer is not None:
            self._paint_pointer(painter, self._pointer)
        painter.setClipping(False)
        if self.hasFocus():
            painter.setPen(theme.colour("focus"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(event.position() if self.plot.contains(event.position()) else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / WHEEL_NOTCH
        self.zoom(ZOOM**-notches)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1 / ZOOM)
        elif key is Qt.Key.Key_Minus:
            self.zoom(ZOOM)
        elif key is Qt.Key.Key_Home:
            self.zoom(1 / NARROWEST)
        else:
            super().keyPressEvent(event)

    def _point(self, where: QPointF | None) -> None:
        self._pointer = where
        self.pointed.emit(None if where is None else self.price_at(where.x()))
        self.update()

    def _most(self) -> float:
        """Return the highest total in sight."""
        assert self.mid is not None
        low, high = self.mid - self.reach, self.mid + self.reach
        return max(self.bids.total_at(low, -1), self.asks.total_at(high, 1), 1e-12) * 1.05

    def _paint_side(self, painter: QPainter, side: Side, most: float) -> None:
        curve = self.bids if side is Side.BUY else self.asks
        plot, count = self.plot, len(curve.prices)
        path = self._paths[side]
        if path.size() != 2 * count + 2:
            path = self._paths[side] = create_qpolygonf(2 * count + 2)
        memory = ndarray_from_qpolygonf(path)
        assert self.mid is not None
        x = plot.left() + (1 + (curve.prices - self.mid) / self.reach) / 2 * plot.width()
        y = plot.bottom() - curve.totals * (plot.height() / most)
        # A staircase: along to a level, then up by what it adds; on at the last level's height to the edge.
        memory[0] = x[0], plot.bottom()
        memory[1:-1:2, 0] = memory[2:-1:2, 0] = x
        memory[1:-1:2, 1] = np.concatenate(([plot.bottom()], y[:-1]))
        memory[2:-1:2, 1] = y
        memory[-1] = x[-1], plot.bottom()
        colour = active().side(side)
        fill = QColor(colour)
        fill.setAlpha(FILL_ALPHA)
        painter.setPen(QPen(colour, 1))
        painter.setBrush(fill)
        painter.drawPolygon(path)

    def _paint_grid(self, painter: QPainter, most: float) -> None:
        theme, plot = active(), self.plot
        assert self.mid is not None
        assert self._instrument is not None
        step = nice_step(most, int(plot.height() // PIXELS_A_QTY))
        for number in range(1, int(most / step) + 1):
            y = round(plot.bottom() - number * step * plot.height() / most)
            painter.setPen(theme.colour("grid"))
            painter.drawLine(LEFT, y, self.width(), y)
            painter.setPen(theme.colour("muted"))
            text = formats.compact(Decimal(repr(number * step))).removesuffix(".00")
            if y < TOP + HALF_TEXT:
                continue
            painter.drawText(QRectF(0, y - HALF_TEXT, LEFT - 5, 2 * HALF_TEXT), _RIGHT, text)
        for price in self._price_ticks():
            x = round(self.x_of(price))
            painter.setPen(theme.colour("grid"))
            painter.drawLine(x, TOP, x, int(plot.bottom()))
            painter.setPen(theme.colour("muted"))
            text = formats.fixed(Decimal(repr(price)), self._instrument.price_precision)
            width = QFontMetrics(self._font).horizontalAdvance(text)
            if x + width / 2 <= self.width() and x - width / 2 >= LEFT:
                painter.drawText(QRectF(x - width, plot.bottom(), 2 * width, BOTTOM), _CENTRE, text)
        painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DotLine))
        middle = round(self.x_of(self.mid))
        painter.drawLine(middle, TOP, middle, int(plot.bottom()))

    def _price_ticks(self) -> list[float]:
        assert self.mid is not None
        low, high = self.mid - self.reach, self.mid + self.reach
        step = nice_step(high - low, int(self.plot.width() // PIXELS_A_PRICE))
        first = int(np.ceil(low / step))
        return [number * step for number in range(first, int(high // step) + 1)]

    def _paint_marks(self, painter: QPainter) -> None:
        theme, plot = active(), self.plot
        metrics = QFontMetrics(self._font)
        for side, price, text in self.marks:
            x = max(plot.left(), min(plot.right() - 1, self.x_of(float(price))))
            painter.setPen(QPen(theme.side(side), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            width = metrics.horizontalAdvance(text) + 8
            left = min(x + 2, plot.right() - width) if side is Side.BUY else max(x - 2 - width, plot.left())
            box = QRectF(left, plot.top() + (2 if side is Side.BUY else 20), width, metrics.height() + 1)
            painter.fillRect(box, theme.colour("buy_fill" if side is Side.BUY else "sell_fill"))
            painter.setPen(theme.colour("on_fill"))
            painter.drawText(box, _CENTRE, text)

    def _paint_pointer(self, painter: QPainter, where: QPointF) -> None:
        painter.setPen(QPen(active().colour("text"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(where.x(), TOP), QPointF(where.x(), self.plot.bottom()))


_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_CENTRE = Qt.AlignmentFlag.AlignCenter


def _curve(view: BookView, side: Side) -> Curve:
    prices, qtys = view.floats(side, view.depth)
    return Curve(np.array(prices), np.cumsum(qtys, dtype=np.float64))
