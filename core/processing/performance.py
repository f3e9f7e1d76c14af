"""PerformanceMonitor: latencies, rates and the exchange's clock, measured where things happen."""

from __future__ import annotations

from collections import deque

from core.domain.events import PongEvent
from core.processing.histogram import Histogram
from core.processing.recent_latency import RecentLatency
from core.processing.store import Store

NS = 1_000_000_000
OFFSET_SAMPLES = 16
"""Pongs from which the one with the shortest round trip tells the offset."""

RATE_WINDOW_NS = 5 * NS
DRIFT_AFTER_NS = 60 * NS
FROZEN_NS = 2 * NS
"""A stall of this length is told on line 0."""


class PerformanceMonitor(Store[str]):
    """Histograms in ns, filled in place, and the offset of the exchange's clock. ``tick`` once a second.

    ``clock_offset_ns`` is exchange minus ours; ``clock_uncertainty_ns`` bounds its error (half the round trip).
    Both are ``None`` before the first pong.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ws_rtt = Histogram()
        self.exchange_to_recv = Histogram()
        self.recv_to_apply = Histogram()
        self.order_to_ack = Histogram()
        self.uplink, self.engine, self.downlink = Histogram(), Histogram(), Histogram()
        """The three parts of an answer's way; up and down only as exact as the clock's offset."""
        self.split_error_ns = 0
        """The most any sample of ``uplink`` and ``downlink`` can be wrong by: what one gains the other loses."""
        self.rest_rtt = Histogram()
        self.loop_lag = Histogram()
        self.frame_interval = Histogram()
        self.frame_cost = Histogram()
        self.commit = Histogram()
        self.gc_pause = Histogram()
        self.stalls = 0
        self.longest_stall_ns = 0
        self.stalled_at = 0
        """When the loop last stood still for so long that what is shown may be old, monotonic ns; 0 for never."""
        self.messages = 0
        self.queue_size = 0
        self.behind_ns = 0
        """How long frames have been waiting in the inbox without a break."""
        self.rss_bytes = 0
        self.cpu_percent = 0.0
        self.messages_per_s = 0.0
        self.clock_offset_ns: int | None = None
        self.clock_uncertainty_ns: int | None = None
        self.drift_ppm: float | None = None
        """How fast the exchange's clock gains on ours; ``None`` until it was watched for a minute."""
        self._first_offset: tuple[int, int] | None = None
        self._pongs: deque[tuple[int, int]] = deque(maxlen=OFFSET_SAMPLES)
        self._counts: deque[tuple[int, int]] = deque()
        self.recent = RecentLatency(
            {"feed": self.exchange_to_recv, "answer": self.order_to_ack, "rest": self.rest_rtt}
        )

    def stalled(self, lost_ns: int, now: int) -> None:
        """The loop stood still."""
        self.stalls += 1
        self.longest_stall_ns = max(self.longest_stall_ns, lost_ns)
        if lost_ns >= FROZEN_NS:
            self.stalled_at = now
        self.touch("stalls")

    def pong(self, event: PongEvent) -> None:
        """Learn the offset from a round trip. The true offset lies within half the time not spent at Kraken."""
        self.ws_rtt.add(event.rtt_ns)
        travel = max(0, event.rtt_ns - (event.time_out - event.time_in))
        sent_wall = event.recv_wall - event.rtt_ns
        offset = ((event.time_in - sent_wall) + (event.time_out - event.recv_wall)) // 2
        self._pongs.append((travel // 2, offset))
        self.clock_uncertainty_ns, self.clock_offset_ns = min(self._pongs)
        self._measure_drift(event.recv_wall)
        self.touch("clock")

    def answered(self, took_ns: int, time_in: int, time_out: int, recv_wall: int) -> None:
        """A request was answered: split its way by the exchange's two stamps (ns UTC, 0 when not told)."""
        self.order_to_ack.add(took_ns)
        if not time_in or not time_out:
            return
        self.engine.add(time_out - time_in)
        if self.clock_offset_ns is not None and self.clock_uncertainty_ns is not None:
            self.split_error_ns = max(self.split_error_ns, self.clock_uncertainty_ns)
            self.uplink.add(time_in - (recv_wall - took_ns + self.clock_offset_ns))
            self.downlink.add(recv_wall + self.clock_offset_ns - time_out)

    def forget_clock(self) -> None:
        """Our clock was set, or the computer slept: the exchange's is unknown until the next pong."""
        self._pongs.clear()
        self.clock_offset_ns = self.clock_uncertainty_ns = self.drift_ppm = None
        self._first_offset = None
        self.touch("clock")

    def _measure_drift(self, wall: int) -> None:
        assert self.clock_offset_ns is not None
        if not self._first_offset:
            self._first_offset = (wall, self.clock_offset_ns)
        then, offset = self._first_offset
        if wall - then >= DRIFT_AFTER_NS:
            self.drift_ppm = (self.clock_offset_ns - offset) / (wall - then) * 1_000_000

    def tick(self, now: int, *, queue_size: int, rss_bytes: int, cpu_percent: float) -> None:
        """Take the figures that are measured by the second, at monotonic ``now``, and compute rates from clocks."""
        self.queue_size = queue_size
        self.rss_bytes = rss_bytes
        self.cpu_percent = cpu_percent
        self.recent.tick(now)
        self._counts.append((now, self.messages))
        while len(self._counts) > 2 and now - self._counts[0][0] > RATE_WINDOW_NS:
            self._counts.popleft()
        then, count = self._counts[0]
        if now > then:
            self.messages_per_s = (self.messages - count) * NS / (now - then)
        self.touch("tick")
