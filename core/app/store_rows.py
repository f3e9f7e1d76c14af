"""State as rows: all of it at a moment (a checkpoint), or what changed in the last second without a frame.

Rows carry what REST, the user and the clock bring into the stores. Read from live stores by the flight recorder, put
into those of a replay. What frames bring is not here: it is made again from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from core.data.recording import UNREADABLE, RecordingError, Told, told
from core.domain.account import Balance, FeeRate
from core.domain.events import (
    BalanceEvent,
    BookEvent,
    CarrierEvent,
    Event,
    ExecutionEvent,
    InstrumentEvent,
    SubscriptionEvent,
    SystemStatusEvent,
)
from core.domain.health import BookState, Line, LineStatus
from core.domain.ids import ClOrdId, ExecId, Symbol
from core.domain.instrument import Instrument
from core.domain.market import BookChange, Candle, Level, Ticker, Trade
from core.domain.orders import Fill, Order, OrderReport, OrderRequest, OrderStatus
from core.domain.subscription import Subscription
from core.processing.book_side import FLOAT_LIMIT
from core.processing.book_store import BookView
from core.processing.channel_store import Channel, ChannelKey, ChannelState, Source, key_of
from core.processing.checksum import TOP, checksum, piece
from core.processing.feed_counts import FeedCounts
from core.processing.health_store import Alarm, HealthEvent, HealthLine
from core.processing.order_store import OrderKey
from core.processing.processor import Processor
from core.processing.stores import Stores

INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
"""Kraken's candle intervals, minutes."""


MOST_DIGITS = 40
"""Numbers above 10 to this power are nobody's price; writing them out would take minutes."""

_Figures = tuple[int, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal, int]


class LineRow(msgspec.Struct, frozen=True):
    """Events as a line would have brought them."""

    line: Line
    epoch: int
    event: Told


class OrderRow(msgspec.Struct, frozen=True):
    """One order as it stands."""

    key: OrderKey
    order: Order


class IntentRow(msgspec.Struct, frozen=True):
    """An order the user asked for, at the moment it was written down (wall ns)."""

    request: OrderRequest
    wall: int


class ReportRow(msgspec.Struct, frozen=True):
    """What REST said of an order."""

    report: OrderReport
    road: str


class ConclusionRow(msgspec.Struct, frozen=True):
    """What we concluded of an order."""

    cl_ord_id: ClOrdId
    status: OrderStatus
    reason: str


class FillRow(msgspec.Struct, frozen=True):
    """One fill."""

    fill: Fill


class BalanceRow(msgspec.Struct, frozen=True):
    """All balances."""

    balances: list[Balance]
    verified: bool


class FeeRow(msgspec.Struct, frozen=True):
    """The fee schedule."""

    rates: list[FeeRate]


class TickerRow(msgspec.Struct, frozen=True):
    """A quote and when it came (monotonic ns)."""

    ticker: Ticker
    received: int


class CandleRow(msgspec.Struct, frozen=True):
    """A series, oldest first, without the names of its figures: there are hundreds of candles in one."""

    symbol: Symbol
    interval: int
    figures: list[_Figures]

    @classmethod
    def of(cls, candles: Sequence[Candle]) -> CandleRow:
        """Return the row of a series that is not empty."""
        figures = [
            (one.begin, one.open, one.high, one.low, one.close, one.vwap, one.volume, one.trades)
            for one in candles
        ]
        return cls(candles[0].symbol, candles[0].interval, figures)

    def candles(self) -> list[Candle]:
        """Return the series."""
        names = ("begin", "open", "high", "low", "close", "vwap", "volume", "trades")
        return [
            msgspec.convert(
                {"symbol": self.symbol, "interval": self.interval, **dict(zip(names, row, strict=True))},
                Candle,
            )
            for row in self.figures
        ]


class TradeRow(msgspec.Struct, frozen=True):
    """A tape, oldest first."""

    trades: list[Trade]
    received: int


