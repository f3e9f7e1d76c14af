"""Counts what a program may forget to give back."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import sys
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from core.processing.stores import Stores

HANDLES, THREADS = Path("/proc/self/fd"), Path("/proc/self/task")
NUMBERS = re.compile(r"[0-9a-f-]{8,}|\d+")


def tasks() -> dict[str, int]:
    """Return the tasks that run, by their names without numbers and ids."""
    mine = asyncio.current_task()
    names = (NUMBERS.sub("#", task.get_name()) for task in asyncio.all_tasks() if task is not mine)
    return {f"tasks {name}": count for name, count in Counter(names).items()}


def timers(loop: Any) -> dict[str, int]:
    """Return what a loop of asyncio has been asked to call later, by the name of what it calls."""
    calls = (handle._callback for handle in loop._scheduled if not handle.cancelled())
    names = (getattr(call, "__qualname__", type(call).__name__) for call in calls)
    return {f"timers {name}": count for name, count in Counter(names).items()}


def handles() -> int:
    """Return how many files, sockets and pipes are open."""
    return len(os.listdir(HANDLES))


def observers(stores: Stores) -> int:
    """Return how many observers the stores tell."""
    return sum(len(store._observers) for store in stores.each())


def process() -> dict[str, int]:
    """Return what the operating system holds for this program."""
    return {"handles": handles(), "threads": len(os.listdir(THREADS))}


def qt(window: Any) -> dict[str, int]:
    """Return what Qt holds for a window. Takes a while."""
    from PySide6.QtCore import QObject, QTimer
    from PySide6.QtWidgets import QApplication

    owned = window.findChildren(QObject)
    timers = [thing for thing in owned if isinstance(thing, QTimer)]
    return {
        "widgets": len(QApplication.allWidgets()),
        "objects of the window": len(owned),
        "timers": len(timers),
        "active timers": sum(timer.isActive() for timer in timers),
    }


def lowest(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the least seen of each: what comes and goes is no leak."""
    seen = list(counts)
    names = {name for one in seen for name in one}
    return {name: least for name in names if (least := min(one.get(name, 0) for one in seen))}


def kinds() -> Counter[str]:
    """Return how many objects of each type the collector knows."""
    return Counter(type(thing).__name__ for thing in gc.get_objects())


def reachable(start: object, *, without: tuple[type, ...], rings: bool = False) -> int:
    """Return the bytes of all objects reachable from one, code and ``without`` left out.

    Rings of bounded length are left out, too, unless they are asked for.
    """
    closed = (ModuleType, type, FunctionType, *without)
    seen, waiting, size = {id(start)}, [start], 0
    while waiting:
        thing = waiting.pop()
        size += sys.getsizeof(thing, 0)
        for other in gc.get_referents(thing):
            bounded = not rings and isinstance(other, deque) and other.maxlen is not None
            if id(other) not in seen and not bounded and not isinstance(other, closed):
                seen.add(id(other))
                waiting.append(other)
    return size
