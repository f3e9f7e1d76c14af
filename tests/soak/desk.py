"""The whole program on the wall clock: real window, real sockets, an exchange of its own that now and then fails."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QThread,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from core.app.health_watch import rss_bytes
from core.app.market_data import MarketData
from core.domain.ids import Symbol
from core.processing.processor import Processor
from core.processing.store import Store
from core.runtime.paths import HOME_VARIABLE
from gui.app import make_application, run_terminal
from gui.cli import build_parser
from gui.main_window import MainWindow
from tests.soak import census
from tests.soak.rhythm import Rhythm, milliseconds
from tests.soak.trader import Trader
from tests.soak.verdict import WARM_SHARE, Report, growth_percent

SYMBOLS = [Symbol(name) for name in ("BTC/USD", "ETH/USD", "SOL/USD", "XRP/USD")]
MIB = 2**20
SAMPLES = 240
FAULT_EVERY_S = 20.0
ACT_S = (0.3, 2.5)
TOUR_S = 0.4
LOOKS, LOOK_S = 8, 0.4
START_S, CALM_S, END_S = 30.0, 600.0, 120.0
PATIENCE_S = 20.0
POOL_S = 40.0
"""Qt's threads for pictures wait half a minute for more work before they end."""

NAMED_KINDS = 8
OFF_SCREEN = "This plugin does not support"
"""What an off-screen window says when it is resized or raised."""


