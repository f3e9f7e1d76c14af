"""Allowances as bars: how much is used of what there is, and what the next action costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import active, figure_font, ui_font

ROW_PADDING = 6
NAME_WIDTH, FIGURE_WIDTH = 150, 92
LEAST_BAR = 60
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class Gauge(NamedTuple):
    """One bar: ``share`` filled (0 to 1 and above), figures and a remark beside it, the colour's name in the theme."""

    name: str
    share: float
    figures: str
    remark: str
    colour: str


class Gauges(QWidget):
    """Bars below each other."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gauges: tuple[Gauge, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def gauges(self) -> tuple[Gauge, ...]:
        """What is shown."""
        return self._gauges

    def show_gauges(self, gauges: Sequence[Gauge]) -> None:
        """Show these, in this order."""
        if tuple(gauges) == self._gauges:
            return
        grown = len(gauges) != len(self._gauges)
        self._gauges = tuple(gauges)
        self.setAccessibleDescription(", ".join(f"{one.name} {one.figures}" for one in gauges))
        if grown:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(LEAST_BAR + NAME_WIDTH + FIGURE_WIDTH, max(1, len(self._gauges)) * self._row())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for at, gauge in enumerate(self._gauges):
            self._draw(painter, QRect(0, at * self._row(), self.width(), self._row()), gauge)

    def _draw(self, painter: QPainter, row: QRect, gauge: Gauge) -> None:
        theme = active()
        bar_width = max(LEAST_BAR, (row.width() - NAME_WIDTH - FIGURE_WIDTH) // 3)
        name = QRect(row.left() + ROW_PADDING, row.top(), NAME_WIDTH - ROW_PADDING, row.height())
        bar = QRect(NAME_WIDTH, row.top() + 4, bar_width, row.height() - 8)
        figures = QRect(bar.right(), row.top(), FIGURE_WIDTH, row.height())
        remark = QRect(figures.right() + ROW_PADDING, row.top(), row.width() - figures.right(), row.height())
        painter.fillRect(bar, theme.colour("grid"))
        filled = QRect(bar.left(), bar.top(), round(bar.width() * min(1.0, gauge.share)), bar.height())
        painter.fillRect(filled, theme.colour(gauge.colour))
        for room, text, font, colour, align in (
            (name, gauge.name, ui_font(), "text", LEFT),
            (figures, gauge.figures, figure_font(), "text", RIGHT),
            (remark, gauge.remark, ui_font(0.92), "muted", LEFT),
        ):
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            metrics = painter.fontMetrics()
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room.width()))
            painter.drawText(room, align, shown)

    def _row(self) -> int:
        return QFontMetrics(figure_font()).height() + ROW_PADDING
