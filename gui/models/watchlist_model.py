"""Rows of the watchlist: quotes and day statistics of each pair."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.domain.health import Freshness
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.market import Ticker
from core.processing.freshness import line_freshness
from core.processing.stores import Stores
from core.runtime.clock import Clock
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

BPS = Decimal(10_000)
TREND_INTERVAL = 60
TREND_CANDLES = 24
"""The small curve shows a day of hourly closes, and the last price."""


class Quote(msgspec.Struct, frozen=True):
    """What a row reads. ``trend`` is for drawing only."""

    symbol: Symbol
    ticker: Ticker | None
    instrument: Instrument | None
    age_ns: int | None
    fresh: bool
    trend: Sequence[float]

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
        if ticker is None or ticker.volume is None or ticker.vwap is None:
            return None
        return ticker.volume * ticker.vwap


def _change(row: Quote) -> Decimal | None:
    return row.ticker.change_pct if row.ticker else None


def _change_colour(row: Quote) -> QColor | None:
    change = _change(row)
    return None if change is None else active().signed((change > 0) - (change < 0))


def _muted(row: Quote) -> QColor:
    return active().colour("muted")


def _price(name: str, title: str, rank: int, colour: str) -> Column[Quote]:
    def read(row: Quote) -> Decimal | None:
        return getattr(row.ticker, name) if row.ticker else None

    return Column(
        title,
        "0.000012345",
        lambda row: formats.fixed(read(row), row.digits),
        read,
        lambda row: active().colour(colour if row.fresh else "muted"),
        rank=rank,
    )


def _status(row: Quote) -> str:
    instrument = row.instrument
    if instrument is None:
        return "not listed by the exchange"
    return f"{row.symbol}: {instrument.status}, tick {instrument.price_increment:f}, least {instrument.qty_min:f}"


def _trend_words(row: Quote) -> str:
    if len(row.trend) < 2:
        return ""
    return "rising" if row.trend[-1] > row.trend[0] else "falling" if row.trend[-1] < row.trend[0] else "flat"


COLUMNS: tuple[Column[Quote], ...] = (
    Column(
        "Symbol",
        "DOGE/USDT",
        lambda row: formats.plain(row.symbol),
        lambda row: row.symbol,
        figures=False,
        hint=_status,
    ),
    _price("last", "Last", 0, "text"),
    Column("24h", "+12.34%", lambda row: formats.percent(_change(row)), _change, _change_colour),
    Column(
        "Day", "——————", _trend_words, points=lambda row: row.trend, rank=2, about="Hourly closes of 24 h"
    ),
    _price("bid", "Bid", 3, "buy"),
    _price("ask", "Ask", 4, "sell"),
    Column(
        "Spr",
        "123.4",
        lambda row: formats.bps(row.spread_bps),
        lambda row: row.spread_bps,
        _muted,
        rank=1,
        about="Spread in basis points of the mid",
    ),
    Column(
        "Vol",
        "123.45M",
        lambda row: formats.compact(row.turnover),
        lambda row: row.turnover,
        rank=5,
        about="24 h volume in the quote currency",
    ),
    Column(
        "Age",
        "59s",
        lambda row: formats.MISSING if row.age_ns is None else formats.age(row.age_ns),
        lambda row: row.age_ns,
        _muted,
        rank=6,
        about="Time since the last quote",
    ),
)


class WatchlistModel(KeyedTable[Symbol, Quote]):
    """Quotes by symbol. Hatched while the line is not live or nothing was heard yet."""

    def __init__(self, stores: Stores, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, self._quote, parent)
        self._stores = stores
        self._clock = clock
        self._trends: dict[Symbol, list[float]] = {}

    def trend_changed(self, keys: frozenset[tuple[Symbol, int]]) -> None:
        """Read the hourly closes of these series anew."""
        symbols = [symbol for symbol, interval in keys if interval == TREND_INTERVAL]
        for symbol in symbols:
            self._trends.pop(symbol, None)
        self.told(symbols)

    strikes = True

    def is_hatched(self, row: Quote) -> bool:
        return row.ticker is not None and not row.fresh

    def _quote(self, symbol: Symbol) -> Quote:
        stores, now = self._stores, self._clock.mono_ns()
        ticker, received = stores.tickers.get(symbol), stores.tickers.received(symbol)
        return Quote(
            symbol=symbol,
            ticker=ticker,
            instrument=stores.instruments.get(symbol),
            age_ns=None if received is None else now - received,
            fresh=line_freshness(stores.health.market(), now) is Freshness.LIVE,
            trend=self._trend(symbol, ticker),
        )

    def _trend(self, symbol: Symbol, ticker: Ticker | None) -> Sequence[float]:
        closes = self._trends.get(symbol)
        if closes is None:
            candles = self._stores.candles.series(symbol, TREND_INTERVAL)
            closes = self._trends[symbol] = [float(candle.close) for candle in candles[-TREND_CANDLES:]]
        return [*closes, float(ticker.last)] if closes and ticker and ticker.last is not None else closes
