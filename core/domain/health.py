"""Words for the state of lines, channels and books."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ConnectionState(StrEnum):
    """State of one socket, in the order a healthy one passes through."""

    CONNECTING = "connecting"
    SUBSCRIBING = "subscribing"
    LIVE = "live"
    STALE = "stale"
    BACKOFF = "backoff"
    CLOSED = "closed"


class Line(StrEnum):
    """Which socket. Private channels live only on private hosts, market data only on public ones.

    Two sockets a side: the loss of one loses nothing. Which private one is *primary* changes with every loss.
    """

    PUBLIC = "public"
    PUBLIC_B = "public B"
    PRIVATE = "private"
    PRIVATE_B = "private B"
    LEVEL3 = "level3"

    @property
    def is_private(self) -> bool:
        """Whether it carries the account."""
        return self in (Line.PRIVATE, Line.PRIVATE_B)

    @property
    def is_public(self) -> bool:
        """Whether it carries market data and needs no key."""
        return self in (Line.PUBLIC, Line.PUBLIC_B)


class Freshness(StrEnum):
    """How much a shown number may be trusted."""

    LIVE = "live"
    LATE = "late"
    STALE = "stale"
    WAITING = "waiting"


class BookState(StrEnum):
    """Whether a book may be drawn as live: only ``LIVE`` may."""

    WAITING = "waiting"
    LIVE = "live"
    OUT_OF_SYNC = "out_of_sync"


class LineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one line now. ``since`` and ``last_frame`` are monotonic ns; ``rtt_ns`` of our own ping."""

    line: Line
    state: ConnectionState
    reason: str = ""
    since: int = 0
    epoch: int = 0
    attempts: int = 0
    last_frame: int = 0
    rtt_ns: int = 0
    frames: int = 0
