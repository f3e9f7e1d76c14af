"""One WebSocket under faults: what its requests meet, and when, whether and in which order its frames go out.

A connection makes one when the first fault concerns it. All waiting is the loop's; what waits here goes out in
order, except where a fault says otherwise.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from core.sim.fault_effects import HTML, UNAVAILABLE, Fate, Treatment
from core.sim.fault_frames import data_subject
from core.sim.fault_matching import Subject
from core.sim.model import SimOrder
from core.sim.requests import Request

if TYPE_CHECKING:
    from core.sim.connection import Connection
    from core.sim.hub import Hub

# What a line may keep for a client that gets nothing; then it is reset, as by a system out of buffers.
MAX_HELD = 20_000
# Timers may fire a little early.
SLACK_S = 1e-6

Body = dict[str, object]


class Control(Protocol):
    """What can be done to the socket itself."""

    def send_bytes(self, frame: bytes, *, is_text: bool) -> None:
        """Send a frame as it is, UTF-8 or not."""

    def close(self, code: int) -> None:
        """Close with a code; 1006 means without a closing frame."""

    def reset(self) -> None:
        """Break the connection off (TCP RST)."""

    def freeze(self, *, is_frozen: bool) -> None:
        """Stop to read, or read again."""


class NoControl:
    """A connection without a socket: there is nothing to be done."""

    def send_bytes(self, frame: bytes, *, is_text: bool) -> None:
        """See `Control`."""

    def close(self, code: int) -> None:
        """See `Control`."""

    def reset(self) -> None:
        """See `Control`."""

    def freeze(self, *, is_frozen: bool) -> None:
        """See `Control`."""


class FaultyLine:
    """State of one connection under faults. ``send`` writes one frame to the socket."""

    def __init__(
        self, hub: Hub, connection: Connection, send: Callable[[str], None], control: Control
    ) -> None:
        self.control = control
        self._hub = hub
        self._connection = connection
        self._send = send
        self._outbox: list[tuple[float, int, str]] = []
        self._count = itertools.count()
        self._held: list[tuple[list[int], str]] = []
        self._unread: list[Callable[[], None]] = []
        self._free_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.is_frozen = False

    def close(self) -> None:
        """The client is gone: forget what waits for it."""
        self._outbox.clear()
        self._held.clear()
        self._unread.clear()
        if self._timer is not None:
            self._timer.cancel()

    def freeze(self, *, app: bool) -> None:
        """Neither read nor send. With ``app`` only the program hangs: the socket is read and pings are answered."""
        self.is_frozen = True
        if not app:
            self.control.freeze(is_frozen=True)

    def thaw(self) -> None:
        """Go on with everything that waits, in both directions."""
        self.is_frozen = False
        self.control.freeze(is_frozen=False)
        unread, self._unread = self._unread, []
        for read in unread:
            read()
        self._pump()

    # -- coming in ------------------------------------------------------------------------------------------

    def receive(self, request: Request, received_ns: int) -> None:
        """Take a request through its faults to the engine."""
        if self.is_frozen:
            self._unread.append(partial(self.receive, request, received_ns))
        else:
            self._meet(request, received_ns)

    def _meet(self, request: Request, received_ns: int) -> None:
        faults = self._hub.faults
        fate = faults.fate(self._subject(request, "request"))
        for event in fate.events:
            event.act([self._connection])
        if fate.is_lost:
            return
        carry_out = partial(self._connection.carry_out, request, received_ns, fate)
        if self.is_frozen:  # by this very request
            self._unread.append(carry_out)
        elif fate.wait_s > 0:
            faults.call_later(fate.wait_s, carry_out)
        else:
            carry_out()

    def _subject(self, request: Request, kind: str) -> Subject:
        params = request.params
        channel = params.get("channel")
        return Subject(
            road="ws",
            kind=kind,
            role=self._connection.role,
            line=self._connection.number,
            method=request.method,
            channel=channel if isinstance(channel, str) else "",
            symbols=request_symbols(params, self._hub.faults.orders_named),
        )

    # -- going out ------------------------------------------------------------------------------------------

    def answer(self, frame: str, request: Request) -> None:
        """Send an answer, or what faults make of it."""
        if self._hub.faults.frames:
            self._treat(frame, self._subject(request, "answer"))
        else:
            self._post(frame, Treatment([frame]))

    def deliver(self, frame: str) -> None:
        """Send data, or what faults make of it."""
        connection, faults = self._connection, self._hub.faults
        if faults.frames:
            self._treat(frame, data_subject(frame, connection.role, connection.number, faults.symbol_of))
        elif self._outbox or self._held or self.is_frozen:
            self._post(frame, Treatment([frame]))
        else:
            self._send(frame)

    def _treat(self, frame: str, subject: Subject) -> None:
        treatment = self._hub.faults.treatment(subject, frame)
        for event in treatment.events:
            if event.is_wide:  # not in the middle of what the engine is telling
                self._hub.faults.call_later(0.0, partial(event.act, []))
            else:
                event.act([self._connection])
        for text in treatment.frames:
            if treatment.after:
                self._held.append(([treatment.after], text))
            else:
                self._post(text, treatment)

    def _post(self, frame: str, treatment: Treatment) -> None:
        """Send when its time has come, then what it has overtaken often enough."""
        if self._connection.is_closed:
            return
        now = asyncio.get_running_loop().time()
        start = max(now + treatment.delay_s, self._free_at if self._free_at > now else 0.0)
        if treatment.bytes_per_s is not None:
            start += len(frame) / treatment.bytes_per_s
            self._free_at = start
        if start <= now and not self.is_frozen:
            self._send(frame)
        else:
            heapq.heappush(self._outbox, (start, next(self._count), frame))
            self._wait(now)
        for left, _ in self._held:
            left[0] -= 1
        due, self._held = (
            [text for left, text in self._held if left[0] <= 0],
            [one for one in self._held if one[0][0] > 0],
        )
        for text in due:
            self._post(text, Treatment([text]))

    def _wait(self, now: float) -> None:
        if len(self._outbox) > MAX_HELD:
            self.control.reset()
            self.close()
        elif not self.is_frozen:
            if self._timer is not None:
                self._timer.cancel()
            pause_s = max(0.0, self._outbox[0][0] - now)
            self._timer = asyncio.get_running_loop().call_later(pause_s, self._pump)

    def _pump(self) -> None:
        """Send what is due."""
        now = asyncio.get_running_loop().time()
        while self._outbox and self._outbox[0][0] <= now + SLACK_S and not self.is_frozen:
            self._send(heapq.heappop(self._outbox)[2])
        if self._outbox:
            self._wait(now)


def spoiled_answer(fate: Fate, body: Body) -> Body | str | None:
    """Return what takes the place of an answer: another answer, other text, or nothing."""
    if fate.error is not None:
        return {"error": fate.error, "success": False}
    if fate.ending == "html":
        return HTML
    if fate.ending == "5xx":
        return {"error": UNAVAILABLE, "success": False}
    return None if fate.ending else body


def request_symbols(
    params: dict[str, object], orders_named: Callable[[object], list[SimOrder]]
) -> frozenset[str]:
    """Return the symbols a request is about; one that names orders only is about theirs."""
    symbol = params.get("symbol")
    if symbol is not None:
        return frozenset(
            one for one in (symbol if isinstance(symbol, list) else [symbol]) if isinstance(one, str)
        )
    named = (params.get(name) for name in ("order_id", "txid", "cl_ord_id", "orders"))
    return frozenset(order.spec.symbol for one in named if one for order in orders_named(one))
