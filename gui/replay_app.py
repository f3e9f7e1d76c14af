"""``tidewire replay FILE``: the usual window on a recording, read-only, with a bar to move through its time."""

from __future__ import annotations

import argparse
import asyncio
import signal
from contextlib import AsyncExitStack

from PySide6.QtCore import Qt

from core.app.replay_session import ReplaySession
from core.domain.ids import Symbol
from core.runtime.clock import NS_PER_S, SystemClock
from core.runtime.logs import Logs
from core.runtime.memory import Collector
from core.runtime.paths import KINDS, Paths, find_paths
from core.runtime.settings import Settings, load_settings
from core.runtime.tasks import Supervisor
from gui.app import make_application, save_picture
from gui.bridge import Bridge
from gui.frame_clock import FrameClock
from gui.main_window import MainWindow
from gui.qt_loop import QtLoop
from gui.widgets.replay_bar import ReplayBar

LOOK_AHEAD_NS = 20 * NS_PER_S
LOOK_STEP_NS = NS_PER_S


def run_replay(options: argparse.Namespace) -> int:
    """Run until the window is closed. RecordingError when the file cannot be played."""
    paths = replay_paths(find_paths(options.profile))
    paths.make()
    settings = load_settings(options.config or find_paths(options.profile).settings_file)
    logs = Logs(paths.log_file, level=settings.log_level, console_level=options.log_level)
    try:
        session_file = options.recording
        app = make_application(settings.theme, settings.language)
        with asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner:
            return runner.run(_run(ReplaySession(session_file), options, settings, paths, logs))
    finally:
        logs.stop()


def replay_paths(paths: Paths) -> Paths:
    """Return folders of a replay's own: it must change nothing of the profile it looks at."""
    return Paths(*(getattr(paths, kind) / "replay" for kind in KINDS), profile=paths.profile)


async def _run(
    session: ReplaySession, options: argparse.Namespace, settings: Settings, paths: Paths, logs: Logs
) -> int:
    closing = asyncio.Event()
    async with AsyncExitStack() as stack:
        collector = stack.enter_context(Collector(SystemClock()))
        tasks = await stack.enter_async_context(Supervisor("replay", clock=SystemClock()))
        tasks.keep(collector.run, name="garbage")
        stack.push_async_callback(session.stop)
        window = open_replay_window(session, Bridge(tasks), settings, paths, logs)
        stack.callback(window.dispose)
        window.close_requested.connect(closing.set)
        if options.size:
            window.resize(*options.size)
        window.show()
        await session.start()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, closing.set)
        if options.screenshot is not None:
            await asyncio.sleep(options.after)
            return save_picture(window, options.screenshot)
        await closing.wait()
    return 0


def open_replay_window(
    session: ReplaySession, bridge: Bridge, settings: Settings, paths: Paths, logs: Logs
) -> MainWindow:
    """Return the window, read-only, with the replay's bar; the replay begins to play with its first live book."""
    window = MainWindow(
        session=session,
        bridge=bridge,
        frame_clock=FrameClock(session.stores),
        symbols=_first_symbols(session, settings),
        paths=paths,
        log_ring=logs.ring,
    )
    window.make_read_only()
    bar = ReplayBar(session, window)
    window.addToolBarBreak()
    window.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)
    window.theme_chosen.connect(bar.restyle)
    window.destroyed.connect(bar.stop)
    session.went_back = window.begin_anew
    return window


def _first_symbols(session: ReplaySession, settings: Settings) -> list[Symbol]:
    """Return the recorded pairs, that of the first live book first, and play to where it is."""
    player = session.player
    at = player.start_ns
    while not session.first_symbols() and at < min(player.end_ns, player.start_ns + LOOK_AHEAD_NS):
        at += LOOK_STEP_NS
        player.prepare(at)
        player.advance(at)
    found = session.first_symbols()
    chosen = [Symbol(text) for text in settings.symbols]
    return found + [symbol for symbol in chosen if symbol not in found]
