"""What a restart finds of the orders of the run before (faults, H1)."""

import pytest

from core.app.record import Record
from core.data.journal.journal import Journal
from core.domain.orders import OrderStatus
from core.processing.stores import Stores
from core.runtime.clock import MANUAL_START_NS, ManualClock
from tests.helpers.records import buy, fill, open_journal, report

REASON = "the program was restarted"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.sqlite"


async def restarted(path):
    """The stores of the next run, and the intents it took back."""
    clock, stores, remembered = ManualClock(), Stores.create(), []
    record = Record(Journal(path, clock), stores, clock, "demo")
    await record.open(remembered.append)
    await record.close()
    return stores, remembered


async def test_an_intent_without_an_outcome_is_in_doubt_after_a_restart(path):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intents([request], "demo", MANUAL_START_NS)

    stores, remembered = await restarted(path)

    order = stores.orders.get(request.cl_ord_id)
    assert (order.status, order.reason, remembered) == (OrderStatus.IN_DOUBT, REASON, [request])
    assert order in stores.orders.open()


async def test_what_the_exchange_said_before_the_restart_still_holds(path):
    request, executed = buy(), fill(qty="0.2")
    async with open_journal(path) as journal:
        await journal.intents([request], "demo", MANUAL_START_NS)
        said = report(
            "trade", cl_ord_id=request.cl_ord_id, status=OrderStatus.PARTIALLY_FILLED, fill=executed
        )
        journal.note_report(said, "WS", MANUAL_START_NS)

    stores, _ = await restarted(path)

    order = stores.orders.get(request.cl_ord_id)
    assert (order.status, order.cum_qty) == (OrderStatus.PARTIALLY_FILLED, executed.qty)
    assert [row.exec_id for row in stores.fills.all()] == [executed.exec_id]


async def test_a_proven_absence_outlives_the_restart_and_may_be_sent_again(path):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intents([request], "demo", MANUAL_START_NS)
        journal.outcome(request.cl_ord_id, OrderStatus.NOT_FOUND, "absent", MANUAL_START_NS)

    stores, remembered = await restarted(path)

    assert stores.orders.get(request.cl_ord_id).status is OrderStatus.NOT_FOUND
    assert remembered == [request]
