"""Trading requests that wait for their answer. No I/O, no clock: the caller brings the time.

Every request ends exactly once: by its answer, by a refusal, or as unknown. An entry exists before its frame is
written, so that the fastest answer finds it; after nobody waits any more its command is remembered, so that the
latest answer is still understood.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from core.data.kraken.answers import Answer
from core.data.kraken.requests import method_of
from core.domain.errors import OutcomeUnknown, TerminalError
from core.domain.orders import AmendRequest, CancelRequest, Command, OrderRequest

REMEMBERED = 1_000
"""Commands kept after their time, for late answers."""

Settle = Callable[[Answer | TerminalError], None]


class Pending(msgspec.Struct, eq=False):
    """One request on its way. ``expires`` is monotonic ns. ``settle`` is called once, or never when forgotten."""

    req_id: int
    command: Command
    expires: int
    settle: Settle

    def is_named_by(self, answer: Answer) -> bool:
        """Whether an answer without a number names the order this is about."""
        command = self.command
        if not isinstance(command, OrderRequest | AmendRequest | CancelRequest):
            return False
        if method_of(command) != answer.method:
            return False
        own = getattr(command, "cl_ord_id", None)
        kraken = getattr(command, "order_id", None)
        return bool(own and own == answer.cl_ord_id) or bool(kraken and kraken == answer.order_id)


class PendingRequests:
    """The open requests of one socket, by request id and by client order id."""

    def __init__(self) -> None:
        self._open: dict[int, Pending] = {}
        self._late: OrderedDict[int, Command] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def register(self, pending: Pending) -> None:
        """Wait for an answer. Call before writing."""
        self._open[pending.req_id] = pending

    def match(self, answer: Answer) -> Pending | None:
        """Remove and return the request this answers; one without ``req_id`` is found by the order it names."""
        if answer.req_id is not None:
            found = self._open.get(answer.req_id)
        else:
            found = next((p for p in self._open.values() if p.is_named_by(answer)), None)
        if found is None or method_of(found.command) != answer.method:
            return None
        return self._open.pop(found.req_id)

    def late(self, answer: Answer) -> Command | None:
        """Return the command of an answer nobody waits for any more."""
        return self._late.pop(answer.req_id, None) if answer.req_id is not None else None

    def forget(self, req_id: int) -> None:
        """Nobody waits any more (the caller was cancelled); a late answer is still understood."""
        self._remember(self._open.pop(req_id, None))

    def expire(self, now: int) -> None:
        """Settle as unknown what waited too long."""
        for pending in [p for p in self._open.values() if now >= p.expires]:
            self.forget(pending.req_id)
            pending.settle(OutcomeUnknown("no answer in time"))

    def lost(self, reason: str) -> None:
        """Settle everything as unknown: the socket is gone, and with it the answers."""
        waiting, self._open = list(self._open.values()), {}
        for pending in waiting:
            self._remember(pending)
            pending.settle(OutcomeUnknown(f"line lost before the answer: {reason}"))

    def _remember(self, pending: Pending | None) -> None:
        if pending is not None:
            self._late[pending.req_id] = pending.command
            if len(self._late) > REMEMBERED:
                self._late.popitem(last=False)
