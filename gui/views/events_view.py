"""The event log: connections, resyncs, refusals and our own orders, with their time and cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.app.session import TradingSession
from core.processing.event_kinds import EventKind, Grade
from core.processing.health_store import HealthEvent
from core.runtime.clock import NS_PER_S
from gui import formats
from gui.models.events_model import EventsModel
from gui.views.row_copy import copy_rows
from gui.widgets.panel import Attach, Panel
from gui.widgets.table import Table

POLL_MS = 500

Export = Callable[[Sequence[HealthEvent], Path], None]


class EventsView(Panel):
    """What happened, newest first, filtered by source, severity and words. Ctrl+C copies the selected rows.

    ``export`` is handed the rows shown and the file the user chose. Orders are read anew twice a second at most.
    """

    def __init__(self, session: TradingSession, export: Export, parent: QWidget | None = None) -> None:
        super().__init__("Events", parent)
        self._session = session
        self._export = export
        self._orders_changed = False
        self.model = EventsModel(session.stores, self)
        self.table = Table(self.model, "Events", self)
        self.about = QComboBox(self)
        self.about.setAccessibleName(self.tr("What events are about"))
        self.about.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.least = QComboBox(self)
        self.least.setAccessibleName(self.tr("Least severity"))
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(self.tr("Filter"))
        self.words.setAccessibleName(self.tr("Filter events"))
        self.words.setClearButtonEnabled(True)
        self.orders = QCheckBox(self.tr("Own orders"), self)
        self.orders.setChecked(True)
        self.save_as = QPushButton(self.tr("Export…"), self)
        self.save_as.setToolTip(self.tr("Writes the rows shown as CSV, without secrets and account ids"))
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._take_orders)
        self._fill_choices()
        self._lay_out()
        self._connect()

    def attachments(self) -> list[Attach]:
        stores = self._session.stores
        return [
            lambda: stores.health.observe(self._changed),
            lambda: stores.orders.observe(self._note_orders),
            self._start_polling,
        ]

    def refresh(self) -> None:
        self._show_sources()
        self._filter()

    def problem(self) -> str:
        return "" if self._session.stores.health.events else "no event was ever logged"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected rows into the clipboard, oldest first."""
        copy_rows(self.table, self.model, _line)

    def choose_file(self) -> None:
        """Ask where the rows shown shall be written."""
        now = datetime.fromtimestamp(self._session.clock.wall_ns() // NS_PER_S, UTC)
        name = Path.home() / f"tidewire-events-{now:%Y%m%dT%H%M%SZ}.csv"
        dialog = QFileDialog(self, self.tr("Export events"), str(name), self.tr("Tables (*.csv)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda file: self._export(list(self.model.keys()), Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _fill_choices(self) -> None:
        kinds = {
            EventKind.LINES: self.tr("Lines"),
            EventKind.CHANNELS: self.tr("Channels"),
            EventKind.ORDERS: self.tr("Orders"),
            EventKind.ACCOUNT: self.tr("Account"),
            EventKind.PROGRAM: self.tr("Program"),
        }
        self.about.addItem(self.tr("Everything"), None)
        for kind, title in kinds.items():
            self.about.addItem(title, kind)
        self.about.insertSeparator(self.about.count())
        self._fixed = self.about.count()
        self.least.addItem(self.tr("All"), Grade.INFO)
        self.least.addItem(self.tr("Warnings"), Grade.WARNING)
        self.least.addItem(self.tr("Errors"), Grade.ERROR)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(2, 2, 2, 2)
        bar.setSpacing(4)
        for control in (self.about, self.least):
            bar.addWidget(control)
        bar.addWidget(self.words, 1)
        bar.addWidget(self.orders)
        bar.addWidget(self.save_as)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.table)

    def _connect(self) -> None:
        self.about.currentIndexChanged.connect(lambda _: self._filter())
        self.least.currentIndexChanged.connect(lambda _: self._filter())
        self.words.textChanged.connect(lambda _: self._filter())
        self.orders.toggled.connect(lambda _: self._filter())
        self.save_as.clicked.connect(self.choose_file)

    def _show_sources(self) -> None:
        """Offer what has told something so far; what is offered once stays, so that no list moves under a click."""
        offered = {self.about.itemText(at) for at in range(self._fixed, self.about.count())}
        for source in self.model.sources():
            if formats.plain(source) not in offered:
                self.about.addItem(formats.plain(source), source)

    def _filter(self) -> None:
        model, about = self.model, self.about.currentData()
        # A combo box hands an enumeration of texts back as its text.
        known = about in set(EventKind) and self.about.currentIndex() < self._fixed
        model.about = EventKind(about) if known else about
        model.least = Grade(self.least.currentData())
        model.filter = self.words.text()
        model.with_orders = self.orders.isChecked()
        self._orders_changed = False
        nothing = not self._session.stores.health.events
        self.table.empty_text = (
            self.tr("Connections, resyncs and refusals are listed here as they happen.")
            if nothing
            else self.tr("No event passes this filter.")
        )
        model.reload()
        self.save_as.setEnabled(bool(model.rowCount()))

    def _changed(self, keys: frozenset[str]) -> None:
        if "events" in keys:
            self.refresh()

    def _note_orders(self, _: object) -> None:
        self._orders_changed = True

    def _take_orders(self) -> None:
        if self._orders_changed:
            self._filter()

    def _start_polling(self) -> Callable[[], None]:
        self._poll.start()
        return self._poll.stop


def _line(event: HealthEvent) -> str:
    return f"{formats.moment(event.at)} {formats.plain(event.source)} {formats.plain(event.text)}"
