"""Paints the cells of a ``KeyedTable`` straight from its columns: a quarter of the cost of the stock delegate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf
from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.models.keyed_table import LEFT, RIGHT, Column, Index, KeyedTable
from gui.theme import active, figure_font, ui_font

PADDING = 6
MARK_WIDTH = 2
CURVE_MARGIN = 3
CURVE_WIDTH = 1.2


class CellDelegate(QStyledItemDelegate):
    """Figures right, texts left; the chosen row has a bar at its left edge, a doubtful one is hatched.

    ``forget`` before each paint: within one, a row is read once for all its cells.
    """

    def __init__(self, model: KeyedTable[Any, Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._rows: dict[int, Any] = {}
        self._fonts = {True: figure_font(), False: ui_font()}
        self._struck = figure_font()
        self._struck.setStrikeOut(True)
        self._metrics = {figures: QFontMetrics(font) for figures, font in self._fonts.items()}

    def forget(self) -> None:
        """Read rows anew."""
        self._rows.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        theme = active()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.colour("select"))
            if rect.left() <= 0:
                mark = QRect(rect.left(), rect.top(), MARK_WIDTH, rect.height())
                painter.fillRect(mark, theme.colour("focus"))
        row = self._row(index.row())
        if row is None:
            return
        if self._model.is_hatched(row):
            painter.fillRect(rect, QBrush(theme.colour("border"), Qt.BrushStyle.BDiagPattern))
        column = self._model.columns[index.column()]
        if column.points is not None:
            draw_curve(painter, rect, column.points(row))
        else:
            self._draw_text(painter, rect, column, row)

    def _row(self, at: int) -> Any:
        row = self._rows.get(at)
        if row is None:
            row = self._rows[at] = self._model.row_at(at)
        return row

    def _draw_text(self, painter: QPainter, rect: QRect, column: Column[Any], row: Any) -> None:
        text = column.text(row)
        if not text:
            return
        room = rect.adjusted(PADDING, 0, -PADDING, 0)
        metrics = self._metrics[column.figures]
        if metrics.horizontalAdvance(text) > room.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        colour = column.colour(row) if column.colour is not None else None
        struck = column.figures and self._model.strikes and self._model.is_hatched(row)
        painter.setFont(self._struck if struck else self._fonts[column.figures])
        painter.setPen(colour or active().colour("text"))
        painter.drawText(room, RIGHT if column.figures else LEFT, text)


def draw_curve(painter: QPainter, rect: QRect, values: Sequence[float]) -> None:
    """Draw a small curve, oldest value left, coloured by whether it rose. Fewer than two values draw nothing."""
    if len(values) < 2:
        return
    curve = create_qpolygonf(len(values))
    points = ndarray_from_qpolygonf(curve)
    heights = np.array(values)
    low, high = float(heights.min()), float(heights.max())
    room = rect.height() - 2 * CURVE_MARGIN
    points[:, 0] = np.linspace(rect.left() + PADDING, rect.right() + 1 - PADDING, len(values))
    points[:, 1] = rect.bottom() - CURVE_MARGIN
    points[:, 1] -= (heights - low) * (room / (high - low)) if high > low else room / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(active().signed((values[-1] > values[0]) - (values[-1] < values[0])), CURVE_WIDTH))
    painter.drawPolyline(curve)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
