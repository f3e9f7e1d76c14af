"""Figures painted from a picture of their glyphs: one call for all numbers of a widget, whatever they are.

Laying out text is most of what a fast table costs, and numbers need none: their font gives each character one width.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from pyqtgraph.Qt import internals
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

GLYPHS = "0123456789.,:-+KMBT%– smhdnow▲▼"
MARGIN = 1
"""Pixels around each glyph, for strokes that reach over its width."""

UNKNOWN = 0xFFFF
"""Stands for every character beyond it; none of them is a glyph."""

FIELDS = 10
ATLASES_KEPT = 8
FIRST_INKS = 8
"""Inks there is room for at first; there are as many as the themes have colours."""

LONGEST = 1 << 15
"""Characters drawn in one go; a screen has fewer."""

Numbers = np.ndarray[tuple[int, ...], np.dtype[Any]]


class Figure(NamedTuple):
    """A number, where its first character begins and its line is centred, in pixels, and its ink in the atlas."""

    text: str
    left: float
    middle: float
    ink: int


class GlyphAtlas:
    """The glyphs of one font at one resolution, a line of them for each ink. Get it from ``atlas_of``.

    An ink is a colour, and whether it is bold. A bold glyph is as wide as a plain one.
    """

    def __init__(self, font: QFont, ratio: float) -> None:
        self._fonts = (QFont(font), QFont(font))
        self._fonts[1].setBold(True)
        metrics = QFontMetricsF(font)
        self.advance = metrics.horizontalAdvance("0")
        self._ascent = metrics.ascent()
        self._cell = ceil(self.advance) + 2 * MARGIN
        self._height = ceil(metrics.height())
        self._ratio = ratio
        self._inks: dict[tuple[int, bool], int] = {}
        self._take_paper(FIRST_INKS)
        self._places = np.full(UNKNOWN + 1, -1, dtype=np.int16)
        self._places[[ord(glyph) for glyph in GLYPHS]] = range(len(GLYPHS))
        self._ramp = np.arange(LONGEST) * self.advance
        self._fragments = internals.PrimitiveArray(QPainter.PixmapFragment, FIELDS)

    def ink(self, colour: QColor, *, bold: bool = False) -> int:
        """Return the number of an ink."""
        key = (colour.rgba(), bold)
        number = self._inks.get(key)
        if number is None:
            number = self._inks[key] = len(self._inks)
            if number == self._room:
                self._take_paper(2 * self._room)
            else:
                self._write(number, *key)
        return number

    def width(self, text: str) -> float:
        """Return how wide a text is, pixels."""
        return self.advance * len(text)

    def draw(self, painter: QPainter, figures: Sequence[Figure]) -> None:
        """Draw all figures; characters without a glyph are left out, so ask ``can_draw`` of texts from elsewhere."""
        texts, *places = zip(*figures, strict=True) if figures else ((),)
        text = "".join(texts)[:LONGEST]
        if not text:
            return
        lengths = np.array([len(one) for one in texts])
        place = np.array(places, dtype=float)
        place[0] -= (np.cumsum(lengths) - lengths) * self.advance
        left, middle, ink = np.repeat(place, lengths, axis=1)[:, :LONGEST]
        glyphs = self._places[np.minimum(np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32), UNKNOWN)]
        x = np.rint(left + self._ramp[: len(glyphs)]) + (self._cell / 2 - MARGIN)
        y = np.floor(middle - self._height / 2) + self._height / 2
        known = glyphs >= 0
        if not known.all():
            x, y, glyphs, ink = x[known], y[known], glyphs[known], ink[known]
        if not len(glyphs):
            return
        self._fill(x, y, glyphs, ink)
        first, count = self._fragments.drawargs()
        painter.drawPixmapFragments(first, count, self._pixmap)

    @property
    def _line(self) -> int:
        """Height of an ink's line in the picture, in its own pixels."""
        return ceil(self._height * self._ratio)

    def _take_paper(self, room: int) -> None:
        """Begin a picture for so many inks, with those that are known."""
        self._room = room
        self._pixmap = QPixmap(ceil(self._cell * len(GLYPHS) * self._ratio), self._line * room)
        self._pixmap.setDevicePixelRatio(self._ratio)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        for (colour, bold), number in self._inks.items():
            self._write(number, colour, bold)

    def _write(self, number: int, colour: int, bold: bool) -> None:
        painter = QPainter(self._pixmap)
        painter.setFont(self._fonts[bold])
        painter.setPen(QColor.fromRgba(colour))
        base = number * self._line / self._ratio + self._ascent
        for at, glyph in enumerate(GLYPHS):
            painter.drawText(QPointF(at * self._cell + MARGIN, base), glyph)
        painter.end()

    def _fill(self, x: Numbers, y: Numbers, glyphs: Numbers, inks: Numbers) -> None:
        ratio, count = self._ratio, len(glyphs)
        self._fragments.resize(count)
        memory = self._fragments.ndarray()
        memory[:, 0], memory[:, 1] = x, y
        memory[:, 2], memory[:, 3] = glyphs * (self._cell * ratio), inks * self._line
        memory[:, 4:] = (self._cell * ratio, self._height * ratio, 1 / ratio, 1 / ratio, 0, 1)


def can_draw(text: str) -> bool:
    """Whether every character of a text is in the picture."""
    return not text.strip(GLYPHS)


@lru_cache(maxsize=ATLASES_KEPT)
def atlas_of(font: str, ratio: float) -> GlyphAtlas:
    """Return the atlas of a font (``QFont.toString``) at a device pixel ratio."""
    found = QFont()
    found.fromString(font)
    return GlyphAtlas(found, ratio)
