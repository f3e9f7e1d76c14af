"""The clock of the virtual loop: both times follow it, and the wall may be wrong or jump."""

from __future__ import annotations

import asyncio

from core.runtime.clock import MANUAL_START_NS, NS_PER_S


class VirtualClock:
    """Nanoseconds of a loop's time. ``skew_ns`` is how far this wall clock is off."""

    def __init__(self, loop: asyncio.AbstractEventLoop, skew_ns: int = 0) -> None:
        self._loop = loop
        self.skew_ns = skew_ns

    def mono_ns(self) -> int:
        return NS_PER_S + round(self._loop.time() * NS_PER_S)

    def wall_ns(self) -> int:
        return MANUAL_START_NS + round(self._loop.time() * NS_PER_S) + self.skew_ns
