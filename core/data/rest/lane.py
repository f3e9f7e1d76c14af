"""One private request at a time for a key, in the order of what they protect.

Nonces must arrive rising, so signed calls do not overlap. One exception: a cancel does not wait for a question that is
under way; should the question then arrive second, it is refused for its nonce and asked once more, which harms nobody.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from itertools import count


class Call(IntEnum):
    """What a private call is for: its rank in the lane."""

    CANCEL = 0
    TOKEN = 1
    WALK = 2
    ORDER = 3
    QUERY = 4

    @property
    def trades(self) -> bool:
        """Whether the call changes orders."""
        return self in (Call.CANCEL, Call.ORDER)


class Lane:
    """The queue of private calls of one key."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Call, int, asyncio.Future[None]]] = []
        self._seq = count()
        self._busy: list[Call] = []

    @property
    def queued(self) -> int:
        """Calls that wait for their turn."""
        return len(self._waiting)

    @asynccontextmanager
    async def turn(self, call: Call) -> AsyncIterator[None]:
        """Hold the lane while the body runs."""
        await self._enter(call)
        try:
            yield
        finally:
            self._busy.remove(call)
            self._admit()

    async def _enter(self, call: Call) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (call, next(self._seq), turn))
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._busy.remove(call)
            self._admit()
            raise

    def _admit(self) -> None:
        while self._waiting:
            call, _, turn = self._waiting[0]
            if not turn.cancelled() and not self._may_start(call):
                return
            heapq.heappop(self._waiting)
            if not turn.cancelled():
                self._busy.append(call)
                turn.set_result(None)

    def _may_start(self, call: Call) -> bool:
        if call is Call.CANCEL:
            return not any(busy.trades for busy in self._busy)
        return not self._busy
