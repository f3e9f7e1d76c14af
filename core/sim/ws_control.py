"""What faults can do to one client's WebSocket: cut it, break it off, stop to read it, send it anything."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable

from websockets.asyncio.connection import broadcast
from websockets.asyncio.server import ServerConnection
from websockets.frames import CloseCode

# A linger time of zero makes the system send RST instead of FIN. The fields are shorts on Windows.
NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class SocketControl:
    """Control over one socket. ``forget`` ends its connection at once; ``close`` does so and shakes hands."""

    def __init__(
        self, ws: ServerConnection, forget: Callable[[], object], close: Callable[[int], None]
    ) -> None:
        self._ws = ws
        self._forget = forget
        self._close = close

    def send_bytes(self, frame: bytes, *, is_text: bool) -> None:
        """Send a frame as it is."""
        broadcast((self._ws,), frame, text=is_text)

    def close(self, code: int) -> None:
        """Close with a code; 1006 cannot be sent, so the connection just ends."""
        if code == CloseCode.ABNORMAL_CLOSURE:
            self._forget()
            self._ws.transport.close()
        else:
            self._close(code)

    def reset(self) -> None:
        """Break the connection off."""
        self._forget()
        plain = self._ws.transport.get_extra_info("socket")
        if plain is not None:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self._ws.transport.abort()

    def freeze(self, *, is_frozen: bool) -> None:
        """Stop to read, or read again."""
        if is_frozen:
            self._ws.transport.pause_reading()
        else:
            self._ws.transport.resume_reading()
