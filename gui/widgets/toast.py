"""A short note over the window that goes away by itself; also told to screen readers."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from gui.formats import plain
from gui.theme import active
from gui.widgets.plain_text import PlainLabel

SHOWN_MS = 4_000
WARNING_MS = 9_000
MARGIN = 40
MOST_WIDTH = 520


class Toast(PlainLabel):
    """One note at a time, the newest; a click dismisses it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.setMaximumWidth(MOST_WIDTH)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def tell(self, text: str, *, warning: bool = False) -> None:
        """Show a note; warnings stay longer and are marked."""
        theme = active()
        edge = theme.warning if warning else theme.good
        mark = "▲ " if warning else "● "
        self.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};"
            f"border-left: 4px solid {edge}; padding: 8px 12px;"
        )
        self.setWordWrap(self.fontMetrics().horizontalAdvance(mark + plain(text)) > MOST_WIDTH - 2 * MARGIN)
        self.setText(mark + plain(text))
        self.setAccessibleName(self.text())
        self.adjustSize()
        owner = self.parentWidget()
        if owner is not None:
            self.move((owner.width() - self.width()) // 2, owner.height() - self.height() - MARGIN)
        self.show()
        self.raise_()
        self._timer.start(WARNING_MS if warning else SHOWN_MS)

    def mousePressEvent(self, event: object) -> None:
        self.hide()
