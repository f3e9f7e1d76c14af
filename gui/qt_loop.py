"""The event loop: qasync with its two expensive habits replaced.

qasync starts a Qt timer for every callback, and a second one for every readable socket. Here ready callbacks wait in
one deque drained by one posted event, and sockets call back straight from their notifier. The order of callbacks is
asyncio's: first in, first out; what is added while draining waits for the next turn, so that nothing starves Qt.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

import qasync
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication

_DRAIN = QEvent.Type(QEvent.registerEventType())


class _Ready(QObject):
    """Callbacks that are due, in order. Receives the posted event that drains them."""

    def __init__(self) -> None:
        super().__init__()
        self._due: deque[asyncio.Handle] = deque()
        self._posted = False

    def add(self, handle: asyncio.Handle) -> None:
        self._due.append(handle)
        if not self._posted:
            self._posted = True
            QCoreApplication.postEvent(self, QEvent(_DRAIN))

    def clear(self) -> None:
        self._due.clear()

    def customEvent(self, event: QEvent) -> None:
        # Only ours comes here, and asking an event for its type costs more than all else.
        # Before the callbacks: one of them may start a nested Qt loop (a native menu), which must go on draining.
        self._posted = False
        due = self._due
        for _ in range(len(due)):
            if not due:
                break
            handle = due.popleft()
            if not handle.cancelled():
                handle._run()


class QtLoop(qasync.QEventLoop):  # type: ignore[misc]  # qasync is published without types
    """asyncio on Qt. Make it with ``asyncio.Runner(loop_factory=lambda: QtLoop(app))``; one a process."""

    def __init__(self, app: QApplication) -> None:
        self._ready_handles = _Ready()
        super().__init__(app)

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run ``callback`` in the next turn, after everything already due."""
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._ready_handles.add(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Run ``callback`` after ``delay`` seconds, coarsely; at once in turn when there is no delay."""
        if delay <= 0:
            return self.call_soon(callback, *args, context=context)
        # What qasync does, without looking whether the callback is a coroutine function, which costs as much again.
        self._check_closed()
        handle: asyncio.Handle = self._add_callback(asyncio.Handle(callback, args, self, context), delay)
        return handle

    def close(self) -> None:
        """Release all resources; what is still due never runs."""
        self._ready_handles.clear()
        super().close()

    def _add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:
        # The notifier may call at once: unlike select, Qt never calls it from inside one of our callbacks.
        self._check_closed()
        self._remove_reader(fd)
        handle = asyncio.Handle(callback, args, self, None)
        number = fd if isinstance(fd, int) else int(fd.fileno())
        notifier = QSocketNotifier(number, QSocketNotifier.Type.Read)
        notifier.activated["int"].connect(lambda: handle._run())  # type: ignore[index]  # the stubs know no overloads
        self._read_notifiers[fd] = notifier
