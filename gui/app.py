"""The program with a window: application, loop, session, window, and the way out."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from msgspec import to_builtins
from PySide6.QtWidgets import QApplication

from core.app.flight_recorder import open_recorder
from core.app.incident import IncidentSaver
from core.app.metrics import MetricsServer
from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue, open_venue
from core.domain.errors import SettingsError, StartError
from core.domain.ids import Symbol
from core.domain.mode import Mode
from core.runtime.clock import NS_PER_MS, SystemClock
from core.runtime.logs import Logs
from core.runtime.memory import Collector, collect_rarely, keep_heap_small
from core.runtime.paths import Paths, find_paths
from core.runtime.settings import Settings, changed, load_settings, save_settings
from core.runtime.tasks import Supervisor
from core.runtime.watchdog import Watchdog
from gui.bridge import Bridge
from gui.choices import Choices
from gui.frame_clock import FrameClock
from gui.main_window import MainWindow
from gui.qt_loop import QtLoop
from gui.single_instance import SingleInstance
from gui.theme import THEMES, apply_theme
from gui.translation import install
from gui.welcome import Welcome

log = logging.getLogger(__name__)

DESKTOP_ID = "io.github.tidewire.Tidewire"
"""The name of the desktop entry, by which Wayland finds the window's icon."""

COLLECT_AFTER_S = 3.0
"""By then a start is over, and a look through all objects disturbs nobody."""


def run_terminal(options: argparse.Namespace, started_ns: int) -> int:
    """Run the terminal until its window is closed. ``started_ns`` (monotonic) is when the program began.

    Returns the exit code: 0, or 1 when a picture was asked for and a visible panel had no live data.
    Raises StartError or SettingsError when it cannot start.
    """
    keep_heap_small()
    paths = find_paths(options.profile)
    paths.make()
    file = options.config or paths.settings_file
    stored = load_settings(file)
    settings = _overridden(stored, options)
    options.welcomes = options.welcomes and not file.exists()
    logs = Logs(paths.log_file, level=settings.log_level, console_level=options.log_level)
    try:
        with os.fdopen(_private(paths.fault_file), "w") as fault_file:
            faulthandler.enable(fault_file)
            return _run_application(options, settings, paths, logs, Preferences(stored, file), started_ns)
    finally:
        faulthandler.disable()
        logs.stop()


def _private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _overridden(settings: Settings, options: argparse.Namespace) -> Settings:
    given: dict[str, object] = {}
    if options.mode:
        given["mode"] = options.mode
    if options.symbols:
        given["symbols"] = [symbol.strip().upper() for symbol in options.symbols.split(",")]
    return changed(settings, **given) if given else settings


class Preferences:
    """What the user chooses in the window and finds again at the next start. Command-line choices never get here."""

    def __init__(self, stored: Settings, file: Path) -> None:
        self._stored = stored
        self._file = file

    def remember(self, **fields: object) -> None:
        """Write these settings into the file. SettingsError when that fails; the file is then as it was."""
        settings = changed(self._stored, **fields)
        save_settings(settings, self._file)
        self._stored = settings


def _run_application(
    options: argparse.Namespace,
    settings: Settings,
    paths: Paths,
    logs: Logs,
    preferences: Preferences,
    started_ns: int,
) -> int:
    app = make_application(settings.theme, settings.language)
    instance = SingleInstance(paths.state)
    terminal = Terminal(options, settings, paths, logs, preferences, started_ns)
    if not instance.acquire(terminal.show_window):
        return _already_running(instance, options.profile)
    try:
        with asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner:
            return runner.run(terminal.run())
    finally:
        instance.release()


def make_application(theme: str, language: str) -> QApplication:
    """Return the application, drawn in a theme, speaking a language."""
    app = QApplication.instance() or QApplication(["tidewire"])
    assert isinstance(app, QApplication)
    app.setApplicationName("tidewire")
    app.setApplicationDisplayName("Tidewire")
    app.setDesktopFileName(DESKTOP_ID)
    app.setQuitOnLastWindowClosed(False)
    install(app, language)
    apply_theme(app, THEMES[theme])
    return app


def save_picture(window: MainWindow, path: Path) -> int:
    """Save the window as PNG; returns 1 and says so when a visible panel has no live data. StartError if it fails."""
    with contextlib.suppress(OSError):  # saving fails then, too, and is told
        path.parent.mkdir(parents=True, exist_ok=True)
    if not window.grab().save(str(path), "PNG"):
        raise StartError(str(path), user_message=f"The picture could not be written to {path}.")
    problems = window.panels_without_data()
    for problem in problems:
        sys.stderr.write(f"tidewire: no live data: {problem}\n")
    return 1 if problems else 0


def _already_running(instance: SingleInstance, profile: str) -> int:
    if instance.call_first():
        sys.stderr.write(
            f"tidewire: already running with profile {profile} ({instance.holder}); its window was raised.\n"
        )
        return 0
    text = f"Another Tidewire ({instance.holder}) uses the profile {profile} and does not answer."
    raise StartError(user_message=f"{text} --profile NAME starts a second one beside it.")


