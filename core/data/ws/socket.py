"""One WebSocket as we use it: messages handed over as they are read, as bytes, all of one read at once.

Plain messages are cut out of the stream before the library sees them, which costs a fraction of its own reader; it does
the handshake, the control frames, the closing and everything unusual.
Redirects are refused: a token must not follow one to another host.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from core.data.ws.frames import FrameCutter
from core.domain.errors import NotSent
from core.runtime.tls import client_context, why_not_connected

# The library logs whole frames at DEBUG, tokens included.
_wire_log = logging.getLogger("websockets.client.tidewire")
_wire_log.setLevel(logging.WARNING)

OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 1.0
MAX_FRAME_BYTES = 16 * 1024 * 1024
"""The instrument snapshot is the largest frame; the library knows one limit for all."""

REFUSED_AT_THE_DOOR = frozenset({200, *range(300, 400), 400, 401, 403, 404, 429, *range(500, 600)})

END_OF_HANDSHAKE = b"\r\n\r\n"

OnFrames = Callable[[list[bytes]], None]


class Socket(ClientConnection):
    """A client connection that gives messages to ``on_frames`` and tells ``on_lost`` of its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on_frames: OnFrames | None = None
        self._on_lost: Callable[[], None] | None = None
        self._early: list[bytes] = []
        self._fragments: bytearray | None = None
        self._cutter = FrameCutter(MAX_FRAME_BYTES)
        self._handshake: bytes | None = b""

    def attach(self, on_frames: OnFrames, on_lost: Callable[[], None]) -> None:
        """Hand over what came already, and from now on everything as it comes."""
        self._on_frames, self._on_lost = on_frames, on_lost
        early, self._early = self._early, []
        if early:
            on_frames(early)

    def data_received(self, data: bytes) -> None:
        """Cut messages out; leave the rest to the library. Messages and control frames need no order among them."""
        if self._handshake is not None:
            data = self._shake_hands(data)
        messages, others = self._cutter.cut(data)
        if messages:
            self._give(messages)
        if others:
            super().data_received(others)

    def process_event(self, event: Any) -> None:
        """Take the messages that only the library could read out of its way; leave the rest to it."""
        if type(event) is Frame and event.opcode <= _LAST_DATA:
            self._take(event)
        else:
            super().process_event(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone."""
        super().connection_lost(exc)
        if self._on_lost is not None:
            self._on_lost()

    def pause(self) -> None:
        """Stop reading; the exchange feels it through TCP."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def abort(self) -> None:
        """Drop the connection without a closing handshake."""
        self.transport.abort()

    def _shake_hands(self, data: bytes) -> bytes:
        """Give the library the answer to our handshake, however it is cut, and return what follows it."""
        assert self._handshake is not None
        known = len(self._handshake)
        seen = self._handshake + data
        at = seen.find(END_OF_HANDSHAKE)
        stop = at + len(END_OF_HANDSHAKE) - known if at >= 0 else len(data)
        self._handshake = None if at >= 0 else seen[1 - len(END_OF_HANDSHAKE) :]
        super().data_received(data[:stop])
        if self._handshake is None and self.protocol.state is not State.OPEN:
            self._cutter.hand_over()  # what follows is the body of a refusal
        return data[stop:]

    def _take(self, frame: Frame) -> None:
        if frame.fin and self._fragments is None:
            self._give([bytes(frame.data)])
            return
        self._fragments = bytearray() if self._fragments is None else self._fragments
        self._fragments += frame.data
        if frame.fin:
            whole, self._fragments = self._fragments, None
            self._give([bytes(whole)])

    def _give(self, messages: list[bytes]) -> None:
        if self._on_frames is None:
            self._early += messages
        else:
            self._on_frames(messages)


class DoorClosed(NotSent):
    """No connection came about. ``slow``: insisting would be rude or pointless."""

    def __init__(self, detail: str, *, slow: bool = False) -> None:
        super().__init__(detail)
        self.slow = slow


class _Connect(connect):
    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def open_socket(url: str) -> Socket:
    """Return an open connection. Raises DoorClosed with the reason in words."""
    try:
        socket = await _Connect(
            url,
            create_connection=Socket,
            ssl=client_context() if url.startswith("wss:") else None,
            compression=None,
            proxy=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            ping_interval=None,
            max_size=MAX_FRAME_BYTES,
            logger=_wire_log,
        )
    except InvalidStatus as refusal:
        code = refusal.response.status_code
        raise DoorClosed(_refusal(code), slow=code in REFUSED_AT_THE_DOOR) from refusal
    except TimeoutError as error:
        raise DoorClosed("no connection within 10 s") from error
    except OSError as error:
        raise DoorClosed(f"cannot connect: {why_not_connected(error)}") from error
    except InvalidURI as error:
        raise DoorClosed("not a WebSocket address", slow=True) from error
    except (InvalidHandshake, WebSocketException, EOFError) as error:
        raise DoorClosed(f"handshake failed: {type(error).__name__}") from error
    assert isinstance(socket, Socket)
    return socket


def _refusal(code: int) -> str:
    if code == 200:
        return "a web page answered instead of the exchange"
    if 300 <= code < 400:
        return f"refused with HTTP {code}, which leads elsewhere and is not followed"
    return f"refused with HTTP {code}"


async def close_socket(socket: Socket) -> None:
    """Close in at most a second, then drop."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await socket.close()
    except (TimeoutError, OSError, WebSocketException):
        socket.abort()


_LAST_DATA = int(Opcode.BINARY)
"""Continuation, text and binary come before it; a look into a set would hash the name of the opcode each time."""
