"""The only door from a Qt slot to a coroutine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from core.domain.errors import TerminalError
from core.runtime.tasks import Supervisor

log = logging.getLogger(__name__)


class Bridge:
    """Starts coroutines from slots, keeps them owned, and brings their refusals back to the one who asked."""

    def __init__(self, tasks: Supervisor) -> None:
        self._tasks = tasks

    def spawn(
        self,
        work: Coroutine[Any, Any, object],
        *,
        name: str,
        on_error: Callable[[TerminalError], None] | None = None,
    ) -> asyncio.Task[Any]:
        """Run ``work``. A TerminalError goes to ``on_error`` (else to the log); any other is logged and counted."""
        return self._tasks.spawn(self._guard(work, name, on_error), name=name)

    @staticmethod
    async def _guard(
        work: Coroutine[Any, Any, object], name: str, on_error: Callable[[TerminalError], None] | None
    ) -> None:
        try:
            await work
        except TerminalError as failure:
            log.info("request failed name=%s reason=%s", name, failure)
            if on_error is not None:
                on_error(failure)
