"""The table all lists use: dense rows, figures aligned, as many columns as fit, chosen ones if the user chose."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QItemSelectionModel, QPoint, QSettings, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from gui.models.keyed_table import ROOT, KeyedTable, title_of
from gui.theme import active, figure_font, ui_font
from gui.widgets.cell_painter import PADDING, Cell, CellPainter
from gui.widgets.touched import touched_lines

ROW_PADDING = 4
SORT_ARROW = 8
EMPTY_MARGIN = 14


class Table(QTableView):
    """A ``KeyedTable`` drawn densely. Rows never move under the pointer: ``resort_if_safe`` waits until it has left.

    Columns that do not fit are hidden by rank, until the user picks some in the header's menu. ``empty_text`` says in
    an empty table what will be there.
    """

    def __init__(self, model: KeyedTable[Any, Any], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keyed = model
        self._chosen: frozenset[str] | None = None
        self.empty_text = ""
        self.setModel(model)
        self.setObjectName(name.lower().replace(" ", "_"))
        self.setAccessibleName(name)
        self._cells = CellPainter(model)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._widths = [self._usual_width(at) for at in range(len(model.columns))]
        self._set_up_headers()

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

    @property
    def shown_titles(self) -> list[str]:
        """Titles of the columns on screen, left to right as built."""
        return [column.title for at, column in enumerate(self._keyed.columns) if not self.isColumnHidden(at)]

    def choose_columns(self, titles: frozenset[str] | None) -> None:
        """Show exactly these columns and scroll where they do not fit; ``None`` shows what fits."""
        self._chosen = titles
        self._fit()

    def save(self, settings: QSettings) -> None:
        """Remember columns and order."""
        settings.beginGroup(f"table_{self.objectName()}")
        settings.setValue("columns", sorted(self._chosen) if self._chosen is not None else None)
        header = self.horizontalHeader()
        settings.setValue("sort", header.sortIndicatorSection())
        settings.setValue("descending", header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder)
        settings.endGroup()

    def restore(self, settings: QSettings) -> None:
        """Take over what ``save`` wrote; anything that does not fit is left at its first state."""
        settings.beginGroup(f"table_{self.objectName()}")
        columns = settings.value("columns")
        sort, descending = str(settings.value("sort", "-1")), str(settings.value("descending", "false"))
        settings.endGroup()
        known = {column.title for column in self._keyed.columns}
        titles = frozenset(columns if isinstance(columns, list) else [columns]) & known
        self.choose_columns(titles or None)
        if sort.isdecimal() and int(sort) < len(self._keyed.columns):
            order = (
                Qt.SortOrder.DescendingOrder if descending.lower() == "true" else Qt.SortOrder.AscendingOrder
            )
            self.sortByColumn(int(sort), order)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        arrow = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
        if arrow and self._keyed.rowCount() and not self.selectionModel().hasSelection():
            # Qt would move on from a row that nobody sees to be the current one.
            self.select_key(self._keyed.key_at(max(0, self.currentIndex().row())))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        # All of it is painted here, so that Qt need not paint the panel, the dock and the window below it first.
        painter.fillRect(event.rect(), active().colour("panel"))
        tops, cells = self._tops(event.region()), self._cells_on_screen()
        if tops and cells:
            chosen = {row for row in tops if self.selectionModel().isRowSelected(row, ROOT)}
            self._cells.paint(painter, tops, self.rowHeight(0), cells, chosen)
        if self.empty_text and not self._keyed.rowCount():
            self._paint_empty(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _tops(self, region: QRegion) -> dict[int, int]:
        """Return the upper edge of each row that a region touches, by row. All rows are of one height."""
        count = self._keyed.rowCount()
        if not count:
            return {}
        start, high = self.rowViewportPosition(0), self.rowHeight(0)
        return {row: start + row * high for row in touched_lines(region, start, high, count)}

    def _cells_on_screen(self) -> list[Cell]:
        room = self.viewport().width()
        cells = [
            Cell(at, self.columnViewportPosition(at), self.columnWidth(at))
            for at in range(len(self._keyed.columns))
            if not self.isColumnHidden(at)
        ]
        on_screen = [cell for cell in cells if cell.left < room and cell.left + cell.width > 0]
        return sorted(on_screen, key=lambda cell: cell.left)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setFont(ui_font())
        painter.setPen(active().colour("muted"))
        room = self.viewport().rect().adjusted(EMPTY_MARGIN, EMPTY_MARGIN, -EMPTY_MARGIN, -EMPTY_MARGIN)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(room, int(flags), self.empty_text)

    def _set_up_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(1)
        rows.setDefaultSectionSize(QFontMetrics(figure_font()).height() + ROW_PADDING)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(18)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_column_menu)
        self.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _usual_width(self, at: int) -> int:
        column = self._keyed.columns[at]
        metrics = QFontMetrics(figure_font() if column.figures else ui_font())
        title = QFontMetrics(ui_font()).horizontalAdvance(title_of(column)) + (
            SORT_ARROW if column.sort else 0
        )
        return max(metrics.horizontalAdvance(column.sample), title) + 2 * PADDING

    def _fit(self) -> None:
        columns, room = self._keyed.columns, self.viewport().width()
        if self._chosen is None:
            shown = self._that_fit(room)
        else:
            shown = {at for at, column in enumerate(columns) if column.title in self._chosen}
        left = max(0, room - sum(self._widths[at] for at in shown))
        growing = [at for at in sorted(shown) if columns[at].stretch] or sorted(shown)
        for at in range(len(columns)):
            self.setColumnHidden(at, at not in shown)
        for place, at in enumerate(growing):
            share = left // len(growing) + (place < left % len(growing))
            self.setColumnWidth(at, self._widths[at] + share)
        for at in shown.difference(growing):
            self.setColumnWidth(at, self._widths[at])

    def _that_fit(self, room: int) -> set[int]:
        columns = self._keyed.columns
        shown = {at for at, column in enumerate(columns) if not column.rank}
        room -= sum(self._widths[at] for at in shown)
        for at in sorted(set(range(len(columns))) - shown, key=lambda at: columns[at].rank):
            room -= self._widths[at]
            if room < 0:
                break
            shown.add(at)
        return shown

    def _open_column_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit = menu.addAction(self.tr("What fits"), lambda: self.choose_columns(None))
        fit.setCheckable(True)
        fit.setChecked(self._chosen is None)
        menu.addSeparator()
        for column in self._keyed.columns:
            action = menu.addAction(title_of(column))
            action.setCheckable(True)
            action.setChecked(column.title in self.shown_titles)
            action.toggled.connect(lambda on, title=column.title: self._toggle(title, on))
        menu.popup(self.horizontalHeader().mapToGlobal(where))

    def _toggle(self, title: str, on: bool) -> None:
        shown = frozenset(self.shown_titles)
        wanted = shown | {title} if on else shown - {title}
        if wanted:
            self.choose_columns(wanted)
