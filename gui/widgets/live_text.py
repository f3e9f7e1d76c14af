"""A line of text that changes many times a second without asking the window to lay itself out anew."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

SIDES = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class LiveText(QWidget):
    """Paints plain text in the palette's colour, elided on the right. Its size follows ``sample``, not the text.

    Where the text does not fit, the first of the shorter ones that does stands for it.
    A label would invalidate every layout up to the main window with each new text.
    """

    def __init__(self, font: QFont, sample: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._shorter: tuple[str, ...] = ()
        self._sample = sample
        self.setFont(font)
        horizontal = QSizePolicy.Policy.Fixed if sample else QSizePolicy.Policy.Ignored
        self.setSizePolicy(horizontal, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return what is shown."""
        return self._text

    def show_text(self, text: str, *shorter: str) -> None:
        """Show a text, or what stands for it where there is no room, the longest first."""
        if text != self._text:
            self._text, self._shorter = text, shorter
            self.setAccessibleDescription(text)
            self.update()

    def strike(self, struck: bool) -> None:
        """Strike the text through, or not."""
        font = self.font()
        if font.strikeOut() is not struck:
            font.setStrikeOut(struck)
            self.setFont(font)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._sample), metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(self.rect(), SIDES, self.painted())

    def painted(self) -> str:
        """Return what there is room for."""
        metrics, width = QFontMetrics(self.font()), self.width()
        texts = (self._text, *self._shorter)
        fitting = (text for text in texts if metrics.horizontalAdvance(text) <= width)
        return next(fitting, metrics.elidedText(texts[-1], Qt.TextElideMode.ElideRight, width))
