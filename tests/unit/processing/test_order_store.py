"""What is heard of an order, frame by frame: sparse, late, repeated, and sometimes before the order is known."""

from decimal import Decimal

import msgspec
import pytest

from core.domain.orders import OrderStatus
from core.processing.fill_store import FillStore
from core.processing.order_store import OrderStore
from tests.helpers.reports import BTC, ORDER, OURS, SENT_NS, THEIRS, report, traded


@pytest.fixture
def fills():
    return FillStore()


@pytest.fixture
def store(fills):
    """A store in which our order of one unit rests at the exchange."""
    store = OrderStore(fills)
    store.add(ORDER)
    store.report(report("new", OrderStatus.NEW, symbol=BTC, side=ORDER.side))
    return store


def test_a_follow_up_that_names_the_exchanges_id_alone_belongs_to_its_order(store):
    wishes = store.report(report("canceled", OrderStatus.CANCELED, cl_ord_id=None))

    assert wishes == []
    assert store.get(OURS).status is OrderStatus.CANCELED
    assert store.undescribed() == []


def test_a_follow_up_without_a_pair_belongs_to_its_order(store):
    assert store.report(report("filled", OrderStatus.PARTIALLY_FILLED, symbol=None)) == []
    assert store.get(OURS).status is OrderStatus.PARTIALLY_FILLED


def test_a_fill_told_twice_counts_once(store, fills):
    for _ in range(2):
        store.report(traded(1, "0.25", cum_qty=Decimal("0.25")))

    order = store.get(OURS)
    assert (order.cum_qty, order.leaves, len(fills.all())) == (Decimal("0.25"), Decimal("0.75"), 1)


def test_two_fills_of_one_order_are_both_kept(store, fills):
    store.report(traded(1, "0.25"))
    store.report(traded(2, "0.25"))

    assert list(store.get(OURS).fills) == ["T1", "T2"]
    assert (store.get(OURS).cum_qty, len(fills.all())) == (Decimal("0.5"), 2)


def test_a_trade_that_still_says_partially_filled_leaves_nothing_when_it_was_the_last(store):
    store.report(traded(1, "1", status=OrderStatus.PARTIALLY_FILLED))

    assert store.get(OURS).leaves == 0


def test_the_word_of_a_trade_never_ends_an_order(store):
    """Trades replayed by a snapshot say filled of every order they were of."""
    store.report(traded(1, "0.25", status=OrderStatus.FILLED))

    assert store.get(OURS).status is OrderStatus.PARTIALLY_FILLED
    assert store.get(OURS) in store.open()


def test_a_fill_after_the_cancel_is_counted_and_completes_the_order(store, fills):
    store.report(report("canceled", OrderStatus.CANCELED))
    store.report(traded(1, "1"))

    assert (store.get(OURS).status, store.get(OURS).cum_qty) == (OrderStatus.FILLED, 1)
    assert len(fills.all()) == 1


def test_terms_told_late_do_not_replace_newer_ones(store):
    store.report(report("amended", limit_price=Decimal(90), ts=SENT_NS + 2))
    store.report(report("restated", limit_price=Decimal(95), ts=SENT_NS + 1))

    assert store.get(OURS).limit_price == 90


def test_what_was_said_before_an_order_was_described_is_kept(fills):
    store = OrderStore(fills)
    store.report(traded(1, "0.25", cl_ord_id=None))
    assert store.undescribed() == [THEIRS]

    store.report(report("new", OrderStatus.NEW, cl_ord_id=None, symbol=BTC, side=ORDER.side, qty=Decimal(1)))

    order = store.by_order_id(THEIRS)
    assert (order.status, order.cum_qty) == (OrderStatus.PARTIALLY_FILLED, Decimal("0.25"))
    assert (store.undescribed(), len(fills.all())) == ([], 1)


def test_a_fill_under_an_unknown_word_is_a_trade_like_any_other(store, fills):
    """What a snapshot replays of orders long ended describes none of them, whatever it is called."""
    word = msgspec.structs.replace(traded(1, "0.25", status=OrderStatus.FILLED), exec_type="execution")

    store.report(word)
    assert store.get(OURS).status is OrderStatus.PARTIALLY_FILLED

    elsewhere = OrderStore(fills)
    elsewhere.report(msgspec.structs.replace(word, cl_ord_id=None))
    assert elsewhere.undescribed() == [THEIRS]
    assert elsewhere.all() == []
