"""The table all lists use: dense rows, figures aligned, columns as wide as their usual texts."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gui.models.keyed_table import KeyedTable
from gui.theme import figure_font, ui_font

CELL_PADDING = 14
ROW_PADDING = 5


class Table(QTableView):
    """A ``KeyedTable`` drawn densely. Rows never move under the pointer: ``resort`` waits until it has left."""

    def __init__(self, model: KeyedTable[Any, Any], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keyed = model
        self.setModel(model)
        self.setObjectName(name.lower().replace(" ", "_"))
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(QFontMetrics(figure_font()).height() + ROW_PADDING)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(18)
        header.setStretchLastSection(True)
        self.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._fit_columns()

    def selected_keys(self) -> list[Any]:
        """Keys of the selected rows, top to bottom."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self._keyed.key_at(row) for row in rows]

    def select_key(self, key: Any) -> None:
        """Select the row of a key, if it is shown."""
        row = self._keyed.row_of(key)
        if row is not None:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self._keyed.index(row, 0), flags)

    def resort_if_safe(self) -> None:
        """Sort anew unless the pointer is over the rows."""
        if not self.underMouse():
            self._keyed.resort()

    def _fit_columns(self) -> None:
        figures, texts = QFontMetrics(figure_font()), QFontMetrics(ui_font())
        for at, column in enumerate(self._keyed.columns):
            metrics = figures if column.figures else texts
            title = texts.horizontalAdvance(column.title) + 8
            width = max(metrics.horizontalAdvance(column.sample), title) + CELL_PADDING
            self.setColumnWidth(at, width)
