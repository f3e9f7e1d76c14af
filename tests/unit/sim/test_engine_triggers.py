"""Stops, take-profits and trailing stops: when they wake and what they become."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.sim.model import AmendSpec, Reject, TriggerSpec
from tests.helpers.sim_engine import Bench


@pytest.fixture
def bench() -> Bench:
    """An engine whose last price is 60000, with depth on both sides."""
    bench = Bench()
    print_at(bench, "60000.0")
    return bench


def print_at(bench: Bench, price: str) -> None:
    """Make one trade at a price, leaving the book as it was."""
    bench.add("ann", "sell", "0.001", price)
    bench.add("bob", "buy", "0.001", price)


def test_a_stop_loss_sells_at_market_when_the_price_falls_to_it(bench: Bench) -> None:
    stop = bench.add("bob", "sell", "1", None, order_type="stop-loss", trigger="59000.0")
    print_at(bench, "59000.1")
    assert stop.is_open
    bench.add("ann", "buy", "5", "58900.0")

    print_at(bench, "59000.0")

    assert (stop.status, stop.triggered, stop.avg_price) == ("filled", True, Decimal("58900.0"))


def test_an_untriggered_stop_is_open_and_held_but_not_in_the_book(bench: Bench) -> None:
    bench.add("bob", "sell", "1", None, order_type="stop-loss", trigger="59000.0")

    assert bench.engine.book("BTC/USD", 10) == ([], [])
    assert bench.engine.holds("bob") == {"BTC": 1}


def test_a_stop_limit_rests_at_its_limit_when_woken(bench: Bench) -> None:
    order = bench.add("bob", "sell", "1", "59500.0", order_type="stop-loss-limit", trigger="59000.0")

    print_at(bench, "58990.0")

    assert (order.status, order.triggered) == ("new", True)
    assert bench.engine.level_qty("BTC/USD", "sell", Decimal("59500.0")) == 1


def test_a_take_profit_waits_for_the_favourable_side(bench: Bench) -> None:
    sells = bench.add("bob", "sell", "1", "60900.0", order_type="take-profit-limit", trigger="61000.0")
    buys = bench.add("bob", "buy", "1", "59100.0", order_type="take-profit-limit", trigger="59000.0")

    print_at(bench, "61000.0")

    assert (sells.triggered, buys.triggered) == (True, False)


def test_a_percent_trigger_is_counted_from_the_current_price(bench: Bench) -> None:
    order = bench.add(
        "bob", "sell", "1", None, order_type="stop-loss", trigger=TriggerSpec(Decimal(-2), "last", "pct")
    )

    assert order.trigger_price == Decimal("58800.0")


def test_a_trailing_stop_follows_the_peak_and_never_back(bench: Bench) -> None:
    trigger = TriggerSpec(Decimal(500), "last", "quote")
    order = bench.add("bob", "sell", "1", None, order_type="trailing-stop", trigger=trigger)
    assert order.trigger_price == 59500

    print_at(bench, "61000.0")
    print_at(bench, "60800.0")
    assert (order.trigger_price, order.peak_price, order.is_open) == (60500, 61000, True)
    bench.add("ann", "buy", "5", "60400.0")
    print_at(bench, "60500.0")

    assert order.status == "filled"


def test_a_trailing_stop_limit_hangs_its_limit_on_the_trigger(bench: Bench) -> None:
    trigger = TriggerSpec(Decimal(1), "last", "pct")
    order = bench.add("bob", "buy", "1", "100", order_type="trailing-stop-limit", trigger=trigger)

    assert (order.trigger_price, order.limit_price) == (Decimal("60600.0"), Decimal("60700.0"))


def test_one_stop_may_wake_the_next(bench: Bench) -> None:
    bench.add("ann", "buy", "1", "58000.0")
    bench.add("ann", "buy", "1", "57000.0")
    first = bench.add("bob", "sell", "1", None, order_type="stop-loss", trigger="59000.0")
    second = bench.add("bob", "sell", "1", None, order_type="stop-loss", trigger="58000.0")

    print_at(bench, "59000.0")

    assert (first.status, first.avg_price) == ("filled", 58000)
    assert (second.status, second.avg_price) == ("filled", 57000)


def test_the_index_is_only_watched_where_there_is_one(bench: Bench) -> None:
    with pytest.raises(Reject, match="Index unavailable"):
        bench.add(
            "bob",
            "sell",
            "100",
            None,
            symbol="USDT/USD",
            order_type="stop-loss",
            trigger=TriggerSpec(Decimal("0.99"), "index"),
        )


def test_an_index_stop_wakes_when_the_middle_of_the_book_falls(bench: Bench) -> None:
    bench.add("ann", "buy", "5", "59900.0")
    bench.add("ann", "sell", "5", "60100.0")
    stop = bench.add(
        "bob",
        "sell",
        "1",
        None,
        order_type="stop-loss",
        trigger=TriggerSpec(Decimal("59950.0"), "index"),
    )
    bench.wait(1)
    assert stop.is_open

    bench.add("ann", "sell", "1", "59920.0")
    bench.wait(1)

    assert stop.status == "filled"


def test_an_amended_trigger_that_is_already_reached_fires(bench: Bench) -> None:
    bench.add("ann", "buy", "5", "58900.0")
    stop = bench.add("bob", "sell", "1", None, order_type="stop-loss", trigger="59000.0")

    bench.engine.amend("bob", AmendSpec(order_id=stop.order_id, trigger_price=Decimal("60000.0")))

    assert stop.status == "filled"


def test_a_woken_market_buy_without_funds_is_cancelled_with_the_reason(bench: Bench) -> None:
    stop = bench.add("eve", "buy", "0.015", None, order_type="stop-loss", trigger="62000.0")
    bench.add("ann", "sell", "5", "90000.0")

    print_at(bench, "62000.0")

    assert (stop.status, stop.reason) == ("canceled", "Insufficient funds")
