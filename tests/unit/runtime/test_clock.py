import pytest

from core.runtime.clock import NS_PER_MS, NS_PER_S, Clock, ManualClock, SystemClock


def test_manual_clock_stands_still_until_it_is_moved():
    clock = ManualClock()

    assert (clock.wall_ns(), clock.mono_ns()) == (clock.wall_ns(), clock.mono_ns())


def test_manual_clock_moves_both_times_by_the_same_step():
    clock = ManualClock(wall_ns=100, mono_ns=7)

    clock.advance(3, ms=2, s=1)

    step = 3 + 2 * NS_PER_MS + NS_PER_S
    assert (clock.wall_ns(), clock.mono_ns()) == (100 + step, 7 + step)


def test_manual_clock_refuses_to_run_backwards():
    clock = ManualClock(wall_ns=100, mono_ns=7)

    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)

    assert (clock.wall_ns(), clock.mono_ns()) == (100, 7)


def test_setting_the_wall_clock_leaves_the_monotonic_one_alone():
    clock = ManualClock(wall_ns=100, mono_ns=7)

    clock.set_wall_ns(5)

    assert (clock.wall_ns(), clock.mono_ns()) == (5, 7)


def test_system_clock_counts_nanoseconds_and_never_goes_back():
    clock: Clock = SystemClock()

    readings = [clock.mono_ns() for _ in range(1000)]

    assert readings == sorted(readings)
    assert clock.wall_ns() > 1_700_000_000 * NS_PER_S
