"""The program's own log: the same lines as in the file, without secrets, to read while it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.runtime.logs import LogLine, LogRing
from gui import formats
from gui.models.log_model import LogModel
from gui.views.row_copy import copy_rows
from gui.widgets.panel import Attach, Panel
from gui.widgets.table import Table

POLL_MS = 500
LEVELS = {"All": logging.DEBUG, "Info": logging.INFO, "Warnings": logging.WARNING, "Errors": logging.ERROR}


class LogView(Panel):
    """The last lines, filtered by level and words. Read twice a second while visible; Ctrl+C copies the selection."""

    def __init__(self, ring: LogRing, parent: QWidget | None = None) -> None:
        super().__init__("Log", parent)
        self.model = LogModel(ring, self)
        self.table = Table(self.model, "Log lines", self)
        self.table.empty_text = self.tr("No line of the log passes this filter.")
        self.level = QComboBox(self)
        self.level.addItems(list(LEVELS))
        self.level.setCurrentText("Info")
        self.level.setAccessibleName(self.tr("Least level"))
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(self.tr("Filter"))
        self.words.setAccessibleName(self.tr("Filter log lines"))
        self.words.setClearButtonEnabled(True)
        self.level.currentTextChanged.connect(lambda _: self._filter())
        self.words.textChanged.connect(lambda _: self._filter())
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self.model.poll)
        bar = QHBoxLayout()
        bar.setContentsMargins(2, 2, 2, 2)
        bar.setSpacing(4)
        bar.addWidget(self.level)
        bar.addWidget(self.words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.table)

    def attachments(self) -> list[Attach]:
        return [self._start_polling]

    def refresh(self) -> None:
        self.model.poll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected lines into the clipboard, oldest first."""
        copy_rows(self.table, self.model, _line)

    def _start_polling(self) -> Callable[[], None]:
        self._poll.start()
        return self._poll.stop

    def _filter(self) -> None:
        self.model.least = LEVELS[self.level.currentText()]
        self.model.filter = self.words.text()
        self.model.reload()


def _line(row: LogLine) -> str:
    return f"{formats.moment(row.ts)} {logging.getLevelName(row.level)} {row.logger} {row.text}"
