"""Brings alerts to the user: a sound, the tray, the banner or a note. Says how each was brought."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from core.app.alert_rules import Severity
from core.app.alerts import Alert
from gui.formats import plain
from gui.sounds import Sounds
from gui.widgets.alert_banner import AlertBanner
from gui.widgets.toast import Toast

TRAY_MS = 8_000


class Speaker(Protocol):
    """What makes sounds."""

    @property
    def word(self) -> str:
        """How a sound is made."""
        ...

    def play(self, name: str) -> None:
        """Begin a sound."""
        ...

    def stop(self) -> None:
        """Be silent."""
        ...


class AlertDelivery(QObject):
    """``deliver`` is what the engine calls. Notices get a note, warnings and alarms the banner and the tray."""

    def __init__(
        self, banner: AlertBanner, toast: Toast, icon: QIcon, parent: QObject, speaker: Speaker | None = None
    ) -> None:
        super().__init__(parent)
        self._banner = banner
        self._toast = toast
        self.speaker: Speaker = speaker or Sounds(self)
        self._tray: QSystemTrayIcon | None = None
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._tray = QSystemTrayIcon(icon, self)
            self._tray.show()

    def deliver(self, alert: Alert) -> str:
        """Tell the user, and return how."""
        self.speaker.play(alert.sound)
        ways = [self.speaker.word]
        if alert.severity is Severity.NOTICE:
            is_fill = alert.key == "fill"
            text = f"{alert.title}: {plain(alert.text)}" if is_fill else alert.words
            self._toast.tell(text, warning=not is_fill)
            return ", ".join([*ways, "note"])
        if self._tray is not None:
            self._tray.showMessage(
                plain(alert.title),
                plain(f"{alert.text}. {alert.action}"),
                QSystemTrayIcon.MessageIcon.Warning,
                TRAY_MS,
            )
            ways.append("tray")
        self._banner.show_alert(alert)
        return ", ".join([*ways, "banner"])

    def stop(self) -> None:
        """Be silent and take the icon out of the tray."""
        self.speaker.stop()
        if self._tray is not None:
            self._tray.hide()
