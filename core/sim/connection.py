"""One client's WebSocket seen as protocol: frames in, answers and data out. No socket here.

Every frame passes `receive` on its way in and `deliver` on its way out, and nothing passes anywhere else.
Source: Kraken WebSocket v2, "Introduction", "Status", "Heartbeat", "Ping".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.sim import wire
from core.sim.model import Reject
from core.sim.requests import BadFrame, Request, parse_frame
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
    """State of one client. ``role`` is ``public``, ``private`` or ``level3``; ``send`` writes to the socket."""

    def __init__(self, hub: Hub, role: str, number: int, send: Callable[[str], None]) -> None:
        self.role = role
        self.number = number
        self._hub = hub
        self._send = send
        self._active_ns = hub.clock.mono_ns()
        self._heartbeat_ns = hub.clock.mono_ns()
        self._subscribing = Subscribing(hub, self)
        self._trading = Trading(hub, self)

    def open(self) -> None:
        """Greet with the status of the engine."""
        self.send_status()

    def close(self) -> None:
        """The client is gone: forget its subscriptions."""
        self._subscribing.close()

    def receive(self, raw: str | bytes) -> None:
        """Take one frame from the client and answer it."""
        self._active_ns = self._hub.clock.mono_ns()
        received_ns = self._hub.clock.wall_ns()
        try:
            request = parse_frame(raw)
        except BadFrame as bad:
            self._answer(Request(bad.method, bad.req_id), received_ns, {"error": bad.text, "success": False})
            return
        self._dispatch(request, received_ns)
        self._hub.flush()

    def deliver(self, frame: str) -> None:
        """Hand one frame to the socket."""
        self._send(frame)

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
        if not self._subscribing.is_active:
            return now_ns - self._active_ns > IDLE_NS
        if now_ns - self._heartbeat_ns >= HEARTBEAT_NS:
            late_ns = (now_ns - self._heartbeat_ns) % HEARTBEAT_NS
            self._heartbeat_ns = now_ns - late_ns
            self.deliver(HEARTBEAT)
        return False

    def _dispatch(self, request: Request, received_ns: int) -> None:
        if request.method == "ping":
            self._answer(Request("pong", request.req_id), received_ns, {})
            return

        def answer(body: Answer) -> None:
            self._answer(request, received_ns, body)

        try:
            if request.method in ("subscribe", "unsubscribe"):
                self._subscribing.handle(request, answer)
            else:
                self._trading.handle(request, answer)
        except Reject as refusal:
            answer({"error": refusal.text, "success": False})

    def _answer(self, request: Request, received_ns: int, body: Answer) -> None:
        frame: Answer = {"method": request.method}
        if request.req_id is not None:
            frame["req_id"] = request.req_id
        frame |= body
        frame["time_in"] = wire.rfc3339_us(received_ns)
        frame["time_out"] = wire.rfc3339_us(self._hub.clock.wall_ns())
        self.deliver(wire.encode(frame))
