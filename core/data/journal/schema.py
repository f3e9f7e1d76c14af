"""The journal's file: how it is opened, checked, brought up to date, and what its failures are called.

SQLite in WAL mode, one writer. Amounts are TEXT decimals, times integer nanoseconds UTC. Tables change only by
another entry at the end of MIGRATIONS; ``user_version`` counts those applied.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from core.domain.errors import JournalUnavailable, StartError
from core.runtime.paths import make_private_folder

PRIVATE_FILE = 0o600
APPLICATION_ID = 0x54574A4C
""""TWJL" in the file's header: a foreign database is recognised before it is changed."""

BUSY_S = 2.0
"""How long another program's lock is waited for: longer than any honest reader, shorter than a user's patience."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE orders (
            cl_ord_id TEXT PRIMARY KEY, profile TEXT NOT NULL, sent_ns INTEGER NOT NULL, request TEXT NOT NULL,
            symbol TEXT NOT NULL, side TEXT NOT NULL, order_type TEXT NOT NULL,
            qty TEXT, cash_qty TEXT, limit_price TEXT,
            order_id TEXT, status INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '',
            reason_rank INTEGER NOT NULL DEFAULT -1, reason_ns INTEGER NOT NULL DEFAULT 0,
            cum_qty TEXT NOT NULL DEFAULT '0', cum_cost TEXT NOT NULL DEFAULT '0',
            costed_qty TEXT NOT NULL DEFAULT '0', filled_qty TEXT NOT NULL DEFAULT '0',
            filled_cost TEXT NOT NULL DEFAULT '0', updated_ns INTEGER NOT NULL)""",
        "CREATE INDEX orders_by_order_id ON orders (order_id)",
        "CREATE INDEX orders_by_status ON orders (status)",
        """CREATE TABLE reports (
            id INTEGER PRIMARY KEY, recv_ns INTEGER NOT NULL, road TEXT NOT NULL, order_id TEXT NOT NULL,
            cl_ord_id TEXT, exec_type TEXT NOT NULL, ts INTEGER NOT NULL, raw TEXT NOT NULL, digest BLOB NOT NULL)""",
        "CREATE UNIQUE INDEX reports_once ON reports (order_id, digest)",
        "CREATE INDEX reports_by_cl_ord_id ON reports (cl_ord_id)",
        """CREATE TABLE fills (
            exec_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, cl_ord_id TEXT, symbol TEXT NOT NULL,
            side TEXT NOT NULL, qty TEXT NOT NULL, price TEXT NOT NULL, cost TEXT NOT NULL, fees TEXT NOT NULL,
            liquidity TEXT NOT NULL, trade_id INTEGER NOT NULL, ts INTEGER NOT NULL)""",
        "CREATE INDEX fills_by_order_id ON fills (order_id)",
        "CREATE INDEX fills_by_ts ON fills (ts)",
        """CREATE TABLE balances (
            id INTEGER PRIMARY KEY, ts INTEGER NOT NULL, asset TEXT NOT NULL, total TEXT NOT NULL,
            wallets TEXT NOT NULL)""",
        "CREATE INDEX balances_by_asset ON balances (asset, id)",
        """CREATE TABLE events (
            id INTEGER PRIMARY KEY, ts INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL)""",
        "CREATE INDEX events_by_ts ON events (ts)",
        "CREATE TABLE instruments (symbol TEXT PRIMARY KEY, ts INTEGER NOT NULL, raw TEXT NOT NULL) WITHOUT ROWID",
    ),
)
VERSION = len(MIGRATIONS)

TABLES = ("orders", "reports", "fills", "balances", "events", "instruments", "meta")

_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "another program holds it locked",
    sqlite3.SQLITE_LOCKED: "another program holds it locked",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_PERM: "it may not be written",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is damaged",
}


class DamagedJournal(JournalUnavailable):
    """The file is not, or no longer, a journal. It is kept as it is; trying again does not help."""


