"""The shapes an export can have: CSV for a spreadsheet, JSON for a program, Parquet for analysis.

Numbers keep every digit: as they are in CSV, as text in JSON, as 38-digit decimals in Parquet.
"""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TextIO

import msgspec

from core.data.journal.schema import PRIVATE_FILE
from core.domain.errors import StartError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
ROWS_AT_ONCE = 10_000
DIGITS, PLACES = 38, 18
"""Of a decimal in Parquet; the finest quantity has ten places, the largest balance fewer than twenty digits."""

Cell = str | Decimal | int | None


class Form(StrEnum):
    """Kinds of files."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class Table(Protocol):
    """Takes rows of one table, in order, and is closed when all were taken."""

    def add(self, row: Sequence[Cell]) -> None: ...

    def close(self) -> None: ...


class CsvTable:
    """One line a row, a header first. Text that a spreadsheet would take for a formula gets an apostrophe."""

    def __init__(self, draft: Path, columns: Sequence[str]) -> None:
        self._file = _open(draft)
        self._writer = csv.writer(self._file)
        self._writer.writerow(columns)

    def add(self, row: Sequence[Cell]) -> None:
        self._writer.writerow([_csv_cell(value) for value in row])

    def close(self) -> None:
        _finish(self._file)


class JsonTable:
    """A list of objects, one a line. Numbers are text: a program that reads them as floats would lose digits."""

    def __init__(self, draft: Path, columns: Sequence[str]) -> None:
        self._file = _open(draft)
        self._columns = columns
        self._before = "["

    def add(self, row: Sequence[Cell]) -> None:
        named = {name: _json_cell(value) for name, value in zip(self._columns, row, strict=True)}
        self._file.write(f"{self._before}\n{msgspec.json.encode(named).decode()}")
        self._before = ","

    def close(self) -> None:
        self._file.write("[]\n" if self._before == "[" else "\n]\n")
        _finish(self._file)


class ParquetTable:
    """Needs the package pyarrow. Which columns hold numbers is said by ``numbers``, so that empty ones do too."""

    def __init__(self, draft: Path, columns: Sequence[str], numbers: frozenset[str]) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as missing:
            text = "Parquet needs the package pyarrow, which is not installed. CSV and JSON need nothing."
            raise StartError(str(missing), user_message=text) from missing
        self._arrow: Any = pyarrow
        kinds = {True: pyarrow.decimal128(DIGITS, PLACES), False: pyarrow.string()}
        self._schema = pyarrow.schema([(name, kinds[name in numbers]) for name in columns])
        self._file = _open(draft)
        self._writer: Any = parquet.ParquetWriter(self._file.buffer, self._schema)
        self._rows: list[Sequence[Cell]] = []

    def add(self, row: Sequence[Cell]) -> None:
        self._rows.append([value if isinstance(value, Decimal | None) else str(value) for value in row])
        if len(self._rows) == ROWS_AT_ONCE:
            self._write()

    def close(self) -> None:
        self._write()
        self._writer.close()
        _finish(self._file)

    def _write(self) -> None:
        columns = zip(*self._rows, strict=True) if self._rows else [()] * len(self._schema)
        arrays = [
            self._arrow.array(cells, field.type) for cells, field in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()


@contextmanager
def appearing(path: Path, form: Form, columns: Sequence[str], numbers: frozenset[str]) -> Iterator[Table]:
    """Yield a private table whose file takes its name only when everything is in it. OSError, StartError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        table: Table
        match form:
            case Form.CSV:
                table = CsvTable(draft, columns)
            case Form.JSON:
                table = JsonTable(draft, columns)
            case Form.PARQUET:
                table = ParquetTable(draft, columns, numbers)
        yield table
        table.close()
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _open(draft: Path) -> TextIO:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    return open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="")


def _finish(file: TextIO) -> None:
    with file:
        file.flush()
        os.fsync(file.fileno())


def _csv_cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case str():
            return "'" + value if value.startswith(FORMULA_STARTS) else value
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def _json_cell(value: Cell) -> str | int | None:
    return format(value, "f") if isinstance(value, Decimal) else value
