"""A day of the journal as a file that shows when anybody changed it afterwards.

One line a record, oldest first: 64 hexadecimal digits, a space, a JSON object. The digits are the SHA-256 of those of
the line before (zeros before the first) and of the object's bytes, so that no line can be changed, added, moved or
taken out without all later ones. The first line says what the file is, the last one how many records there are and
where the chain ended. Whoever keeps that final hash elsewhere can also tell a file that was made anew.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from heapq import merge
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from core.data.journal import reader
from core.data.journal.schema import PRIVATE_FILE, version_of

FORMAT = "tidewire-sealed-day"
FORMAT_VERSION = 1
GENESIS = b"0" * 64
ACCOUNT = "account"
"""Under which the masked number of the account is kept in the journal."""

LINE_LIMIT = 4 << 20
"""Bytes; no record comes near. A longer line is not read to its end."""

DAY_NS = 86_400_000_000_000

_QUERIES = {
    "intent": """SELECT sent_ns, cl_ord_id, profile, request FROM orders
        WHERE sent_ns >= ? AND sent_ns < ? ORDER BY sent_ns, rowid""",
    "report": "SELECT recv_ns, road, raw FROM reports WHERE recv_ns >= ? AND recv_ns < ? ORDER BY recv_ns, id",
    "fill": """SELECT ts, exec_id, order_id, cl_ord_id, symbol, side, qty, price, cost, fees, liquidity, trade_id
        FROM fills WHERE ts >= ? AND ts < ? ORDER BY ts, exec_id""",
    "balance": "SELECT ts, asset, total, wallets FROM balances WHERE ts >= ? AND ts < ? ORDER BY ts, id",
    "event": "SELECT ts, kind AS source, text FROM events WHERE ts >= ? AND ts < ? ORDER BY ts, id",
}
_JSON_COLUMNS = frozenset({"request", "raw", "fees", "wallets"})


class Header(msgspec.Struct, frozen=True, kw_only=True, tag_field="record", tag="header"):
    """The first line. ``schema``: of the journal; ``until``: before this time (ns UTC), earlier than the day's end
    when the day was not over; ``account``: a mask, never the whole."""

    format: str
    version: int
    schema: int
    program: str
    mode: str
    profile: str
    account: str
    day: str
    until: int


class Footer(msgspec.Struct, frozen=True, kw_only=True, tag_field="record", tag="footer"):
    """The last line: the number of records between it and the header, and the hash of the line before it."""

    count: int
    final: str


class Sealed(msgspec.Struct, frozen=True):
    """What a file holds whose chain is whole. ``final`` is the hash to keep elsewhere."""

    header: Header
    count: int
    final: str


class BrokenSeal(Exception):
    """The file is not as it was written. ``line`` is the first wrong one, from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def day_start_ns(day: date) -> int:
    """Return when a day begins, ns UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000_000


def mask_account(account: str) -> str:
    """Return an account's name with all but its last four characters covered, of a short one nothing."""
    return f"…{account[-4:]}" if len(account) > 8 else ""


def seal(connection: sqlite3.Connection, day: date, out: Path, now_ns: int, about: dict[str, str]) -> Sealed:
    """Write all of one day (UTC) into a file only its owner may read. It appears as a whole or not at all.

    ``about``: program, mode and profile. OSError when the file cannot be written,
    sqlite3.Error when the journal cannot be read.
    """
    start = day_start_ns(day)
    header = Header(
        format=FORMAT,
        version=FORMAT_VERSION,
        schema=version_of(connection),
        account=reader.kept(connection, ACCOUNT).get(ACCOUNT, ""),
        day=day.isoformat(),
        until=min(start + DAY_NS, now_ns),
        **about,
    )
    connection.execute("BEGIN")  # one moment of the journal for all of its tables
    try:
        with _appearing(out) as file:
            chain = _Chain(file)
            chain.add(msgspec.json.encode(header))
            count = 0
            for record in _records(connection, start, header.until):
                chain.add(record)
                count += 1
            final = chain.last.decode()
            chain.add(msgspec.json.encode(Footer(count=count, final=final)))
    finally:
        connection.execute("ROLLBACK")
    return Sealed(header, count, final)


def verify(path: Path) -> Sealed:
    """Read a sealed file to its end. BrokenSeal names the first wrong line; OSError when it cannot be read."""
    with path.open("rb") as file:
        lines = _chained(file)
        first = next(lines, None)
        header, number = _header(first), 1
        before = first[0] if first else GENESIS
        for number, (digest, content) in enumerate(lines, 2):
            footer = _footer(content)
            if footer is not None:
                _check_end(footer, number, before)
                if next(lines, None) is not None:
                    raise BrokenSeal(number + 1, "something follows the last line")
                return Sealed(header, footer.count, footer.final)
            before = digest
    raise BrokenSeal(number + 1, "the file ends without its last line")


def _check_end(footer: Footer, number: int, before: bytes) -> None:
    if footer.count != number - 2:
        raise BrokenSeal(number, f"says {footer.count:,} records, there are {number - 2:,}")
    if footer.final.encode() != before:
        raise BrokenSeal(number, "names another final hash")


def _header(line: tuple[bytes, bytes] | None) -> Header:
    if line is None:
        raise BrokenSeal(1, "the file is empty")
    try:
        header = msgspec.json.decode(line[1], type=Header)
    except msgspec.DecodeError as error:
        raise BrokenSeal(1, "not the beginning of a sealed day") from error
    if header.format != FORMAT or header.version > FORMAT_VERSION:
        raise BrokenSeal(1, f"{header.format} {header.version} is not understood here")
    return header


def _footer(content: bytes) -> Footer | None:
    if b'"record":"footer"' not in content[:24]:
        return None
    try:
        return msgspec.json.decode(content, type=Footer)
    except msgspec.DecodeError:
        return None


def _chained(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield hash and content of each line that continues the chain."""
    last, number = GENESIS, 0
    while line := file.readline(LINE_LIMIT):
        number += 1
        digest, space, content = line[:64], line[64:65], line[65:-1]
        if not line.endswith(b"\n") or space != b" ":
            raise BrokenSeal(number, "cut off, or not a line of a sealed day")
        if not hmac.compare_digest(digest, _link(last, content)):
            raise BrokenSeal(number, "does not fit the chain: this line or one before it was changed")
        last = digest
        yield digest, content


class _Chain:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.last = GENESIS

    def add(self, content: bytes) -> None:
        self.last = _link(self.last, content)
        self._file.write(self.last + b" " + content + b"\n")


def _link(last: bytes, content: bytes) -> bytes:
    return hashlib.sha256(last + content).hexdigest().encode()


def _records(connection: sqlite3.Connection, since: int, until: int) -> Iterator[bytes]:
    span = (since, until)
    tables = [_table(connection, record, query, span) for record, query in _QUERIES.items()]
    for _, content in merge(*tables, key=lambda record: record[0]):
        yield content


def _table(
    connection: sqlite3.Connection, record: str, query: str, span: tuple[int, int]
) -> Iterator[tuple[int, bytes]]:
    found = connection.execute(query, span)
    names = [described[0] for described in found.description]
    for row in found:
        cells: dict[str, Any] = {"record": record}
        for name, value in zip(names, row, strict=True):
            cells[name] = msgspec.Raw(value.encode()) if name in _JSON_COLUMNS else value
        yield row[0], msgspec.json.encode(cells)


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
