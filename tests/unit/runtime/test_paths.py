import stat
from pathlib import Path

import pytest

from core.domain.errors import StartError
from core.runtime.paths import find_paths, make_private_folder


def test_one_variable_moves_everything_below_one_folder(tmp_path):
    paths = find_paths("work", {"TIDEWIRE_HOME": str(tmp_path)})

    assert paths.settings_file == tmp_path / "config" / "work" / "settings.json"
    assert paths.log_file.is_relative_to(tmp_path)
    assert paths.journal_file("live").is_relative_to(tmp_path)
    assert paths.cache.is_relative_to(tmp_path)


def test_profiles_share_no_folder():
    first, second = find_paths("one"), find_paths("two")

    for kind in ("config", "data", "state", "cache"):
        assert getattr(first, kind) != getattr(second, kind)


def test_without_the_variable_the_system_decides(own_home):
    paths = find_paths("work", {})

    folders = {paths.config, paths.data, paths.state, paths.cache}
    assert len(folders) == 4
    assert all("tidewire" in str(folder) and "work" in folder.parts for folder in folders)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-x", "a b", "x" * 41, "käse"])
def test_a_profile_name_that_could_leave_its_folder_is_refused(name):
    with pytest.raises(StartError) as refusal:
        find_paths(name)

    assert "letters, digits" in refusal.value.user_message


def test_made_folders_are_closed_to_others(tmp_path):
    paths = find_paths("work", {"TIDEWIRE_HOME": str(tmp_path / "home")})

    paths.make()
    paths.make()

    for folder in (paths.config, paths.data, paths.state, paths.cache, paths.recordings):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_stood_open_is_closed(tmp_path):
    tmp_path.chmod(0o755)

    make_private_folder(tmp_path)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_file_in_the_way_is_named(tmp_path):
    obstacle = tmp_path / "home"
    obstacle.write_text("")

    with pytest.raises(StartError) as refusal:
        find_paths("work", {"TIDEWIRE_HOME": str(obstacle)}).make()

    assert str(obstacle) in refusal.value.user_message


def test_a_home_given_with_a_tilde_is_the_users(monkeypatch):
    monkeypatch.setenv("HOME", "/nowhere/trader")

    assert find_paths(env={"TIDEWIRE_HOME": "~/tw"}).config.is_relative_to(Path("/nowhere/trader/tw"))


def test_paths_know_their_profile(tmp_path):
    assert find_paths("swing", {"TIDEWIRE_HOME": str(tmp_path)}).profile == "swing"
    assert find_paths(env={"TIDEWIRE_HOME": str(tmp_path)}).profile == "default"
