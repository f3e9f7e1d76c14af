"""No word on screen is cut: every panel at the width it has in the smallest window, every dialog, both languages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QTabBar,
    QTableWidget,
    QWidget,
)

from gui.models.keyed_table import title_of
from gui.theme import figure_font, ui_font
from gui.translation import install
from gui.widgets.cell_painter import PADDING
from gui.widgets.figure_grid import FigureGrid
from gui.widgets.figure_strip import FigureStrip
from gui.widgets.live_text import LiveText
from gui.widgets.table import Table
from tests.helpers import dialogs
from tests.helpers.waiting import eventually
from tests.helpers.window import settled

LEAST_DIALOGS = 20
TAB_PADDING = 20
"""Both sides together, as the theme has it."""


def width_of(widget: QWidget, text: str) -> int:
    metrics = QFontMetrics(widget.font())
    return max(metrics.horizontalAdvance(line) for line in text.replace("&", "").split("\n"))


def label_cut(label: QLabel) -> str:
    text, room = label.text(), label.contentsRect()
    if label.textFormat() is Qt.TextFormat.RichText or not text:
        return ""
    if label.wordWrap():
        metrics = QFontMetrics(label.font())
        needed = metrics.boundingRect(QRect(0, 0, room.width(), 0), Qt.TextFlag.TextWordWrap, text)
        return text if needed.height() > room.height() or needed.width() > room.width() else ""
    return text if width_of(label, text) > room.width() else ""


def button_cut(button: QPushButton | QCheckBox) -> str:
    option = QStyleOptionButton()
    button.initStyleOption(option)
    part = QStyle.SubElement.SE_PushButtonContents
    if isinstance(button, QCheckBox):
        part = QStyle.SubElement.SE_CheckBoxContents
    room = button.style().subElementRect(part, option, button)
    return button.text() if width_of(button, button.text()) > room.width() else ""


def combo_cut(combo: QComboBox) -> str:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    room = combo.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, combo)
    texts = [combo.itemText(at) for at in range(combo.count())]
    return next((text for text in texts if width_of(combo, text) > room.width()), "")


def field_cut(field: QLineEdit) -> str:
    text = field.text() or field.placeholderText()
    margins = field.textMargins().left() + field.textMargins().right()
    told = text in field.toolTip()  # a list that is typed scrolls under the cursor
    return text if not told and width_of(field, text) > field.contentsRect().width() - margins - 4 else ""


def tabs_cut(bar: QTabBar) -> str:
    tabs = range(bar.count()) if bar.isVisible() else ()
    cut = [
        bar.tabText(at)
        for at in tabs
        if width_of(bar, bar.tabText(at)) + TAB_PADDING > bar.tabRect(at).width()
        or bar.tabRect(at).right() >= bar.width()
    ]
    return ", ".join(cut)


def table_cut(table: Table) -> str:
    model, found = table.model(), []
    for at, column in enumerate(model.columns):
        room = table.columnWidth(at) - 2 * PADDING
        if table.isColumnHidden(at):
            continue
        if width_of(table.horizontalHeader(), title_of(column)) > room:
            found.append(f"header {title_of(column)}")
        for row in range(min(model.rowCount(), 40)):
            index = model.index(row, at)
            text = str(index.data() or "")
            metrics = QFontMetrics(index.data(Qt.ItemDataRole.FontRole) or table.font())
            short = column.short(model.row_at(row)) if column.short else text
            told = column.hint(model.row_at(row)) if column.hint else ""
            if metrics.horizontalAdvance(short) > room and not told and column.points is None:
                found.append(f"{title_of(column)}: {text}")
    return ", ".join(found)


def list_cut(table: QTableWidget) -> str:
    titles = [table.horizontalHeaderItem(at) for at in range(table.columnCount())]
    return ", ".join(
        item.text()
        for at, item in enumerate(titles)
        if item is not None and width_of(table.horizontalHeader(), item.text()) > table.columnWidth(at) - 8
    )


def live_cut(text: LiveText) -> str:
    return text.text() if text.painted() not in (text._text, *text._shorter) else ""


def grid_cut(grid: FigureGrid) -> str:
    texts = [(ui_font(0.86), figure.name) for figure in grid.figures]
    texts += [(figure_font(), figure.text) for figure in grid.figures]
    room = grid.width() // max(1, grid.width() // grid.cell_width) - 1 - 2 * PADDING
    return ", ".join(text for font, text in texts if QFontMetrics(font).horizontalAdvance(text) > room)


def strip_cut(strip: FigureStrip) -> str:
    return ", ".join(figure.name for figure in strip.figures if figure.name not in strip.places)


JUDGES = (
    (FigureGrid, grid_cut),
    (FigureStrip, strip_cut),
    (LiveText, live_cut),
    (Table, table_cut),
    (QTableWidget, list_cut),
    (QTabBar, tabs_cut),
    (QLabel, label_cut),
    (QPushButton, button_cut),
    (QCheckBox, button_cut),
    (QComboBox, combo_cut),
    (QLineEdit, field_cut),
)


def cut_in(root: QWidget) -> set[str]:
    """What is cut on a widget, with its kind and name."""
    found = set()
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        judge = next((judge for kind, judge in JUDGES if isinstance(widget, kind)), None)
        told = judge(widget) if judge is not None else ""
        if told:
            found.add(f"{type(widget).__name__} {widget.width()} px: {told}")
    return found


@pytest.mark.parametrize(
    "kind", [QLabel, QPushButton, QCheckBox, QLineEdit, QComboBox], ids=lambda kind: kind.__name__
)
def test_what_is_too_narrow_is_found(qtbot, kind):
    holder = QWidget()
    qtbot.addWidget(holder)
    control = kind(holder)
    if kind is QComboBox:
        control.addItem("Cancel all")
    else:
        control.setText("Cancel all")
    control.resize(control.sizeHint())
    holder.resize(300, 60)
    holder.show()
    usual = cut_in(holder)
    control.resize(control.fontMetrics().horizontalAdvance("Cancel all") - 2, control.height())

    assert usual == set()
    assert [words.endswith("px: Cancel all") for words in cut_in(holder)] == [True]


@pytest.fixture(params=("en", "de"))
async def spoken(request, qapp, open_a_window):
    installed = install(qapp, request.param)
    window = open_a_window()
    await settled(window)
    yield window
    for translator in installed:
        qapp.removeTranslator(translator)


async def test_no_word_of_the_first_layout_and_of_any_panel_is_cut(spoken):
    window, found = spoken, {}
    found["window"] = cut_in(window)
    for title, dock in window.docks.all().items():
        window.docks.show(title)
        await eventually(lambda dock=dock: not dock.widget().visibleRegion().isEmpty())
        found[title] = cut_in(dock)

    assert {title: cut for title, cut in found.items() if cut} == {}


async def test_no_word_of_any_dialog_is_cut(spoken, desk):
    found = {}
    for name, show in dialogs.ways(spoken, desk):
        show()
        await eventually(lambda: dialogs.visible(spoken))
        for dialog in dialogs.visible(spoken):
            found[name] = cut_in(dialog)
            dialog.close()
        await eventually(lambda: not dialogs.visible(spoken))

    assert len(found) >= LEAST_DIALOGS
    assert {title: cut for title, cut in found.items() if cut} == {}
