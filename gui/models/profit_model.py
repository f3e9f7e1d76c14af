"""Rows of the profit table: one asset each, valued at the prices of now.

A ``?`` marks figures that know only a part.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.app.profit_keeper import ProfitKeeper
from core.domain.ids import Asset, Symbol
from core.processing.profit import Position
from core.processing.stores import Stores
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

MONEY_DIGITS = 2
UNKNOWN = "unknown"


class Standing(msgspec.Struct, frozen=True):
    """What a row reads: a position and what a unit is worth now. ``digits`` of quantities and prices."""

    position: Position
    mark: Decimal | None
    qty_digits: int
    price_digits: int

    @property
    def unrealised(self) -> Decimal | None:
        """Gain of what has a known basis."""
        return self.position.unrealised(self.mark)

    @property
    def basis(self) -> str:
        """How much of the basis is known, in words."""
        position = self.position
        if position.unknown:
            return "basis partly known" if position.known else "basis unknown"
        return "result partly known" if position.unsettled else "known"


class ProfitModel(KeyedTable[Asset, Standing]):
    """Assets by name; the reporting currency, which gains nothing on itself, is left out."""

    def __init__(self, keeper: ProfitKeeper, stores: Stores, parent: QObject | None = None) -> None:
        self._keeper = keeper
        self._stores = stores
        self._rows: dict[Asset, Standing] = {}
        super().__init__(_columns(keeper.currency), self._find, parent)

    def reload(self) -> None:
        """Read all positions and prices anew."""
        currency = self._keeper.currency
        positions = [one for one in self._keeper.positions() if one.asset != currency]
        self._rows = {one.asset: self._standing(one) for one in positions}
        self.set_keys(self._rows)
        self.told(self._rows)

    strikes = True

    def is_hatched(self, row: Standing) -> bool:
        return bool(self._stores.health.account_doubt)

    def _find(self, asset: Asset) -> Standing | None:
        return self._rows.get(asset)

    def _standing(self, position: Position) -> Standing:
        info = self._stores.instruments.asset(position.asset)
        pair = self._stores.instruments.get(Symbol(f"{position.asset}/{self._keeper.currency}"))
        return Standing(
            position,
            self._keeper.mark(position.asset),
            info.precision if info else 10,
            pair.price_precision if pair else MONEY_DIGITS,
        )


def _columns(currency: Asset) -> tuple[Column[Standing], ...]:
    return (
        Column(
            "Asset",
            "USDT",
            lambda row: formats.plain(row.position.asset),
            lambda row: row.position.asset,
            figures=False,
        ),
        Column(
            "Qty",
            "1,234.56781",
            lambda row: formats.qty(row.position.quantity, row.qty_digits),
            lambda row: row.position.quantity,
            hint=lambda row: f"{row.position.quantity:f} {row.position.asset}",
        ),
        Column(
            "Avg cost",
            "basis unknown",
            _average_text,
            lambda row: row.position.average,
            lambda row: active().colour("text" if row.position.known else "warning"),
            hint=_basis_words,
            about=f"What a unit of known basis cost, {currency}, fees included",
        ),
        Column(
            "Mark",
            "123,456.7",
            lambda row: formats.fixed(row.mark, row.price_digits),
            lambda row: row.mark,
            rank=3,
            about=f"What a unit is worth now, {currency}",
        ),
        _gain(
            "Unrealised",
            lambda row: row.unrealised,
            _unrealised_text,
            0,
            "Gain at the mark, of what has a known basis",
        ),
        _gain(
            "Session",
            lambda row: row.position.realised_session,
            _session_text,
            1,
            "Realised since this start",
        ),
        _gain(
            "Realised",
            lambda row: row.position.realised,
            _realised_text,
            0,
            "Realised since the first fill known",
        ),
        Column(
            "Fees",
            "1,234.56",
            lambda row: formats.fixed(row.position.fee_worth, MONEY_DIGITS),
            lambda row: row.position.fee_worth,
            lambda row: active().colour("muted"),
            hint=_fee_words,
            rank=4,
            about=f"Fees of the trades in this asset, {currency}; they are part of cost and result",
        ),
        Column(
            "Basis",
            "basis partly known",
            lambda row: row.basis,
            lambda row: row.basis,
            lambda row: active().colour("muted" if row.basis == "known" else "warning"),
            figures=False,
            hint=_basis_words,
            rank=2,
            stretch=True,
        ),
    )


def _gain(
    title: str,
    read: Callable[[Standing], Decimal | None],
    text: Callable[[Standing], str],
    rank: int,
    about: str,
) -> Column[Standing]:
    return Column(
        title,
        "+123,456.78",
        text,
        read,
        lambda row: _sign_colour(read(row)),
        hint=_basis_words,
        rank=rank,
        about=about,
    )


def _sign_colour(gain: Decimal | None) -> QColor:
    if not gain:
        return active().colour("muted")
    return active().signed(1 if gain > 0 else -1)


def _unrealised_text(row: Standing) -> str:
    if not row.position.known and row.position.unknown:
        return UNKNOWN
    text = formats.fixed(row.unrealised, MONEY_DIGITS, sign=True)
    return _marked(text, partly=bool(row.position.unknown))


def _average_text(row: Standing) -> str:
    position = row.position
    if position.unknown and not position.known:
        return "basis unknown"
    return _marked(formats.fixed(position.average, row.price_digits), partly=bool(position.unknown))


def _marked(text: str, *, partly: bool) -> str:
    # In front, so that digits stay below each other.
    return f"? {text}" if partly else text


def _session_text(row: Standing) -> str:
    return _realised(row.position.realised_session, row.position.unsettled_session)


def _realised_text(row: Standing) -> str:
    return _realised(row.position.realised, row.position.unsettled)


def _realised(gain: Decimal, unsettled: Decimal) -> str:
    if unsettled and not gain:
        return UNKNOWN
    return _marked(formats.fixed(gain, MONEY_DIGITS, sign=True), partly=bool(unsettled))


def _basis_words(row: Standing) -> str:
    position = row.position
    words = []
    if position.known:
        words.append(f"{position.known:f} {position.asset} cost {formats.fixed(position.cost, MONEY_DIGITS)}")
    if position.unknown:
        words.append(f"basis of {position.unknown:f} {position.asset} unknown until you say it")
    if position.unsettled:
        words.append(f"{position.unsettled:f} {position.asset} left without a known result")
    return "; ".join(words)


def _fee_words(row: Standing) -> str:
    fees = row.position.fees.items()
    return ", ".join(f"{qty:f} {formats.plain(asset)}" for asset, qty in fees) or "no fees"
