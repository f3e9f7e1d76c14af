"""python -m tests.faults.kills [--times 200]: die at every named point so often, come back, and compare everything.

``--point NAME --seed S`` replays one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from random import Random

from core.sim.engine import Engine
from core.sim.exchange import ACCOUNT, SimExchange
from core.sim.instruments import PAIRS
from tests.faults.auditor import Auditor, at_rest
from tests.faults.kill_points import hang, names
from tests.faults.memory_journal import Disk
from tests.faults.terminal import SYMBOLS, Terminal
from tests.faults.user import User
from tests.faults.virtual_clock import VirtualClock
from tests.faults.virtual_loop import VirtualLoop
from tests.faults.weather import Weather
from tests.faults.world import CALM_S, KINDS

SEARCH_S = 120.0
"""A world in which a point is not passed within this time is not the one to die in."""

SEEDS = 12
"""Worlds tried for one death."""


class KillWorld:
    """Trades until a point is passed for the n-th time, dies there, comes back, trades on, and is audited."""

    def __init__(self, point: str, seed: int) -> None:
        self._point = point
        self._seed = seed
        self._random = Random(f"{point} {seed}")
        # What is rare kills at its first passing; the rest sometimes later, in the middle of more.
        self._left = self._random.choice((1, 1, 1, 2, 5))
        self._disk = Disk()
        self._user = User(Random(self._random.getrandbits(64)))
        self._auditor = Auditor()
        self._died = False

    async def run(self) -> Counter[str] | None:
        """Return what the auditor counted, or ``None`` when the point was never passed."""
        loop = asyncio.get_running_loop()
        clock = VirtualClock(loop)
        pairs = [pair for pair in PAIRS if pair.symbol in SYMBOLS]
        engine = Engine(now=clock.wall_ns, seed=self._seed, pairs=pairs, speed=0.2)
        engine.open_account(ACCOUNT, "pro")
        async with SimExchange(seed=self._seed, clock=clock, engine=engine, step_s=0.1) as exchange:
            self._exchange, self._clock = exchange, clock
            exchange.truth()
            weather = Weather(exchange, Random(self._random.getrandbits(64)))
            self._terminal = await self._start()
            await self._trade(weather, until_s=loop.time() + SEARCH_S)
            if not self._died:
                await self._terminal.stop()
                return None
            await self._terminal.bury()
            weather.clear()
            await asyncio.sleep(self._random.uniform(0.1, 8))
            self._terminal = await self._start()
            settled = await self._come_back()
            self._auditor.look_at_rest(
                await at_rest(exchange),
                self._terminal.stores,
                self._disk,
                self._user.intents,
                settled=settled,
            )
            await self._terminal.stop()
        return self._auditor.counts

    @property
    def findings(self) -> list[str]:
        return self._auditor.findings

    async def _start(self) -> Terminal:
        terminal = Terminal(self._exchange, self._clock, self._disk, Random(self._random.getrandbits(64)))
        if not self._died:
            hang(terminal, self._exchange, self._passed)
        await terminal.start()
        return terminal

    def _passed(self, point: str) -> None:
        if self._died or point != self._point or not hasattr(self, "_terminal"):
            return
        self._left -= 1
        if self._left <= 0:
            self._died = True
            self._terminal.die()

    async def _trade(self, weather: Weather, until_s: float) -> None:
        loop = asyncio.get_running_loop()
        restarts = self._point.endswith("read back")
        while loop.time() < until_s and not self._died:
            await asyncio.sleep(self._random.uniform(0.01, 0.4))
            weather.lift(loop.time())
            if self._random.random() < 0.12:
                weather.bring(loop.time())
            if restarts and self._random.random() < 0.02 and not self._died:
                await self._restart()
            if not self._died:
                self._user.act(self._terminal)
                self._terminal.stores.health.acknowledge()
                self._terminal.session.risk.acknowledge()

    async def _restart(self) -> None:
        """End and come back, for the points on that way."""
        await self._terminal.kill()
        terminal = Terminal(self._exchange, self._clock, self._disk, Random(self._random.getrandbits(64)))
        self._terminal = terminal
        hang(terminal, self._exchange, self._passed)
        await terminal.start()

    async def _come_back(self) -> bool:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + CALM_S
        acts = 10
        while loop.time() < until_s:
            await asyncio.sleep(0.25)
            self._terminal.stores.health.acknowledge()
            self._terminal.session.risk.acknowledge()
            if acts and self._terminal.can_trade:
                self._user.act(self._terminal)
                acts -= 1
            elif self._terminal.is_settled:
                await asyncio.sleep(5)
                if self._terminal.is_settled:
                    return True
        return False


def die_at(point: str, seed: int) -> tuple[Counter[str] | None, list[str]]:
    """Die once at a point; ``None`` when this seed's world never passes it."""
    world = KillWorld(point, seed)
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
        return runner.run(world.run()), world.findings


def die_often(point: str, times: int, first_seed: int) -> tuple[int, Counter[str], list[str]]:
    """Die so often at a point, in as many worlds as that takes; returns the kills and what was found."""
    kills, counts, findings = 0, Counter[str](), []
    for seed in range(first_seed, first_seed + SEEDS * times):
        if kills == times:
            break
        found, named = die_at(point, seed)
        if found is not None:
            kills += 1
            counts += found
            findings += [f"{point!r} seed {seed}: {finding}" for finding in named]
    return kills, counts, findings


def main() -> int:
    parser = argparse.ArgumentParser(prog="make kills")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--point", help="this point alone")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        command = [sys.executable, "-m", "tests.faults.kills", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})
    logging.disable(logging.CRITICAL)
    if options.point:
        sys.stdout.write(f"{die_at(options.point, options.seed)}\n")
        return 0
    started = time.perf_counter()
    totals: Counter[str] = Counter(dict.fromkeys(("points", "kills", *KINDS), 0))
    with ProcessPoolExecutor(initializer=logging.disable, initargs=(logging.CRITICAL,)) as processes:
        deaths = {processes.submit(die_often, point, options.times, options.seed): point for point in names()}
        for done in as_completed(deaths):
            point, (kills, counts, findings) = deaths[done], done.result()
            totals.update({"points": int(kills > 0), "kills": kills, **counts})
            sys.stderr.write("".join(f"{finding}\n" for finding in findings))
            few = "" if kills == options.times else ", passed in too few worlds"
            sys.stderr.write(f"{totals['points']} {point!r}: {kills} kills{few}\n")
    seconds = round(time.perf_counter() - started, 1)
    sys.stdout.write(json.dumps({**totals, "seconds": seconds}) + "\n")
    return 1 if any(totals[kind] for kind in KINDS) else 0


if __name__ == "__main__":
    raise SystemExit(main())
