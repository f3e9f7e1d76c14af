"""Kraken as seen from here, played by the embedded exchange behind TLS: one door, the hosts told apart by SNI.

Names lead here by the resolver of the system, which ``lead_here`` replaces; everything above it is the program's own.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from core.data.kraken.endpoints import KRAKEN_HOSTS, LIVE, Endpoints
from core.sim.exchange import SimExchange

HERE = "127.0.0.1"
CHUNK = 65_536

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Door:
    """A listening port. ``names`` are the hosts asked for, ``heard`` what came, decrypted where it was TLS."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.heard = b""
        self.connections = 0
        self.port = 0

    @property
    def endpoints(self) -> Endpoints:
        """Kraken's own addresses, at this port."""
        return Endpoints(
            public_ws=self._at(LIVE.public_ws),
            private_ws=self._at(LIVE.private_ws),
            level3_ws=self._at(LIVE.level3_ws),
            public_rest=self._at(LIVE.public_rest),
            private_rest=self._at(LIVE.private_rest),
        )

    def _at(self, url: str) -> str:
        parts = urlsplit(url)
        return parts._replace(netloc=f"{parts.hostname}:{self.port}").geturl()


@asynccontextmanager
async def door(talk: Talk, context: ssl.SSLContext | None) -> AsyncIterator[Door]:
    """Open a door behind which ``talk`` answers each connection; without a context it does not speak TLS."""
    opened = Door()
    if context is not None:
        context.sni_callback = lambda _, name, __: opened.names.append(name)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.connections += 1
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(meet, HERE, 0, ssl=context)
    opened.port = server.sockets[0].getsockname()[1]
    try:
        yield opened
    finally:
        server.close()


@asynccontextmanager
async def kraken_at(exchange: SimExchange, context: ssl.SSLContext) -> AsyncIterator[Door]:
    """The exchange under Kraken's names. It must have been opened with ``open_path``."""
    where = exchange.endpoints
    targets = {
        "ws.kraken.com": where.public_ws,
        "ws-auth.kraken.com": where.private_ws,
        "ws-l3.kraken.com": where.l3_ws,
        "api.kraken.com": where.private_rest,
    }

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readuntil(b"\r\n\r\n")
        host = first.lower().partition(b"\r\nhost: ")[2].partition(b"\r\n")[0].decode()
        target = urlsplit(targets[host.partition(":")[0]])
        far, far_out = await asyncio.open_connection(target.hostname, target.port)
        # The exchange knows itself by its own address only.
        names = f"Host: {host}".encode(), f"Host: {target.netloc}".encode()

        async def forth() -> None:
            data = first
            while data:
                opened.heard += data
                far_out.write(data.replace(*names))
                await far_out.drain()
                data = await reader.read(CHUNK)
            far_out.close()

        async def back() -> None:
            while data := await far.read(CHUNK):
                writer.write(data)
                await writer.drain()
            writer.close()

        try:
            await asyncio.gather(forth(), back())
        finally:
            far_out.close()

    async with door(pass_on, context) as opened:
        yield opened


def answering(answer: bytes, heard: list[bytes]) -> Talk:
    """Answer whatever is asked first with these bytes, and keep what was asked."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(CHUNK))
        writer.write(answer)
        await writer.drain()

    return talk


def lead_here(monkeypatch: Any, *more: str) -> None:
    """Let Kraken's names, and ``more``, lead to this computer; every other name is unknown."""
    known = KRAKEN_HOSTS | set(more)
    resolve = socket.getaddrinfo

    def here(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in known:
            return resolve(HERE, port, *args, **kwargs)
        if name in (HERE, None):
            return resolve(host, port, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", here)
