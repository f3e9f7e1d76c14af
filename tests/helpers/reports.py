"""Reports on one order, as the exchange could make them, for tests of the merge."""

from decimal import Decimal

from hypothesis import strategies as st

from core.domain.ids import Asset, ClOrdId, ExecId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    Fee,
    Fill,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    TimeInForce,
    Trigger,
    order_from_request,
)

BTC = Symbol("BTC/USD")
OURS = ClOrdId("6d1b345e-2821-40e2-ad83-4ecb18a06876")
THEIRS = OrderId("OAAAAA-BBBBB-CCCCCC")
SENT_NS = 1_700_000_000_000_000_000

REQUEST = OrderRequest(
    cl_ord_id=OURS,
    symbol=BTC,
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    qty=Decimal(1),
    limit_price=Decimal(100),
)
ORDER = order_from_request(REQUEST, SENT_NS)


def fill(number=1, qty="0.25", price="100", fees=(), **more):
    """One execution of the order; the number is its id."""
    qty, price = Decimal(qty), Decimal(price)
    return Fill(
        exec_id=ExecId(f"T{number}"),
        order_id=THEIRS,
        symbol=BTC,
        side=Side.BUY,
        qty=qty,
        price=price,
        cost=qty * price,
        fees=fees,
        ts=SENT_NS + number,
        **more,
    )


def report(exec_type="status", status=None, *, order_id=THEIRS, cl_ord_id=OURS, ts=SENT_NS, **more):
    """One report on the order."""
    return OrderReport(
        order_id=order_id, exec_type=exec_type, status=status, cl_ord_id=cl_ord_id, ts=ts, **more
    )


def traded(number=1, qty="0.25", **more):
    """The report of one execution."""
    made = fill(number, qty)
    more = {"status": OrderStatus.PARTIALLY_FILLED, "ts": made.ts, **more}
    return report("trade", fill=made, **more)


_quantities = st.sampled_from([Decimal(text) for text in ("0.25", "0.5", "0.75", "1", "1.50")])
_prices = st.sampled_from([Decimal(text) for text in ("99", "100", "100.5")])
_times = st.integers(0, 5).map(lambda at: SENT_NS + at)
_fills = st.builds(
    fill,
    number=st.integers(1, 4),
    fees=st.sampled_from([(), (Fee(Asset("USD"), Decimal("0.1")),)]),
    liquidity=st.sampled_from(["", "t", "m"]),
    trade_id=st.sampled_from([0, 7]),
)

reports = st.builds(
    OrderReport,
    order_id=st.just(THEIRS),
    exec_type=st.sampled_from(["pending_new", "new", "filled", "canceled", "expired", "restated", "status"]),
    status=st.none() | st.sampled_from(list(OrderStatus)[3:]),
    cl_ord_id=st.none() | st.just(OURS),
    ts=_times,
    symbol=st.none() | st.just(BTC),
    side=st.none() | st.just(Side.BUY),
    order_type=st.none() | st.just(OrderType.LIMIT),
    qty=st.none() | _quantities,
    limit_price=st.none() | _prices,
    trigger=st.none() | st.builds(Trigger, price=_prices),
    time_in_force=st.none() | st.sampled_from(TimeInForce),
    post_only=st.none() | st.booleans(),
    triggered=st.none() | st.booleans(),
    cum_qty=st.none() | _quantities,
    cum_cost=st.none() | _quantities,
    reason=st.sampled_from(["", "User requested", "Post only order"]),
) | st.builds(
    OrderReport,
    order_id=st.just(THEIRS),
    exec_type=st.just("trade"),
    status=st.sampled_from([OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED]),
    ts=_times,
    fill=_fills,
    cum_qty=st.none() | _quantities,
)
