"""The keys of all commands over the window, while Alt is held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from gui.keymap import Keymap, key_rows
from gui.theme import active
from gui.widgets.keys_dialog import key_grid

DELAY_MS = 350
"""Alt for a menu is shorter."""

COLUMNS = 3


class KeysOverlay(QFrame):
    """Shown by holding Alt alone in the window; gone when it is let go or anything else happens."""

    def __init__(self, window: QWidget, keymap: Keymap) -> None:
        super().__init__(window)
        self._owner = window
        self.setObjectName("keys_overlay")
        self._keymap = keymap
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(DELAY_MS)
        self._wait.timeout.connect(self._open)
        self._body = QWidget(self)
        self._room = QVBoxLayout(self)
        self._room.addWidget(self._body)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Keys"))
        window.installEventFilter(self)
        self.hide()

    def stop(self) -> None:
        """Listen no more."""
        self._owner.removeEventFilter(self)
        self._close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QKeyEvent) and kind == QEvent.Type.ShortcutOverride:
            self._pressed(event)
        elif kind in (QEvent.Type.WindowDeactivate, QEvent.Type.MouseButtonPress) or (
            isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyRelease and not event.isAutoRepeat()
        ):
            self._close()
        return False

    def _pressed(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Alt:
            self._close()
        elif not event.isAutoRepeat() and not self._wait.isActive() and self.isHidden():
            self._wait.start()
            _app().installEventFilter(self)

    def _close(self) -> None:
        self._wait.stop()
        _app().removeEventFilter(self)
        self.hide()

    def _open(self) -> None:
        theme = active()
        self.setStyleSheet(
            f"#keys_overlay {{ background: {theme.raised}; border: 2px solid {theme.focus}; }}"
            f"QLabel {{ color: {theme.text}; }}"
        )
        self._body.setParent(None)
        self._body.deleteLater()
        self._body = key_grid(key_rows(self._keymap), COLUMNS, self)
        self._room.addWidget(self._body)
        self.adjustSize()
        owner = self._owner
        self.resize(self.size().boundedTo(owner.size()))
        self.move((owner.width() - self.width()) // 2, (owner.height() - self.height()) // 2)
        self.show()
        self.raise_()


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
