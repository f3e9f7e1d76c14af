import time

import pytest
from PySide6.QtCore import QCoreApplication

from core.domain.ids import Symbol
from core.processing.stores import Stores
from gui.frame_clock import BUDGET_NS, CALM_FRAMES, FRAME_MS, MEAN_OF, SLOW_FRAME_MS, FrameClock

BTC = Symbol("BTC/USD")


@pytest.fixture
def stores():
    return Stores.create()


@pytest.fixture
def clock(qtbot, stores):
    made = FrameClock(stores)
    yield made
    made.stop()


def change(stores):
    stores.tickers.touch(BTC)


def frame(clock, stores, qtbot):
    """A frame with a change, painting included."""
    before = stores.performance.frame_cost.count
    change(stores)
    clock.frame()
    qtbot.waitUntil(lambda: stores.performance.frame_cost.count > before)


def test_a_frame_tells_views_what_changed_and_measures_what_it_costs(clock, stores, qtbot):
    told = []
    stores.tickers.observe(told.append)
    frame(clock, stores, qtbot)

    assert (told, clock.frames) == ([frozenset({BTC})], 1)


def test_a_frame_without_changes_costs_nothing(clock, stores):
    clock.frame()

    assert (clock.frames, stores.performance.frame_interval.count) == (0, 0)


def test_the_interval_is_measured_between_frames_that_follow_each_other(clock, stores, qtbot):
    frame(clock, stores, qtbot)
    frame(clock, stores, qtbot)
    assert stores.performance.frame_interval.count == 1

    clock.frame()
    frame(clock, stores, qtbot)

    assert stores.performance.frame_interval.count == 1


def test_while_it_runs_changes_are_shown_without_being_asked_for(clock, stores, qtbot):
    told = []
    stores.tickers.observe(told.append)
    clock.start()
    change(stores)

    qtbot.waitUntil(lambda: bool(told))


def test_slow_frames_halve_the_rate_until_thirty_were_calm(clock, stores, qtbot):
    clock.start()
    stop = stores.tickers.observe(lambda _: time.sleep(2 * BUDGET_NS / 1e9))
    frame(clock, stores, qtbot)
    assert (clock.interval_ms, clock.slow_frames > 0) == (FRAME_MS, True)  # one alone is no reason

    for _ in range(2 * MEAN_OF):
        frame(clock, stores, qtbot)
    assert clock.interval_ms == SLOW_FRAME_MS

    stop()
    calm = 0
    while clock.interval_ms == SLOW_FRAME_MS and calm < 20 * CALM_FRAMES:
        frame(clock, stores, qtbot)
        calm += 1

    assert clock.interval_ms == FRAME_MS
    assert calm >= CALM_FRAMES


def test_a_nudge_after_a_quiet_time_makes_a_frame_at_once(clock, stores):
    clock.start()
    change(stores)
    clock.nudge()
    QCoreApplication.processEvents()

    assert clock.frames == 1


def test_a_thousand_nudges_make_one_frame(clock, stores):
    clock.start()
    for _ in range(1000):
        clock.nudge()

    assert clock.frames == 0


def test_a_stopped_clock_is_not_nudged(clock, stores):
    change(stores)
    clock.nudge()
    QCoreApplication.processEvents()

    assert clock.frames == 0


def test_a_clock_stopped_with_a_nudge_under_way_can_be_nudged_again(clock, stores, qtbot):
    clock.start()
    clock.nudge()
    clock.stop()
    assert not clock._nudge.isActive()

    clock.start()
    clock.nudge()

    assert clock._nudge.isActive()


def test_an_observer_that_raises_does_not_stop_the_clock(clock, stores, qtbot, expect_logs):
    expect_logs("core.processing.store", "observer failed")
    stores.tickers.observe(lambda _: 1 / 0)
    frame(clock, stores, qtbot)
    frame(clock, stores, qtbot)

    assert clock.frames == 2


def test_ages_tick_once_a_second(clock, qtbot):
    with qtbot.waitSignal(clock.second, timeout=3000):
        clock.start()
