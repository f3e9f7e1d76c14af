"""CRC32 over the top ten of a book. Source: Kraken guide "Book checksum (WebSocket v2)"."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

TOP = 10
"""Levels a side that the checksum covers, whatever the subscribed depth."""


def piece(text: str) -> str:
    """Return one number as the checksum reads it: no decimal point, no leading zeros, trailing zeros kept."""
    return text.replace(".", "").lstrip("0")


def checksum(asks: Iterable[str], bids: Iterable[str]) -> int:
    """Return the CRC32 of pieces already joined a level, best first, asks before bids."""
    return crc32(("".join(asks) + "".join(bids)).encode())
