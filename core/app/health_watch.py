"""Measures what no message brings: lines, inbox, REST, loop and process, four times a second."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import sys
from pathlib import Path

from core.data.rest.breaker import BreakerState
from core.data.rest.client import RestClient
from core.data.ws.inbox import BOUND
from core.data.ws.manager import LineManager
from core.processing.health_store import Alarm
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
SECOND_NS = NS_PER_S
STEP_NS = 3 * NS_PER_S
"""Our two clocks part by this much only when the computer slept or somebody set the time."""

TELL_FROZEN_NS = 15 * NS_PER_S
PAGE = resource.getpagesize()
KIB = 1024


class HealthWatch:
    """Writes into the health and performance stores and has line 0 judged anew."""

    def __init__(self, stores: Stores, lines: LineManager, rest: RestClient, clock: Clock) -> None:
        self._stores = stores
        self._lines = lines
        self._rest = rest
        self._clock = clock
        self._cpu = (0, 0.0)
        self._apart: int | None = None
        self._last_second = 0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            self._measure_loop()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Take every figure once."""
        stores, now = self._stores, self._clock.mono_ns()
        self._look_at_clocks(now)
        for line in self._lines.lines:
            stores.health.set_line(self._lines.status(line))
        stores.health.rest = self._rest_word(now)
        stores.performance.behind_ns = self._lines.behind_ns(now)
        if now - self._last_second >= SECOND_NS:
            stores.performance.tick(
                now,
                queue_size=self._lines.inbox.size,
                rss_bytes=rss_bytes(),
                cpu_percent=self._cpu_percent(now),
            )
            self._last_second = now
        for alarm in stores.orders.take_alarms():
            stores.health.alarm(Alarm(self._clock.wall_ns(), alarm.kind, alarm.text, alarm.order_ids))
        doubts = {symbol: stores.distrust_of(symbol) for symbol in stores.books.symbols()}
        waiting = [f"{symbol} ({why})" for symbol, why in doubts.items() if why]
        stores.health.judge(
            now,
            clock_known=stores.performance.clock_offset_ns is not None,
            waiting=waiting,
            queue_fill=self._lines.inbox.size / BOUND,
            frozen=self._frozen(now),
        )

    def _look_at_clocks(self, now: int) -> None:
        """Notice that the computer slept or its clock was set: nothing is believed until everything was heard anew.

        While it sleeps, only the wall clock goes on; sockets may look alive for minutes afterwards.
        """
        apart = self._clock.wall_ns() - now
        before, self._apart = self._apart, apart
        if before is None or abs(apart - before) < STEP_NS:
            return
        moved_s = (apart - before) / NS_PER_S
        text = f"the clock moved by {moved_s:+.0f} s beside the program: asleep, or set. Everything is fetched anew."
        log.warning("clock stepped seconds=%.0f", moved_s)
        self._stores.health.note(self._clock.wall_ns(), "clock", text)
        self._stores.performance.forget_clock()
        self._stores.books.invalidate("the computer slept or its clock was set")
        for line in self._lines.lines:
            self._lines.reconnect(line)

    def _frozen(self, now: int) -> str:
        """Say that the program stood still, for a while after it did."""
        performance = self._stores.performance
        if not performance.stalled_at or now - performance.stalled_at > TELL_FROZEN_NS:
            return ""
        return f"the program was frozen {performance.longest_stall_ns / NS_PER_S:.1f} s"

    def _rest_word(self, now: int) -> str:
        states = {breaker.state(now) for breaker in self._rest.transport.breakers.values()}
        if BreakerState.OPEN in states:
            return "down"
        return "limited" if BreakerState.HALF_OPEN in states else "ok"

    def _measure_loop(self) -> None:
        asked = self._clock.mono_ns()
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: self._stores.performance.loop_lag.add(self._clock.mono_ns() - asked))

    def _cpu_percent(self, now: int) -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = used.ru_utime + used.ru_stime
        before, seconds_before = self._cpu
        self._cpu = (now, seconds)
        return (seconds - seconds_before) * NS_PER_S / (now - before) * 100 if before else 0.0


def rss_bytes() -> int:
    """Return the memory this process holds now; its peak where the system does not tell the present."""
    # There may be no such file, and no handle to open it with.
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB
