"""HTTP/1.1 on loopback for the REST API: keep-alive, size and time limits, no cross-origin anything.

Transport only: what a request means is `RestApi`'s. Source: RFC 9112 by way of h11.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import h11

from core.runtime.tasks import cancel_and_wait
from core.sim.fault_rest import PLAIN, RestAnswer, RestDesk
from core.sim.gate import HOST, Gate
from core.sim.hub import Hub
from core.sim.rest_api import RestRequest
from core.sim.ws_control import NO_LINGER

log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024
MAX_HEADERS = 32 * 1024
MAX_CLIENTS = 100
READ_SIZE = 64 * 1024
KEEP_ALIVE_S = 60.0
SLOW_SLICE_S = 0.05


class _TooLarge(Exception):
    """A body beyond `MAX_BODY`."""


class RestServer:
    """One listening port. Use as an async context manager; ``url`` is known once it is entered."""

    def __init__(self, hub: Hub, prefix: str) -> None:
        self._desk = RestDesk(hub)
        self._prefix = prefix
        self._gate = Gate(prefix, 0)
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[object]] = set()
        self._writers: dict[asyncio.StreamWriter, None] = {}

    @property
    def port(self) -> int:
        """The port the system chose."""
        return self._gate.port

    @property
    def url(self) -> str:
        """The base that ``/0/public/…`` and ``/0/private/…`` follow."""
        return f"http://{HOST}:{self.port}{self._prefix}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0, limit=READ_SIZE)
        self._gate = Gate(self._prefix, self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None, "entered before"
        self._server.close()
        await cancel_and_wait(self._clients)
        await self._server.wait_closed()

    def drop_clients(self, is_reset: bool) -> int:
        """End every connection without an answer, and return how many there were."""
        open_now = [writer for writer in self._writers if not writer.transport.is_closing()]
        for writer in open_now:
            _drop(writer, is_reset=is_reset)
        return len(open_now)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a stream handler is a task"
        task.set_name("sim-rest-client")
        self._clients.add(task)
        self._writers[writer] = None
        try:
            if len(self._clients) <= MAX_CLIENTS:
                await self._converse(reader, writer)
        except (OSError, TimeoutError) as lost:
            log.debug("rest client lost reason=%r", lost)
        except asyncio.CancelledError:
            # Only `__aexit__` cancels; ending quietly keeps the stream's own callback from reporting it.
            log.debug("rest client closed by the exchange")
        finally:
            self._clients.discard(task)
            self._writers.pop(writer, None)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests on one connection until either side is done."""
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEADERS)
        while True:
            try:
                event = await _next(http, reader)
                if not isinstance(event, h11.Request):
                    return
                answer = await self._answer(http, reader, event)
            except h11.RemoteProtocolError as error:
                if http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                    await _write(http, writer, _refusal(error.error_status_hint, "Bad request.\n"))
                return
            except _TooLarge:
                await _write(http, writer, _refusal(413, "Too large.\n"))
                return
            if answer.ending != "answer":
                await _end(reader, writer, answer.ending)
                return
            await _write(http, writer, answer, has_body=event.method != b"HEAD")
            if http.our_state is h11.MUST_CLOSE or http.their_state is not h11.DONE:
                return
            http.start_next_cycle()

    async def _answer(
        self, http: h11.Connection, reader: asyncio.StreamReader, head: h11.Request
    ) -> RestAnswer:
        headers = {
            bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1")
            for name, value in head.headers
        }
        target = bytes(head.target).decode("latin-1")
        refusal = self._gate.refusal(target, headers.get("host"), headers.get("origin"))
        body = await _body(http, reader)
        if refusal is not None:
            return _refusal(*refusal)
        path, _, query = (self._gate.inner_path(target) or "").partition("?")
        request = RestRequest(bytes(head.method).decode("latin-1"), path, query, headers, body)
        return await self._desk.answer(request)


async def _next(http: h11.Connection, reader: asyncio.StreamReader) -> h11.Event | type[h11.PAUSED]:
    while True:
        event = http.next_event()
        if event is not h11.NEED_DATA:
            return event  # type: ignore[return-value]  # h11 types the sentinel away
        async with asyncio.timeout(KEEP_ALIVE_S):
            http.receive_data(await reader.read(READ_SIZE))


async def _body(http: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    parts = bytearray()
    while isinstance(event := await _next(http, reader), h11.Data):
        parts += event.data
        if len(parts) > MAX_BODY:
            raise _TooLarge
    return bytes(parts)


def _refusal(status: int, text: str) -> RestAnswer:
    return RestAnswer(status, text.encode(), {"Content-Type": PLAIN})


def _drop(writer: asyncio.StreamWriter, *, is_reset: bool) -> None:
    plain = writer.get_extra_info("socket")
    if is_reset and plain is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()


async def _end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ending: str) -> None:
    """Give no answer: say nothing until the client goes, close, or break off."""
    if ending == "reset":
        _drop(writer, is_reset=True)
    elif ending == "silence":
        while await reader.read(READ_SIZE):
            pass


async def _write(
    http: h11.Connection, writer: asyncio.StreamWriter, answer: RestAnswer, *, has_body: bool = True
) -> None:
    fixed: Mapping[str, str] = {
        "Content-Length": str(len(answer.body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    head = h11.Response(status_code=answer.status, headers=[*answer.headers.items(), *fixed.items()])
    body = answer.body if has_body else b""
    out = [http.send(head), http.send(h11.Data(data=body)), http.send(h11.EndOfMessage())]
    text = b"".join(part for part in out if part)
    if answer.bytes_per_s is None:
        await _drain(writer, text)
        return
    size = max(1, int(answer.bytes_per_s * SLOW_SLICE_S))
    for begin in range(0, len(text), size):
        part = text[begin : begin + size]
        await asyncio.sleep(len(part) / answer.bytes_per_s)
        await _drain(writer, part)


async def _drain(writer: asyncio.StreamWriter, part: bytes) -> None:
    writer.write(part)
    async with asyncio.timeout(KEEP_ALIVE_S):
        await writer.drain()
