"""The installed program, started for the first time: it asks, remembers, and asks no more."""

from __future__ import annotations

import json
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.domain.mode import Mode
from core.runtime.logs import Logs
from core.runtime.paths import find_paths
from core.runtime.settings import load_settings
from core.runtime.tasks import Supervisor
from gui.app import Preferences, Terminal
from gui.cli import build_parser
from gui.forms.welcome_dialog import WelcomeDialog
from gui.main_window import MainWindow
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


def shown(kind):
    return next(
        (one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()), None
    )


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    """One start of the program with a home of its own; the second one finds what the first left."""
    monkeypatch.setenv("TIDEWIRE_HOME", str(tmp_path))
    paths = find_paths()
    paths.make()
    logs = Logs(paths.log_file, level="warning")

    def start() -> Terminal:
        options = build_parser().parse_args(["--symbols", "BTC/USD"])
        options.welcomes = not paths.settings_file.exists()
        settings = load_settings(paths.settings_file)
        preferences = Preferences(settings, paths.settings_file)
        return Terminal(options, settings, paths, logs, preferences, time.monotonic_ns())

    yield start
    logs.stop()


async def test_the_answer_opens_the_window_and_is_remembered(qtbot, terminal, tmp_path):
    async with Supervisor("test") as tasks:
        first = tasks.spawn(terminal().run(), name="first")
        await eventually(lambda: shown(WelcomeDialog))
        assert shown(MainWindow) is None
        QTest.mouseClick(shown(WelcomeDialog).buttons[Mode.DEMO], Qt.MouseButton.LeftButton)
        await eventually(lambda: shown(MainWindow), timeout_s=20)
        assert shown(WelcomeDialog) is None
        assert shown(MainWindow).mode is Mode.DEMO
        shown(MainWindow).close_requested.emit()
        assert await first == 0

        kept = json.loads((tmp_path / "config" / "default" / "settings.json").read_text())
        assert kept["mode"] == "demo"

        second = tasks.spawn(terminal().run(), name="second")
        await eventually(lambda: shown(MainWindow), timeout_s=20)
        assert shown(WelcomeDialog) is None
        shown(MainWindow).close_requested.emit()
        assert await second == 0


async def test_closing_the_page_ends_the_program_and_remembers_nothing(qtbot, terminal, tmp_path):
    async with Supervisor("test") as tasks:
        run = tasks.spawn(terminal().run(), name="run")
        await eventually(lambda: shown(WelcomeDialog))
        shown(WelcomeDialog).close()

        assert await run == 0
    assert shown(MainWindow) is None
    assert not (tmp_path / "config" / "default" / "settings.json").exists()
