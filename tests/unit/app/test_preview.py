from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.preview import Preview, preview
from core.domain.account import FeeRate
from core.domain.instrument import Side
from core.domain.orders import OrderType, TimeInForce, Trigger
from tests.helpers.account import PAIR, book_of, good_stores
from tests.helpers.instruments import instrument
from tests.helpers.records import buy

FEES = FeeRate(symbol=PAIR, maker=Decimal("0.001"), taker=Decimal("0.002"))


@pytest.fixture
def view():
    """Bids 100 (1), 99 (2); asks 101 (1), 102 (2), 103 (3)."""
    return good_stores().books.view(PAIR)


def told(view, side=Side.BUY, **fields):
    return preview(replace(buy(**fields), side=side), instrument(PAIR), view, FEES)


def market(view, side=Side.BUY, **fields):
    return told(view, side, **{"order_type": OrderType.MARKET, "limit_price": None, **fields})


def test_without_a_verified_book_there_are_no_figures():
    stores = good_stores()
    stores.books.invalidate("the line was lost")

    assert told(stores.books.view(PAIR)) == Preview(missing="the line was lost")
    assert told(None).missing == "the book is not subscribed"


def test_a_market_buy_walks_the_asks(view):
    found = market(view, qty=Decimal(2))

    assert (found.takes, found.levels, found.worst) == (True, 2, Decimal(102))
    assert found.avg == Decimal("101.5")
    assert found.notional == 203
    assert found.fee == Decimal("0.406")
    assert found.total == Decimal("203.406")
    assert found.slippage_bps == (Decimal("0.5") / 101 * 10_000)


def test_a_market_sell_walks_the_bids_and_gets_less_the_fee(view):
    found = market(view, Side.SELL, qty=Decimal(3))

    assert (found.avg, found.worst) == (Decimal(298) / 3, Decimal(99))
    assert found.total == 298 - Decimal("0.596")
    assert found.slippage_bps > 0


def test_more_than_the_book_holds_is_said(view):
    found = market(view, qty=Decimal(10))

    assert (found.unfilled, found.levels) == (Decimal(4), 3)


def test_an_amount_in_quote_currency_is_spent_to_the_last(view):
    found = market(view, qty=None, cash_qty=Decimal(305))

    assert (found.notional, found.worst, found.unfilled) == (Decimal(305), Decimal(102), 0)


@pytest.mark.parametrize(
    ("side", "price", "takes"),
    [
        (Side.BUY, "100.9", False),
        (Side.BUY, "101", True),
        (Side.SELL, "100.1", False),
        (Side.SELL, "100", True),
    ],
)
def test_a_limit_takes_from_the_touch_on_and_rests_before_it(view, side, price, takes):
    found = told(view, side, qty=Decimal(1), limit_price=Decimal(price))

    assert found.takes is takes
    assert found.fee == Decimal(price) * (FEES.taker if takes else FEES.maker)


def test_what_lies_beyond_the_limit_rests(view):
    found = told(view, qty=Decimal(5), limit_price=Decimal(102))

    assert (found.worst, found.unfilled, found.notional) == (Decimal(102), Decimal(2), Decimal(305))


def test_a_post_only_order_that_would_take_is_said_to_be_refused(view):
    assert "refused" in told(view, limit_price=Decimal(101), post_only=True).missing
    assert not told(view, limit_price=Decimal(100), post_only=True).missing


def test_a_fok_order_larger_than_the_book_is_said_to_be_refused(view):
    large = {"limit_price": Decimal(101), "time_in_force": TimeInForce.FOK}

    assert "refused" in told(view, qty=Decimal("1.5"), **large).missing
    assert not told(view, qty=Decimal(1), **large).missing


def triggered(view, kind, price, price_type="static", side=Side.SELL, limit=None, qty=1):
    return told(
        view,
        side,
        order_type=kind,
        qty=Decimal(qty),
        limit_price=limit and Decimal(limit),
        trigger=Trigger(Decimal(price), price_type),
    )


@pytest.mark.parametrize(
    ("kind", "price", "price_type", "side", "limit", "notional"),
    [
        (OrderType.STOP_LOSS, "95", "static", Side.SELL, None, "95"),
        (OrderType.STOP_LOSS_LIMIT, "95", "static", Side.SELL, "94", "94"),
        (OrderType.STOP_LOSS_LIMIT, "-5", "pct", Side.SELL, "94", "94"),
        (OrderType.STOP_LOSS, "-5", "pct", Side.SELL, None, "95"),
        (OrderType.TAKE_PROFIT, "5", "quote", Side.SELL, None, "105"),
        (OrderType.TRAILING_STOP, "2", "pct", Side.SELL, None, "98"),
        (OrderType.TRAILING_STOP, "2", "quote", Side.BUY, None, "103"),
        (OrderType.TRAILING_STOP_LIMIT, "2", "quote", Side.BUY, "0.5", "103"),
    ],
)
def test_an_order_with_a_trigger_is_valued_where_it_would_trade_at_the_takers_fee(
    view, kind, price, price_type, side, limit, notional
):
    found = triggered(view, kind, price, price_type, side, limit)

    assert found.notional == Decimal(notional)
    assert found.fee == Decimal(notional) * FEES.taker
    assert not found.takes


def test_an_empty_side_is_said():
    stores = good_stores()
    stores.books.apply(book_of([("100", "1")], []), True, 2)

    assert "no price on that side" in market(stores.books.view(PAIR)).missing
    assert not market(stores.books.view(PAIR), Side.SELL).missing
