"""Events in, state changed, wishes out: the meaning of every message, in order, without a clock or a socket.

Checks what only state can tell: the connection is the current one, the sequence has no gap, the pair is known, the
book's checksum fits. What to do about it is returned as effects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.domain.effects import Effect, RefetchCandles, ResyncBook, ResyncQueue
from core.domain.events import (
    AnswerEvent,
    BadDataEvent,
    BalanceEvent,
    BookEvent,
    CandleEvent,
    CarrierEvent,
    Event,
    ExecutionEvent,
    InstrumentEvent,
    LineEvent,
    PongEvent,
    QueueEvent,
    SubscriptionEvent,
    SystemStatusEvent,
    TickerEvent,
    TradeEvent,
)
from core.domain.health import ConnectionState, Line
from core.domain.ids import Symbol
from core.domain.times import NS, parse_ns
from core.processing.account_feed import AccountFeed
from core.processing.stores import Stores

UP = (ConnectionState.SUBSCRIBING, ConnectionState.LIVE, ConnectionState.STALE)

AGE_SAMPLE_NS = NS // 100
"""Exchange time is read from a message at most this often: a hundred samples a second tell the same as ten thousand."""


BAD_CHANNELS = 32
"""Channels whose unreadable frames are counted by name: a broken frame may name anything."""


class Processor:
    """Applies batches of events. One writer for all stores but the order road's own notes."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._account = AccountFeed(stores)
        self._books = stores.books
        self._messages = stores.health.messages
        self._heard = stores.channels.heard
        self._performance = stores.performance
        self._epochs: dict[Line, int] = {}
        self._epoch = -1
        self._line = Line.PUBLIC
        self._wall = 0
        self._now = 0
        self._sampled = 0
        self._effects: list[Effect] = []
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            TickerEvent: self._ticker,
            TradeEvent: self._trade,
            CandleEvent: self._candle,
            QueueEvent: self._queue,
            InstrumentEvent: self._instrument,
            ExecutionEvent: self._execution,
            BalanceEvent: self._balance,
            AnswerEvent: self._answer,
            SystemStatusEvent: self._system_status,
            LineEvent: self._line_moved,
            PongEvent: stores.performance.pong,
            SubscriptionEvent: self._subscription,
            CarrierEvent: self._carrier,
            BadDataEvent: self._bad_data,
        }

    def apply(
        self, line: Line, epoch: int, events: Sequence[Event], now_mono: int, now_wall: int
    ) -> list[Effect]:
        """Apply one batch of a line and return what should be done about it.

        ``epoch`` counts the line's connections: a batch of an earlier one changes nothing. Times in ns.
        """
        effects: list[Effect] = []
        self._effects = effects
        if (line is not self._line or epoch != self._epoch) and not self._is_current(line, epoch):
            self._stores.health.stale_epochs += len(events)
            return []
        self._now, self._wall = now_mono, now_wall
        self._account.now = now_mono
        handlers, books = self._handlers, self._books
        book_messages = 0
        for event in events:
            if type(event) is BookEvent:  # three of four messages: spared the way through the table
                book_messages += 1
                wish = books.apply(event.change, event.snapshot, now_mono)
                if wish is not None:
                    self._book_failed(wish)
            else:
                handlers[type(event)](event)
        if book_messages:
            self._messages["book"] += book_messages
        self._performance.messages += len(events)
        if books.retry_at is not None and books.retry_at <= now_mono:
            effects += books.overdue(now_mono)
        return effects

    def positions(self) -> list[tuple[Line, int, int, int]]:
        """Return, for each private line, its connection's number and the last frames of orders and balances."""
        return [
            (line, self._epochs.get(line, 0), orders, balances)
            for line, orders, balances in self._account.positions()
        ]

    def _is_current(self, line: Line, epoch: int) -> bool:
        known = self._epochs.get(line, epoch)
        if epoch < known:
            return False
        self._line, self._epoch = line, epoch
        self._epochs[line] = epoch
        if epoch > known:
            self._lost(line)
        return True

    def _book_failed(self, wish: ResyncBook) -> None:
        health = self._stores.health
        health.resyncs += 1
        health.checksum_failures += not wish.exact
        health.note(self._wall, wish.symbol, f"book dropped: {wish.reason}")
        self._effects.append(wish)

    def _ticker(self, event: TickerEvent) -> None:
        stores = self._stores
        self._messages["ticker"] += 1
        stores.tickers.apply(event.tickers, self._now)
        for ticker in event.tickers:
            self._heard("ticker", ticker.symbol, 0, None, self._now)
        if self._now - self._sampled >= AGE_SAMPLE_NS and event.tickers and not event.snapshot:
            self._sample_age(event.tickers[0].timestamp or "")

    def _trade(self, event: TradeEvent) -> None:
        self._messages["trade"] += 1
        self._stores.trades.apply(event.trades, self._now)
        if event.trades:
            self._heard("trade", event.trades[0].symbol, 0, None, self._now)

    def _candle(self, event: CandleEvent) -> None:
        self._messages["ohlc"] += 1
        self._effects += [RefetchCandles(*key) for key in self._stores.candles.apply(event.candles)]
        for candle in event.candles[-1:]:
            self._heard("ohlc", candle.symbol, candle.interval, None, self._now)

    def _queue(self, event: QueueEvent) -> None:
        self._messages["level3"] += 1
        self._heard("level3", event.change.symbol, 0, None, self._now)
        wish = self._stores.queues.apply(event.change, snapshot=event.snapshot)
        if wish is not None:
            self._queue_failed(wish)

    def _queue_failed(self, wish: ResyncQueue) -> None:
        health = self._stores.health
        health.resyncs += 1
        health.note(self._wall, wish.symbol, f"queue dropped: {wish.reason}")
        self._effects.append(wish)

    def _instrument(self, event: InstrumentEvent) -> None:
        stores = self._stores
        self._messages["instrument"] += 1
        self._heard("instrument", Symbol(""), 0, None, self._now)
        stores.instruments.apply(event.instruments, event.assets, snapshot=event.snapshot)
        for instrument in event.instruments:
            stores.books.regrid(instrument)
            stores.queues.regrid(instrument)

    def _execution(self, event: ExecutionEvent) -> None:
        self._messages["executions"] += 1
        self._heard("executions", Symbol(""), 0, self._line, self._now)
        self._effects += self._account.executions(self._line, event, self._wall)
        for report in event.reports:
            if report.rate_count is not None:
                order = self._stores.orders.by_order_id(report.order_id)
                if order is not None:
                    self._stores.health.rate_counts[order.symbol] = (float(report.rate_count), self._now)

    def _balance(self, event: BalanceEvent) -> None:
        self._messages["balances"] += 1
        self._heard("balances", Symbol(""), 0, self._line, self._now)
        self._effects += self._account.balances(self._line, event, self._wall)

    def _answer(self, event: AnswerEvent) -> None:
        self._effects += self._account.answer(event, self._wall)

    def _system_status(self, event: SystemStatusEvent) -> None:
        health = self._stores.health
        if event.system != health.system:
            health.note(self._wall, "exchange", f"status {event.system}")
        health.system = event.system
        health.touch("system")

    def _line_moved(self, event: LineEvent) -> None:
        self._stores.health.moved(self._wall, event.line, event.state, event.reason)
        if event.state not in UP:
            self._lost(event.line)

    def _lost(self, line: Line) -> None:
        stores = self._stores
        stores.channels.lost(line)
        if line.is_public:
            carriers = {symbol: stores.channels.get("book", symbol) for symbol in stores.books.symbols()}
            # A book of which nobody knows the carrier may have come from here.
            books = [symbol for symbol, row in carriers.items() if row is None or row.line is line]
            stores.books.invalidate("the line was lost", books)
            stores.candles.interrupted()
        elif line is Line.LEVEL3:
            stores.queues.invalidate()
        else:
            self._effects += self._account.lost(line)

    def _carrier(self, event: CarrierEvent) -> None:
        channels, sub = self._stores.channels, event.subscription
        if event.line is None:
            channels.dropped(sub, self._line)
        else:
            channels.carried(sub, event.line, self._now)

    def _subscription(self, event: SubscriptionEvent) -> None:
        health, sub = self._stores.health, event.subscription
        counts = self._stores.channels.answered(
            sub, self._line, self._now, active=event.active, error=event.error
        )
        if counts:
            health.subscribed(sub, active=event.active, error=event.error)
        if event.error:
            name = f"{sub.channel} {sub.symbol}".strip()
            health.note(self._wall, name, f"subscription refused: {event.error}")

    def _bad_data(self, event: BadDataEvent) -> None:
        """Count and note it; what could not be read is missing where state is built from changes."""
        stores = self._stores
        counts = stores.health.bad_data
        known = event.channel in counts or len(counts) < BAD_CHANNELS
        counts[event.channel if known else "other"] += 1
        stores.health.note(self._wall, event.channel or "line", f"bad data: {event.reason}")
        if event.channel in ("executions", "balances"):
            self._effects += self._account.unreadable(self._line, event.channel, self._wall)
        elif event.channel == "ohlc":
            stores.candles.interrupted()
        elif event.symbol is not None and event.channel == "book":
            book = stores.books.distrust(event.symbol, "a message could not be read", self._now)
            if book is not None:
                self._book_failed(book)
        elif event.symbol is not None and event.channel == "level3":
            queue = stores.queues.distrust(event.symbol, "a message could not be read")
            if queue is not None:
                self._queue_failed(queue)

    def _sample_age(self, timestamp: str) -> None:
        performance = self._stores.performance
        self._sampled = self._now
        try:
            sent = parse_ns(timestamp)
        except ValueError:
            return  # the exchange's stamp is a courtesy; without it there is no sample
        performance.exchange_to_recv.add(self._wall + (performance.clock_offset_ns or 0) - sent)
