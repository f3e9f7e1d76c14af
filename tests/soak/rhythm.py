"""Whether frames come on time, on a machine that others use too."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from core.processing.histogram import Histogram
from core.runtime.clock import NS_PER_MS

FRAME_MS = 16
LATE_NS = 50 * NS_PER_MS
MOMENT_NS = 250 * NS_PER_MS
WAITED = "/proc/self/task/{}/schedstat"


class Rhythm(QObject):
    """A timer of one frame: ``gaps`` has what lay between two ticks, ``own`` the same without waiting for a processor.

    What comes within a moment of a deed of the trader is in ``acted``: opening a dialog or changing the theme takes
    more than a frame, and he waits for it. ``own`` is what the program did with its time while he looked on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gaps, self.own, self.acted = Histogram(), Histogram(), Histogram()
        self._deed_ns = 0
        self.late: Counter[str] = Counter()
        self.worst_ms: dict[str, int] = {}
        self._doing = ""

        self._waited = Path(WAITED.format(threading.get_native_id()))
        self._last: tuple[int, int] | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Measure from now on."""
        self._last = None
        self._timer.start(FRAME_MS)

    def deed(self, name: str) -> None:
        """The trader did this just now."""
        self._doing, self._deed_ns = name, time.monotonic_ns()

    def reset(self) -> None:
        """Begin anew."""
        for histogram in (self.gaps, self.own, self.acted):
            histogram.reset()
        self.late.clear()
        self.worst_ms.clear()

    def stop(self) -> None:
        """Measure no more."""
        self._timer.stop()

    def _tick(self) -> None:
        now, waited = time.monotonic_ns(), int(self._waited.read_bytes().split()[1])
        if self._last is not None:
            gap = now - self._last[0]
            own = max(0, gap - (waited - self._last[1]))
            self.gaps.add(gap)
            acted = self._last[0] - self._deed_ns < MOMENT_NS
            (self.acted if acted else self.own).add(own)
            if own > LATE_NS:
                name = self._doing if acted else "nothing"
                self.late[name] += 1
                self.worst_ms[name] = max(self.worst_ms.get(name, 0), own // NS_PER_MS)
        self._last = now, waited


def milliseconds(histogram: Histogram, percent: float) -> float:
    """Return a percentile."""
    return round(histogram.percentile(percent) / NS_PER_MS, 1)
