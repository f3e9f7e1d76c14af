"""A button whose words are never cut: they grow smaller until they fit."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from gui.theme import ui_font

SCALES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7)
PADDING = 14


class FittingButton(QPushButton):
    """A push button for texts of changing length in a place of fixed width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show these words, as large as they fit."""
        if text != self.text():
            self.setText(text)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - PADDING
        fonts = [ui_font(scale, bold=True) for scale in SCALES]
        text = self.text()
        font = next((f for f in fonts if QFontMetrics(f).horizontalAdvance(text) <= room), fonts[-1])
        if font != self.font():
            self.setFont(font)
