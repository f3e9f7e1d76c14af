"""Texts as they are painted, in every panel and theme: measured on the pixels, whatever rule coloured them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QWidget

from gui.theme import THEMES, apply_theme
from tests.helpers import dialogs
from tests.helpers.waiting import eventually
from tests.unit.gui.test_theme import LEAST_CONTRAST, LEAST_OUTLINE, contrast

EDGE = 3
"""Pixels left out at each side: a border is not the text."""


def best_contrast(image: QImage, edge: int) -> float:
    """Between the commonest colour and the one that stands out most: thin strokes never reach their full colour."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), plain.bytesPerLine() // 4)
    inner = pixels[edge : plain.height() - edge, edge : plain.width() - edge]
    colours, counts = np.unique(inner, return_counts=True)
    if not colours.size:
        return 21.0
    names = [QColor.fromRgb(int(colour)).name() for colour in colours]
    ground = names[int(counts.argmax())]
    return max(contrast(ground, name) for name in names)


def shown_text(widget: QWidget) -> str:
    if isinstance(widget, QLineEdit):
        return widget.text() or widget.placeholderText()
    return widget.text() if isinstance(widget, (QLabel, QPushButton)) else ""


def pale(root: QWidget) -> set[str]:
    """Texts on screen that are hard to read, with what was measured."""
    found = set()
    for widget in root.findChildren(QWidget):
        if not shown_text(widget).strip() or widget.visibleRegion().boundingRect() != widget.rect():
            continue
        # Of the window: a widget alone is painted on nothing where it lets its ground show through.
        place = QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())
        ratio = best_contrast(widget.window().grab(place).toImage(), EDGE)
        if ratio < LEAST_CONTRAST:
            found.add(f"{type(widget).__name__} {shown_text(widget)!r} {ratio:.1f}")
    return found


@pytest.fixture(params=THEMES.values(), ids=str)
def theme(request, qapp):
    apply_theme(qapp, request.param)
    yield request.param
    apply_theme(qapp)


async def test_every_text_of_every_panel_can_be_read(window, theme):
    for title, dock in window.docks.all().items():
        window.docks.show(title)
        await eventually(lambda dock=dock: not dock.widget().visibleRegion().isEmpty())

        assert pale(dock) == set(), title


async def test_every_text_of_the_dialogs_can_be_read(window, desk, theme):
    for name, show in dialogs.ways(window, desk):
        show()
        await eventually(lambda: dialogs.visible(window))
        (dialog,) = dialogs.visible(window)

        assert pale(dialog) == set(), name
        dialog.close()
        await eventually(lambda: not dialogs.visible(window))


def test_a_box_to_tick_can_be_seen_before_it_is_ticked(qapp, qtbot, theme):
    holder = QWidget()
    qtbot.addWidget(holder)
    box = QCheckBox("", holder)
    box.resize(box.sizeHint())
    holder.resize(40, 40)
    holder.show()

    assert best_contrast(holder.grab().toImage(), 0) >= LEAST_OUTLINE
