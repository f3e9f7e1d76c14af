"""Frames on their way from the sockets to the sessions: one bounded queue with four priorities.

Nothing is dropped. A full inbox asks for reading to pause, the kernel's buffers fill, and the exchange slows down;
only what was already read from the sockets comes on top. Within a priority the order is that of arrival, and a channel
always has the same priority, so a channel is never reordered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from core.domain.health import Line
from core.domain.subscription import PRIORITIES, Priority

BOUND = 10_000

_PREFIX = b'{"channel":"'
_KEY = b'"channel"'
# Two letters tell the channels apart.
_BY_LETTERS = {ord(channel[0]) << 8 | ord(channel[1]): priority for channel, priority in PRIORITIES.items()}

T = TypeVar("T")


def priority_of(line: Line, frame: bytes | bytearray) -> Priority:
    """Return the class of a frame after a cheap look: the account's first; answers and life signs with them."""
    if line.is_private:
        return Priority.CRITICAL
    if frame.startswith(_PREFIX) and len(frame) > len(_PREFIX) + 1:
        return _BY_LETTERS.get(frame[12] << 8 | frame[13], Priority.CRITICAL)
    at = frame.find(_KEY)
    if at < 0 or b'"method"' in frame:
        return Priority.CRITICAL
    letters = frame[at + len(_KEY) :].lstrip(b' \t\r\n:"')[:2]
    return _BY_LETTERS.get(int.from_bytes(letters), Priority.CRITICAL)


class Inbox(Generic[T]):
    """Bounded queue. ``pause`` is called when it fills, ``resume`` when half of it is free again."""

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None], bound: int = BOUND) -> None:
        self._queues: tuple[deque[T], ...] = tuple(deque() for _ in Priority)
        self._pause = pause
        self._resume = resume
        self.bound = bound
        self.size = 0
        self.paused = False
        self.pauses = 0

    def put(self, priority: Priority, item: T) -> None:
        """Add an item; ask for a pause when the bound is reached."""
        self._queues[priority].append(item)
        self.size += 1
        if self.size >= self.bound and not self.paused:
            self.paused = True
            self.pauses += 1
            self._pause()

    def take(self) -> T | None:
        """Remove and return the oldest item of the most important class that has one."""
        for queue in self._queues:
            if queue:
                self.size -= 1
                if self.paused and self.size <= self.bound // 2:
                    self.paused = False
                    self._resume()
                return queue.popleft()
        return None
