"""Rows of the watchlist: quotes and day statistics of each pair."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.market import Ticker
from core.processing.stores import Stores
from core.runtime.clock import Clock
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import DARK

BPS = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a row reads."""

    symbol: Symbol
    ticker: Ticker | None
    instrument: Instrument | None
    age_ns: int | None

    @property
    def digits(self) -> int:
        """Decimals of prices."""
        return self.instrument.price_precision if self.instrument else 2

    @property
    def spread_bps(self) -> Decimal | None:
        """Spread in hundredths of a percent of the mid."""
        ticker = self.ticker
        if ticker is None or not ticker.bid or not ticker.ask:
            return None
        return (ticker.ask - ticker.bid) / (ticker.ask + ticker.bid) * 2 * BPS

    @property
    def turnover(self) -> Decimal | None:
        """24 h volume, in quote units."""
        ticker = self.ticker
        return (
            None if ticker is None or ticker.volume is None else ticker.volume * (ticker.vwap or Decimal(0))
        )


def _change(row: Quote) -> Decimal | None:
    return row.ticker.change_pct if row.ticker else None


def _change_colour(row: Quote) -> QColor | None:
    change = _change(row)
    return None if change is None else DARK.signed((change > 0) - (change < 0))


def _price(name: str, title: str) -> Column[Quote]:
    def read(row: Quote) -> Decimal | None:
        return getattr(row.ticker, name) if row.ticker else None

    return Column(title, "0.00001234", lambda row: formats.fixed(read(row), row.digits), read)


COLUMNS: tuple[Column[Quote], ...] = (
    Column("Symbol", "USDT/USD", lambda row: row.symbol, lambda row: row.symbol, figures=False),
    _price("last", "Last"),
    Column("24h", "+12.34%", lambda row: formats.percent(_change(row)), _change, _change_colour),
    Column("Spr bps", "123.4", lambda row: formats.bps(row.spread_bps), lambda row: row.spread_bps),
    Column("Turnover", "123.45M", lambda row: formats.compact(row.turnover), lambda row: row.turnover),
    _price("bid", "Bid"),
    _price("ask", "Ask"),
    Column(
        "Age",
        "59s",
        lambda row: formats.MISSING if row.age_ns is None else formats.age(row.age_ns),
        lambda row: row.age_ns,
    ),
)


class WatchlistModel(KeyedTable[Symbol, Quote]):
    """Quotes by symbol."""

    def __init__(self, stores: Stores, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, self._quote, parent)
        self._stores = stores
        self._clock = clock

    def _quote(self, symbol: Symbol) -> Quote:
        received = self._stores.tickers.received(symbol)
        age = None if received is None else self._clock.mono_ns() - received
        return Quote(symbol, self._stores.tickers.get(symbol), self._stores.instruments.get(symbol), age)
