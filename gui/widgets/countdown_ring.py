"""A ring that empties, with the seconds left inside: how long until the dead-man's switch fires."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import active, figure_font
from gui.widgets.plain_text import tip

SIDE = 22
PEN = 3
FULL = 360 * 16
WARN_SHARE = 0.4


class CountdownRing(QWidget):
    """``clicked`` when it is. Empty and with a dash while nothing runs."""

    clicked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._left: float | None = None
        self._share = 0.0
        self._alarm = False
        self.setObjectName("dead_man_ring")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)

    @property
    def text(self) -> str:
        """What stands inside."""
        if self._alarm:
            return "!"
        return "–" if self._left is None else f"{self._left:.0f}"

    def show_left(self, left: float | None, whole: float, words: str, *, alarm: bool = False) -> None:
        """Show seconds left of so many; ``words`` say the rest. ``alarm`` when something happened."""
        share = 0.0 if left is None else min(1.0, left / whole)
        if (left, share, alarm) != (self._left, self._share, self._alarm):
            self._left, self._share, self._alarm = left, share, alarm
            self.update()
        if self.toolTip() != tip(words):
            self.setToolTip(tip(words))
            self.setAccessibleDescription(words)

    def sizeHint(self) -> QSize:
        return QSize(SIDE + 12, SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), active()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(PEN / 2 + 2, PEN / 2, SIDE - PEN, SIDE - PEN)
        painter.setPen(QPen(theme.colour("danger" if self._alarm else "grid"), PEN))
        painter.drawEllipse(room)
        if self._left is not None and not self._alarm:
            colour = "warning" if self._share < WARN_SHARE else "good"
            painter.setPen(QPen(theme.colour(colour), PEN, c=Qt.PenCapStyle.FlatCap))
            painter.drawArc(room, 90 * 16, round(FULL * self._share))
        painter.setFont(figure_font(0.72))
        painter.setPen(
            theme.colour("danger" if self._alarm else "text" if self._left is not None else "muted")
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
