"""The paper account in a file: balances, orders, fills, ledger and what they refer to. SQLite, written in batches.

A batch is one transaction: after a crash either all of it is there or nothing. Readable by its owner only.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from core.sim.model import ZERO, AssetSpec, Fill, LedgerEntry, PairSpec, SimOrder

VERSION = 1
PRIVATE_FILE = 0o600
KEPT_ROWS = 20_000
"""Of fills and of ledger lines; older ones go at the next start."""

BUSY_S = 5.0

T = TypeVar("T")
Kind = Literal["asset", "pair", "account", "order", "fill", "ledger"]


class Unreadable(Exception):
    """The file is not a paper account, or that of a newer program."""


@dataclass(slots=True)
class Holdings:
    """What an account has. ``volumes``: time and USD value of each trade, for the fee tier."""

    balances: dict[str, Decimal]
    volumes: list[tuple[int, Decimal]]
    volume_sum: Decimal = ZERO
    dead_man_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to keep, under its name among its kind."""

    kind: Kind
    key: str
    body: bytes


@dataclass(slots=True)
class Saved:
    """Everything an earlier run left, each list oldest first."""

    holdings: Holdings | None
    assets: list[AssetSpec]
    pairs: list[PairSpec]
    orders: list[SimOrder]
    fills: list[Fill]
    ledger: list[LedgerEntry]


def row(kind: Kind, key: str, value: object) -> Row:
    """Return what keeps a value."""
    return Row(kind, key, msgspec.json.encode(value))


class PaperStore:
    """One file. Every method blocks; threads take turns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._turn = threading.Lock()

    def load(self) -> Saved:
        """Open the file, made if there is none, and return what it holds. Raises Unreadable and OSError."""
        try:
            self._connection = self._open()
            return self._read(self._connection)
        except (sqlite3.DatabaseError, msgspec.MsgspecError) as odd:
            self.close()
            raise Unreadable(f"{self._path.name}: {odd}") from odd

    def write(self, rows: Iterable[Row]) -> None:
        """Keep these, all or none. Raises OSError when the disk does not take them."""
        assert self._connection is not None, "load comes first"
        try:
            with self._turn, self._connection:
                self._connection.executemany(
                    "INSERT INTO rows (kind, key, body) VALUES (?, ?, ?)"
                    " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                    [(one.kind, one.key, one.body) for one in rows],
                )
        except sqlite3.Error as failure:
            raise OSError(f"{self._path.name}: {failure}") from failure

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
        connection = sqlite3.connect(self._path, timeout=BUSY_S, check_same_thread=False)
        self._connection = connection
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise Unreadable(f"{self._path.name} was written by a newer Tidewire")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL,"
                " body BLOB NOT NULL, UNIQUE (kind, key))"
            )
            connection.execute(f"PRAGMA user_version = {VERSION}")
        return connection

    def _read(self, connection: sqlite3.Connection) -> Saved:
        self._prune(connection)

        def all_of(kind: Kind, shape: type[T]) -> list[T]:
            bodies = connection.execute("SELECT body FROM rows WHERE kind = ? ORDER BY id", (kind,))
            return [msgspec.json.decode(body, type=shape) for (body,) in bodies]

        return Saved(
            holdings=next(iter(all_of("account", Holdings)), None),
            assets=all_of("asset", AssetSpec),
            pairs=all_of("pair", PairSpec),
            orders=all_of("order", SimOrder),
            fills=all_of("fill", Fill),
            ledger=all_of("ledger", LedgerEntry),
        )

    @staticmethod
    def _prune(connection: sqlite3.Connection) -> None:
        with connection:
            for kind in ("fill", "ledger"):
                connection.execute(
                    "DELETE FROM rows WHERE kind = ?1 AND id <= (SELECT id FROM rows WHERE kind = ?1"
                    " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                    (kind, KEPT_ROWS),
                )


def forget(path: Path) -> bool:
    """Delete a paper account; return whether there was one. Raises OSError."""
    there = path.exists()
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return there
