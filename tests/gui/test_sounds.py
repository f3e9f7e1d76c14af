"""How an alert is heard: by the system's player, else as the bell."""

import os
import wave

import pytest
from PySide6.QtCore import QObject

from gui.sounds import FOLDER, Sounds
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.skipif(os.name != "posix", reason="players are scripts here")


def player(folder, name, script):
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def parent(qapp):
    return QObject()


@pytest.fixture
def players(tmp_path, monkeypatch):
    """The only folder in which programs are found, besides the shell's."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


async def test_the_first_player_there_is_plays_the_file(players, parent):
    player(players, "aplay", "exit 1")
    player(players, "paplay", f'echo "$0 $*" >> {players}/heard')
    sounds = Sounds(parent)

    sounds.play("alarm")
    await eventually(lambda: (players / "heard").exists() and (players / "heard").read_text().endswith("\n"))

    program, file = (players / "heard").read_text().split()
    assert program.endswith("/paplay")
    assert file == str(FOLDER / "alarm.wav")
    assert sounds.word == "sound"
    sounds.stop()


async def test_a_player_that_fails_is_given_up_for_the_bell(players, parent):
    player(players, "aplay", "exit 1")
    sounds = Sounds(parent)

    sounds.play("fill")

    await eventually(lambda: sounds.word == "bell")
    sounds.play("fill")


async def test_while_a_sound_is_heard_no_other_begins_and_closing_ends_it(players, parent):
    player(players, "pw-play", f"echo one >> {players}/heard; exec /bin/sleep 60")
    sounds = Sounds(parent)

    for _ in range(5):
        sounds.play("fill")
    heard = players / "heard"
    await eventually(lambda: heard.exists() and heard.read_text())  # a file is there before its words are
    sounds.stop()

    assert heard.read_text() == "one\n"
    assert sounds.word == "sound"


async def test_a_packaged_program_does_not_lend_its_libraries_to_the_player(players, parent, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/tidewire/_internal")
    player(players, "aplay", f'echo "[$LD_LIBRARY_PATH]" > {players}/heard')
    sounds = Sounds(parent)

    sounds.play("notice")

    await eventually(lambda: (players / "heard").exists() and (players / "heard").read_text().endswith("\n"))
    assert (players / "heard").read_text() == "[]\n"
    await eventually(lambda: sounds._running is None)


def test_without_a_player_the_bell_rings(players, parent):
    sounds = Sounds(parent)

    assert sounds.word == "bell"
    sounds.play("alarm")


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.wav")), ids=lambda file: file.stem)
def test_every_sound_is_plain_pcm_that_any_player_knows(file):
    with wave.open(str(file)) as sound:
        assert sound.getcomptype() == "NONE"
        assert sound.getsampwidth() == 2
        assert 0.05 < sound.getnframes() / sound.getframerate() < 3
