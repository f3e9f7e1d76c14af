from decimal import Decimal

import pytest

from core.domain.account import Balance, BalanceChange, FeeRate, Wallet
from core.domain.ids import Asset, LedgerId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.market import Ticker
from core.domain.orders import OrderReport, OrderStatus, OrderType, order_from_request
from core.processing.account_store import DEFAULT_TAKER_FEE, LEDGER_KEPT
from core.processing.stores import Stores
from tests.helpers.instruments import instrument
from tests.helpers.records import buy

BTC, USD = Asset("BTC"), Asset("USD")
PAIR = Symbol("BTC/USD")


@pytest.fixture
def stores():
    made = Stores.create()
    made.instruments.apply([instrument()], [], snapshot=True)
    return made


def owned(asset, total, *wallets):
    made = tuple(Wallet(kind, name, Decimal(balance)) for kind, name, balance in wallets)
    return Balance(asset=asset, total=Decimal(total), wallets=made)


def change(ledger, amount, balance, *, fee="0", asset=USD, wallet=("spot", "main")):
    return BalanceChange(
        asset=asset,
        amount=Decimal(amount),
        fee=Decimal(fee),
        balance=Decimal(balance),
        ledger_id=LedgerId(ledger),
        wallet_type=wallet[0],
        wallet_id=wallet[1],
    )


def selling(qty, number=1):
    """A resting sell, as the exchange reports it."""
    return OrderReport(
        order_id=OrderId(f"O{number}"),
        exec_type="new",
        status=OrderStatus.NEW,
        symbol=PAIR,
        side=Side.SELL,
        order_type=OrderType.LIMIT,
        qty=Decimal(qty),
        limit_price=Decimal(100),
        ts=number,
    )


def test_nothing_is_verified_before_a_snapshot(stores):
    assert (stores.balances.verified, stores.balances.all(), stores.balances.get(USD)) == (False, [], None)


def test_a_snapshot_replaces_everything(stores):
    stores.balances.apply_snapshot([owned(BTC, 1), owned(USD, 5)])
    stores.balances.apply_snapshot([owned(USD, 7)])

    assert [(row.asset, row.total) for row in stores.balances.all()] == [(USD, Decimal(7))]
    assert stores.balances.verified


def test_the_next_frame_of_a_snapshot_adds_to_it(stores):
    stores.balances.apply_snapshot([owned(BTC, 1)])
    stores.balances.apply_snapshot([owned(USD, 7)], replace=False)

    assert [row.asset for row in stores.balances.all()] == [BTC, USD]


def test_a_doubt_ends_the_verification_and_keeps_the_figures(stores):
    stores.balances.apply_snapshot([owned(USD, 7)])
    stores.balances.doubt()

    assert (stores.balances.verified, stores.balances.get(USD).total) == (False, Decimal(7))


def test_what_is_in_earn_is_owned_but_cannot_be_traded(stores):
    stores.balances.apply_snapshot([owned(BTC, 3, ("spot", "main", 1), ("earn", "flex", 2))])

    row = stores.balances.get(BTC)

    assert (row.total, row.spot, row.available) == (Decimal(3), Decimal(1), Decimal(1))


def test_a_ledger_entry_counts_once_however_often_it_comes(stores):
    stores.balances.apply_snapshot([owned(USD, 10)])
    for _ in range(3):
        stores.balances.apply_changes([change("L1", "-4", "6")])

    assert stores.balances.get(USD).total == 6
    assert len(stores.balances.ledger) == 1


def test_with_one_wallet_the_balance_told_is_the_total(stores):
    stores.balances.apply_snapshot([owned(USD, 10, ("spot", "main", 10))])

    stores.balances.apply_changes([change("L1", "-4", "5.9", fee="0.1")])

    assert stores.balances.get(USD).total == Decimal("5.9")


def test_with_several_wallets_a_change_moves_its_own_alone(stores):
    stores.balances.apply_snapshot([owned(USD, 10, ("spot", "main", 6), ("earn", "flex", 4))])

    stores.balances.apply_changes([change("L1", "-2", "8", fee="0.5")])

    row = stores.balances.get(USD)
    assert (row.spot, row.total) == (Decimal("3.5"), Decimal("7.5"))


