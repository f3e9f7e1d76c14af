"""The real main window on a desk filled by hand: no exchange, no clock that runs."""

from __future__ import annotations

from pathlib import Path

from core.domain.ids import Symbol
from core.runtime.paths import Paths
from core.runtime.tasks import Supervisor
from gui.bridge import Bridge
from gui.frame_clock import FrameClock
from gui.layout import WIDTHS
from gui.main_window import MainWindow
from tests.helpers.market import LISTED, Desk
from tests.helpers.waiting import eventually


def open_window(desk: Desk, home: Path, tasks: Supervisor, size: tuple[int, int] = (1366, 768)) -> MainWindow:
    """Show the window; whoever opened it disposes of it. ``home`` keeps the layout between two windows."""
    paths = Paths(*(home / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    window = MainWindow(
        session=desk,  # type: ignore[arg-type]  # a desk has what a window asks of a session
        bridge=Bridge(tasks),
        frame_clock=FrameClock(desk.stores),
        symbols=[Symbol(row[0]) for row in LISTED],
        paths=paths,
    )
    window.resize(*size)
    window.show()
    window.activateWindow()
    return window


async def settled(window: MainWindow) -> None:
    """Wait until the first layout has its sizes, which takes a few turns of the loop."""
    watchlist = window.docks.all()["Watchlist"]
    await eventually(lambda: window.isActiveWindow() and watchlist.width() >= WIDTHS[0][0])
