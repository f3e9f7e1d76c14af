"""The banner of an alert: what is wrong, what to do, and a way to silence it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolBar, QWidget

from core.app.alert_rules import Severity
from core.app.alerts import Alert, AlertEngine
from gui import formats
from gui.theme import active, ui_font
from gui.widgets.plain_text import PlainLabel

MUTE_S = 600


class AlertBanner(QToolBar):
    """Shows the latest warning or alarm until it is seen, muted, or over. Hidden otherwise."""

    def __init__(self, engine: AlertEngine, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("alert_banner")
        self.setWindowTitle(self.tr("Alert"))
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._engine = engine
        self._alert: Alert | None = None
        self.text = PlainLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setFont(ui_font(bold=True))
        self.text.setWordWrap(True)
        self.mute = QPushButton(self.tr("Mute 10 min"), self)
        self.mute.clicked.connect(self._mute)
        self.seen = QPushButton(self.tr("Seen"), self)
        self.seen.clicked.connect(self.clear)
        content = QWidget(self)
        layout = QHBoxLayout(content)
        layout.setContentsMargins(10, 2, 10, 2)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.mute)
        layout.addWidget(self.seen)
        self.addWidget(content)
        self._stop: Callable[[], None] = engine.observe(self._changed)
        self.hide()

    def stop(self) -> None:
        """Listen no longer."""
        self._stop()

    def show_alert(self, alert: Alert) -> None:
        """Show an alert unless a more urgent one stands there."""
        if self._alert is not None and self._alert.severity > alert.severity:
            return
        self._alert = alert
        mark = "×" if alert.severity is Severity.ALARM else "▲"
        test = self.tr("TEST  ") if alert.is_test else ""
        self.text.setText(f"{mark} {test}{formats.plain(alert.words)}")
        self.setAccessibleDescription(self.text.text())
        self.mute.setVisible(self._engine.state(alert.key) is not None)
        theme = active()
        back = theme.danger_back if alert.severity is Severity.ALARM else theme.warning_back
        self.setStyleSheet(f"QToolBar {{ background: {back}; }} QLabel {{ color: {theme.on_fill}; }}")
        self.show()

    def clear(self) -> None:
        """It was seen."""
        self._alert = None
        self.hide()

    def _mute(self) -> None:
        if self._alert is not None:
            self._engine.mute(self._alert.key, MUTE_S)
        self.clear()

    def _changed(self, keys: frozenset[str]) -> None:
        alert = self._alert
        if alert is None or alert.is_test or alert.key not in keys:
            return
        state = self._engine.state(alert.key)
        if state is not None and not state.is_raised:
            self.clear()
