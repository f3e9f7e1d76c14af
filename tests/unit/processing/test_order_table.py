"""The table of faults section 3: every event in every status, and what becomes of the order."""

from decimal import Decimal

import pytest

from core.domain.effects import Reconcile
from core.domain.ids import OrderId
from core.domain.orders import OrderStatus, RequestFlag
from core.processing.fill_store import FillStore
from core.processing.order_store import OrderStore
from tests.helpers.reports import ORDER, OURS, THEIRS, report, traded

S = OrderStatus
INFERRED = (S.SENT, S.IN_DOUBT, S.NOT_FOUND)
OPEN = (S.PENDING_NEW, S.NEW, S.PARTIALLY_FILLED)
FINAL = (S.REJECTED, S.EXPIRED, S.CANCELED, S.FILLED)
WORDS = {S.PENDING_NEW: "pending_new", S.NEW: "new", S.EXPIRED: "expired", S.CANCELED: "canceled"}


def store_with(status):
    """A store in which our order stands at this status, reached as it is in life."""
    store = OrderStore(FillStore())
    store.add(ORDER)
    if status in (S.IN_DOUBT, S.NOT_FOUND, S.REJECTED):
        store.infer(OURS, status)
    elif status is S.PARTIALLY_FILLED:
        store.report(traded(9, "0.25"))
    elif status is S.FILLED:
        store.report(traded(9, "1"))
        store.report(report("filled", S.FILLED, cum_qty=Decimal(1)))
    elif status is not S.SENT:
        store.report(report(WORDS[status], status))
    assert store.get(OURS).status is status
    store.take_alarms()
    return store


def says(exec_type, status, **more):
    return lambda store: store.report(report(exec_type, status, **more))


EVENTS = {
    "not sent": lambda store: store.infer(OURS, S.REJECTED, "not sent"),
    "refused": lambda store: store.infer(OURS, S.REJECTED, "EOrder:Insufficient funds"),
    "outcome unknown": lambda store: store.infer(OURS, S.IN_DOUBT, "no answer"),
    "walk proves absence": lambda store: store.infer(OURS, S.NOT_FOUND, "absent"),
    "accepted": says("pending_new", S.PENDING_NEW),
    "report new": says("new", S.NEW),
    "report trade": lambda store: store.report(traded(1, "0.25")),
    "report last trade": lambda store: store.report(traded(1, "1")),
    "report filled": says("filled", S.FILLED, cum_qty=Decimal(1)),
    "report canceled": says("canceled", S.CANCELED),
    "report expired": says("expired", S.EXPIRED),
    "report amended": says("amended", None, limit_price=Decimal(90), ts=2 * 10**18),
    "line lost": lambda store: store.doubt(),
    "cancel asked": lambda store: store.flag(store.get(OURS), cancel=RequestFlag.ASKED),
    "cancel in doubt": lambda store: store.flag(store.get(OURS), cancel=RequestFlag.DOUBT),
}
CONCLUSIONS = {
    "not sent": S.REJECTED,
    "refused": S.REJECTED,
    "outcome unknown": S.IN_DOUBT,
    "walk proves absence": S.NOT_FOUND,
}
REPORTED = {
    "accepted": S.PENDING_NEW,
    "report new": S.NEW,
    "report trade": S.PARTIALLY_FILLED,
    "report last trade": S.PARTIALLY_FILLED,
    "report filled": S.FILLED,
    "report canceled": S.CANCELED,
    "report expired": S.EXPIRED,
    "report amended": S.PENDING_NEW,
}


def expected(status, event):
    """What the table says, in words of rank: the highest wins, and what we conclude never outranks a report."""
    if event in CONCLUSIONS:
        return max(status, CONCLUSIONS[event]) if status in (*INFERRED, S.REJECTED) else status
    if event in REPORTED:
        after = max(status, REPORTED[event])
        # Filled before the cancel: the last trade completes an order that was reported as ended.
        ended_early = after in (S.CANCELED, S.EXPIRED) and event == "report last trade"
        return S.FILLED if ended_early else after
    return status


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_in_every_status_leads_where_the_table_says(status, event):
    store = store_with(status)

    EVENTS[event](store)

    assert store.get(OURS).status is expected(status, event)
    assert (store.get(OURS) in store.open()) == store.get(OURS).status.counts_as_open


@pytest.mark.parametrize("event", REPORTED)
def test_a_report_on_an_order_proven_absent_raises_an_alarm(event):
    store = store_with(S.NOT_FOUND)

    EVENTS[event](store)

    assert [alarm.kind for alarm in store.take_alarms()] == ["order surfaced"]


@pytest.mark.parametrize("status", [*OPEN, S.EXPIRED, S.CANCELED, S.FILLED])
def test_another_id_of_the_exchange_raises_an_alarm_that_names_both(status):
    store = store_with(status)
    other = OrderId("OXXXXX-YYYYY-ZZZZZZ")

    store.report(report("new", S.NEW, order_id=other, symbol=ORDER.symbol, side=ORDER.side))

    (alarm,) = store.take_alarms()
    assert alarm.order_ids == (THEIRS, other)


@pytest.mark.parametrize("status", FINAL)
def test_a_late_fill_is_added_whatever_the_end(status):
    store = store_with(status)
    before = store.get(OURS).cum_qty

    store.report(traded(2, "0.1"))

    assert store.get(OURS).cum_qty == before + Decimal("0.1")


def test_filled_without_its_fills_asks_for_them():
    store = store_with(S.NEW)

    effects = store.report(report("filled", S.FILLED, cum_qty=Decimal(1)))

    assert effects == [Reconcile(f"fills of {OURS} are missing")]


@pytest.mark.parametrize("status", FINAL)
def test_an_order_that_ended_has_no_open_wish(status):
    store = store_with(S.NEW)
    store.flag(store.get(OURS), cancel=RequestFlag.ASKED, amend=RequestFlag.DOUBT)

    if status is S.REJECTED:
        store.report(report("status", S.REJECTED))
    elif status is S.FILLED:
        store.report(traded(1, "1"))
        store.report(report("filled", S.FILLED))
    else:
        store.report(report(WORDS[status], status))

    assert (store.get(OURS).cancel, store.get(OURS).amend) == (RequestFlag.NONE, RequestFlag.NONE)


@pytest.mark.parametrize("told", ["amended", "restated"])
def test_an_amended_order_keeps_its_status_takes_the_terms_and_ends_the_wish(told):
    store = store_with(S.NEW)
    store.flag(store.get(OURS), amend=RequestFlag.ASKED)

    store.report(report(told, None, limit_price=Decimal(90), ts=2 * 10**18))

    order = store.get(OURS)
    assert (order.status, order.limit_price, order.amend) == (S.NEW, Decimal(90), RequestFlag.NONE)


def test_an_order_in_doubt_can_be_found_absent_only_while_nobody_spoke_of_it():
    store = store_with(S.PENDING_NEW)

    assert OURS not in [order.cl_ord_id for order in store.open() if order.status is S.NOT_FOUND]
    assert store.absent_from([]) == [THEIRS]
    assert store.absent_from([THEIRS]) == []
