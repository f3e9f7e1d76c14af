import asyncio
from decimal import Decimal

import pytest

from core.app.history import SERIES_KEPT, CandleHistory, HistoryState
from core.domain.errors import NotSent
from core.domain.ids import Symbol
from core.domain.market import Candle
from core.processing.market_stores import CandleStore

BTC = Symbol("BTC/USD")


def candle(minute, interval=1):
    one = Decimal(1)
    return Candle(
        symbol=BTC,
        interval=interval,
        begin=minute * 60 * 10**9,
        open=one,
        high=one,
        low=one,
        close=one,
        vwap=one,
        volume=one,
        trades=1,
    )


class Desk:
    """A history whose source answers when told to."""

    def __init__(self):
        self.asked, self.failure, self.tasks = [], None, []
        self.answer = asyncio.Event()
        self.answer.set()
        self.store = CandleStore()
        self.watched = set()
        self.history = CandleHistory(self, self.store, self.spawn, lambda *key: key in self.watched)

    async def candles(self, symbol, interval):
        self.asked.append((symbol, interval))
        await self.answer.wait()
        if self.failure is not None:
            raise self.failure
        return [candle(1, interval), candle(2, interval)]

    def spawn(self, work, name):
        self.tasks.append(asyncio.create_task(work, name=name))

    async def done(self):
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
def desk():
    return Desk()


async def test_a_series_wanted_by_many_is_loaded_once(desk):
    for _ in range(3):
        desk.history.want(BTC, 1)
    await desk.done()
    desk.history.want(BTC, 1)
    await desk.done()

    assert desk.asked == [(BTC, 1)]
    assert len(desk.store.series(BTC, 1)) == 2


async def test_each_interval_is_a_series_of_its_own(desk):
    desk.history.want(BTC, 1)
    desk.history.want(BTC, 60)
    await desk.done()

    assert sorted(desk.asked) == [(BTC, 1), (BTC, 60)]


async def test_a_hole_loads_again_what_is_there_but_never_twice_at_once(desk):
    desk.history.want(BTC, 1)
    await desk.done()
    desk.answer.clear()
    desk.history.refetch(BTC, 1)
    desk.history.refetch(BTC, 1)
    desk.answer.set()
    await desk.done()

    assert len(desk.asked) == 2


async def test_after_a_lost_line_a_series_is_loaded_when_next_wanted(desk):
    desk.history.want(BTC, 1)
    await desk.done()
    desk.history.forget()
    assert len(desk.asked) == 1

    desk.history.want(BTC, 1)
    await desk.done()

    assert len(desk.asked) == 2


async def test_a_failure_is_logged_and_the_series_can_be_wanted_again(desk, expect_logs):
    expect_logs("core.app.history", "history failed symbol=BTC/USD interval=1 reason=breaker open")
    desk.failure = NotSent("breaker open")
    desk.history.want(BTC, 1)
    await desk.done()
    desk.failure = None

    desk.history.want(BTC, 1)
    await desk.done()

    assert len(desk.asked) == 2
    assert len(desk.store.series(BTC, 1)) == 2


async def test_an_interrupted_load_can_be_wanted_again(desk):
    desk.answer.clear()
    desk.history.want(BTC, 1)
    await asyncio.sleep(0)
    desk.tasks[0].cancel()
    await desk.done()
    desk.answer.set()

    desk.history.want(BTC, 1)
    await desk.done()

    assert len(desk.store.series(BTC, 1)) == 2


async def test_the_state_tells_what_a_chart_may_say_of_the_past(desk, expect_logs):
    expect_logs("core.app.history", "history failed symbol=BTC/USD interval=1 reason=breaker open")
    assert desk.history.state(BTC, 1) is HistoryState.UNASKED
    desk.failure = NotSent("breaker open")
    desk.answer.clear()
    desk.history.want(BTC, 1)
    assert desk.history.state(BTC, 1) is HistoryState.LOADING
    desk.answer.set()
    await desk.done()
    assert desk.history.state(BTC, 1) is HistoryState.FAILED
    assert desk.history.failure(BTC, 1) == NotSent.user_message
    assert desk.store.is_dirty
    desk.failure = None

    desk.history.want(BTC, 1)
    await desk.done()

    assert desk.history.state(BTC, 1) is HistoryState.COMPLETE
    assert desk.history.failure(BTC, 1) == ""


async def test_of_series_nobody_looks_at_the_latest_are_kept_and_others_are_loaded_again(desk):
    desk.watched = {(BTC, 1)}
    desk.history.want(BTC, 1)
    desk.history.want(BTC, 60, stays=True)
    for interval in range(100, 100 + SERIES_KEPT + 3):
        desk.history.want(BTC, interval)
        await desk.done()

    kept = {interval for interval in range(200) if desk.store.series(BTC, interval)}
    assert kept == {1, 60, *range(103, 100 + SERIES_KEPT + 3)}
    assert desk.history.state(BTC, 100) is HistoryState.UNASKED
    before = len(desk.asked)
    desk.history.want(BTC, 100)
    await desk.done()
    assert len(desk.asked) == before + 1
    assert desk.store.series(BTC, 100)


def test_a_dropped_series_is_told_and_drawn_anew():
    store, told = CandleStore(), []
    store.observe(told.append)
    store.add_history([candle(1), candle(2)])
    store.flush()
    version = store.version(BTC, 1)

    store.drop(BTC, 1)
    store.flush()

    assert told[-1] == {(BTC, 1)}
    assert list(store.series(BTC, 1)) == []
    assert store.version(BTC, 1) > version
