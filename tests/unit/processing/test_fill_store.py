from core.domain.ids import Asset, ExecId
from core.domain.orders import Fee
from core.processing.fill_store import FillStore
from tests.helpers.reports import fill

FEE = (Fee(Asset("USD"), 1),)


def test_a_fill_told_by_two_roads_is_kept_once():
    store = FillStore()

    assert store.add(fill(1))
    assert not store.add(fill(1))
    assert len(store.all()) == 1


def test_of_two_accounts_of_a_fill_the_one_with_the_fee_is_kept_whichever_came_first():
    early, late = FillStore(), FillStore()
    for store, order in ((early, ((), FEE)), (late, (FEE, ()))):
        assert store.add(fill(1, fees=order[0]))
        assert not store.add(fill(1, fees=order[1]))

    assert early.get(ExecId("T1")).fees == late.get(ExecId("T1")).fees == FEE


def test_a_fuller_account_is_told_to_observers_and_a_repeated_one_is_not():
    store, told = FillStore(), []
    store.observe(told.append)
    store.add(fill(1, fees=FEE))
    store.flush()

    store.add(fill(1, fees=FEE))

    assert told == [frozenset({"T1"})]
    assert not store.is_dirty


def test_fills_stand_newest_first():
    store = FillStore()
    for number in (2, 3, 1):
        store.add(fill(number))

    assert [row.exec_id for row in store.all()] == ["T3", "T2", "T1"]


def test_an_unknown_fill_is_none():
    assert FillStore().get(ExecId("T9")) is None
