"""The first layout under load: from the socket's event to the finished paint, the loop's lag, the processor's share.

The sender is another process and keeps a pace. Frames take the line, the codec, the processor and the stores; the
real window paints, 1366 x 768, off screen. Every frame counts from the moment the socket's own event hands it over,
unless nothing that it changed was ever to be painted.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QApplication

from core.data.ws.connection import Connection
from core.data.ws.manager import LineManager
from core.domain.events import Event
from core.domain.health import Line
from core.domain.ids import Symbol
from core.domain.subscription import INSTRUMENTS, book, ticker, trades
from core.runtime.clock import SystemClock
from core.runtime.paths import Paths
from core.runtime.tasks import Supervisor
from gui.bridge import Bridge
from gui.frame_clock import PAINTED, FrameClock
from gui.main_window import MainWindow
from gui.qt_loop import QtLoop
from gui.theme import apply_theme
from tests.bench.loop_row import LAST, endpoints, sender
from tests.bench.measure import Goal, Row
from tests.bench.mixed import MixedTrace, mixed_trace
from tests.bench.ours import OurTerminal
from tests.helpers.market import Desk

RUNS = 3
RUN_S = 6.0
WARM_S = 2.0
LONGEST_RUN_S = 60.0
FRAME_MS = 1000 / 60
LAG_EVERY_MS = 5
HEALTH_EVERY_S = 0.25
QUIET_PER_S = 20
SIZE = (1366, 768)
NS_PER_MS = 1_000_000


@dataclass(slots=True)
class Figures:
    """What one run showed: milliseconds from socket to pixel and of lateness, percent of a core."""

    pixel_ms: list[float] = field(default_factory=list)
    lag_ms: list[float] = field(default_factory=list)
    cpu_percent: float = 0.0


class Marks:
    """The first and the last trade of the trace have been applied."""

    def __init__(self, trace: MixedTrace, terminal: OurTerminal) -> None:
        self.begun, self.over = asyncio.Event(), asyncio.Event()
        self._last_id = trace.last_trade_ids[LAST]
        self._trades = terminal.stores.trades

    def look(self) -> None:
        """Look at what was applied."""
        recent = self._trades.recent(LAST)
        if recent:
            self.begun.set()
            if recent[-1].trade_id == self._last_id:
                self.over.set()


class TimedLines(LineManager):
    """Notes when each frame left its socket."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args, lines=(Line.PUBLIC,))  # type: ignore[arg-type]
        self.taken: deque[int] = deque()

    def took(self, connection: Connection, frame: bytes | bytearray) -> None:
        """Take the time before anything else is done."""
        self.taken.append(time.perf_counter_ns())
        super().took(connection, frame)


class TimedClock(FrameClock):
    """Tells how long the frames that were applied before a flush had waited when it was painted."""

    def __init__(self, desk: Desk, figures: Figures) -> None:
        super().__init__(desk.stores)
        self.lines: TimedLines | None = None
        self._figures = figures
        self._shown: list[int] = []

    def frame(self) -> None:
        """Flush; what was applied by now will be on the screen, or never was to be."""
        taken = self.lines.taken if self.lines is not None else deque()
        waiting = self.lines.inbox.size if self.lines is not None else 0
        applied = [taken.popleft() for _ in range(len(taken) - waiting)]
        before = self.frames
        super().frame()
        if self.frames > before:
            self._shown += applied

    def event(self, event: QEvent) -> bool:
        """Painted."""
        if event.type() == PAINTED:
            now = time.perf_counter_ns()
            self._figures.pixel_ms += [(now - at) / NS_PER_MS for at in self._shown]
            self._shown.clear()
        return super().event(event)


