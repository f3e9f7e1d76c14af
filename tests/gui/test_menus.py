"""Menus and shortcuts by real key presses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QMessageBox

from gui.keymap import key_rows
from gui.theme import DARK, THEMES, active, apply_theme
from gui.widgets.keys_dialog import KeysDialog
from tests.helpers.waiting import eventually

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


async def open_menu(window, letter: Qt.Key) -> QMenu:
    window.activateWindow()  # without a window manager the menu closed before is still the active window
    await eventually(window.isActiveWindow)
    QTest.keyClick(window, letter, ALT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def walk(menu: QMenu) -> list[QMenu]:
    return [menu, *(found for action in menu.actions() if action.menu() for found in walk(action.menu()))]


def mnemonic(text: str) -> str:
    at = text.replace("&&", "").find("&")
    return text.replace("&&", "")[at + 1].lower() if at >= 0 else ""


@pytest.mark.parametrize(
    ("letter", "name"),
    [(Qt.Key.Key_F, "File"), (Qt.Key.Key_T, "Trade"), (Qt.Key.Key_V, "View"), (Qt.Key.Key_H, "Help")],
)
async def test_every_menu_opens_by_its_letter(window, letter, name):
    menu = await open_menu(window, letter)

    assert menu.title().replace("&", "") == name
    menu.close()


async def test_no_two_entries_of_a_menu_share_a_letter(window):
    for top in window.menuBar().actions():
        for menu in walk(top.menu()):
            letters = [mnemonic(action.text()) for action in menu.actions() if mnemonic(action.text())]
            assert len(letters) == len(set(letters)), menu.title()


async def test_cancelling_by_menu_names_the_pair_or_everything(window, desk):
    QTest.keyClick(await open_menu(window, Qt.Key.Key_T), Qt.Key.Key_P)
    await eventually(lambda: desk.executor.cancelled_all == [window.link.symbol])

    QTest.keyClick(await open_menu(window, Qt.Key.Key_T), Qt.Key.Key_E)

    await eventually(lambda: desk.executor.cancelled_all == [window.link.symbol, None])


async def test_a_panel_behind_a_tab_or_closed_comes_to_the_front_by_its_number(window):
    window.docks.all()["Balances"].close()
    titles = list(window.docks.all())

    for title in ("Balances", "Fills", "Orders"):
        QTest.keyClick(window, Qt.Key(Qt.Key.Key_1 + titles.index(title)), CONTROL)

        panel = next(panel for panel in window.panels if panel.title == title)
        await eventually(lambda panel=panel: not panel.visibleRegion().isEmpty())
        assert panel.isAncestorOf(QApplication.focusWidget())


async def test_the_slash_finds_a_symbol_but_can_be_typed_into_a_field(window):
    window.orders.table.setFocus()

    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Slash)
    assert window.watchlist.search.hasFocus()
    QTest.keyClicks(window.watchlist.search, "eth/u")

    assert window.watchlist.search.text() == "eth/u"
    assert window.watchlist.model.keys() == ["ETH/USD"]


async def test_the_list_of_keys_opens_by_question_mark_and_closes_by_escape(window):
    QTest.keyClick(window, Qt.Key.Key_Question)
    dialog = window.findChild(KeysDialog)
    await eventually(dialog.isVisible)
    shown = {label.text() for label in dialog.findChildren(QLabel)}

    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    del dialog

    assert {text for row in key_rows(window.keymap) for text in row} <= shown
    await eventually(lambda: not window.findChildren(KeysDialog))


async def test_the_about_box_names_version_and_mode(window):
    QTest.keyClick(await open_menu(window, Qt.Key.Key_H), Qt.Key.Key_A)
    box = window.findChild(QMessageBox)
    await eventually(box.isVisible)

    assert "Tidewire" in box.text()
    assert "DEMO" in box.text()
    box.close()


async def test_a_theme_is_chosen_by_keyboard_applied_at_once_and_told(window, qapp):
    chosen = []
    window.theme_chosen.connect(chosen.append)
    try:
        for name in ("light", "high contrast", "dark"):
            menu = await open_menu(window, Qt.Key.Key_V)
            QTest.keyClick(menu, Qt.Key.Key_T)
            QTest.keyClick(QApplication.activePopupWidget(), Qt.Key(ord(name[0].upper())))

            assert active() is THEMES[name]
            assert window.chart.canvas.backgroundBrush().color().name() == THEMES[name].panel
    finally:
        apply_theme(qapp, DARK)

    assert chosen == ["light", "high contrast", "dark"]


async def test_the_mode_is_told_by_word_and_colour_in_the_corner(window):
    band = window.menuBar().cornerWidget()

    assert band.text() == "DEMO"
    assert active().demo in band.styleSheet()
    assert "DEMO" in window.windowTitle()
    assert "DEMO" in band.accessibleName()


class Desktop(QObject):
    """Takes the folders that would be opened in a file manager."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


async def test_log_journal_and_settings_are_one_entry_away(window):
    desktop = Desktop()
    QDesktopServices.setUrlHandler("file", desktop, "take")
    try:
        for letter in (Qt.Key.Key_L, Qt.Key.Key_J, Qt.Key.Key_S):
            menu = await open_menu(window, Qt.Key.Key_F)
            QTest.keyClick(menu, letter)
    finally:
        QDesktopServices.unsetUrlHandler("file")

    assert desktop.opened == [str(window.paths.state), str(window.paths.data), str(window.paths.config)]


async def test_another_profile_is_told_in_the_title(window):
    assert window.windowTitle().endswith("DEMO")

    window.paths = replace(window.paths, profile="swing")
    window.link.show_symbol("ETH/USD")

    assert window.windowTitle() == "ETH/USD · Tidewire · DEMO · swing"
