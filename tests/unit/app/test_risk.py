"""Each reason against an order, by name and field; a good order passes."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.risk import RiskManager
from core.domain.errors import RiskRejected
from core.domain.ids import OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import AmendRequest, OrderReport, OrderStatus, OrderType, Trigger, order_from_request
from core.processing.health_store import Alarm
from core.processing.risk_rules import MAX_CLOCK_UNCERTAINTY_NS
from core.runtime.clock import ManualClock
from tests.helpers.account import PAIR, good_stores, resting
from tests.helpers.instruments import instrument
from tests.helpers.records import buy


@pytest.fixture
def stores():
    return good_stores()


def passes(stores, request):
    RiskManager(stores, ManualClock()).check(request)


def refused(stores, request):
    with pytest.raises(RiskRejected) as caught:
        passes(stores, request)
    return caught.value


def market(**fields):
    return buy(**{"order_type": OrderType.MARKET, "limit_price": None, **fields})


def listed(stores, **fields):
    stores.instruments.apply([replace(instrument(PAIR), **fields)], [], snapshot=False)


@pytest.mark.parametrize(
    "request_",
    [
        buy(),
        market(),
        market(qty=None, cash_qty=Decimal(50)),
        replace(buy(qty=Decimal(10)), side=Side.SELL),
        market(order_type=OrderType.STOP_LOSS, trigger=Trigger(Decimal(110))),
        buy(
            order_type=OrderType.TRAILING_STOP_LIMIT,
            trigger=Trigger(Decimal(1), "pct"),
            limit_price=Decimal("0.05"),
            limit_price_type="quote",
        ),
    ],
    ids=["limit", "market", "quote amount", "sell", "stop", "trailing stop with an offset"],
)
def test_a_good_order_passes(stores, request_):
    passes(stores, request_)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (buy(qty=None), "qty"),
        (buy(cash_qty=Decimal(5)), "qty"),
        (buy(qty=None, cash_qty=Decimal(5)), "qty"),
        (replace(market(qty=None, cash_qty=Decimal(5)), side=Side.SELL), "qty"),
        (buy(limit_price=None), "limit_price"),
        (market(limit_price=Decimal(100)), "limit_price"),
        (buy(trigger=Trigger(Decimal(90))), "trigger_price"),
        (market(order_type=OrderType.STOP_LOSS), "trigger_price"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_whoever_asks(stores, request_, field):
    assert refused(stores, request_).field == field


def test_a_pair_that_is_not_listed_is_refused(stores):
    assert "not traded here" in refused(stores, replace(buy(), symbol=Symbol("FOO/BAR"))).user_message


@pytest.mark.parametrize("system", ["maintenance", "cancel_only"])
def test_an_exchange_that_takes_no_orders_is_named(stores, system):
    stores.health.system = system

    assert system in refused(stores, buy()).user_message


@pytest.mark.parametrize("status", ["cancel_only", "delisted", "work_in_progress", "reduce_only"])
def test_a_pair_that_takes_no_orders_is_named(stores, status):
    listed(stores, status=status)

    assert status in refused(stores, buy()).user_message


def test_in_post_only_mode_only_post_only_orders_pass(stores):
    stores.health.system = "post_only"

    assert refused(stores, buy()).field == "post_only"
    passes(stores, buy(post_only=True))


def test_a_pair_in_limit_only_mode_takes_no_market_orders(stores):
    listed(stores, status="limit_only")

    assert refused(stores, market()).field == "order_type"
    passes(stores, buy())


@pytest.mark.parametrize("uncertainty", [None, MAX_CLOCK_UNCERTAINTY_NS + 1])
def test_with_an_unknown_clock_no_order_could_expire_in_time(stores, uncertainty):
    stores.performance.clock_uncertainty_ns = uncertainty

    assert "clock" in refused(stores, buy()).user_message


def test_while_the_account_is_compared_new_orders_wait(stores):
    stores.health.doubt_account("a frame was lost")

    assert "a frame was lost" in refused(stores, buy()).user_message


def test_an_alarm_holds_new_orders_until_it_is_acknowledged(stores):
    stores.health.alarm(Alarm(1, "duplicate order", "two orders under one id"))
    assert "two orders" in refused(stores, buy()).user_message

    stores.health.acknowledge()

    passes(stores, buy())


@pytest.mark.parametrize(
    ("change", "field", "nearest"),
    [
        ({"qty": Decimal("0.00000001")}, "qty", "0.0001"),
        ({"qty": Decimal("0.123456789")}, "qty", "0.12345678"),
        ({"limit_price": Decimal("100.17")}, "limit_price", "100.1"),
        ({"limit_price": Decimal(0)}, "limit_price", ""),
        ({"qty": Decimal("0.001")}, "qty", "0.5 USD"),
    ],
)
def test_what_is_off_the_grid_or_too_small_is_named_with_what_would_pass(stores, change, field, nearest):
    listed(stores, qty_min=Decimal("0.0001"))
    reason = refused(stores, buy(**change))

    assert (reason.field, reason.nearest) == (field, nearest)


def test_without_a_live_book_there_are_no_new_orders(stores):
    stores.books.invalidate("the line was lost")
    assert "not live" in refused(stores, buy()).user_message

    stores.books.drop(PAIR)

    assert "not live" in refused(stores, buy()).user_message


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (buy(qty=Decimal("100.1")), "Not enough USD"),
        (market(qty=Decimal(100)), "Not enough USD"),
        (market(qty=None, cash_qty=Decimal(10_001)), "Not enough USD"),
        (replace(buy(qty=Decimal("10.1")), side=Side.SELL), "Not enough BTC"),
    ],
)
def test_what_the_account_cannot_pay_is_refused_before_it_is_sent(stores, request_, words):
    assert words in refused(stores, request_).user_message


def test_what_open_orders_hold_cannot_be_spent_twice(stores):
    first = buy(qty=Decimal(60), limit_price=Decimal(100))
    passes(stores, first)
    stores.orders.add(order_from_request(first, 1))

    assert "Not enough USD" in refused(stores, buy(qty=Decimal(60), limit_price=Decimal(100))).user_message


def amend(**fields):
    return AmendRequest(order_id=OrderId("O1"), **fields)


def test_an_amend_on_the_grid_passes(stores):
    stores.orders.report(resting(1))

    RiskManager(stores, ManualClock()).check_amend(amend(limit_price=Decimal("90.5"), qty=Decimal(2)))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"limit_price": Decimal("90.55")}, "limit_price"),
        ({"limit_price": Decimal(0)}, "limit_price"),
        ({"qty": Decimal(0)}, "qty"),
        ({"qty": Decimal("0.123456789")}, "qty"),
    ],
)
def test_an_amend_off_the_grid_is_refused(stores, fields, field):
    stores.orders.report(resting(1))
    with pytest.raises(RiskRejected) as caught:
        RiskManager(stores, ManualClock()).check_amend(amend(**fields))

    assert caught.value.field == field


def test_an_order_that_ended_or_is_unknown_cannot_be_amended(stores):
    manager = RiskManager(stores, ManualClock())
    with pytest.raises(RiskRejected):
        manager.check_amend(amend(qty=Decimal(1)))
    stores.orders.report(resting(1))
    stores.orders.report(OrderReport(order_id=OrderId("O1"), exec_type="filled", status=OrderStatus.FILLED))

    with pytest.raises(RiskRejected):
        manager.check_amend(amend(qty=Decimal(1)))
