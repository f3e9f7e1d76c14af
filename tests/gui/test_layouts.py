"""Layouts with a name are found again exactly, listed, opened by key and forgotten."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.forms.layouts_dialog import LayoutsDialog
from tests.gui.test_layout import places
from tests.helpers.waiting import eventually
from tests.helpers.window import settled

CONTROL = Qt.KeyboardModifier.ControlModifier


async def open_dialog(window) -> LayoutsDialog:
    window.activateWindow()
    await eventually(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_L, CONTROL)
    dialog = window.findChild(LayoutsDialog)
    await eventually(dialog.isVisible)
    return dialog


async def test_a_named_layout_is_opened_exactly_as_it_was_saved(open_a_window):
    window = open_a_window((780, 700))
    await settled(window)
    docks = window.docks.all()
    docks["Trades"].close()
    docks["Fills"].setFloating(True)
    docks["Fills"].setGeometry(30, 40, 411, 305)
    window.resizeDocks([docks["Order book"], docks["Chart"]], [170, 240], Qt.Orientation.Horizontal)
    window.watchlist.table.choose_columns(frozenset({"Symbol", "Bid", "Ask"}))
    await settled(window)
    kept = places(window)
    dialog = await open_dialog(window)
    QTest.keyClicks(dialog.name, "news / day")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    await eventually(lambda: window.findChild(LayoutsDialog) is None)

    window.docks.arrange()
    window.watchlist.table.choose_columns(None)
    await eventually(lambda: places(window) != kept)
    dialog = await open_dialog(window)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)

    await eventually(lambda: places(window) == kept)
    assert window.watchlist.table.shown_titles == ["Symbol", "Bid", "Ask"]
    assert window.layouts.names() == ["news / day"]


async def test_the_present_layout_is_another_matter_than_the_named_ones(open_a_window):
    first = open_a_window()
    await settled(first)
    first.layouts.save("mine")
    first.docks.all()["Chart"].close()
    first.dispose()

    second = open_a_window(None)
    await settled(second)

    assert second.docks.all()["Chart"].isHidden()
    assert second.layouts.names() == ["mine"]
    assert second.layouts.open("mine")
    await eventually(lambda: not second.docks.all()["Chart"].isHidden())


async def test_a_layout_is_forgotten_by_delete(window):
    window.layouts.save("a")
    window.layouts.save("B")
    dialog = await open_dialog(window)
    assert window.layouts.names() == ["a", "B"]

    dialog.list.setFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_Delete)

    assert window.layouts.names() == ["B"]
    dialog.reject()


@pytest.mark.parametrize("content", [b"", b"[General]\nstate=7\n"])
async def test_a_spoiled_layout_is_told_and_moves_nothing(window, content):
    window.layouts.save("old")
    (file,) = window.paths.layouts_folder.iterdir()
    file.write_bytes(content)
    before = places(window)
    dialog = await open_dialog(window)

    QTest.keyClick(dialog.list, Qt.Key.Key_Return)

    assert "cannot be opened" in dialog.problem.text()
    assert places(window) == before
    dialog.reject()


async def test_the_panel_with_the_keyboard_floats_and_comes_back_by_key(window):
    window.balances.table.setFocus()
    both = CONTROL | Qt.KeyboardModifier.ShiftModifier
    dock = window.docks.all()["Balances"]

    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F, both)
    assert dock.isFloating()
    await eventually(lambda: dock.isAncestorOf(QApplication.focusWidget()))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F, both)

    assert not dock.isFloating()