class BookRow(msgspec.Struct, frozen=True):
    """A live book, best levels first."""

    symbol: Symbol
    line: Line
    bids: list[tuple[Decimal, Decimal]]
    asks: list[tuple[Decimal, Decimal]]
    timestamp: str
    received: int


class Judged(msgspec.Struct, frozen=True):
    """How far a channel was believed, why, and since when (monotonic ns)."""

    sub: Subscription
    line: Line
    source: Source
    state: ChannelState
    reason: str
    since: int


class HealthRow(msgspec.Struct, frozen=True, kw_only=True):
    """Health and figures of one second. What has a default is not told by recordings of earlier versions."""

    shown: HealthLine
    lines: list[LineStatus]
    system: str
    rest: str
    has_account: bool
    account_doubt: str
    journal_failure: str
    alarms: list[Alarm]
    notes: list[HealthEvent]
    clock_offset_ns: int | None
    clock_uncertainty_ns: int | None
    queue_size: int
    rss_bytes: int
    cpu_percent: float
    behind_ns: int = 0
    stalls: int = 0
    longest_stall_ns: int = 0
    feed: FeedCounts = msgspec.field(default_factory=FeedCounts)
    judged: list[Judged] = []
    """Channels whose state is another than a second ago; in a checkpoint all. Answers to probes are in no frame."""


ROWS: tuple[type, ...] = (
    LineRow,
    OrderRow,
    IntentRow,
    ReportRow,
    ConclusionRow,
    FillRow,
    BalanceRow,
    FeeRow,
    TickerRow,
    CandleRow,
    TradeRow,
    BookRow,
    HealthRow,
)
_DECODERS: dict[str, msgspec.msgpack.Decoder[Any]] = {
    kind.__name__: msgspec.msgpack.Decoder(kind) for kind in ROWS
}


def row_of(one: Told) -> Any:
    """Return the row. Raises RecordingError for what is none."""
    decoder = _DECODERS.get(one.kind)
    try:
        if decoder is not None:
            return decoder.decode(one.data)
    except UNREADABLE as broken:
        raise RecordingError(f"{one.kind}: {broken}") from broken
    raise RecordingError(f"row {one.kind!r}")


