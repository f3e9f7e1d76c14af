"""The paper account's file: what comes back, who may read it, and what is refused without damage."""

from __future__ import annotations

import os
import sqlite3
from decimal import Decimal

import pytest

from core.app.venue import open_venue
from core.domain.errors import StartError
from core.domain.mode import Mode
from core.runtime.clock import SystemClock
from core.sim.model import ConditionalSpec, TriggerSpec
from core.sim.paper_store import KEPT_ROWS, Holdings, PaperStore, Unreadable, forget, row
from tests.helpers.sim_engine import SYMBOL, Bench, spec


@pytest.fixture
def file(tmp_path):
    return tmp_path / "paper-account.sqlite"


@pytest.fixture
def store(file):
    opened = PaperStore(file)
    opened.load()
    yield opened
    opened.close()


def reloaded(file):
    again = PaperStore(file)
    try:
        return again.load()
    finally:
        again.close()


def test_everything_comes_back_as_it_was_to_the_last_digit(store, file):
    bench = Bench()
    bench.add("bob", "sell", "1", "64000.0")
    bought = bench.add("ann", "buy", "0.12345678", "64000.0")
    resting = bench.engine.add(
        "ann",
        spec(
            "buy",
            "0.5",
            "60000.0",
            order_type="stop-loss-limit",
            trigger=TriggerSpec(Decimal("70000.0")),
            conditional=ConditionalSpec("limit", limit_price=Decimal("71000.1")),
        ),
    )
    engine, account = bench.engine, bench.engine.account("ann")
    holdings = Holdings(account.balances, list(account.volumes), account.volume_sum, 17)
    rows = [row("account", "main", holdings), row("pair", SYMBOL, engine.pairs[SYMBOL])]
    rows += [row("order", order.order_id, order) for order in (bought, resting)]
    rows += [row("fill", fill.exec_id, fill) for fill in engine.fills("ann")]
    rows += [row("ledger", entry.ledger_id, entry) for entry in account.ledger]

    store.write(rows)
    saved = reloaded(file)

    assert saved.holdings == holdings
    assert saved.pairs == [engine.pairs[SYMBOL]]
    assert saved.orders == [bought, resting]
    assert saved.fills == account.fills
    assert saved.ledger == account.ledger


def test_a_later_word_on_an_order_replaces_the_earlier_and_keeps_its_place(store, file):
    bench = Bench()
    first, second = (bench.add("ann", "buy", "1", price) for price in ("60000.0", "61000.0"))
    store.write([row("order", order.order_id, order) for order in (first, second)])
    bench.engine.cancel("ann", order_id=first.order_id)
    store.write([row("order", first.order_id, first)])

    assert [order.status for order in reloaded(file).orders] == ["canceled", "new"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of files as Unix knows them")
def test_nobody_else_may_read_it(store, file):
    store.write([row("account", "main", Holdings({}, []))])

    modes = {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_a_newer_file_is_refused_and_stays_as_it_is(store, file):
    store.write([row("account", "main", Holdings({"USD": Decimal(5)}, []))])
    store.close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = file.read_bytes()

    with pytest.raises(Unreadable, match="newer"):
        PaperStore(file).load()
    assert file.read_bytes() == before


async def test_what_is_no_account_stops_the_start_with_the_way_out(file):
    file.write_bytes(b"no database at all, and long enough to be looked at" * 40)

    with pytest.raises(StartError) as refused:
        async with open_venue(
            Mode.PAPER,
            clock=SystemClock(),
            seed=1,
            speed=1.0,
            endpoints_file=None,
            profile="default",
            paper_file=file,
        ):
            pass
    assert "tidewire paper reset" in refused.value.user_message
    assert file.read_bytes().startswith(b"no database")


def test_a_full_disk_is_an_error_and_nothing_half_written(store, file):
    store.write([row("account", "main", Holdings({"USD": Decimal(1)}, []))])
    assert store._connection is not None
    store._connection.execute("PRAGMA max_page_count = 1")

    with pytest.raises(OSError, match="paper-account"):
        store.write([row("ledger", str(number), "x" * 5000) for number in range(50)])

    assert reloaded(file).ledger == []


def test_old_history_goes_and_orders_stay(store, file):
    bench = Bench()
    bench.add("bob", "sell", "1", "64000.0")
    bench.add("ann", "buy", "0.1", "64000.0")
    fill, entry = bench.engine.fills("ann")[0], bench.engine.account("ann").ledger[0]
    store.write(row("fill", str(number), fill) for number in range(KEPT_ROWS + 5))
    store.write([row("ledger", "one", entry)])

    saved = reloaded(file)

    assert len(saved.fills) == KEPT_ROWS
    assert len(saved.ledger) == 1


def test_forgetting_removes_every_part(store, file):
    store.write([row("account", "main", Holdings({}, []))])
    store.close()

    assert forget(file)
    assert list(file.parent.iterdir()) == []
    assert not forget(file)
