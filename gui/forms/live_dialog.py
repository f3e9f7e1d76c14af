"""What live mode asks before real money is at stake: the pre-flight, then its word.

The word is asked once a session, and again after nobody was at the desk.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from core.app.live_guard import WORD, LiveGuard
from core.app.preflight import Preflight
from gui.forms.preflight_dialog import PreflightDialog
from gui.widgets.plain_text import PlainLabel

LOOK_MS = 1000
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.TouchBegin,
        QEvent.Type.Wheel,
    }
)


class LiveDialog(QDialog):
    """Opened with ``open()``. Closing it without the word leaves new orders locked; cancels work anyway."""

    def __init__(self, guard: LiveGuard, parent: QWidget) -> None:
        super().__init__(parent)
        self._guard = guard
        self.setObjectName("live_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Live trading"))
        words = self.tr("Orders sent from now on are real. Type %1 to unlock them.").replace("%1", WORD)
        self.word = QLineEdit(self)
        self.word.setAccessibleName(self.tr("The word that unlocks live trading"))
        self.word.setPlaceholderText(WORD)
        buttons = QDialogButtonBox(self)
        self.unlock = buttons.addButton(self.tr("Unlock"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.tr("Stay locked"), QDialogButtonBox.ButtonRole.RejectRole)
        self.unlock.setEnabled(False)
        self.word.textChanged.connect(lambda text: self.unlock.setEnabled(text.strip() == WORD))
        buttons.accepted.connect(self._confirm)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(PlainLabel(words, self))
        layout.addWidget(self.word)
        layout.addWidget(buttons)

    def _confirm(self) -> None:
        if self._guard.confirm(self.word.text()):
            self.accept()


class LiveWatch(QObject):
    """Tells the guard of input to a window and asks for the word whenever the guard has locked."""

    def __init__(self, guard: LiveGuard, preflight: Preflight, window: QWidget) -> None:
        super().__init__(window)
        self._guard = guard
        self._preflight = preflight
        self._is_flown = preflight.is_done
        self._window = window
        self._was_locked = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        if guard.is_live:
            self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def ask(self) -> None:
        """Open the dialog that is due, once."""
        if not self._is_flown:
            if self._window.findChild(PreflightDialog) is None:
                dialog = PreflightDialog(self._preflight, self._window)
                dialog.accepted.connect(self._flown)
                dialog.open()
        elif self._guard.is_locked and self._window.findChild(LiveDialog) is None:
            LiveDialog(self._guard, self._window).open()

    def _flown(self) -> None:
        self._is_flown = True
        self.ask()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self._guard.touched()
        return False

    def _look(self) -> None:
        handle = self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)  # again does no harm; the handle may be another after a move
        self._guard.look()
        if self._guard.is_locked and not self._was_locked:
            self.ask()
        self._was_locked = self._guard.is_locked
