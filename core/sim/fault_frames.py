"""Frames read and changed as text: which channel and symbols they are about, and a field made wrong.

Numbers keep their digits; a changed one differs in its last digit, so that a checksum over it fails for certain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Final

import msgspec

from core.sim import wire
from core.sim.fault_matching import Subject

_CHANNEL = re.compile(r'\{"channel":"(\w+)"')
_SYMBOL = re.compile(r'"symbol":"([^"]+)"')
_ORDER = re.compile(r'"order_id":"([^"]+)"')
BOOK_FIELDS = ("price", "qty")

Levels = Collection[tuple[Decimal, Decimal]]
Json = dict[str, object]


class Missing(Enum):
    """The value of a field that is not there at all."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


def data_subject(frame: str, role: str, line: int, symbol_of: Callable[[str], str | None]) -> Subject:
    """Return what a data frame is about. ``symbol_of`` knows the symbol of an order id: reports need not name it."""
    found = _CHANNEL.match(frame)
    channel = found[1] if found else ""
    symbols = set(_SYMBOL.findall(frame))
    if channel == "executions":
        symbols |= {symbol for one in _ORDER.findall(frame) if (symbol := symbol_of(one))}
    return Subject(road="ws", kind="data", role=role, line=line, channel=channel, symbols=frozenset(symbols))


def corrupted(
    text: str, field: str, value: object, symbol: str | None, top: Callable[[str], tuple[Levels, Levels]]
) -> str | None:
    """Return a frame, or a REST body, with one field changed; None when it has no such field.

    Within a frame only rows of ``symbol`` count, when one is given. ``value`` None makes another value of the same
    kind. ``top(symbol)`` are the ten best levels, among which a changed price or quantity of a book must lie.
    """
    try:
        whole = wire.decode(text)
    except wire.Malformed:
        return None
    if not isinstance(whole, dict):
        return None
    if whole.get("channel") == "book" and field in BOOK_FIELDS:
        rows: Iterator[Json] = _checked_levels(whole, symbol, top)
    else:
        rows = _rows(
            whole.get("result") if "error" in whole and "method" not in whole else whole, field, symbol
        )
    row = next(rows, None)
    if row is None:
        return None
    if value is MISSING:
        del row[field]
    else:
        row[field] = spoiled(row[field]) if value is None else value
    return wire.encode(_exact(whole))


def _rows(value: object, field: str, symbol: str | None) -> Iterator[Json]:
    """Yield every object that has the field, outermost first, leaving out those of other symbols."""
    if isinstance(value, dict):
        if symbol is not None and value.get("symbol", symbol) != symbol:
            return
        if field in value:
            yield value
        for inner in value.values():
            yield from _rows(inner, field, symbol)
    elif isinstance(value, list):
        for inner in value:
            yield from _rows(inner, field, symbol)


def _checked_levels(
    whole: Json, symbol: str | None, top: Callable[[str], tuple[Levels, Levels]]
) -> Iterator[Json]:
    """Yield the levels of a book frame that its checksum covers."""
    data = whole["data"]
    assert isinstance(data, list), "a book frame has data"
    for row in data:
        if symbol not in (None, row["symbol"]):
            continue
        for levels, best in zip((row["bids"], row["asks"]), top(row["symbol"]), strict=True):
            yield from (one for one in levels if (one["price"], one["qty"]) in best)


def spoiled(value: object) -> object:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, Decimal):
        return _next(value)
    if isinstance(value, str):
        try:
            return f"{_next(Decimal(value)):f}"
        except (InvalidOperation, AssertionError):
            return value[::-1] + "?"
    return [] if isinstance(value, list) else {}


def _next(value: Decimal) -> Decimal:
    """Return the number with one more in its last digit."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "a number, not infinity"
    return value + Decimal(1).scaleb(exponent)


def _exact(value: object) -> object:
    """Return the value with decimals as the digits they have."""
    if isinstance(value, Decimal):
        return msgspec.Raw(f"{value:f}".encode())
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(inner) for inner in value]
    return value
