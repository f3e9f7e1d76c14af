"""A row of named figures: the name muted, the figure plain. What does not fit is left out from the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import active, figure_font, ui_font
from gui.widgets.plain_text import tip

GAP = 14
NAME_GAP = 4
CENTRED = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Figure(NamedTuple):
    """One figure: its name, how it reads, the widest it usually gets, a colour of the theme, and what it means."""

    name: str
    text: str
    sample: str
    colour: str = "text"
    hint: str = ""


class FigureStrip(QWidget):
    """Paints figures in places that stand still while their digits change."""

    def __init__(
        self, name: str, parent: QWidget | None = None, *, to_right: bool = False, margin: int = 0
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._margin = margin
        self._to_right = to_right
        self._figures: tuple[Figure, ...] = ()
        self._names = ui_font(0.92)
        self._digits = figure_font()
        self._name_metrics = QFontMetrics(self._names)
        self._metrics = QFontMetrics(self._digits)
        self._places: list[QRect] = []
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is shown, or would be with more room."""
        return self._figures

    @property
    def places(self) -> dict[str, QRect]:
        """Where each figure there is room for stands, by name."""
        return {figure.name: place for figure, place in zip(self._figures, self._places, strict=False)}

    def text_of(self, name: str) -> str:
        """Return how a figure reads now; empty when there is none of this name."""
        return next((figure.text for figure in self._figures if figure.name == name), "")

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show these, the most important first."""
        if tuple(figures) == self._figures:
            return
        before, self._figures = self._figures, tuple(figures)
        self.setAccessibleDescription(", ".join(f"{figure.name} {figure.text}" for figure in figures))
        if not self._arrange():
            for was, now, place in zip(before, self._figures, self._places, strict=False):
                if was != now:
                    self.update(place)

    def strike(self, struck: bool) -> None:
        """Strike the figures through, or not."""
        self._digits.setStrikeOut(struck)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._margin + sum(map(self._width, self._figures)), self._metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, dirty = QPainter(self), active(), event.region()
        for figure, place in zip(self._figures, self._places, strict=False):
            if not dirty.intersects(place):
                continue
            painter.setFont(self._names)
            painter.setPen(theme.colour("muted"))
            painter.drawText(place, CENTRED, figure.name)
            painter.setFont(self._digits)
            painter.setPen(theme.colour(figure.colour))
            painter.drawText(place.adjusted(self._name_width(figure.name), 0, 0, 0), CENTRED, figure.text)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tell(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _tell(self, at: QPoint, on_screen: QPoint) -> None:
        shown = zip(self._figures, self._places, strict=False)
        hint = next((figure.hint for figure, place in shown if place.contains(at)), "")
        QToolTip.showText(on_screen, tip(hint), self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> bool:
        """Give each figure its place, as many as fit; whether that moved any."""
        widths = [self._width(figure) for figure in self._figures]
        while widths and self._margin + sum(widths) > self.width():
            widths.pop()
        left = self.width() - sum(widths) if self._to_right else self._margin
        places = []
        for width in widths:
            places.append(QRect(left, 0, width, self.height()))
            left += width
        before, self._places = self._places, places
        if places != before:
            self.update()
        return places != before

    def _width(self, figure: Figure) -> int:
        digits = max(self._metrics.horizontalAdvance(text) for text in (figure.text, figure.sample))
        return self._name_width(figure.name) + digits + GAP

    def _name_width(self, name: str) -> int:
        return self._name_metrics.horizontalAdvance(name) + NAME_GAP if name else 0
