"""An exchange in a process of its own that can be told to storm.

python -m tests.helpers.storm FILE   writes where it listens into FILE; each line RATE SECONDS on its standard
                                     input is answered with how many messages the storm had, once it is over,
                                     and when each cancel-all came in (monotonic ns, a clock both processes share)
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.sim.exchange import SimExchange
from core.sim.serve import endpoints_line
from tests.helpers.waiting import eventually

ROOT = Path(__file__).parents[2]
SPEED = 5.0
STEP_S = 0.004
PAUSE_S = 0.002


class Storm:
    """The wild exchange as a test sees it."""

    def __init__(self, process: Process, endpoints_file: Path) -> None:
        self._process = process
        self.endpoints_file = endpoints_file
        self.cancels_ns: list[int] = []
        """When the exchange had each cancel-all in hand, up to the end of the last storm."""

    async def blow(self, rate: int, seconds: float) -> int:
        """Send ``rate`` messages a second more than the market's own; return how many, once all are on the way."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{rate} {seconds}\n".encode())
        await self._process.stdin.drain()
        sent, *cancels = map(int, (await self._process.stdout.readline()).split())
        self.cancels_ns = cancels
        return sent


class Received(Counter[str]):
    """Takes the place of the exchange's count of requests: notes when each cancel-all was taken off its socket."""

    def __init__(self) -> None:
        super().__init__()
        self.cancels_ns: list[int] = []

    def __setitem__(self, method: str, count: int) -> None:
        if method == "cancel_all":
            self.cancels_ns.append(time.monotonic_ns())
        super().__setitem__(method, count)


@asynccontextmanager
async def stormy_exchange(folder: Path) -> AsyncIterator[Storm]:
    """Run one until the context ends."""
    file = folder / "endpoints.json"
    command = (sys.executable, "-m", "tests.helpers.storm", str(file))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    try:
        await eventually(file.exists, timeout_s=30)
        yield Storm(process, file)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def blow(exchange: SimExchange, rate: int, seconds: float) -> int:
    """Tell whoever hears tickers the truth again and again, as many times as are due by the clock."""
    loop, publisher = asyncio.get_running_loop(), exchange.hub.publisher
    began, sent = loop.time(), 0
    hearers = [
        (("ticker", symbol, trigger), line)
        for line in exchange.servers[0].connections
        for symbol in exchange.engine.pairs
        for trigger in ("trades", "bbo")
        if publisher.is_subscribed(("ticker", symbol, trigger), line)
    ]
    if not hearers:
        return 0
    wheel = itertools.cycle(hearers)
    while sent < rate * seconds:
        due = min(int(rate * seconds), int((loop.time() - began) * rate) + 1)
        frames = {key: publisher.snapshot(key).replace('"snapshot"', '"update"', 1) for key, _ in hearers}
        for key, line in itertools.islice(wheel, due - sent):
            line.deliver(frames[key])
        sent = due
        await asyncio.sleep(PAUSE_S)
    return sent


def write(file: Path, line: str) -> None:
    """Let the whole file appear at once."""
    draft = file.with_suffix(".draft")
    draft.write_text(line, encoding="utf-8")
    draft.rename(file)


async def main() -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with SimExchange(7, speed=SPEED, step_s=STEP_S) as exchange:
        received = exchange.hub.received = Received()
        write(Path(sys.argv[1]), endpoints_line(exchange))
        while wish := (await lines.readline()).split():
            sent = await blow(exchange, int(wish[0]), float(wish[1]))
            sys.stdout.write(" ".join(map(str, [sent, *received.cancels_ns])) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
