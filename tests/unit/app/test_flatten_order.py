"""Flattening returns to the chosen inventory, never past it, at a bounded price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.app.flatten_order import flatten_fields
from core.app.ticket import build
from core.domain.errors import RiskRejected
from core.domain.instrument import Side
from core.domain.orders import TimeInForce
from tests.helpers.market import full_desk

D = Decimal


@pytest.fixture
def book():
    desk = full_desk()
    return desk.instrument(), desk.stores.books.view("BTC/USD")


def plan(book, total, keep, bps=20):
    pair, view = book
    return build(flatten_fields(pair, D(total), D(keep) if keep is not None else None, view, bps), pair, 0)


def test_what_is_above_the_inventory_is_sold_and_what_is_below_is_bought(book):
    sale, purchase = plan(book, "1.5", "1"), plan(book, "0.25", "1")

    assert (sale.side, sale.qty) == (Side.SELL, D("0.5"))
    assert (purchase.side, purchase.qty) == (Side.BUY, D("0.75"))
    assert sale.time_in_force is purchase.time_in_force is TimeInForce.IOC


def test_the_price_is_bounded_on_the_trader_s_side(book):
    pair, view = book
    sale, purchase = plan(book, "1.5", "1"), plan(book, "0.25", "1")

    bid, ask = view.best_bid[0], view.best_ask[0]
    assert bid * (1 - D("0.002")) <= sale.limit_price < bid
    assert ask < purchase.limit_price <= ask * (1 + D("0.002"))
    assert pair.on_price_grid(sale.limit_price)


def test_a_quantity_off_the_lot_is_cut_so_that_the_inventory_is_never_passed(book):
    assert plan(book, "1.123456789", "1").qty == D("0.12345678")


@pytest.mark.parametrize(
    ("total", "keep", "told"), [("1", "1", "is flat"), ("1.00001", "1", "is flat"), ("1", None, "Choose")]
)
def test_nothing_is_sent_where_nothing_is_to_do_or_nothing_was_chosen(book, total, keep, told):
    with pytest.raises(RiskRejected, match=told):
        plan(book, total, keep)


def test_without_a_book_nothing_is_sent(book):
    with pytest.raises(RiskRejected, match="no price"):
        flatten_fields(book[0], D(2), D(1), None, 20)
