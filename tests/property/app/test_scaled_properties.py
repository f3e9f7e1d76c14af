"""However a quantity is scaled: the legs add up exactly, stand on the grid, and follow the distribution."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from core.app.scaled import Distribution, ScaledFields, lots, plan, requests
from core.app.ticket import TicketError
from core.domain.instrument import Side
from tests.helpers.instruments import instrument

NOW = 1_767_225_600 * 10**9
STEPS = st.sampled_from([Decimal(text) for text in ("0.1", "0.01", "0.5", "0.25", "1", "5", "0.00000001")])


@st.composite
def scales(draw):
    tick, lot = draw(STEPS), draw(STEPS)
    pair = instrument(
        price_precision=-tick.as_tuple().exponent,
        qty_precision=-lot.as_tuple().exponent,
        price_increment=tick,
        qty_increment=lot,
        qty_min=draw(st.sampled_from([lot, lot * 10])),
    )
    fields = ScaledFields(
        side=draw(st.sampled_from(Side)),
        qty=f"{draw(st.integers(1, 10**7)) * lot:f}",
        count=draw(st.integers(1, 62)),
        first=f"{draw(st.integers(1, 10**6)) * tick:f}",
        last=f"{draw(st.integers(1, 10**6)) * tick:f}",
        distribution=draw(st.sampled_from(Distribution)),
        skew=draw(st.sampled_from(["1", "3", "0.25", "1000", "0", "7.5"])),
        post_only=draw(st.booleans()),
    )
    return fields, pair


def outcome(fields, pair):
    """The legs, or None and what is wrong."""
    try:
        return plan(fields, pair), []
    except TicketError as wrong:
        return None, wrong.errors


@given(scales())
def test_legs_add_up_exactly_and_every_one_may_be_sent(scale):
    fields, pair = scale
    legs, wrong = outcome(fields, pair)
    event("a scale" if legs is not None else "refused")
    if legs is None:
        assert wrong
        assert all(error.message for error in wrong)
        return

    assert len(legs) == fields.count
    assert sum(leg.qty for leg in legs) == Decimal(fields.qty)
    assert (legs[0].price, legs[-1].price) == (Decimal(fields.first), Decimal(fields.last))
    prices = [leg.price for leg in legs]
    assert prices in (sorted(set(prices)), sorted(set(prices), reverse=True))
    for leg in legs:
        assert leg.price % pair.price_increment == 0
        assert leg.qty % pair.qty_increment == 0
        assert leg.qty >= pair.qty_min
        assert leg.qty * leg.price >= pair.cost_min
    orders = requests(fields, legs, pair, NOW)
    assert [(order.limit_price, order.qty) for order in orders] == [(leg.price, leg.qty) for leg in legs]
    assert len({order.cl_ord_id for order in orders}) == len(orders)


@given(scales())
def test_quantities_follow_the_distribution_within_one_lot(scale):
    fields, pair = scale
    legs, _ = outcome(fields, pair)
    if legs is None:
        return

    lot = pair.qty_increment
    if fields.distribution is Distribution.FLAT:
        assert max(leg.qty for leg in legs) - min(leg.qty for leg in legs) <= lot
    else:
        grows = Decimal(fields.skew) >= 1
        ordered = legs if grows else legs[::-1]
        assert all(after.qty >= before.qty - lot for before, after in pairwise(ordered))


@given(st.integers(2, 60))
def test_batches_have_two_to_fifteen_orders_and_none_is_lost(count):
    fields = ScaledFields(qty="100", count=count, first="100", last="200")
    orders = requests(fields, plan(fields, instrument()), instrument(), NOW)

    batches = lots(orders)

    assert [order for batch in batches for order in batch] == orders
    assert all(2 <= len(batch) <= 15 for batch in batches)
    assert len(batches) == -(-count // 15)
