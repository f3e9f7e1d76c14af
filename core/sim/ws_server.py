"""WebSocket servers on loopback: one role each (public, private, level 3), many clients, bounded memory.

A client that does not read what it asked for is closed; it never makes the exchange hold more than
`MAX_BUFFER` bytes for it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Self

from websockets.asyncio.connection import broadcast
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from core.runtime.tasks import Supervisor
from core.sim.connection import Connection
from core.sim.fault_effects import HttpReply
from core.sim.gate import HOST, Gate
from core.sim.hub import Hub
from core.sim.ws_control import SocketControl

log = logging.getLogger(__name__)

MAX_FRAME = 256 * 1024
MAX_BUFFER = 16 * 1024 * 1024
MAX_CLIENTS = 200
CLOSE_TIMEOUT_S = 1.0
SLICE_NS = 1_000_000
LONGEST_REST_NS = 40_000_000
PATH = "/v2"


def _transport_log() -> logging.Logger:
    """Whoever knocks without speaking WebSocket is not news; anything else the library reports is."""
    logger = logging.getLogger(f"{__name__}.transport")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(lambda record: "handshake failed" not in record.getMessage())
    return logger


class WsServer:
    """One listening port. Use as an async context manager; ``url`` is known once it is entered."""

    def __init__(self, hub: Hub, role: str, prefix: str) -> None:
        self._hub = hub
        self._role = role
        self._prefix = prefix
        self._gate = Gate(prefix, 0)
        self._server: Server | None = None
        self._connections: dict[Connection, ServerConnection] = {}
        self._closing = Supervisor(f"sim-{role}")
        self._waiting: deque[tuple[Connection, Iterator[bool]]] = deque()
        """What is left of requests that can wait, each with whose it is."""

        self._rests_until_ns = 0

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"ws://{HOST}:{self._gate.port}{self._prefix}{PATH}"

    @property
    def connections(self) -> list[Connection]:
        """The clients that are connected now."""
        return list(self._connections)

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve,
            HOST,
            0,
            process_request=self._check,
            compression=None,
            server_header=None,
            ping_interval=None,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=MAX_FRAME,
            logger=_transport_log(),
        )
        port = next(iter(self._server.sockets)).getsockname()[1]
        self._gate = Gate(self._prefix, port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None, "entered before"
        self._server.close(code=CloseCode.GOING_AWAY, reason="Exchange stopped")
        await self._server.wait_closed()
        await self._closing.stop()

    def tick(self, now_ns: int) -> None:
        """Heartbeats, a step of what can wait, and an end to clients that neither subscribe nor speak.

        ``now_ns`` is monotonic.
        """
        self._go_on(now_ns)
        for connection, socket in list(self._connections.items()):
            if connection.tick(now_ns):
                self._close(connection, socket, CloseCode.NORMAL_CLOSURE, "Inactivity")

    def _go_on(self, now_ns: int) -> None:
        """Go on with requests that can wait, and rest a while: nobody else shall feel it."""
        if now_ns < self._rests_until_ns:
            return
        ended_ns = now_ns
        while self._waiting and ended_ns - now_ns < SLICE_NS:
            connection, steps = self._waiting.popleft()
            if not connection.is_closed and next(steps, None) is not None:
                self._waiting.append((connection, steps))
            ended_ns = self._hub.clock.mono_ns()
        self._rests_until_ns = ended_ns + min(3 * (ended_ns - now_ns), LONGEST_REST_NS)

    def send_status(self) -> None:
        """Tell every client the state of the engine."""
        for connection in self.connections:
            connection.send_status()

    def _check(self, socket: ServerConnection, request: Request) -> Response | None:
        self._hub.received["connect"] += 1
        hosts, origins = request.headers.get_all("Host"), request.headers.get_all("Origin")
        host = hosts[0] if len(hosts) == 1 else None
        refusal = self._gate.refusal(request.path, host, origins[0] if origins else None)
        if refusal is None and (self._gate.inner_path(request.path) or "").partition("?")[0] != PATH:
            refusal = 404, "Not found.\n"
        if refusal is None and len(self._connections) >= MAX_CLIENTS:
            refusal = 503, "Too many connections.\n"
        if refusal is not None:
            return socket.respond(HTTPStatus(refusal[0]), refusal[1])
        reply = self._hub.faults.refusal(self._role)
        return _response(reply) if reply is not None else None

    async def _serve(self, socket: ServerConnection) -> None:
        def send(frame: str) -> None:
            self._write(connection, socket, frame)

        # Above 2**53 as on Kraken, so that clients which read it as a double are found out.
        number = 2**63 + secrets.randbits(62)
        control = SocketControl(
            socket, lambda: self._forget(connection), lambda code: self._close(connection, socket, code, "")
        )
        connection = Connection(self._hub, self._role, number, send, control)
        self._connections[connection] = socket
        connection.open()
        try:
            async for raw in socket:
                steps = connection.steps(raw)
                for can_wait in steps:
                    if can_wait:
                        self._waiting.append((connection, steps))
                        break
                    await asyncio.sleep(0)
                    if connection.is_closed:
                        break
        except ConnectionClosed as lost:
            log.debug("client lost role=%s reason=%s", self._role, lost)
        finally:
            self._connections.pop(connection, None)
            connection.close()

    def _write(self, connection: Connection, socket: ServerConnection, frame: str) -> None:
        if socket.transport.get_write_buffer_size() > MAX_BUFFER:
            log.info("client too slow role=%s", self._role)
            self._close(connection, socket, CloseCode.TRY_AGAIN_LATER, "Client too slow")
            return
        broadcast((socket,), frame)

    def _close(self, connection: Connection, socket: ServerConnection, code: int, reason: str) -> None:
        """End one client; its subscriptions end at once, the closing handshake has its own time."""
        if self._forget(connection):
            self._closing.spawn(socket.close(code, reason), name=f"sim-{self._role}-close")

    def _forget(self, connection: Connection) -> bool:
        """End what the exchange does for a client; return whether it was one."""
        if self._connections.pop(connection, None) is None:
            return False
        connection.close()
        return True


def _response(reply: HttpReply) -> Response:
    """Return an answer that need not be one of the known statuses."""
    fields = {"Content-Length": str(len(reply.body)), "Connection": "close"} | dict(reply.headers)
    return Response(reply.status, "Refused", Headers(fields), reply.body)
