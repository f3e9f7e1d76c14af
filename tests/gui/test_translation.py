"""The screen speaks German when it is asked to: complete, up to date, and without two entries on one letter."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu

from gui.forms.preferences_dialog import PreferencesDialog
from gui.keymap import BY_NAME, COMMANDS, title_of
from gui.translation import FOLDER, install, language_of
from tests.gui.test_menus import mnemonic, walk
from tests.helpers.waiting import eventually
from tests.helpers.window import settled

SOURCE = FOLDER / "update.py"


@pytest.fixture
def update():
    spec = importlib.util.spec_from_file_location("update", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
async def german(qapp, open_a_window):
    installed = install(qapp, "de")
    window = open_a_window()
    await settled(window)
    yield window
    for translator in installed:
        qapp.removeTranslator(translator)


def test_the_language_is_the_setting_s_else_the_system_s_else_english():
    assert language_of("de", []) == "de"
    assert language_of("en", ["de-DE"]) == "en"
    assert language_of("system", ["fr-FR", "de-AT", "en-GB"]) == "de"
    assert language_of("system", ["en-GB", "de-AT"]) == "en"
    assert language_of("system", ["fr-FR"]) == "en"


def test_every_text_is_translated_and_keeps_its_places(update):
    known = update.read(FOLDER / "tidewire_de.ts")
    wanted = set(update.collect(Path("gui").resolve()))

    assert wanted == set(known), "run python resources/translations/update.py"
    assert [text for text in known if not known[text]] == []
    for (_, source), text in known.items():
        assert sorted(re.findall(r"%[1-9n]", source)) == sorted(re.findall(r"%[1-9n]", text)), source


def test_the_compiled_file_says_what_the_source_says(qapp, update):
    (translator, *_) = install(qapp, "de")[-1:]
    try:
        for (context, source), text in update.read(FOLDER / "tidewire_de.ts").items():
            assert translator.translate(context, source) == text
    finally:
        for one in (translator,):
            qapp.removeTranslator(one)


async def test_menus_keys_and_dialogs_are_german(german):
    menus = [action.text().replace("&", "") for action in german.menuBar().actions()]
    assert menus == ["Datei", "Handel", "Ansicht", "Hilfe"]
    assert title_of(BY_NAME["flatten"]) == "Paar glattstellen (halten)"
    assert german.ticket.sides.keys()
    assert "KAUF" in next(iter(german.ticket.sides.values())).text()

    QTest.keyClick(german, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = german.findChild(PreferencesDialog)
    await eventually(dialog.isVisible)
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    assert {"Sprache", "Bestand, der beim Glattstellen bleibt"} <= shown
    dialog.reject()


async def test_no_two_entries_of_a_german_menu_share_a_letter(german):
    tops = [mnemonic(action.text()) for action in german.menuBar().actions()]
    assert len(set(tops)) == len(tops)
    for top in german.menuBar().actions():
        for menu in walk(top.menu()):
            assert isinstance(menu, QMenu)
            letters = [mnemonic(action.text()) for action in menu.actions() if mnemonic(action.text())]
            assert len(letters) == len(set(letters)), f"{menu.title()} {letters}"


async def test_an_order_is_written_the_same_in_every_language(german, desk):
    german.ticket.qty.setText("0.01")
    german.ticket.limit.setText("60000.0")

    assert "0.01 BTC @ 60,000.0" in german.ticket.send.text()
    assert all(command.keys == BY_NAME[command.name].keys for command in COMMANDS)
