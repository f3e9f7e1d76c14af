"""The lines to one venue: public, private, level-3. One inbox for all frames, drained in slices by one task.

Private frames are served first. Reading pauses when the inbox is full; nothing is dropped. Handlers run in the drain
task, one call stack from the frame to the stores.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from random import Random

from core.data.kraken.answers import Answer
from core.data.kraken.codec import Codec
from core.data.kraken.endpoints import Endpoints, require_signable
from core.data.recorder import Recorder
from core.data.ws.backoff import AttemptBudget, Backoff
from core.data.ws.connection import Connection, FetchToken
from core.data.ws.inbox import Inbox, priority_of
from core.data.ws.session import Session
from core.domain.errors import NotSent
from core.domain.events import Event
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.orders import Command
from core.domain.subscription import Subscription
from core.runtime.clock import NS_PER_MS, Clock
from core.runtime.tasks import Supervisor

log = logging.getLogger(__name__)

SLICE_NS = 4 * NS_PER_MS
BATCH = 32
"""Frames between two looks at the clock; events of one line leave in batches of at most this many frames."""

OnEvents = Callable[[Line, int, list[Event], int], None]
OnMoved = Callable[[Line, ConnectionState], None]
_Queued = tuple[Connection, int, bytes]


def _untold(took_ns: int, time_in: int, time_out: int, wall: int) -> None:
    """Nobody measures."""


class LineManager:
    """Starts and stops the lines, routes wishes and requests to them, and hands their events up."""

    def __init__(
        self,
        endpoints: Endpoints,
        codec: Codec,
        clock: Clock,
        fetch_token: FetchToken | None,
        on_events: OnEvents,
        on_moved: OnMoved,
        seed: int = 0,
        lines: Sequence[Line] = tuple(Line),
    ) -> None:
        if fetch_token is not None:
            require_signable(endpoints)
        self.clock = clock
        self.budget = AttemptBudget()
        self.inbox: Inbox[_Queued] = Inbox(self._pause, self._resume)
        self._busy_since = 0
        self.on_answer: Callable[[int, int, int, int], None] = _untold
        """Told of each answer: how long it took, the exchange's two stamps (0: none), and when it came; ns."""
        """Told of every answered trading request: how long it took, ns."""
        self.primary = Line.PRIVATE
        """The private line that requests leave on."""
        self.recorder: Recorder | None = None
        """Told of every frame, when there is one."""
        self._on_events = on_events
        self._on_moved = on_moved
        self._ready = asyncio.Event()
        self._tasks = Supervisor("lines", clock=clock)
        random = Random(seed)
        open_to_us = [line for line in lines if line.is_public or fetch_token is not None]
        self._connections = {
            line: Connection(
                endpoints.socket(line),
                Session(line, codec),
                self,
                Backoff(random),
                None if line.is_public else fetch_token,
            )
            for line in open_to_us
        }
        self._states = dict.fromkeys(open_to_us, ConnectionState.CLOSED)

    @property
    def reading_paused(self) -> bool:
        """Whether the inbox is full."""
        return self.inbox.paused

    async def start(self) -> None:
        """Start the lines and the drain. Returns at once; connecting goes on behind."""
        self._tasks.keep(self._drain, name="lines-drain")
        for line, connection in self._connections.items():
            self._tasks.keep(connection.run, name=f"line-{line}")

    async def stop(self) -> None:
        """Close all sockets within about a second."""
        await self._tasks.stop()

    def subscribe(self, sub: Subscription, line: Line) -> None:
        """Want it on a line from now on, over every reconnect."""
        self._with(line, sub, Session.subscribe)

    def unsubscribe(self, sub: Subscription, line: Line) -> None:
        """Want it there no longer."""
        self._with(line, sub, Session.unsubscribe)

    def resubscribe(self, sub: Subscription, line: Line) -> None:
        """Get a fresh snapshot: unsubscribe, wait for the acknowledgement, subscribe."""
        self._with(line, sub, Session.resubscribe)

    def reconnect(self, line: Line) -> None:
        """Cut a line's socket and connect anew, for example after the computer slept."""
        if line in self._connections:
            self._connections[line].drop("asked to reconnect")

    def connection(self, line: Line) -> Connection:
        """Return the connection of a line. Raises KeyError for one that this venue has no key for."""
        return self._connections[line]

    def status(self, line: Line) -> LineStatus:
        """Return what is known of a line. Raises KeyError for one that this venue has no key for."""
        return self._connections[line].status()

    @property
    def lines(self) -> tuple[Line, ...]:
        """Lines that exist: without a key only the public one."""
        return tuple(self._connections)

    def epoch(self, line: Line) -> int:
        """Return how many connections a line has had."""
        return self._connections[line].session.epoch

    async def request(self, command: Command, *, deadline_ns: int) -> Answer:
        """Send a trading request on the primary line and return its answer. The other one never repeats it.

        ``deadline_ns`` is exchange time, ns UTC; one second past it the outcome is unknown. Raises NotSent, Refused
        or OutcomeUnknown, exactly as faults section 2 tells them apart.
        """
        connection = self._connections.get(self.primary)
        if connection is None:
            raise NotSent("no API key", user_message="No API key. Nothing was sent.")
        began = self.clock.mono_ns()
        answer = await connection.request(command, deadline_ns)
        took_ns = self.clock.mono_ns() - began
        self.on_answer(took_ns, answer.time_in, answer.time_out, self.clock.wall_ns())
        return answer

    def behind_ns(self, now: int) -> int:
        """Return how long frames have been waiting without a break, ns: no frame has waited longer; 0 for none."""
        return now - self._busy_since if self._busy_since else 0

    def took(self, connection: Connection, frames: list[bytes]) -> None:
        """Queue the frames of one read (called from the socket's own event)."""
        line, epoch, put = connection.line, connection.session.epoch, self.inbox.put
        connection.queued += len(frames)
        for frame in frames:
            put(priority_of(line, frame), (connection, epoch, frame))
        self._ready.set()

    def sent(self, connection: Connection, frame: bytes) -> None:
        """A frame was written to the socket."""
        if self.recorder is not None:
            now, wall = self.clock.mono_ns(), self.clock.wall_ns()
            self.recorder.sent(connection.line, connection.session.epoch, now, wall, frame)

    def tell(self, connection: Connection, events: list[Event]) -> None:
        """Hand up events that no frame brought."""
        self._on_events(connection.line, connection.session.epoch, events, self.clock.mono_ns())
        self._look_at(connection)

    def _look_at(self, connection: Connection) -> None:
        """Tell of a line's new state, and choose the primary anew."""
        line, state = connection.line, connection.session.state
        if state is self._states[line]:
            return
        self._states[line] = state
        if line.is_private and self._states.get(self.primary) is not ConnectionState.LIVE:
            live = [one for one, at in self._states.items() if one.is_private and at is ConnectionState.LIVE]
            if live:
                log.info("primary line=%s", live[0])
                self.primary = live[0]
        self._on_moved(line, state)

    def _with(self, line: Line, sub: Subscription, do: Callable[[Session, Subscription], None]) -> None:
        connection = self._connections[line]
        do(connection.session, sub)
        connection.wake()

    async def _drain(self) -> None:
        while True:
            self._ready.clear()
            self._busy_since = self.clock.mono_ns() if self.inbox.size else 0
            while self.inbox.size:
                self._slice()
                await asyncio.sleep(0)
            self._busy_since = 0
            await self._ready.wait()

    def _slice(self) -> None:
        """Work through queued frames for at most 4 ms."""
        now = self.clock.mono_ns()
        until = now + SLICE_NS
        while self.inbox.size and now < until:
            self._batch(now)
            now = self.clock.mono_ns()

    def _batch(self, now: int) -> None:
        wall = self.clock.wall_ns()
        events: list[Event] = []
        current: Connection | None = None
        take, recorder = self.inbox.take, self.recorder
        for _ in range(BATCH):
            item = take()
            if item is None:
                break
            connection, epoch, frame = item
            connection.queued -= 1
            if epoch != connection.session.epoch:
                continue
            if connection is not current:
                self._flush(current, events, now)
                current, events = connection, []
            received = connection.session.receive(frame, now, wall)
            if recorder is not None:
                recorder.took(connection.line, epoch, now, wall, frame, received)
            if received:
                events += received
        self._flush(current, events, now)

    def _flush(self, connection: Connection | None, events: list[Event], now: int) -> None:
        if connection is None:
            return
        if connection.ending or connection.session.wants_writing:
            connection.wake()
        if events:
            self._on_events(connection.line, connection.session.epoch, events, now)
            self._look_at(connection)

    def _pause(self) -> None:
        log.info("inbox full bound=%d", self.inbox.bound)
        for connection in self._connections.values():
            connection.pause()

    def _resume(self) -> None:
        for connection in self._connections.values():
            connection.resume()
