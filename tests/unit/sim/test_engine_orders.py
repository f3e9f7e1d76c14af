"""Matching, reports and money: what happens to an order from acceptance to its end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.sim.model import ConditionalSpec, Reject
from tests.helpers.sim_engine import START_NS, Bench, spec

SECOND = 1_000_000_000


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_resting_order_shows_in_the_book_with_exact_decimals(bench: Bench) -> None:
    bench.add("ann", "buy", "0.00012", "60000.1")

    bids, asks = bench.engine.book("BTC/USD", 10)

    assert [(format(price, "f"), format(qty, "f")) for price, qty in bids] == [("60000.1", "0.00012000")]
    assert asks == []


def test_price_then_time_decides_who_trades(bench: Bench) -> None:
    first = bench.add("ann", "sell", "1", "60010.0")
    second = bench.add("ann", "sell", "1", "60010.0")
    better = bench.add("ann", "sell", "1", "60005.0")

    bench.add("bob", "buy", "2.5", "60010.0")

    assert [better.cum_qty, first.cum_qty, second.cum_qty] == [1, 1, Decimal("0.5")]
    assert [format(fill.price, "f") for fill in reversed(bench.engine.fills("bob"))] == [
        "60005.0",
        "60010.0",
        "60010.0",
    ]


def test_the_completing_fill_says_partially_filled_and_a_filled_report_follows(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")

    bench.add("bob", "buy", "1", "60000.0")

    assert bench.words("bob") == ["pending_new", "new", "trade", "filled"]
    trade = next(report for report in bench.reports if report.exec_type == "trade")
    assert trade.order.status == "partially_filled"
    assert trade.order.cum_qty == 1


def test_both_sides_pay_their_fee_and_the_rest_arrives(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")

    bench.add("bob", "buy", "1", "60000.0")

    assert bench.engine.balances("bob")["USD"] == Decimal(10_000_000) - 60_000 - 240
    assert bench.engine.balances("bob")["BTC"] == 101
    assert bench.engine.balances("ann")["USD"] == Decimal(10_000_000) + 60_000 - 150
    assert bench.engine.totals("USD") == 2 * Decimal(10_000_000) + 1_000
    assert bench.engine.totals("BTC") == 200 + Decimal("0.01")


def test_a_fill_has_two_ledger_entries_that_share_its_id(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")
    bench.add("bob", "buy", "1", "60000.0")

    fill = bench.engine.fills("bob")[0]
    quote, base = bench.engine.ledger("bob")[:2]

    assert (base.ledger_id, quote.ledger_id) == fill.ledger_ids
    assert base.ref_id == quote.ref_id == fill.exec_id
    assert (quote.amount, quote.fee, base.amount, base.fee) == (-60_000, 240, 1, 0)


def test_fees_may_be_taken_from_the_base_asset(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")

    bench.add("bob", "buy", "1", "60000.0", fee_preference="base")

    assert bench.engine.balances("bob")["BTC"] == 101 - Decimal("0.004")
    assert bench.engine.fills("bob")[0].fee_asset == "BTC"


def test_fees_fall_with_the_volume_of_thirty_days(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")
    bench.add("bob", "buy", "1", "60000.0")

    assert bench.engine.fee_rates("bob", "BTC/USD") == (Decimal("0.0014"), Decimal("0.0024"))

    bench.wait(31 * 86_400)

    assert bench.engine.fee_rates("bob", "BTC/USD") == (Decimal("0.0025"), Decimal("0.0040"))


def test_holds_keep_a_buys_cost_with_its_worst_fee_and_a_sells_quantity(bench: Bench) -> None:
    bench.add("ann", "buy", "0.5", "60000.0")
    bench.add("ann", "sell", "2", "70000.0")

    assert bench.engine.holds("ann") == {"USD": 30_000 + 120, "BTC": 2}


def test_what_is_on_hold_cannot_be_spent_twice(bench: Bench) -> None:
    bench.add("eve", "buy", "0.01", "60000.0")

    with pytest.raises(Reject, match="EOrder:Insufficient funds"):
        bench.add("eve", "buy", "0.01", "60000.0")


def test_a_market_buy_needs_what_the_book_asks_with_the_fee(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "100000.0")

    with pytest.raises(Reject, match="EOrder:Insufficient funds"):
        bench.add("eve", "buy", "0.01")
    bench.add("eve", "buy", "0.0099")

    assert bench.engine.balances("eve")["USD"] == Decimal("6.0400")


def test_a_cash_order_spends_the_amount_and_no_more(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")

    order = bench.add("bob", "buy", None, cash_order_qty=Decimal(100))

    assert order.status == "filled"
    assert order.cum_qty == Decimal("0.00166666")
    assert order.cum_cost == Decimal("99.9996")


def test_a_market_order_in_an_empty_book_is_cancelled(bench: Bench) -> None:
    order = bench.add("ann", "sell", "1")

    assert (order.status, order.reason) == ("canceled", "Insufficient liquidity")


def test_a_post_only_order_that_would_take_is_cancelled_after_acceptance(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")

    bench.add("bob", "buy", "1", "60000.0", post_only=True)

    assert bench.words("bob") == ["pending_new", "new", "canceled"]
    assert bench.last("bob").reason == "Post only order"


def test_immediate_or_cancel_takes_what_is_there_and_expires(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")

    order = bench.add("bob", "buy", "3", "60000.0", time_in_force="ioc")

    assert (order.status, order.cum_qty) == ("expired", 1)
    assert bench.engine.book("BTC/USD", 10) == ([], [])


def test_fill_or_kill_takes_all_or_nothing_hidden_quantity_included(bench: Bench) -> None:
    bench.add("ann", "sell", "3", "60000.0", order_type="iceberg", display_qty=Decimal(1))

    killed = bench.add("bob", "buy", "4", "60000.0", time_in_force="fok")
    filled = bench.add("bob", "buy", "3", "60000.0", time_in_force="fok")

    assert (killed.status, killed.cum_qty, filled.status) == ("expired", 0, "filled")


def test_a_good_till_date_order_expires_on_time(bench: Bench) -> None:
    expire_ns = START_NS + 10 * SECOND
    order = bench.add("ann", "buy", "1", "50000.0", time_in_force="gtd", expire_ns=expire_ns)

    bench.wait(9)
    assert order.is_open
    bench.wait(2)

    assert order.status == "expired"
    assert bench.engine.holds("ann") == {}


def test_an_iceberg_shows_one_slice_and_refills_at_the_back_of_the_queue(bench: Bench) -> None:
    berg = bench.add("ann", "sell", "3", "60000.0", order_type="iceberg", display_qty=Decimal(1))
    plain = bench.add("ann", "sell", "1", "60000.0")

    bench.add("bob", "buy", "1", "60000.0")

    _, asks = bench.engine.level3("BTC/USD", 10)
    assert [(order_id, qty) for order_id, qty, _ in asks[0][1]] == [(plain.order_id, 1), (berg.order_id, 1)]
    assert "iceberg_refill" in bench.words("ann")
    assert bench.engine.level_qty("BTC/USD", "sell", Decimal("60000.0")) == 2


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("cancel_newest", "new", "expired"),
        ("cancel_oldest", "expired", "new"),
        ("cancel_both", "expired", "expired"),
    ],
)
def test_an_account_never_trades_with_itself(bench: Bench, kind: str, old: str, new: str) -> None:
    resting = bench.add("ann", "sell", "1", "60000.0")

    incoming = bench.add("ann", "buy", "1", "60000.0", stp_type=kind)

    assert (resting.status, incoming.status) == (old, new)
    assert bench.engine.fills("ann") == []


def test_each_fill_creates_its_own_conditional_close(bench: Bench) -> None:
    bench.add("ann", "sell", "1", "60000.0")
    bench.add("ann", "sell", "2", "60001.0")
    close = ConditionalSpec("stop-loss", trigger_price=Decimal("59000.0"))

    primary = bench.add("bob", "buy", "2", "60001.0", conditional=close)

    closes = bench.engine.open_orders("bob")
    assert [(order.order_qty, order.spec.side, order.ref_order_id) for order in closes] == [
        (1, "sell", primary.order_id),
        (1, "sell", primary.order_id),
    ]


def test_a_scheduled_order_starts_at_its_time(bench: Bench) -> None:
    order = bench.add("ann", "buy", "1", "60000.0", effective_ns=START_NS + 5 * SECOND)
    assert (order.status, bench.engine.book("BTC/USD", 1)[0]) == ("pending_new", [])

    bench.wait(6)

    assert order.status == "new"
    assert len(bench.engine.book("BTC/USD", 1)[0]) == 1


def test_validating_places_and_costs_nothing(bench: Bench) -> None:
    assert bench.engine.add("ann", spec("buy", "1", "60000.0"), validate=True) is None

    assert bench.engine.open_orders("ann") == []
    assert bench.engine.rate_count("ann", "BTC/USD") == 0


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("EQuery:Unknown asset pair", spec("buy", "1", "60000.0", symbol="XBT/USD")),
        ("EOrder:Tick size check failed", spec("buy", "1", "60000.05")),
        ("EOrder:Invalid price", spec("buy", "1", "-1")),
        ("EOrder:Invalid price", spec("buy", "1", "1e999999")),
        ("EOrder:Invalid price", spec("buy", "1", "NaN")),
        ("EGeneral:Invalid arguments:volume minimum not met", spec("buy", "0.00001", "60000.0")),
        ("EGeneral:Invalid arguments:volume", spec("buy", "0.000123456789", "60000.0")),
        ("EGeneral:Invalid arguments:volume", spec("buy", "1e999999", "60000.0")),
        ("EOrder:Cost minimum not met", spec("buy", "0.0001", "1.0")),
        ("EOrder:Cannot open position", spec("buy", "1", "60000.0", margin=True)),
        ("EOrder:Reduce only:No position exists", spec("sell", "1", "60000.0", reduce_only=True)),
        ("EOrder:Unknown position", spec("sell", "1", None, order_type="settle-position")),
        ("EService:Deadline elapsed", spec("buy", "1", "60000.0", deadline_ns=START_NS - 1)),
        ("EGeneral:Invalid arguments:post_only", spec("buy", "1", None, post_only=True)),
        ("EGeneral:Invalid arguments:expire_time", spec("buy", "1", "60000.0", time_in_force="gtd")),
        ("EGeneral:Invalid arguments:cl_ord_id", spec("buy", "1", "60000.0", cl_ord_id="x" * 20)),
        (
            "EGeneral:Invalid arguments:display_qty",
            spec("buy", "16", "60000.0", order_type="iceberg", display_qty=Decimal(1)),
        ),
        ("EOrder:Insufficient funds", spec("sell", "101", "60000.0")),
    ],
)
def test_a_bad_order_is_refused_in_the_documented_words(bench: Bench, text: str, order: object) -> None:
    with pytest.raises(Reject) as refused:
        bench.engine.add("ann", order)  # type: ignore[arg-type]

    assert refused.value.text == text
    assert bench.engine.open_orders("ann") == []


def test_a_client_id_is_unique_among_open_orders_only(bench: Bench) -> None:
    wanted = "6d1b345e-2821-40e2-ad83-4ecb18a06876"
    bench.add("ann", "buy", "1", "50000.0", cl_ord_id=wanted)

    with pytest.raises(Reject, match="cl_ord_id not unique"):
        bench.add("ann", "buy", "1", "50000.0", cl_ord_id=wanted.upper())
    bench.engine.cancel("ann", cl_ord_id=wanted)

    assert bench.add("ann", "buy", "1", "50000.0", cl_ord_id=wanted).is_open


def test_a_batch_with_a_malformed_order_is_refused_whole(bench: Bench) -> None:
    with pytest.raises(Reject, match="volume minimum"):
        bench.engine.add_batch("ann", [spec("buy", "1", "50000.0"), spec("buy", "0.00001", "50000.0")])

    assert bench.engine.open_orders("ann") == []


def test_a_batch_leg_without_funds_fails_alone(bench: Bench) -> None:
    rows = bench.engine.add_batch("eve", [spec("buy", "0.01", "60000.0"), spec("buy", "0.01", "60000.0")])

    assert not isinstance(rows[0], Reject)
    assert isinstance(rows[1], Reject)
    assert rows[1].text == "EOrder:Insufficient funds"


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("maintenance", "EService:Unavailable"),
        ("cancel_only", "EService:Market in cancel_only mode"),
        ("post_only", "EService:Market in post_only mode"),
    ],
)
def test_the_engines_state_limits_new_orders(bench: Bench, mode: str, text: str) -> None:
    bench.engine.set_status(mode)

    with pytest.raises(Reject) as refused:
        bench.add("ann", "buy", "1", "60000.0")

    assert refused.value.text == text


def test_post_only_mode_accepts_post_only_limits_and_maintenance_refuses_cancels(bench: Bench) -> None:
    bench.engine.set_status("post_only")
    order = bench.add("ann", "buy", "1", "60000.0", post_only=True)
    bench.engine.set_status("maintenance")

    with pytest.raises(Reject, match="EService:Unavailable"):
        bench.engine.cancel("ann", order_id=order.order_id)

    assert order.is_open


def test_a_limit_only_pair_refuses_market_orders(bench: Bench) -> None:
    bench.engine.set_pair_status("BTC/USD", "limit_only")

    with pytest.raises(Reject, match="EService:Market in limit_only mode"):
        bench.add("ann", "buy", "1")
