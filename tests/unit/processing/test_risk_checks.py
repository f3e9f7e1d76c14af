"""Each thing that is unusual about an order, by name, gravity and words."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.risk_cases import situation
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.limits import Band, Reason, RiskLimits, Severity
from core.domain.market import Ticker, Trade
from core.domain.orders import OrderType, TimeInForce, Trigger
from core.processing.habits import Habits
from core.processing.own_orders import summary
from core.processing.risk_checks import examine
from tests.helpers.account import PAIR, book_of, good_stores, resting
from tests.helpers.instruments import instrument
from tests.helpers.records import buy

HOLD, TYPE, BLOCK = Severity.HOLD, Severity.TYPE, Severity.BLOCK


class Case:
    """A market around 100, ample limits, and a trader whose habits a test tells."""

    def __init__(self):
        self.stores, self.habits = good_stores(), Habits()
        self.stores.risk.set_limits(RiskLimits())

    def limit(self, name, *thresholds):
        self.stores.risk.set_limits(self.stores.risk.limits.with_band(name, Band(*thresholds)))

    def situation(self, request, pair=None, most=54):
        own = summary(self.stores.orders.each_open(request.symbol))
        return situation(request, pair or instrument(PAIR), self.stores, self.habits, own, most)

    def found(self, request):
        case = self.situation(request)
        return [(finding.reason, finding.severity, finding.text) for finding in examine(case)]


@pytest.fixture
def case():
    return Case()


def market(**fields):
    return buy(**{"order_type": OrderType.MARKET, "limit_price": None, **fields})


def sell(**fields):
    return replace(buy(**fields), side=Side.SELL)


def test_an_order_within_all_limits_is_silent(case):
    assert case.found(buy()) == []


@pytest.mark.parametrize(
    ("qty", "expected"),
    [
        ("3.9", []),
        ("4", [(Reason.SIZE, HOLD, "4.0× your median size")]),
        ("12", [(Reason.SIZE, HOLD, "12× your median size")]),
        ("25", [(Reason.SIZE, TYPE, "25× your median size")]),
        ("0.25", [(Reason.SIZE, HOLD, "0.25× your median size")]),
        ("0.3", []),
    ],
)
def test_size_is_told_in_medians(case, qty, expected):
    for _ in range(5):
        case.habits.learn(PAIR, Decimal(1))

    assert case.found(buy(qty=Decimal(qty), limit_price=Decimal(95))) == expected


def test_four_orders_make_no_habit(case):
    for _ in range(4):
        case.habits.learn(PAIR, Decimal(1))

    assert case.found(buy(qty=Decimal(90), limit_price=Decimal(95))) == []


@pytest.mark.parametrize(
    ("price", "severity", "words"),
    [
        ("102", HOLD, "price 0.99 % through the market"),
        ("103", TYPE, "price 2.0 % through the market"),
        ("107", BLOCK, "price 5.9 % through the market"),
        ("1000", BLOCK, "price 890 % through the market"),
    ],
)
def test_a_limit_beyond_the_far_touch_is_graded(case, price, severity, words):
    case.limit("slippage", 10_000, 10_000, 10_000)
    assert case.found(buy(qty=Decimal("0.1"), limit_price=Decimal(price))) == [
        (Reason.THROUGH, severity, words)
    ]


@pytest.mark.parametrize(
    ("request_", "severity"),
    [
        (buy(limit_price=Decimal(86)), None),
        (buy(limit_price=Decimal(84)), HOLD),
        (buy(limit_price=Decimal(50)), TYPE),
        (buy(limit_price=Decimal(9)), BLOCK),
        (sell(limit_price=Decimal(118)), None),
        (sell(limit_price=Decimal(120)), HOLD),
        (sell(limit_price=Decimal(1_100)), BLOCK),
        (market(order_type=OrderType.STOP_LOSS, trigger=Trigger(Decimal(1_200))), BLOCK),
    ],
)
def test_a_price_far_from_the_near_touch_is_graded_alike_above_and_below(case, request_, severity):
    assert [found[:2] for found in case.found(request_)] == ([(Reason.AWAY, severity)] if severity else [])


@pytest.mark.parametrize(
    ("qty", "severity", "words"),
    [
        ("1", None, ""),
        ("2", HOLD, "crosses 2 levels, 50 bps"),
        ("4", TYPE, "crosses 3 levels, 99 bps"),
        ("7", BLOCK, "the visible book holds only 6 BTC: use a limit"),
    ],
)
def test_takers_are_walked_through_the_book(case, qty, severity, words):
    expected = [(Reason.SLIPPAGE, severity, words)] if severity else []
    assert case.found(market(qty=Decimal(qty))) == expected


def test_a_quantity_in_quote_is_walked_too(case):
    assert case.found(market(qty=None, cash_qty=Decimal(101))) == []
    ((reason, severity, _),) = case.found(market(qty=None, cash_qty=Decimal(5_000)))
    assert (reason, severity) == (Reason.SLIPPAGE, BLOCK)


def test_without_a_live_book_the_last_trade_then_the_ticker_is_the_reference(case):
    case.stores.books.invalidate("cut")
    assert (Reason.REFERENCE, BLOCK) in [found[:2] for found in case.found(buy())]

    case.stores.tickers.apply([Ticker(symbol=PAIR, last=Decimal(100))], 1)
    assert case.found(buy()) == []
    case.stores.trades.apply(
        [Trade(symbol=PAIR, side=Side.BUY, price=Decimal(10), qty=Decimal(1), trade_id=1)], 1
    )

    assert case.found(buy())[0][:2] == (Reason.THROUGH, BLOCK)


def test_value_and_position_are_told_in_dollars(case):
    case.limit("notional", 1_000, 2_000, 3_000)
    case.limit("position", 2_000, 2_500, 3_000)

    assert case.found(buy(qty=Decimal(12), limit_price=Decimal(99))) == [
        (Reason.NOTIONAL, HOLD, "worth 1,188 USD"),
        (Reason.POSITION, HOLD, "position of 2,211 USD"),
    ]
    assert case.found(sell(qty=Decimal(12), limit_price=Decimal(105))) == [
        (Reason.NOTIONAL, HOLD, "worth 1,260 USD")
    ]


def test_open_buys_count_as_position(case):
    case.limit("position", 1_100, 2_500, 3_000)
    assert case.found(buy(limit_price=Decimal(95))) == []

    case.stores.orders.report(resting(1))

    assert [found[0] for found in case.found(buy(limit_price=Decimal(95)))] == [Reason.POSITION]


def test_a_value_nobody_can_tell_in_dollars_is_asked_about(case):
    odd = instrument("BTC/JPY")
    case.stores.instruments.apply([odd], [], snapshot=False)
    request = replace(buy(), symbol=Symbol("BTC/JPY"))
    case.stores.tickers.apply([Ticker(symbol=odd.symbol, last=Decimal(100))], 1)

    unknown = examine(case.situation(request, odd))
    case.stores.tickers.apply([Ticker(symbol=Symbol("USD/JPY"), last=Decimal(150))], 1)
    known = examine(case.situation(request, odd))

    assert [(f.reason, f.severity) for f in unknown] == [(Reason.NOTIONAL, HOLD)]
    assert known == []


def test_open_orders_are_counted_and_the_tier_is_the_end(case):
    case.limit("open_orders", 2, 3, 100)
    for number in range(2):
        case.stores.orders.report(resting(number))
    ((reason, severity, words),) = case.found(buy(limit_price=Decimal(95)))
    assert (reason, severity, words) == (Reason.OPEN_ORDERS, TYPE, "order 3 on BTC/USD, 54 at most")

    full = case.situation(buy(limit_price=Decimal(95)), most=2)

    assert [(f.reason, f.severity) for f in examine(full)] == [(Reason.OPEN_ORDERS, BLOCK)]


@pytest.mark.parametrize(
    ("request_", "meets"),
    [
        (buy(limit_price=Decimal(101), qty=Decimal("0.5")), True),
        (buy(limit_price=Decimal(100)), False),
        (market(), True),
        (buy(limit_price=Decimal(101), stp_type="cancel_newest"), False),
        (sell(limit_price=Decimal(105)), False),
    ],
)
def test_meeting_ones_own_order_is_asked_about(case, request_, meets):
    case.stores.orders.report(replace(resting(1, side=Side.SELL), limit_price=Decimal(101)))

    expected = [(Reason.OWN_ORDER, HOLD, "meets your own sell at 101")] if meets else []
    assert case.found(request_) == expected


@pytest.mark.parametrize(
    ("kind", "side", "price", "fires"),
    [
        (OrderType.STOP_LOSS, Side.BUY, "95", True),
        (OrderType.STOP_LOSS, Side.BUY, "105", False),
        (OrderType.STOP_LOSS, Side.SELL, "105", True),
        (OrderType.STOP_LOSS, Side.SELL, "95", False),
        (OrderType.TAKE_PROFIT, Side.SELL, "95", True),
        (OrderType.TAKE_PROFIT, Side.SELL, "105", False),
        (OrderType.TAKE_PROFIT, Side.BUY, "105", True),
    ],
)
def test_a_trigger_on_the_wrong_side_of_the_market_is_asked_about(case, kind, side, price, fires):
    request = replace(market(order_type=kind, trigger=Trigger(Decimal(price))), side=side)

    assert [found[0] for found in case.found(request)] == [Reason.TRIGGER] * fires


def test_who_rests_is_asked_when_a_limit_order_would_take(case):
    for _ in range(10):
        case.habits.learn(PAIR, None, rested=True)

    assert case.found(sell(limit_price=Decimal(100))) == [
        (Reason.CROSSES, HOLD, "sells at once (1 level); your limit orders rest")
    ]
    assert case.found(sell(limit_price=Decimal(101))) == []
    assert case.found(replace(sell(limit_price=Decimal(100)), time_in_force=TimeInForce.IOC)) == []


def test_who_often_takes_with_limits_is_not_asked(case):
    for number in range(20):
        case.habits.learn(PAIR, None, rested=number % 5 > 0)

    assert case.found(sell(limit_price=Decimal(100))) == []


def test_a_book_that_moved_is_judged_anew(case):
    assert case.found(buy(limit_price=Decimal(100))) == []
    moved = book_of([("49", "1")], [("50", "1")])
    case.stores.books.expect(PAIR, 10, instrument(PAIR))
    case.stores.books.apply(moved, True, 1)

    assert case.found(buy(limit_price=Decimal(100)))[0][:2] == (Reason.THROUGH, BLOCK)


def test_limits_of_a_pair_overrule_the_profiles():
    limits = RiskLimits().with_band("notional", Band(1, 2, 3), PAIR)

    assert limits.of(PAIR).notional == Band(1, 2, 3)
    assert limits.of(PAIR).size == limits.every.size
    assert limits.of(Symbol("ETH/USD")).notional == limits.every.notional
    assert limits.with_band("notional", None, PAIR) == RiskLimits()


@pytest.mark.parametrize(("name", "band"), [("away", (1, 2, 10_001)), ("notional", (3, 2, 1))])
def test_limits_that_make_no_sense_are_refused(name, band):
    with pytest.raises(ValueError, match=r"must rise|more than 10000"):
        RiskLimits().with_band(name, Band(*band))
