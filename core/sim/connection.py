"""One client's WebSocket seen as protocol: frames in, answers and data out. No socket here.

Every frame passes `receive` on its way in and `deliver` on its way out, and nothing passes anywhere else.
Source: Kraken WebSocket v2, "Introduction", "Status", "Heartbeat", "Ping".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from websockets.frames import CloseCode

from core.sim import wire
from core.sim.fault_effects import Fate
from core.sim.fault_line import Control, FaultyLine, NoControl, spoiled_answer
from core.sim.model import Reject
from core.sim.requests import TRADING, BadFrame, Request, parse_frame
from core.sim.subscribing import Subscribing
from core.sim.trading import Trading

if TYPE_CHECKING:
    from core.sim.hub import Hub

NS_PER_S = 1_000_000_000
IDLE_NS = 60 * NS_PER_S
HEARTBEAT_NS = NS_PER_S
HEARTBEAT = '{"channel":"heartbeat"}'
API_VERSION = "v2"
SERVICE_VERSION = "2.0.10"

Answer = dict[str, object]


class Connection:
    """State of one client. ``role`` is ``public``, ``private`` or ``level3``; ``send`` writes to the socket.

    Under faults everything takes the way through a `FaultyLine`, which is made when the first one concerns it.
    """

    def __init__(
        self,
        hub: Hub,
        role: str,
        number: int,
        send: Callable[[str], None],
        control: Control | None = None,
    ) -> None:
        self.role = role
        self.number = number
        self.is_closed = False
        self._hub = hub
        self._send = send
        self._control = control or NoControl()
        self._line: FaultyLine | None = None
        self._active_ns = hub.clock.mono_ns()
        self._heartbeat_ns = hub.clock.mono_ns()
        self._subscribing = Subscribing(hub, self)
        self._trading = Trading(hub, self)

    def open(self) -> None:
        """Greet with the status of the engine."""
        self.send_status()

    def close(self) -> None:
        """The client is gone: forget its subscriptions."""
        self.is_closed = True
        self._subscribing.close()
        if self._line is not None:
            self._line.close()

    def receive(self, raw: str | bytes) -> None:
        """Take one frame from the client and answer it."""
        for _ in self.steps(raw):
            pass

    def steps(self, raw: str | bytes) -> Iterator[bool]:
        """Do as ``receive`` does, but pause after each symbol: the first look at a pair makes its past.

        Yields whether other requests may be carried out before the rest of this one. To be given up when the
        connection closes in a pause.
        """
        if self.is_closed:
            return
        self._active_ns = self._hub.clock.mono_ns()
        received_ns = self._hub.clock.wall_ns()
        try:
            request = parse_frame(raw)
        except BadFrame as bad:
            self._answer(Request(bad.method, bad.req_id), received_ns, {"error": bad.text, "success": False})
            return
        self._hub.received[request.method] += 1
        if self._hub.faults.requests or self._line is not None:
            self._faulty().receive(request, received_ns)
            return
        for can_wait in self._dispatch(request, received_ns):
            self._hub.flush()
            yield can_wait
        self._hub.flush()

    def carry_out(self, request: Request, received_ns: int, fate: Fate) -> None:
        """Carry out a request that met faults, perhaps long after it came; a line that is gone gets no answer."""
        if self.is_closed and request.method not in TRADING:
            return
        for _ in self._dispatch(request, received_ns, fate):
            pass
        self._hub.flush()

    def deliver(self, frame: str) -> None:
        """Hand one frame to the socket."""
        if self._line is not None or self._hub.faults.frames:
            self._faulty().deliver(frame)
        else:
            self._send(frame)

    # What faults do to the line itself

    def cut(self, code: int) -> None:
        """Close the socket, 1006 without a closing frame."""
        self._control.close(code)

    def reset(self) -> None:
        """Break the socket off."""
        self._control.reset()

    def freeze(self, *, app: bool) -> None:
        """Neither read nor send; with ``app`` pings are answered still."""
        self._faulty().freeze(app=app)

    def thaw(self) -> None:
        """Read and send again, if that had stopped."""
        if self._line is not None and self._line.is_frozen and not self.is_closed:
            self._line.thaw()

    def send_bytes(self, frame: bytes, *, is_text: bool) -> None:
        """Send a frame as it is."""
        self._control.send_bytes(frame, is_text=is_text)

    def _faulty(self) -> FaultyLine:
        if self._line is None:
            self._line = FaultyLine(self._hub, self, self._send, self._control)
        return self._line

    def send_status(self) -> None:
        """Tell the state of the engine."""
        data = {
            "api_version": API_VERSION,
            "connection_id": self.number,
            "system": self._hub.engine.status,
            "version": SERVICE_VERSION,
        }
        self.deliver(wire.encode({"channel": "status", "data": [data], "type": "update"}))

    def tick(self, now_ns: int) -> bool:
        """Send a heartbeat when due; return whether the connection has been idle for too long.

        ``now_ns`` is monotonic. A connection with a subscription is never idle: data flows.
        """
        if self._line is not None and self._line.is_frozen:
            return False
        if not self._subscribing.is_active:
            return now_ns - self._active_ns > IDLE_NS
        if now_ns - self._heartbeat_ns >= HEARTBEAT_NS:
            late_ns = (now_ns - self._heartbeat_ns) % HEARTBEAT_NS
            self._heartbeat_ns = now_ns - late_ns
            self.deliver(HEARTBEAT)
        return False

    def _dispatch(self, request: Request, received_ns: int, fate: Fate | None = None) -> Iterator[bool]:
        def answer(body: Answer) -> None:
            if fate is not None:
                self._answer_spoiled(request, received_ns, body, fate)
            else:
                self._answer(request, received_ns, body)

        if fate is not None and not fate.is_accepted:
            answer({})
            return
        if request.method == "ping":
            answer({})
            return
        try:
            if request.method in ("subscribe", "unsubscribe"):
                yield from self._subscribing.handle(request, answer)
            else:
                self._trading.handle(request, answer, received_ns)
        except Reject as refusal:
            answer({"error": refusal.text, "success": False})

    def _answer_spoiled(self, request: Request, received_ns: int, body: Answer, fate: Fate) -> None:
        if fate.ending == "close" and fate.error is None:
            self.cut(CloseCode.GOING_AWAY)
            return
        instead = spoiled_answer(fate, body)
        if isinstance(instead, str):
            self.deliver(instead)
        elif instead is not None:
            self._answer(request, received_ns, instead)

    def _answer(self, request: Request, received_ns: int, body: Answer) -> None:
        if self.is_closed:
            return
        frame: Answer = {"method": "pong" if request.method == "ping" else request.method}
        if request.req_id is not None:
            frame["req_id"] = request.req_id
        frame |= body
        frame["time_in"] = wire.rfc3339_us(received_ns)
        frame["time_out"] = wire.rfc3339_us(self._hub.clock.wall_ns())
        if self._line is not None or self._hub.faults.frames:
            self._faulty().answer(wire.encode(frame), request)
        else:
            self._send(wire.encode(frame))
