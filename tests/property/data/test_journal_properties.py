import sqlite3
from contextlib import closing
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.data.journal import order_rows, reader, rows
from core.data.journal.schema import migrate
from core.domain.ids import ClOrdId
from core.domain.orders import Conditional, OrderRequest, OrderStatus, Trigger
from tests.helpers.records import buy, fill, report

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("1E-30"), max_value=10**12)
REQUESTS = st.builds(
    OrderRequest,
    cl_ord_id=st.uuids().map(lambda uuid: ClOrdId(str(uuid))),
    symbol=st.just("BTC/USD"),
    qty=st.none() | NUMBERS,
    cash_qty=st.none() | NUMBERS,
    limit_price=st.none() | NUMBERS,
    display_qty=st.none() | NUMBERS,
    expire_ns=st.none() | st.integers(0, 2**62),
    effective_ns=st.none() | st.integers(0, 2**62),
    trigger=st.none() | st.builds(Trigger, NUMBERS),
    conditional=st.none()
    | st.builds(Conditional, limit_price=st.none() | NUMBERS, trigger_price=st.none() | NUMBERS),
)
OURS = ClOrdId("11111111-1111-4111-8111-111111111111")
STATUSES = [status for status in OrderStatus if status >= OrderStatus.PENDING_NEW]


def reports(draw):
    """One order's reports: some name our id, some carry a fill, some a total."""
    said = []
    for number in range(draw(st.integers(1, 6))):
        executed = draw(st.none() | st.decimals(min_value=Decimal("0.001"), max_value=1, places=3))
        said.append(
            report(
                "trade" if executed else draw(st.sampled_from(["new", "canceled", "restated"])),
                cl_ord_id=draw(st.sampled_from([OURS, None])),
                status=draw(st.sampled_from([*STATUSES, None])),
                cum_qty=draw(st.none() | st.decimals(min_value=0, max_value=1, places=3)),
                fill=fill(f"T{number}", str(executed)) if executed else None,
                ts=number,
                reason=draw(st.sampled_from(["", "by user", "expired"])),
                cum_cost=draw(st.none() | st.decimals(min_value=0, max_value=100, places=1)),
            )
        )
    return [*said, report("pending_new", cl_ord_id=OURS)]


def journal():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return closing(connection)


@given(REQUESTS)
def test_every_request_comes_back_as_it_was(request):
    with journal() as connection:
        order_rows.put_intent(connection, request, "default", 1)

        assert [intent.request for intent in reader.pending_intents(connection, 0)] == [request]


@given(st.composite(reports)(), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_reports_do_not_matter(said, random):
    again = said * 2
    random.shuffle(again)
    expected = order_rows.merged(said)

    with journal() as connection:
        order_rows.put_intent(connection, buy(OURS), "default", 1)
        for one in again:
            rows.put_report(connection, one, "WS", 1)
        [found] = reader.intents(connection)
        fills = {one.exec_id: one for one in reader.fills(connection)}

    assert (found.status, found.order_id) == (expected.reported, expected.order_id)
    assert (found.cum_qty, found.cum_cost) == (expected.cum_qty, expected.cum_cost)
    assert (found.reason, found.costed_qty) == (expected.reason, expected.costed_qty)
    assert fills == dict(expected.fills)
