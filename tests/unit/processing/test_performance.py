import pytest

from core.domain.events import PongEvent
from core.domain.health import Line
from core.processing.performance import NS, OFFSET_SAMPLES, PerformanceMonitor

MS = 1_000_000
WALL = 1_767_225_600 * NS


def pong(rtt_ms, offset_ms, *, outward=0.5, served_ms=0):
    """A round trip to a clock that is ahead of ours by ``offset_ms``; ``outward`` is the share of the way there."""
    sent = WALL
    travel = (rtt_ms - served_ms) * MS
    time_in = sent + int(travel * outward) + offset_ms * MS
    return PongEvent(Line.PUBLIC, rtt_ms * MS, time_in, time_in + served_ms * MS, sent + rtt_ms * MS)


def ticked(monitor, now):
    monitor.tick(now, queue_size=3, rss_bytes=4096, cpu_percent=12.5)


def test_the_clock_is_unknown_before_the_first_pong():
    monitor = PerformanceMonitor()

    assert (monitor.clock_offset_ns, monitor.clock_uncertainty_ns) == (None, None)


@pytest.mark.parametrize("offset_ms", [-3_600_000, -40, 0, 40, 3_000])
def test_an_even_round_trip_tells_the_offset_exactly(offset_ms):
    monitor = PerformanceMonitor()
    monitor.pong(pong(80, offset_ms))

    assert monitor.clock_offset_ns == offset_ms * MS
    assert monitor.clock_uncertainty_ns == 40 * MS


@pytest.mark.parametrize("outward", [0.0, 0.2, 0.9, 1.0])
def test_the_true_offset_lies_within_the_uncertainty_however_uneven_the_way(outward):
    monitor = PerformanceMonitor()
    monitor.pong(pong(100, 250, outward=outward, served_ms=20))

    assert abs(monitor.clock_offset_ns - 250 * MS) <= monitor.clock_uncertainty_ns == 40 * MS


def test_the_shortest_round_trip_of_the_last_ones_is_believed():
    monitor = PerformanceMonitor()
    monitor.pong(pong(10, 500))
    monitor.pong(pong(400, 900, outward=1.0))
    assert monitor.clock_offset_ns == 500 * MS

    for _ in range(OFFSET_SAMPLES):
        monitor.pong(pong(100, 700))

    assert monitor.clock_offset_ns == 700 * MS


def test_times_that_contradict_the_round_trip_make_no_negative_uncertainty():
    monitor = PerformanceMonitor()
    monitor.pong(pong(10, 0, served_ms=5_000))

    assert monitor.clock_uncertainty_ns == 0


def test_the_round_trip_is_counted():
    monitor = PerformanceMonitor()
    monitor.pong(pong(80, 0))

    assert (monitor.ws_rtt.count, monitor.ws_rtt.maximum) == (1, 80 * MS)


def test_the_rate_is_that_of_the_last_five_seconds():
    monitor = PerformanceMonitor()
    for second in range(20):
        ticked(monitor, second * NS)
        monitor.messages += 100 if second < 10 else 7

    assert monitor.messages_per_s == pytest.approx(7)


def test_one_look_tells_no_rate_and_a_long_pause_tells_its_own():
    monitor = PerformanceMonitor()
    ticked(monitor, 5 * NS)
    assert monitor.messages_per_s == 0

    monitor.messages += 600
    ticked(monitor, 65 * NS)

    assert monitor.messages_per_s == pytest.approx(10)


def test_a_tick_keeps_the_figures_and_tells_observers():
    monitor, told = PerformanceMonitor(), []
    monitor.observe(told.append)
    ticked(monitor, NS)
    monitor.flush()

    assert (monitor.queue_size, monitor.rss_bytes, monitor.cpu_percent) == (3, 4096, 12.5)
    assert told == [frozenset({"tick"})]
