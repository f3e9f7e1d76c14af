"""From the socket through the whole pipeline: our lines on the Qt loop against plain asyncio and websockets.

Both do the same to each message: decode, validate, book, checksum, state. The sender is another process. The
clock runs from the first batch to the last trade.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from PySide6.QtWidgets import QApplication
from websockets.asyncio.client import connect

from core.data.kraken.endpoints import Endpoints
from core.data.ws.manager import LineManager
from core.domain.events import Event, InstrumentEvent
from core.domain.health import Line
from core.domain.ids import Symbol
from core.domain.subscription import INSTRUMENTS, book, ticker, trades
from core.runtime.clock import SystemClock
from gui.qt_loop import QtLoop
from tests.bench.measure import ROUNDS, Goal, Row
from tests.bench.mixed import MixedTrace, mixed_trace
from tests.bench.ours import OurTerminal
from tests.bench.pipeline_row import must_end

MESSAGES = 60_000
LONGEST_RUN_S = 120.0
LAST = Symbol("BTC/USD")


@dataclass(slots=True)
class Run:
    """One passage of the trace: what it fed and when it began and ended, in seconds."""

    trace: MixedTrace
    terminal: OurTerminal
    began: float = 0.0
    ended: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        """The first frame of the set-up has come, the rest follows without a pause."""
        self.began = time.perf_counter()

    def note(self) -> None:
        """Look at the clock after a batch; the last trade of the trace ends the run."""
        recent = self.terminal.stores.trades.recent(LAST)
        if recent and recent[-1].trade_id == self.trace.last_trade_ids[LAST]:
            self.ended = time.perf_counter()
            self.done.set()

    def verify(self) -> None:
        must_end(self.trace, self.terminal)

    @property
    def rate(self) -> float:
        """Messages per second."""
        return len(self.trace.frames) / (self.ended - self.began)


async def ours(run: Run, port: int) -> None:
    def on_events(line: Line, epoch: int, events: list[Event], recv_ns: int) -> None:
        if not run.began and any(isinstance(event, InstrumentEvent) for event in events):
            run.begin()
        run.terminal.apply(events, epoch, recv_ns)
        run.note()

    lines = LineManager(
        endpoints(port),
        run.terminal.codec,
        SystemClock(),
        None,
        on_events,
        lambda line, state: None,
        lines=(Line.PUBLIC,),
    )
    lines.subscribe(INSTRUMENTS, Line.PUBLIC)
    for symbol, depth in run.trace.depths.items():
        for subscription in (ticker(Symbol(symbol)), book(Symbol(symbol), depth), trades(Symbol(symbol))):
            lines.subscribe(subscription, Line.PUBLIC)
    await lines.start()
    try:
        async with asyncio.timeout(LONGEST_RUN_S):
            await run.done.wait()
        run.verify()  # before the line goes down, and with it the books
    finally:
        await lines.stop()


async def reference(run: Run, port: int) -> None:
    """What the manual of websockets shows, with its faster way of taking bytes; nothing but our pipeline around it."""
    first = len(run.trace.setup)
    count = 0
    async with connect(f"ws://127.0.0.1:{port}", compression=None, max_size=None) as socket:
        await socket.send('{"method":"ping","req_id":1}')
        await socket.recv()
        take, recv = run.terminal.take, socket.recv
        last = first + len(run.trace.frames)
        while count < last:
            take(await recv(decode=False))
            count += 1
            if count == 1:
                run.begin()
        run.note()
        run.verify()


def endpoints(port: int) -> Endpoints:
    nowhere = "http://127.0.0.1:9"
    address = f"ws://127.0.0.1:{port}"
    return Endpoints(
        public_ws=address, private_ws=address, level3_ws=address, public_rest=nowhere, private_rest=nowhere
    )


def passage(
    trace: MixedTrace,
    work: Callable[[Run, int], Awaitable[None]],
    loop: Callable[[], asyncio.AbstractEventLoop],
    port: int,
) -> float:
    run = Run(trace, OurTerminal(trace.depths, trace.setup[0]))
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(work(run, port))
    return run.rate


def measure() -> list[tuple[float, float | None]]:
    trace = mixed_trace(MESSAGES)
    app = QApplication.instance() or QApplication(["bench"])
    pairs: list[tuple[float, float | None]] = []
    with sender() as port:
        for number in range(ROUNDS + 1):
            theirs = passage(trace, reference, asyncio.new_event_loop, port)
            mine = passage(trace, ours, lambda: QtLoop(app), port)
            if number:
                pairs.append((mine, theirs))
    return pairs


@contextlib.contextmanager
def sender(count: int = MESSAGES, rate: float = 0.0) -> Iterator[int]:
    """Run the sending process, unpaced when there is no ``rate`` (messages a second), and give its port."""
    command = [sys.executable, "-m", "tests.bench.sender", str(count), *([str(rate)] if rate else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


ROWS = [Row("loop_receive", "messages/s", Goal(1.2), measure)]
