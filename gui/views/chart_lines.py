"""Horizontal lines at prices: the last one, own orders, alerts. Labels never cover each other.

A label beside its line is joined to it; lines out of sight have their label at the edge. What is painted is kept, so
that a press finds what was seen, not what is true by now.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.theme import active, figure_font
from gui.views.chart_series import Scale

LABEL_SCALE = 0.88
PADDING = 4
REACH = 4
"""Pixels from a line within which the hand takes hold of it."""


class LineKind(Enum):
    """What a line stands for."""

    LAST = "last"
    ORDER = "order"
    TRIGGER = "trigger"
    ALERT = "alert"


class PriceLine(msgspec.Struct, frozen=True):
    """A line. ``words`` stand at its left end, ``tag`` on the axis; colours are names of the theme's."""

    key: str
    kind: LineKind
    price: Decimal
    tag: str
    words: str = ""
    colour: str = "text"
    fill: str = "select"
    on_fill: str = "on_fill"
    movable: bool = False


class Ghost(msgspec.Struct, frozen=True):
    """Where the line under the hand would go, and what that would mean."""

    line: PriceLine
    price: Decimal
    tag: str
    words: str
    warns: bool = False


class Place(msgspec.Struct, frozen=True):
    """Where a line was painted: its own height, and its labels'. Pixels."""

    line: PriceLine
    y: float
    label: QRectF
    tag: QRectF


