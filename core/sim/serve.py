"""``tidewire exchange``: the embedded exchange alone, for other programs on this computer.

Prints one line of JSON that says where it listens and with which key, then runs until SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from core.sim.exchange import SimExchange

MIN_SPEED, MAX_SPEED = 0.01, 1000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command, named as the parameters of `serve`."""
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which market (default: 1)")
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="events per second, times X")
    parser.add_argument("--port-file", type=Path, metavar="FILE", help="also write the endpoints line here")
    parser.add_argument(
        "--open-path",
        action="store_true",
        help="serve plain /v2 and /0/…, for clients whose URL cannot carry the secret path",
    )


def _speed(text: str) -> float:
    value = float(text)
    if not MIN_SPEED <= value <= MAX_SPEED:
        raise argparse.ArgumentTypeError(f"must be between {MIN_SPEED:g} and {MAX_SPEED:g}")
    return value


async def serve(
    seed: int = 1, port_file: Path | None = None, speed: float = 1.0, *, open_path: bool = False
) -> None:
    """Run an exchange until SIGINT or SIGTERM. OSError when the port file cannot be written.

    The port file is readable by its owner only and goes away with the exchange it describes.
    """
    stop = asyncio.Event()
    async with SimExchange(seed, speed=speed, open_path=open_path) as exchange:
        line = endpoints_line(exchange)
        with _on_signals(stop.set), _written(port_file, line):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            await stop.wait()


def endpoints_line(exchange: SimExchange) -> str:
    """Return where a running exchange listens and its key, as one line of JSON."""
    where = exchange.endpoints
    return json.dumps(
        {
            "public_ws": where.public_ws,
            "private_ws": where.private_ws,
            "l3_ws": where.l3_ws,
            "public_rest": where.public_rest,
            "private_rest": where.private_rest,
            "key": exchange.key,
            "secret": exchange.secret,
        }
    )


@contextlib.contextmanager
def _written(path: Path | None, line: str) -> Iterator[None]:
    if path is None:
        yield
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(line + "\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _on_signals(act: Callable[[], None]) -> Iterator[None]:
    """Call ``act`` on SIGINT and SIGTERM, wherever the loop or the system delivers them."""
    loop = asyncio.get_running_loop()

    def from_signal(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)

    before = {number: signal.signal(number, from_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
