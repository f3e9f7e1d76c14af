"""A table over a store: rows are keys, cells are read from the store when they are drawn.

The model holds the order of rows and nothing else. Changes are told as runs of neighbouring rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor

from gui.theme import figure_font, ui_font
from gui.widgets.plain_text import tip

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
READ_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.AccessibleTextRole,
        Qt.ItemDataRole.ForegroundRole,
        Qt.ItemDataRole.ToolTipRole,
    }
)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column: how a row's cell reads, sorts and is coloured. ``sample`` is the longest usual text.

    Where the table is too narrow, columns of the highest ``rank`` are hidden first; those of rank 0 never are.
    ``stretch`` takes the room that is left. ``points`` make the cell a small curve; its text is for screen readers.
    """

    title: str
    sample: str
    text: Callable[[R], str]
    sort: Callable[[R], Any] | None = None
    colour: Callable[[R], QColor | None] | None = None
    figures: bool = True
    hint: Callable[[R], str] | None = None
    rank: int = 0
    stretch: bool = False
    points: Callable[[R], Sequence[float]] | None = None
    about: str = ""
    short: Callable[[R], str] | None = None
    """What stands for the text where there is no room for it."""


class KeyedTable(QAbstractTableModel, Generic[K, R]):
    """Rows by key. ``read`` returns what a key stands for now, ``None`` when it is gone."""

    def __init__(
        self, columns: Sequence[Column[R]], read: Callable[[K], R | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._read = read
        self._keys: list[K] = []
        self._row: dict[K, int] = {}
        self._sorted_by: tuple[int, bool] | None = None
        self._figure_font = figure_font()
        self._text_font = ui_font()

    def keys(self) -> list[K]:
        """Keys in the order of rows."""
        return list(self._keys)

    def key_at(self, row: int) -> K:
        """Return the key of a row."""
        return self._keys[row]

    def row_at(self, row: int) -> R | None:
        """Return what a row stands for now."""
        return self._read(self._keys[row]) if row < len(self._keys) else None

    strikes = False
    """Whether the figures of hatched rows are struck through: they are old, not only unsure."""

    def is_hatched(self, row: R) -> bool:
        """Whether a row must not be taken for the plain truth: drawn hatched."""
        return False

    def row_of(self, key: K) -> int | None:
        """Return the row of a key."""
        return self._row.get(key)

    def set_keys(self, keys: Iterable[K]) -> None:
        """Show exactly these keys, in this order unless the user sorts. Selections and scroll position survive."""
        wanted = list(dict.fromkeys(keys))
        self._remove(set(wanted))
        for first, final in list(runs(at for at, key in enumerate(wanted) if key not in self._row)):
            self._insert(min(first, len(self._keys)), wanted[first : final + 1])
        if self._sorted_by is not None:
            self.resort()
        elif self._keys != wanted:
            self._arrange(wanted)

    def told(self, keys: Iterable[K]) -> None:
        """Redraw the rows of changed keys, neighbours in one go."""
        last = len(self.columns) - 1
        for first, final in runs(self._row[key] for key in keys if key in self._row):
            self.dataChanged.emit(self.index(first, 0), self.index(final, last))

    def resort(self) -> None:
        """Sort again by the column the user chose; rows whose cells changed may move."""
        if self._sorted_by is None:
            return
        column, descending = self._sorted_by
        sort = self.columns[column].sort
        if sort is None:
            return
        known = [(key, row) for key in self._keys if (row := self._read(key)) is not None]
        ranked = [(sort(row), key) for key, row in known]
        full = [pair for pair in ranked if pair[0] is not None]
        empty = [key for rank, key in ranked if rank is None]
        full.sort(key=lambda pair: pair[0], reverse=descending)
        order = [key for _, key in full] + empty
        if order != self._keys and len(order) == len(self._keys):
            self._arrange(order)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by = (column, order is Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self.resort()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._keys)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.figures else LEFT
        if role == Qt.ItemDataRole.FontRole:
            return self._figure_font if column.figures else self._text_font
        if role not in READ_ROLES:
            return None
        row = self._read(self._keys[index.row()])
        if row is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(column.hint(row)) if column.hint else None
        return column.colour(row) if column.colour else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return title_of(column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.figures else LEFT
        return column.about or None if role == Qt.ItemDataRole.ToolTipRole else None

    def _remove(self, wanted: set[K]) -> None:
        gone = [row for row, key in enumerate(self._keys) if key not in wanted]
        for first, final in reversed(list(runs(gone))):
            self.beginRemoveRows(ROOT, first, final)
            del self._keys[first : final + 1]
            self._number()
            self.endRemoveRows()

    def _insert(self, at: int, keys: list[K]) -> None:
        self.beginInsertRows(ROOT, at, at + len(keys) - 1)
        self._keys[at:at] = keys
        self._number()
        self.endInsertRows()

    def _arrange(self, keys: list[K]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [(self._keys[index.row()], index.column()) for index in before]
        self._keys = keys
        self._number()
        after = [self.index(self._row[key], column) for key, column in held]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _number(self) -> None:
        self._row = {key: row for row, key in enumerate(self._keys)}


def title_of(column: Column[Any]) -> str:
    """Return a column's title in the user's language."""
    return QCoreApplication.translate("Columns", column.title) if column.title else ""


def runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of each run of neighbouring rows, ascending."""
    first = last = None
    for row in sorted(set(rows)):
        if first is None or last is None:
            first = last = row
        elif row == last + 1:
            last = row
        else:
            yield first, last
            first = last = row
    if first is not None and last is not None:
        yield first, last
