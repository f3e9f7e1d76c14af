"""One real socket against a server that chooses how its bytes are cut."""

import asyncio
import base64
import contextlib
import hashlib

import pytest

from core.data.ws.socket import DoorClosed, close_socket, open_socket
from tests.helpers.waiting import eventually
from tests.unit.data.ws.test_frames import frame

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Script:
    """Answers one handshake with ``pieces`` (``{accept}`` filled in), each written when the one before has arrived."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.heard = bytearray()
        self.more = asyncio.Queue()
        self.over = asyncio.Event()

    async def __call__(self, reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        key = next(
            line[19:] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: ")
        )
        accept = base64.b64encode(hashlib.sha1(key + MAGIC, usedforsecurity=False).digest())
        for piece in self.pieces(accept):
            writer.write(piece)
            await writer.drain()
            for _ in range(3):  # turns of the loop in which it is read
                await asyncio.sleep(0)
        listening = asyncio.create_task(self._listen(reader), name="script-listens")
        with contextlib.suppress(ConnectionError):
            while (piece := await self.more.get()) is not None:
                writer.write(piece)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        await listening
        self.over.set()

    async def _listen(self, reader):
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                self.heard += data
        self.more.put_nowait(None)


@contextlib.asynccontextmanager
async def served(pieces):
    script = Script(pieces)
    server = await asyncio.start_server(script, "127.0.0.1", 0)
    try:
        yield script, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.wait_for(script.over.wait(), 5)
    finally:
        server.close()
        await server.wait_closed()


def answer(accept):
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


FRAMES = frame(0x81, b"first") + frame(0x89, b"ping") + frame(0x81, b"second")


@pytest.mark.parametrize("length", [1, 7, 10_000])
async def test_messages_that_come_with_the_handshakes_answer_are_kept(length):
    def pieces(accept):
        whole = answer(accept) + FRAMES
        return [whole[at : at + length] for at in range(0, len(whole), length)]

    messages = []
    async with served(pieces) as (script, url):
        socket = await open_socket(url)
        socket.attach(messages.extend, lambda: None)
        script.more.put_nowait(frame(0x81, b"third"))
        await eventually(lambda: messages == [b"first", b"second", b"third"])
        await eventually(lambda: script.heard[:2] == b"\x8a\x84")  # a pong of four bytes, masked
        assert socket._handshake is None, "the library still reads everything, slowly"
        script.more.put_nowait(None)
        await close_socket(socket)


async def test_fragments_and_all_that_follows_are_put_together_by_the_library():
    messages, lost = [], asyncio.Event()
    async with served(lambda accept: [answer(accept)]) as (script, url):
        socket = await open_socket(url)
        socket.attach(messages.extend, lost.set)
        fragments = frame(0x01, b"one ") + frame(0x89, b"") + frame(0x00, b"message ") + frame(0x80, b"whole")
        script.more.put_nowait(frame(0x81, b"plain") + fragments + frame(0x82, b"plain again"))
        await eventually(lambda: messages == [b"plain", b"one message whole", b"plain again"])
        script.more.put_nowait(frame(0x88, b"\x03\xf0enough") + frame(0x81, b"too late"))
        script.more.put_nowait(None)
        await asyncio.wait_for(lost.wait(), 5)

    assert (socket.close_code, socket.close_reason) == (1008, "enough")
    assert len(messages) == 3


async def test_a_frame_with_a_reserved_bit_ends_the_connection():
    lost = asyncio.Event()
    async with served(lambda accept: [answer(accept)]) as (script, url):
        socket = await open_socket(url)
        socket.attach(lambda messages: None, lost.set)
        script.more.put_nowait(frame(0xC1, b"compressed without being asked"))
        await eventually(lambda: script.heard[:1] == b"\x88")
        script.more.put_nowait(None)
        await asyncio.wait_for(lost.wait(), 5)

    assert socket.protocol.close_sent.code == 1002


async def test_the_body_of_a_refusal_is_no_frame():
    body = frame(0x81, b"a body that looks like a message")

    def refusal(accept):
        head = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(body)
        return [head + body[:3], body[3:]]

    async with served(refusal) as (script, url):
        with pytest.raises(DoorClosed, match="HTTP 403"):
            await open_socket(url)
        script.more.put_nowait(None)
