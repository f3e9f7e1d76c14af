import json
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.journal.schema import open_existing
from core.data.journal.seal import FORMAT, BrokenSeal, seal, verify
from core.domain.account import Balance
from core.domain.ids import Asset
from core.runtime.clock import MANUAL_START_NS, NS_PER_S, ManualClock
from core.runtime.paths import find_paths
from gui.cli import main
from tests.helpers.records import buy, fill, open_journal, report

NOW = MANUAL_START_NS
DAY = datetime.fromtimestamp(NOW // NS_PER_S, UTC).date()
ABOUT = {"program": "1", "mode": "demo", "profile": "default"}


async def trade(path):
    """Journal one of everything today and something yesterday."""
    async with open_journal(path, ManualClock()) as journal:
        request = buy()
        await journal.intent(request, "default", NOW)
        journal.note_report(report("trade", fill=fill(), ts=NOW), "WS", NOW)
        journal.note_balances([Balance(asset=Asset("BTC"), total=fill().qty)], NOW)
        journal.note_event("line", "private live", NOW)
        journal.note_event("risk", "denied: order_value", NOW)
        journal.note_event("line", "of the day before", NOW - 86_400 * NS_PER_S)
        await journal.keep("account", "…WXYZ")
    return request


def sealed(path, out, now_ns=NOW + 1):
    with closing(open_existing(path)) as connection:
        return seal(connection, DAY, out, now_ns, ABOUT)


def wrong_line(path):
    with pytest.raises(BrokenSeal) as found:
        verify(path)
    return found.value.line


@pytest.fixture
async def sealed_day(tmp_path):
    await trade(tmp_path / "journal.sqlite")
    sealed(tmp_path / "journal.sqlite", tmp_path / "day.sealed")
    return tmp_path / "day.sealed"


async def test_a_sealed_day_holds_everything_of_that_day_and_says_whose_it_is(tmp_path):
    request = await trade(tmp_path / "journal.sqlite")
    out = tmp_path / "day.sealed"

    written = sealed(tmp_path / "journal.sqlite", out)

    records = [json.loads(line[65:]) for line in out.read_text().splitlines()]
    assert [record["record"] for record in records[1:-1]].count("event") == 2
    assert {record["record"] for record in records} == {
        *("header", "intent", "report", "fill", "balance", "event", "footer"),
    }
    assert records[0]["format"] == FORMAT
    assert records[0]["account"] == "…WXYZ"
    assert records[0]["day"] == DAY.isoformat()
    assert records[1]["request"]["cl_ord_id"] == request.cl_ord_id
    assert records[-1] == {"record": "footer", "count": written.count, "final": written.final}
    assert written.count == len(records) - 2
    assert verify(out) == written
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.glob("*sealed*")) == ["day.sealed"]


async def test_the_same_day_sealed_twice_is_the_same_file(tmp_path):
    await trade(tmp_path / "journal.sqlite")
    first, second = tmp_path / "1", tmp_path / "2"

    sealed(tmp_path / "journal.sqlite", first)
    sealed(tmp_path / "journal.sqlite", second)

    assert first.read_bytes() == second.read_bytes()


def example_file(folder):
    """Return a small sealed file, made by hand from the same parts."""
    import asyncio

    asyncio.run(trade(folder / "journal.sqlite"))
    sealed(folder / "journal.sqlite", folder / "day.sealed")
    return (folder / "day.sealed").read_bytes()


@pytest.fixture(scope="module")
def original():
    with TemporaryDirectory() as folder:
        return example_file(Path(folder))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_one_changed_byte_anywhere_is_found_in_its_line(original, data):
    at = data.draw(st.integers(0, len(original) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != original[at]))
    changed = original[:at] + bytes([value]) + original[at + 1 :]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "changed"
        file.write_bytes(changed)

        assert wrong_line(file) == original[:at].count(b"\n") + 1


@pytest.mark.parametrize("bit", [0, 5, 7])
def test_every_byte_of_a_file_flipped_in_turn_is_found(original, tmp_path, bit):
    file = tmp_path / "changed"
    for at in range(0, len(original), 7 - bit % 3):
        file.write_bytes(original[:at] + bytes([original[at] ^ (1 << bit)]) + original[at + 1 :])

        assert wrong_line(file) == original[:at].count(b"\n") + 1


def test_a_line_taken_out_moved_or_added_is_found(original, tmp_path):
    lines = original.splitlines(keepends=True)
    changes = {
        3: [*lines[:2], *lines[3:]],
        2: [lines[0], lines[2], lines[1], *lines[3:]],
        len(lines): lines[:-1],
        len(lines) + 1: [*lines, lines[-1]],
        1: [],
    }
    for line, changed in changes.items():
        file = tmp_path / "changed"
        file.write_bytes(b"".join(changed))

        assert wrong_line(file) == line


async def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    await trade(tmp_path / "journal.sqlite")
    (tmp_path / "taken").mkdir()

    with pytest.raises(OSError, match="taken"):
        sealed(tmp_path / "journal.sqlite", tmp_path / "taken")

    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".taken")]


async def test_the_commands_seal_and_verify(tmp_path, capsys):
    await trade(find_paths().journal_file("demo"))
    out = tmp_path / "day.sealed"

    assert main(["journal", "seal", DAY.isoformat(), "--out", str(out)]) == 0
    final = verify(out).final
    assert f"final hash {final}" in capsys.readouterr().out
    assert main(["journal", "verify", str(out)]) == 0
    assert capsys.readouterr().out.startswith(f"ok   {DAY}")

    content = bytearray(out.read_bytes())
    content[len(content) // 2] ^= 1
    out.write_bytes(content)
    line = bytes(content[: len(content) // 2]).count(b"\n") + 1
    assert main(["journal", "verify", str(out)]) == 1
    assert f"line {line}" in capsys.readouterr().out


async def test_a_day_to_come_is_refused_and_an_unfinished_one_says_so(tmp_path, capsys):
    await trade(find_paths().journal_file("demo"))
    today = datetime.now(UTC).date()
    out = tmp_path / "day.sealed"

    assert main(["journal", "seal", (today + timedelta(days=2)).isoformat(), "--out", str(out)]) == 1
    assert not out.exists()
    assert "has not begun" in capsys.readouterr().err
    assert main(["journal", "seal", today.isoformat(), "--out", str(out)]) == 0
    assert "the day was not over" in capsys.readouterr().out
