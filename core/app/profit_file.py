"""What the profit books need and fills do not tell, in a file that is only ever added to: one JSON record a line."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import msgspec

from core.domain.account import BalanceChange
from core.domain.ids import Asset, ExecId
from core.processing.lots import Method
from core.runtime.settings import PRIVATE_FILE


class Choice(msgspec.Struct, frozen=True, tag="method"):
    """The method chosen."""

    method: Method


class Change(msgspec.Struct, frozen=True, tag="change"):
    """A ledger entry heard."""

    change: BalanceChange


class Basis(msgspec.Struct, frozen=True, tag="basis"):
    """What the user said a unit of one entry cost."""

    asset: Asset
    key: str
    price: Decimal


class Rate(msgspec.Struct, frozen=True, tag="rate"):
    """What a unit of a fill's quote was worth when it happened."""

    exec_id: ExecId
    rate: Decimal


class Anchor(msgspec.Struct, frozen=True, tag="anchor"):
    """What the exchange said was owned at a moment (ns UTC) when the entries known then said otherwise.

    ``opening``: the first time it was asked; the difference was there before anything known.
    """

    asset: Asset
    ts: int
    total: Decimal
    opening: bool = False


Kept = Choice | Change | Basis | Rate | Anchor


class ProfitFile:
    """Call ``open`` once, then ``append``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """The file's name, for texts."""
        return self._path.name

    def open(self, *, anew: bool) -> tuple[list[Kept], int]:
        """Return what an earlier run kept, in its order, and how many lines cannot be read. OSError as it comes.

        ``anew`` sets the file aside first.
        """
        if not self._path.exists():
            return [], 0
        if anew:
            self._path.replace(self._path.with_name(f"previous-{self.name}"))
            return [], 0
        content = self._path.read_bytes()
        if content and not content.endswith(b"\n"):
            self._write(b"\n")  # a line was cut off when the program died
        found: list[Kept] = []
        lines = content.splitlines()
        for line in lines:
            try:
                found.append(msgspec.json.decode(line, type=Kept))
            except (msgspec.DecodeError, ValueError):
                continue
        return found, len(lines) - len(found)

    def append(self, kept: Kept) -> None:
        """Add a record. OSError when it cannot be written."""
        self._write(msgspec.json.encode(kept) + b"\n")

    def _write(self, content: bytes) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
        with os.fdopen(handle, "ab") as file:
            file.write(content)
