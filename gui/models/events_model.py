"""Rows of the event log: what happened to lines, books and orders, newest first."""

from __future__ import annotations

from PySide6.QtCore import QObject

from core.processing.health_store import HealthEvent
from core.processing.stores import Stores
from gui import formats
from gui.models.keyed_table import Column, KeyedTable

COLUMNS: tuple[Column[HealthEvent], ...] = (
    Column("Time", "23:59:59.999", lambda e: formats.clock_time(e.at, millis=True), lambda e: e.at),
    Column("Source", "private line", lambda e: formats.plain(e.source), lambda e: e.source, figures=False),
    Column("Event", "", lambda e: formats.plain(e.text), lambda e: e.text, figures=False, stretch=True),
)


class EventsModel(KeyedTable[HealthEvent, HealthEvent]):
    """Events are their own keys."""

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, lambda event: event, parent)
        self._stores = stores

    def reload(self) -> None:
        """Take in new events."""
        self.set_keys(reversed(self._stores.health.events))