def test_the_first_of_an_asset_appears_with_its_change(stores):
    stores.balances.apply_snapshot([])
    stores.balances.apply_changes([change("L1", "2", "2", asset=BTC)])

    assert stores.balances.get(BTC).total == 2


def test_the_ledger_is_bounded(stores):
    stores.balances.apply_changes(change(f"L{number}", "1", str(number)) for number in range(LEDGER_KEPT + 5))

    assert len(stores.balances.ledger) == LEDGER_KEPT
    assert stores.balances.ledger[0].ledger_id == "L5"


def test_a_buy_holds_its_cost_and_the_worst_fee(stores):
    stores.balances.apply_snapshot([owned(USD, 1000)])
    stores.orders.add(order_from_request(buy(qty=Decimal(2), limit_price=Decimal(100)), 1))

    row = stores.balances.get(USD)

    assert row.held == 200 + 200 * DEFAULT_TAKER_FEE
    assert row.available == row.spot - row.held


def test_a_buy_in_quote_currency_holds_what_it_spends_and_the_fee(stores):
    stores.balances.apply_snapshot([owned(USD, 1000)])
    request = buy(qty=None, cash_qty=Decimal(50), limit_price=None, order_type=OrderType.MARKET)
    stores.orders.add(order_from_request(request, 1))

    assert stores.balances.get(USD).held == Decimal("50.2")


def test_a_sell_holds_what_is_left_of_it(stores):
    stores.balances.apply_snapshot([owned(BTC, 3)])
    stores.orders.report(selling("2"))
    assert stores.balances.get(BTC).held == 2

    stores.orders.report(
        OrderReport(
            order_id=OrderId("O1"),
            exec_type="status",
            status=OrderStatus.PARTIALLY_FILLED,
            cum_qty=Decimal("1.5"),
        )
    )

    assert stores.balances.get(BTC).held == Decimal("0.5")


def test_an_order_that_ended_holds_nothing(stores):
    stores.balances.apply_snapshot([owned(BTC, 3)])
    stores.orders.report(selling("2"))

    stores.orders.report(
        OrderReport(order_id=OrderId("O1"), exec_type="canceled", status=OrderStatus.CANCELED)
    )

    assert stores.balances.get(BTC).held == 0


def test_an_order_in_doubt_still_holds(stores):
    stores.balances.apply_snapshot([owned(USD, 1000)])
    request = buy()
    stores.orders.add(order_from_request(request, 1))
    stores.orders.infer(request.cl_ord_id, OrderStatus.IN_DOUBT, "no answer")
    assert stores.balances.get(USD).held > 0

    stores.orders.infer(request.cl_ord_id, OrderStatus.NOT_FOUND, "absent")

    assert stores.balances.get(USD).held == 0


def test_the_accounts_own_fees_replace_the_worst_ones(stores):
    stores.balances.apply_snapshot([owned(USD, 1000)])
    stores.orders.add(order_from_request(buy(qty=Decimal(1), limit_price=Decimal(100)), 1))
    assert stores.balances.fee_rate(PAIR).maker == DEFAULT_TAKER_FEE

    stores.balances.set_fee_rates([FeeRate(symbol=PAIR, maker=Decimal(0), taker=Decimal("0.001"))])

    assert stores.balances.get(USD).held == Decimal("100.1")


def test_changed_orders_redraw_every_balance(stores):
    stores.balances.apply_snapshot([owned(BTC, 1), owned(USD, 5)])
    stores.balances.flush()
    told = []
    stores.balances.observe(told.append)

    stores.balances.orders_changed()
    stores.balances.flush()

    assert told == [frozenset({BTC, USD})]


def test_balances_that_began_anew_still_read_the_market_they_stand_beside(stores):
    for mine, fresh in zip(stores.each(), Stores.create().each(), strict=True):
        mine.take_over(fresh)
    stores.instruments.apply([instrument("BTC/USD")], [], snapshot=True)
    stores.tickers.apply([Ticker(symbol=PAIR, last=Decimal(100))], 1)
    stores.balances.apply_snapshot([owned(USD, 1000)])
    stores.orders.add(
        order_from_request(buy(order_type=OrderType.MARKET, limit_price=None, qty=Decimal(2)), 1)
    )

    assert stores.balances.get(USD).held == Decimal("200.8")
