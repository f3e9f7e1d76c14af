"""Health as Prometheus reads it, on loopback, off unless a port is set. No balance, price or order is in it.

Figures are taken once a second on the loop and handed to the server's thread as a whole.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core import __version__
from core.app.flight_recorder import FlightRecorder
from core.domain.errors import StartError
from core.domain.health import ConnectionState
from core.domain.orders import OrderStatus
from core.processing.health_store import HealthLevel
from core.processing.histogram import Histogram
from core.processing.stores import Stores

if TYPE_CHECKING:
    from prometheus_client import Metric

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
SECOND_S = 1.0
NS_PER_S = 1e9
LEVELS = list(HealthLevel)
PERCENTILES = (50, 99)


class MetricsServer:
    """Serves ``http://127.0.0.1:PORT/metrics`` from ``start`` to ``stop``. ``port`` 0 lets the system choose one."""

    def __init__(self, stores: Stores, flight: FlightRecorder | None, port: int) -> None:
        self._stores = stores
        self._flight = flight
        self._families: list[Metric] = []
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self.port = port

    def start(self) -> None:
        """Begin to serve. StartError when the library is missing or the port is taken."""
        try:
            from prometheus_client import CollectorRegistry, start_http_server
        except ImportError as missing:
            text = "Metrics need the package prometheus-client. Set metrics_port to 0 or install it."
            raise StartError(str(missing), user_message=text) from missing
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        try:
            self._server, self._thread = start_http_server(self.port, addr=LOOPBACK, registry=registry)
        except OSError as taken:
            text = f"The port {self.port} for metrics cannot be used: {taken.strerror}."
            raise StartError(str(taken), user_message=text) from taken
        self.port = self._server.server_port
        log.info("metrics served port=%d", self.port)

    async def run(self) -> None:
        """Take the figures once a second, until cancelled."""
        while True:
            self.take()
            await asyncio.sleep(SECOND_S)

    def stop(self) -> None:
        """Serve no longer."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def collect(self) -> list[Metric]:
        """Return the figures last taken (called by the library, on its thread)."""
        return self._families

    def take(self) -> None:
        """Take all figures now."""
        self._families = [*self._health(), *self._lines(), *self._work(), *self._latencies()]

    def _health(self) -> Iterator[Metric]:
        health, orders = self._stores.health, self._stores.orders.open()
        yield _gauge("build", "Version of the program", {__version__: 1}, "version")
        yield _gauge(
            "health_level", "0 safe, 1 degraded, 2 reduce-only, 3 blind", LEVELS.index(health.shown.level)
        )
        yield _gauge("rest_up", "Whether REST answers", int(health.rest == "ok"))
        yield _gauge(
            "exchange_online", "Whether the exchange takes all orders", int(health.system == "online")
        )
        yield _gauge("journal_up", "Whether the journal can be written", int(not health.journal_failure))
        yield _gauge("account_verified", "Whether the account was compared", int(not health.account_doubt))
        yield _gauge("order_alarms", "Alarms nobody has acknowledged", len(health.alarms))
        yield _gauge("orders_open", "Orders that may trade", len(orders))
        doubts = sum(order.status is OrderStatus.IN_DOUBT for order in orders)
        yield _gauge("orders_in_doubt", "Orders whose outcome is not known", doubts)
        yield _counter("orders_forgotten", "Ended orders in the journal alone", self._stores.orders.forgotten)
        yield _counter("fills_forgotten", "Fills in the journal alone", self._stores.fills.forgotten)
        if self._flight is not None:
            recorder = self._flight.recorder
            yield _gauge("recording", "Whether a recording is written", int(recorder.is_on))
            yield _counter("recorder_lost", "Records that found no room", recorder.lost)

    def _lines(self) -> Iterator[Metric]:
        lines = {status.line.value: status for status in self._stores.health.lines().values()}
        up = {name: int(one.state is ConnectionState.LIVE) for name, one in lines.items()}
        yield _gauge("line_up", "Whether a line is live", up, "line")
        trips = {name: one.rtt_ns / NS_PER_S for name, one in lines.items()}
        yield _gauge("line_round_trip_seconds", "Round trip of the last ping", trips, "line")
        yield _counter("line_frames", "Frames received", {n: one.frames for n, one in lines.items()}, "line")
        epochs = {name: one.epoch for name, one in lines.items()}
        yield _counter("line_connections", "Connections made", epochs, "line")

    def _work(self) -> Iterator[Metric]:
        health, performance = self._stores.health, self._stores.performance
        yield _counter("messages", "Messages applied", dict(health.messages), "channel")
        yield _counter("bad_data", "Frames that could not be understood", dict(health.bad_data), "channel")
        yield _counter("resyncs", "Books asked for anew", health.resyncs)
        yield _counter("gaps", "Gaps in private sequences", health.gaps)
        yield _counter("checksum_failures", "Books that did not fit their checksum", health.checksum_failures)
        feed = health.feed
        served = {"stream": feed.stream, "cache": feed.cache, "rest": feed.rest, "failed": feed.failed}
        yield _counter("data_requests", "Requests for data, by what answered", served, "source")
        yield _gauge("messages_per_second", "Messages in the last seconds", performance.messages_per_s)
        yield _gauge("inbox_frames", "Frames that wait", performance.queue_size)
        yield _gauge("resident_memory_bytes", "Memory held", performance.rss_bytes)
        yield _gauge("cpu_percent", "Processor used", performance.cpu_percent)
        if performance.clock_offset_ns is not None and performance.clock_uncertainty_ns is not None:
            offset, error = performance.clock_offset_ns, performance.clock_uncertainty_ns
            yield _gauge("clock_offset_seconds", "Exchange minus this clock", offset / NS_PER_S)
            yield _gauge("clock_uncertainty_seconds", "Bound of its error", error / NS_PER_S)

    def _latencies(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        family = GaugeMetricFamily(
            "tidewire_latency_seconds", "Percentiles since the start", labels=["of", "percentile"]
        )
        for name, histogram in self._histograms().items():
            for percent in PERCENTILES if histogram.count else ():
                family.add_metric([name, str(percent)], histogram.percentile(percent) / NS_PER_S)
        yield family

    def _histograms(self) -> Mapping[str, Histogram]:
        performance = self._stores.performance
        return {
            "ping": performance.ws_rtt,
            "feed": performance.exchange_to_recv,
            "apply": performance.recv_to_apply,
            "order": performance.order_to_ack,
            "rest": performance.rest_rtt,
            "loop": performance.loop_lag,
            "frame": performance.frame_cost,
        }


def _gauge(name: str, text: str, value: float | Mapping[str, float], label: str = "") -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    return _filled(GaugeMetricFamily, name, text, value, label)


def _counter(name: str, text: str, value: float | Mapping[str, float], label: str = "") -> Metric:
    from prometheus_client.core import CounterMetricFamily

    return _filled(CounterMetricFamily, name, text, value, label)


def _filled(kind: Any, name: str, text: str, value: float | Mapping[str, float], label: str) -> Metric:
    full = f"tidewire_{name}"
    if not isinstance(value, Mapping):
        family: Metric = kind(full, text, value=value)
        return family
    labelled: Any = kind(full, text, labels=[label])
    for key, number in value.items():
        labelled.add_metric([key], number)
    made: Metric = labelled
    return made
