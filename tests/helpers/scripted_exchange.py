"""A small exchange that says what a test tells it to, on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from core.data.kraken.endpoints import Endpoints

Reply = Callable[["Exchange", ServerConnection, dict[str, Any]], Awaitable[bool]]


class Exchange:
    """Acknowledges everything, unless ``reply`` returns True for a frame it answered (or swallowed) itself."""

    def __init__(self) -> None:
        self.url = ""
        self.reply: Reply | None = None
        self.status = HTTPStatus.OK
        self.heartbeat = True
        self.sockets: list[ServerConnection] = []
        self.received: list[dict[str, Any]] = []
        self.opened = 0

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(
            public_ws=self.url,
            private_ws=self.url,
            level3_ws=self.url,
            public_rest="http://127.0.0.1:9",
            private_rest="http://127.0.0.1:9",
        )

    def asked(self, method: str) -> list[dict[str, Any]]:
        return [frame["params"] for frame in self.received if frame["method"] == method]

    async def say(self, raw: str | bytes) -> None:
        for socket in self.sockets:
            await socket.send(raw)

    async def close(self, code: int = 1001, reason: str = "") -> None:
        for socket in list(self.sockets):
            await socket.close(code, reason)

    def door(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.status is HTTPStatus.OK:
            return None
        return connection.respond(self.status, "closed\n")

    async def serve(self, socket: ServerConnection) -> None:
        self.opened += 1
        self.sockets.append(socket)
        beat = asyncio.create_task(self._beat(socket), name="scripted-heartbeat")
        try:
            async for raw in socket:
                frame = json.loads(raw)
                self.received.append(frame)
                if self.reply is None or not await self.reply(self, socket, frame):
                    await self.accept(socket, frame)
        except ConnectionClosed:
            pass
        finally:
            beat.cancel()
            self.sockets.remove(socket)

    async def accept(self, socket: ServerConnection, frame: dict[str, Any]) -> None:
        method, req_id, params = frame["method"], frame["req_id"], frame.get("params", {})
        if method == "ping":
            await socket.send(json.dumps({"method": "pong", "req_id": req_id}))
        elif method in ("subscribe", "unsubscribe"):
            await self._acknowledge(socket, method, req_id, params)
        else:
            result = {"order_id": "OAAAAA-BBBBB-CCCCCC", "cl_ord_id": params.get("cl_ord_id")}
            await socket.send(
                json.dumps({"method": method, "req_id": req_id, "success": True, "result": result})
            )

    async def _acknowledge(
        self, socket: ServerConnection, method: str, req_id: int, params: dict[str, Any]
    ) -> None:
        channel = params["channel"]
        for symbol in params.get("symbol", [None]):
            result = {"channel": channel, **({"symbol": symbol} if symbol else {})}
            await socket.send(
                json.dumps({"method": method, "req_id": req_id, "success": True, "result": result})
            )
        if method == "subscribe" and channel in ("executions", "balances"):
            await socket.send(json.dumps({"channel": channel, "type": "snapshot", "data": [], "sequence": 1}))

    async def _beat(self, socket: ServerConnection) -> None:
        try:
            while True:
                if self.heartbeat:
                    await socket.send('{"channel":"heartbeat"}')
                await asyncio.sleep(1.0)
        except ConnectionClosed:
            return


@asynccontextmanager
async def scripted_exchange() -> AsyncIterator[Exchange]:
    """A running scripted exchange; closing it closes all its sockets."""
    exchange = Exchange()
    async with serve(
        exchange.serve, "127.0.0.1", 0, process_request=exchange.door, compression=None
    ) as server:
        exchange.url = f"ws://127.0.0.1:{_port(server)}/v2"
        yield exchange


def _port(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port
