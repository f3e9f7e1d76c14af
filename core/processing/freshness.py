"""How old a shown number may be. Heartbeats prove the line, never a channel; times are monotonic ns."""

from __future__ import annotations

from core.domain.health import BookState, Freshness, LineStatus
from core.processing.book_store import BookView

MS = 1_000_000
LIVE_NS = 2_500 * MS
LATE_NS = 5_000 * MS
"""Line silent for longer than these: late, stale (faults, section 7)."""


def line_freshness(status: LineStatus | None, now: int) -> Freshness:
    """Judge a line by its last frame, heartbeats included."""
    if status is None or not status.last_frame:
        return Freshness.WAITING
    age = now - status.last_frame
    if age <= LIVE_NS:
        return Freshness.LIVE
    return Freshness.LATE if age <= LATE_NS else Freshness.STALE


def book_freshness(view: BookView | None, status: LineStatus | None, now: int) -> Freshness:
    """Judge a book: live only with a verified snapshot on a live line. A quiet pair is not a stale one."""
    if view is None or view.state is BookState.WAITING:
        return Freshness.WAITING
    if view.state is not BookState.LIVE:
        return Freshness.STALE
    return line_freshness(status, now)
