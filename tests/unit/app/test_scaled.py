"""Scaled orders: what the three distributions give, and what is refused in which words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.scaled import GROUPED_KEPT, Distribution, OrderGroups, ScaledFields, plan, requests
from core.app.ticket import TicketError
from core.domain.instrument import Side
from tests.helpers.instruments import instrument

PAIR = instrument(qty_min=Decimal("0.0001"))
FIELDS = ScaledFields(qty="1", count=5, first="60000", last="59000")


def quantities(**fields):
    return [f"{leg.qty.normalize():f}" for leg in plan(replace(FIELDS, **fields), PAIR)]


def test_prices_run_evenly_from_the_first_to_the_last():
    assert [leg.price for leg in plan(FIELDS, PAIR)] == [60000, 59750, 59500, 59250, 59000]


def test_prices_between_are_put_on_the_grid_on_the_trader_s_side():
    fields = replace(FIELDS, count=4, first="100.0", last="100.5")

    assert [str(leg.price) for leg in plan(fields, PAIR)] == ["100.0", "100.1", "100.3", "100.5"]
    assert [str(leg.price) for leg in plan(replace(fields, side=Side.SELL), PAIR)] == [
        "100.0",
        "100.2",
        "100.4",
        "100.5",
    ]


def test_the_three_distributions():
    assert quantities() == ["0.2"] * 5
    assert quantities(distribution=Distribution.LINEAR, skew="3") == ["0.1", "0.15", "0.2", "0.25", "0.3"]
    assert quantities(distribution=Distribution.GEOMETRIC, skew="16", qty="3.1") == [
        "0.1",
        "0.2",
        "0.4",
        "0.8",
        "1.6",
    ]


def test_what_does_not_divide_goes_to_the_first_legs_lot_by_lot():
    assert quantities(qty="0.001", count=3, first="60000", last="59000") == [
        "0.00033334",
        "0.00033333",
        "0.00033333",
    ]


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"qty": ""}, "qty", "Enter a quantity"),
        ({"qty": "0.123456789"}, "qty", "multiple of 0.00000001"),
        ({"qty": "0.0004"}, "qty", "Order 1 would have 0.00008; the least is 0.0001 BTC"),
        ({"first": "60000.05"}, "first", "not on the price grid"),
        ({"last": "abc"}, "last", "not a price"),
        ({"count": 1}, "count", "2 to 60"),
        ({"count": 61}, "count", "2 to 60"),
        ({"count": 10, "first": "100.0", "last": "100.5"}, "count", "10 orders do not fit on 5 ticks"),
        ({"distribution": Distribution.LINEAR, "skew": "0"}, "skew", "not a ratio"),
        ({"first": "0.1", "last": "0.9"}, "qty", "Order 1 would be worth 0.02; the least is 0.5 USD"),
    ],
)
def test_what_does_not_fit_is_named(fields, field, told):
    with pytest.raises(TicketError) as wrong:
        plan(replace(FIELDS, **fields), PAIR)

    assert wrong.value.errors[0].field == field
    assert told in wrong.value.errors[0].message


def test_orders_sent_together_are_found_together():
    groups, first = OrderGroups(), requests(FIELDS, plan(FIELDS, PAIR), PAIR, 0)
    groups.add(first)
    groups.add(requests(FIELDS, plan(FIELDS, PAIR), PAIR, 0))

    assert groups.of(first[2].cl_ord_id) == {order.cl_ord_id for order in first}
    assert groups.of(None) == frozenset()


def test_the_oldest_groups_are_forgotten_whole():
    groups, batches = OrderGroups(), [requests(FIELDS, plan(FIELDS, PAIR), PAIR, 0)]
    while sum(map(len, batches)) <= GROUPED_KEPT:
        batches.append(requests(FIELDS, plan(FIELDS, PAIR), PAIR, 0))

    for batch in batches:
        groups.add(batch)

    assert {len(groups.of(order.cl_ord_id)) for order in batches[0]} == {0}
    assert {len(groups.of(order.cl_ord_id)) for order in batches[1]} == {len(batches[1])}
    assert {len(groups.of(order.cl_ord_id)) for order in batches[-1]} == {len(batches[-1])}
