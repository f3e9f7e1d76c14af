"""Fills of our orders, newest first."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.app.session import TradingSession
from gui.models.fills_model import FillsModel
from gui.widgets.panel import Attach, Panel
from gui.widgets.table import Table


class FillsView(Panel):
    """Every execution once."""

    def __init__(self, session: TradingSession, parent: QWidget | None = None) -> None:
        super().__init__("Fills", parent)
        self._session = session
        self.model = FillsModel(session.stores, self)
        self.table = Table(self.model, "Fills", self)
        self.table.empty_text = self.tr("Executions of your orders appear here, newest first.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)

    def attachments(self) -> list[Attach]:
        return [lambda: self._session.stores.fills.observe(lambda _: self.refresh())]

    def refresh(self) -> None:
        self.model.reload()
