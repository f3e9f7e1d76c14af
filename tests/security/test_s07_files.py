"""S7: what the program writes is its owner's alone, and the journal takes text as text."""

import ast
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

import dev
from core.data.journal.schema import DamagedJournal, open_to_read, open_to_write

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def modes(home):
    return {str(path.relative_to(home)): stat.S_IMODE(path.lstat().st_mode) for path in home.rglob("*")}


@posix
def test_s07_a_run_of_the_program_leaves_no_file_others_can_read(own_home):
    picture = own_home / "picture.png"
    command = [sys.executable, "-m", "gui", "--mode", "demo", "--screenshot", str(picture), "--after", "4"]
    old = os.umask(0)
    try:
        done = subprocess.run(command, cwd=dev.ROOT, capture_output=True, text=True, check=False)
    finally:
        os.umask(old)

    assert picture.exists(), done.stderr
    found = modes(own_home)
    assert {name for name in found if "journal-demo" in name}
    assert {name for name in found if name.endswith((".log", "fault.log"))}
    open_to_others = {
        name: oct(mode)
        for name, mode in found.items()
        if mode & 0o077 and (own_home / name).name != "picture.png"
    }
    assert open_to_others == {}


@posix
def test_s07_a_journal_that_stood_open_is_closed(tmp_path):
    path = tmp_path / "data" / "journal.sqlite"
    path.parent.mkdir(mode=0o755)
    path.touch(0o644)

    open_to_write(path).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_s07_the_journal_trusts_no_schema(tmp_path):
    path = tmp_path / "data" / "journal.sqlite"
    for opened in (open_to_write(path), open_to_read(path)):
        with closing(opened) as connection:
            assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)


def test_s07_a_damaged_journal_is_found_at_start(tmp_path):
    path = tmp_path / "data" / "journal.sqlite"
    with closing(open_to_write(path)) as connection:
        connection.executemany("INSERT INTO events (ts, kind, text) VALUES (1, 'k', ?)", [("x" * 900,)] * 200)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 4096] = os.urandom(4096)
    path.write_bytes(raw)

    with pytest.raises((DamagedJournal, sqlite3.DatabaseError)):
        open_to_write(path)


def spliced(tree):
    """Yield every text with values in it that is handed to a database, unless they are constants of ours."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("execute", "executemany")):
            continue
        for part in ast.walk(node.args[0]):
            if isinstance(part, ast.FormattedValue):
                name = ast.unparse(part.value)
                if not name.isupper():
                    yield node.lineno, ast.unparse(node.args[0])


def test_s07_no_statement_of_the_journal_is_put_together_from_text():
    """Values go in as parameters. Pragmas and names of tables take none; both are ours."""
    folder = dev.ROOT / "core" / "data" / "journal"
    found = [text for path in folder.glob("*.py") for _, text in spliced(ast.parse(path.read_text()))]

    assert [
        text for text in found if not text.startswith(("f'PRAGMA ", "f'SELECT count(*) FROM {table}"))
    ] == []
