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
WAITED = "/proc/self/task/{}/schedstat"


class Rhythm(QObject):
    """A timer of one frame: ``gaps`` has what lay between two ticks, ``own`` the same without waiting for a processor.

    ``own`` is what the program did with its time; the rest is the machine's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gaps, self.own = Histogram(), Histogram()
        self.late: Counter[str] = Counter()
        self.worst_ms: dict[str, int] = {}
        self.doing = ""
        """What the trader did last: late ticks are counted for it."""

        self._waited = Path(WAITED.format(threading.get_native_id()))
        self._last: tuple[int, int] | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Measure from now on."""
        self._last = None
        self._timer.start(FRAME_MS)

    def reset(self) -> None:
        """Begin anew."""
        self.gaps.reset()
        self.own.reset()
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
            self.own.add(own)
            if own > LATE_NS:
                self.late[self.doing] += 1
                self.worst_ms[self.doing] = max(self.worst_ms.get(self.doing, 0), own // NS_PER_MS)
        self._last = now, waited


def milliseconds(histogram: Histogram, percent: float) -> float:
    """Return a percentile."""
    return round(histogram.percentile(percent) / NS_PER_MS, 1)