class Complaints(logging.Handler):
    """What was logged as an error, and what Qt warned of."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.name}: {record.getMessage()}"[:300])

    def collected(self, phase: str, info: dict[str, int]) -> None:
        """Garbage was collected: never beside the thread of the window."""
        if phase == "start" and (where := threading.current_thread()) is not threading.main_thread():
            self.texts.append(f"garbage was collected in {where.name}")

    def heard(self, kind: QtMsgType, context: object, text: str) -> None:
        """Qt said something."""
        if kind is not QtMsgType.QtDebugMsg and OFF_SCREEN not in text:
            self.texts.append(f"Qt: {text}"[:300])


class Desk:
    """One run. ``report`` is complete when the program has ended."""

    def __init__(self, seconds: float, seed: int, pace: float, market: subprocess.Popen[str]) -> None:
        self.report = Report()
        self._pace = pace
        self._seconds = seconds
        self._random = Random(seed)
        self._market = market
        self._rhythm = Rhythm()
        self._kinds: list[dict[str, int]] = []
        self._counted_at: list[float] = []
        self._held_then: list[dict[str, int]] = []
        self._window: MainWindow
        self._trader: Trader

    async def run(self) -> None:
        """Work for the time given, and close the window."""
        try:
            await self._work()
        except AssertionError as failure:
            self.report.troubles.append(str(failure))
        finally:
            self._rhythm.stop()
            self._window.close_requested.emit()

    async def _work(self) -> None:
        await self._until(lambda: bool(_windows()), START_S, "no window")
        (self._window,) = _windows()
        self._trader = Trader(self._window, SYMBOLS, self._random)
        await self._until(lambda: self._trader.can_trade, START_S, "not ready to trade")
        for _ in self._trader.tour():
            await asyncio.sleep(TOUR_S)
        started = time.monotonic()
        await self._trade_until(started + self._seconds * WARM_SHARE)
        self.report.began = await self._count()
        self._rhythm.reset()
        await self._trade_until(started + self._seconds)
        self.report.ended = await self._count()
        self.report.seconds = time.monotonic() - started
        self._tell()

    async def _trade_until(self, end: float) -> None:
        self._say("weather")
        self._rhythm.start()
        step = self._seconds / SAMPLES
        sample = time.monotonic()
        while (now := time.monotonic()) < end:
            if now >= sample:
                self.report.megabytes.append(rss_bytes() / MIB)
                sample += step
            self._rhythm.deed(self._trader.act())
            await asyncio.sleep(self._random.uniform(*ACT_S) / self._pace)
        self._rhythm.stop()

    async def _count(self) -> dict[str, int]:
        """Bring everything to rest and count what there is."""
        self._say("calm")
        await self._until(lambda: self._trader.can_trade, CALM_S, "the weather never cleared")
        self._trader.rest()
        await self._until(lambda: self._trader.is_calm, CALM_S, self._unrest)
        await asyncio.sleep(PATIENCE_S)  # notes go away by themselves, queries end
        seen = []
        for _ in range(LOOKS):
            _delete_deferred()
            gc.collect()
            counts = census.process() | census.tasks() | census.qt(self._window)
            seen.append(counts | {"observers": census.observers(self._window.session.stores)})
            await asyncio.sleep(LOOK_S)
        self._kinds.append(dict(census.kinds()))
        self.report.calm_mb.append(round(rss_bytes() / MIB, 1))
        self._counted_at.append(time.monotonic())
        self._held_then.append(self._held())
        return census.lowest(seen)

    def _tell(self) -> None:
        stores, rhythm = self._window.session.stores, self._rhythm
        performance = stores.performance
        self.report.frame_p999_ms = milliseconds(rhythm.own, 99.9)
        self.report.told |= {
            "memory_mb_over_time": [round(size, 1) for size in self.report.megabytes[:: SAMPLES // 24]],
            "memory_mb_at_rest": self.report.calm_mb,
            "orders": len(stores.orders.rows()),
            "fills": stores.fills.count,
            "messages": performance.messages,
            "reconnects": sum(max(0, status.epoch - 1) for status in stores.health.lines().values()),
            "resyncs": stores.health.resyncs,
            "frame_p99_ms": milliseconds(rhythm.own, 99),
            "frame_max_ms": milliseconds(rhythm.own, 100),
            "deed_p99_ms": milliseconds(rhythm.acted, 99),
            "deed_max_ms": milliseconds(rhythm.acted, 100),
            "late_frames": dict(rhythm.late.most_common()),
            "latest_ms": rhythm.worst_ms,
            "frames": rhythm.own.count,
            "frame_wall_p999_ms": milliseconds(rhythm.gaps, 99.9),
            "frame_cost_p99_ms": milliseconds(performance.frame_cost, 99),
            "stalls": performance.stalls,
            "deeds": dict(self._trader.done),
        }
        if len(self._kinds) == 2:
            grown = {name: count - self._kinds[0].get(name, 0) for name, count in self._kinds[1].items()}
            most = sorted(grown.items(), key=lambda item: -item[1])[:NAMED_KINDS]
            first, last = self._held_then
            more = Counter({name: size - first[name] for name, size in last.items()})
            self.report.told["growth_mb_an_hour"] = round(self._an_hour(self.report.calm_mb), 2)
            self.report.told["more_held_kb"] = {
                name: size // 1024 for name, size in more.most_common() if size
            }
            self.report.told["more_objects"] = {name: count for name, count in most if count > 0}

    def _held(self) -> dict[str, int]:
        """Bytes of what the session holds, by who holds it. What several hold is counted with each."""
        session = self._window.session
        stores = {type(store).__name__: store for store in session.stores.each()}
        holders = stores | {"audit": session.audit._stream, "profit": session.profit}
        without = (QObject, Store, Processor, MarketData)
        parts = {name: [one for one in vars(holder).values()] for name, holder in holders.items()}
        return {name: census.reachable(own, without=without, rings=True) for name, own in parts.items()}

    def _an_hour(self, values: Sequence[float]) -> float:
        """Return how much more there is of something after each hour, from one calm moment to the other."""
        hours = (self._counted_at[1] - self._counted_at[0]) / 3600
        return (values[1] - values[0]) / hours

    def _unrest(self) -> str:
        orders = [
            (order.status.name, order.cancel.value, order.reason)
            for order in self._window.session.stores.orders.open()
        ]
        return f"orders are still open: {orders[:5]} {self._window.session.stores.health.account_doubt}"

    def _say(self, word: str) -> None:
        assert self._market.stdin is not None
        self._market.stdin.write(word + "\n")
        self._market.stdin.flush()

    async def _until(
        self, condition: Callable[[], bool], within_s: float, otherwise: str | Callable[[], str]
    ) -> None:
        by = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > by:
                raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
            await asyncio.sleep(0.1)


def run_desk(hours: float, seed: int, speed: float, pace: float = 1.0) -> Report:
    """Run the program for so long in a home of its own. ``speed`` is the market's, ``pace`` the trader's."""
    make_application("dark", "system")  # what Qt needs for itself stays to the end
    before = census.process()
    with tempfile.TemporaryDirectory(prefix="tidewire-soak-") as folder:
        home = Path(folder)
        os.environ[HOME_VARIABLE] = str(home / "home")
        with _market(seed, speed) as market:
            assert market.stdout is not None
            line = market.stdout.readline()
            (home / "exchange.json").write_text(line)
            desk = _run_program(Desk(hours * 3600, seed, pace, market), home / "exchange.json")
            _tell_of_market(desk.report, market)
    desk.report.left = _left(before)
    return desk.report


def _tell_of_market(report: Report, market: subprocess.Popen[str]) -> None:
    try:
        told, _ = market.communicate(timeout=END_S)
    except subprocess.TimeoutExpired:
        report.troubles.append("the exchange did not end")  # what the window was like is told all the same
        return
    market_told = json.loads(told)
    report.told |= {
        "faults_brought": market_told["faults"],
        "exchange_mb": round(market_told["megabytes"][-1], 1),
        "exchange_growth_percent": round(growth_percent(market_told["megabytes"]), 2),
    }


def _run_program(desk: Desk, endpoints: Path) -> Desk:
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    gc.callbacks.append(complaints.collected)
    qInstallMessageHandler(complaints.heard)
    started: list[asyncio.Task[None]] = []

    def begin() -> None:
        started.append(asyncio.get_running_loop().create_task(desk.run(), name="soak"))

    QTimer.singleShot(0, begin)
    given = ["--endpoints", str(endpoints), "--symbols", ",".join(SYMBOLS), "--size", "1366x768"]
    options = build_parser().parse_args(given)
    options.welcomes = False
    code = run_terminal(options, time.monotonic_ns())
    logging.getLogger().removeHandler(complaints)
    gc.callbacks.remove(complaints.collected)
    qInstallMessageHandler(None)
    desk.report.troubles += complaints.texts
    (task,) = started
    if not task.done() or task.cancelled():
        desk.report.troubles.append("the program closed before the run was over")
    elif task.exception() is not None:
        raise task.exception()  # type: ignore[misc]  # just seen to be one
    if code:
        desk.report.troubles.append(f"the program ended with {code}")
    return desk


def _left(before: dict[str, int]) -> dict[str, int]:
    gc.collect()
    _delete_deferred()
    by = time.monotonic() + POOL_S
    while (after := census.process()) != before and time.monotonic() < by:
        QThread.msleep(200)
    left = {name: count - before.get(name, 0) for name, count in after.items()}
    return left | {"windows": len(_windows())}


@contextmanager
def _market(seed: int, speed: float) -> Iterator[subprocess.Popen[str]]:
    given = ["--seed", str(seed), "--speed", str(speed), "--every", str(FAULT_EVERY_S)]
    command = [sys.executable, "-m", "tests.soak.market", *given]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def _windows() -> list[MainWindow]:
    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)]


def _delete_deferred() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
