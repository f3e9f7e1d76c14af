"""Copying chosen rows of a table as lines of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtGui import QGuiApplication

from gui.models.keyed_table import KeyedTable
from gui.widgets.table import Table

R = TypeVar("R")


def copy_rows(table: Table, model: KeyedTable[Any, R], line: Callable[[R], str]) -> None:
    """Put the selected rows into the clipboard, a line each, the lowest (oldest) first."""
    chosen = {index.row() for index in table.selectionModel().selectedRows()}
    rows = (model.row_at(at) for at in sorted(chosen, reverse=True))
    QGuiApplication.clipboard().setText("\n".join(line(row) for row in rows if row is not None))
