"""python -m tests.fuzz [--frames N] [--seed S]: mutated frames on every line; one line of JSON.

A crash is any exception; it prints the frame and the seed that made it. The slowest frame is timed with the collector
of garbage off, because what it does is nobody's frame, and by the processor time of this thread: what other programs
take of a core meanwhile is nobody's frame either, and a frame waits for nothing.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import resource
import sys
import time
from dataclasses import dataclass, field
from random import Random

from core.app.health_watch import rss_bytes
from core.data.kraken.codec import Codec
from core.data.ws.session import Session
from core.domain.events import BadDataEvent
from core.domain.health import Line
from core.domain.ids import Symbol
from core.domain.subscription import BALANCES, EXECUTIONS, INSTRUMENTS, book, candles, level3, ticker, trades
from core.processing.processor import Processor
from core.processing.stores import Stores
from tests.fuzz.mutate import mutated
from tests.helpers.instruments import instrument
from tests.protocol.fixtures import frames, names

BTC = Symbol("BTC/USD")
SYMBOLS = [Symbol(name) for name in ("BTC/USD", "ETH/USD", "MATIC/USD", "ALGO/USD")]
WISHES = {
    Line.PUBLIC: [INSTRUMENTS, ticker(BTC), book(BTC, 10), trades(BTC), candles(BTC, 1)],
    Line.PRIVATE: [EXECUTIONS, BALANCES],
    Line.LEVEL3: [level3(BTC, 10)],
}
DATA_SHARE = 8
WARM_SHARE = 0.2
SLOWEST_MS = 20.0
GROWTH_MB = 16.0


@dataclass
class Result:
    """What a run found. Times in ms, memory in MB of growth after the first fifth."""

    frames: int = 0
    understood: int = 0
    crashes: list[str] = field(default_factory=list)
    slowest_ms: float = 0.0
    slowest: bytes = b""
    growth_mb: float = 0.0

    @property
    def is_good(self) -> bool:
        return not self.crashes and self.slowest_ms <= SLOWEST_MS and self.growth_mb <= GROWTH_MB


class Finding:
    """Notes any exception as a crash and goes on: whatever it is, it is what was looked for."""

    def __init__(self, result: Result, where: str) -> None:
        self._result = result
        self._where = where

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Exception):
            self._result.crashes.append(f"{type(error).__name__}: {error} {self._where}")
            return True
        return False


class Target:
    """The way from the socket to the stores, as the program has it, without a socket."""

    def __init__(self) -> None:
        self.stores = Stores.create()
        self._processor = Processor(self.stores)
        codec = Codec()
        self._sessions = {line: Session(line, codec) for line in WISHES}
        self._now = 0
        for line, session in self._sessions.items():
            for wish in WISHES[line]:
                session.subscribe(wish)
            session.opened(1, None if line is Line.PUBLIC else "token")
            session.outgoing(1)
        for symbol in SYMBOLS:
            self.stores.books.expect(symbol, 10, instrument(symbol))
            self.stores.queues.expect(symbol, 10, instrument(symbol))

    def feed(self, line: Line, frame: bytes) -> int:
        """Take one frame and return how many things it said."""
        self._now += 1_000_000
        events = self._sessions[line].receive(frame, self._now, self._now)
        self._processor.apply(line, 1, events, self._now, self._now)
        self.stores.orders.take_alarms()
        self.stores.health.acknowledge()
        return sum(not isinstance(event, BadDataEvent) for event in events)


def corpus() -> list[tuple[Line, bytes]]:
    """Documented frames, each on every line; those that carry data more often than answers and requests."""
    documented = [raw.encode() for name in names("ws_") for raw in frames(name)]
    return [
        (line, raw)
        for raw in documented
        for line in WISHES
        for _ in range(DATA_SHARE if b'"data"' in raw else 1)
    ]


def run(count: int, seed: int) -> Result:
    """Feed so many mutated frames."""
    random, target, result, seeds = Random(seed), Target(), Result(), corpus()
    for line, raw in seeds:
        with Finding(result, f"documented frame on {line.value}: {raw!r}"):
            target.feed(line, raw)
    gc.collect()
    gc.freeze()  # what a test run has piled up before is not looked through again and again
    gc.disable()
    floor = 0
    try:
        for number in range(count):
            if number == int(count * WARM_SHARE):
                floor = rss_bytes()
            _one(target, result, *random.choice(seeds), random)
            if number % 1_000 == 0:
                gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    result.growth_mb = (rss_bytes() - floor) / 2**20
    return result


def _one(target: Target, result: Result, line: Line, raw: bytes, random: Random) -> None:
    frame = mutated(raw, random)
    started = time.thread_time()
    with Finding(result, f"on {line} by {frame[:300]!r}"):
        result.understood += target.feed(line, frame) > 0
    took_ms = (time.thread_time() - started) * 1_000
    result.frames += 1
    if took_ms > result.slowest_ms:
        result.slowest_ms, result.slowest = took_ms, frame[:200]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    result = run(options.frames, options.seed)
    told = {
        "frames": result.frames,
        "understood": result.understood,
        "crashes": len(result.crashes),
        "slowest_ms": round(result.slowest_ms, 2),
        "growth_mb": round(result.growth_mb, 1),
        "rss_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "seed": options.seed,
    }
    sys.stdout.write(json.dumps(told) + "\n")
    for crash in result.crashes[:20]:
        sys.stderr.write(f"seed {options.seed}: {crash}\n")
    if result.slowest_ms > SLOWEST_MS:
        sys.stderr.write(f"seed {options.seed}: {result.slowest_ms:.1f} ms for {result.slowest!r}\n")
    return 0 if result.is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
