"""The screen is refreshed by a clock, not by messages: stores are flushed at most sixty times a second."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.processing.stores import Stores

FRAME_MS = 16
SLOW_FRAME_MS = 33
BUDGET_NS = 8_000_000
"""A flush longer than this makes the next frames come at half the rate."""


class FrameClock(QObject):
    """Flushes every store once a frame and measures what that costs. ``second`` ticks once a second for ages."""

    second = Signal()

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stores = stores
        self._last_ns = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.frame)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self.second)
        self.frames = 0

    def start(self) -> None:
        """Begin to tick."""
        self._timer.start(FRAME_MS)
        self._second.start()

    def stop(self) -> None:
        """Stop ticking."""
        self._timer.stop()
        self._second.stop()

    def frame(self) -> None:
        """Tell views what changed since the last frame; costs nothing when nothing did."""
        started = time.monotonic_ns()
        if not self._stores.flush_all():
            self._last_ns = 0
            return
        ended = time.monotonic_ns()
        performance = self._stores.performance
        performance.frame_cost.add(ended - started)
        if self._last_ns:
            performance.frame_interval.add(started - self._last_ns)
        self._last_ns = started
        self.frames += 1
        self._pace(SLOW_FRAME_MS if ended - started > BUDGET_NS else FRAME_MS)

    def _pace(self, interval_ms: int) -> None:
        if self._timer.interval() != interval_ms:
            self._timer.setInterval(interval_ms)
