"""Preferences: found by typing, checked before they are taken, applied at once, carried in a file without secrets."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.runtime.settings import Settings
from gui.forms.preferences_dialog import PreferencesDialog
from gui.theme import DARK, active, apply_theme
from tests.helpers.waiting import eventually


@pytest.fixture
async def dialog(window) -> PreferencesDialog:
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    found = window.findChild(PreferencesDialog)
    await eventually(found.isVisible)
    return found


def retype(field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def shown(dialog) -> set[str]:
    return {name for name, field in dialog.fields.items() if field.isVisibleTo(dialog)}


async def test_typing_narrows_the_list_to_what_is_meant(dialog):
    QTest.keyClicks(dialog.search, "flatten")

    assert shown(dialog) == {"keep", "flatten_bps", "keys.flatten", "keys.flatten_to"}


async def test_a_theme_is_applied_at_once_and_told_to_who_keeps_it(dialog, window, qapp):
    told = []
    window.choices.chosen.connect(told.append)
    try:
        field = dialog.fields["theme"]
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Down)

        assert active().name == "light"
        assert told == [{"theme": "light"}]
    finally:
        apply_theme(qapp, DARK)


async def test_values_are_taken_when_they_fit_and_told_when_they_do_not(dialog, window):
    choices = window.choices
    retype(dialog.fields["flatten_bps"], "45")
    assert choices.settings.flatten_bps == 45

    retype(dialog.fields["flatten_bps"], "0")
    assert choices.settings.flatten_bps == 45
    assert "flatten_bps" in dialog.told.text()
    assert dialog.fields["flatten_bps"].property("invalid") is True
    retype(dialog.fields["flatten_bps"], "many")
    assert choices.settings.flatten_bps == 45
    assert "many" in dialog.told.text()

    retype(dialog.fields["keep"], "btc 1.5, ETH 0")
    assert choices.settings.keep == {"BTC": "1.5", "ETH": "0"}
    retype(dialog.fields["size_presets"], "1, 2, 3")
    assert choices.settings.size_presets == Settings().size_presets


async def test_a_key_is_bound_at_once_and_a_taken_one_is_refused(dialog, window):
    arm = dialog.fields["keys.arm"]
    retype(arm, "H")
    assert "belongs to" in dialog.told.text()
    assert window.keymap.keys("arm") == ("L",)

    retype(arm, "Ctrl+J F7")
    assert window.keymap.keys("arm") == ("Ctrl+J", "F7")
    assert window.choices.settings.keys == {"arm": ("Ctrl+J", "F7")}
    assert [key.toString() for key in window.actions_by_name["arm"].shortcuts()] == ["Ctrl+J", "F7"]

    retype(arm, "L")
    assert window.choices.settings.keys == {}


async def test_an_export_is_taken_over_by_another_desk_and_holds_nothing_of_this_run(
    dialog, window, open_a_window, tmp_path
):
    file = tmp_path / "taken.json"
    window.choices.set(killed="pulled by hand", flatten_bps=77, keys={"arm": ["Ctrl+J"]}, symbols=["ETH/USD"])
    dialog.export_to(str(file))
    text = json.loads(file.read_text())
    assert not {"killed", "mode", "version"} & set(text)
    assert not any(word in file.read_text().lower() for word in ("secret", "api_key", "token", "password"))

    window.choices.set(flatten_bps=30, keys={}, killed="")
    dialog.import_from(str(file))

    assert window.choices.settings.flatten_bps == 77
    assert window.choices.settings.killed == ""
    assert window.keymap.keys("arm") == ("Ctrl+J",)
    assert "Imported" in dialog.told.text()


@pytest.mark.parametrize("text", ["{", '{"flatten_bps": "lots"}', '{"secret": 1}', '{"keys": {"arm": "L"}}'])
async def test_a_file_that_does_not_fit_changes_nothing_and_is_named(dialog, window, tmp_path, text):
    file, before = tmp_path / "odd.json", window.choices.settings
    file.write_text(text)

    dialog.import_from(str(file))

    assert window.choices.settings == before
    assert "odd.json" in dialog.told.text()


async def test_the_usual_keys_come_back(dialog, window):
    window.choices.set(keys={"arm": ["Ctrl+J"], "health": ["F1"]})
    assert dialog.fields["keys.health"].text() == "F1"

    dialog._usual_keys()

    assert window.choices.settings.keys == {}
    assert dialog.fields["keys.health"].text() == "H"
