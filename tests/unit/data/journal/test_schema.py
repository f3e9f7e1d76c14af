import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from core.data.journal.order_rows import merged
from core.data.journal.schema import MIGRATIONS, TABLES, VERSION, migrate, open_to_write, version_of
from core.domain.ids import Asset
from core.domain.orders import Fee, OrderStatus
from core.runtime.clock import MANUAL_START_NS
from tests.helpers.records import fill, open_journal

RELEASES = Path(__file__).parents[3] / "fixtures" / "journal"


def tables_of(connection):
    found = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return {name for (name,) in found}


def test_a_new_journal_has_every_table_and_the_current_version(tmp_path):
    with closing(open_to_write(tmp_path / "journal.sqlite")) as connection:
        assert tables_of(connection) == set(TABLES)
        assert version_of(connection) == VERSION


def test_opening_again_changes_nothing(tmp_path):
    path = tmp_path / "journal.sqlite"
    open_to_write(path).close()
    before = path.read_bytes()

    open_to_write(path).close()

    assert path.read_bytes() == before


def test_only_the_steps_not_seen_are_applied(tmp_path):
    step = ("CREATE TABLE later (id INTEGER PRIMARY KEY)",)
    with closing(open_to_write(tmp_path / "journal.sqlite")) as connection:
        migrate(connection, [*MIGRATIONS, step])

        assert "later" in tables_of(connection)
        assert version_of(connection) == VERSION + 1


def test_a_step_that_fails_leaves_the_journal_as_it_was(tmp_path):
    steps = [*MIGRATIONS, ("CREATE TABLE later (id INTEGER)",), ("CREATE TABLE later (id INTEGER)",)]
    with closing(open_to_write(tmp_path / "journal.sqlite")) as connection:
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            migrate(connection, steps)

        assert tables_of(connection) == set(TABLES)
        assert version_of(connection) == VERSION
        assert not connection.in_transaction


def test_the_schema_is_not_trusted_and_an_order_waits_for_the_disk(tmp_path):
    with closing(open_to_write(tmp_path / "journal.sqlite")) as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("trusted_schema", "journal_mode", "synchronous")
        }

    assert settings == {"trusted_schema": 0, "journal_mode": "wal", "synchronous": 2}


@pytest.mark.parametrize("release", sorted(RELEASES.glob("*.sql")), ids=lambda release: release.stem)
async def test_a_journal_of_every_release_opens_with_all_it_holds(tmp_path, release):
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(release.read_text())

    async with open_journal(path) as journal:
        pending = await journal.pending_intents()
        fills = await journal.fills()
        reports = await journal.reports(pending[0].request.cl_ord_id)
        nonce = await journal.last_nonce()

    assert journal.failure
    assert [(one.status, one.request.limit_price) for one in pending] == [
        (OrderStatus.PARTIALLY_FILLED, Decimal("100.5"))
    ]
    assert fills == [
        fill("T1", "0.2", fees=(Fee(Asset("USD"), Decimal("0.052")),), cl_ord_id=pending[0].request.cl_ord_id)
    ]
    assert merged(reports).cum_qty == Decimal("0.2")
    assert nonce == MANUAL_START_NS
