"""Numbers of private frames as the rest of the program knows them: from 1, one more each time. Pure.

Recordings show a snapshot numbered 1; the documentation says nothing of the first number. A server that begins with 0
is understood, and so is one that does not count at all: with that one nothing can be seen to be missing.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from core.domain.events import UNNUMBERED, BalanceEvent, ExecutionEvent

PrivateEvent = TypeVar("PrivateEvent", ExecutionEvent, BalanceEvent)


class Numbering:
    """The frames of one channel on one line since it was opened."""

    def __init__(self) -> None:
        self._shift = 0
        self._last = 0

    def numbered(self, event: PrivateEvent) -> PrivateEvent:
        """Return the frame with its number."""
        if event.snapshot and event.sequence == 0:
            self._shift = 1
        number = self._last + 1 if event.sequence == UNNUMBERED else event.sequence + self._shift
        self._last = number
        return event if number == event.sequence else msgspec.structs.replace(event, sequence=number)
