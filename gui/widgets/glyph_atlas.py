"""Figures painted from a picture of their glyphs: one call for all numbers of one colour, whatever they are.

Laying out text is most of what a fast table costs, and numbers need none: their font gives each character one width.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import NamedTuple

import numpy as np
from pyqtgraph.Qt import internals
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

GLYPHS = "0123456789.,-+KMBT%– "
MARGIN = 1
"""Pixels around each glyph, for strokes that reach over its width."""

UNKNOWN = 0xFFFF
"""Stands for every character beyond it; none of them is a glyph."""

FIELDS = 10
ATLASES_KEPT = 24


class Figure(NamedTuple):
    """A number and where its first character begins and its line is centred, in pixels."""

    text: str
    left: float
    middle: float


class GlyphAtlas:
    """The glyphs of one font in one colour at one resolution. Get it from ``atlas_of``."""

    def __init__(self, font: QFont, colour: QColor, ratio: float) -> None:
        metrics = QFontMetricsF(font)
        self.advance = metrics.horizontalAdvance("0")
        self._cell = ceil(self.advance) + 2 * MARGIN
        self._height = ceil(metrics.height())
        self._ratio = ratio
        self._pixmap = QPixmap(ceil(self._cell * len(GLYPHS) * ratio), ceil(self._height * ratio))
        self._pixmap.setDevicePixelRatio(ratio)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._pixmap)
        painter.setFont(font)
        painter.setPen(colour)
        for at, glyph in enumerate(GLYPHS):
            painter.drawText(QPointF(at * self._cell + MARGIN, metrics.ascent()), glyph)
        painter.end()
        self._places = np.full(UNKNOWN + 1, -1, dtype=np.int16)
        self._places[[ord(glyph) for glyph in GLYPHS]] = range(len(GLYPHS))
        self._fragments = internals.PrimitiveArray(QPainter.PixmapFragment, FIELDS)

    def width(self, text: str) -> float:
        """Return how wide a text is, pixels."""
        return self.advance * len(text)

    def can_draw(self, text: str) -> bool:
        """Whether every character of a text is in the picture."""
        return not text.strip(GLYPHS)

    def draw(self, painter: QPainter, figures: Sequence[Figure]) -> None:
        """Draw all figures; characters without a glyph are left out, so ask ``can_draw`` of texts from elsewhere."""
        text = "".join(figure.text for figure in figures)
        if not text:
            return
        lengths = np.array([len(figure.text) for figure in figures])
        begins = np.repeat(np.cumsum(lengths) - lengths, lengths)
        left = np.repeat([figure.left for figure in figures], lengths)
        middle = np.repeat([figure.middle for figure in figures], lengths)
        codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        places = self._places[np.minimum(codes, UNKNOWN)]
        x = np.rint(left + (np.arange(len(codes)) - begins) * self.advance) - MARGIN + self._cell / 2
        y = np.floor(middle - self._height / 2) + self._height / 2
        known = places >= 0
        if not known.any():
            return
        self._fill(x[known], y[known], places[known])
        first, count = self._fragments.drawargs()
        painter.drawPixmapFragments(first, count, self._pixmap)

    def _fill(self, x: object, y: object, places: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
        ratio = self._ratio
        self._fragments.resize(len(places))
        memory = self._fragments.ndarray()
        memory[:, 0], memory[:, 1] = x, y
        memory[:, 2], memory[:, 3] = places * (self._cell * ratio), 0
        memory[:, 4], memory[:, 5] = self._cell * ratio, self._height * ratio
        memory[:, 6] = memory[:, 7] = 1 / ratio
        memory[:, 8], memory[:, 9] = 0, 1


@lru_cache(maxsize=ATLASES_KEPT)
def atlas_of(font: str, colour: str, ratio: float) -> GlyphAtlas:
    """Return the atlas of a font (``QFont.toString``) in a colour (``#rrggbb``) at a device pixel ratio."""
    found = QFont()
    found.fromString(font)
    return GlyphAtlas(found, QColor(colour), ratio)
