"""Paints the rows of a ``KeyedTable`` straight from its columns: a fraction of the cost of an item delegate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple

import numpy as np
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPen

from gui.models.keyed_table import LEFT, RIGHT, Column, KeyedTable
from gui.theme import active, figure_font, ui_font
from gui.widgets.glyph_atlas import Figure, atlas_of, can_draw

PADDING = 6
MARK_WIDTH = 2
CURVE_MARGIN = 3
CURVE_WIDTH = 1.2


class Cell(NamedTuple):
    """A column on screen: its number in the model, where it begins and how wide it is, pixels."""

    column: int
    left: int
    width: int


class CellPainter:
    """Figures right, texts left; the chosen row has a bar at its left edge, a doubtful one is hatched.

    Figures come from a glyph atlas, all in one call; what the atlas cannot write Qt writes.
    """

    def __init__(self, model: KeyedTable[Any, Any]) -> None:
        self._model = model
        self._fonts = {True: figure_font(), False: ui_font()}
        self._struck = figure_font()
        self._struck.setStrikeOut(True)
        self._key = self._fonts[True].toString()
        self._metrics = {figures: QFontMetrics(font) for figures, font in self._fonts.items()}
        self._figures: list[Figure] = []

    def paint(
        self, painter: QPainter, tops: Mapping[int, int], high: int, cells: Sequence[Cell], chosen: Set[int]
    ) -> None:
        """Paint rows: ``tops`` has their upper edges by number, ``high`` is the height of each."""
        self._atlas = atlas_of(self._key, painter.device().devicePixelRatio())
        for at, top in tops.items():
            self._paint_row(painter, at, top, high, cells, at in chosen)
        self._atlas.draw(painter, self._figures)
        self._figures.clear()

    def _paint_row(
        self, painter: QPainter, at: int, top: int, high: int, cells: Sequence[Cell], chosen: bool
    ) -> None:
        theme, row = active(), self._model.row_at(at)
        band = QRect(cells[0].left, top, sum(cell.width for cell in cells), high)
        if chosen:
            painter.fillRect(band, theme.colour("select"))
            painter.fillRect(band.left(), top, MARK_WIDTH, high, theme.colour("focus"))
        if row is None:
            return
        hatched = self._model.is_hatched(row)
        if hatched:
            painter.fillRect(band, QBrush(theme.colour("border"), Qt.BrushStyle.BDiagPattern))
        for cell in cells:
            column, room = self._model.columns[cell.column], QRect(cell.left, top, cell.width, high)
            if column.points is not None:
                draw_curve(painter, room, column.points(row))
            else:
                struck = column.figures and hatched and self._model.strikes
                self._write(painter, room.adjusted(PADDING, 0, -PADDING, 0), column, row, struck)

    def _write(self, painter: QPainter, room: QRect, column: Column[Any], row: Any, struck: bool) -> None:
        text = column.text(row)
        if not text:
            return
        colour = (column.colour(row) if column.colour is not None else None) or active().colour("text")
        width = self._atlas.width(text)
        if column.figures and not struck and width <= room.width() and can_draw(text):
            left, middle = room.left() + room.width() - width, room.top() + room.height() / 2
            self._figures.append(Figure(text, left, middle, self._atlas.ink(colour)))
            return
        metrics = self._metrics[column.figures]
        if column.short is not None and metrics.horizontalAdvance(text) > room.width():
            text = column.short(row)
        if metrics.horizontalAdvance(text) > room.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.setFont(self._struck if struck else self._fonts[column.figures])
        painter.setPen(colour)
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
