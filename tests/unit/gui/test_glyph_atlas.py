"""Figures from the atlas look like figures written by Qt, and the ladder loses no level it should show."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from core.domain.instrument import Side
from gui.theme import figure_font
from gui.views.ladder_rows import gather, row_of, within
from gui.widgets.glyph_atlas import GLYPHS, Figure, atlas_of, can_draw

D = Decimal


def blank(ratio: float = 1.0) -> QImage:
    image = QImage(int(200 * ratio), int(30 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#000000"))
    return image


def ink(image: QImage) -> QRect:
    """The rectangle that holds all pixels that are not black, in pixels of the image."""
    lit = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).lightness() > 60
    ]
    columns, rows = [x for x, _ in lit], [y for _, y in lit]
    return QRect(min(columns), min(rows), max(columns) - min(columns), max(rows) - min(rows))


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("text", ["61,234.5", "0.00001773", "-12.3K", "+4.02%"])
def test_the_atlas_writes_where_and_as_large_as_qt_does(qapp, text, ratio):
    font = figure_font()
    atlas, metrics = atlas_of(font.toString(), ratio), QFontMetricsF(font)
    ours, theirs = blank(ratio), blank(ratio)

    painter = QPainter(ours)
    atlas.draw(painter, [Figure(text, 10, 15, atlas.ink(QColor("#ffffff")))])
    painter.end()
    painter = QPainter(theirs)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(QPointF(10, 15 - metrics.height() / 2 + metrics.ascent()), text)
    painter.end()

    seen, wanted = ink(ours), ink(theirs)
    for side in ("left", "top", "right", "bottom"):
        assert abs(getattr(seen, side)() - getattr(wanted, side)()) <= 2 * ratio, side


def test_all_digits_are_equally_wide_and_known(qapp):
    atlas = atlas_of(figure_font().toString(), 1.0)

    assert can_draw(GLYPHS)
    assert not can_draw("NaN")
    assert atlas.width("11") == atlas.width("88")


def test_nothing_and_unknown_characters_draw_nothing(qapp):
    image = blank()
    painter = QPainter(image)

    atlas = atlas_of(figure_font().toString(), 1.0)
    atlas.draw(painter, [])
    atlas.draw(painter, [Figure("", 0, 9, 0), Figure("☃\N{GRINNING FACE}", 0, 9, 0)])
    painter.end()

    assert image == blank()


@given(
    st.lists(st.integers(1, 400), unique=True, max_size=150),
    st.integers(-50, 450),
    st.sampled_from(list(Side)),
    st.sampled_from([1, 5, 20]),
)
def test_levels_in_sight_are_the_same_as_with_all_levels(ticks, edge, side, group):
    step = D("0.1") * group
    best_first = sorted(ticks, reverse=side is Side.BUY)
    levels = [(D(tick) / 10, D(tick)) for tick in best_first]
    last_row = row_of(D(edge) / 10, step, side)

    few = gather(within(lambda count: levels[:count], 1000, last_row * step, side), step, side)
    everything = gather(levels, step, side)

    seen = {row for row in everything if (row > last_row if side is Side.BUY else row <= last_row)}
    assert {row: few.get(row) for row in seen} == {row: everything[row] for row in seen}
