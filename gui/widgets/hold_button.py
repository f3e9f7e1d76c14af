"""A send button that, where the order is unusual, must be held: long enough to read what is written on it."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import active
from gui.widgets.fitting_button import FittingButton

HOLD_MS = 800
STEP_MS = 30
BAR_HEIGHT = 4


class HoldButton(FittingButton):
    """``sent`` once for each click, or once it was held for ``HOLD_MS`` while ``must_hold``; letting go ends it."""

    sent = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.must_hold = False
        self._held = QElapsedTimer()
        self._step = QTimer(self)
        self._step.setInterval(STEP_MS)
        self._step.timeout.connect(self._hold_on)
        self.setAutoRepeat(False)
        self.pressed.connect(self.begin)
        self.released.connect(self.let_go)
        self.clicked.connect(self._clicked)

    @property
    def is_held(self) -> bool:
        """Whether it is being held now."""
        return self._step.isActive()

    def require_hold(self, required: bool) -> None:
        """Have the next send held, or clicked as usual."""
        if required != self.must_hold:
            self.must_hold = required
            self.let_go()

    def begin(self) -> None:
        """It, or its key, was pressed."""
        if self.must_hold and self.isEnabled():
            self._held.start()
            self._step.start()
            self.update()

    def let_go(self) -> None:
        """It, or its key, was released."""
        if self._step.isActive():
            self._step.stop()
            self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        self.let_go()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not (self.must_hold and self.isEnabled()):
            return
        painter = QPainter(self)
        room = self.rect().adjusted(1, self.height() - BAR_HEIGHT - 1, -1, -1)
        rail = QColor(active().on_fill)
        rail.setAlpha(70)
        painter.fillRect(room, rail)
        if self._step.isActive():
            done = min(1.0, self._held.elapsed() / HOLD_MS)
            room.setWidth(int(room.width() * done))
            painter.fillRect(room, QColor(active().on_fill))

    def _hold_on(self) -> None:
        if not self.isEnabled():
            self.let_go()
        elif self._held.elapsed() >= HOLD_MS:
            self.let_go()
            self.sent.emit()
        else:
            self.update()

    def _clicked(self) -> None:
        if not self.must_hold:
            self.sent.emit()
