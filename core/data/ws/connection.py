"""Holds one line open: connects, feeds its session with bytes and time, writes what it wants written, reconnects.

One task and one timer a line; no task and no timer for a message. Decides only when to try again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from websockets.exceptions import WebSocketException
from websockets.protocol import State

from core.data.kraken.answers import Answer
from core.data.ws.backoff import AttemptBudget, Backoff
from core.data.ws.session import Session
from core.data.ws.socket import DoorClosed, Socket, close_socket, open_socket
from core.domain.errors import NotSent, OutcomeUnknown, TerminalError
from core.domain.events import Event
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.orders import Command
from core.runtime.clock import NS_PER_MS, NS_PER_S, Clock

log = logging.getLogger(__name__)

TICK_S = 0.25
STABLE_NS = 30 * NS_PER_S
DOUBT_AFTER_DEADLINE_NS = NS_PER_S
LEAST_WAIT_NS = 500 * NS_PER_MS
MOST_WAIT_NS = 60 * NS_PER_S
TOKENS_A_MINUTE = 3
TOKEN_KEEPS_NS = 60 * NS_PER_S
"""A token that no connection used may be used this long; Kraken allows fifteen minutes."""

RESERVES = {Line.PRIVATE: 0, Line.PRIVATE_B: 5, Line.PUBLIC: 10, Line.PUBLIC_B: 15, Line.LEVEL3: 20}
"""Attempts of the shared budget each line leaves to the more important ones."""

PERMANENT_CLOSE = 1008

FetchToken = Callable[[], Awaitable[str]]


class Surroundings(Protocol):
    """What a connection needs of the manager."""

    clock: Clock
    budget: AttemptBudget

    def took(self, connection: Connection, frames: list[bytes]) -> None:
        """Queue frames as they come from the socket."""
        ...

    def sent(self, connection: Connection, frame: bytes) -> None:
        """Take note of a frame that was written."""
        ...

    def tell(self, connection: Connection, events: list[Event]) -> None:
        """Pass events on that no frame brought."""
        ...

    @property
    def reading_paused(self) -> bool:
        """Whether the inbox is full."""
        ...


class Connection:
    """One line over all its sockets. ``run`` for as long as the line is wanted."""

    def __init__(
        self,
        url: str,
        session: Session,
        around: Surroundings,
        backoff: Backoff,
        fetch_token: FetchToken | None,
    ) -> None:
        self.session = session
        self.line = session.line
        self.queued = 0
        """Frames of this line that wait in the inbox."""
        self.ending = False
        """Whether the socket is gone and only queued frames are waited for."""
        self._url = url
        self._around = around
        self._clock = around.clock
        self._backoff = backoff
        self._fetch_token = fetch_token
        self._tokens = AttemptBudget(TOKENS_A_MINUTE, 60 * NS_PER_S)
        self._unused: str | None = None
        self._fetched_ns = 0
        self._socket: Socket | None = None
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There is something to write or to judge."""
        self._wake.set()

    def status(self) -> LineStatus:
        """Return what is known of the line now."""
        return self.session.status(self._backoff.tries)

    def pause(self) -> None:
        """Stop reading from the socket."""
        if self._socket is not None:
            self._socket.pause()

    def resume(self) -> None:
        """Read from the socket again."""
        if self._socket is not None:
            self._socket.resume()

    def drop(self, reason: str) -> None:
        """Cut the socket; the line then connects anew."""
        if self._socket is not None:
            log.info("line dropped line=%s reason=%s", self.line, reason)
            self._socket.abort()

    async def run(self) -> None:
        """Keep the line connected until cancelled."""
        try:
            while True:
                await self._wait_for_wishes()
                reason, slow = await self._attempt()
                delay_s = self._backoff.next_s(slow=slow or self.session.system == "maintenance")
                log.info("line lost line=%s reason=%s retry_s=%.1f", self.line, reason, delay_s)
                self._move(ConnectionState.BACKOFF, reason)
                await asyncio.sleep(delay_s)
        finally:
            self._move(ConnectionState.CLOSED, "stopped")

    async def request(self, command: Command, deadline_ns: int) -> Answer:
        """Send a trading request and return its answer.

        ``deadline_ns`` is exchange time, ns UTC. Raises NotSent, Refused or OutcomeUnknown (faults, section 2).
        """
        socket, session = self._socket, self.session
        if socket is None or socket.state is not State.OPEN or session.broken:
            raise NotSent(f"{self.line} line is {session.state}")
        left = deadline_ns - (self._clock.wall_ns() + session.offset_ns)
        if left <= 0:
            raise NotSent("the deadline has passed")
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        wait = min(max(left, LEAST_WAIT_NS), MOST_WAIT_NS) + DOUBT_AFTER_DEADLINE_NS
        expires = self._clock.mono_ns() + wait
        req_id, frame = session.request(
            command, deadline_ns, expires, lambda outcome: _settle(future, outcome)
        )
        try:
            self._around.sent(self, frame)
            await socket.send(frame, text=True)
            return await future
        except (OSError, WebSocketException) as error:
            raise OutcomeUnknown(f"write failed: {type(error).__name__}") from error
        finally:
            session.forget(req_id)
            _discard(future)

    async def _attempt(self) -> tuple[str, bool]:
        """Connect, serve until the connection ends, and return why and whether to be slow in trying again."""
        self._move(ConnectionState.CONNECTING)
        token: str | None = None
        try:
            token = await self._token()
            await self._wait_for_turn(self._around.budget, RESERVES[self.line], "connection attempts")
            self._socket = socket = await open_socket(self._url)
        except DoorClosed as refusal:
            self._unused = token  # no connection came about, so none has seen it
            return refusal.detail, refusal.slow
        except TerminalError as error:
            return f"no token: {error.detail or error.user_message}", True
        try:
            return await self._serve(socket, token)
        finally:
            self._socket = None
            await close_socket(socket)

    async def _serve(self, socket: Socket, token: str | None) -> tuple[str, bool]:
        reason = "stopped"
        try:
            reason = await self._converse(socket, token)
            while self.queued:
                # What was received before the end still counts.
                self.ending = True
                await self._wait_for_tick()
        finally:
            self.ending = False
            self.session.lost(self._clock.mono_ns(), reason)
        return reason, socket.close_code == PERMANENT_CLOSE

    async def _converse(self, socket: Socket, token: str | None) -> str:
        """Write and judge until the connection ends or is good for nothing; return why."""
        opened = self._clock.mono_ns()
        self._tell(self.session.opened(opened, token))
        socket.attach(partial(self._around.took, self), self._wake.set)
        if self._around.reading_paused:
            socket.pause()
        log.info("line open line=%s epoch=%d", self.line, self.session.epoch)
        try:
            while socket.state is State.OPEN and not self.session.broken:
                await self._write(socket)
                await self._wait_for_tick()
                now = self._clock.mono_ns()
                self._tell(self.session.tick(now))
                if now - opened >= STABLE_NS:
                    self._backoff.reset()
        except (OSError, WebSocketException):
            return _close_reason(socket)
        return self.session.broken or _close_reason(socket)

    async def _write(self, socket: Socket) -> None:
        for frame in self.session.outgoing(self._clock.mono_ns()):
            self._around.sent(self, frame)
            await socket.send(frame, text=True)

    async def _wait_for_tick(self) -> None:
        try:
            async with asyncio.timeout(TICK_S):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _wait_for_wishes(self) -> None:
        """Level-3 connects only when somebody wants to look."""
        while self.line is Line.LEVEL3 and not self.session.wants_anything:
            self._move(ConnectionState.CLOSED)
            self._wake.clear()
            await self._wake.wait()

    async def _wait_for_turn(self, budget: AttemptBudget, reserve: int, what: str) -> None:
        while wait := budget.wait_ns(self._clock.mono_ns(), reserve):
            self._move(ConnectionState.BACKOFF, f"too many {what}, waiting")
            await asyncio.sleep(wait / NS_PER_S)
        budget.take(self._clock.mono_ns())

    async def _token(self) -> str | None:
        if self.line.is_public:
            return None
        if self._fetch_token is None:
            raise NotSent("no API key")
        unused, self._unused = self._unused, None
        if unused is not None and self._clock.mono_ns() - self._fetched_ns < TOKEN_KEEPS_NS:
            return unused
        await self._wait_for_turn(self._tokens, 0, "tokens")
        token = await self._fetch_token()
        self._fetched_ns = self._clock.mono_ns()
        return token

    def _move(self, state: ConnectionState, reason: str = "") -> None:
        self._tell(self.session.moved(state, self._clock.mono_ns(), reason, self._backoff.tries))

    def _tell(self, events: list[Event]) -> None:
        if events:
            self._around.tell(self, events)


def _settle(future: asyncio.Future[Answer], outcome: Answer | TerminalError) -> None:
    if future.done():
        return
    if isinstance(outcome, Answer):
        future.set_result(outcome)
    else:
        future.set_exception(outcome)


def _discard(future: asyncio.Future[Answer]) -> None:
    # The line's loss may have settled it while the write still failed: its exception counts as seen.
    if not future.cancel() and not future.cancelled():
        future.exception()


def _close_reason(socket: Socket) -> str:
    ours = socket.protocol.close_sent
    if ours is not None and socket.protocol.close_rcvd is None:
        return f"given up: {ours.code} {ours.reason}".rstrip()
    if socket.close_code is None:
        return "connection lost"
    words = "".join(ch for ch in (socket.close_reason or "")[:100] if ch.isprintable())
    return f"closed {socket.close_code} {words}".rstrip()
