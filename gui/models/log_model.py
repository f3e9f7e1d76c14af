"""Rows of the log view: the last lines the program wrote, newest first."""

from __future__ import annotations

import logging
from itertools import islice

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.runtime.logs import RING_LINES, LogLine, LogRing
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

ROWS_SHOWN = 1_000


def _colour(line: LogLine) -> QColor | None:
    if line.level >= logging.ERROR:
        return active().colour("danger")
    if line.level >= logging.WARNING:
        return active().colour("warning")
    return active().colour("text" if line.level >= logging.INFO else "muted")


COLUMNS: tuple[Column[LogLine], ...] = (
    Column(
        "Time", "23:59:59.999", lambda row: formats.clock_time(row.ts, millis=True), lambda row: row.number
    ),
    Column(
        "Level",
        "WARNING",
        lambda row: logging.getLevelName(row.level),
        lambda row: row.level,
        _colour,
        figures=False,
    ),
    Column(
        "Source",
        "core.app.reconciler",
        lambda row: formats.plain(row.logger),
        lambda row: row.logger,
        figures=False,
        rank=1,
    ),
    Column(
        "Text",
        "",
        lambda row: formats.plain(row.text),
        None,
        _colour,
        figures=False,
        hint=lambda row: formats.plain(row.text),
        stretch=True,
    ),
)


class LogModel(KeyedTable[int, LogLine]):
    """Lines by number. ``least`` hides what is less severe, ``filter`` what does not contain the words."""

    def __init__(self, ring: LogRing, parent: QObject | None = None) -> None:
        self._lines: dict[int, LogLine] = {}
        super().__init__(COLUMNS, self._lines.get, parent)
        self._ring = ring
        self._read_to = 0
        self.least = logging.INFO
        self.filter = ""

    def poll(self) -> bool:
        """Take in what was written since the last call. Returns whether there was anything."""
        fresh = self._ring.since(self._read_to)
        if not fresh:
            return False
        self._read_to = fresh[-1].number + 1
        self._lines.update((line.number, line) for line in fresh)
        for number in list(islice(self._lines, max(0, len(self._lines) - RING_LINES))):
            del self._lines[number]
        self.reload()
        return True

    def reload(self) -> None:
        """Show the newest lines that pass the filters."""
        words = self.filter.casefold()
        passing = (line.number for line in reversed(self._lines.values()) if self._passes(line, words))
        self.set_keys(islice(passing, ROWS_SHOWN))

    def _passes(self, line: LogLine, words: str) -> bool:
        return line.level >= self.least and words in f"{line.logger} {line.text}".casefold()
