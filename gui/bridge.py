"""The only door from a Qt slot to a coroutine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from core.domain.errors import TerminalError
from core.runtime.tasks import Supervisor, cancel_and_wait

log = logging.getLogger(__name__)

Report = Callable[[TerminalError], None]


class Bridge:
    """Starts coroutines from slots, keeps them until they end, and brings their refusals back to who asked.

    ``report`` is told of refusals nobody else listens to; the window sets it to show them.
    """

    def __init__(self, tasks: Supervisor, report: Report | None = None) -> None:
        self._supervisor = tasks
        self._running: set[asyncio.Task[Any]] = set()
        self.report = report

    @property
    def running(self) -> list[str]:
        """Names of what was started here and has not ended, sorted."""
        return sorted(task.get_name() for task in self._running)

    def spawn(
        self, work: Coroutine[Any, Any, object], *, name: str, on_error: Report | None = None
    ) -> asyncio.Task[Any]:
        """Run ``work``. A TerminalError goes to ``on_error``, else to ``report``, and into the log.

        Any other exception is logged with its traceback and counted by the supervisor.
        """
        task = self._supervisor.spawn(self._guard(work, name, on_error), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def stop(self) -> list[str]:
        """Cancel what still runs and wait for it. Returns the names of what did not end in time."""
        return await cancel_and_wait(self._running)

    async def _guard(self, work: Coroutine[Any, Any, object], name: str, on_error: Report | None) -> None:
        try:
            await work
        except TerminalError as failure:
            log.info("request failed name=%s reason=%s", name, failure)
            tell = on_error or self.report
            if tell is not None:
                tell(failure)
