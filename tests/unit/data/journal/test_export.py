import csv
import json
import stat
from contextlib import closing
from decimal import Decimal

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.journal.export import FOREVER_NS, Span, What, export
from core.data.journal.export_formats import FORMULA_STARTS, Form, _csv_cell
from core.data.journal.schema import open_to_read
from core.domain.account import Balance
from core.domain.ids import Asset
from core.domain.orders import Fee, OrderStatus
from core.runtime.clock import MANUAL_START_NS, NS_PER_S
from tests.helpers.records import ORDER_ID, buy, fill, open_journal, report

NOW = MANUAL_START_NS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "profile" / "journal.sqlite"


def exported(path, what, since_ns=0, until_ns=FOREVER_NS):
    out = path.parent / "out.csv"
    with closing(open_to_read(path)) as connection:
        count = export(connection, what, Span(since_ns, until_ns), out)
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    return rows


async def test_fills_are_written_with_numbers_as_they_are(path):
    async with open_journal(path) as journal:
        fees = (Fee(Asset("USD"), Decimal("-0.00000001")), Fee(Asset("KFEE"), Decimal("2")))
        journal.note_fill(fill("T1", "0.00000001", fees=fees, trade_id=7, liquidity="maker"))
        journal.note_fill(fill("T2", fees=()))

    first, second = exported(path, What.FILLS)

    assert first["time"] == "2026-01-01T00:00:00.000000Z"
    assert (first["qty"], first["fee"], first["fee_asset"]) == ("0.00000001", "-0.00000001", "USD")
    assert (first["more_fees"], first["trade_id"], first["order_id"]) == ("2 KFEE", "7", ORDER_ID)
    assert (second["fee"], second["fee_asset"], second["trade_id"], second["cl_ord_id"]) == ("", "", "", "")


async def test_orders_are_written_with_their_last_state(path):
    request = buy(qty=Decimal("1E-8"))
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        journal.note_report(
            report(
                "canceled",
                cl_ord_id=request.cl_ord_id,
                status=OrderStatus.CANCELED,
                reason="=by user",
                cum_qty=Decimal("0.2"),
            ),
            "WS",
            NOW,
        )

    [row] = exported(path, What.ORDERS)

    assert (row["qty"], row["limit_price"], row["cash_qty"]) == ("0.00000001", "100", "")
    assert (row["status"], row["executed_qty"], row["order_id"]) == ("canceled", "0.2", ORDER_ID)
    assert (row["side"], row["order_type"], row["time_in_force"]) == ("buy", "limit", "gtc")
    assert row["reason"] == "'=by user"


async def test_balances_are_written_when_they_changed(path):
    async with open_journal(path) as journal:
        for ts, total in enumerate(["1", "1", "1.50", "1"], start=1):
            journal.note_balances([Balance(asset=Asset("BTC"), total=Decimal(total))], NOW + ts * NS_PER_S)

    assert [row["total"] for row in exported(path, What.BALANCES)] == ["1", "1.50", "1"]


async def test_only_what_happened_since_is_written(path):
    async with open_journal(path) as journal:
        for second in range(3):
            journal.note_event("line", f"event {second}", NOW + second * NS_PER_S)

    assert [row["text"] for row in exported(path, What.EVENTS, NOW + NS_PER_S)] == ["event 1", "event 2"]


async def test_what_happened_until_then_ends_it(path):
    async with open_journal(path) as journal:
        for second in range(3):
            await journal.intent(buy(), "default", NOW + second * NS_PER_S)
            journal.note_fill(fill(f"T{second}", ts=NOW + second * NS_PER_S))
            journal.note_event("line", f"event {second}", NOW + second * NS_PER_S)

    for what in (What.ORDERS, What.FILLS, What.EVENTS):
        assert len(exported(path, what, until_ns=NOW + 2 * NS_PER_S)) == 2


@pytest.mark.parametrize("count", [0, 1, 25_000])
async def test_every_form_says_the_same_to_the_last_digit(path, count):
    async with open_journal(path) as journal:
        for number in range(count):
            journal.note_fill(fill(f"T{number:05}", "0.00000001", fees=(), trade_id=number + 1))
    rows = exported(path, What.FILLS)
    json_file, parquet_file = path.parent / "out.json", path.parent / "out.parquet"
    with closing(open_to_read(path)) as connection:
        export(connection, What.FILLS, Span(), json_file, Form.JSON)
        export(connection, What.FILLS, Span(), parquet_file, Form.PARQUET)

    told = json.loads(json_file.read_text())
    table = pyarrow.parquet.read_table(parquet_file)

    assert [{name: str(cell or "") for name, cell in row.items()} for row in told] == rows
    assert table.num_rows == count
    assert str(table.schema.field("qty").type) == "decimal128(38, 18)"
    assert table.column("exec_id").to_pylist() == [row["exec_id"] for row in rows]
    assert table.column("qty").to_pylist() == [Decimal(row["qty"]) for row in rows]
    assert table.column("fee").to_pylist() == [None] * count
    assert {stat.S_IMODE(file.stat().st_mode) for file in (json_file, parquet_file)} == {0o600}


@pytest.mark.parametrize("start", FORMULA_STARTS)
async def test_x5_text_that_a_spreadsheet_would_run_is_disarmed(path, start):
    async with open_journal(path) as journal:
        journal.note_event("line", f"{start}cmd|' /C calc'!A0", NOW)

    [row] = exported(path, What.EVENTS)

    assert row["text"].startswith("'" + start)


@given(st.text())
def test_x5_no_text_at_all_begins_like_a_formula(text):
    cell = _csv_cell(text)

    assert not cell.startswith(FORMULA_STARTS)
    assert cell.removeprefix("'") == text.removeprefix("'")


async def test_S7_the_file_is_for_its_owner_alone_and_appears_as_a_whole(path):
    async with open_journal(path) as journal:
        journal.note_event("line", "lost", NOW)
    out = path.parent / "out.csv"
    out.write_text("yesterday's")
    out.chmod(0o644)

    exported(path, What.EVENTS)

    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir() if "csv" in file.name) == ["out.csv"]
