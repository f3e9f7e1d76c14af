import asyncio
import time
from random import Random
from types import SimpleNamespace

import pytest

from core.app.health_watch import HealthWatch, rss_bytes
from core.data.rest.breaker import Breaker
from core.data.ws.inbox import BOUND
from core.domain.health import ConnectionState, Line, LineStatus
from core.processing.health_store import HealthLevel
from core.runtime.clock import ManualClock
from tests.helpers.account import PAIR, good_stores
from tests.helpers.instruments import instrument
from tests.helpers.waiting import eventually


class FakeLines:
    """Two lines in good health and an inbox of any size."""

    lines = (Line.PUBLIC, Line.PRIVATE)

    def __init__(self):
        self.state = ConnectionState.LIVE
        self.inbox = SimpleNamespace(size=0)
        self.reconnected = []
        self.behind = 0

    def reconnect(self, line):
        self.reconnected.append(line)

    def behind_ns(self, now):
        return self.behind

    def status(self, line):
        return LineStatus(line=line, state=self.state, last_frame=1)


class Desk:
    def __init__(self):
        self.clock, self.stores, self.lines = ManualClock(), good_stores(), FakeLines()
        self.breakers = {name: Breaker(Random(1)) for name in ("trade", "query", "public")}
        rest = SimpleNamespace(transport=SimpleNamespace(breakers=self.breakers))
        self.watch = HealthWatch(self.stores, self.lines, rest, self.clock)

    def look(self):
        self.watch.look()
        return self.stores.health.shown


@pytest.fixture
def desk():
    return Desk()


def test_with_everything_well_it_is_safe(desk):
    assert desk.look().level is HealthLevel.SAFE
    assert desk.stores.health.rest == "ok"


def test_lines_are_taken_over_at_each_look(desk):
    desk.look()
    desk.lines.state = ConnectionState.STALE

    assert desk.look().level is HealthLevel.BLIND
    assert desk.stores.health.line(Line.PRIVATE).state is ConnectionState.STALE


def test_one_open_breaker_means_that_rest_is_down_and_a_half_open_one_that_it_is_limited(desk):
    for _ in range(5):
        desk.breakers["query"].failed(desk.clock.mono_ns())
    assert (desk.look().level, desk.stores.health.rest) == (HealthLevel.DEGRADED, "down")

    desk.clock.advance(ns=desk.breakers["query"].wait_ns(desk.clock.mono_ns()))
    desk.look()

    assert desk.stores.health.rest == "limited"


def test_a_book_that_is_not_live_is_named(desk):
    desk.stores.books.expect(PAIR, 10, instrument(PAIR))

    assert PAIR in desk.look().cause


def test_a_filling_inbox_is_told(desk):
    desk.lines.inbox.size = BOUND * 3 // 4

    assert "75% full" in desk.look().cause


def test_l10_how_long_messages_have_waited_here_is_known(desk):
    desk.lines.behind = 1_200_000_000

    desk.look()

    assert desk.stores.performance.behind_ns == 1_200_000_000


def test_an_unknown_clock_leaves_cancels_only(desk):
    desk.stores.performance.clock_offset_ns = None

    assert desk.look().level is HealthLevel.REDUCE_ONLY


def test_figures_of_the_process_are_taken_once_a_second(desk):
    desk.look()
    desk.lines.inbox.size = 9
    desk.clock.advance(ms=999)
    desk.look()
    assert desk.stores.performance.queue_size == 0

    desk.clock.advance(ms=1)
    desk.look()

    assert desk.stores.performance.queue_size == 9
    assert desk.stores.performance.rss_bytes > 1_000_000
    assert desk.stores.performance.cpu_percent >= 0


async def test_the_loop_is_measured_while_it_watches(desk):
    task = asyncio.create_task(desk.watch.run(), name="health")
    await eventually(lambda: desk.stores.performance.loop_lag.count)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert desk.stores.health.shown.level is HealthLevel.SAFE


def test_the_memory_of_this_process_is_known():
    assert 1_000_000 < rss_bytes() < 2**40


def test_qp11_memory_is_what_the_process_holds_now(desk):
    desk.clock.advance(s=1)
    desk.look()
    before = desk.stores.performance.rss_bytes
    held = bytearray(b"x") * (64 << 20)
    desk.clock.advance(s=1)
    desk.look()

    assert desk.stores.performance.rss_bytes - before > 48 << 20
    assert len(held) == 64 << 20


def test_qp13_cpu_is_what_the_process_used_of_one_core():
    desk = Desk()
    desk.clock.advance(s=1)
    desk.look()
    used = time.process_time()
    while time.process_time() - used < 0.3:
        sum(range(1_000))
    desk.clock.advance(s=1)
    desk.look()

    assert 25 <= desk.stores.performance.cpu_percent <= 60


def test_qp10_the_queue_is_what_waits_in_the_inbox(desk):
    desk.lines.inbox.size = 123
    desk.clock.advance(s=1)
    desk.look()

    assert desk.stores.performance.queue_size == 123


def test_g1_a_program_that_stood_still_says_so_for_a_while(desk):
    desk.clock.advance(s=60)
    desk.stores.performance.stalled(3_100_000_000, desk.clock.mono_ns())

    assert desk.look().cause == "the program was frozen 3.1 s"
    desk.clock.advance(s=20)
    assert desk.look().level is HealthLevel.SAFE


@pytest.mark.parametrize("seconds", [7_200, -3_600])
def test_h3_h4_after_sleep_or_a_clock_that_was_set_nothing_is_believed(desk, seconds, expect_logs):
    desk.look()
    desk.clock.set_wall_ns(desk.clock.wall_ns() + seconds * 10**9)

    expect_logs("core.app.health_watch", "clock stepped")
    desk.look()

    assert desk.lines.reconnected == list(FakeLines.lines)
    assert desk.stores.books.view(PAIR).best_bid is None
    assert desk.stores.performance.clock_offset_ns is None
    assert desk.stores.health.events[-1].source == "clock"


def test_h4_clocks_that_go_on_together_are_left_alone(desk):
    for _ in range(100):
        desk.clock.advance(s=60)
        desk.look()

    assert desk.lines.reconnected == []
