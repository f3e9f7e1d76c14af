"""The last quarter of an hour of a few latencies, ten seconds a slot. Costs nothing a sample: counts are compared."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from core.processing.histogram import Histogram

NS = 1_000_000_000
SLOT_NS = 10 * NS
SLOTS = 90


class Slot(NamedTuple):
    """Samples of ten seconds: how many, and two percentiles in ns (0 without samples)."""

    samples: int
    p50: int
    p99: int


class RecentLatency:
    """``slots`` by name, oldest first. ``tick`` once a second."""

    def __init__(self, histograms: Mapping[str, Histogram]) -> None:
        self._histograms = dict(histograms)
        self._marks = {name: histogram.mark() for name, histogram in histograms.items()}
        self._since: int | None = None
        self.slots: dict[str, deque[Slot]] = {name: deque(maxlen=SLOTS) for name in histograms}

    def tick(self, now: int) -> None:
        """Close the slot when its ten seconds are over; empty ones stand for a pause. ``now``: monotonic ns."""
        if self._since is None:
            self._since = now
        if now - self._since < SLOT_NS:
            return
        missed = (now - self._since) // SLOT_NS - 1
        self._since += (missed + 1) * SLOT_NS
        for name, histogram in self._histograms.items():
            slots, mark = self.slots[name], self._marks[name]
            slots.append(Slot(histogram.count_since(mark), *histogram.percentiles_since(mark, (50, 99))))
            slots.extend([Slot(0, 0, 0)] * min(missed, SLOTS))
            self._marks[name] = histogram.mark()
