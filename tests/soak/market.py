"""python -m tests.soak.market: the embedded exchange in a process of its own, with bad weather now and then.

Prints where it listens, runs until its input ends, lifts every fault when it is told ``calm`` and brings them again at
``weather``; says at the end what it did.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from random import Random

from core.app.health_watch import rss_bytes
from core.sim.exchange import SimExchange
from core.sim.serve import endpoints_line
from tests.faults.weather import Weather

LOOK_S = 0.25
SAMPLE_S = 5.0
MIB = 2**20


class Market:
    """An exchange that now and then fails. ``every_s`` is the mean time between two faults."""

    def __init__(self, exchange: SimExchange, seed: int, every_s: float) -> None:
        self._exchange = exchange
        self._random = Random(seed)
        self._weather = Weather(exchange, self._random)
        self._every_s = every_s
        self._calm = True
        self._megabytes: list[float] = []

    async def run(self) -> None:
        """Serve until the input ends."""
        orders = await _standard_input()
        listening = asyncio.create_task(self._listen(orders), name="orders")
        due, sample = time.monotonic() + self._every_s, 0.0
        while not listening.done():
            now = time.monotonic()
            self._weather.lift(now)
            if now >= due and not self._calm:
                self._weather.bring(now)
                due = now + self._every_s * self._random.uniform(0.5, 1.5)
            if now >= sample:
                self._megabytes.append(rss_bytes() / MIB)
                sample = now + SAMPLE_S
            await asyncio.wait({listening}, timeout=LOOK_S)

    def told(self) -> dict[str, object]:
        """Return what is printed at the end."""
        return {"faults": self._weather.count, "megabytes": self._megabytes}

    async def _listen(self, orders: asyncio.StreamReader) -> None:
        while word := (await orders.readline()).strip():
            self._calm = word == b"calm"
            if self._calm:
                self._weather.clear()


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


async def run(seed: int, speed: float, every_s: float) -> None:
    async with SimExchange(seed, speed=speed) as exchange:
        market = Market(exchange, seed, every_s)
        sys.stdout.write(endpoints_line(exchange) + "\n")
        sys.stdout.flush()
        await market.run()
    sys.stdout.write(json.dumps(market.told()) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--every", type=float, required=True)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    asyncio.run(run(given.seed, given.speed, given.every))
