"""Events in, state changed, wishes out: the meaning of every message, in order, without a clock or a socket.

Checks what only state can tell: the connection is the current one, the sequence has no gap, the pair is known, the
book's checksum fits. What to do about it is returned as effects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.domain.effects import Effect, Reconcile, RefetchCandles, ResyncPrivate
from core.domain.events import (
    AnswerEvent,
    BadDataEvent,
    BalanceEvent,
    BookEvent,
    CandleEvent,
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
from core.domain.orders import OrderStatus
from core.domain.times import parse_ns
from core.processing.stores import Stores

UP = (ConnectionState.SUBSCRIBING, ConnectionState.LIVE, ConnectionState.STALE)


class Processor:
    """Applies batches of events. One writer for all stores but the order road's own notes."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._messages = stores.health.messages
        self._epochs: dict[Line, int] = {}
        self._sequences: dict[str, tuple[int, bool]] = {}
        self._wall = 0
        self._now = 0
        self._effects: list[Effect] = []
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            BookEvent: self._book,
            TickerEvent: self._ticker,
            TradeEvent: self._trade,
            CandleEvent: self._candle,
            QueueEvent: self._queue,
            InstrumentEvent: self._instrument,
            ExecutionEvent: self._execution,
            BalanceEvent: self._balance,
            AnswerEvent: self._answer,
            SystemStatusEvent: self._system_status,
            LineEvent: self._line,
            PongEvent: self._pong,
            SubscriptionEvent: self._subscription,
            BadDataEvent: self._bad_data,
        }

    def apply(
        self, line: Line, epoch: int, events: Sequence[Event], now_mono: int, now_wall: int
    ) -> list[Effect]:
        """Apply one batch of a line and return what should be done about it.

        ``epoch`` counts the line's connections: a batch of an earlier one changes nothing. Times in ns.
        """
        if epoch < self._epochs.get(line, 0):
            self._stores.health.stale_epochs += len(events)
            return []
        self._epochs[line] = epoch
        self._now, self._wall = now_mono, now_wall
        effects: list[Effect] = []
        self._effects = effects
        handlers = self._handlers
        for event in events:
            handlers[type(event)](event)
        self._stores.performance.messages += len(events)
        return effects

    def _book(self, event: BookEvent) -> None:
        stores = self._stores
        self._messages["book"] += 1
        wish = stores.books.apply(event.change, snapshot=event.snapshot, now=self._now)
        if wish is not None:
            stores.health.resyncs += 1
            stores.health.checksum_failures += not wish.exact
            stores.health.note(self._wall, wish.symbol, f"book dropped: {wish.reason}")
            self._effects.append(wish)

    def _ticker(self, event: TickerEvent) -> None:
        stores = self._stores
        self._messages["ticker"] += 1
        stores.tickers.apply(event.tickers, self._now)
        if event.tickers and event.tickers[0].timestamp and not event.snapshot:
            self._sample_age(event.tickers[0].timestamp)

    def _trade(self, event: TradeEvent) -> None:
        self._messages["trade"] += 1
        self._stores.trades.apply(event.trades, self._now)

    def _candle(self, event: CandleEvent) -> None:
        self._messages["ohlc"] += 1
        if self._stores.candles.apply(event.candles):
            first = event.candles[0]
            self._effects.append(RefetchCandles(first.symbol, first.interval))

    def _queue(self, event: QueueEvent) -> None:
        self._messages["level3"] += 1
        wish = self._stores.queues.apply(event.change, snapshot=event.snapshot)
        if wish is not None:
            self._stores.health.resyncs += 1
            self._effects.append(wish)

    def _instrument(self, event: InstrumentEvent) -> None:
        self._messages["instrument"] += 1
        self._stores.instruments.apply(event.instruments, event.assets, snapshot=event.snapshot)

    def _execution(self, event: ExecutionEvent) -> None:
        stores = self._stores
        self._messages["executions"] += 1
        follows = self._follows("executions", event.sequence, snapshot=event.snapshot)
        if follows is None:
            return
        for report in event.reports:
            stores.orders.report(report)
        if event.snapshot and stores.orders.absent_from(event.reports):
            self._effects.append(Reconcile("open orders missing from the snapshot"))
        stores.balances.orders_changed()

    def _balance(self, event: BalanceEvent) -> None:
        stores = self._stores
        self._messages["balances"] += 1
        follows = self._follows("balances", event.sequence, snapshot=event.snapshot)
        if follows is None:
            return
        if event.snapshot:
            stores.balances.apply_snapshot(event.balances, replace=not follows)
        else:
            stores.balances.apply_changes(event.changes)

    def _follows(self, channel: str, sequence: int, *, snapshot: bool) -> bool | None:
        """Whether a private frame continues the one before; ``None`` when it must not be applied."""
        last, was_snapshot = self._sequences.get(channel, (0, False))
        if snapshot:
            # Kraken may split a snapshot over frames: the second part must not erase the first.
            continued = was_snapshot and sequence == last + 1
            self._sequences[channel] = (sequence, True)
            return continued
        if last == 0 or sequence <= last:
            return None
        if sequence != last + 1:
            self._gap(channel, last, sequence)
            return None
        self._sequences[channel] = (sequence, False)
        return True

    def _gap(self, channel: str, last: int, sequence: int) -> None:
        stores = self._stores
        stores.health.gaps += 1
        stores.health.note(self._wall, channel, f"sequence {last} is followed by {sequence}")
        stores.balances.doubt()
        del self._sequences[channel]
        reason = f"sequence gap {last} to {sequence}"
        self._effects += [ResyncPrivate(channel, reason), Reconcile(reason)]

    def _answer(self, event: AnswerEvent) -> None:
        orders = self._stores.orders
        if event.report is not None:
            orders.report(event.report)
        elif event.late and event.error and event.cl_ord_id is not None:
            orders.infer(event.cl_ord_id, OrderStatus.REJECTED, event.error)
        self._stores.balances.orders_changed()

    def _system_status(self, event: SystemStatusEvent) -> None:
        health = self._stores.health
        if event.system != health.system:
            health.note(self._wall, "exchange", f"status {event.system}")
        health.system = event.system
        health.touch("system")

    def _line(self, event: LineEvent) -> None:
        stores = self._stores
        text = f"{event.state.value}" + (f": {event.reason}" if event.reason else "")
        stores.health.note(self._wall, f"{event.line.value} line", text)
        if event.state in UP:
            return
        if event.line is Line.PUBLIC:
            stores.books.invalidate("the line was lost")
        elif event.line is Line.LEVEL3:
            stores.queues.invalidate()
        else:
            self._sequences.clear()
            stores.balances.doubt()

    def _pong(self, event: PongEvent) -> None:
        self._stores.performance.pong(event)

    def _subscription(self, event: SubscriptionEvent) -> None:
        health = self._stores.health
        health.subscribed(event.subscription, active=event.active, error=event.error)
        if event.error:
            name = f"{event.subscription.channel} {event.subscription.symbol}".strip()
            health.note(self._wall, name, f"subscription refused: {event.error}")

    def _bad_data(self, event: BadDataEvent) -> None:
        health = self._stores.health
        health.bad_data[event.channel] += 1
        health.note(self._wall, event.channel or "line", f"bad data: {event.reason}")

    def _sample_age(self, timestamp: str) -> None:
        performance = self._stores.performance
        try:
            sent = parse_ns(timestamp)
        except ValueError:
            return  # the exchange's stamp is a courtesy; without it there is no sample
        performance.exchange_to_recv.add(self._wall + (performance.clock_offset_ns or 0) - sent)
