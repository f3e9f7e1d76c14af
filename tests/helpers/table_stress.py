"""A table that is painted while its rows come, go and change places at random, with garbage around it and threads."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from random import Random

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from core.runtime.clock import SystemClock
from core.runtime.watchdog import Watchdog
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active
from gui.widgets.table import Table

KEYS = 60
OBJECTS = 2_000
PAUSE_S = 0.003


@dataclass(frozen=True)
class Row:
    """One row: a name and a number that changes."""

    name: str
    figure: int


class Rows(KeyedTable[int, Row]):
    """Rows out of a dict; every third is doubtful."""

    def __init__(self) -> None:
        self.held: dict[int, Row] = {}
        columns = (
            Column("Name", "a name", lambda row: row.name, lambda row: row.name, figures=False),
            Column("Figure", "123,456", lambda row: f"{row.figure:,}", lambda row: row.figure, _colour),
            Column("Curve", "", lambda row: "", points=lambda row: (0.0, row.figure, 5.0)),
        )
        super().__init__(columns, self.held.get)

    def is_hatched(self, row: Row) -> bool:
        return row.figure % 3 == 0


def _colour(row: Row) -> object:
    return active().colour("danger" if row.figure % 2 else "text")


class Stress:
    """``step`` does one thing and paints. Use it inside ``with``: threads make objects meanwhile."""

    def __init__(self, seed: int, threads: int = 1) -> None:
        self._random = Random(seed)
        self.model = Rows()
        self.tester = QAbstractItemModelTester(
            self.model, QAbstractItemModelTester.FailureReportingMode.Warning
        )
        self.table = Table(self.model, "Stressed")
        self.steps = 0
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._make_objects) for _ in range(threads)]
        self._threads.append(threading.Thread(target=self._ask_who_holds_the_loop))
        self._watchdog = Watchdog(SystemClock(), lambda lost, culprit: None)
        self._deeds = (
            self._replace,
            self._replace,
            self._change,
            self._sort,
            self._select,
            self._lose,
            self._ask,
        )

    def __enter__(self) -> Stress:
        self.table.resize(420, 300)
        self.table.show()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()
        self.table.close()

    def step(self) -> None:
        """Do one thing at random, and see it painted."""
        self.steps += 1
        self._random.choice(self._deeds)()
        self.table.viewport().update()
        QApplication.processEvents()

    def _replace(self) -> None:
        keys = self._random.sample(range(KEYS), self._random.randrange(KEYS))
        for key in keys:
            self.held(key)
        self.model.set_keys(keys)

    def held(self, key: int) -> None:
        """Let a key stand for something new."""
        self.model.held[key] = Row(f"row {key}" * self._random.randint(1, 9), self._random.randrange(10**6))

    def _change(self) -> None:
        keys = self._random.sample(range(KEYS), 20)
        for key in keys:
            self.held(key)
        self.model.told(keys)
        self.table.resort_if_safe()

    def _sort(self) -> None:
        order = self._random.choice((Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder))
        self.table.sortByColumn(self._random.choice((-1, 0, 1)), order)

    def _select(self) -> None:
        if count := self.model.rowCount():
            row = self._random.randrange(count)
            index = self.model.index(row, 0)
            self.table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Select)
            self.table.scrollTo(index)

    def _lose(self) -> None:
        for key in self._random.sample(range(KEYS), 10):
            self.model.held.pop(key, None)  # the table hears of it later

    def _ask(self) -> None:
        dialog = QDialog(self.table)
        QLabel("asked", dialog).setFont(self.table.font())
        dialog.show()
        QApplication.processEvents()
        dialog.reject()
        dialog.deleteLater()
        loose = QDialog()
        QLabel("nobody's", loose)
        loose.ring = lambda: loose  # only the collector frees it

    def _ask_who_holds_the_loop(self) -> None:
        while not self._ending.wait(PAUSE_S):
            self._watchdog._culprit()

    def _make_objects(self) -> None:
        kept: list[list[object]] = []
        while not self._ending.is_set():
            kept = [[] for _ in range(OBJECTS)]
            time.sleep(PAUSE_S)
        kept.clear()
