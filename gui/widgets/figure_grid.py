"""Figures in a grid: each under its name, in as many columns as fit. Painted, because they change every second."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import active, figure_font, ui_font
from gui.widgets.figure_strip import Figure
from gui.widgets.plain_text import tip

CELL_WIDTH = 118
PADDING = 6
GAP = 2


class FigureGrid(QWidget):
    """Names above, values below. Its height follows its width."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Figure, ...] = ()
        self._names, self._digits = ui_font(0.86), figure_font()
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is shown."""
        return self._figures

    @property
    def cell_width(self) -> int:
        """The least room a figure gets, pixels: no name is cut, however large the letters are."""
        metrics = QFontMetrics(self._names)
        names = (metrics.horizontalAdvance(figure.name) for figure in self._figures)
        return max(CELL_WIDTH, max(names, default=0) + 2 * PADDING + 1)

    def text_of(self, name: str) -> str:
        """Return how a figure reads now; empty when there is none of this name."""
        return next((figure.text for figure in self._figures if figure.name == name), "")

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show these, in this order."""
        if tuple(figures) == self._figures:
            return
        before, self._figures = self._figures, tuple(figures)
        self.setAccessibleDescription(", ".join(f"{figure.name} {figure.text}" for figure in figures))
        if [figure.name for figure in before] != [figure.name for figure in figures]:
            self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = -(-len(self._figures) // self._columns(width)) if self._figures else 1
        return rows * self._cell_height()

    def sizeHint(self) -> QSize:
        # One row: the least a scrolled page must have. How many there are is told by ``heightForWidth``.
        return QSize(self.cell_width, self._cell_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), active()
        painter.setPen(theme.colour("grid"))
        for figure, place in self._places():
            painter.setPen(theme.colour("grid"))
            painter.drawRect(place)
            inner = place.adjusted(PADDING, GAP, -PADDING, -GAP)
            self._write(painter, inner, figure)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hint = next((figure.hint for figure, place in self._places() if place.contains(event.pos())), "")
            QToolTip.showText(event.globalPos(), tip(hint), self)
            return True
        return super().event(event)

    def _write(self, painter: QPainter, room: QRect, figure: Figure) -> None:
        theme = active()
        for font, colour, text, side in (
            (self._names, "muted", figure.name, Qt.AlignmentFlag.AlignTop),
            (self._digits, figure.colour, figure.text, Qt.AlignmentFlag.AlignBottom),
        ):
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, side | Qt.AlignmentFlag.AlignLeft, shown)

    def _places(self) -> list[tuple[Figure, QRect]]:
        columns, height = self._columns(self.width()), self._cell_height()
        width = self.width() // columns
        return [
            (figure, QRect(at % columns * width, at // columns * height, width - 1, height - 1))
            for at, figure in enumerate(self._figures)
        ]

    def _columns(self, width: int) -> int:
        return max(1, width // self.cell_width)

    def _cell_height(self) -> int:
        return QFontMetrics(self._names).height() + QFontMetrics(self._digits).height() + 3 * GAP
