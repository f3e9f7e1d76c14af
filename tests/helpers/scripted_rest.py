"""A REST server that answers what a test tells it to, on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.data.kraken.endpoints import Endpoints


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    name: str
    fields: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Raw:
    """An answer outside the protocol. Empty ``body`` with status 0 closes without an answer.

    ``location`` is where a redirect leads.
    """

    status: int = 200
    body: bytes = b""
    location: str = ""


Answer = Callable[[Call], Awaitable[Any] | Any]


class RestServer:
    """Answers with ``answers[name]``: a result, a list of errors, a Raw, or a function of the call that returns one."""

    def __init__(self) -> None:
        self.base = ""
        self.answers: dict[str, Any] = {}
        self.calls: list[Call] = []

    @property
    def endpoints(self) -> Endpoints:
        socket = self.base.replace("http", "ws") + "/v2"
        return Endpoints(
            public_ws=socket,
            private_ws=socket,
            level3_ws=socket,
            public_rest=self.base,
            private_rest=self.base,
        )

    def names(self) -> list[str]:
        return [call.name for call in self.calls]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while b" HTTP/1." in (request := await reader.readline()):
                call = await _read(request, reader)
                self.calls.append(call)
                answer = self.answers.get(call.name, ["EGeneral:Unknown method"])
                answer = answer(call) if callable(answer) else answer
                answer = await answer if asyncio.iscoroutine(answer) else answer
                raw = answer if isinstance(answer, Raw) else Raw(body=_envelope(answer))
                if raw.status == 0:
                    return
                head = f"HTTP/1.1 {raw.status} X\r\nContent-Length: {len(raw.body)}\r\n"
                head += f"Location: {raw.location}\r\n" if raw.location else ""
                writer.write(f"{head}\r\n".encode() + raw.body)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


def _envelope(answer: Any) -> bytes:
    if isinstance(answer, list):
        return json.dumps({"error": answer}).encode()
    return json.dumps({"error": [], "result": answer}).encode()


async def _read(request: bytes, reader: asyncio.StreamReader) -> Call:
    target = urlsplit(request.split()[1].decode())
    headers = {}
    while (line := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    fields = parse_qs(target.query or body.decode())
    return Call(
        target.path.rpartition("/")[2], {key: values[0] for key, values in fields.items()}, headers, body
    )


@asynccontextmanager
async def scripted_rest() -> AsyncIterator[RestServer]:
    """A running scripted REST server."""
    rest = RestServer()
    server = await asyncio.start_server(rest.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        rest.base = f"http://127.0.0.1:{port}/secret"
        yield rest
