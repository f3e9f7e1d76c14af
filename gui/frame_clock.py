"""The screen is refreshed by a clock, not by messages: stores are flushed at most sixty times a second."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal

from core.processing.stores import Stores

FRAME_MS = 16
SLOW_FRAME_MS = 33
BUDGET_NS = 8_000_000
"""When frames cost more than this on average, they come at half the rate, until ..."""

CALM_FRAMES = 30
"""... so many in a row stayed below it."""

MEAN_OF = 8
"""Frames in the average: a single slow one, say the first of a new panel, is no reason to show the next ones late."""

NS_PER_MS = 1_000_000

PAINTED = QEvent.Type(QEvent.registerEventType())
"""Comes to the clock when a frame stands on the screen."""

# Qt posts the repaint of a window at low priority (-1): what is posted lower comes right after the painting.
_AFTER_PAINTING = Qt.EventPriority.LowEventPriority.value - 1


class FrameClock(QObject):
    """Flushes every store once a frame and measures what that costs, painting included.

    Frames come every 16 ms, every 33 while they are slow, none while nothing changes; ``nudge`` paints a change after
    a quiet frame at once. ``second`` ticks once a second, for ages.
    """

    second = Signal()

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stores = stores
        self._started_ns = 0
        self._last_ns = 0
        self._painting = False
        self._nudged = False
        self._calm = 0
        self._mean_ns = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.frame)
        self._nudge = QTimer(self)
        self._nudge.setSingleShot(True)
        self._nudge.timeout.connect(self._leading_frame)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self.second)
        self.frames = 0
        self.slow_frames = 0

    @property
    def interval_ms(self) -> int:
        """Time between two frames now."""
        return self._timer.interval()

    def start(self) -> None:
        """Begin to tick."""
        self._timer.start(FRAME_MS)
        self._second.start()

    def stop(self) -> None:
        """Stop ticking."""
        self._timer.stop()
        self._nudge.stop()
        self._nudged = False
        self._second.stop()

    def nudge(self) -> None:
        """State has changed: if the last frame is long enough ago, make one now instead of at the next tick.

        Cheap enough to call for every batch of messages; the frame itself comes when the caller has returned.
        """
        if self._nudged or not self._timer.isActive():
            return
        if time.monotonic_ns() - self._started_ns >= self._timer.interval() * NS_PER_MS:
            self._nudged = True
            self._nudge.start(0)

    def frame(self) -> None:
        """Tell views what changed since the last frame; costs nothing when nothing did."""
        started = time.monotonic_ns()
        if not self._stores.flush_all():
            self._last_ns = 0
            return
        if self._last_ns:
            self._stores.performance.frame_interval.add(started - self._last_ns)
        self._started_ns = self._last_ns = started
        self.frames += 1
        if not self._painting:
            self._painting = True
            QCoreApplication.postEvent(self, QEvent(PAINTED), _AFTER_PAINTING)

    def customEvent(self, event: QEvent) -> None:
        self._painting = False
        cost = time.monotonic_ns() - self._started_ns
        self._stores.performance.frame_cost.add(cost)
        self._pace(cost)

    def _leading_frame(self) -> None:
        self._nudged = False
        self.frame()
        if self._timer.isActive():
            self._timer.start()  # the next tick is a whole frame away from this one

    def _pace(self, cost_ns: int) -> None:
        self._mean_ns += (cost_ns - self._mean_ns) // MEAN_OF
        if cost_ns > BUDGET_NS:
            self.slow_frames += 1
            self._calm = 0
            if self._mean_ns > BUDGET_NS:
                self._tick_every(SLOW_FRAME_MS)
        else:
            self._calm += 1
            if self._calm == CALM_FRAMES:
                self._tick_every(FRAME_MS)

    def _tick_every(self, interval_ms: int) -> None:
        if self._timer.interval() != interval_ms:
            self._timer.setInterval(interval_ms)
