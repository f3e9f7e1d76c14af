"""S10: a spreadsheet that opens an export runs nothing."""

import csv
import sqlite3
from contextlib import closing

import pytest

from core.data.journal.export import Span, What, export
from core.data.journal.schema import open_to_write

NASTY = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\tx", "\rx", "\0x", "=cmd|' /C calc'!A0")


@pytest.fixture
def journal(tmp_path):
    with closing(open_to_write(tmp_path / "data" / "journal.sqlite")) as connection:
        yield connection


@pytest.mark.parametrize("text", NASTY)
def test_s10_a_text_that_begins_like_a_formula_is_defused(journal: sqlite3.Connection, tmp_path, text):
    journal.execute("INSERT INTO events (ts, kind, text) VALUES (1, 'note', ?)", (text,))
    out = tmp_path / "out.csv"

    export(journal, What.EVENTS, Span(), out)

    with out.open(newline="") as file:
        _, row = csv.reader(line.replace("\0", "") for line in file)
    assert row[2].startswith("'")


def test_s10_our_own_numbers_stay_numbers(journal: sqlite3.Connection, tmp_path):
    journal.execute("INSERT INTO balances (ts, asset, total, wallets) VALUES (1, 'USD', '-12.50', '[]')")
    out = tmp_path / "out.csv"

    export(journal, What.BALANCES, Span(), out)

    with out.open(newline="") as file:
        _, row = csv.reader(file)
    assert row[1:] == ["USD", "-12.50"]


def test_s10_an_export_is_its_owners_alone(journal: sqlite3.Connection, tmp_path):
    out = tmp_path / "out.csv"

    export(journal, What.EVENTS, Span(), out)

    assert out.stat().st_mode & 0o777 == 0o600
