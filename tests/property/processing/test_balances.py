"""What is held back is never more than what is there, whatever orders are open."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import Balance, FeeRate, Wallet
from core.domain.ids import Asset, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import OrderReport, OrderStatus, OrderType
from core.processing.stores import Stores
from tests.helpers.instruments import instrument

PAIRS = [Symbol("BTC/USD"), Symbol("ETH/USD"), Symbol("ETH/BTC")]
ASSETS = [Asset("BTC"), Asset("ETH"), Asset("USD")]
AMOUNTS = st.decimals(0, 1000, places=4)

ORDERS = st.builds(
    dict,
    number=st.integers(1, 6),
    symbol=st.sampled_from(PAIRS),
    side=st.sampled_from(Side),
    status=st.sampled_from(list(OrderStatus)[3:]),
    qty=AMOUNTS,
    cum_qty=AMOUNTS,
    cash_qty=st.none() | AMOUNTS,
    limit_price=st.none() | AMOUNTS,
)
BALANCES = st.fixed_dictionaries({asset: st.tuples(AMOUNTS, AMOUNTS) for asset in ASSETS})


def stores_with(balances):
    stores = Stores.create()
    stores.instruments.apply([instrument(symbol) for symbol in PAIRS], [], snapshot=True)
    stores.balances.apply_snapshot(
        Balance(
            asset=asset,
            total=spot + earn,
            wallets=(Wallet("spot", "main", spot), Wallet("earn", "flex", earn)),
        )
        for asset, (spot, earn) in balances.items()
    )
    return stores


def reported(stores, at, number, symbol, side, **fields):
    # The number settles what never changes of an order: its pair and side.
    stores.orders.report(
        OrderReport(
            order_id=OrderId(f"O{number}{symbol}{side}"),
            exec_type="status",
            order_type=OrderType.LIMIT,
            symbol=symbol,
            side=side,
            ts=at,
            **fields,
        )
    )


@given(BALANCES, st.lists(ORDERS, max_size=12), st.decimals(0, "0.01", places=4))
def test_held_is_between_nought_and_what_can_be_traded(balances, orders, taker):
    stores = stores_with(balances)
    rates = [FeeRate(symbol=symbol, maker=taker, taker=taker) for symbol in PAIRS]
    stores.balances.set_fee_rates(rates)
    for at, order in enumerate(orders):
        reported(stores, at, **order)

        for row in stores.balances.all():
            assert 0 <= row.held <= row.spot <= row.total
            assert row.available == row.spot - row.held >= 0


@given(BALANCES, st.lists(ORDERS, max_size=8))
def test_when_every_order_has_ended_nothing_is_held(balances, orders):
    stores = stores_with(balances)
    for at, order in enumerate(orders):
        reported(stores, at, **order)
    for at, order in enumerate(orders):
        reported(stores, at, **{**order, "status": OrderStatus.CANCELED})

    assert stores.balances.holds() == {}
    assert all(row.held == 0 for row in stores.balances.all())


@given(st.lists(AMOUNTS, max_size=6))
def test_sells_that_fit_hold_exactly_their_sum(quantities):
    total = sum(quantities, Decimal(1))
    stores = stores_with({Asset("BTC"): (total, Decimal(0))})
    for number, qty in enumerate(quantities):
        reported(stores, 1, number, PAIRS[0], Side.SELL, status=OrderStatus.NEW, qty=qty)

    assert stores.balances.get(Asset("BTC")).available == 1
