"""One socket's conversation with the exchange, without the socket: bytes and time in, events and bytes out.

Owns the state of the line, subscriptions, open requests, pings and the judgement of life. Does not connect, sleep or
read a clock. Epochs count connections: what a socket said before the last ``opened`` belongs to an older epoch.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from itertools import count

from core.data.kraken.answers import Answer
from core.data.kraken.codec import Codec
from core.data.ws.outcomes import outcome_of, told_events
from core.data.ws.pending import Pending, PendingRequests, Settle
from core.data.ws.subscriptions import Ask, Subscriptions
from core.domain.errors import DecodeError, NotSent
from core.domain.events import (
    BadDataEvent,
    BalanceEvent,
    Event,
    ExecutionEvent,
    InstrumentEvent,
    LineEvent,
    PongEvent,
    SystemStatusEvent,
)
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.orders import Command
from core.domain.subscription import Subscription
from core.runtime.clock import NS_PER_MS, NS_PER_S

log = logging.getLogger(__name__)

STALE_NS = 2_500 * NS_PER_MS
DEAD_NS = 5 * NS_PER_S
QUIET_DEAD_NS = 25 * NS_PER_S
"""Without a subscription there are no heartbeats; then only our own ping proves the line."""

PING_EVERY_NS = 15 * NS_PER_S
STALL_NS = NS_PER_S
"""A tick this late means our loop stood still, not the line: frames may wait unread."""

TOKEN_GRACE_NS = NS_PER_S
MAX_FRAME_BYTES = 2 * 1024 * 1024
"""Only the instrument snapshot may be larger; decoding anything else of that size would hold the loop."""

INSTRUMENT_MARK = b'"instrument"'
BAD_DATA_LOG_EVERY_NS = 10 * NS_PER_S
CLOCK_SAMPLES = 8

_OPEN_STATES = (ConnectionState.SUBSCRIBING, ConnectionState.LIVE, ConnectionState.STALE)
_SNAPSHOTS = (ExecutionEvent, BalanceEvent, InstrumentEvent)


class Session:
    """Sans-I/O protocol of one line over all its connections. Called from one loop only."""

    def __init__(self, line: Line, codec: Codec) -> None:
        self.line = line
        self.state = ConnectionState.CLOSED
        self.epoch = 0
        self.reason = ""
        self.frames = 0
        self.bad_frames = 0
        self.rtt_ns = 0
        self.system = ""
        self.token: str | None = None
        self._codec = codec
        self._decode = codec.decode
        self._subscriptions = Subscriptions()
        self._pending = PendingRequests()
        self._ids = count(1)
        self._since = 0
        self._alive = 0
        self._ticked = 0
        self._pinged = 0
        self._pings: dict[int, int] = {}
        self._clock_samples: deque[tuple[int, int]] = deque(maxlen=CLOCK_SAMPLES)
        self._token_refused_at = 0
        self._bad_logged = -BAD_DATA_LOG_EVERY_NS
        self._broken = ""

    @property
    def broken(self) -> str:
        """Why this connection should be given up, empty while it is good."""
        return self._broken or self._subscriptions.broken

    @property
    def wants_writing(self) -> bool:
        """Whether the connection has something to do before its next tick."""
        return self._subscriptions.dirty or bool(self.broken)

    @property
    def offset_ns(self) -> int:
        """Exchange clock minus ours, from the quickest of the last pings; 0 before the first."""
        return min(self._clock_samples)[1] if self._clock_samples else 0

    @property
    def wants_anything(self) -> bool:
        """Whether there is something to hear on this line."""
        return next(iter(self._subscriptions), None) is not None

    def subscribe(self, sub: Subscription) -> None:
        """Want it from now on, over every reconnect."""
        self._subscriptions.want(sub)

    def unsubscribe(self, sub: Subscription) -> None:
        """Want it no longer."""
        self._subscriptions.drop(sub)

    def resubscribe(self, sub: Subscription) -> None:
        """Ask for a fresh snapshot; one such round trip at a time."""
        self._subscriptions.renew(sub)

    def status(self, attempts: int = 0) -> LineStatus:
        """Return what is known of the line."""
        return LineStatus(
            line=self.line,
            state=self.state,
            reason=self.reason,
            since=self._since,
            epoch=self.epoch,
            attempts=attempts,
            last_frame=self._alive,
            rtt_ns=self.rtt_ns,
            frames=self.frames,
        )

    def moved(self, state: ConnectionState, now: int, reason: str = "", attempts: int = 0) -> list[Event]:
        """Enter a state and return the event that says so; nothing when already there."""
        if state is self.state and reason == self.reason:
            return []
        self.state, self.reason, self._since = state, reason, now
        return [LineEvent(self.line, state, now, self.epoch, reason, attempts)]

    def opened(self, now: int, token: str | None) -> list[Event]:
        """A new connection stands: nothing is resumed, everything wanted is asked for."""
        self.epoch += 1
        self.token = token
        self._alive = self._ticked = now
        self._pinged = now - PING_EVERY_NS
        self._pings.clear()
        self._clock_samples.clear()
        self._token_refused_at = 0
        self._broken = ""
        self._subscriptions.reset()
        events = self.moved(ConnectionState.SUBSCRIBING, now)
        return events + self._live_when_settled(now)

    def lost(self, now: int, reason: str) -> None:
        """The connection is gone: every open request is unknown from here on."""
        self._pending.lost(reason)
        self._subscriptions.reset()

    def outgoing(self, now: int) -> list[bytes]:
        """Return the frames to write now: a due ping first, then subscriptions."""
        if self.state not in _OPEN_STATES:
            return []
        frames = [self._ping(now)] if now - self._pinged >= PING_EVERY_NS else []
        return frames + [self._encode(ask) for ask in self._subscriptions.outgoing(now, self._ids.__next__)]

    def request(self, command: Command, deadline_ns: int, expires: int, settle: Settle) -> tuple[int, bytes]:
        """Register a trading request and return its id and frame, to be written at once.

        ``deadline_ns`` is exchange time, ns UTC; ``expires`` our monotonic time at which its outcome is unknown.
        ``settle`` is called with the answer, or with the error it amounts to. Raises NotSent.
        """
        if self.state is not ConnectionState.LIVE or not self.token:
            raise NotSent(f"{self.line} line is {self.state}")
        req_id = next(self._ids)
        frame = self._codec.encode(command, req_id, self.token, deadline_ns)
        self._pending.register(Pending(req_id, command, expires, settle))
        return req_id, frame

    def forget(self, req_id: int) -> None:
        """Nobody waits for this request any more."""
        self._pending.forget(req_id)

    def receive(self, raw: bytes | bytearray | str, now: int, wall: int = 0) -> list[Event]:
        """Return what a frame means. ``now`` is monotonic, ``wall`` our UTC time of receipt, both ns."""
        self.frames += 1
        try:
            if len(raw) > MAX_FRAME_BYTES:
                _require_instrument(raw)
            decoded = self._decode(raw)
        except DecodeError as error:
            return self._bad(raw, error, now)
        if isinstance(decoded, Answer):
            return self._answered(decoded, now, wall)
        self._alive = now
        if decoded and type(decoded[0]) in _RARE:
            self._noted(decoded)
        if self.state is ConnectionState.STALE:
            return self.moved(ConnectionState.LIVE, now) + decoded
        return decoded

    def tick(self, now: int) -> list[Event]:
        """Judge the life of the line and expire what waited too long. Call about four times a second."""
        stalled = now - self._ticked > STALL_NS
        self._ticked = now
        if self.state not in _OPEN_STATES:
            return []
        self._pending.expire(now)
        events: list[Event] = [*self._subscriptions.expire(now)]
        events += self._live_when_settled(now)
        self._judge_token(now)
        if stalled:
            self._alive = max(self._alive, now - STALE_NS // 2)
        return events + self._judge_life(now)

    def _judge_life(self, now: int) -> list[Event]:
        silent = now - self._alive
        if not self._subscriptions.active and self.state is not ConnectionState.SUBSCRIBING:
            if silent >= QUIET_DEAD_NS:
                self._broken = f"no answer to pings for {silent // NS_PER_S} s"
            return []
        if silent >= DEAD_NS:
            self._broken = f"no frame for {silent // NS_PER_S} s"
        elif silent >= STALE_NS and self.state is ConnectionState.LIVE:
            return self.moved(ConnectionState.STALE, now, "no frame for 2.5 s")
        return []

    def _judge_token(self, now: int) -> None:
        if self._subscriptions.token_refused:
            self._broken = f"token refused: {self._subscriptions.token_refused}"
        elif self._token_refused_at and (not self._pending or now - self._token_refused_at > TOKEN_GRACE_NS):
            # Other requests may have been taken with the old token: their answers get a moment.
            self._broken = "token refused"

    def _live_when_settled(self, now: int) -> list[Event]:
        if self.state is ConnectionState.SUBSCRIBING and self._subscriptions.settled:
            return self.moved(ConnectionState.LIVE, now)
        return []

    def _ping(self, now: int) -> bytes:
        req_id = next(self._ids)
        self._pinged = now
        self._pings = {req_id: now}
        return self._codec.encode_ping(req_id)

    def _encode(self, ask: Ask) -> bytes:
        write = self._codec.encode_subscribe if ask.subscribe else self._codec.encode_unsubscribe
        return write(ask.subs, self.token, ask.req_id)

    def _noted(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, SystemStatusEvent):
                self.system = event.system
            elif isinstance(event, _SNAPSHOTS) and event.snapshot:
                self._subscriptions.seen_snapshot(_CHANNEL_OF[type(event)])

    def _bad(self, raw: bytes | bytearray | str, error: DecodeError, now: int) -> list[Event]:
        self.bad_frames += 1
        event = self._codec.blame(raw, error)
        if now - self._bad_logged >= BAD_DATA_LOG_EVERY_NS:
            self._bad_logged = now
            log.warning(
                "bad data line=%s channel=%s bytes=%d count=%d reason=%s",
                self.line,
                event.channel,
                len(raw),
                self.bad_frames,
                event.reason,
            )
        return [event]

    def _answered(self, answer: Answer, now: int, wall: int) -> list[Event]:
        if answer.method == "pong":
            return self._ponged(answer, now, wall)
        self._alive = now
        told = self._subscriptions.acknowledged(answer, now)
        if told is not None:
            self._judge_token(now)
            return [*told, *self._live_when_settled(now)]
        pending = self._pending.match(answer)
        if pending is not None:
            return self._settled(pending, answer, now)
        command = self._pending.late(answer)
        if command is None and not (answer.success and answer.method == "add_order"):
            return self._unmatched(answer)
        return told_events(command, answer, late=True)

    def _ponged(self, answer: Answer, now: int, wall: int) -> list[Event]:
        # At most one ping waits, so that a pong without its number can answer no other.
        number = next(iter(self._pings), 0) if answer.req_id is None else answer.req_id
        sent = self._pings.pop(number, None)
        if sent is None:
            return []
        if not self._subscriptions.active:
            self._alive = now
        self.rtt_ns = now - sent
        if answer.time_in and answer.time_out:
            middle = (answer.time_in + answer.time_out) // 2
            self._clock_samples.append((self.rtt_ns, middle - (wall - self.rtt_ns // 2)))
        return [PongEvent(self.line, self.rtt_ns, answer.time_in, answer.time_out, wall)]

    def _settled(self, pending: Pending, answer: Answer, now: int) -> list[Event]:
        outcome = outcome_of(pending.command, answer)
        if isinstance(outcome, NotSent):
            self._token_refused_at = self._token_refused_at or now
        events = told_events(pending.command, answer, late=False)
        pending.settle(outcome)
        return events

    def _unmatched(self, answer: Answer) -> list[Event]:
        if answer.success:
            return []
        log.info("answer to nobody line=%s method=%s error=%s", self.line, answer.method, answer.error)
        return [BadDataEvent(answer.method, answer.error)]


def _require_instrument(raw: bytes | bytearray | str) -> None:
    head = raw[:100].encode("utf-8", "replace") if isinstance(raw, str) else raw[:100]
    if INSTRUMENT_MARK not in head:
        raise DecodeError(f"a frame of {len(raw)} bytes")


_CHANNEL_OF: dict[type, str] = {
    ExecutionEvent: "executions",
    BalanceEvent: "balances",
    InstrumentEvent: "instrument",
}
_RARE = frozenset({*_CHANNEL_OF, SystemStatusEvent})
