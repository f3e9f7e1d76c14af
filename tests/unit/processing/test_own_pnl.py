"""Profit of a strategy at average cost, worked by hand."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.domain.instrument import Side
from core.domain.orders import Fee, Fill
from core.processing.own_pnl import add_fill, begin
from tests.helpers.instruments import instrument

D = Decimal
BTC_USD = instrument()


def fill(side, qty, price, fee="0", asset="USD"):
    qty, price = D(qty), D(price)
    return Fill(
        exec_id=f"T{side}{qty}{price}",
        order_id="O",
        symbol="BTC/USD",
        side=side,
        qty=qty,
        price=price,
        cost=qty * price,
        fees=(Fee(asset, D(fee)),) if D(fee) else (),
    )


def after(pnl, *fills):
    for one in fills:
        pnl = add_fill(pnl, one, BTC_USD)
    return pnl


def test_a_round_trip_earns_the_difference_less_both_fees():
    pnl = after(begin(D(0), None), fill(Side.BUY, "2", "100", "1"), fill(Side.SELL, "2", "110", "2"))

    assert (pnl.position, pnl.cost, pnl.realised, pnl.cash, pnl.fees) == (0, 0, 17, 17, 3)


def test_a_partial_sale_takes_its_share_of_the_average_cost():
    pnl = after(
        begin(D(0), None),
        fill(Side.BUY, "1", "100"),
        fill(Side.BUY, "3", "200"),
        fill(Side.SELL, "1", "300"),
    )

    assert pnl.average == 175
    assert pnl.realised == 125
    assert pnl.unrealised(D(175)) == 0
    assert pnl.unrealised(D(185)) == 30
    assert pnl.unrealised(None) is None


def test_given_inventory_counts_from_the_price_of_the_start():
    pnl = after(begin(D(1), D(100)), fill(Side.SELL, "1", "90"))

    assert (pnl.position, pnl.realised, pnl.unrealised(None)) == (0, -10, 0)


def test_fees_in_base_make_the_position_smaller_and_foreign_fees_are_named():
    pnl = after(
        begin(D(0), None), fill(Side.BUY, "1", "100", "0.01", "BTC"), fill(Side.BUY, "1", "100", "2", "X")
    )

    assert pnl.position == D("1.99")
    assert pnl.fees == 1
    assert pnl.other_fees == (("X", 2),)


trades = st.lists(
    st.tuples(st.sampled_from(Side), st.integers(1, 50), st.integers(1, 1000), st.integers(0, 3)), max_size=30
)


@given(trades)
def test_realised_and_unrealised_are_what_cash_and_position_are_worth(rows):
    pnl = begin(D(10_000), D(100))
    for side, qty, price, fee in rows:
        pnl = add_fill(pnl, fill(side, str(qty), str(price), str(fee)), BTC_USD)

    worth = pnl.cash + pnl.position * 500 - 10_000 * D(100)
    assert abs(pnl.realised + pnl.unrealised(D(500)) - worth) < D("1e-15")
