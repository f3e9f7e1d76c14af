"""What floats over a chart: the cross under the pointer, the names of the curves, the end of the data."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.theme import active, figure_font, ui_font

LABEL_SCALE = 0.88
PADDING = 4
GAP = 12
LEAST_NOTE = 90
"""Pixels. In less room no sentence can be read."""


class Crosshair(QGraphicsItem):
    """Two lines through a point, with the price on one axis and the time on the other. Scene coordinates."""

    def __init__(self) -> None:
        super().__init__()
        self._area = QRectF()
        self._plot = QRectF()
        self._at: QPointF | None = None
        self._price = self._time = ""
        self._font = figure_font(LABEL_SCALE)
        self._metrics = QFontMetrics(self._font)
        self.setZValue(60)

    def lay_out(self, plot: QRectF, area: QRectF) -> None:
        """``plot`` has the cross-line, ``area`` also what lies below it and the axes."""
        if (plot, area) != (self._plot, self._area):
            self.prepareGeometryChange()
            self._plot, self._area = plot, area

    def show_at(self, at: QPointF | None, price: str = "", time: str = "") -> None:
        """Move to a point, or hide."""
        if (at, price, time) != (self._at, self._price, self._time):
            self._repaint()
            self._at, self._price, self._time = at, price, time
            self._repaint()

    def boundingRect(self) -> QRectF:
        return self._area

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._at is None:
            return
        theme, x, y = active(), round(self._at.x()), round(self._at.y())
        painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, self._plot.top()), QPointF(x, self._area.bottom()))
        painter.drawLine(QPointF(self._plot.left(), y), QPointF(self._plot.right(), y))
        painter.setFont(self._font)
        for box, text in ((self._price_box(), self._price), (self._time_box(), self._time)):
            painter.fillRect(box, theme.colour("raised"))
            painter.setPen(theme.colour("muted"))
            painter.drawRect(box)
            painter.setPen(theme.colour("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _price_box(self) -> QRectF:
        assert self._at is not None
        height = self._metrics.height() + 1
        top = max(self._plot.top(), min(self._plot.bottom() - height, self._at.y() - height / 2))
        return QRectF(self._plot.right() + 1, top, self._area.right() - self._plot.right() - 2, height)

    def _time_box(self) -> QRectF:
        assert self._at is not None
        width, height = self._metrics.horizontalAdvance(self._time) + 2 * PADDING, self._metrics.height() + 1
        left = max(self._plot.left(), min(self._plot.right() - width, self._at.x() - width / 2))
        return QRectF(left, self._area.bottom() - height - 1, width, height)

    def _repaint(self) -> None:
        if self._at is None:
            return
        self.update(QRectF(self._at.x() - 2, self._area.top(), 4, self._area.height()))
        self.update(QRectF(self._area.left(), self._at.y() - 2, self._area.width(), 4))
        for box in (self._price_box(), self._time_box()):
            self.update(box.adjusted(-2, -2, 2, 2))


class Legend(QGraphicsItem):
    """Names and values of curves in the upper left corner, each in its colour; what does not fit is left out."""

    def __init__(self) -> None:
        super().__init__()
        self._area = QRectF()
        self._entries: tuple[tuple[str, str], ...] = ()
        self._font = figure_font(LABEL_SCALE)
        self._metrics = QFontMetrics(self._font)
        self.setZValue(40)

    @property
    def text(self) -> str:
        """Everything it says."""
        return "  ".join(text for text, _ in self._entries)

    def lay_out(self, plot: QRectF) -> None:
        """Stand in the corner of this plot."""
        area = QRectF(plot.left() + 4, plot.top() + 2, plot.width() - 8, self._metrics.height() + 2.0)
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area

    def strike(self, struck: bool) -> None:
        """Strike the values through, or not."""
        self._font.setStrikeOut(struck)
        self.update()

    def show_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """Show these texts, each in a colour of the theme."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.update()

    def boundingRect(self) -> QRectF:
        return self._area

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setFont(self._font)
        left, theme = self._area.left(), active()
        for text, colour in self._entries:
            width = self._metrics.horizontalAdvance(text)
            if left + width > self._area.right():
                break
            box = QRectF(left, self._area.top(), width, self._area.height())
            painter.fillRect(box, theme.colour("panel"))
            painter.setPen(theme.colour(colour))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            left += width + GAP


class EndNote(QGraphicsItem):
    """Says, left of the oldest bar, why nothing is there."""

    def __init__(self) -> None:
        super().__init__()
        self._area = QRectF()
        self.text = ""
        self._font = ui_font(0.92)
        self.setZValue(30)

    def lay_out(self, plot: QRectF, end: float) -> None:
        """``end`` is where the oldest bar begins, in pixels from the left of the plot."""
        area = QRectF(plot.left(), plot.top(), max(0.0, min(end, plot.width())), plot.height())
        if area != self._area:
            self.prepareGeometryChange()
            self._area = area

    def show_text(self, text: str) -> None:
        """Give the reason."""
        if text != self.text:
            self.text = text
            self.update()

    @property
    def is_seen(self) -> bool:
        """Whether there is a place where something is missing."""
        return self._area.width() > 1 and bool(self.text)

    def boundingRect(self) -> QRectF:
        return self._area

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if not self.is_seen:
            return
        theme = active()
        painter.fillRect(self._area, theme.colour("window"))
        painter.setPen(theme.colour("border"))
        painter.drawLine(self._area.topRight(), self._area.bottomRight())
        room = self._area.adjusted(8, 0, -8, 0)
        if room.width() > LEAST_NOTE:
            painter.setFont(self._font)
            painter.setPen(theme.colour("muted"))
            painter.drawText(
                room, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self.text
            )
