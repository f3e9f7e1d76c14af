"""What two comparisons have found alike, and what was only on its way."""

from decimal import Decimal

from core.domain.audit import Break, BreakKind, Journalled, Told
from core.domain.ids import OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Order, OrderStatus, OrderType, Terms
from core.domain.times import DAY_NS
from core.processing.reconciliation import compare, lasting

NOW_NS = DAY_NS


def balance(journal, stream, rest=""):
    return Break(kind=BreakKind.BALANCE_DIFFERS, key="USD", journal=journal, stream=stream, rest=rest)


def test_a_difference_lasts_while_all_three_move_by_the_same():
    before, now = balance("99", "100", "101"), balance("89", "90", "91")

    assert lasting([before], [now]) == [now]


def test_a_difference_that_shrinks_was_on_its_way():
    assert lasting([balance("99", "100", "101")], [balance("99", "100", "100")]) == []


def test_a_difference_is_confirmed_though_rest_was_asked_only_once():
    now = balance("1", "100", "100")

    assert lasting([balance("1", "100")], [now]) == [now]
    assert lasting([balance("1", "100", "100")], [balance("1", "100")]) == [balance("1", "100")]


def test_other_differences_last_only_where_each_side_says_the_same_again():
    before = Break(kind=BreakKind.STATUS_DIFFERS, key="O1", journal="open", stream="open", rest="filled")
    moved = Break(kind=BreakKind.STATUS_DIFFERS, key="O1", journal="open", stream="filled", rest="filled")
    other = Break(kind=BreakKind.PRICE_DIFFERS, key="O1", journal="open", stream="open", rest="filled")

    assert lasting([before], [before, moved, other]) == [before]


def test_what_an_order_for_an_amount_of_money_executed_is_left_to_its_fills():
    def told(cum_qty, cash_qty):
        order = Order(
            symbol=Symbol("BTC/USD"),
            side=Side.BUY,
            order_type=OrderType.MARKET,
            terms=Terms(),
            reported=OrderStatus.FILLED,
            cash_qty=cash_qty,
            cum_qty=Decimal(cum_qty),
        )
        return Told(at=NOW_NS, orders={OrderId("O1"): order})

    for cash_qty, kinds in ((Decimal(100), []), (None, [BreakKind.EXECUTED_DIFFERS])):
        exact, rounded = told("0.0033", cash_qty), told("0.00329996", cash_qty)

        assert [one.kind for one in compare(Journalled(told=exact), exact, rounded)] == kinds
