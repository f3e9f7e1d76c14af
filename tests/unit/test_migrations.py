"""Nothing an earlier version wrote is lost, and nothing a later one wrote is touched."""

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from core.data.journal import reader, schema
from core.domain.errors import SettingsError, StartError
from core.domain.orders import OrderStatus
from core.runtime import settings
from core.runtime.settings import Settings, load_settings, save_settings

FIXTURES = Path(__file__).parents[1] / "fixtures"
JOURNALS = sorted((FIXTURES / "journal").glob("v*.sql"))
SETTINGS = sorted((FIXTURES / "settings").glob("v*.json"))


def number(path):
    return int(path.stem.removeprefix("v").partition("-")[0])


@pytest.mark.parametrize(
    ("kept", "version"),
    [(JOURNALS, schema.VERSION), (SETTINGS, settings.VERSION)],
    ids=["journal", "settings"],
)
def test_every_version_before_this_one_is_kept_as_it_was_written(kept, version):
    numbers = {number(path) for path in kept}

    assert numbers >= {1, *range(1, version)}
    assert max(numbers) <= version


@pytest.mark.parametrize("release", JOURNALS, ids=lambda path: path.stem)
def test_an_old_journal_is_brought_up_to_date_without_losing_a_row(tmp_path, release):
    path = tmp_path / "data" / "journal.sqlite"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(release.read_text())
        tables = [name for (name,) in old.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        before = {name: old.execute(f"SELECT * FROM {name}").fetchall() for name in tables}

    with closing(schema.open_to_write(path)) as connection:
        assert schema.version_of(connection) == schema.VERSION
        assert schema.integrity_problem(connection) == ""
        for name, rows in before.items():
            after = connection.execute(f"SELECT * FROM {name}").fetchall()
            # A later version may know more of a row; what was in it stays, in its place.
            assert [row[: len(old)] for row, old in zip(after, rows, strict=True)] == rows


@pytest.mark.parametrize("release", SETTINGS, ids=lambda path: path.stem)
def test_old_settings_are_read_with_every_choice_in_them(tmp_path, release):
    path = tmp_path / "settings.json"
    path.write_bytes(release.read_bytes())
    given = json.loads(release.read_text())

    loaded = load_settings(path)

    assert loaded != Settings()
    assert (loaded.mode, list(loaded.symbols), loaded.theme) == (
        given["mode"],
        given["symbols"],
        given["theme"],
    )
    assert loaded.limits.loss.halt == given["limits"]["loss"]["halt"]
    read = json.loads(msgspec.json.encode(loaded))
    assert {name: read[name] for name in given if name != "limits"} | {"limits": given["limits"]} == given
    save_settings(loaded, path)
    assert load_settings(path) == loaded


def test_a_file_with_every_field_there_ever_was_is_kept():
    """A field that is renamed or taken away, or whose values change, breaks the files of those who set it."""
    kept = {name for path in SETTINGS for name in json.loads(path.read_text())}

    assert kept == set(Settings.__struct_fields__), "a new field belongs into v1-every-field.json"


@pytest.mark.parametrize("release", JOURNALS, ids=lambda path: path.stem)
def test_an_old_journal_ends_with_the_tables_of_a_new_one(tmp_path, release):
    old, new = (tmp_path / name / "journal.sqlite" for name in ("old", "new"))
    old.parent.mkdir()
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(release.read_text())

    def shape(path):
        with closing(schema.open_to_write(path)) as connection:
            rows = connection.execute(
                "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
            )
            return [(*row[:3], " ".join((row[3] or "").split())) for row in rows]

    assert shape(old) == shape(new)


@pytest.mark.parametrize("release", JOURNALS, ids=lambda path: path.stem)
def test_what_an_old_journal_tells_of_orders_and_fills_is_still_understood(tmp_path, release):
    path = tmp_path / "data" / "journal.sqlite"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(release.read_text())

    with closing(schema.open_to_write(path)) as connection:
        intents, fills = list(reader.intents(connection)), list(reader.fills(connection))
        counts = reader.counts(connection)
        reports = [one for intent in intents for one in reader.reports(connection, intent.request.cl_ord_id)]

    assert (len(intents), len(fills)) == (counts["orders"], counts["fills"])
    assert len(reports) == counts["reports"]
    assert [(i.request.symbol, i.status, i.cum_qty) for i in intents][:2] == [
        ("BTC/USD", OrderStatus.PARTIALLY_FILLED, Decimal("0.2")),
        ("BTC/USD", OrderStatus.REJECTED, Decimal(0)),
    ]


def test_a_newer_journal_is_refused_and_left_to_the_last_byte(tmp_path):
    path = tmp_path / "data" / "journal.sqlite"
    schema.open_to_write(path).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()

    with pytest.raises(StartError, match=f"version {schema.VERSION + 1}"):
        schema.open_to_write(path)

    assert path.read_bytes() == before


def test_newer_settings_are_refused_and_neither_changed_nor_overwritten(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": settings.VERSION + 1, "hovering": True}))
    before = path.read_bytes()

    with pytest.raises(SettingsError) as refusal:
        load_settings(path)
    with pytest.raises(SettingsError):
        save_settings(Settings(), path)

    assert "newer" in refusal.value.user_message
    assert path.read_bytes() == before
