"""How long the collector of garbage holds the program."""

from __future__ import annotations

import gc
from collections.abc import Callable

from core.runtime.clock import Clock


def watch_collections(clock: Clock, told: Callable[[int], None]) -> Callable[[], None]:
    """Have the time of each collection told, ns, until the returned function is called."""
    began = 0

    def collected(phase: str, info: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = clock.mono_ns()
        elif began:
            told(clock.mono_ns() - began)

    gc.callbacks.append(collected)
    return lambda: gc.callbacks.remove(collected)
