"""An event loop whose time passes only when nobody has anything to do, and whose network is in memory.

Production code runs on it unchanged: ``create_connection`` and ``create_server`` are the only doors it replaces. The
same seed gives the same run: nothing here asks a clock, a thread or a socket of the system.
"""

from __future__ import annotations

import asyncio
import os
import socket
from asyncio import base_events, transports
from collections import deque
from collections.abc import Callable
from random import Random

LEAST_LATENCY_S, MOST_LATENCY_S = 0.0005, 0.02
FIRST_PORT = 20_000


class VirtualLoop(base_events.BaseEventLoop):
    """Run with ``asyncio.Runner(loop_factory=...)``. ``time()`` starts at 0 and jumps from timer to timer."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._now_s = 0.0
        self._selector = _Selector(self)
        self._clock_resolution = 1e-9
        self.random = Random(seed)
        self.cut = False
        """While set nobody can connect; what is connected stays so."""
        self.links: dict[_Link, None] = {}
        self.watch_writes: Callable[[str, str, bytes], None] | None = None
        """Told of every write: who (terminal or exchange), before or after, and what."""
        self._listening: dict[int, MemoryServer] = {}
        self._next_port = FIRST_PORT
        self._tasks = 0
        self.set_task_factory(self._numbered)

    def time(self) -> float:
        return self._now_s

    def pass_time(self, seconds: float) -> None:
        self._now_s += seconds

    def call_soon_threadsafe(self, callback, *args, context=None):
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, executor, function, *args):
        raise AssertionError(f"a thread would break the run's determinism: {function}")

    async def create_server(self, factory, host=None, port=None, **kwargs):
        server = MemoryServer(self, factory, self._next_port)
        self._next_port += 1
        self._listening[server.port] = server
        return server

    async def create_connection(self, factory, host=None, port=None, **kwargs):
        await asyncio.sleep(self.latency())
        server = self._listening.get(port)
        if self.cut or server is None:
            raise ConnectionRefusedError(111, "Connection refused")
        link = _Link(self)
        near, far = factory(), server.factory()
        link.near.attach(near, link.far, port)
        link.far.attach(far, link.near, port)
        self.links[link] = server.links[link] = None
        far.connection_made(link.far)
        near.connection_made(link.near)
        return link.near, near

    def _numbered(self, loop, coro, **options) -> asyncio.Task:
        self._tasks += 1
        return _NumberedTask(self._tasks, coro, loop=loop, **options)

    def latency(self) -> float:
        return self.random.uniform(LEAST_LATENCY_S, MOST_LATENCY_S)

    def stop_listening(self, port: int) -> None:
        self._listening.pop(port, None)

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


class _NumberedTask(asyncio.Task):
    """Sets of tasks are walked in an order that follows from where in memory they are, unless they have numbers."""

    def __init__(self, number: int, coro, **options) -> None:
        self._number = number
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._number


class _Selector:
    """Where a loop would wait for the system, this one lets the time pass."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout):
        if timeout is None:
            raise AssertionError("everybody waits and nothing will ever happen")
        if timeout > 0:
            self._loop.pass_time(timeout)
        return []

    def close(self) -> None:
        pass


class MemoryServer(asyncio.AbstractServer):
    """What ``create_server`` gives: enough of ``asyncio.Server`` for asyncio streams and websockets."""

    def __init__(self, loop: VirtualLoop, factory, port: int) -> None:
        self._loop = loop
        self.factory = factory
        self.port = port
        self.links: dict[_Link, None] = {}
        self.sockets = (_Address(port),)

    def close(self) -> None:
        self._loop.stop_listening(self.port)

    def close_clients(self) -> None:
        for link in list(self.links):
            link.far.close()

    def abort_clients(self) -> None:
        for link in list(self.links):
            link.far.abort()

    def get_loop(self):
        return self._loop

    def is_serving(self) -> bool:
        return True

    async def start_serving(self) -> None:
        pass

    async def wait_closed(self) -> None:
        pass


class _Address:
    family = socket.AF_INET

    def __init__(self, port: int) -> None:
        self._port = port

    def getsockname(self):
        return ("127.0.0.1", self._port)


