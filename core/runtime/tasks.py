"""Supervised tasks: every task has a name and an owner, and no failure goes unnoticed.

Knows nothing of what the tasks do. One of the four borders where exceptions are caught broadly: a failed
task is logged with its traceback, counted, and started again if it is meant to live on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from core.runtime.clock import NS_PER_S, Clock, SystemClock

log = logging.getLogger(__name__)

T = TypeVar("T")

STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How long to wait before a dead task starts again, in seconds.

    The pause doubles from ``first_s`` to ``longest_s`` and is short again once a run lasted ``stable_s``.
    """

    first_s: float = 0.1
    longest_s: float = 30.0
    stable_s: float = 30.0

    def delays(self) -> Iterator[float]:
        """Yield the pauses of one unlucky streak."""
        delay_s = self.first_s
        while True:
            yield delay_s
            delay_s = min(self.longest_s, delay_s * 2)


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that died: its name, the exception, and how often a task of this name has died."""

    name: str
    error: Exception
    count: int


class Supervisor:
    """Owner of tasks. Stops them together and names those that do not end.

    ``spawn`` runs a coroutine once; ``keep`` runs one for as long as the supervisor lives. ``on_failure`` hears
    of each death after it was logged.
    """

    def __init__(
        self,
        name: str = "tidewire",
        *,
        clock: Clock | None = None,
        on_failure: Callable[[Failure], None] | None = None,
    ) -> None:
        self.name = name
        self.failures: dict[str, int] = {}
        self._clock = clock or SystemClock()
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def names(self) -> list[str]:
        """Names of the tasks that run now, sorted."""
        return sorted(task.get_name() for task in self._tasks)

    def spawn(self, work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T | None]:
        """Run a coroutine once. Its exception is logged and counted; the task's result is then None.

        RuntimeError when the supervisor is stopping: nothing new may begin then.
        """
        if self._stopping:
            work.close()
            raise RuntimeError(f"{self.name} is stopping; {name} was not started")
        task = self._own(self._once(work, name), name)
        # A task cancelled before its first step never awaits what it was given.
        task.add_done_callback(lambda _: work.close())
        return task

    def keep(
        self,
        start: Callable[[], Awaitable[None]],
        *,
        name: str,
        policy: RestartPolicy | None = None,
    ) -> asyncio.Task[None]:
        """Run ``start()`` and, when it raises, run it again after a pause, for ever. Returning ends it."""
        if self._stopping:
            raise RuntimeError(f"{self.name} is stopping; {name} was not started")
        return self._own(self._forever(start, name, policy or RestartPolicy()), name)

    async def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> list[str]:
        """Cancel every task and wait. Returns the names of those that did not end in time, also logged."""
        self._stopping = True
        return await cancel_and_wait(self._tasks - {asyncio.current_task()}, timeout_s)

    def _own(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _once(self, work: Coroutine[Any, Any, T], name: str) -> T | None:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - a border: logged with its traceback and counted
            self._record(error, name, "task failed name=%s", name)
            return None

    async def _forever(self, start: Callable[[], Awaitable[None]], name: str, policy: RestartPolicy) -> None:
        delays = policy.delays()
        while True:
            started_ns = self._clock.mono_ns()
            try:
                await start()
                return
            except Exception as error:  # noqa: BLE001 - a border: logged with its traceback and counted
                if _is_cancelled():
                    self._record(error, name, "task failed while it was stopped name=%s", name)
                    return
                if self._clock.mono_ns() - started_ns >= policy.stable_s * NS_PER_S:
                    delays = policy.delays()
                delay_s = next(delays)
                self._record(error, name, "task died, starts again name=%s in_s=%.1f", name, delay_s)
            await asyncio.sleep(delay_s)

    def _record(self, error: Exception, name: str, message: str, *args: object) -> None:
        self.failures[name] = self.failures.get(name, 0) + 1
        log.error(message, *args, exc_info=error)
        if self._on_failure is not None:
            self._on_failure(Failure(name, error, self.failures[name]))


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def cancel_and_wait(tasks: Iterable[asyncio.Task[Any]], timeout_s: float = STOP_TIMEOUT_S) -> list[str]:
    """Cancel tasks and wait until they ended. Returns the sorted names of those still running, also logged."""
    waiting = {task for task in tasks if not task.done()}
    for task in waiting:
        task.cancel()
    if not waiting:
        return []
    _, pending = await asyncio.wait(waiting, timeout=timeout_s)
    names = sorted(task.get_name() for task in pending)
    if names:
        log.warning("tasks did not end in time timeout_s=%g names=%s", timeout_s, ",".join(names))
    return names
