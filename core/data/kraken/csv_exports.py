"""Kraken's own exports of an account's history as CSV: the trades, and the ledgers.

Columns are found by their names in the first line; those not named here are not read. Times are UTC. Source: Kraken's
page "How to interpret Trades / Ledgers history fields".
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import product
from pathlib import Path

import msgspec

from core.domain.account import BalanceChange
from core.domain.ids import Asset, ExecId, LedgerId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Fee, Fill
from core.domain.times import parse_ns

TRADES = ("txid", "ordertxid", "pair", "time", "type", "price", "cost", "fee", "vol")
LEDGERS = ("txid", "refid", "time", "type", "subtype", "asset", "amount", "fee", "balance")
MOST_DIGITS, MOST_EXPONENT = 40, 30

_OLD = {"BTC": ("BTC", "XBT"), "DOGE": ("DOGE", "XDG")}
_NEW = {"XBT": "BTC", "XDG": "DOGE"}
_X = frozenset({"ETC", "ETH", "LTC", "MLN", "REP", "XBT", "XDG", "XLM", "XMR", "XRP", "ZEC"})
_Z = frozenset({"AUD", "CAD", "EUR", "GBP", "JPY", "USD"})

Row = Mapping[str, str]


class BadLine(msgspec.Struct, frozen=True):
    """A line that cannot be taken; the first line of the file has the number 1."""

    number: int
    reason: str


class Exported(msgspec.Struct, frozen=True):
    """What a file holds. With bad lines nothing of it should be used."""

    fills: tuple[Fill, ...] = ()
    changes: tuple[BalanceChange, ...] = ()
    bad: tuple[BadLine, ...] = ()


def read_export(file: Path, symbols: Iterable[Symbol]) -> Exported:
    """Read a whole export. ``symbols``: pairs known here. OSError when the file cannot be read."""
    with file.open(encoding="utf-8-sig", newline="", errors="strict") as text:
        reader = csv.reader(text, strict=True)
        try:
            header = [name.strip().lower() for name in next(reader, [])]
            read = _reader(header, symbols)
            if read is None:
                return Exported(bad=(BadLine(1, "neither Kraken's trades nor its ledgers"),))
            return _rows(reader, header, read)
        except (csv.Error, UnicodeDecodeError) as error:
            return Exported(bad=(BadLine(reader.line_num + 1, f"not CSV: {error}"),))


def _rows(
    lines: Iterator[list[str]], header: list[str], read: Callable[[Row], Fill | BalanceChange | None]
) -> Exported:
    found: dict[str, Fill | BalanceChange] = {}
    bad: list[BadLine] = []
    for number, cells in enumerate(lines, 2):
        if not cells:
            continue
        try:
            if len(cells) != len(header):
                raise ValueError(f"{len(cells)} cells, the first line has {len(header)}")
            one = read(dict(zip(header, cells, strict=True)))
            if one is None:
                continue
            key = one.exec_id if isinstance(one, Fill) else one.ledger_id
            if found.setdefault(key, one) != one:
                raise ValueError(f"{key} was told otherwise before")
        except ValueError as error:
            bad.append(BadLine(number, str(error)))
    fills = tuple(one for one in found.values() if isinstance(one, Fill))
    changes = tuple(one for one in found.values() if isinstance(one, BalanceChange))
    return Exported(fills, tuple(sorted(changes, key=lambda one: one.ts)), tuple(bad))


def _reader(
    header: list[str], symbols: Iterable[Symbol]
) -> Callable[[Row], Fill | BalanceChange | None] | None:
    if set(TRADES) <= set(header):
        pairs = _pairs(symbols)
        return lambda row: _fill(row, pairs)
    return _change if set(LEDGERS) <= set(header) else None


def _fill(row: Row, pairs: Mapping[str, Symbol]) -> Fill:
    symbol = pairs.get(row["pair"].replace("/", "").upper())
    if symbol is None:
        raise ValueError(f"the pair {row['pair'][:30]!r} is not known here")
    if Decimal(_number(row.get("margin") or "0", "margin")):
        raise ValueError("a trade on margin, which is not a purchase or a sale of what is owned")
    qty, price, cost = (_number(row[name], name) for name in ("vol", "price", "cost"))
    if qty <= 0 or price <= 0 or cost < 0:
        raise ValueError("vol and price must be above zero")
    fee = _number(row["fee"], "fee")
    return Fill(
        exec_id=ExecId(_id(row["txid"], "txid")),
        order_id=OrderId(_id(row["ordertxid"], "ordertxid")),
        symbol=symbol,
        side=Side(row["type"]) if row["type"] in ("buy", "sell") else _refuse("type", row["type"]),
        qty=qty,
        price=price,
        cost=cost,
        fees=(Fee(Asset(symbol.partition("/")[2]), fee),) if fee else (),
        ts=_time(row["time"]),
    )


def _change(row: Row) -> BalanceChange | None:
    """Return an entry; ``None`` for the first of the two lines of a deposit, that has neither id nor balance yet."""
    if not row["txid"].strip() and not row["balance"].strip():
        return None
    return BalanceChange(
        asset=_asset(row["asset"]),
        amount=_number(row["amount"], "amount"),
        fee=_number(row["fee"], "fee"),
        balance=_number(row["balance"], "balance"),
        ledger_id=LedgerId(_id(row["txid"], "txid")),
        ref_id=_id(row["refid"], "refid"),
        type=row["type"],
        subtype=row["subtype"],
        category=row.get("aclass", ""),
        ts=_time(row["time"]),
    )


def _pairs(symbols: Iterable[Symbol]) -> dict[str, Symbol]:
    """Return every spelling of the pairs: BTCUSD, XBTUSD, XXBTZUSD."""
    found: dict[str, Symbol] = {}
    for symbol in symbols:
        base, _, quote = symbol.partition("/")
        for one, other in product(_spellings(base), _spellings(quote)):
            found.setdefault(f"{one}{other}".upper(), symbol)
    return found


def _spellings(asset: str) -> list[str]:
    names = list(_OLD.get(asset, (asset,)))
    return names + [f"X{name}" for name in names if name in _X] + [f"Z{name}" for name in names if name in _Z]


def _asset(name: str) -> Asset:
    code, dot, place = name.strip().partition(".")
    if not code or not code.isascii() or not code.isalnum() or len(name) > 20:
        raise ValueError(f"not an asset: {name[:30]!r}")
    if (code[0] == "X" and code[1:] in _X) or (code[0] == "Z" and code[1:] in _Z):
        code = code[1:]
    return Asset(_NEW.get(code, code) + dot + place)


def _number(text: str, name: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{name} is not a number: {text[:30]!r}") from None
    if (
        not value.is_finite()
        or len(value.as_tuple().digits) > MOST_DIGITS
        or abs(value.adjusted()) > MOST_EXPONENT
    ):
        raise ValueError(f"{name} is not an amount: {text[:30]!r}")
    return value


def _id(text: str, name: str) -> str:
    text = text.strip()
    if not text or len(text) > 40 or not text.isascii() or not text.replace("-", "").isalnum():
        raise ValueError(f"{name} is not an id: {text[:30]!r}")
    return text


def _time(text: str) -> int:
    return parse_ns(text.strip().replace(" ", "T"))


def _refuse(name: str, text: str) -> Side:
    raise ValueError(f"{name} is not understood: {text[:30]!r}")
