"""Paper's line to a public server that keeps strictly to the rules of subscribing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from core.runtime.clock import SystemClock
from core.runtime.tasks import Supervisor
from core.sim.instruments import PAIRS
from core.sim.model import PairSpec
from core.sim.public_book import Change, PublicBook
from core.sim.public_source import PublicPrint, PublicSource
from tests.helpers.waiting import eventually
from tests.protocol.fixtures import frames

BTC = "BTC/USD"


class Strict:
    """Refuses a subscription while the old one has not ended, and ends one only after a while."""

    def __init__(self) -> None:
        self.socket: ServerConnection | None = None
        self.subscribed: set[str] = set()
        self.snapshots = 0
        self.refused = 0

    async def serve(self, socket: ServerConnection) -> None:
        self.socket = socket
        try:
            async with asyncio.TaskGroup() as group:
                async for raw in socket:
                    frame: dict[str, Any] = json.loads(raw)
                    if frame.get("params", {}).get("channel") == "book":
                        group.create_task(self._book(socket, frame["method"]), name="answer")
        except* ConnectionClosed:
            pass

    async def _book(self, socket: ServerConnection, method: str) -> None:
        if method == "unsubscribe":
            await asyncio.sleep(0.05)
            self.subscribed.discard(BTC)
            answer: dict[str, object] = {"success": True, "result": {"channel": "book", "symbol": BTC}}
        elif BTC in self.subscribed:
            self.refused += 1
            answer = {"success": False, "error": "Already subscribed", "symbol": BTC}
        else:
            self.subscribed.add(BTC)
            self.snapshots += 1
            await socket.send(frames("constructed_book_chain")[0])
            answer = {"success": True, "result": {"channel": "book", "symbol": BTC}}
        await socket.send(json.dumps({"method": method, **answer}))


class Listener:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.books = 0
        self.losses: list[str | None] = []

    def pair(self, symbol: str) -> PairSpec | None:
        return next(one for one in PAIRS if one.symbol == symbol)

    def booked(self, symbol: str, book: PublicBook) -> None:
        self.books += 1

    def changed(self, symbol: str, changes: list[Change]) -> None:
        pass

    def traded(self, symbol: str, row: PublicPrint, *, is_past: bool) -> None:
        pass

    def lost(self, symbol: str | None) -> None:
        self.losses.append(symbol)


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Strict, Listener, PublicSource]]:
    strict, listener = Strict(), Listener()
    async with serve(strict.serve, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        source = PublicSource(f"ws://127.0.0.1:{port}/v2", SystemClock(), listener)
        async with Supervisor("paper") as supervisor:
            supervisor.keep(source.run, name="paper market")
            yield strict, listener, source


async def until(source: PublicSource, condition: Callable[[], bool]) -> None:
    async def look() -> None:
        while True:
            await source.look()
            await asyncio.sleep(0.01)

    task = asyncio.create_task(look(), name="look")
    try:
        await eventually(condition, timeout_s=5)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("spoiled", ['"checksum":2429349263', '"price":45285.2'])
async def test_a_book_that_does_not_fit_is_ended_before_it_is_asked_for_anew(spoiled: str) -> None:
    async with line() as (strict, listener, source):
        await eventually(lambda: source.is_up, timeout_s=5)
        await source.follow([BTC])
        await until(source, lambda: listener.books == 1)
        assert strict.socket is not None

        await strict.socket.send(frames("constructed_book_chain")[1].replace(spoiled, spoiled[:-1] + "7"))
        await until(source, lambda: listener.books == 2)

        assert listener.losses[-1] == BTC
        assert (strict.snapshots, strict.refused) == (2, 0)
