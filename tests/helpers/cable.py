"""A cable between client and server that a test can cut, pull half-way, or spoil."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

CHUNK = 65_536


class Cable:
    """Passes bytes on. ``cut`` resets all connections; ``pull`` passes nothing on and tells nobody."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._whole = asyncio.Event()
        self._whole.set()
        self.spoil: Callable[[bytes], bytes] | None = None
        """Changes what the server sends, as many bytes as before; ``None`` passes it on as it is."""

    @property
    def url(self) -> str:
        """Where to connect instead."""
        return urlunsplit(self._target._replace(netloc=f"127.0.0.1:{self._port}"))

    def cut(self) -> None:
        """Reset every connection; new ones pass."""
        for writer in self._writers:
            writer.transport.abort()

    def pull(self) -> None:
        """Let nothing through, without a word to either end."""
        self._whole.clear()

    def plug(self) -> None:
        """Let everything through again."""
        self._whole.set()

    @property
    def _port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _join(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        await self._whole.wait()
        far, far_out = await asyncio.open_connection(self._target.hostname, self._target.port)
        ends = {near_out, far_out}
        self._writers |= ends
        try:
            # The server knows itself by its own port only.
            request = await near.readuntil(b"\r\n\r\n")
            far_out.write(request.replace(f":{self._port}".encode(), f":{self._target.port}".encode()))
            await asyncio.gather(self._pass(near, far_out), self._pass(far, near_out, spoiled=True))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers -= ends
            for end in ends:
                end.close()

    async def _pass(
        self, source: asyncio.StreamReader, drain: asyncio.StreamWriter, *, spoiled: bool = False
    ) -> None:
        while data := await source.read(CHUNK):
            await self._whole.wait()
            if spoiled and self.spoil is not None:
                data = self.spoil(data)
            drain.write(data)
            await drain.drain()
        drain.close()


@asynccontextmanager
async def cable_to(url: str) -> AsyncIterator[Cable]:
    """A cable to the server at ``url``; its own address is ``cable.url``."""
    cable = Cable(url)
    server = cable._server = await asyncio.start_server(cable._join, "127.0.0.1", 0)
    try:
        yield cable
    finally:
        server.close()
        cable.cut()
        cable.plug()
