"""Of what has ended the newest is kept; of what has not, everything."""

from decimal import Decimal

import msgspec
import pytest

from core.domain.events import BadDataEvent
from core.domain.health import Line
from core.domain.ids import ClOrdId, ExecId
from core.domain.orders import OrderStatus
from core.processing.fill_store import FillStore
from core.processing.order_store import OrderStore
from core.processing.processor import BAD_CHANNELS, Processor
from core.processing.stores import Stores
from tests.helpers.reports import BTC, ORDER, fill, report, traded

BOUND = 10
MANY = 30


@pytest.fixture
def store():
    return OrderStore(FillStore(), BOUND)


def place(store, number, status=OrderStatus.CANCELED):
    """Our order so and so, and what became of it."""
    ours, theirs = ClOrdId(f"ours-{number}"), f"O{number}"
    store.add(msgspec.structs.replace(ORDER, cl_ord_id=ours, created_ns=number))
    store.stamp(ours, "clicked", number)
    told = {"order_id": theirs, "cl_ord_id": ours, "symbol": BTC, "side": ORDER.side}
    store.report(report("new", OrderStatus.NEW, **told))
    if status is not OrderStatus.NEW:
        store.report(report("canceled", status, **told))
    return ours


def end_many(store, first=1000):
    for number in range(first, first + MANY):
        place(store, number)
        store.flush()


def test_the_oldest_ended_orders_go_with_all_that_was_kept_of_them(store):
    first = place(store, 1)

    end_many(store)

    assert store.get(first) is None
    assert store.by_order_id("O1") is None
    assert store.stamps(first) == []
    assert BOUND <= len(store.rows()) <= BOUND + BOUND // 10 + 1
    assert store.forgotten == MANY + 1 - len(store.rows())
    assert store.get(ClOrdId(f"ours-{1000 + MANY - 1}")) is not None


def test_what_is_left_of_an_order_that_went_grows_nowhere(store):
    end_many(store)
    end_many(store, 5000)

    sizes = {len(store._orders), len(store._stamps), len(store._watched), len(store._key_of)}
    assert max(sizes) <= BOUND + BOUND // 10 + 1


@pytest.mark.parametrize("conclusion", [OrderStatus.IN_DOUBT, OrderStatus.NOT_FOUND])
def test_an_order_in_doubt_or_absent_stays_however_old_it_is(store, conclusion):
    doubtful = place(store, 1, OrderStatus.NEW) if conclusion is OrderStatus.IN_DOUBT else ClOrdId("ours-1")
    if conclusion is OrderStatus.NOT_FOUND:
        store.add(msgspec.structs.replace(ORDER, cl_ord_id=doubtful))
    store.infer(doubtful, conclusion)

    end_many(store)

    assert store.get(doubtful) is not None


def test_an_open_order_stays_however_old_it_is(store):
    resting = place(store, 1, OrderStatus.NEW)

    end_many(store)

    assert store.get(resting).status is OrderStatus.NEW


def test_an_ended_order_whose_fills_are_missing_stays(store):
    ours = place(store, 1, OrderStatus.NEW)
    told = {"order_id": "O1", "cl_ord_id": ours}
    store.report(report("filled", OrderStatus.FILLED, cum_qty=Decimal(1), **told))
    assert store.short_of_fills()

    end_many(store)

    assert [order.order_id for order in store.short_of_fills()] == ["O1"]


def test_an_order_somebody_needs_stays_until_nobody_does(store):
    ours, wanted = place(store, 1), [True]
    store.needed.append(lambda key: key == ours and wanted[0])

    end_many(store)
    assert store.get(ours) is not None

    wanted.clear()
    wanted.append(False)
    end_many(store, 5000)
    assert store.get(ours) is None


def test_nothing_goes_before_its_observers_were_told(store):
    told = set()
    store.observe(lambda keys: told.update(key for key in keys if store.by_key(key) is not None))

    for number in range(1000, 1000 + MANY):
        place(store, number)
    store.flush()

    assert len(told) == MANY


def test_a_late_report_of_an_order_that_went_is_no_second_order_of_ours(store):
    first = place(store, 1)
    end_many(store)

    store.report(traded(1, "1", order_id="O1", cl_ord_id=first, symbol=BTC, side=ORDER.side))

    assert store.take_alarms() == []
    assert store.open() == []


def test_the_oldest_fills_go_and_are_still_counted():
    store = FillStore(BOUND)
    for number in range(MANY):
        store.add(fill(number))
        store.flush()

    assert store.count == MANY
    assert BOUND <= len(store.all()) <= BOUND + 2
    assert store.all()[0].exec_id == f"T{MANY - 1}"
    assert store.get(ExecId("T0")) is None
    assert store.newest_ns == fill(MANY - 1).ts


def test_a_fill_told_late_is_told_on_before_it_goes():
    store, told = FillStore(BOUND), []
    for number in range(100, 100 + MANY):
        store.add(fill(number))
        store.flush()
    store.observe(lambda keys: told.extend(store.get(key) for key in keys))

    assert store.add(fill(1))
    store.flush()

    assert told == [fill(1)]


def test_broken_frames_may_name_what_they_like_and_are_all_counted():
    stores = Stores.create()
    processor = Processor(stores)
    events = [BadDataEvent(f"channel {number}", "broken") for number in range(500)]

    processor.apply(Line.PUBLIC, 0, [*events, *events], 1, 1)

    assert stores.health.bad_data.total() == 1000
    assert len(stores.health.bad_data) == BAD_CHANNELS + 1
    assert stores.health.bad_data["channel 0"] == 2
