"""Paints rows of the ladder in few strokes: all bars of a side at once, all figures from a glyph atlas at once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal

from PySide6.QtCore import QLine, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from core.domain.instrument import Instrument, Side
from gui import formats
from gui.theme import active, ui_font
from gui.views.ladder_rows import Rows
from gui.widgets.glyph_atlas import Figure, GlyphAtlas, atlas_of

PADDING = 5
BAR_ALPHA = 70
LEAST_PRICE = 76
"""Pixels of the price column, whatever the digits."""

PRICE_DIGITS = 12
Columns = tuple[QRect, QRect, QRect]


class LadderPainter:
    """Knows fonts, row height and columns; the canvas knows what is on which row."""

    def __init__(self, font: QFont, bold: QFont, row_height: int) -> None:
        self._font = font
        self._bold = bold
        self._key = font.toString()
        self.row_height = row_height
        self._prices: tuple[Hashable, list[Figure]] = (None, [])
        self._price_width = QFontMetrics(font).horizontalAdvance("0") * PRICE_DIGITS

    def columns(self, width: int) -> Columns:
        """Return bids, prices and asks of the first row."""
        price = max(LEAST_PRICE, min(self._price_width, width // 3))
        side = (width - price) // 2
        return (
            QRect(0, 0, side, self.row_height),
            QRect(side, 0, price, self.row_height),
            QRect(side + price, 0, width - side - price, self.row_height),
        )

    def paint(
        self,
        painter: QPainter,
        rows: Rows,
        lines: Sequence[int],
        width: int,
        instrument: Instrument,
        over: int | None,
    ) -> None:
        """Paint these lines (0 is the top one); the pointer is over line ``over``."""
        theme, columns, high = active(), self.columns(width), self.row_height
        bands = [QRect(columns[1].left(), line * high, columns[1].width(), high) for line in lines]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("raised"))
        painter.drawRects(bands)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if over is not None and over in lines:
            painter.fillRect(0, over * high, width, high - 1, theme.colour("select"))
        painter.setPen(theme.colour("grid"))
        bottoms = ((line + 1) * high - 1 for line in lines)
        painter.drawLines([QLine(0, bottom, width, bottom) for bottom in bottoms])
        atlas = atlas_of(self._key, painter.device().devicePixelRatio())
        figures = self._price_figures(rows, lines, columns[1], instrument, atlas)
        for side, cell in ((Side.BUY, columns[0]), (Side.SELL, columns[2])):
            figures += self._paint_bars(painter, rows, lines, side, cell, instrument, atlas)
        atlas.draw(painter, figures)
        self._paint_last(painter, rows, lines, columns[1], instrument)

    def _price_figures(
        self, rows: Rows, lines: Sequence[int], cell: QRect, instrument: Instrument, atlas: GlyphAtlas
    ) -> list[Figure]:
        ink = atlas.ink(active().colour("text"))
        key = (rows.top, rows.step, instrument.price_precision, cell.left(), cell.width(), atlas, ink)
        if self._prices[0] != key:
            self._prices = (key, [])
        known = self._prices[1]
        for line in range(len(known), max(lines, default=-1) + 1):
            text = formats.fixed((rows.top - line) * rows.step, instrument.price_precision)
            left = cell.left() + (cell.width() - atlas.width(text)) / 2
            known.append(Figure(text, left, (line + 0.5) * self.row_height, ink))
        last = None if rows.last is None else rows.top - rows.last[0]
        return [known[line] for line in lines if line != last]

    def _paint_bars(
        self,
        painter: QPainter,
        rows: Rows,
        lines: Sequence[int],
        side: Side,
        cell: QRect,
        instrument: Instrument,
        atlas: GlyphAtlas,
    ) -> list[Figure]:
        """Paint the bars of a side and return its sizes, still to be drawn."""
        if not rows.largest:
            return []
        boxes, figures, high = [], [], self.row_height
        ink = atlas.ink(active().colour("text"))
        held, share = (rows.bids if side is Side.BUY else rows.asks), cell.width() / float(rows.largest)
        for line in lines:
            qty = held.get(rows.top - line)
            if qty is None:
                continue
            width = max(1, int(float(qty) * share))
            text = size_text(qty, instrument.qty_precision)
            if side is Side.BUY:
                boxes.append(QRect(cell.right() - width + 1, line * high + 1, width, high - 2))
                left = cell.right() - PADDING - atlas.width(text)
            else:
                boxes.append(QRect(cell.left(), line * high + 1, width, high - 2))
                left = cell.left() + PADDING
            figures.append(Figure(text, left, (line + 0.5) * high, ink))
        if boxes:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_bar(active().side(side)))
            painter.drawRects(boxes)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        return figures

    def _paint_last(
        self, painter: QPainter, rows: Rows, lines: Sequence[int], cell: QRect, instrument: Instrument
    ) -> None:
        """The row of the last print: bold, in its side's colour, with its mark."""
        if rows.last is None or rows.top - rows.last[0] not in lines:
            return
        row, side = rows.last
        place = cell.translated(0, (rows.top - row) * self.row_height)
        painter.setPen(active().side(side))
        painter.setFont(self._bold)
        text = formats.fixed(row * rows.step, instrument.price_precision)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(ui_font(0.7))
        mark = "▲" if side is Side.BUY else "▼"
        painter.drawText(place.adjusted(3, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, mark)


def size_text(qty: Decimal, digits: int) -> str:
    """Return a size in at most about seven characters: what a ladder column can hold."""
    if qty >= 100_000:
        return formats.compact(qty)
    decimals = 0 if qty >= 10_000 else 1 if qty >= 1_000 else 2 if qty >= 100 else 3 if qty >= 10 else 4
    return formats.fixed(qty, min(decimals, digits))


def _bar(colour: QColor) -> QColor:
    bar = QColor(colour)
    bar.setAlpha(BAR_ALPHA)
    return bar