class Terminal:
    """One run of the program: opens venue, session and window in this order, and closes them in reverse."""

    def __init__(
        self,
        options: argparse.Namespace,
        settings: Settings,
        paths: Paths,
        logs: Logs,
        preferences: Preferences,
        started_ns: int,
    ) -> None:
        self._options = options
        self._settings = settings
        self._paths = paths
        self._logs = logs
        self._preferences = preferences
        self._started_ns = started_ns
        self._clock = SystemClock()
        self._closing = asyncio.Event()
        self._window: MainWindow | None = None
        self._welcome: Welcome | None = None

    def show_window(self) -> None:
        """Bring the window to the front; called when the program is started a second time."""
        front = self._window or (self._welcome.dialog if self._welcome else None)
        if front is not None:
            front.showNormal()
            front.raise_()
            front.activateWindow()

    async def run(self) -> int:
        """Run until the window is closed or a signal arrives."""
        async with AsyncExitStack() as stack:
            collector = stack.enter_context(Collector(self._clock))
            tasks = await stack.enter_async_context(Supervisor("terminal", clock=self._clock))
            tasks.keep(collector.run, name="garbage")
            self._welcome = Welcome(tasks, self._options.profile, self._clock, self._logs.redactor)
            if self._options.welcomes and not await self._choose_mode(self._welcome):
                return 0
            venue = await stack.enter_async_context(
                open_venue(
                    Mode(self._settings.mode),
                    clock=self._clock,
                    seed=self._options.seed,
                    speed=self._options.speed,
                    endpoints_file=self._options.endpoints,
                    profile=self._options.profile,
                    paper_file=self._paths.paper_file,
                )
            )
            journal = open_journal(self._paths, venue, self._clock)
            session = TradingSession(
                venue,
                self._clock,
                self._options.seed,
                journal,
                self._options.profile,
                limits=self._settings.limits,
                redactor=self._logs.redactor,
            )
            if self._settings.recording:
                settings, redact = self._settings, self._logs.redactor.clean
                session.record_to(open_recorder(self._paths, venue, settings, redact, self._clock))
            if self._settings.metrics_port:
                metrics = MetricsServer(session.stores, session.flight_recorder, self._settings.metrics_port)
                metrics.start()
                stack.callback(metrics.stop)
                tasks.keep(metrics.run, name="metrics")
            session.profit.keep_in(self._paths.profit_file(venue.mode), anew=venue.is_new)
            session.risk.remain_killed(self._settings.killed)
            stack.push_async_callback(session.stop)
            if told := self._paths.low_disk():
                log.warning("disk nearly full: %s", told)
                session.stores.health.note(self._clock.wall_ns(), "disk", told)
            window = self._open_window(session, tasks)
            stack.callback(window.dispose)
            window.incidents = self._incidents(session, venue)
            await session.start()
            watchdog = Watchdog(self._clock, session.stalled)
            watchdog.start()
            stack.callback(watchdog.stop)
            window.first_live_book.connect(lambda: self._report_first_book(session))
            asyncio.get_running_loop().call_later(COLLECT_AFTER_S, collect_rarely)
            self._close_on_signals()
            if self._options.screenshot is not None:
                return await self._take_screenshot(window)
            await self._closing.wait()
        return 0

    async def _choose_mode(self, welcome: Welcome) -> bool:
        """Ask whose money is at stake, and remember it; False when nobody wants to say."""
        mode = await welcome.first()
        if mode is None:
            return False
        self._settings = changed(self._settings, mode=mode.value)
        self._preferences.remember(mode=mode.value)
        return True

    def _ask_mode(self, window: MainWindow) -> None:
        """Let the mode of the next start be chosen."""
        assert self._welcome is not None, "made before any window"

        def remember(mode: Mode) -> None:
            window.choices.set(mode=mode.value)
            told = window.tr("The next start is in %1 mode. This one goes on as it is.")
            window.toast.tell(told.replace("%1", mode.word))

        self._welcome.open(window).chosen.connect(remember)

    def _incidents(self, session: TradingSession, venue: Venue) -> IncidentSaver:
        return IncidentSaver(
            session.flight_recorder,
            self._paths.log_file,
            self._paths.journal_file(venue.mode),
            self._settings,
            self._logs.redactor.clean,
            self._clock,
        )

    def _open_window(self, session: TradingSession, tasks: Supervisor) -> MainWindow:
        bridge = Bridge(tasks)
        frame_clock = FrameClock(session.stores)
        session.show_with(frame_clock.nudge)
        window = MainWindow(
            session=session,
            bridge=bridge,
            frame_clock=frame_clock,
            symbols=[Symbol(text) for text in self._settings.symbols],
            paths=self._paths,
            log_ring=self._logs.ring,
            choices=Choices(self._settings),
        )
        window.close_requested.connect(self._closing.set)
        window.ask_mode = lambda: self._ask_mode(window)
        session.stores.risk.observe(
            lambda keys: self._remember(window, killed=session.stores.risk.killed) if "kill" in keys else None
        )
        window.choices.chosen.connect(lambda fields: self._remember(window, **fields))
        window.limits.limits_set.connect(lambda limits: window.choices.set(limits=to_builtins(limits)))
        if not self._options.symbols:
            window.watchlist.symbols_changed.connect(lambda pairs: window.choices.set(symbols=pairs))
        if self._options.size:
            window.resize(*self._options.size)
        window.show()
        self._window = window
        return window

    def _remember(self, window: MainWindow, **fields: object) -> None:
        try:
            self._preferences.remember(**fields)
        except SettingsError as failure:
            window.commands.tell_failure(failure)

    def _close_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._closing.set)

    def _report_first_book(self, session: TradingSession) -> None:
        took_ms = (self._clock.mono_ns() - self._started_ns) // NS_PER_MS
        log.info("first live book painted after_ms=%d mode=%s", took_ms, session.mode)

    async def _take_screenshot(self, window: MainWindow) -> int:
        await asyncio.sleep(self._options.after)
        return save_picture(window, self._options.screenshot)