class PriceLines(QGraphicsItem):
    """Paints over plot and price axis. ``lay_out`` before the first painting and whenever the plot moved."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Sequence[PriceLine] = ()
        self.ghost: Ghost | None = None
        self.places: list[Place] = []
        self.left_out = 0
        self._plot = QRectF()
        self._axis = QRectF()
        self._scale = Scale(0, 1, 0, 1, 1, 1)
        self._struck = False
        self._font = figure_font(LABEL_SCALE)
        self._metrics = QFontMetrics(self._font)
        self.setZValue(50)

    @property
    def label_height(self) -> float:
        """Pixels of one label."""
        return self._metrics.height() + 1.0

    def lay_out(self, plot: QRectF, axis: QRectF, scale: Scale) -> None:
        """Place everything for a plot and its price axis, both in scene coordinates."""
        if (plot, axis) != (self._plot, self._axis):
            self.prepareGeometryChange()
            self._plot, self._axis = plot, axis
        self._scale = scale
        before = self.places
        self.places = self._placed()
        if before != self.places:
            for place in {id(p): p for p in before + self.places}.values():
                self.update(self._strip(place))

    def strike(self, struck: bool) -> None:
        """Strike the last price through, or not; own orders do not come from the market's line."""
        self._struck = struck
        self.update()

    def show_ghost(self, ghost: Ghost | None) -> None:
        """Show or hide where the line under the hand would go."""
        if ghost != self.ghost:
            self.ghost = ghost
            self.update()

    def movable_at(self, where: QPointF) -> PriceLine | None:
        """Return the line a press at this scene position takes hold of."""
        if not self._plot.united(self._axis).contains(where):
            return None
        movable = [place for place in self.places if place.line.movable]
        for place in movable:
            if place.label.contains(where) or place.tag.contains(where):
                return place.line
        near = [place for place in movable if abs(place.y - where.y()) <= REACH]
        return min(near, key=lambda place: abs(place.y - where.y())).line if near else None

    def boundingRect(self) -> QRectF:
        return self._plot.united(self._axis)

    def shape(self) -> QPainterPath:
        return QPainterPath()  # the plot below takes the mouse

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setFont(self._font)
        for place in self.places:
            self._paint_line(painter, place)
        for place in self.places:
            self._paint_labels(painter, place)
        painter.setFont(self._font)
        if self.left_out:
            self._paint_left_out(painter)
        if self.ghost is not None:
            self._paint_ghost(painter, self.ghost)

    def _placed(self) -> list[Place]:
        heights = {
            line.key: self._plot.top() + float(self._scale.y(float(line.price))) for line in self.lines
        }
        chosen = self._that_fit(heights)
        self.left_out = len(self.lines) - len(chosen)
        middles = spread(
            [heights[line.key] for line in chosen],
            self.label_height,
            self._plot.top(),
            self._plot.bottom(),
        )
        return [
            self._place(line, heights[line.key], middle) for line, middle in zip(chosen, middles, strict=True)
        ]

    def _that_fit(self, heights: dict[str, float]) -> list[PriceLine]:
        """As many labels as there is room for: the last price, then those nearest to what is in sight."""
        room, middle = int(self._plot.height() // self.label_height), self._plot.center().y()
        by_worth = sorted(
            self.lines,
            key=lambda line: (line.kind is not LineKind.LAST, abs(heights[line.key] - middle)),
        )
        return by_worth[: max(0, room)]

    def _place(self, line: PriceLine, y: float, middle: float) -> Place:
        top, high = middle - self.label_height / 2, self.label_height - 1
        words = f"{line.words} {self._arrow(y)}".rstrip()
        width = self._metrics.horizontalAdvance(words) + 2 * PADDING if line.words else 0
        label = QRectF(self._plot.left() + 1, top, width, high)
        return Place(line, y, label, QRectF(self._axis.left() + 1, top, self._axis.width() - 1, high))

    def _arrow(self, y: float) -> str:
        return "↑" if y < self._plot.top() else "↓" if y > self._plot.bottom() else ""

    def _strip(self, place: Place) -> QRectF:
        """What one line covers."""
        across = self.boundingRect()
        top = min(place.y, place.label.top(), place.tag.top()) - 2
        bottom = max(place.y, place.label.bottom(), place.tag.bottom()) + 2
        return QRectF(across.left(), top, across.width(), bottom - top)

    def _paint_line(self, painter: QPainter, place: Place) -> None:
        line = place.line
        if not self._plot.top() <= place.y <= self._plot.bottom():
            return
        dotted = line.kind in (LineKind.LAST, LineKind.TRIGGER)
        style = Qt.PenStyle.DotLine if dotted else Qt.PenStyle.DashLine
        if line.kind is LineKind.ALERT:
            style = Qt.PenStyle.DashDotLine
        painter.setPen(QPen(active().colour(line.colour), 1, style))
        y = round(place.y)
        painter.drawLine(QPointF(self._plot.left(), y), QPointF(self._plot.right(), y))

    def _paint_labels(self, painter: QPainter, place: Place) -> None:
        line, theme = place.line, active()
        font = QFont(self._font)
        font.setStrikeOut(self._struck and line.kind is LineKind.LAST)
        painter.setFont(font)
        painter.setPen(QPen(theme.colour(line.colour), 1))
        for box in (place.label, place.tag):
            if box.width() and abs(box.center().y() - place.y) > 1 and not self._arrow(place.y):
                end = box.right() if box is place.label else box.left()
                away = 6 if box is place.label else -6
                painter.drawLine(QPointF(end, box.center().y()), QPointF(end + away, place.y))
        for box, text in (
            (place.label, f"{line.words} {self._arrow(place.y)}".rstrip()),
            (place.tag, line.tag),
        ):
            if box.width() and text:
                painter.fillRect(box, theme.colour(line.fill))
                painter.setPen(theme.colour(line.on_fill))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_left_out(self, painter: QPainter) -> None:
        painter.setPen(active().colour("warning"))
        text = f"+{self.left_out}"
        painter.drawText(self._plot.adjusted(0, 2, -6, 0), Qt.AlignmentFlag.AlignRight, text)

    def _paint_ghost(self, painter: QPainter, ghost: Ghost) -> None:
        theme = active()
        y = self._plot.top() + float(self._scale.y(float(ghost.price)))
        y = max(self._plot.top(), min(self._plot.bottom(), y))
        colour = theme.colour("warning" if ghost.warns else ghost.line.colour)
        painter.setPen(QPen(colour, 1))
        painter.drawLine(QPointF(self._plot.left(), round(y)), QPointF(self._axis.left(), round(y)))
        width = min(self._plot.width(), self._metrics.horizontalAdvance(ghost.words) + 2 * PADDING)
        top = max(self._plot.top(), min(self._plot.bottom() - self.label_height, y - self.label_height / 2))
        label = QRectF(self._plot.left() + 1, top, width, self.label_height)
        tag = QRectF(self._axis.left() + 1, top, self._axis.width() - 1, self.label_height)
        for box, text in ((label, ghost.words), (tag, ghost.tag)):
            painter.fillRect(box, theme.colour("window"))
            painter.drawRect(box)
            shown = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()) - PADDING)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)


def spread(heights: Sequence[float], size: float, top: float, bottom: float) -> list[float]:
    """Return the middles of labels ``size`` high as near to ``heights`` as they can be without covering each other.

    All lie between ``top`` and ``bottom`` as long as they have room there; their order from top to bottom is kept.
    """
    order = sorted(range(len(heights)), key=lambda at: heights[at])
    middles = [0.0] * len(heights)
    least = top + size / 2
    for at in order:
        middles[at] = least = max(least, heights[at])
        least += size
    most = bottom - size / 2
    for at in reversed(order):
        middles[at] = most = min(most, middles[at])
        most -= size
    return middles
