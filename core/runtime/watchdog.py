"""Notices when the loop stands still, and who held it: a thread asks the loop for a sign of life every 100 ms.

The culprit is named by file, line and function; no local variables are looked at, they may hold secrets. Nor is any
frame touched: who holds a frame of another thread keeps its variables alive beyond their function, and ends them on
his own thread. A painter would stay at work on a window that is painted by the next one already, and Qt crashes.
"""

from __future__ import annotations

import asyncio
import faulthandler
import re
import tempfile
import threading
from collections.abc import Callable
from functools import partial

from core.runtime.clock import NS_PER_MS, Clock

TICK_S = 0.1
STALL_S = 0.25
DEEPEST = 6
"""Innermost frames told."""

FRAME = re.compile(r'^  File "(?:[^"]*[/\\\\])?([^"]*)", line (\d+) in (.*)$', re.MULTILINE)

Told = Callable[[int, str], None]


class Watchdog:
    """Started by the thread that runs the loop. ``told`` is called there with the time lost (ns) and the culprit."""

    def __init__(self, clock: Clock, told: Told) -> None:
        self._clock = clock
        self._told = told
        self._watched = threading.get_ident()
        self._ending = threading.Event()
        self._alive = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._loop: asyncio.AbstractEventLoop

    def start(self) -> None:
        """Watch the running loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer; returns when the thread has ended."""
        self._ending.set()
        self._alive.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(TICK_S):
            asked = self._clock.mono_ns()
            self._alive.clear()
            if not self._post(self._alive.set):
                return
            if not self._alive.wait(STALL_S):
                culprit = self._culprit()
                self._alive.wait()
                lost = self._clock.mono_ns() - asked
                self._post(partial(self._told, lost, culprit))

    def _post(self, call: Callable[[], object]) -> bool:
        if self._ending.is_set():
            return False
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:
            return False  # the loop has closed: nothing is left to watch
        return True

    def _culprit(self) -> str:
        try:
            with tempfile.TemporaryFile() as file:
                faulthandler.dump_traceback(file, all_threads=True)
                file.seek(0)
                told = file.read().decode("utf-8", "replace")
        except OSError:
            return "unknown"  # no room for a file: that the loop stood still is told all the same
        return _innermost(told, self._watched)


def _innermost(told: str, ident: int) -> str:
    """Return where a thread is, out of what ``faulthandler`` told of all."""
    for stack in told.split("\n\n"):
        head, _, frames = stack.partition("\n")
        if f"{ident:x}" in head:
            places = FRAME.findall(frames)[:DEEPEST]
            return " < ".join(f"{file}:{line} {name}" for file, line, name in places) or "unknown"
    return "unknown"


def stall_text(lost_ns: int, culprit: str) -> str:
    """Say how long the loop stood still and in whose hands."""
    return f"the program stood still for {lost_ns // NS_PER_MS} ms in {culprit}"
