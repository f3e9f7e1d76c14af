"""``tidewire paper reset``: what it forgets, and when it does not."""

from __future__ import annotations

import pytest

from core.runtime.paths import find_paths
from gui.cli import EXIT_FAILED, EXIT_OK, main
from gui.single_instance import SingleInstance


@pytest.fixture
def paths(tmp_path, monkeypatch):
    monkeypatch.setenv("TIDEWIRE_HOME", str(tmp_path))
    found = find_paths("swing")
    found.make()
    return found


def test_reset_forgets_the_account_of_one_profile_alone(paths, capsys):
    other = find_paths("default")
    other.make()
    for file in (paths.paper_file, other.paper_file, paths.journal_file("paper")):
        file.write_bytes(b"x")

    assert main(["--profile", "swing", "paper", "reset"]) == EXIT_OK

    assert "profile swing is forgotten" in capsys.readouterr().out
    assert not paths.paper_file.exists()
    assert other.paper_file.exists()
    assert paths.journal_file("paper").exists()


def test_reset_says_that_there_was_nothing(paths, capsys):
    assert main(["--profile", "swing", "paper", "reset"]) == EXIT_OK
    assert "not there" in capsys.readouterr().out


def test_reset_is_refused_while_a_terminal_uses_the_profile(paths, capsys):
    paths.paper_file.write_bytes(b"x")
    running = SingleInstance(paths.state)
    assert running.hold()
    try:
        assert main(["--profile", "swing", "paper", "reset"]) == EXIT_FAILED
    finally:
        running.release()
    assert "Close the Tidewire" in capsys.readouterr().err
    assert paths.paper_file.exists()
