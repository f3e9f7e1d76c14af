"""The event log: connections, resyncs, refusals, with their time and cause."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.app.session import TradingSession
from gui.models.events_model import EventsModel
from gui.widgets.panel import Attach, Panel
from gui.widgets.table import Table


class EventsView(Panel):
    """What happened to the lines and the books, newest first."""

    def __init__(self, session: TradingSession, parent: QWidget | None = None) -> None:
        super().__init__("Events", parent)
        self._session = session
        self.model = EventsModel(session.stores, self)
        self.table = Table(self.model, "Events", self)
        self.table.empty_text = self.tr("Connections, resyncs and refusals are listed here as they happen.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)

    def attachments(self) -> list[Attach]:
        return [lambda: self._session.stores.health.observe(self._changed)]

    def refresh(self) -> None:
        self.model.reload()

    def problem(self) -> str:
        return "" if self.model.rowCount() else "no event was ever logged"

    def _changed(self, keys: frozenset[str]) -> None:
        if "events" in keys:
            self.refresh()
