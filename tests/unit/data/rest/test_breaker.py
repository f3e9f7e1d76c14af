from random import Random

import pytest

from core.data.rest.breaker import Breaker, BreakerState
from core.runtime.clock import NS_PER_S


@pytest.fixture
def breaker():
    return Breaker(Random(1))


def opened(breaker, now=0):
    for _ in range(5):
        breaker.failed(now)
    return breaker


def test_five_failures_in_twenty_seconds_open_it(breaker):
    for n in range(4):
        breaker.failed(n * NS_PER_S)
    assert breaker.state(4 * NS_PER_S) is BreakerState.CLOSED

    breaker.failed(5 * NS_PER_S)

    assert breaker.state(5 * NS_PER_S) is BreakerState.OPEN


def test_old_failures_are_forgotten(breaker):
    for n in range(8):
        breaker.failed(n * 6 * NS_PER_S)

    assert breaker.state(48 * NS_PER_S) is BreakerState.CLOSED


def test_it_stays_open_ten_seconds_give_or_take_a_fifth(breaker):
    opened(breaker)

    assert 8 * NS_PER_S <= breaker.wait_ns(0) <= 12 * NS_PER_S
    assert breaker.state(13 * NS_PER_S) is BreakerState.HALF_OPEN


def test_two_successes_close_it(breaker):
    opened(breaker)

    breaker.succeeded(13 * NS_PER_S)
    assert breaker.state(13 * NS_PER_S) is BreakerState.HALF_OPEN
    breaker.succeeded(14 * NS_PER_S)

    assert breaker.state(14 * NS_PER_S) is BreakerState.CLOSED


def test_each_failed_probe_doubles_the_pause_up_to_two_minutes(breaker):
    opened(breaker)
    now, pauses = 0, []

    for _ in range(8):
        now += breaker.wait_ns(now) + 1
        breaker.failed(now)
        pauses.append(breaker.wait_ns(now) / NS_PER_S)

    assert 16 <= pauses[0] <= 24
    assert all(96 <= pause <= 144 for pause in pauses[4:])
