"""Garbage collection for a program that must not pause while prices move, and whose window lives on one thread."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from types import TracebackType
from typing import Any, Self

from core.runtime.clock import NS_PER_S, Clock

YOUNG_OBJECTS = 50_000
"""New containers between two collections. The default of 700 is reached many times a second by a busy market."""


TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
"""Parameters of glibc's ``mallopt(3)``."""

HEAP = {ARENA_MAX: 2, MMAP_THRESHOLD: 4 * 1024 * 1024, TRIM_THRESHOLD: 8 * 1024 * 1024}
"""Two heaps instead of eight a processor; blocks from 4 MiB on, the picture of a window, go back when they are freed.

Left to itself, glibc raises both thresholds with the largest picture ever freed: the heap then keeps its holes, and
the program grew by a tenth in the first minutes of trading without holding more. Lower thresholds would have every
picture of a chart, a megabyte or two, fetched from the system anew, which takes longer than to draw it: these holes
stay for a minute, until the ``Collector`` gives them back.
"""


def keep_heap_small() -> None:
    """Have freed memory given back early. Call before the first thread begins; does nothing without glibc."""
    mallopt = _glibc("mallopt")
    for parameter, value in HEAP.items() if mallopt else ():
        mallopt(parameter, value)


def _glibc(name: str) -> Any:
    """Return a function of glibc, ``None`` where the system has none."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def collect_seldom() -> None:
    """Make collections rare from the first import on: a start makes many objects and hardly any garbage."""
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def collect_rarely() -> None:
    """Take what lives for ever (modules, window) out of collections and make the others rare.

    Call once, when everything is built and the first prices are on the screen: it takes some 60 ms. Messages make
    almost no cycles, so waiting costs little memory; on the mixed trace of the benchmark a message took 5.2 µs before
    and 4.8 µs after.
    """
    gc.collect()
    gc.freeze()
    collect_seldom()


LOOK_S = 0.25
TRIM_NS = 60 * NS_PER_S
"""Between two returns of what is free at once: each takes half a millisecond."""

FULL_NS = 300 * NS_PER_S
"""Between two looks through everything since the start: closed dialogs wait no longer for their memory to be freed."""


class Collector:
    """Collects garbage on the thread of the event loop, and on no other, while it is entered.

    Left to itself, Python collects on whatever thread happens to make an object too many: the journal's, the
    recorder's. A dialog in a cycle would then be destroyed there while its window is being painted here, and Qt
    crashes. Enter it before the first thread begins and keep ``run`` running.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_full_ns = self._last_trim_ns = clock.mono_ns()
        self._trim = _glibc("malloc_trim")
        self._was_enabled = gc.isenabled()

    def __enter__(self) -> Self:
        self._was_enabled = gc.isenabled()
        gc.disable()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._was_enabled:
            gc.enable()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Collect what Python itself would have collected by now, and now and then give back what is free."""
        now = self._clock.mono_ns()
        if now - self._last_trim_ns >= TRIM_NS and self._trim is not None:
            self._last_trim_ns = now
            self._trim(0)
        if now - self._last_full_ns >= FULL_NS:
            self._last_full_ns = now
            gc.collect()
            return
        reached = [count > bound for count, bound in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if reached[1]:
            gc.collect(1)
        elif reached[0]:
            gc.collect(0)