class _Link:
    """One connection: two transports, each of which delivers to the other's protocol after a latency, in order."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.near, self.far = MemoryTransport(loop, self), MemoryTransport(loop, self)
        self._loop = loop

    def gone(self) -> None:
        self._loop.links.pop(self, None)


class _Pipes:
    """Two descriptors by which a library can see whether a socket has something to read: one never has, one always."""

    def __init__(self) -> None:
        self.quiet, self._quiet_end = os.pipe()
        self.ready, ready_end = os.pipe()
        os.write(ready_end, b"x")


_PIPES = _Pipes()


class _Socket:
    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = socket.IPPROTO_TCP

    def __init__(self, transport: MemoryTransport) -> None:
        self._transport = transport

    def setsockopt(self, *options) -> None:
        pass

    def fileno(self) -> int:
        return _PIPES.ready if self._transport.has_something else _PIPES.quiet

    def getsockname(self):
        return ("127.0.0.1", 1)

    def getpeername(self):
        return ("127.0.0.1", self._transport.port)


class MemoryTransport(transports.Transport):
    """One end of a link."""

    def __init__(self, loop: VirtualLoop, link: _Link) -> None:
        super().__init__()
        self._loop = loop
        self._link = link
        self._protocol: asyncio.BaseProtocol
        self._peer: MemoryTransport
        self.port = 0
        self._closing = False
        self._lost = False
        self._paused = False
        self._arrived: deque[bytes | None] = deque()
        self._next_at = 0.0
        self._socket = _Socket(self)
        self.silent = False
        """While set, what this end writes vanishes, as behind a pulled cable."""

    def attach(self, protocol, peer: MemoryTransport, port: int) -> None:
        self._protocol, self._peer, self.port = protocol, peer, port

    @property
    def has_something(self) -> bool:
        return self._closing or self._lost or bool(self._arrived)

    def get_extra_info(self, name, default=None):
        known = {
            "socket": self._socket,
            "peername": ("127.0.0.1", self.port),
            "sockname": ("127.0.0.1", 1),
        }
        return known.get(name, default)

    def get_protocol(self):
        return self._protocol

    def set_protocol(self, protocol) -> None:
        self._protocol = protocol

    def set_write_buffer_limits(self, high=None, low=None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return True

    def write(self, data) -> None:
        if not (self._closing or self._lost or self.silent) and data:
            self._tell("before", data)
            self._send(bytes(data))
            self._tell("after", data)

    def _tell(self, moment: str, data: bytes) -> None:
        if self._loop.watch_writes is not None:
            sender = "terminal" if self is self._link.near else "exchange"
            self._loop.watch_writes(sender, moment, bytes(data))

    def write_eof(self) -> None:
        if not self._closing:
            self._send(None)

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return not self._paused

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = False
            self._loop.call_soon(self._hand_over)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._send(None)
            self._loop.call_soon(self._lose, None)

    def abort(self) -> None:
        self._closing = True
        if not self._lost:
            self._loop.call_soon(self._lose, None)
            if not self.silent:
                self._loop.call_later(self._loop.latency(), self._peer.reset)

    def reset(self) -> None:
        """The other end is gone without a word."""
        self._closing = True
        self._lose(ConnectionResetError(104, "Connection reset by peer"))

    def _send(self, data: bytes | None) -> None:
        if self.silent:
            return
        # A little later than the write before: timers of the same moment come in no particular order.
        at = max(self._next_at + 1e-6, self._loop.time() + self._loop.latency())
        self._next_at = at
        self._loop.call_at(at, self._peer.arrive, data)

    def arrive(self, data: bytes | None) -> None:
        """Something came over the link; ``None`` is its end."""
        if not self._lost:
            self._arrived.append(data)
            if not self._paused:
                self._hand_over()

    def _hand_over(self) -> None:
        while self._arrived and not self._paused and not self._lost:
            data = self._arrived.popleft()
            if data is None:
                keep = self._protocol.eof_received()
                if not keep:
                    self.close()
            elif isinstance(self._protocol, asyncio.BufferedProtocol):
                self._fill(data)
            else:
                self._protocol.data_received(data)

    def _fill(self, data: bytes) -> None:
        while data:
            buffer = self._protocol.get_buffer(len(data))
            count = min(len(buffer), len(data))
            memoryview(buffer)[:count] = data[:count]
            self._protocol.buffer_updated(count)
            data = data[count:]

    def _lose(self, error) -> None:
        if not self._lost:
            self._lost = True
            self._link.gone()
            self._protocol.connection_lost(error)