class ChangedRows:
    """Finds what changed since the last look. Orders, fills and quotes are values: another object is another state."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._orders: dict[OrderKey, Order] = {}
        self._fills: dict[ExecId, Fill] = {}
        self._tickers: dict[Symbol, Ticker] = {}
        self._candles: dict[tuple[Symbol, int], tuple[int, int]] = {}
        self._balances: BalanceRow | None = None
        self._fees: list[FeeRate] = []
        self._noted: HealthEvent | None = None
        self._judged: dict[ChannelKey, Judged] = {}

    def all(self) -> list[object]:
        """Return rows of everything, and count it as seen."""
        self.__init__(self._stores)  # type: ignore[misc]
        tapes = (
            TradeRow(list(tape), self._stores.trades.received(symbol) or 0)
            for symbol in self._stores.instruments.symbols()
            if (tape := self._stores.trades.recent(symbol))
        )
        return [*self.changed(every_ticker=True), *tapes]

    def changed(self, *, every_ticker: bool = False) -> list[object]:
        """Return rows of what changed, and the health of now."""
        rows: list[object] = [*self._changed_candles(), *self._changed_tickers(every=every_ticker)]
        rows += self._changed_account()
        return [*rows, self._health()]

    def _changed_candles(self) -> Iterator[CandleRow]:
        candles = self._stores.candles
        for symbol in self._stores.instruments.symbols():
            for interval in INTERVALS:
                series = candles.series(symbol, interval)
                if not series:
                    continue
                # What history adds before, between or instead of candles; the stream only adds behind them.
                seen = candles.version(symbol, interval), series[0].begin
                if seen != self._candles.get((symbol, interval)):
                    self._candles[symbol, interval] = seen
                    yield CandleRow.of(series)

    def _changed_tickers(self, *, every: bool) -> Iterator[TickerRow]:
        tickers = self._stores.tickers
        for symbol in self._stores.instruments.symbols():
            ticker = tickers.get(symbol)
            # A trusted channel's quote is in a frame already.
            streamed = (row := self._stores.channels.get("ticker", symbol)) is not None and row.trusted
            if ticker is not None and ticker is not self._tickers.get(symbol) and (every or not streamed):
                self._tickers[symbol] = ticker
                yield TickerRow(ticker, tickers.received(symbol) or 0)

    def _changed_account(self) -> Iterator[object]:
        stores = self._stores
        for key, order in stores.orders.rows().items():
            if self._orders.get(key) is not order:
                self._orders[key] = order
                yield OrderRow(key, order)
        for fill in stores.fills.all():
            if self._fills.get(fill.exec_id) is not fill:
                self._fills[fill.exec_id] = fill
                yield FillRow(fill)
        balances = BalanceRow(stores.balances.told_all(), stores.balances.verified)
        if balances != self._balances:
            self._balances = balances
            yield balances
        fees = stores.balances.fee_rates()
        if fees != self._fees:
            self._fees = fees
            yield FeeRow(fees)

    def _health(self) -> HealthRow:
        health, performance = self._stores.health, self._stores.performance
        return HealthRow(
            shown=health.shown,
            lines=list(health.lines().values()),
            system=health.system,
            rest=health.rest,
            has_account=health.has_account,
            account_doubt=health.account_doubt,
            journal_failure=health.journal_failure,
            alarms=list(health.alarms),
            notes=self._new_notes(),
            clock_offset_ns=performance.clock_offset_ns,
            clock_uncertainty_ns=performance.clock_uncertainty_ns,
            queue_size=performance.queue_size,
            rss_bytes=performance.rss_bytes,
            cpu_percent=performance.cpu_percent,
            behind_ns=performance.behind_ns,
            stalls=performance.stalls,
            longest_stall_ns=performance.longest_stall_ns,
            feed=health.feed,
            judged=self._newly_judged(),
        )

    def _newly_judged(self) -> list[Judged]:
        known, rows = self._judged, self._stores.channels.all()
        self._judged = {key_of(row.sub, row.line): judged_of(row) for row in rows}
        return [judged for key, judged in self._judged.items() if known.get(key) != judged]

    def _new_notes(self) -> list[HealthEvent]:
        fresh: list[HealthEvent] = []
        for note in reversed(self._stores.health.events):
            if note is self._noted:
                break
            fresh.append(note)
        if fresh:
            self._noted = fresh[0]
        return fresh[::-1]


def judged_of(row: Channel) -> Judged:
    """Return what is held of a channel now."""
    return Judged(row.sub, row.line, row.source, row.state, row.reason, row.since)


def checkpoint(stores: Stores, processor: Processor, changed: ChangedRows) -> list[Told]:
    """Return all state as rows, in an order in which they can be put into empty stores."""
    rows = [
        *_reference(stores),
        *_channels(stores),
        *_books(stores),
        *changed.all(),
        *_sequences(stores, processor),
    ]
    return [told(row) for row in rows]


def _reference(stores: Stores) -> Iterator[LineRow]:
    instruments = [one for name in stores.instruments.symbols() if (one := stores.instruments.get(name))]
    names = sorted({name for one in instruments for name in (one.base, one.quote)})
    assets = [asset for name in names if (asset := stores.instruments.asset(name)) is not None]
    if instruments:
        yield _on(Line.PUBLIC, stores, InstrumentEvent(True, assets, instruments))
    if stores.health.system != "unknown":
        yield _on(Line.PUBLIC, stores, SystemStatusEvent(stores.health.system))


def _channels(stores: Stores) -> Iterator[LineRow]:
    for row in stores.channels.all():
        yield _on(row.line, stores, CarrierEvent(row.sub, row.line))
        if row.acked:
            yield _on(row.line, stores, SubscriptionEvent(row.sub, True))


def _books(stores: Stores) -> Iterator[BookRow]:
    for symbol in stores.books.symbols():
        view, row = stores.books.view(symbol), stores.channels.get("book", symbol)
        if view is not None and row is not None and view.state is BookState.LIVE:
            levels = view.bids(view.depth), view.asks(view.depth)
            yield BookRow(symbol, row.line, *levels, view.timestamp, view.received)


def _sequences(stores: Stores, processor: Processor) -> Iterator[LineRow]:
    for line, epoch, orders, balances in processor.positions():
        if orders:
            yield LineRow(line, epoch, told(ExecutionEvent(True, orders, [])))
        if balances:
            event = BalanceEvent(True, balances, stores.balances.told_all(), [])
            yield LineRow(line, epoch, told(event))


def _on(line: Line, stores: Stores, event: Event) -> LineRow:
    status = stores.health.line(line)
    return LineRow(line, status.epoch if status is not None else 0, told(event))


def book_snapshot(row: BookRow, view: BookView) -> BookEvent:
    """Return the snapshot the exchange would have sent of this book. ``view`` knows the pair."""
    instrument = view.instrument
    decimals = max(instrument.price_precision, instrument.qty_precision)
    numbers = [number for side in (row.bids, row.asks) for level in side for number in level]
    if not all(number.is_finite() and abs(number.adjusted()) <= MOST_DIGITS for number in numbers):
        raise RecordingError(f"a book of {row.symbol} with impossible numbers")
    exact = any(number.scaleb(decimals) >= FLOAT_LIMIT for number in numbers)
    crc = checksum(_pieces(row.asks, instrument), _pieces(row.bids, instrument))
    if exact:
        bids, asks = ([Level(*level) for level in side] for side in (row.bids, row.asks))
        return BookEvent(True, BookChange(row.symbol, bids, asks, crc, row.timestamp))
    low, high = ([Level(float(price), float(qty)) for price, qty in side] for side in (row.bids, row.asks))
    return BookEvent(True, BookChange(row.symbol, low, high, crc, row.timestamp))


def _pieces(levels: Sequence[tuple[Decimal, Decimal]], instrument: Instrument) -> Iterator[str]:
    for price, qty in levels[:TOP]:
        yield piece(f"{price:.{instrument.price_precision}f}") + piece(f"{qty:.{instrument.qty_precision}f}")


def digest(stores: Stores) -> str:
    """Return a hash of everything a trader would read: equal for equal states, whatever brought them about."""
    summary = sha256()
    for part in _content(stores):
        summary.update(msgspec.msgpack.encode(part))
    return summary.hexdigest()


def _content(stores: Stores) -> Iterable[object]:
    for symbol in sorted(stores.books.symbols()):
        view = stores.books.view(symbol)
        assert view is not None, "every book has a view"
        yield symbol, view.state, view.reason, view.bids(view.depth), view.asks(view.depth)
        yield view.timestamp, view.received, view.checksum_ok, view.checksum_failed, view.resyncs
    for symbol in stores.instruments.symbols():
        yield stores.instruments.get(symbol), stores.tickers.get(symbol), list(stores.trades.recent(symbol))
        for interval in INTERVALS:
            yield list(stores.candles.series(symbol, interval))
    yield sorted(stores.orders.rows().items())
    yield stores.fills.all()
    yield stores.balances.told_all(), stores.balances.verified, stores.balances.fee_rates()
    health = stores.health
    yield health.system, health.account_doubt, health.shown, sorted(health.messages.items()), health.resyncs
    yield sorted(health.lines().items())
    yield health.feed, stores.performance.behind_ns, stores.performance.stalls
    yield [judged_of(row) for row in stores.channels.all()]
