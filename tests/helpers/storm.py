"""An exchange in a process of its own that can be told to storm.

python -m tests.helpers.storm FILE   writes where it listens into FILE; each line RATE SECONDS on its standard
                                     input is answered with how many messages the storm had, once it is over
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from asyncio.subprocess import PIPE, Process
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

    async def blow(self, rate: int, seconds: float) -> int:
        """Send ``rate`` messages a second more than the market's own; return how many, once all are on the way."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{rate} {seconds}\n".encode())
        await self._process.stdin.drain()
        return int(await self._process.stdout.readline())


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
        write(Path(sys.argv[1]), endpoints_line(exchange))
        while wish := (await lines.readline()).split():
            sys.stdout.write(f"{await blow(exchange, int(wish[0]), float(wish[1]))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
