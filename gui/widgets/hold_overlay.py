"""What happens if a key is held on: said over the window, with the time that is left, while the key is down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from gui import formats
from gui.theme import active, ui_font
from gui.widgets.hold_button import HOLD_MS, STEP_MS

HEIGHT, MARGIN, BAR = 52, 24, 5


class HoldOverlay(QWidget):
    """One wish at a time. Letting the key go, another key, and leaving the window end it; so does ``cancel``."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._owner = window
        self.setObjectName("hold_overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self._done: Callable[[], None] | None = None
        self._colour = "warning_back"
        self._held = QElapsedTimer()
        self._step = QTimer(self)
        self._step.setInterval(STEP_MS)
        self._step.timeout.connect(self._hold_on)
        self.hide()

    @property
    def is_held(self) -> bool:
        """Whether a key is being held."""
        return self._step.isActive()

    def begin(self, text: str, colour: str, done: Callable[[], None]) -> None:
        """Say what the key that was just pressed will do; do it when it has been held long enough."""
        if self.is_held:
            return
        lines = [formats.plain(line) for line in text.splitlines()]
        self.text, self._colour, self._done = "\n".join(lines), colour, done
        self.setAccessibleName(self.text)
        owner = self._owner
        metrics = QFontMetrics(ui_font(1.1, bold=True))
        width = max(metrics.horizontalAdvance(line) for line in lines) + 2 * MARGIN
        width = min(width, owner.width() - 2 * MARGIN)
        height = HEIGHT + (len(lines) - 1) * metrics.lineSpacing()
        self.setGeometry((owner.width() - width) // 2, owner.height() // 3, width, height)
        self.show()
        self.raise_()
        self._held.start()
        self._step.start()
        _app().installEventFilter(self)

    def cancel(self) -> None:
        """It was let go too early."""
        if self.is_held:
            self._step.stop()
            _app().removeEventFilter(self)
            self._done = None
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # On the application only while a key is down: releases do not always reach the window.
        kind = event.type()
        if kind in (QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride):
            if isinstance(event, QKeyEvent) and not event.isAutoRepeat():
                self.cancel()
        elif kind == QEvent.Type.WindowDeactivate and watched is self._owner:
            self.cancel()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = active(), QPainter(self)
        painter.fillRect(self.rect(), theme.colour(self._colour))
        painter.setPen(theme.colour("on_fill"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setFont(ui_font(1.1, bold=True))
        room = self.rect().adjusted(8, 2, -8, -BAR - 2)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.text)
        done = min(1.0, self._held.elapsed() / HOLD_MS) if self.is_held else 0.0
        bar = self.rect().adjusted(1, self.height() - BAR - 1, -1, -1)
        bar.setWidth(int(bar.width() * done))
        painter.fillRect(bar, theme.colour("on_fill"))

    def _hold_on(self) -> None:
        if self._held.elapsed() < HOLD_MS:
            self.update()
            return
        done = self._done
        self.cancel()
        if done is not None:
            done()


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
