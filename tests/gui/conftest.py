"""The real window on a hand-filled desk, opened as often as a test likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from shiboken6 import isValid

from core.runtime.tasks import Supervisor
from gui.main_window import MainWindow
from gui.theme import apply_theme
from tests.helpers.market import Desk, full_desk
from tests.helpers.window import open_window, settled

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def desk() -> Desk:
    return full_desk()


@pytest.fixture
async def open_a_window(qapp, desk: Desk, tmp_path: Path) -> AsyncIterator[OpenWindow]:
    """Call it to open a window; all share one home, and those still open at the end are disposed of."""
    apply_theme(qapp)
    windows: list[MainWindow] = []
    async with Supervisor("window") as tasks:

        def open_one(size: tuple[int, int] | None = (1366, 768), desk: Desk = desk) -> MainWindow:
            windows.append(open_window(desk, tmp_path, tasks, size))
            return windows[-1]

        yield open_one
        for window in windows:
            if isValid(window) and window.isVisible():
                window.dispose()


@pytest.fixture
async def window(open_a_window: OpenWindow) -> MainWindow:
    """One window whose first layout has settled."""
    shown = open_a_window()
    await settled(shown)
    return shown
