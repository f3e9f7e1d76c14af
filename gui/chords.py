"""Esc Esc and Ctrl+Esc Ctrl+Esc: the keys that cancel orders, wherever the keyboard is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from core.runtime.clock import NS_PER_MS, Clock

CHORD_MS = 600
"""Two presses within this time make the chord."""


class CancelChords(QObject):
    """Counts presses of Esc without taking them away: a first one still closes a dialog or ends a search.

    Listens to the main window and to whichever other window has the keyboard. Key repeat never counts.
    """

    cancel_pair = Signal()
    cancel_everything = Signal()

    def __init__(self, clock: Clock, window: QWidget) -> None:
        super().__init__(window)
        self._clock = clock
        self._window = window
        self._other: QWidget | None = None
        self._last: tuple[bool, int] | None = None
        window.installEventFilter(self)
        _app().focusChanged.connect(self._focus_moved)

    def stop(self) -> None:
        """Listen no more."""
        _app().focusChanged.disconnect(self._focus_moved)
        self._window.removeEventFilter(self)
        self._listen_to(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Shortcut overrides come before any widget may swallow the key, and climb up to the window.
        # The class is asked first: it is the cheaper question, and paintings come by here too.
        override = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(watched, QWidget) and watched.isWindow():
            self._note(event)  # type: ignore[arg-type]  # narrowed above
        return False

    def _note(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or event.isAutoRepeat():
            return
        wide = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        now, last = self._clock.mono_ns(), self._last
        if last is not None and last[0] is wide and now - last[1] <= CHORD_MS * NS_PER_MS:
            self._last = None
            (self.cancel_everything if wide else self.cancel_pair).emit()
        else:
            self._last = (wide, now)

    def _focus_moved(self, _: QWidget | None, now: QWidget | None) -> None:
        window = now.window() if now is not None else None
        self._listen_to(window if window is not self._window else None)

    def _listen_to(self, other: QWidget | None) -> None:
        if other is self._other:
            return
        if self._other is not None:
            self._other.removeEventFilter(self)
        self._other = other
        if other is not None:
            other.installEventFilter(self)
            other.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._other = None


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
