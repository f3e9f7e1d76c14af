import os
import stat

import pytest

from core.domain.errors import SettingsError
from core.domain.mode import Mode
from core.runtime.settings import Settings, changed, load_settings, save_settings


def test_without_a_file_the_defaults_hold(tmp_path):
    assert load_settings(tmp_path / "settings.json") == Settings()


def test_what_was_saved_is_loaded(tmp_path):
    file = tmp_path / "settings.json"
    settings = changed(Settings(), symbols=["ETH/USD"], log_level="debug", mode="paper")

    save_settings(settings, file)

    assert load_settings(file) == settings
    assert settings.mode is Mode.PAPER


def test_a_file_may_name_only_what_differs(tmp_path):
    file = tmp_path / "settings.json"
    file.write_text('{"log_level": "debug"}')

    assert load_settings(file) == changed(Settings(), log_level="debug")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"log_levle": "debug"}', "unknown field `log_levle`"),
        ('{"log_level": "loud"}', "$.log_level"),
        ('{"symbols": ["BTC/USD", 7]}', "$.symbols[1]"),
        ('{"symbols": ["BTC"]}', "$.symbols[0]"),
        ('{"symbols": ["BTC/USD", "ethusd"]}', "'ethusd' is no pair (a pair is written in capitals"),
        ('{"symbols": []}', "$.symbols"),
        ('{"mode": "real"}', "$.mode"),
        ('{\n  "mode": "demo",\n  "log_level": \n}', "line 4"),
        ('{"mode": "demo"', "not valid JSON"),
        ("", "not valid JSON"),
        ("[]", "one JSON object"),
        ("null", "one JSON object"),
        ('{"version": 99, "wings": 2}', "newer Tidewire (version 99, here 1)"),
        ('{"version": 0}', "$.version"),
        ('{"version": "one"}', "$.version"),
        ('{"log_level": "debug"} trailing', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        (" " * (1 << 20) + "{}", "larger than"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_place(tmp_path, text, told):
    file = tmp_path / "settings.json"
    file.write_text(text)

    with pytest.raises(SettingsError) as refusal:
        load_settings(file)

    assert str(file) in refusal.value.user_message
    assert told in refusal.value.user_message


def test_bytes_that_are_no_text_are_refused(tmp_path):
    file = tmp_path / "settings.json"
    file.write_bytes(b'{"log_level": "\xff\xfe"}')

    with pytest.raises(SettingsError, match="not valid JSON"):
        load_settings(file)


def test_a_bad_file_is_never_overwritten(tmp_path):
    file = tmp_path / "settings.json"
    file.write_text('{"symbols": ["BTC/USD",]}')

    with pytest.raises(SettingsError):
        save_settings(Settings(), file)

    assert file.read_text() == '{"symbols": ["BTC/USD",]}'
    assert os.listdir(tmp_path) == ["settings.json"]


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_saving_into_a_missing_folder_says_so(tmp_path):
    with pytest.raises(SettingsError, match="cannot be written"):
        save_settings(Settings(), tmp_path / "gone" / "settings.json")


def test_the_file_is_readable_by_its_owner_alone_and_no_draft_stays(tmp_path):
    file = tmp_path / "settings.json"

    save_settings(Settings(), file)
    save_settings(changed(Settings(), log_level="error"), file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["settings.json"]


def test_a_change_that_does_not_fit_is_refused_and_changes_nothing():
    settings = Settings()

    with pytest.raises(SettingsError, match="log_level"):
        changed(settings, log_level="loud")
    with pytest.raises(SettingsError, match=r"'BTCUSD' is no pair .* as BTC/USD"):
        changed(settings, symbols=["ETH/USD", "BTCUSD"])
    with pytest.raises(SettingsError, match="wings"):
        changed(settings, wings=2)

    assert settings == Settings()
