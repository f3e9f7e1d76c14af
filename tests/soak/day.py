"""A day in virtual time: the production client, a user, bad weather and hundreds of lost lines, audited at the end."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from random import Random

from core.app.health_watch import rss_bytes
from core.domain.orders import Fill, Order
from core.processing.fill_store import FillStore
from core.processing.order_store import OrderStore
from core.sim.engine import Engine
from core.sim.exchange import ACCOUNT, SimExchange
from core.sim.instruments import PAIRS
from tests.faults.auditor import Auditor
from tests.faults.memory_journal import Disk, MemoryJournal
from tests.faults.terminal import SYMBOLS, Terminal
from tests.faults.user import User
from tests.faults.virtual_clock import VirtualClock
from tests.faults.virtual_loop import MemoryServer, MemoryTransport, VirtualLoop, _Link
from tests.faults.weather import Weather
from tests.soak import census
from tests.soak.verdict import WARM_SHARE, Report

HOUR_S = 3600.0
MARKET_SPEED, MARKET_STEP_S = 0.2, 0.5
STEP_S = 5.0
ACT_SHARE = 0.1
WEATHER_SHARE = 0.02
CUT_EVERY_S = 170.0
"""Of one line or another: five hundred a day."""

CALM_S, AFTER_S = 600.0, 20.0
SAMPLES = 96
LOOKS, LOOK_S = 8, 4.1
"""For half a minute: so long a line that came back is watched."""

MIB = 2**20
HISTORY = (OrderStore, FillStore, Order, Fill)
WORLD = (VirtualLoop, MemoryTransport, MemoryServer, _Link, SimExchange, MemoryJournal, Disk, VirtualClock)
"""What belongs to the world and not to the client."""


class Day:
    """One run. ``run`` once, on a virtual loop."""

    def __init__(self, seconds: float, seed: int) -> None:
        self.report = Report()
        self._seconds = seconds
        self._seed = seed
        self._random = Random(seed)
        self._user = User(Random(self._random.getrandbits(64)))
        self._cuts = 0
        self._loop: VirtualLoop
        self._terminal: Terminal

    async def run(self) -> Report:
        """Live through it."""
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self._loop, clock, disk = loop, VirtualClock(loop), Disk()
        before = census.process()
        pairs = [pair for pair in PAIRS if pair.symbol in SYMBOLS]
        engine = Engine(now=clock.wall_ns, seed=self._seed, pairs=pairs, speed=MARKET_SPEED)
        engine.open_account(ACCOUNT, "pro")
        async with SimExchange(seed=self._seed, clock=clock, engine=engine, step_s=MARKET_STEP_S) as exchange:
            exchange.truth()
            self._weather = Weather(exchange, Random(self._random.getrandbits(64)))
            idle = census.tasks()
            self._terminal = Terminal(exchange, clock, disk, Random(self._random.getrandbits(64)))
            await self._terminal.start()
            await self._live(loop.time() + self._seconds * WARM_SHARE)
            self.report.began = await self._count()
            self.report.besides_mb = rss_bytes() / MIB
            await self._live(loop.time() + self._seconds * (1 - WARM_SHARE))
            self.report.ended = await self._count()
            self._audit(exchange, disk)
            await self._terminal.stop()
            await asyncio.sleep(AFTER_S)
            self.report.left = _more(census.tasks(), idle) | {"links": len(loop.links)}
        self.report.left |= _more(census.process(), before)
        self.report.seconds = loop.time()
        self._tell(time.perf_counter() - started)
        return self.report

    async def _live(self, end: float) -> None:
        loop, step = self._loop, self._seconds / SAMPLES
        sample, cut = loop.time(), loop.time() + CUT_EVERY_S
        while loop.time() < end:
            if loop.time() >= sample:
                sample += step
                self.report.megabytes.append(self._memory() / MIB)
            if loop.time() >= cut:
                cut += CUT_EVERY_S
                self._cut_a_line()
            await asyncio.sleep(STEP_S)
            self._weather.lift(loop.time())
            if self._random.random() < WEATHER_SHARE:
                self._weather.bring(loop.time())
            if self._random.random() < ACT_SHARE:
                self._user.act(self._terminal)
            self._agree()

    def _cut_a_line(self) -> None:
        links = [link for link in self._loop.links if link.near.port]
        if links:
            self._cuts += 1
            self._random.choice(sorted(links, key=lambda link: link.near.port)).far.abort()

    def _agree(self) -> None:
        health, session = self._terminal.stores.health, self._terminal.session
        if health.alarms or self._terminal.stores.risk.killed:
            health.acknowledge()
            session.risk.acknowledge()

    def _memory(self) -> int:
        """Bytes the client holds, without what the account has gone through: that is told apart."""
        gc.collect()
        return census.reachable(self._terminal.session, without=WORLD + HISTORY)

    def _history(self) -> int:
        orders = self._terminal.stores.orders
        return census.reachable([orders.rows(), orders._stamps, orders._watched], without=WORLD)

    async def _count(self) -> dict[str, int]:
        """Wait for calm and no open order, and count what there is."""
        self._weather.clear()
        by = self._loop.time() + CALM_S
        while not (self._terminal.is_settled and not self._terminal.stores.orders.open()):
            if self._loop.time() > by:
                self.report.troubles.append("never at rest")
                break
            if self._terminal.is_settled:
                self._terminal.act(self._terminal.session.executor.cancel_all())
            self._agree()
            await asyncio.sleep(STEP_S)
        seen = []
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_S)
            gc.collect()
            stores = self._terminal.stores
            counts = {"observers": census.observers(stores), "links": len(self._loop.links)}
            seen.append(census.process() | census.tasks() | census.timers(self._loop) | counts)
        return census.lowest(seen)

    def _audit(self, exchange: SimExchange, disk: Disk) -> None:
        auditor = Auditor()
        settled = self._terminal.is_settled
        auditor.look_at_rest(
            exchange.truth(), self._terminal.stores, disk, self._user.intents, settled=settled
        )
        self.report.troubles += auditor.findings[:10]

    def _tell(self, seconds: float) -> None:
        stores = self._terminal.stores
        self.report.told |= {
            "real_seconds": round(seconds),
            "orders": len(self._user.intents),
            "fills": stores.fills.count,
            "messages": stores.performance.messages,
            "faults_brought": self._weather.count,
            "lines_cut": self._cuts,
            "reconnects": sum(max(0, status.epoch - 1) for status in stores.health.lines().values()),
            "client_kb": [round(size * 1024) for size in self.report.megabytes[:: SAMPLES // 6]],
            "bytes_an_order": self._history() // max(1, len(stores.orders.rows())),
            "process_mb": round(rss_bytes() / MIB, 1),
        }


def _more(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {name: more for name, count in now.items() if (more := count - before.get(name, 0)) > 0}


def run_day(hours: float, seed: int) -> Report:
    """Live through so many virtual hours."""
    logging.disable(logging.CRITICAL)  # warnings are what this day is made of
    try:
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
            return runner.run(Day(hours * HOUR_S, seed).run())
    finally:
        logging.disable(logging.NOTSET)
