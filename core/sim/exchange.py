"""The embedded exchange: engine, WebSocket and REST servers on loopback, started and stopped as one thing.

It runs on the caller's loop and must not be felt there: work is done in slices of about `SLICE_NS`, with a turn
of the loop between them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from core.runtime.clock import Clock, SystemClock
from core.runtime.tasks import Supervisor
from core.sim.connection import Connection
from core.sim.engine import Engine
from core.sim.exchange_clock import ExchangeClock
from core.sim.fault_stage import Stage
from core.sim.faults import FaultPlan
from core.sim.gate import new_prefix
from core.sim.hub import Hub
from core.sim.private_feed import PrivateFeed
from core.sim.publisher import Publisher
from core.sim.rest_server import RestServer
from core.sim.truth import Auditing, Truth
from core.sim.ws_server import WsServer

log = logging.getLogger(__name__)

ACCOUNT = "main"
TIER = "intermediate"
STEP_S = 0.02
BEHIND_S = 0.001
SLICE_NS = 1_000_000
MIN_EVENTS, MAX_EVENTS = 4, 32
KEPT_SLICES = 1000
NOBODY_COMES_S = 1.0
HEAD_START_S = 0.05


@dataclass(frozen=True, slots=True)
class SimEndpoints:
    """Where the servers listen. REST serves public and private calls under one base."""

    public_ws: str
    private_ws: str
    l3_ws: str
    public_rest: str
    private_rest: str


class SimExchange:
    """A running exchange. ``async with SimExchange(seed=7) as exchange`` starts it; leaving stops everything.

    ``speed`` multiplies the events of the market in a second, not the clock. ``key`` and ``secret`` belong to
    the one account that exists; they are made at start and worth nothing elsewhere. ``servers`` are those of
    the WebSocket: public, private, level 3. ``faults`` is what goes wrong, nothing at first; ``step_s`` the time
    between two moves of the market. With a ``head_start`` it does not move before the first client has a book, or
    for a second: filling all books takes a tenth of a second. ``open_path`` leaves the secret out of the URLs, for
    clients that cannot be given a path.
    """

    def __init__(
        self,
        seed: int = 1,
        clock: Clock | None = None,
        speed: float = 1.0,
        engine: Engine | None = None,
        *,
        open_path: bool = False,
        faults: FaultPlan | None = None,
        step_s: float = STEP_S,
        head_start: bool = False,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.faults = faults or FaultPlan(seed, self.clock)
        self._skewed = ExchangeClock(self.clock)
        self.engine = engine or Engine(now=self.clock.wall_ns, seed=seed, speed=speed)
        if engine is None:
            self.engine.open_account(ACCOUNT, TIER)
        self.hub = Hub(
            self.engine,
            self._skewed,
            Publisher(self.engine, self._skewed.wall_ns),
            PrivateFeed(self.engine),
            faults=self.faults.rules,
        )
        record = self.hub.keys.create(ACCOUNT, TIER, self.clock.wall_ns())
        self._step_s = step_s
        self._head_start = head_start
        self._auditing: Auditing | None = None
        self.key, self.secret = record.key, record.secret
        self._slices: deque[int] = deque(maxlen=KEPT_SLICES)
        self._budget = MIN_EVENTS
        self.servers = [
            WsServer(self.hub, role, new_prefix(is_open=open_path))
            for role in ("public", "private", "level3")
        ]
        self._rest = RestServer(self.hub, new_prefix(is_open=open_path))
        self._stack = AsyncExitStack()

    @property
    def endpoints(self) -> SimEndpoints:
        """The URLs; valid while the exchange runs."""
        public, private, level3 = self.servers
        return SimEndpoints(public.url, private.url, level3.url, self._rest.url, self._rest.url)

    def shift(self, ns: int) -> None:
        """Set the exchange's clock forward, or back."""
        self._skewed.shift(ns)
        self.engine.shift(ns)

    def received(self, method: str) -> int:
        """Return how many requests of this name arrived, whatever became of them.

        ``add_order`` counts the WebSocket's, ``AddOrder`` those of REST, ``connect`` handshakes. A line that is not
        read has received nothing.
        """
        return self.hub.received[method]

    def truth(self) -> Truth:
        """Return what really happened on the account so far, for an auditor."""
        if self._auditing is None:
            self._auditing = Auditing(self.engine, ACCOUNT)
        return self._auditing.truth()

    @property
    def typical_slice_ns(self) -> int:
        """Median time of the latest slices, during which the loop could do nothing else."""
        return sorted(self._slices)[len(self._slices) // 2] if self._slices else 0

    @property
    def longest_slice_ns(self) -> int:
        """The longest of the latest slices."""
        return max(self._slices, default=0)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.callback(self.hub.close)
            for server in self.servers:
                await stack.enter_async_context(server)
            await stack.enter_async_context(self._rest)
            self.engine.listeners.status.append(self._on_status)
            stack.callback(self.engine.listeners.status.remove, self._on_status)
            stage = Stage(self.hub, self._skewed, ACCOUNT, self._lines, self._rest.drop_clients)
            self.faults.attach(stage)
            stack.callback(self.faults.rules.close)
            supervisor = await stack.enter_async_context(Supervisor("sim", clock=self.clock))
            supervisor.keep(self._run, name="sim-market")
            self._stack = stack.pop_all()
        log.info("exchange started rest=%s", self._rest.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        log.info(
            "exchange stopped slice_ms median=%.2f longest=%.2f",
            self.typical_slice_ns / 1e6,
            self.longest_slice_ns / 1e6,
        )

    def _lines(self) -> list[Connection]:
        return [connection for server in self.servers for connection in server.connections]

    async def _run(self) -> None:
        if self._head_start:
            await self._first_book()
        while True:
            is_behind = await self.step()
            await asyncio.sleep(BEHIND_S if is_behind else self._step_s)

    async def _first_book(self) -> None:
        """Wait for somebody who follows one, a second at most. What is due by then happens then, at its own time."""
        for _ in range(round(NOBODY_COMES_S / self._step_s)):
            if self.hub.publisher.follows_books:
                await asyncio.sleep(HEAD_START_S)
                return
            await asyncio.sleep(self._step_s)

    async def step(self) -> bool:
        """Do one slice of market and send what happened; return whether more of the market is due already."""
        started_ns = self.clock.mono_ns()
        self.faults.rules.tick()
        before, budget = self._events(), self._budget
        self.engine.advance(max_events=budget)
        self.hub.report()
        self._adapt(self.clock.mono_ns() - started_ns)
        for symbol in self.hub.publisher.dirty_symbols:
            if self.clock.mono_ns() - started_ns > SLICE_NS:
                started_ns = await self._yield(started_ns)
            self.hub.publisher.flush_symbol(symbol)
        if self.clock.mono_ns() - started_ns > SLICE_NS // 2:
            started_ns = await self._yield(started_ns)
        for server in self.servers:
            server.tick(started_ns)
        return self._events() - before >= budget

    def _events(self) -> int:
        return self.engine.market.events if self.engine.market else 0

    async def _yield(self, started_ns: int) -> int:
        self._slices.append(self.clock.mono_ns() - started_ns)
        await asyncio.sleep(0)
        return self.clock.mono_ns()

    def _adapt(self, took_ns: int) -> None:
        """Let the engine do as many events a slice as fit into it."""
        if took_ns > SLICE_NS:
            self._budget = max(MIN_EVENTS, self._budget // 2)
        elif took_ns < SLICE_NS // 2:
            self._budget = min(MAX_EVENTS, self._budget + MIN_EVENTS)

    def _on_status(self, status: str) -> None:
        log.info("exchange status=%s", status)
        for server in self.servers:
            server.send_status()