def open_to_write(path: Path, *, busy_s: float = BUSY_S, check: bool = True) -> sqlite3.Connection:
    """Return the writer's connection to an up-to-date journal, made if missing, readable by its owner alone.

    ``check`` reads the whole file first. StartError when a newer program wrote it (it is not touched),
    DamagedJournal, JournalUnavailable, OSError and sqlite3.Error when it cannot be used now.
    """
    _make_private(path)
    _refuse_others(path, busy_s)
    connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        if check and (problem := integrity_problem(connection, "quick_check")):
            raise DamagedJournal(f"{path}: {problem}")
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise JournalUnavailable(f"{path}: this file system cannot hold a write-ahead log")
        # The writer checkpoints when it has nothing better to do, so that no order waits for it.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path, *, busy_s: float = BUSY_S) -> sqlite3.Connection:
    """Return a connection that cannot write. sqlite3.Error when there is no such file or it cannot be read."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_s, isolation_level=None
    )
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def open_existing(path: Path) -> sqlite3.Connection:
    """Return a reading connection to a journal this program understands; the file is not changed.

    StartError says why not: missing, damaged, another program's, of another version.
    """
    if not path.exists():
        raise _unreadable(path, f"There is no journal at {path}: nothing was recorded yet.")
    connection = None
    try:
        connection = open_to_read(path)
        version, owner = version_of(connection), connection.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise _unreadable(path, f"The journal {path} cannot be read: {describe(error)}.") from error
    if owner == APPLICATION_ID and version == VERSION:
        return connection
    connection.close()
    if owner != APPLICATION_ID:
        raise _unreadable(path, f"{path} is not a journal of Tidewire.")
    age = "a newer" if version > VERSION else "an older"
    advice = "" if version > VERSION else " Starting Tidewire brings it up to date."
    raise _unreadable(path, f"The journal {path} was written by {age} version of Tidewire.{advice}")


def version_of(connection: sqlite3.Connection) -> int:
    """Return the number of migrations the file has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Apply the steps the file has not seen: all of them or, when one fails, none."""
    if version_of(connection) >= len(steps):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in steps[version_of(connection) :]:
            for statement in step:
                connection.execute(statement)
        # Pragmas take no parameters; both values are integers of ours.
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def integrity_problem(connection: sqlite3.Connection, check: str = "integrity_check") -> str:
    """Return what SQLite's own check complains of first, empty when it is content. Reads the whole file."""
    try:
        found = str(connection.execute(f"PRAGMA {check}(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    return "" if found == "ok" else found


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the error says that the file itself is broken."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def describe(error: sqlite3.Error) -> str:
    """Return the error in a trader's words, followed by SQLite's."""
    words = _WORDS.get(_code(error))
    return f"{words} ({error})" if words else str(error)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits only tell where


def _make_private(path: Path) -> None:
    try:
        make_private_folder(path.parent)
    except StartError as failure:
        raise JournalUnavailable(failure.detail) from failure
    # SQLite gives its -wal and -shm files the mode of this one.
    handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        if os.name == "posix" and os.fstat(handle).st_mode & 0o077:
            os.fchmod(handle, PRIVATE_FILE)
    finally:
        os.close(handle)


def _refuse_others(path: Path, busy_s: float) -> None:
    """Look before anything is written: a newer journal and a foreign database stay as they are."""
    if path.stat().st_size == 0:
        return
    try:
        with closing(open_to_read(path, busy_s=busy_s)) as connection:
            version = version_of(connection)
            owner = connection.execute("PRAGMA application_id").fetchone()[0]
            has_tables = connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise DamagedJournal(f"{path}: {error}") from error
        raise
    if has_tables and owner != APPLICATION_ID:
        raise DamagedJournal(f"{path}: a database of another program")
    if version > VERSION:
        raise StartError(
            f"{path}: version {version}, here {VERSION}",
            user_message=f"The journal {path} was written by a newer version of Tidewire. It was left as it is.",
        )


def _unreadable(path: Path, told: str) -> StartError:
    return StartError(str(path), user_message=told)
