"""The plots of the chart: prices above, volume below, one time axis; panned, zoomed and gripped by hand and by key."""

from __future__ import annotations

from math import log10
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from gui.theme import active
from gui.views.candle_item import CandleItem, VolumeItem, price_span
from gui.views.chart_axes import PriceAxis, VolumeAxis, dress
from gui.views.chart_lines import PriceLine, PriceLines
from gui.views.chart_overlays import Crosshair, EndNote, Legend
from gui.views.chart_series import BEGIN, VOLUME, Floats, Scale

PADDING = 0.06
LEAST_BARS, MOST_BARS = 8, 6_000
BEYOND = 60
"""Empty bars one may pan past either end."""

GRIP = 3
"""Pixels a gripped line must be dragged before it counts as moved."""


class ChartCanvas(pg.GraphicsLayoutWidget):  # type: ignore[misc]  # pyqtgraph is published without types
    """Candles, volume and everything over them. Times in s UTC; prices as floats, rounded by whoever trades on them."""

    pointer_moved = Signal(object)
    """Scene position over the price plot, or ``None``."""

    moved_by_hand = Signal()
    ranged = Signal()
    """Another stretch of time or prices is shown, or the plot has another size."""

    line_dragged = Signal(object, float)
    """The line under the hand and the price it is over."""

    line_dropped = Signal()
    line_let_go = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._logarithmic = False
        self._limits: tuple[float, ...] = ()
        self._held: tuple[PriceLine, float] | None = None
        self._dragging = False
        self.ci.setContentsMargins(0, 0, 0, 0)
        self.ci.setSpacing(0)
        self.price_axis, self.volume_axis = PriceAxis("right"), VolumeAxis("right")
        self.time_axis = pg.DateAxisItem()
        self.price = self._plot(0, {"right": self.price_axis})
        self.volume = self._plot(1, {"right": self.volume_axis, "bottom": self.time_axis})
        self.ci.layout.setRowStretchFactor(0, 5)
        self.ci.layout.setRowStretchFactor(1, 1)
        self.volume.setXLink(self.price)
        self.candles, self.volumes = CandleItem(self.scale), VolumeItem(self._volume_scale)
        self.candles.setParentItem(self.price.getViewBox())
        self.volumes.setParentItem(self.volume.getViewBox())
        self.lines, self.cross = PriceLines(), Crosshair()
        self.legend, self.end_note = Legend(), EndNote()
        for overlay in (self.lines, self.cross, self.legend, self.end_note):
            self.scene().addItem(overlay)
        view = self.price.getViewBox()
        view.sigRangeChangedManually.connect(lambda *_: self.moved_by_hand.emit())
        for changed in (view.sigRangeChanged, view.sigResized, self.volume.getViewBox().sigResized):
            changed.connect(lambda *_: self._ranged())
        self.restyle()

    # What it shows.

    def show_bars(self, bars: Floats, interval_s: float, *, closed_changed: bool) -> None:
        """Draw these bars; only the last one is new unless ``closed_changed``."""
        self.candles.show_bars(bars, interval_s, closed_changed=closed_changed)
        self.volumes.show_bars(bars, interval_s, closed_changed=closed_changed)
        self._limit(bars, interval_s)
        self._place_end()

    def set_logarithmic(self, on: bool) -> None:
        """Space prices by their ratios."""
        self._logarithmic = self.price_axis.logarithmic = on
        self.price_axis.picture = None
        self.fit_heights()
        self.ranged.emit()

    def set_axis_width(self, pixels: int) -> None:
        """Give prices this much room."""
        for axis in (self.price_axis, self.volume_axis):
            if axis.width() != pixels:
                axis.setWidth(pixels)

    def restyle(self) -> None:
        """Take over the theme's colours."""
        self.setBackground(active().panel)
        for axis in (self.price_axis, self.volume_axis, self.time_axis):
            dress(axis)
        self.candles.forget()
        self.volumes.forget()
        self.scene().update()

    def strike(self, struck: bool) -> None:
        """Strike the figures through, or not."""
        for overlay in (self.lines, self.legend):
            overlay.strike(struck)

    # What it looks at.

    def scale(self) -> Scale:
        """What the price plot shows."""
        return _scale_of(self.price.getViewBox(), self._logarithmic)

    def price_rect(self) -> QRectF:
        """Where the price plot is in the scene."""
        return _scene_rect(self.price.getViewBox())

    def bar_at(self, where: QPointF, count: int) -> int:
        """Return which of the first ``count`` bars a scene position is over, or the nearest one."""
        seconds = self.scale().time_at(where.x() - self.price_rect().left())
        found = int(np.searchsorted(self.candles.bars[:count, BEGIN], seconds, side="right")) - 1
        return max(0, found)

    @property
    def span(self) -> tuple[float, float]:
        """First and last moment shown."""
        left, right = self.price.viewRange()[0]
        return left, right

    def show_span(self, left: float, right: float) -> None:
        """Show a stretch of time."""
        self.price.setXRange(left, right, padding=0)

    def fit_heights(self) -> None:
        """Let the bars in sight fill the height; not while a line is under the hand."""
        scale, bars = self.scale(), self.candles.bars
        seen = bars[scale.visible(bars, self.candles.interval_s)]
        if not len(seen) or self._dragging:
            return
        low, high = price_span(seen)
        if not high > low:
            low, high = low * 0.999, high * 1.001
        if self._logarithmic:
            low, high = log10(low), log10(high)
        self.price.setYRange(low, high, padding=PADDING)
        self.volume.setYRange(0, float(seen[:, VOLUME].max()) or 1.0, padding=0)

    # The hand.

    @property
    def is_dragging(self) -> bool:
        """Whether a line is being moved."""
        return self._dragging

    def let_go(self) -> bool:
        """Leave the line under the hand where it was. Returns whether there was one."""
        held, self._held = self._held is not None, None
        if self._dragging:
            self._dragging = False
            self.line_let_go.emit()
        return held

    def mousePressEvent(self, event: QMouseEvent) -> None:
        where = self.mapToScene(event.position().toPoint())
        line = self.lines.movable_at(where) if event.button() is Qt.MouseButton.LeftButton else None
        if line is None:
            super().mousePressEvent(event)
            return
        self._held = (line, where.y())
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        where = self.mapToScene(event.position().toPoint())
        if self._held is not None:
            self._drag(where)
            event.accept()
        elif not event.buttons():
            over = self.lines.movable_at(where) is not None
            self.viewport().setCursor(Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.CrossCursor)
            super().mouseMoveEvent(event)
        else:
            super().mouseMoveEvent(event)
        # While a line is under the hand only its own price is told.
        shows = self.price_rect().contains(where) and not self._dragging
        self.pointer_moved.emit(where if shows else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is None or event.button() is not Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        dragged, self._held, self._dragging = self._dragging, None, False
        if dragged:
            self.line_dropped.emit()
        event.accept()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.pointer_moved.emit(None)

    def _drag(self, where: QPointF) -> None:
        assert self._held is not None
        line, start = self._held
        if not self._dragging and abs(where.y() - start) < GRIP:
            return
        self._dragging = True
        # By as much as the hand moved: a label may stand away from its line, or at the edge for one out of sight.
        scale = self.scale()
        own = float(scale.y(float(line.price)))
        self.line_dragged.emit(line, scale.price_at(own + where.y() - start))

    # Building and keeping things in place.

    def _plot(self, row: int, axes: dict[str, Any]) -> Any:
        plot = self.addPlot(row=row, col=0, axisItems=axes)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.ctrlMenu.setParent(self, Qt.WindowType.Popup)  # else it is a window that outlives ours
        plot.showAxis("right")
        plot.hideAxis("left")
        plot.showAxis("bottom", "bottom" in axes)
        plot.showGrid(x=True, y=True, alpha=0.12)
        for axis in axes.values():
            axis.enableAutoSIPrefix(False)  # prices are not written in thousands, and looking costs time
        plot.getViewBox().disableAutoRange()
        plot.getViewBox().setMouseEnabled(x=True, y=False)
        return plot

    def _volume_scale(self) -> Scale:
        return _scale_of(self.volume.getViewBox(), False)

    def _limit(self, bars: Floats, interval_s: float) -> None:
        if not len(bars):
            return
        limits = (bars[0, BEGIN] - BEYOND * interval_s, bars[-1, BEGIN] + BEYOND * interval_s, interval_s)
        if limits != self._limits:
            self._limits = limits
            width = max(limits[1] - limits[0], 2 * BEYOND * interval_s)
            most = min(MOST_BARS * interval_s, width)
            self.price.setLimits(
                xMin=limits[0], xMax=limits[0] + width, minXRange=LEAST_BARS * interval_s, maxXRange=most
            )

    def _ranged(self) -> None:
        self.fit_heights()
        self.candles.prepareGeometryChange()
        self.volumes.prepareGeometryChange()
        self.candles.update()
        self.volumes.update()
        self.lay_out()
        self.ranged.emit()

    def lay_out(self) -> None:
        """Put everything that floats over the plots into place."""
        plot, axis = self.price_rect(), _scene_rect(self.price_axis)
        below = _scene_rect(self.time_axis)
        axis = QRectF(plot.right(), plot.top(), max(0.0, axis.right() - plot.right()), plot.height())
        self.lines.lay_out(plot, axis, self.scale())
        area = QRectF(plot.topLeft(), QPointF(axis.right(), max(plot.bottom(), below.bottom())))
        self.cross.lay_out(plot, area)
        self.legend.lay_out(plot)
        self._place_end()

    def _place_end(self) -> None:
        bars = self.candles.bars
        end = float(self.scale().x(bars[0, BEGIN])) if len(bars) else 0.0
        self.end_note.lay_out(self.price_rect(), end)


def _scale_of(view: Any, logarithmic: bool) -> Scale:
    (left, right), (bottom, top) = view.viewRange()
    rect = view.rect()
    return Scale(left, right, bottom, top, rect.width(), rect.height(), logarithmic)


def _scene_rect(item: Any) -> QRectF:
    rect: QRectF = item.mapRectToScene(item.rect())
    return rect
