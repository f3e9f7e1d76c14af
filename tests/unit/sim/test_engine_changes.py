"""Amend, edit, cancel, the dead man's switch, and the points they cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.sim.model import AmendSpec, ConditionalSpec, Reject
from tests.helpers.sim_engine import START_NS, Bench, spec


@pytest.fixture
def bench() -> Bench:
    return Bench()


def queue(bench: Bench, side: str = "buy") -> list[str]:
    bids, asks = bench.engine.level3("BTC/USD", 1)
    return [order_id for order_id, _, _ in (bids if side == "buy" else asks)[0][1]]


def test_a_smaller_quantity_keeps_the_place_and_a_larger_one_loses_it(bench: Bench) -> None:
    first = bench.add("ann", "buy", "2", "60000.0")
    second = bench.add("ann", "buy", "2", "60000.0")

    bench.engine.amend("ann", AmendSpec(order_id=first.order_id, order_qty=Decimal(1)))
    assert queue(bench) == [first.order_id, second.order_id]
    bench.engine.amend("ann", AmendSpec(order_id=first.order_id, order_qty=Decimal(3)))

    assert queue(bench) == [second.order_id, first.order_id]
    assert bench.engine.level_qty("BTC/USD", "buy", Decimal("60000.0")) == 5


def test_an_amended_price_moves_the_order_and_its_hold(bench: Bench) -> None:
    order = bench.add("ann", "buy", "1", "60000.0")

    amend_id = bench.engine.amend("ann", AmendSpec(order_id=order.order_id, limit_price=Decimal("61000.0")))

    assert amend_id.startswith("T")
    assert bench.last("ann").exec_type == "amended"
    assert (order.limit_price, order.amended) == (61000, True)
    assert [row["amend_type"] for row in order.amends] == ["user"]
    assert bench.engine.holds("ann")["USD"] == 61_000 + 244


def test_an_amend_to_the_filled_quantity_ends_the_order(bench: Bench) -> None:
    order = bench.add("ann", "buy", "2", "60000.0")
    bench.add("bob", "sell", "1", "60000.0")

    bench.engine.amend("ann", AmendSpec(order_id=order.order_id, order_qty=Decimal(1)))

    assert (order.status, order.cum_qty) == ("canceled", 1)


def test_a_post_only_amend_that_would_take_is_refused_and_changes_nothing(bench: Bench) -> None:
    bench.add("bob", "sell", "1", "61000.0")
    order = bench.add("ann", "buy", "1", "60000.0", post_only=True)

    with pytest.raises(Reject, match="EOrder:Post only order"):
        bench.engine.amend(
            "ann", AmendSpec(order_id=order.order_id, limit_price=Decimal("61000.0"), post_only=True)
        )

    assert (order.limit_price, order.is_open, order.amended) == (60000, True, False)


def test_an_amend_beyond_the_funds_is_refused(bench: Bench) -> None:
    order = bench.add("eve", "buy", "0.01", "60000.0")

    with pytest.raises(Reject, match="EOrder:Insufficient funds"):
        bench.engine.amend("eve", AmendSpec(order_id=order.order_id, limit_price=Decimal("100000.0")))

    assert order.limit_price == 60000


def test_an_order_with_a_conditional_close_cannot_be_amended(bench: Bench) -> None:
    close = ConditionalSpec("limit", limit_price=Decimal("70000.0"))
    order = bench.add("ann", "buy", "1", "60000.0", conditional=close)

    with pytest.raises(Reject, match="EGeneral:Invalid arguments"):
        bench.engine.amend("ann", AmendSpec(order_id=order.order_id, limit_price=Decimal("59000.0")))


def test_an_edit_replaces_the_order_under_a_new_id(bench: Bench) -> None:
    old = bench.add("ann", "buy", "1", "60000.0")

    new = bench.engine.edit("ann", old.order_id, limit_price=Decimal("60001.0"))

    assert (old.status, new.ref_order_id, new.limit_price) == ("canceled", old.order_id, Decimal("60001.0"))
    assert bench.engine.open_orders("ann") == [new]


def test_a_closed_order_is_unknown_and_a_made_up_one_invalid(bench: Bench) -> None:
    order = bench.add("ann", "buy", "1", "60000.0")
    bench.engine.cancel("ann", order_id=order.order_id)

    with pytest.raises(Reject, match="EOrder:Unknown order"):
        bench.engine.cancel("ann", order_id=order.order_id)
    with pytest.raises(Reject, match="EOrder:Invalid order"):
        bench.engine.cancel("ann", order_id="OAAAAA-AAAAA-AAAAAA")


def test_another_accounts_order_cannot_be_cancelled(bench: Bench) -> None:
    order = bench.add("ann", "buy", "1", "60000.0")

    with pytest.raises(Reject, match="EOrder:Invalid order"):
        bench.engine.cancel("bob", order_id=order.order_id)

    assert order.is_open


def test_a_user_reference_cancels_all_that_share_it(bench: Bench) -> None:
    for price in ("60000.0", "60001.0"):
        bench.add("ann", "buy", "1", price, order_userref=7)
    kept = bench.add("ann", "buy", "1", "60002.0")

    assert len(bench.engine.cancel("ann", userref=7)) == 2
    assert bench.engine.open_orders("ann") == [kept]


def test_the_dead_mans_switch_cancels_everything_once(bench: Bench) -> None:
    bench.add("ann", "buy", "1", "60000.0")
    now_ns, fires_ns = bench.engine.cancel_all_after("ann", 60)
    assert (now_ns, fires_ns) == (START_NS, START_NS + 60 * 1_000_000_000)

    bench.wait(61)

    assert bench.last("ann").reason == "CancelAllOrdersAfter Timeout"
    later = bench.add("ann", "buy", "1", "60000.0")
    bench.wait(120)
    assert later.is_open


def test_a_disarmed_switch_does_nothing_and_a_timer_waits_for_maintenance_to_end(bench: Bench) -> None:
    order = bench.add("ann", "buy", "1", "60000.0")
    bench.engine.cancel_all_after("ann", 5)
    assert bench.engine.cancel_all_after("ann", 0)[1] is None
    bench.wait(10)
    assert order.is_open

    bench.engine.cancel_all_after("ann", 5)
    bench.engine.set_status("maintenance")
    bench.wait(10)
    assert order.is_open
    bench.engine.set_status("online")
    bench.wait(1)

    assert order.status == "canceled"


def test_the_published_example_costs_eight_points(bench: Bench) -> None:
    # Decay aside: add 1, amend after 7 s 1 + 2, cancel 36 s later 4.
    order = bench.add("ann", "buy", "1", "60000.0")
    charged = bench.engine.rate_count("ann", "BTC/USD")
    bench.wait(7)
    before = bench.engine.rate_count("ann", "BTC/USD")
    bench.engine.amend("ann", AmendSpec(order_id=order.order_id, order_qty=Decimal("0.5")))
    charged += bench.engine.rate_count("ann", "BTC/USD") - before
    bench.wait(36)
    before = bench.engine.rate_count("ann", "BTC/USD")
    bench.engine.cancel("ann", order_id=order.order_id)
    charged += bench.engine.rate_count("ann", "BTC/USD") - before

    assert charged == 8


def test_fifty_adds_decay_as_published(bench: Bench) -> None:
    for _ in range(50):
        bench.add("ann", "buy", "0.001", "60000.0")
    assert bench.engine.rate_count("ann", "BTC/USD") == 50

    bench.wait(10)

    assert bench.engine.rate_count("ann", "BTC/USD") == Decimal("26.6")


@pytest.mark.parametrize(
    ("age_s", "cancel", "edit", "amend"),
    [(1, 8, 7, 4), (6, 6, 6, 3), (12, 5, 5, 2), (20, 4, 3, 1), (60, 2, 2, 1), (200, 1, 1, 1), (400, 0, 1, 1)],
)
def test_points_depend_on_how_long_the_order_rested(age_s: int, cancel: int, edit: int, amend: int) -> None:
    bench = Bench(tier="pro")
    orders = [bench.add("ann", "buy", "1", "60000.0") for _ in range(3)]
    bench.wait(age_s)
    before = bench.engine.rate_count("ann", "BTC/USD")
    costs = []

    bench.engine.cancel("ann", order_id=orders[0].order_id)
    costs.append(bench.engine.rate_count("ann", "BTC/USD") - before)
    bench.engine.edit("ann", orders[1].order_id, limit_price=Decimal("60001.0"))
    costs.append(bench.engine.rate_count("ann", "BTC/USD") - before - sum(costs))
    bench.engine.amend("ann", AmendSpec(order_id=orders[2].order_id, order_qty=Decimal("0.5")))
    costs.append(bench.engine.rate_count("ann", "BTC/USD") - before - sum(costs))

    assert costs == [cancel, edit, amend]


def test_above_the_threshold_everything_but_a_batch_cancel_is_refused(bench: Bench) -> None:
    orders = [bench.add("ann", "buy", "0.001", "60000.0") for _ in range(40)]
    for order in orders[:11]:
        bench.engine.cancel("ann", order_id=order.order_id)
    assert bench.engine.rate_count("ann", "BTC/USD") == 128

    with pytest.raises(Reject, match="EOrder:Rate limit exceeded"):
        bench.add("ann", "buy", "0.001", "60000.0")
    with pytest.raises(Reject, match="EOrder:Rate limit exceeded"):
        bench.engine.cancel("ann", order_id=orders[20].order_id)
    assert bench.engine.cancel_many("ann", [order.order_id for order in orders[20:]], []) == 20

    bench.add("ann", "buy", "1", "2000.00", symbol="ETH/USD")


def test_a_batch_add_costs_half_a_point_each_and_a_refused_order_one(bench: Bench) -> None:
    bench.engine.add_batch("ann", [spec("buy", "1", "50000.0")] * 3)
    assert bench.engine.rate_count("ann", "BTC/USD") == Decimal("1.5")

    with pytest.raises(Reject):
        bench.add("ann", "buy", "0.00001", "60000.0")

    assert bench.engine.rate_count("ann", "BTC/USD") == Decimal("2.5")


def test_the_tier_limits_open_orders_on_a_pair() -> None:
    bench = Bench(tier="starter")
    for _ in range(60):
        bench.add("ann", "buy", "0.001", "60000.0")
    bench.wait(5)

    with pytest.raises(Reject, match="EOrder:Orders limit exceeded"):
        bench.add("ann", "buy", "0.001", "60000.0")

    assert bench.add("ann", "buy", "1", "2000.00", symbol="ETH/USD").is_open
