"""Takes Kraken's exports of an account's history into the journal and the profit books (product C5, A3).

All of a file or nothing: with a line that is not understood nothing is written. A file may be taken twice.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from core.app.profit_file import Anchor, Change, Kept
from core.data.journal import reader
from core.data.journal.rows import put_event, put_fill
from core.data.journal.schema import PRIVATE_FILE, describe, open_existing, open_to_write
from core.data.kraken.csv_exports import BadLine, read_export
from core.domain.account import BalanceChange
from core.domain.errors import JournalUnavailable, StartError
from core.domain.orders import Fill
from core.runtime.clock import Clock
from core.runtime.paths import Paths

SOURCE = "import"


class Imported(NamedTuple):
    """``fills`` and ``changes``: how many were new; ``known``: how many were there already.

    With ``bad`` lines nothing was written.
    """

    fills: int = 0
    changes: int = 0
    known: int = 0
    bad: tuple[BadLine, ...] = ()


def import_history(paths: Paths, mode: str, file: Path, clock: Clock) -> Imported:
    """Take a file in. The profile must not be in use. StartError when something cannot be read or written."""
    journal = paths.journal_file(mode)
    try:
        with closing(open_existing(journal)) as connection:
            symbols = [instrument.symbol for instrument in reader.instruments(connection)]
    except sqlite3.Error as error:
        raise StartError(user_message=f"The journal {journal} cannot be read: {describe(error)}.") from error
    if not symbols:
        raise StartError(
            user_message="No pairs are known yet: start Tidewire once in this mode, then import."
        )
    try:
        found = read_export(file, symbols)
    except OSError as error:
        raise StartError(user_message=f"The file {file} cannot be read: {error.strerror}.") from error
    if found.bad:
        return Imported(bad=found.bad)
    if found.fills:
        return _take_fills(journal, found.fills, f"{file.name}: trades", clock)
    return _take_changes(paths.profit_file(mode), found.changes)


def _take_fills(journal: Path, fills: Sequence[Fill], what: str, clock: Clock) -> Imported:
    try:
        with closing(open_to_write(journal)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                known = {exec_id for (exec_id,) in connection.execute("SELECT exec_id FROM fills")}
                new = [fill for fill in fills if fill.exec_id not in known]
                for fill in new:
                    put_fill(connection, fill)
                put_event(connection, SOURCE, f"{what}, {len(new)} new", clock.wall_ns())
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
    except (sqlite3.Error, OSError, JournalUnavailable) as error:
        words = describe(error) if isinstance(error, sqlite3.Error) else str(error)
        raise StartError(
            user_message=f"The journal {journal} cannot be written: {words}. Nothing was imported."
        ) from error
    return Imported(fills=len(new), known=len(fills) - len(new))


def _take_changes(file: Path, changes: Sequence[BalanceChange]) -> Imported:
    try:
        lines = file.read_bytes().splitlines() if file.exists() else []
        kept = [(line, _kept(line)) for line in lines]
        known = {one.change.ledger_id for _, one in kept if isinstance(one, Change)}
        new = [change for change in changes if change.ledger_id not in known]
        if new:
            _replace(file, placed(kept, new))
    except OSError as error:
        raise StartError(
            user_message=f"The file {file} cannot be written: {error.strerror}. Nothing was imported."
        ) from error
    return Imported(changes=len(new), known=len(changes) - len(new))


def placed(kept: Sequence[tuple[bytes, Kept | None]], new: Sequence[BalanceChange]) -> list[bytes]:
    """Return all lines, each new entry before the first anchor of its asset that is later than it.

    The anchor said what was owned; an entry behind it would be counted on top of that.
    """
    before: dict[int, list[bytes]] = {}
    anchors = [(at, one) for at, (_, one) in enumerate(kept) if isinstance(one, Anchor)]
    for change in new:
        later = (at for at, one in anchors if one.asset == change.asset and one.ts > change.ts)
        before.setdefault(next(later, len(kept)), []).append(msgspec.json.encode(Change(change)))
    lines = []
    for at, (line, _) in enumerate(kept):
        lines += [*before.get(at, ()), line]
    return lines + before.get(len(kept), [])


def _kept(line: bytes) -> Kept | None:
    try:
        kept: Kept = msgspec.json.decode(line, type=Kept)
    except (msgspec.DecodeError, ValueError):
        return None  # cut off when the program died; it stays as it is
    return kept


def _replace(file: Path, lines: Sequence[bytes]) -> None:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as out:
            out.write(b"".join(line + b"\n" for line in lines))
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)
