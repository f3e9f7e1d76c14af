"""One seed's world: an exchange, a terminal on it, a user who trades and weather that breaks things."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass, field
from random import Random

from core.domain.health import Line
from core.sim.engine import Engine
from core.sim.exchange import ACCOUNT, SimExchange
from core.sim.instruments import PAIRS
from tests.faults.auditor import Auditor, at_rest
from tests.faults.memory_journal import Disk
from tests.faults.terminal import ONE_A_SIDE, SYMBOLS, Terminal
from tests.faults.user import User
from tests.faults.virtual_clock import VirtualClock
from tests.faults.virtual_loop import VirtualLoop
from tests.faults.weather import Weather

KINDS = ("duplicates", "lost_fills", "double_fills", "wrong_balances", "false_rejects", "unresolved")
STEP_S = 0.25
CALM_S = 600.0
"""After this long under a blue sky everything must be known again; history that lags a minute included."""

AUDITED_S = 20.0
"""A comparison under a blue sky, and time to mend what it finds: some silences show nowhere else."""

TRADE_S = 1_200.0
"""A world in which so little can be traded that this passes has enough orders."""

MARKET_SPEED, MARKET_STEP_S = 0.2, 0.1


@dataclass
class Outcome:
    """What a world showed."""

    seed: int
    orders: int
    faults: int
    kills: int
    virtual_s: float
    seconds: float
    counts: dict[str, int]
    findings: list[str] = field(default_factory=list)


def run_world(seed: int, orders: int) -> Outcome:
    """Trade ``orders`` intents in the world of this seed and audit it. The same seed gives the same world."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
        return runner.run(World(seed, orders).run())


class World:
    """See the module. ``run`` once."""

    def __init__(self, seed: int, orders: int) -> None:
        self._seed = seed
        self._wanted = orders
        self._random = Random(seed)
        self._disk = Disk()
        self._user = User(Random(self._random.getrandbits(64)))
        self._auditor = Auditor()
        self._kills = 0

    async def run(self) -> Outcome:
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        self._clock = VirtualClock(loop)
        pairs = [pair for pair in PAIRS if pair.symbol in SYMBOLS]
        engine = Engine(now=self._clock.wall_ns, seed=self._seed, pairs=pairs, speed=MARKET_SPEED)
        engine.open_account(ACCOUNT, "pro")
        async with SimExchange(
            seed=self._seed, clock=self._clock, engine=engine, step_s=MARKET_STEP_S
        ) as exchange:
            self._exchange = exchange
            exchange.truth()
            weather = Weather(exchange, Random(self._random.getrandbits(64)))
            self._terminal = await self._start()
            settled = await self._trade(weather)
            self._auditor.look_at_rest(
                await at_rest(exchange),
                self._terminal.stores,
                self._disk,
                self._user.intents,
                settled=settled,
            )
            await self._terminal.stop()
        gc.collect()
        return Outcome(
            seed=self._seed,
            orders=len(self._user.intents),
            faults=weather.count,
            kills=self._kills,
            virtual_s=loop.time(),
            seconds=time.perf_counter() - started,
            counts={kind: self._auditor.counts[kind] for kind in KINDS},
            findings=self._auditor.findings,
        )

    async def _start(self) -> Terminal:
        # Every other world has no spare lines: with them a loss seldom reaches the walk out of doubt.
        lines = tuple(Line) if self._seed % 2 else ONE_A_SIDE
        terminal = Terminal(
            self._exchange, self._clock, self._disk, Random(self._random.getrandbits(64)), lines
        )
        await terminal.start()
        return terminal

    async def _trade(self, weather: Weather) -> bool:
        """Trade under faults, then wait for calm; returns whether it came."""
        loop = asyncio.get_running_loop()
        trade_by = loop.time() + TRADE_S
        while len(self._user.intents) < self._wanted and loop.time() < trade_by:
            await asyncio.sleep(self._random.uniform(0.01, 2 * STEP_S))
            weather.lift(loop.time())
            if self._random.random() < 0.15:
                weather.bring(loop.time())
            await self._befall_host()
            for _ in range(self._random.choice((0, 1, 1, 2, 4))):
                self._user.act(self._terminal)
            self._look_after_alarms()
            self._auditor.look(self._exchange.truth(), self._terminal.stores, self._user.intents)
        weather.clear()
        self._disk.full = False
        calm_by = loop.time() + CALM_S
        while loop.time() < calm_by:
            await asyncio.sleep(STEP_S)
            self._terminal.journal.look()
            self._look_after_alarms()
            if self._terminal.is_settled and await self._audited():
                return True
        return False

    async def _audited(self) -> bool:
        self._terminal.stores.health.doubt_account("the audit of every five minutes")
        self._terminal.session.reconcile("audit")
        await asyncio.sleep(AUDITED_S)
        return self._terminal.is_settled

    async def _befall_host(self) -> None:
        chance = self._random.random()
        if chance < 0.01:
            await self._terminal.kill()
            self._kills += 1
            await asyncio.sleep(self._random.uniform(0.2, 8))
            self._terminal = await self._start()
        elif chance < 0.02:
            self._disk.full = not self._disk.full
            self._terminal.journal.look()

    def _look_after_alarms(self) -> None:
        # The user reads an alarm and goes on; what it was about is judged by the auditor alone.
        if (
            self._terminal.stores.health.alarms or self._terminal.stores.risk.killed
        ) and self._random.random() < 0.3:
            self._terminal.stores.health.acknowledge()
            self._terminal.session.risk.acknowledge()