class MarketDesk(Desk):
    """A desk whose time runs."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SystemClock()  # type: ignore[assignment]  # the window only reads it


@contextmanager
def lag_into(lags: list[float]) -> Iterator[None]:
    """Measure how late a precise timer of the same loop is called."""
    timer, due = QTimer(), [time.perf_counter_ns() + LAG_EVERY_MS * NS_PER_MS]
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setSingleShot(True)

    def late() -> None:
        lags.append(max(0.0, (time.perf_counter_ns() - due[0]) / NS_PER_MS))
        due[0] = time.perf_counter_ns() + LAG_EVERY_MS * NS_PER_MS
        timer.start(LAG_EVERY_MS)

    timer.timeout.connect(late)
    timer.start(LAG_EVERY_MS)
    yield
    timer.stop()


async def run(trace: MixedTrace, port: int, home: Path) -> Figures:
    """Show one passage of the trace; the first seconds warm up."""
    figures, desk = Figures(), MarketDesk()
    terminal = OurTerminal(trace.depths, trace.setup[0], desk.stores)
    clock, marks = TimedClock(desk, figures), Marks(trace, terminal)

    def on_events(line: Line, epoch: int, events: list[Event], recv_ns: int) -> None:
        terminal.apply(events, epoch, recv_ns)
        clock.nudge()
        marks.look()

    lines = TimedLines(
        endpoints(port), terminal.codec, SystemClock(), None, on_events, lambda line, state: None
    )
    clock.lines = lines
    async with Supervisor("bench", clock=desk.clock) as tasks:
        window = open_window(desk, clock, tasks, trace, home)
        lines.subscribe(INSTRUMENTS, Line.PUBLIC)
        for name, depth in trace.depths.items():
            for subscription in (ticker(Symbol(name)), book(Symbol(name), depth), trades(Symbol(name))):
                lines.subscribe(subscription, Line.PUBLIC)
        await lines.start()
        tasks.keep(partial(keep_health, desk, lines), name="bench-health")
        try:
            await watch(marks, figures, desk)
        finally:
            await lines.stop()
            window.dispose()
    return figures


async def keep_health(desk: Desk, lines: LineManager) -> None:
    """Tell the window how the line is, as the program does: panels of a line that is not live paint their doubt."""
    desk.connect()
    while True:
        desk.stores.health.set_line(lines.status(Line.PUBLIC))
        desk.judge()
        await asyncio.sleep(HEALTH_EVERY_S)


def open_window(
    desk: Desk, clock: FrameClock, tasks: Supervisor, trace: MixedTrace, home: Path
) -> MainWindow:
    paths = Paths(*(home / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    window = MainWindow(
        session=desk,  # type: ignore[arg-type]  # a desk has what a window asks of a session
        bridge=Bridge(tasks),
        frame_clock=clock,
        symbols=[Symbol(name) for name in trace.depths],
        paths=paths,
    )
    window.resize(*SIZE)
    window.show()
    return window


async def watch(marks: Marks, figures: Figures, desk: Desk) -> None:
    """Wait until the stream has begun and warmed up, then measure until it ends."""
    async with asyncio.timeout(LONGEST_RUN_S):
        await marks.begun.wait()
        desk.chart(LAST)
        await asyncio.sleep(WARM_S)
        figures.pixel_ms.clear()
        processor_s, began = time.process_time(), time.perf_counter()
        with lag_into(figures.lag_ms):
            await marks.over.wait()
        figures.cpu_percent = (time.process_time() - processor_s) / (time.perf_counter() - began) * 100


def percentile(samples: list[float], share: float) -> float:
    """Return the sample below which this share of them lies."""
    if not samples:
        raise AssertionError("nothing was measured")
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * share))]


_RUNS: dict[int, list[Figures]] = {}


def runs(rate: int) -> list[Figures]:
    """Return the runs at a rate, messages a second; rows of one rate share them."""
    if rate not in _RUNS:
        app = QApplication.instance() or QApplication(["bench"])
        app.setQuitOnLastWindowClosed(False)
        apply_theme(app)
        trace = mixed_trace(int(rate * (WARM_S + RUN_S)))
        _RUNS[rate] = []
        for _ in range(RUNS):
            with (
                sender(len(trace.frames), rate) as port,
                tempfile.TemporaryDirectory() as home,
                asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner,
            ):
                _RUNS[rate].append(runner.run(run(trace, port, Path(home))))
    return _RUNS[rate]


def of(rate: int, figure: Callable[[Figures], float]) -> Callable[[], list[tuple[float, float | None]]]:
    return lambda: [(figure(one), None) for one in runs(rate)]


def frames_late(one: Figures) -> float:
    return percentile(one.pixel_ms, 0.99)


def at_most(limit: float) -> Goal:
    return Goal(limit, at_least=False)


ROWS = [
    Row("tick_to_pixel_p99_5k", "ms", at_most(FRAME_MS + 2), of(5_000, frames_late)),
    Row("tick_to_pixel_p99_20k", "ms", at_most(FRAME_MS + 2), of(20_000, frames_late)),
    Row(
        "tick_to_pixel_quiet_p50",
        "ms",
        at_most(4.0),
        of(QUIET_PER_S, lambda one: percentile(one.pixel_ms, 0.5)),
    ),
    Row("loop_lag_p99", "ms", at_most(3.0), of(10_000, lambda one: percentile(one.lag_ms, 0.99))),
    Row("cpu_10k", "% of a core", at_most(35.0), of(10_000, lambda one: one.cpu_percent)),
]
