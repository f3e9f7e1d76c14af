"""A text that changes often: what is painted where there is little room."""

import pytest
from PySide6.QtGui import QFontMetrics

from gui.theme import figure_font
from gui.widgets.live_text import LiveText

pytestmark = pytest.mark.qt


@pytest.mark.parametrize(
    ("room", "painted"),
    [
        ("0.1 · 0.02 bps · 55% bid", "0.1 · 0.02 bps · 55% bid"),
        ("0.1 · 0.02 bps · 55% b", "0.1 · 0.02 bps"),
        ("0.1 · 0.0", "0.1 · 0.…"),
    ],
)
def test_the_longest_text_that_fits_is_painted(qapp, room, painted):
    text = LiveText(figure_font())
    text.resize(QFontMetrics(text.font()).horizontalAdvance(room), 20)

    text.show_text("0.1 · 0.02 bps · 55% bid", "0.1 · 0.02 bps")

    assert text.painted() == painted
    assert text.accessibleDescription() == "0.1 · 0.02 bps · 55% bid"
