import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from core.data.journal.schema import VERSION
from core.domain.orders import OrderStatus
from core.runtime.clock import MANUAL_START_NS, NS_PER_S
from core.runtime.paths import find_paths
from gui.cli import main
from tests.helpers.records import ORDER_ID, buy, fill, open_journal, report

NOW = MANUAL_START_NS
DAY_NS = 86_400 * NS_PER_S


@pytest.fixture
def path():
    return find_paths().journal_file("demo")


def ended(cl_ord_id, order_id=ORDER_ID, cum_qty="0.5"):
    return report(
        "filled", order_id, cl_ord_id=cl_ord_id, status=OrderStatus.FILLED, cum_qty=Decimal(cum_qty), ts=NOW
    )


async def trade(journal, executed="0.5"):
    """Journal an order of which the exchange says 0.5 was executed."""
    request = buy()
    await journal.intent(request, "default", NOW)
    journal.note_report(report("trade", fill=fill(qty=executed)), "WS", NOW)
    journal.note_report(ended(request.cl_ord_id), "WS", NOW)
    return request


async def test_a_sound_journal_passes_even_while_it_is_in_use(path, capsys):
    async with open_journal(path) as journal:
        await trade(journal)
        await journal.intent(buy(), "default", NOW)
        await journal.flush()

        code = main(["journal", "check"])

    told = capsys.readouterr().out
    assert code == 0
    assert "FAIL" not in told
    assert "in 1 ended orders" in told
    assert "1 orders without a final outcome" in told
    assert ["orders", "2"] in [line.split() for line in told.splitlines()]


async def test_fills_that_do_not_add_up_are_named(path, capsys):
    async with open_journal(path) as journal:
        await trade(journal, executed="0.3")

    code = main(["journal", "check"])

    assert code == 1
    assert f"{ORDER_ID}: the exchange said 0.5, the fills sum to 0.3" in capsys.readouterr().out


async def test_an_intent_that_became_two_orders_is_named(path, capsys):
    async with open_journal(path) as journal:
        request = await trade(journal)
        journal.note_report(ended(request.cl_ord_id, "OTHER", "0"), "WS", NOW)

    code = main(["journal", "check"])

    assert code == 1
    assert f"{request.cl_ord_id} became {ORDER_ID} and OTHER" in capsys.readouterr().out


async def test_a_damaged_journal_fails_the_check(path, capsys):
    async with open_journal(path) as journal:
        for number in range(500):
            journal.note_fill(fill(f"T{number}"))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * (size - 8192))
    before = path.read_bytes()

    code = main(["journal", "check"])

    assert code == 1
    assert "FAIL integrity" in capsys.readouterr().out
    assert path.read_bytes() == before


@pytest.mark.parametrize("command", [["journal", "check"], ["export"]])
def test_without_a_journal_the_answer_is_a_sentence(path, capsys, command):
    code = main(command)

    assert code == 1
    assert f"There is no journal at {path}" in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.parametrize("command", [["journal", "check"], ["export"]])
async def test_what_is_no_journal_of_this_version_is_refused(path, capsys, command):
    async with open_journal(path):
        pass
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    assert main(command) == 1
    assert "written by a newer version" in capsys.readouterr().err

    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("PRAGMA application_id = 7")
    assert main(command) == 1
    assert "not a journal of Tidewire" in capsys.readouterr().err

    path.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    assert main(command) == 1
    assert "cannot be read: it is damaged" in capsys.readouterr().err


async def test_an_export_says_where_it_went(path, capsys, tmp_path):
    out = tmp_path / "mine.csv"
    async with open_journal(path) as journal:
        journal.note_fill(fill("T1", ts=NOW))
        journal.note_fill(fill("T2", ts=NOW + DAY_NS))

    code = main(["export", "fills", "--since", "2026-01-02", "--out", str(out)])

    assert code == 0
    assert capsys.readouterr().out == f"fills: 1 written to {out}\n"
    assert [line.split(",")[1] for line in out.read_text().splitlines()] == ["exec_id", "T2"]


async def test_without_a_name_the_export_names_its_file(path, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with open_journal(path) as journal:
        await journal.intent(buy(), "default", NOW)

    assert main(["export", "orders"]) == 0

    [file] = tmp_path.glob("tidewire-default-orders-*Z.csv")
    assert len(file.read_text().splitlines()) == 2


async def test_an_export_that_cannot_be_written_leaves_nothing(path, capsys, tmp_path):
    async with open_journal(path):
        pass

    missing = main(["export", "--out", str(tmp_path / "nowhere" / "out.csv")])
    folder = main(["export", "--out", str(tmp_path)])

    told = capsys.readouterr().err
    assert (missing, folder) == (1, 1)
    assert told.count("cannot be written") == 2
    assert not list(tmp_path.parent.glob(".*csv*"))


async def test_between_a_moment_and_an_earlier_one_there_is_nothing_to_export(path, capsys):
    async with open_journal(path):
        pass

    assert main(["export", "--since", "2026-01-02", "--until", "2026-01-02"]) == 1
    assert "no time between" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "01.02.2026"])
def test_a_date_that_is_none_is_a_usage_error(capsys, text):
    with pytest.raises(SystemExit) as stop:
        main(["export", "--since", text])

    assert stop.value.code == 2
    assert "not a date" in capsys.readouterr().err
