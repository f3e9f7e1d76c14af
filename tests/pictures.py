"""Pictures of the window with hand-filled stores: ``python -m tests.pictures [name…]`` writes build/pictures/*.png.

For the eyes of whoever changes how things look. No network, no clock that runs: the same code gives the same picture.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before any Qt import

from PySide6.QtWidgets import QApplication

from core.domain.mode import Mode
from core.runtime.paths import Paths
from core.runtime.tasks import Supervisor
from gui.bridge import Bridge
from gui.frame_clock import FrameClock
from gui.main_window import MainWindow
from gui.qt_loop import QtLoop
from gui.theme import apply_theme
from tests.helpers.market import LISTED, Desk, full_desk

FOLDER = Path(__file__).resolve().parent.parent / "build" / "pictures"
SIZES = {"small": (1366, 768), "large": (1920, 1080)}
SETTLE_S = 0.4


def open_window(desk: Desk, home: Path, tasks: Supervisor, size: tuple[int, int]) -> MainWindow:
    """The real main window on a desk filled by hand."""
    paths = Paths(*(home / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    window = MainWindow(
        session=desk,  # type: ignore[arg-type]  # a desk has what a window asks of a session
        bridge=Bridge(tasks),
        frame_clock=FrameClock(desk.stores),
        symbols=[row[0] for row in LISTED],
        paths=paths,
    )
    window.resize(*size)
    window.show()
    return window


async def take(name: str, size: tuple[int, int], mode: Mode) -> None:
    desk = full_desk(mode=mode)
    with tempfile.TemporaryDirectory() as home:
        async with Supervisor("pictures") as tasks:
            window = open_window(desk, Path(home), tasks, size)
            await asyncio.sleep(SETTLE_S)
            window.health.refresh()
            await asyncio.sleep(SETTLE_S)
            FOLDER.mkdir(parents=True, exist_ok=True)
            window.grab().save(str(FOLDER / f"{name}.png"), "PNG")
            for problem in window.panels_without_data():
                sys.stderr.write(f"{name}: {problem}\n")
            window.dispose()


async def take_all(names: list[str]) -> None:
    for name, size in SIZES.items():
        if not names or name in names:
            await take(name, size, Mode.DEMO)


def main() -> None:
    app = QApplication(["pictures"])
    app.setQuitOnLastWindowClosed(False)
    apply_theme(app)
    with asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner:
        runner.run(take_all(sys.argv[1:]))


if __name__ == "__main__":
    main()
