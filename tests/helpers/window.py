"""The real main window on a desk filled by hand: no exchange, no clock that runs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from core.domain.ids import Symbol
from core.runtime.paths import Paths
from core.runtime.tasks import Supervisor
from gui.bridge import Bridge
from gui.frame_clock import FrameClock
from gui.main_window import MainWindow
from tests.helpers.market import LISTED, Desk
from tests.helpers.waiting import eventually


def open_window(
    desk: Desk, home: Path, tasks: Supervisor, size: tuple[int, int] | None = (1366, 768)
) -> MainWindow:
    """Show the window; whoever opened it disposes of it. ``home`` keeps the layout, ``size`` overrules its."""
    paths = Paths(*(home / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    window = MainWindow(
        session=desk,  # type: ignore[arg-type]  # a desk has what a window asks of a session
        bridge=Bridge(tasks),
        frame_clock=FrameClock(desk.stores),
        symbols=[Symbol(row[0]) for row in LISTED],
        paths=paths,
    )
    if size is not None:
        window.resize(*size)
    window.show()
    window.activateWindow()
    return window


async def settled(window: MainWindow) -> None:
    """Wait until the docks have their places, which takes a few turns of the loop."""
    docks = window.docks.all()
    before: list[object] = []

    def stands() -> bool:
        places: list[object] = [dock.geometry().getRect() for dock in docks.values()]
        same, before[:] = places == before, places
        tabbed = docks["Fills"].isFloating() or docks["Fills"].visibleRegion().isEmpty()
        return same and tabbed and QApplication.activeWindow() is not None

    await eventually(stands)
