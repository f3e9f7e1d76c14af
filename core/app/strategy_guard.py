"""Keeps foreign code from holding the loop: measures each step of a strategy and breaks off one that does not end.

A thread of its own looks, because a loop that is held cannot. It raises ``HeldTheLoop`` inside the step, which works
for Python code that runs on; code that waits inside the operating system (``time.sleep``) is caught when it returns.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
import types
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, TypeVar

from core.runtime.clock import NS_PER_MS, Clock

T = TypeVar("T")

STEP_NS = 400 * NS_PER_MS
"""The longest a strategy may hold the loop between two awaits: it must be stopped within a second, and a busy machine
must not be mistaken for a bad strategy."""

LOOK_S = 0.05


class HeldTheLoop(BaseException):
    """Raised inside a step that does not end. Not an Exception, so that a broad ``except`` does not swallow it."""


class StepGuard:
    """One for all strategies; only one step can run at a time, because all share the loop's thread."""

    def __init__(self, clock: Clock, step_ns: int = STEP_NS) -> None:
        self._clock = clock
        self._step_ns = step_ns
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._began: int | None = None
        self._ident = 0
        self._raised = False

    def start(self) -> None:
        """Watch steps of the calling thread from now on."""
        if self._thread is None:
            self._ident = threading.get_ident()
            self._thread = threading.Thread(target=self._run, name="strategy guard", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Watch no longer; returns when the thread has ended."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def call(self, step: Callable[[], T]) -> T:
        """Run one step. HeldTheLoop when it took too long, also when it came to its end by itself."""
        began = self._clock.mono_ns()
        try:
            return self._watched(step, began)
        finally:
            if self._clock.mono_ns() - began > self._step_ns:
                raise HeldTheLoop

    def _watched(self, step: Callable[[], T], began: int) -> T:
        try:
            self._began = began
            try:
                return step()
            finally:
                self._leave()
        except HeldTheLoop:
            self._leave()  # it may have struck before the first one had begun
            raise

    def _leave(self) -> None:
        """End the watch. Once this returned, nothing can be raised here from outside any more."""
        while True:
            try:
                with self._lock:
                    self._began = None
                    if self._raised:
                        _raise_in(self._ident, None)
                    self._raised = False
                return
            except HeldTheLoop:
                continue  # it was on its way already

    def _run(self) -> None:
        while not self._ending.wait(LOOK_S):
            with self._lock:
                began = self._began
                if began is not None and self._clock.mono_ns() - began > self._step_ns:
                    self._raised = True
                    _raise_in(self._ident, HeldTheLoop)


def _raise_in(ident: int, error: type[BaseException] | None) -> None:
    target = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), target)


@types.coroutine
def guarded(work: Coroutine[Any, Any, T], guard: StepGuard) -> Generator[Any, Any, T]:
    """Run a coroutine with every step between two awaits under the guard."""
    value: Any = None
    error: BaseException | None = None
    try:
        while True:
            try:
                step = partial(work.send, value) if error is None else partial(work.throw, error)
                wish = guard.call(step)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            value, error = None, None
            try:
                value = yield wish
            except BaseException as thrown:  # noqa: BLE001 - handed on to the coroutine it is meant for
                error = thrown
    finally:
        with contextlib.suppress(RuntimeError):
            work.close()
