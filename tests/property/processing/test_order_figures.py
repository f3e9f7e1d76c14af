"""Figures of open orders that follow the changes agree with those summed up from all orders, whatever happened."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.domain.account import FeeRate
from core.domain.ids import OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import OrderReport, OrderStatus, OrderType, Trigger
from core.processing import order_store
from core.processing.book_store import Walk
from core.processing.order_store import Changes
from core.processing.own_orders import OwnOrdersReader, summary
from core.processing.stores import Stores
from tests.helpers.account import PAIR, book_of, good_stores
from tests.helpers.instruments import instrument

PAIRS = (PAIR, Symbol("ETH/USD"))
IDS = [OrderId(f"O{number}") for number in range(3)]
ZERO = Decimal(0)

numbers = st.integers(min_value=1, max_value=99).map(lambda number: Decimal(number) / 10)
statuses = st.sampled_from(
    [
        OrderStatus.NEW,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.IN_DOUBT,
    ]
)
kinds = st.sampled_from(
    [OrderType.LIMIT, OrderType.MARKET, OrderType.STOP_LOSS_LIMIT, OrderType.TRAILING_STOP_LIMIT]
)


@st.composite
def order_reports(draw):
    number = draw(st.integers(min_value=0, max_value=len(IDS) - 1))
    kind = draw(kinds)
    limited = kind not in (OrderType.MARKET,)
    return OrderReport(
        order_id=IDS[number],
        exec_type="status",
        status=draw(statuses),
        symbol=PAIRS[number % 2],
        side=draw(st.sampled_from(list(Side))),
        order_type=kind,
        qty=draw(numbers),
        cum_qty=draw(st.one_of(st.none(), numbers.map(lambda qty: qty / 10))),
        limit_price=draw(numbers) * 10 if limited else None,
        trigger=Trigger(price=draw(numbers) * 10) if kind.has_trigger else None,
        ts=draw(st.integers(min_value=1, max_value=50)),
    )


steps = st.one_of(
    *[order_reports()] * 5,
    st.tuples(st.just("fee"), st.sampled_from(PAIRS), st.sampled_from(["0.001", "0.0026"])),
    st.tuples(st.just("forget"), st.sampled_from(IDS)),
    st.just("described"),
    st.just("replaced"),
)


def do(stores: Stores, step) -> None:
    match step:
        case OrderReport():
            stores.orders.report(step)
        case ("fee", symbol, rate):
            stores.balances.set_fee_rates([FeeRate(symbol=symbol, maker=Decimal(rate), taker=Decimal(rate))])
        case ("forget", order_id):
            order = stores.orders.by_order_id(order_id)
            if order is not None and order.status.is_final:
                stores.orders._drop(order_id)
        case "described":
            stores.instruments.apply([replace(instrument(PAIR), qty_min=Decimal("0.01"))], [], snapshot=False)
        case "replaced":
            other = good_stores()
            other.orders.report(
                OrderReport(
                    order_id=IDS[0],
                    exec_type="status",
                    status=OrderStatus.NEW,
                    symbol=PAIR,
                    side=Side.BUY,
                    order_type=OrderType.LIMIT,
                    qty=Decimal(7),
                    limit_price=Decimal(70),
                    ts=1,
                )
            )
            stores.orders.take_over(other.orders)
            stores.balances.take_over(other.balances)


def held_by_all(stores: Stores):
    held = {}
    for _, order in stores.orders.open_items():
        pair = stores.instruments.get(order.symbol)
        asset, qty = stores.balances.hold(order, pair)
        held[asset] = held.get(asset, ZERO) + qty
    return held


@settings(max_examples=300, deadline=None)
@given(
    script=st.lists(st.tuples(steps, st.booleans()), min_size=5, max_size=40), kept=st.sampled_from([2, 256])
)
def test_figures_that_follow_the_changes_equal_those_of_all_orders(script, kept):
    bound, order_store.CHANGES_KEPT = order_store.CHANGES_KEPT, kept
    try:
        stores = good_stores()
    finally:
        order_store.CHANGES_KEPT = bound
    reader = OwnOrdersReader(stores.orders)
    for step, looks in [*script, (None, True)]:
        do(stores, step)
        if looks:
            for symbol in PAIRS:
                assert reader.of(symbol) == summary(stores.orders.each_open(symbol))
            held = held_by_all(stores)
            assert stores.balances.holds() == held
            for balance in stores.balances.all():
                one = stores.balances.get(balance.asset)
                assert one == balance
                assert one.held == min(held.get(balance.asset, ZERO), max(ZERO, one.spot))


def test_a_market_order_holds_what_the_market_asks_until_it_has_ended():
    stores = good_stores()

    def told(status, ts):
        order = OrderReport(
            order_id=IDS[0],
            exec_type="status",
            status=status,
            symbol=PAIR,
            side=Side.BUY,
            order_type=OrderType.MARKET,
            qty=Decimal(2),
            ts=ts,
        )
        stores.orders.report(order)
        return stores.balances.holds()

    assert told(OrderStatus.NEW, 1) == {"USD": Decimal("202.808")}
    assert told(OrderStatus.CANCELED, 2) == {}
    assert stores.balances.get("USD").held == 0


@given(count=st.integers(min_value=0, max_value=600), behind=st.integers(min_value=0, max_value=600))
def test_a_reader_hears_of_every_change_or_that_it_cannot(count, behind):
    changes = Changes()
    for number in range(count):
        changes.note(str(number))
    version = max(0, count - behind)

    told = changes.since(version)

    known = count - version <= order_store.CHANGES_KEPT
    assert told == ({str(number) for number in range(version, count)} if known else None)


levels = st.one_of(st.lists(numbers, min_size=1, max_size=12), st.lists(numbers, min_size=12, max_size=25))


@given(bids=levels, asks=levels, wanted=st.integers(min_value=1, max_value=2000), side=st.sampled_from(Side))
def test_a_walk_that_reads_the_book_in_two_parts_is_the_walk_through_all_of_it(bids, asks, wanted, side):
    stores = good_stores()
    stores.books.expect(PAIR, 25, instrument(PAIR))
    rows_of = lambda sizes, sign: [  # noqa: E731 - said twice below
        (str(Decimal(1000) + sign * (at + 1)), str(qty)) for at, qty in enumerate(sizes)
    ]
    stores.books.apply(book_of(rows_of(bids, -1), rows_of(asks, 1)), True, 1)
    view, wanted = stores.books.view(PAIR), Decimal(wanted) / 10
    assert len(view.asks(25)) == len(asks)

    assert view.walk(side, wanted) == whole_walk(view, side, wanted, in_quote=False)
    assert view.walk_quote(side, wanted * 100) == whole_walk(view, side, wanted * 100, in_quote=True)


def whole_walk(view, side, wanted, *, in_quote):
    filled = cost = ZERO
    worst, count = None, 0
    for price, qty in view.asks(view.depth) if side is Side.BUY else view.bids(view.depth):
        left = (wanted - cost) / price if in_quote else wanted - filled
        if left <= 0:
            break
        filled, cost = filled + min(qty, left), cost + min(qty, left) * price
        worst, count = price, count + 1
    return Walk(cost / filled if filled else None, worst, filled, cost, count)
