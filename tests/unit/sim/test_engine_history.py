"""Seeded history: every interval, coherent with each other, with the trades and with the live price."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from core.sim.bars import INTERVALS
from tests.helpers.sim_engine import START_NS, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench(market=True, seed=3)


@pytest.mark.parametrize("interval", INTERVALS)
def test_every_interval_has_history_that_ends_at_the_live_price(bench: Bench, interval: int) -> None:
    candles = bench.engine.candles("BTC/USD", interval)

    last = bench.engine.ticker("BTC/USD").last
    assert candles[-1].close == last
    assert len(candles) == 720 if interval <= 1440 else len(candles) > 250
    width_ns = interval * 60 * 10**9
    assert all(later.begin_ns - one.begin_ns == width_ns for one, later in pairwise(candles))
    assert all(one.begin_ns % width_ns == 0 for one in candles)
    assert candles[-1].begin_ns <= START_NS < candles[-1].begin_ns + width_ns


@pytest.mark.parametrize("symbol", ["BTC/USD", "PEPE/USD", "MLN/USD", "USDT/USD", "ETH/BTC"])
def test_candles_are_well_formed(bench: Bench, symbol: str) -> None:
    for interval in INTERVALS:
        for one in bench.engine.candles(symbol, interval):
            assert one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high
            assert one.low <= one.vwap <= one.high
            assert one.low > 0
            assert one.count > 0
            assert one.volume > 0


def test_coarse_candles_are_sums_of_fine_ones(bench: Bench) -> None:
    fine = bench.engine.candles("ETH/USD", 1)
    coarse = bench.engine.candles("ETH/USD", 60)[-6]

    inside = [one for one in fine if coarse.begin_ns <= one.begin_ns < coarse.begin_ns + 3600 * 10**9]
    assert len(inside) == 60
    assert (coarse.open, coarse.close) == (inside[0].open, inside[-1].close)
    assert coarse.high == max(one.high for one in inside)
    assert coarse.volume == sum((one.volume for one in inside), Decimal(0))
    assert coarse.count == sum(one.count for one in inside)


def test_a_thousand_past_trades_agree_with_their_candles(bench: Bench) -> None:
    trades = bench.engine.trades("BTC/USD", 5000)
    candle = bench.engine.candles("BTC/USD", 1)[-3]

    assert len(trades) >= 1000
    assert [one.trade_id for one in trades] == list(range(trades[0].trade_id, trades[-1].trade_id + 1))
    assert all(one.ts_ns <= later.ts_ns for one, later in pairwise(trades))
    inside = [one for one in trades if candle.begin_ns <= one.ts_ns < candle.begin_ns + 60 * 10**9]
    assert len(inside) == candle.count
    assert sum((one.qty for one in inside), Decimal(0)) == candle.volume
    assert sum((one.qty * one.price for one in inside), Decimal(0)) == candle.turnover
    assert (inside[0].price, inside[-1].price) == (candle.open, candle.close)


def test_live_trades_continue_the_running_candle_whenever_it_is_asked_for() -> None:
    asked_early, asked_late = Bench(market=True), Bench(market=True)
    asked_early.engine.candles("BTC/USD", 5)

    for bench in (asked_early, asked_late):
        for _ in range(100):
            bench.wait(1)

    assert asked_early.engine.candles("BTC/USD", 5) == asked_late.engine.candles("BTC/USD", 5)
    assert asked_late.engine.running_candle("BTC/USD", 1) == asked_late.engine.candles("BTC/USD", 1)[-1]


def test_the_ticker_agrees_with_a_day_of_candles(bench: Bench) -> None:
    day = [one for one in bench.engine.candles("BTC/USD", 5) if one.begin_ns > START_NS - 86_400 * 10**9]
    ticker = bench.engine.ticker("BTC/USD")

    assert ticker.volume == sum((one.volume for one in day), Decimal(0))
    assert (ticker.high, ticker.low) == (max(one.high for one in day), min(one.low for one in day))
    assert ticker.change == ticker.last - day[0].open
    assert ticker.trades == sum(one.count for one in day)
    assert ticker.volume_today < ticker.volume


def test_an_engine_without_a_market_has_no_history_but_answers() -> None:
    bench = Bench()

    assert bench.engine.candles("BTC/USD", 1) == []
    assert bench.engine.trades("BTC/USD", 10) == []
    assert bench.engine.ticker("BTC/USD").volume == 0
    assert bench.engine.running_candle("BTC/USD", 1) is None
