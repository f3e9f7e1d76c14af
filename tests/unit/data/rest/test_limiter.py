import pytest

from core.data.rest.limiter import (
    PairLimiter,
    RestLimiter,
    Tier,
    engine_cost,
    rest_cost,
    tier_of,
)
from core.runtime.clock import NS_PER_S


def test_the_published_example_of_add_amend_and_cancel_costs_eight():
    assert engine_cost("add") + engine_cost("amend", 7) + engine_cost("cancel", 36) == 8


@pytest.mark.parametrize(
    ("action", "ages", "costs"),
    [
        ("amend", (0, 5, 10, 15), (4, 3, 2, 1)),
        ("edit", (0, 5, 10, 15, 45, 90), (7, 6, 5, 3, 2, 1)),
        ("cancel", (0, 5, 10, 15, 45, 90, 300), (8, 6, 5, 4, 2, 1, 0)),
    ],
)
def test_the_table_is_the_published_one(action, ages, costs):
    assert tuple(engine_cost(action, age) for age in ages) == costs


def test_fifty_adds_decay_in_ten_seconds_as_published():
    pair = PairLimiter(Tier.INTERMEDIATE)
    for _ in range(50):
        pair.take(engine_cost("add"), 0)

    assert pair.share(10 * NS_PER_S) * 125 == pytest.approx(26.6)


def test_a_refusal_for_the_rate_fills_our_estimate():
    pair = PairLimiter(Tier.STARTER)

    pair.exceeded(0)

    assert pair.share(0) == 1
    assert pair.wait_ns(1, 0.85, 0) == 10 * NS_PER_S


def test_what_the_stream_says_only_raises_the_estimate():
    pair = PairLimiter()
    pair.take(10, 0)

    pair.told(5, 0)
    assert pair.share(0) * 60 == 10
    pair.told(20, 0)

    assert pair.share(0) * 60 == 20


def test_questions_leave_the_last_points_to_finding_out_about_orders():
    limiter = RestLimiter(Tier.PRO)
    for _ in range(10):
        limiter.take(1, 0)

    assert limiter.wait_ns(1, 0) == NS_PER_S
    assert limiter.wait_ns(4, 0, walk=True) == 0


def test_orders_and_cancels_are_free_here():
    costs = [rest_cost(name) for name in ("AddOrder", "CancelOrder", "CancelAll", "/0/private/AmendOrder")]

    assert costs == [0, 0, 0, 0]
    assert (rest_cost("/0/private/Ledgers"), rest_cost("OpenOrders")) == (4, 1)


def test_a_known_tier_keeps_what_was_counted():
    limiter = RestLimiter()
    limiter.take(5, 0)

    limiter.use_tier(Tier.PRO, 0)

    assert limiter.used(0) == 5
    assert limiter.used(2 * NS_PER_S) == 3


@pytest.mark.parametrize(
    ("told", "tier"), [(60, Tier.STARTER), (125, Tier.INTERMEDIATE), (180, Tier.PRO), (500, Tier.PRO)]
)
def test_the_rate_limit_told_names_the_tier(told, tier):
    assert tier_of(told) is tier
