"""Ten seconds a slot, made by comparing histograms; and the parts of an answer's way."""

import pytest

from core.domain.events import PongEvent
from core.domain.health import Line
from core.processing.histogram import Histogram
from core.processing.performance import PerformanceMonitor
from core.processing.recent_latency import SLOT_NS, SLOTS, RecentLatency, Slot

MS = 1_000_000
WALL = 1_700_000_000_000_000_000


@pytest.fixture
def histogram():
    return Histogram()


def test_a_slot_has_the_samples_of_its_ten_seconds_alone(histogram):
    recent = RecentLatency({"feed": histogram})
    recent.tick(0)
    for _ in range(99):
        histogram.add(2 * MS)
    histogram.add(500 * MS)
    recent.tick(SLOT_NS)
    histogram.add(40 * MS)
    recent.tick(SLOT_NS + 1)
    recent.tick(2 * SLOT_NS)
    recent.tick(3 * SLOT_NS)

    first, second, third = recent.slots["feed"]
    assert first.samples == 100
    assert 2 * MS <= first.p50 == first.p99 <= 2.3 * MS
    assert second.samples == 1
    assert 40 * MS <= second.p50 <= 45 * MS
    assert third == Slot(0, 0, 0)


def test_a_pause_leaves_empty_slots_and_the_bound_holds(histogram):
    recent = RecentLatency({"feed": histogram})
    recent.tick(0)
    histogram.add(MS)
    recent.tick(5 * SLOT_NS)
    assert [slot.samples for slot in recent.slots["feed"]] == [1, 0, 0, 0, 0]

    recent.tick(10_000 * SLOT_NS)
    assert len(recent.slots["feed"]) == SLOTS


@pytest.mark.parametrize("offset", [0, 2_000 * MS, -3_600_000 * MS])
def test_an_answer_is_split_by_the_exchanges_stamps_whatever_its_clock_says(offset):
    performance = PerformanceMonitor()
    at = WALL + offset
    performance.pong(PongEvent(Line.PRIVATE, 20 * MS, at - 10 * MS, at - 10 * MS, WALL))

    # Sent 60 ms before it came back: 10 up, 35 inside, 15 down.
    performance.answered(60 * MS, at - 50 * MS, at - 15 * MS, WALL)

    for histogram, ms in ((performance.uplink, 10), (performance.engine, 35), (performance.downlink, 15)):
        assert histogram.maximum == ms * MS
    assert performance.order_to_ack.maximum == 60 * MS
    assert performance.split_error_ns == 10 * MS


def test_the_split_is_as_uncertain_as_its_worst_sample():
    performance = PerformanceMonitor()
    performance.pong(PongEvent(Line.PRIVATE, 20 * MS, WALL - 10 * MS, WALL - 10 * MS, WALL))
    performance.answered(60 * MS, WALL - 50 * MS, WALL - 15 * MS, WALL)
    performance.pong(PongEvent(Line.PRIVATE, 2 * MS, WALL - MS, WALL - MS, WALL))
    performance.answered(60 * MS, WALL - 50 * MS, WALL - 15 * MS, WALL)

    assert performance.clock_uncertainty_ns == MS
    assert performance.split_error_ns == 10 * MS


def test_without_a_clock_or_stamps_nothing_is_made_up():
    performance = PerformanceMonitor()
    performance.answered(60 * MS, WALL, WALL + 35 * MS, WALL)
    performance.answered(60 * MS, 0, 0, WALL)

    assert performance.order_to_ack.count == 2
    assert performance.engine.count == 1
    assert performance.uplink.count == performance.downlink.count == 0
