"""Cuts a stream of bytes into WebSocket messages, as far as they are of the common kind; the library reads the others.

Nearly everything an exchange sends is a whole message in one unmasked, uncompressed frame. Cutting those out here costs
a fraction of what the library's general reader takes. Pings and pongs go to the library one by one. From the first
frame of another kind on (the closing, fragments, reserved bits, masks, too large) all bytes are the library's, and it
decides what is wrong with them. Source: RFC 6455, section 5.2.
"""

from __future__ import annotations

TEXT, BINARY = 0x81, 0x82
PING, PONG = 0x89, 0x8A
"""First bytes of frames that are final and have no reserved bit."""

MOST_IN_SECOND_BYTE = 125
TWO_BYTES, EIGHT_BYTES = 126, 127
"""Second bytes that announce the length behind them. Larger ones announce a mask."""

HEADER = 2
"""Bytes that tell how long the rest of a header is."""


class FrameCutter:
    """Keeps what is incomplete between two reads. ``limit``: the largest message in bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self._wanted = HEADER
        self._handed_over = False

    def cut(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Return the messages that are complete with ``data``, and the bytes the library must read, both in order."""
        if self._handed_over:
            return [], data
        if self._held:
            self._held += data
            if len(self._held) < self._wanted:
                return [], b""
            data = bytes(self._held)
            self._held.clear()
        messages: list[bytes] = []
        controls = b""
        at, end = 0, len(data)
        while end - at >= HEADER:
            kind, length, start = data[at], data[at + 1], at + HEADER
            if TEXT <= kind <= BINARY:
                if length > MOST_IN_SECOND_BYTE:
                    start += 2 if length == TWO_BYTES else 8
                    length = self._long(length, data[at + HEADER : start])
            elif not PING <= kind <= PONG or length > MOST_IN_SECOND_BYTE:
                length = -1
            if length < 0:
                self._handed_over = True
                return messages, controls + data[at:]
            stop = start + length
            if stop > end:
                self._wanted = stop - at
                break
            if TEXT <= kind <= BINARY:
                messages.append(data[start:stop])
            else:
                controls += data[at:stop]
            at = stop
        else:
            self._wanted = HEADER
        self._held += data[at:]
        return messages, controls

    def hand_over(self) -> None:
        """Leave everything to the library from now on."""
        self._handed_over = True

    def _long(self, announced: int, digits: bytes) -> int:
        """Return the length in the bytes behind the second, 0 while some are missing, -1 for what is not for us."""
        if announced > EIGHT_BYTES:
            return -1
        if len(digits) < (2 if announced == TWO_BYTES else 8):
            return 0
        length = int.from_bytes(digits)
        return length if length <= self._limit else -1
