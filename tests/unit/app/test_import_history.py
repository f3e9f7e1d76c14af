"""Kraken's exports come in whole or not at all, and only once."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from core.app.import_history import placed
from core.app.profit_file import Anchor, Change
from core.data.journal import reader
from core.data.journal.schema import open_existing
from core.data.kraken.csv_exports import read_export
from core.domain.account import BalanceChange
from core.domain.ids import Asset, LedgerId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Fee
from core.domain.times import parse_ns
from core.processing.profit import ProfitBooks
from core.runtime.paths import find_paths
from gui.cli import main
from tests.helpers.market import full_desk
from tests.helpers.records import open_journal

D = Decimal
EXPORTS = Path(__file__).parents[2] / "fixtures" / "kraken_exports"
TRADES = (EXPORTS / "trades.csv").read_text()
LEDGERS = (EXPORTS / "ledgers.csv").read_text()
PAIRS = (Symbol("BTC/USD"), Symbol("DOGE/USD"))


@pytest.fixture
async def paths():
    """A profile whose journal knows the pairs."""
    found, desk = find_paths(), full_desk()
    found.make()
    async with open_journal(found.journal_file("demo")) as journal:
        journal.note_instruments([desk.instrument(pair) for pair in PAIRS], 1)
    return found


def bring(tmp_path, text):
    file = tmp_path / "export.csv"
    file.write_text(text)
    return main(["journal", "import", str(file)])


def fills(paths):
    with closing(open_existing(paths.journal_file("demo"))) as connection:
        return list(reader.fills(connection))


def test_each_trade_is_read_to_the_last_digit_under_its_modern_names(tmp_path):
    file = tmp_path / "trades.csv"
    file.write_text(TRADES)

    found = read_export(file, PAIRS)

    first, second = found.fills
    assert (first.symbol, first.side, first.qty, first.price) == (
        *("BTC/USD", Side.BUY),
        *(D("0.01000000"), D("16800.10000")),
    )
    assert first.fees == (Fee(Asset("USD"), D("0.26880")),)
    assert first.ts == parse_ns("2023-01-05T10:33:05.7099Z")
    assert (second.symbol, second.side) == ("DOGE/USD", Side.SELL)


def test_ledger_entries_follow_from_each_other_and_pending_ones_are_left_out(tmp_path):
    file = tmp_path / "ledgers.csv"
    file.write_text(LEDGERS)

    found = read_export(file, PAIRS)

    assert [change.ledger_id[-1] for change in found.changes] == ["0", "1", "2"]
    dollars = [change for change in found.changes if change.asset == "USD"]
    assert dollars[1].balance == dollars[0].balance + dollars[1].amount - dollars[1].fee
    assert found.changes[2].asset == "BTC"


async def test_a_file_taken_twice_is_there_once(paths, tmp_path, capsys):
    assert bring(tmp_path, TRADES) == 0
    assert "2 trades" in capsys.readouterr().out
    assert bring(tmp_path, TRADES) == 0
    assert "0 trades and 0 ledger entries imported, 2 were known already" in capsys.readouterr().out
    assert bring(tmp_path, LEDGERS) == 0
    kept = paths.profit_file("demo").read_bytes()
    assert bring(tmp_path, LEDGERS) == 0

    assert len(fills(paths)) == 2
    assert paths.profit_file("demo").read_bytes() == kept
    assert kept.count(b"\n") == 3


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("0.07OO000", "price is not a number"),
        ("NaN", "price is not an amount"),
        ("1e99", "price is not an amount"),
        ("-1", "above zero"),
    ],
)
async def test_a_bad_line_is_named_and_nothing_is_written(paths, tmp_path, capsys, wrong, reason):
    assert bring(tmp_path, TRADES.replace("0.0700000", wrong)) == 1

    told = capsys.readouterr().out
    assert "line 3: " in told
    assert reason in told
    assert "Nothing was imported" in told
    assert fills(paths) == []


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", TRADES.replace("XDGUSD", "NOPE"), TRADES[:-40]])
async def test_what_is_not_an_export_is_refused_whole(paths, tmp_path, text, capsys):
    assert bring(tmp_path, text) == 1
    assert "line " in capsys.readouterr().out
    assert fills(paths) == []


def test_an_entry_older_than_an_anchor_is_placed_before_it():
    def change(number, ts):
        return BalanceChange(
            asset=Asset("USD"), amount=D(1), fee=D(0), balance=D(1), ledger_id=LedgerId(f"L{number}"), ts=ts
        )

    kept = [
        (b"other", None),
        (b"early", Anchor(Asset("USD"), 100, D(5), opening=True)),
        (b"mine", Change(change(9, 150))),
        (b"late", Anchor(Asset("USD"), 200, D(6))),
    ]

    lines = placed(kept, [change(1, 50), change(2, 160), change(3, 300)])

    assert [line.split(b'"ledger_id":"')[-1][:5].strip(b'",') for line in lines] == [
        *(b"other", b"L1", b"early", b"mine", b"L2", b"late", b"L3"),
    ]


async def test_profit_reckons_with_what_was_imported(paths, tmp_path):
    bring(tmp_path, TRADES)
    bring(tmp_path, LEDGERS)
    books = ProfitBooks()
    for fill in fills(paths):
        books.add_fill(fill, None)
    for line in paths.profit_file("demo").read_bytes().splitlines():
        books.add_change(msgspec.json.decode(line, type=Change).change)

    bitcoin, dollars = books.position(Asset("BTC")), books.position(Asset("USD"))

    assert bitcoin.quantity == D("0.01")
    assert bitcoin.cost == D("168.2698"), "what the ledger says was paid, the fee included"
    assert dollars.quantity == D("831.7302") + D("7.00000") - D("0.01820")
