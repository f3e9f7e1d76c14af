"""Sounds without a multimedia library: the system's own player is asked, and where there is none the bell rings."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment
from PySide6.QtWidgets import QApplication

log = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "sounds"
PLAYERS: tuple[tuple[str, ...], ...] = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))
"""Players of PipeWire, PulseAudio, ALSA and macOS, the first one found is used."""

STOP_MS = 500


class Sounds:
    """Plays the program's sounds one at a time. ``word`` says how: by a player, or as the desktop's bell.

    A player that fails (no sound card, no sound server) is given up with the reason in the log, and the bell rings.
    """

    def __init__(self, parent: QObject) -> None:
        self._parent = parent
        self._running: QProcess | None = None
        self._play = _player_of_windows() or self._player_of_the_desktop()

    @property
    def word(self) -> str:
        """How a sound is made."""
        return "bell" if self._play is None else "sound"

    def play(self, name: str) -> None:
        """Begin a sound; returns at once. While one is heard no other begins."""
        if self._play is None:
            QApplication.beep()
        else:
            self._play(FOLDER / f"{name}.wav")

    def stop(self) -> None:
        """Be silent."""
        running, self._running = self._running, None
        if running is not None:
            running.blockSignals(True)
            running.kill()
            running.waitForFinished(STOP_MS)
            running.deleteLater()

    def _player_of_the_desktop(self) -> Callable[[Path], None] | None:
        for name, *options in PLAYERS:
            program = shutil.which(name)
            if program is not None:
                return partial(self._start, program, options)
        return None

    def _start(self, program: str, options: list[str], file: Path) -> None:
        if self._running is not None:
            return
        process = self._running = QProcess(self._parent)
        process.setProcessEnvironment(_environment())
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._not_started)
        process.start(program, [*options, str(file)])

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        process, self._running = self._running, None
        if process is not None:
            process.deleteLater()
        if code or status is not QProcess.ExitStatus.NormalExit:
            self._give_up(f"the player ended with {code}")

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._running is not None:
            self._running.deleteLater()
            self._running = None
            self._give_up("the player did not start")

    def _give_up(self, reason: str) -> None:
        log.info("no sounds, the bell rings instead reason=%s", reason)
        self._play = None
        QApplication.beep()


def _environment() -> QProcessEnvironment:
    """Return what a program of the system expects; a packaged program is led to the libraries it brings."""
    environment = QProcessEnvironment.systemEnvironment()
    before = environment.value("LD_LIBRARY_PATH_ORIG")
    if before:
        environment.insert("LD_LIBRARY_PATH", before)
    else:
        environment.remove("LD_LIBRARY_PATH")
    return environment


def _player_of_windows() -> Callable[[Path], None] | None:
    if sys.platform == "win32":
        import winsound

        flags = winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT
        return lambda file: winsound.PlaySound(str(file), flags)
    return None
