"""Arm and lock: one-click orders that add risk leave only while the trader has armed them on purpose."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from core.app.session import TradingSession
from core.runtime.clock import NS_PER_S
from gui.symbol_link import SymbolLink

IDLE_NS = 60 * NS_PER_S
"""Without a one-click order for this long the trader has turned to something else."""

LOOK_MS = 250


class Arming(QObject):
    """Locked at first. Locks itself when idle, when the screen or another program takes over, when the pair changes,
    when its data is not fit to trade on and when the kill switch is pulled. Cancels and amends never ask it.
    """

    changed = Signal(bool)

    def __init__(self, session: TradingSession, link: SymbolLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._link = link
        self._used_ns = 0
        self.is_armed = False
        self.reason = ""
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self.look)
        link.changed.connect(lambda _: self.lock(self.tr("the pair changed")))
        self._app = QGuiApplication.instance()
        assert isinstance(self._app, QGuiApplication)
        self._app.applicationStateChanged.connect(self._state_changed)

    def stop(self) -> None:
        """Listen no more."""
        self._look.stop()
        if isinstance(self._app, QGuiApplication):
            self._app.applicationStateChanged.disconnect(self._state_changed)

    def toggle(self) -> None:
        """Arm, or lock by hand."""
        if self.is_armed:
            self.lock("")
            return
        self.reason = self._unfit()
        self.is_armed = not self.reason
        self.used()
        if self.is_armed:
            self._look.start()
        self.changed.emit(self.is_armed)

    def used(self) -> None:
        """A one-click order left: the trader is still there."""
        self._used_ns = self._session.clock.mono_ns()

    def lock(self, reason: str) -> None:
        """Lock; ``reason`` in words, empty when the trader did it."""
        if self.is_armed:
            self.is_armed, self.reason = False, reason
            self._look.stop()
            self.changed.emit(False)

    def look(self) -> None:
        """Lock when nobody traded for long or the pair is not fit to trade on."""
        if self._session.clock.mono_ns() - self._used_ns >= IDLE_NS:
            self.lock(self.tr("idle"))
        elif unfit := self._unfit():
            self.lock(unfit)

    def _unfit(self) -> str:
        stores = self._session.stores
        if stores.health.stopped:
            return self.tr("kill switch")
        return stores.distrust_of(self._link.symbol)

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state is not Qt.ApplicationState.ApplicationActive:
            self.lock(self.tr("the window was left"))
