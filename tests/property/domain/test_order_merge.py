from decimal import Decimal
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from core.domain.order_merge import infer, join, merge, order_from_report
from core.domain.orders import OrderStatus
from tests.helpers.reports import BTC, ORDER, reports

INFERRED = st.sampled_from([OrderStatus.SENT, OrderStatus.IN_DOUBT, OrderStatus.NOT_FOUND])


@given(st.lists(reports, max_size=8), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_reports_do_not_matter(sent, random):
    again = sent * 2
    random.shuffle(again)

    assert reduce(merge, sent, ORDER) == reduce(merge, again, ORDER)


@given(st.lists(reports, max_size=5), st.lists(reports, max_size=5), st.lists(reports, max_size=5))
def test_joining_accounts_is_associative_commutative_and_idempotent(one, two, three):
    a, b, c = (reduce(merge, told, ORDER) for told in (one, two, three))

    assert join(a, b) == join(b, a)
    assert join(join(a, b), c) == join(a, join(b, c))
    assert join(a, a) == a


@given(st.lists(reports, min_size=1, max_size=8))
def test_nothing_that_is_known_is_ever_lost(told):
    order = ORDER
    for report in told:
        after = merge(order, report)

        assert after.reported >= order.reported
        # Whether a cancelled order reads as filled depends on its quantity, which a late report may still correct.
        assert after.status.is_final >= order.status.is_final
        assert after.cum_qty >= order.cum_qty
        assert order.fills.keys() <= after.fills.keys()
        assert after.leaves >= 0
        order = after


@given(st.lists(reports, min_size=1, max_size=8))
def test_quantities_add_up_whatever_was_told(told):
    order = reduce(merge, told, ORDER)
    executed = sum((fill.qty for fill in order.fills.values()), Decimal(0))

    assert order.cum_qty >= executed
    assert order.missing_qty == order.cum_qty - executed
    assert order.costed_qty <= max(order.cum_qty, executed)


@given(st.lists(reports, min_size=1, max_size=6), INFERRED)
def test_what_we_conclude_never_outranks_what_the_exchange_said(told, conclusion):
    order = reduce(merge, told, ORDER)

    assert infer(order, conclusion, "we think so") == order


@given(st.lists(reports, max_size=6), INFERRED, st.integers(0, 6))
def test_a_conclusion_of_ours_in_between_changes_nothing_once_the_exchange_speaks(told, conclusion, at):
    order = ORDER
    for number, report in enumerate(told):
        if number == at:
            order = infer(order, conclusion)
        order = merge(order, report)

    if told:
        assert order == reduce(merge, told, ORDER)


@given(st.lists(reports, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_an_order_placed_elsewhere_is_the_same_whatever_was_heard_first(told, random):
    described = [r for r in told if order_from_report(r) is not None]
    rest = [r for r in told if order_from_report(r) is None]
    if not described:
        return
    first = reduce(merge, described[1:] + rest, order_from_report(described[0]))
    random.shuffle(described)
    other = reduce(merge, rest + described[1:], order_from_report(described[0]))

    assert first == other
    assert first.foreign
    assert first.symbol == BTC
