"""An account's history has an end: the oldest goes, and nothing that is asked of the rest becomes wrong."""

from decimal import Decimal

import pytest

from core.sim import accounts
from core.sim.lag import Archive
from tests.helpers.sim_engine import Bench

KEPT = 10


@pytest.fixture
def bench(monkeypatch):
    for name in ("CLOSED_KEPT", "FILLS_KEPT", "ENTRIES_KEPT"):
        monkeypatch.setattr(accounts, name, KEPT)
    monkeypatch.setattr(accounts, "KEPT_SLACK", 2)
    return Bench()


def trade(bench, times):
    for _ in range(times):
        bench.add("bob", "sell", "0.01", "100000")
        bench.add("ann", "buy", "0.01", "100000")
        bench.wait(1)


def test_the_oldest_of_each_goes_and_the_newest_stays(bench):
    resting = bench.add("ann", "buy", "0.01", "1000")
    trade(bench, 40)

    engine = bench.engine
    for history in (engine.closed_orders("ann"), engine.fills("ann"), engine.ledger("ann")):
        assert KEPT <= len(history) <= KEPT + 4
    newest = engine.fills("ann")[0]
    assert newest.order_id == engine.closed_orders("ann")[0].order_id
    assert newest.exec_id == engine.ledger("ann")[0].ref_id
    assert [order.order_id for order in engine.open_orders("ann")] == [resting.order_id]


def test_balances_do_not_depend_on_what_is_remembered(bench):
    before = bench.engine.balances("ann")

    trade(bench, 40)

    fee = sum((entry.fee for entry in bench.engine.ledger("ann")), Decimal(0))
    assert fee > 0
    assert bench.engine.balances("ann")["BTC"] == before["BTC"] + Decimal("0.4")


@pytest.mark.parametrize(("early", "more"), [(5, 3), (40, 3), (40, 5), (41, 5), (42, 5)])
def test_a_lagging_view_shows_the_same_before_and_after_history_went(bench, early, more):
    trade(bench, early)
    archive = Archive(bench.engine)
    then, balances = bench.now_ns, bench.engine.balances("ann")
    bench.wait(1)

    trade(bench, more)

    seen = archive.as_of(then)
    assert seen.balances("ann") == balances
    assert all(fill.ts_ns <= then for fill in seen.fills("ann"))
    assert all(entry.ts_ns <= then for entry in seen.ledger("ann"))
    archive.close()
