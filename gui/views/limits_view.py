"""Limits against their use, where they are changed, and the kill switch."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.app.risk_use import limit_uses
from core.app.session import TradingSession
from core.domain.limits import RiskLimits
from gui import formats
from gui.forms.limit_editor import LimitEditor
from gui.models.limits_model import LimitsModel
from gui.symbol_link import SymbolLink
from gui.theme import ui_font
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel, tip
from gui.widgets.table import Table


class LimitsView(Panel):
    """``limits_set`` with each change the user made. ``kill`` and ``release`` work the switch."""

    limits_set = Signal(object)

    def __init__(
        self,
        session: TradingSession,
        link: SymbolLink,
        kill: Callable[[], None],
        release: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Limits", parent)
        self._session = session
        self._link = link
        self.model = LimitsModel(self)
        self.table = Table(self.model, "Limits", self)
        self.table.setSortingEnabled(False)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._choose())
        self.editor = LimitEditor(self._set, self)
        self.state = PlainLabel(self)
        self.state.setFont(ui_font(bold=True))
        self.state.setWordWrap(True)
        self.kill = QPushButton(self.tr("■ KILL: stop orders, cancel all"), self)
        self.kill.setProperty("kill", "armed")
        self.kill.setAutoRepeat(False)
        self.kill.clicked.connect(kill)
        self.release = QPushButton(self.tr("Let orders pass"), self)
        self.release.setAutoRepeat(False)
        self.release.clicked.connect(release)
        self._lay_out()
        link.changed.connect(self._symbol_changed)
        self._show_switch()

    def attachments(self) -> list[Attach]:
        stores = self._session.stores
        return [
            lambda: stores.risk.observe(lambda keys: self.refresh()),
            lambda: stores.orders.observe(lambda _: self._show_rows()),
        ]

    def refresh(self) -> None:
        self._show_rows()
        self._show_switch()

    def every_second(self) -> None:
        """Reckon anew with the latest prices."""
        if self.isVisible():
            self._show_rows()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(6, 3, 6, 3)
        head.addWidget(self.state, 1)
        head.addWidget(self.release)
        head.addWidget(self.kill)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.editor)

    def _show_rows(self) -> None:
        stores, symbol = self._session.stores, self._link.symbol
        self.editor.show_for(symbol, stores.risk.limits)
        self.model.show_rows(limit_uses(self._session.risk, stores, symbol))

    def _show_switch(self) -> None:
        risk = self._session.stores.risk
        if risk.killed:
            at = formats.clock_time(risk.killed_at)
            text = self.tr("■ KILLED %1: %2. Only cancels pass.")
            text = text.replace("%1", at).replace("%2", formats.plain(risk.killed))
        else:
            text = self.tr("%1: orders pass").replace("%1", self._link.symbol)
            text += f" · {risk.loss_state} · " + self.tr("%1 denied").replace("%1", str(risk.denied))
        self.state.setText(text)
        self.state.setToolTip(tip(text))
        self.kill.setVisible(not risk.killed)
        self.release.setVisible(bool(risk.killed))
        role = "killed" if risk.killed else "muted"
        if self.state.property("role") != role:
            self.state.setProperty("role", role)
            self.state.style().polish(self.state)

    def _symbol_changed(self) -> None:
        self.refresh()
        self._choose()

    def _choose(self) -> None:
        keys = self.table.selected_keys()
        row = self.model.row_of(keys[0]) if keys else None
        self.editor.choose(self.model.row_at(row) if row is not None else None)

    def _set(self, limits: RiskLimits) -> None:
        self._session.risk.set_limits(limits)
        self.limits_set.emit(limits)
        self.refresh()
        self._choose()
