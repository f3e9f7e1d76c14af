"""What the user chooses in the window is found again, and nothing else is written."""

from __future__ import annotations

import typing

import pytest
from msgspec import to_builtins

from core.domain.errors import SettingsError
from core.domain.ids import Symbol
from core.domain.limits import Band, RiskLimits
from core.runtime.settings import Settings, ThemeName, changed, load_settings, save_settings
from gui.app import Preferences
from gui.theme import THEMES


def test_a_choice_is_written_beside_what_the_file_said_before(tmp_path):
    file = tmp_path / "settings.json"
    stored = changed(Settings(), log_level="debug")
    save_settings(stored, file)
    preferences = Preferences(stored, file)

    preferences.remember(theme="light")
    preferences.remember(symbols=["ETH/USD"])

    assert load_settings(file) == changed(stored, theme="light", symbols=["ETH/USD"])


def test_a_choice_that_does_not_fit_changes_neither_file_nor_memory(tmp_path):
    file = tmp_path / "settings.json"
    preferences = Preferences(Settings(), file)

    with pytest.raises(SettingsError):
        preferences.remember(symbols=["nonsense"])
    preferences.remember(theme="light")

    assert load_settings(file) == changed(Settings(), theme="light")


def test_limits_set_in_the_window_are_found_again(tmp_path):
    file = tmp_path / "settings.json"
    limits = RiskLimits().with_band("notional", Band(1, 2, 3), Symbol("BTC/USD"))

    Preferences(Settings(), file).remember(limits=to_builtins(limits))

    assert load_settings(file).limits == limits


@pytest.mark.parametrize(
    "limits",
    [
        {"every": {"away": {"hold": 3, "type": 2, "block": 1}}},
        {"every": {"away": {"hold": 1, "type": 2, "block": 10_001}}},
        {"pairs": {"bitcoin": {}}},
        {"pairs": {"BTC/USD": {"notional": {"hold": -1, "type": 2, "block": 3}}}},
        {"submits": 0},
        {"loss": {"reduce": 2, "halt": 1}},
        {"colour": "red"},
    ],
)
def test_limits_that_make_no_sense_are_refused(tmp_path, limits):
    with pytest.raises(SettingsError, match="limits"):
        Preferences(Settings(), tmp_path / "settings.json").remember(limits=limits)


def test_the_settings_know_exactly_the_themes_that_exist():
    assert set(typing.get_args(ThemeName)) == set(THEMES)
