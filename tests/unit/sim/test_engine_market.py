"""The seeded market: repeatable, never crossed, honest to clients' orders, and unharmed by long pauses."""

from __future__ import annotations

import hashlib
import statistics
from decimal import Decimal

from core.sim.model import PublicTrade
from tests.helpers.sim_engine import Bench, spec


def trace(bench: Bench, steps: int, step_s: float) -> str:
    digest = hashlib.sha256()
    bench.engine.listeners.trade.append(lambda trade: digest.update(repr(trade).encode()))
    bench.engine.listeners.book.append(lambda *change: digest.update(repr(change).encode()))
    for _ in range(steps):
        bench.wait(step_s)
    return digest.hexdigest()


def test_the_same_seed_and_times_give_the_same_trace() -> None:
    first, again, other = (trace(Bench(market=True, seed=seed), 100, 0.1) for seed in (5, 5, 6))

    assert first == again
    assert first != other


def test_the_trace_does_not_depend_on_how_often_the_engine_is_asked() -> None:
    assert trace(Bench(market=True), 40, 0.05) == trace(Bench(market=True), 10, 0.2)


def test_books_are_never_crossed_nor_empty_and_the_leaders_is_deep() -> None:
    bench = Bench(market=True)

    for _ in range(300):
        bench.wait(0.2)
        for symbol in bench.engine.pairs:
            bids, asks = bench.engine.book(symbol, 1)
            assert bids[0][0] < asks[0][0], symbol

    assert [len(side) for side in bench.engine.book("BTC/USD", 1000)] == [1000, 1000]
    assert all(len(side) >= 100 for side in bench.engine.book("ETH/USD", 500))


def test_the_level_3_queues_add_up_to_the_book() -> None:
    bench = Bench(market=True)
    bench.wait(3)

    for level2, level3 in zip(
        bench.engine.book("ETH/USD", 50), bench.engine.level3("ETH/USD", 50), strict=True
    ):
        assert [(price, sum(qty for _, qty, _ in queue)) for price, queue in level3] == level2


def test_every_queue_is_in_order_of_its_timestamps() -> None:
    bench = Bench(market=True)
    best = bench.engine.book("ETH/USD", 1)[0][0][0]
    for step in range(40):
        bench.add("ann", "buy", "0.01", str(best - Decimal("0.01") * (step % 20)), symbol="ETH/USD")
        bench.wait(0.3)

    for side in bench.engine.level3("ETH/USD", 200):
        for _, queue in side:
            times = [ts_ns for _, _, ts_ns in queue]
            assert times == sorted(times)


def test_crosses_stay_close_to_their_legs() -> None:
    bench = Bench(market=True)

    for _ in range(200):
        bench.wait(0.5)

    middle = {
        symbol: sum(side[0][0] for side in bench.engine.book(symbol, 1)) / 2 for symbol in bench.engine.pairs
    }
    assert abs(middle["ETH/USD"] / middle["BTC/USD"] / middle["ETH/BTC"] - 1) < Decimal("0.0008")
    assert abs(middle["BTC/USD"] / middle["EUR/USD"] / middle["BTC/EUR"] - 1) < Decimal("0.0005")


def test_a_clients_order_at_the_touch_is_filled_by_the_crowd() -> None:
    bench = Bench(market=True)
    bids, _ = bench.engine.book("BTC/USD", 1)
    order = bench.add("ann", "buy", "0.05", str(bids[0][0]))

    for _ in range(2400):
        bench.wait(0.5)
        if not order.is_open:
            break

    assert order.status == "filled"
    assert bench.engine.fills("ann")[0].liquidity == "m"
    assert bench.engine.totals("USD") == 20_001_000


def test_the_quiet_pair_is_quiet_and_the_leader_is_lively() -> None:
    bench = Bench(market=True)
    changes: dict[str, int] = dict.fromkeys(bench.engine.pairs, 0)

    def count(symbol: str, side: str, price: Decimal) -> None:
        changes[symbol] += 1

    bench.engine.listeners.book.append(count)
    for _ in range(240):
        bench.wait(0.5)

    assert changes["BTC/USD"] / 120 > 15
    assert changes["MLN/USD"] / 120 < 0.3


def test_after_an_hours_pause_the_present_is_reached_in_a_few_steps() -> None:
    bench = Bench(market=True)
    bench.wait(1)
    before = bench.engine.candles("BTC/USD", 1)[-1]
    order = bench.add("ann", "buy", "0.05", "64000.0")

    bench.wait(3600)
    for _ in range(10):
        bench.wait(0.05)

    assert bench.engine.market is not None
    assert bench.engine.market.events < 2_000
    minutes = [before.begin_ns + index * 60 * 10**9 for index in range(1, 60)]
    gap = [one for one in bench.engine.candles("BTC/USD", 1) if before.begin_ns < one.begin_ns <= minutes[-1]]
    assert [one.begin_ns for one in gap] == minutes
    bids, asks = bench.engine.book("BTC/USD", 1)
    assert bids[0][0] < asks[0][0]
    assert order.is_open == (min(one.low for one in gap) > 64000)


def test_a_clock_that_steps_back_does_no_harm() -> None:
    bench = Bench(market=True)
    bench.wait(2)

    bench.wait(-1)
    bench.wait(3)

    bids, asks = bench.engine.book("BTC/USD", 1)
    assert bids[0][0] < asks[0][0]


def test_a_storm_brings_its_messages_within_seconds() -> None:
    bench = Bench(market=True)
    heard: list[str] = []
    bench.engine.listeners.book.append(lambda symbol, side, price: heard.append(symbol))

    bench.engine.burst("SOL/USD", 3000)
    for _ in range(60):
        bench.wait(0.05)

    assert heard.count("SOL/USD") > 2500


def test_speed_multiplies_the_events() -> None:
    slow, fast = Bench(market=True), Bench(market=True, speed=4.0)
    for _ in range(200):
        slow.wait(0.1)
        fast.wait(0.1)

    assert slow.engine.market is not None
    assert fast.engine.market is not None
    assert 2.5 < fast.engine.market.events / slow.engine.market.events < 6


def test_a_market_without_matching_prints_no_trades() -> None:
    bench = Bench(market=True)
    trades: list[PublicTrade] = []
    bench.engine.listeners.trade.append(trades.append)

    for mode in ("post_only", "cancel_only", "maintenance"):
        bench.engine.set_status(mode)
        for _ in range(20):
            bench.wait(0.2)

    assert trades == []


def test_activity_comes_in_clusters() -> None:
    bench = Bench(market=True)
    per_second: list[int] = [0]

    def count(symbol: str, side: str, price: Decimal) -> None:
        per_second[-1] += symbol == "ETH/USD"

    bench.engine.listeners.book.append(count)
    for _ in range(300):
        bench.wait(1)
        per_second.append(0)

    # A Poisson stream would have a variance equal to its mean.
    assert statistics.pvariance(per_second) > 3 * statistics.mean(per_second)


def test_a_validated_order_at_the_live_price_is_accepted() -> None:
    bench = Bench(market=True)

    assert bench.engine.add("ann", spec("buy", "0.01"), validate=True) is None
