"""What a test left behind: tasks still running, timers still active, windows still there."""

import asyncio
import gc
from functools import cache
from typing import Any

TURNS_TO_FINISH = 20
TURN_S = 0.01


async def tasks_left() -> str:
    """Return a complaint naming the tasks that run on, empty when there are none.

    Tasks that were cancelled a moment ago get a few turns of the loop to end.
    """
    mine = asyncio.current_task()
    for turn in range(TURNS_TO_FINISH):
        left = asyncio.all_tasks() - {mine}
        if not left:
            return ""
        await asyncio.sleep(0 if turn < 3 else TURN_S)
    return "tasks left running: " + ", ".join(
        sorted(f"{task.get_name()} {task.get_coro()!r}" for task in left)
    )


class QtObjects:
    """The windows and active timers that exist at one moment."""

    def __init__(self, windows: list[Any], timers: list[Any]) -> None:
        self._windows = windows
        self._timers = timers

    @classmethod
    def now(cls) -> "QtObjects":
        _set_aside_what_lives_for_ever()
        return cls(_windows(), _active_timers())

    def left_since(self) -> str:
        """Return a complaint about windows and timers that are new, empty when there are none. Removes the windows."""
        _run_deferred_deletes()
        if not (self._new_windows() or self._new_timers()):
            return ""
        gc.collect()  # a cycle of widget and slot is rubbish, not a leak
        _run_deferred_deletes()
        lines = [f"window left: {_name(window)}" for window in self._new_windows()]
        lines += [f"timer left active: {_name(timer)}" for timer in self._new_timers()]
        for window in self._new_windows():
            window.close()
            window.deleteLater()
        for timer in self._new_timers():
            timer.stop()
        _run_deferred_deletes()
        return "\n".join(lines)

    def _new_windows(self) -> list[Any]:
        return [window for window in _windows() if window not in self._windows]

    def _new_timers(self) -> list[Any]:
        known = {id(timer) for timer in self._timers}
        return [timer for timer in _active_timers() if id(timer) not in known]


def _windows() -> list[Any]:
    """Top-level widgets without a parent: those with one go when it goes."""
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        return []
    return [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None]


@cache
def _set_aside_what_lives_for_ever() -> None:
    """Take modules, tests and all else that exists before the first test out of every later look at all objects."""
    gc.collect()
    gc.freeze()


def _active_timers() -> list[Any]:
    import shiboken6
    from PySide6.QtCore import QTimer

    things = gc.get_objects()
    kinds = {
        kind for kind in set(map(type, things)) if issubclass(kind, QTimer)
    }  # few types, very many things
    return [
        thing for thing in things if type(thing) in kinds and shiboken6.isValid(thing) and thing.isActive()
    ]


def _run_deferred_deletes() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _name(thing: Any) -> str:
    return f"{type(thing).__name__} {thing.objectName()!r}"
