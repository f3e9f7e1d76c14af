"""The controls above the chart: interval, log scale, averages and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QWidget

from gui.views.indicators import LENGTHS, Kind, Study

INTERVALS: Mapping[str, int] = {
    "1m": 1,
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "4h": 240,
    "1D": 1440,
    "1W": 10080,
    "15D": 21600,
}
"""Kraken's, in minutes."""

FIRST_STUDIES = (Study(Kind.EMA, 20), Study(Kind.EMA, 50), Study(Kind.VWAP))
ROOM_FOR_ALL = 470
"""Pixels. In less the intervals become a menu."""


class ChartBar(QWidget):
    """Tells what was chosen; holds nothing but that."""

    interval_chosen = Signal(int)
    log_toggled = Signal(bool)
    studies_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 1, 6, 1)
        layout.setSpacing(1)
        self._intervals = QMenu(self)
        self._group = QActionGroup(self._intervals)
        self._row = QButtonGroup(self)
        self.interval_menu = self._button("")
        self.interval_menu.setMenu(self._intervals)
        self.interval_menu.setAccessibleName(self.tr("Interval"))
        layout.addWidget(self.interval_menu)
        for word, minutes in INTERVALS.items():
            layout.addWidget(self._interval(word, minutes))
        layout.addSpacing(8)
        self.log = self._button(self.tr("log"))
        self.log.setCheckable(True)
        self.log.setToolTip(self.tr("Logarithmic price scale"))
        self.log.toggled.connect(self.log_toggled)
        layout.addWidget(self.log)
        self.study_menu = QMenu(self)
        self._actions: dict[Study, QAction] = {}
        layout.addWidget(self._studies_button())
        self.alert_menu = QMenu(self)
        alerts = self._button(self.tr("Alerts"))
        alerts.setMenu(self.alert_menu)
        layout.addWidget(alerts)
        layout.addStretch(1)
        self._layout = layout

    @property
    def studies(self) -> list[Study]:
        """The averages chosen, in the order of the menu."""
        return [study for study, action in self._actions.items() if action.isChecked()]

    def choose_studies(self, studies: Iterable[Study]) -> None:
        """Choose exactly these, as far as the menu has them."""
        wanted = set(studies)
        for study, action in self._actions.items():
            action.blockSignals(True)
            action.setChecked(study in wanted)
            action.blockSignals(False)
        self.studies_changed.emit()

    def add_age(self, age: QWidget) -> None:
        """Show how old the data is at the right end."""
        self._layout.addWidget(age)
        age.show()

    def show_interval(self, minutes: int) -> None:
        """Mark the interval shown."""
        for action in self._group.actions():
            action.setChecked(action.data() == minutes)
            if action.data() == minutes:
                self.interval_menu.setText(action.text())
        button = self._row.button(minutes)
        if button is not None:
            button.setChecked(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= ROOM_FOR_ALL
        self.interval_menu.setVisible(not wide)
        for button in self._row.buttons():
            button.setVisible(wide)

    def _button(self, word: str) -> QPushButton:
        button = QPushButton(word, self)
        button.setProperty("flat", True)
        return button

    def _interval(self, word: str, minutes: int) -> QPushButton:
        button = self._button(word)
        button.setCheckable(True)
        button.clicked.connect(lambda: self.interval_chosen.emit(minutes))
        self._row.addButton(button, minutes)
        action = self._intervals.addAction(word, lambda: self.interval_chosen.emit(minutes))
        action.setCheckable(True)
        action.setData(minutes)
        self._group.addAction(action)
        return button

    def _studies_button(self) -> QPushButton:
        button = self._button(self.tr("Averages"))
        button.setMenu(self.study_menu)
        for kind, words in (
            (Kind.EMA, self.tr("&Exponential (EMA)")),
            (Kind.SMA, self.tr("&Simple (SMA)")),
        ):
            menu = self.study_menu.addMenu(words)
            for length in LENGTHS:
                self._study(menu, Study(kind, length))
        self._study(self.study_menu, Study(Kind.VWAP))
        return button

    def _study(self, menu: QMenu, study: Study) -> None:
        action = menu.addAction(study.name)
        action.setCheckable(True)
        action.setChecked(study in FIRST_STUDIES)
        action.toggled.connect(lambda _: self.studies_changed.emit())
        self._actions[study] = action
