"""The alerts: which rules hold, which are silenced, a test of each, and the log of what was told."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from core.app.session import TradingSession
from gui.models.alerts_model import DeliveriesModel, RulesModel
from gui.widgets.panel import Attach, Panel
from gui.widgets.table import Table

MINUTE_S = 60
SHARES = (3, 2)


class AlertsView(Panel):
    """Rules left, deliveries right. Buttons act on the selected rules."""

    def __init__(self, session: TradingSession, parent: QWidget | None = None) -> None:
        super().__init__("Alerts", parent)
        self._engine = session.alerting
        self.rules = RulesModel(self._engine, session.clock, self)
        self.rule_table = Table(self.rules, "Alert rules", self)
        self.deliveries = DeliveriesModel(self._engine, self)
        self.log_table = Table(self.deliveries, "Told alerts", self)
        self.log_table.empty_text = self.tr("What was told, and how it reached you, is listed here.")
        self.test = self._button(self.tr("Test"), self._test)
        self.mute_short = self._button(self.tr("Mute 10 min"), lambda: self._mute(10 * MINUTE_S))
        self.mute_long = self._button(self.tr("Mute 1 h"), lambda: self._mute(60 * MINUTE_S))
        self.unmute = self._button(self.tr("Unmute"), lambda: self._mute(0))
        self.rule_table.selectionModel().selectionChanged.connect(lambda *_: self._judge_buttons())
        bar = QHBoxLayout()
        bar.setContentsMargins(2, 2, 2, 2)
        bar.setSpacing(4)
        for button in (self.test, self.mute_short, self.mute_long, self.unmute):
            bar.addWidget(button)
        bar.addStretch(1)
        tables = QSplitter(Qt.Orientation.Horizontal, self)
        tables.setChildrenCollapsible(False)
        for table, share in zip((self.rule_table, self.log_table), SHARES, strict=True):
            table.setMinimumWidth(120)
            tables.addWidget(table)
            tables.setStretchFactor(tables.count() - 1, share)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(tables, 1)
        self._judge_buttons()

    def attachments(self) -> list[Attach]:
        return [lambda: self._engine.observe(self._changed)]

    def refresh(self) -> None:
        self.rules.reload()
        self.deliveries.reload()

    def every_second(self) -> None:
        """Let spans grow and shrink."""
        if self.isVisible():
            self.rules.told(self.rules.keys())

    def _button(self, text: str, act: object) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(act)
        return button

    def _changed(self, keys: frozenset[str]) -> None:
        self.rules.told(keys)
        if "log" in keys:
            self.deliveries.reload()

    def _test(self) -> None:
        for key in self.rule_table.selected_keys():
            self._engine.test(key)
        self._engine.flush()

    def _mute(self, seconds: float) -> None:
        for key in self.rule_table.selected_keys():
            self._engine.mute(key, seconds)
        self._engine.flush()

    def _judge_buttons(self) -> None:
        chosen = bool(self.rule_table.selected_keys())
        for button in (self.test, self.mute_short, self.mute_long, self.unmute):
            button.setEnabled(chosen)
