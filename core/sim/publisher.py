"""Subscriptions to public channels and level 3: engine events in, frames to subscribers out.

The engine calls the listeners while a command runs; they only note what changed. `flush` later composes one
frame for each channel and symbol and hands it to every subscriber, so a slice of work is bounded by one symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from core.sim import public_rows, wire
from core.sim.book_feed import WHOLE_BOOK, BookFeed
from core.sim.level3_feed import Level3Feed
from core.sim.model import Candle, L3Change, PublicTrade

if TYPE_CHECKING:
    from core.sim.engine import Engine

SNAPSHOT_TRADES = 50
# Kraken does not say how many candles a snapshot holds; history beyond it comes from REST.
SNAPSHOT_CANDLES = 100

# ("book", symbol, depth), ("ohlc", symbol, interval), ("ticker", symbol, trigger), ("trade", symbol), …
Key = tuple[Hashable, ...]


class Subscriber(Protocol):
    """Whoever receives frames: a connection."""

    def deliver(self, frame: str) -> None:
        """Take one complete frame."""


class Publisher:
    """Who hears what. One for the whole exchange; lives on the loop, never blocks."""

    def __init__(self, engine: Engine, now: Callable[[], int]) -> None:
        self._engine = engine
        self._now = now
        self._subscribers: dict[Key, dict[Subscriber, None]] = {}
        self._books: dict[str, BookFeed] = {}
        self._level3: dict[str, Level3Feed] = {}
        self._levels: dict[str, dict[tuple[str, Decimal], None]] = {}
        self._trades: dict[str, list[PublicTrade]] = {}
        self._best: dict[str, object] = {}
        self._candle_begin: dict[tuple[str, int], int] = {}
        self._dirty: dict[str, None] = {}
        listeners = engine.listeners
        listeners.book.append(self._on_book)
        listeners.level3.append(self._on_level3)
        listeners.trade.append(self._on_trade)
        listeners.instrument.append(self._on_instrument)

    def close(self) -> None:
        """Stop listening to the engine."""
        listeners = self._engine.listeners
        listeners.book.remove(self._on_book)
        listeners.level3.remove(self._on_level3)
        listeners.trade.remove(self._on_trade)
        listeners.instrument.remove(self._on_instrument)

    @property
    def follows_books(self) -> bool:
        """Whether anybody hears a book."""
        return bool(self._books)

    def is_subscribed(self, key: Key, subscriber: Subscriber) -> bool:
        """Whether this subscriber hears this."""
        return subscriber in self._subscribers.get(key, ())

    def subscribe(self, key: Key, subscriber: Subscriber) -> None:
        """Start to send updates; what is pending goes to those already there first."""
        if len(key) > 1:
            self.flush_symbol(str(key[1]))
        if key[0] == "book":
            self._open_book(str(key[1]), key[2])
        elif key[0] == "level3":
            self._open_level3(str(key[1]), key[2])
        elif key[0] == "ticker":
            self._best[str(key[1])] = self._engine.book(str(key[1]), 1)
        self._subscribers.setdefault(key, {})[subscriber] = None

    def unsubscribe(self, key: Key, subscriber: Subscriber) -> bool:
        """Stop; return whether there was anything to stop."""
        there = self._subscribers.get(key, {})
        if subscriber not in there:
            return False
        del there[subscriber]
        if not there:
            del self._subscribers[key]
            self._forget(key)
        return True

    def drop(self, subscriber: Subscriber, keys: Iterable[Key]) -> None:
        """The subscriber is gone."""
        for key in list(keys):
            self.unsubscribe(key, subscriber)

    def snapshot(self, key: Key) -> str:
        """Return the snapshot frame of a subscription that is open."""
        channel = key[0]
        if channel == "book":
            return self._books[str(key[1])].snapshot(_number(key[2]), self._now())
        if channel == "level3":
            return self._level3[str(key[1])].snapshot(_number(key[2]), self._now())
        if channel == "instrument":
            return self._instrument_snapshot()
        symbol = str(key[1])
        if channel == "ticker":
            return self._ticker(symbol, "snapshot")
        if channel == "ohlc":
            candles = self._engine.candles(symbol, _number(key[2]))[-SNAPSHOT_CANDLES:]
            return self._ohlc(symbol, _number(key[2]), "snapshot", candles)
        return self._trade_frame("snapshot", symbol, self._engine.trades(symbol, SNAPSHOT_TRADES))

    @property
    def dirty_symbols(self) -> list[str]:
        """Symbols with something to send."""
        return list(self._dirty)

    def flush(self) -> None:
        """Send everything pending. For large backlogs call `flush_symbol` one by one and yield in between."""
        for symbol in self.dirty_symbols:
            self.flush_symbol(symbol)

    def flush_symbol(self, symbol: str) -> None:
        """Send what happened on one symbol since the last call."""
        self._dirty.pop(symbol, None)
        trades = self._trades.pop(symbol, [])
        if trades and (key := ("trade", symbol)) in self._subscribers:
            self._send(key, self._trade_frame("update", symbol, trades))
        self._flush_book(symbol)
        self._flush_level3(symbol)
        self._flush_ticker(symbol, traded=bool(trades))
        if trades:
            self._flush_ohlc(symbol)

    def _on_book(self, symbol: str, side: str, price: Decimal) -> None:
        if symbol in self._books:
            self._levels.setdefault(symbol, {})[side, price] = None
        self._dirty[symbol] = None

    def _on_level3(self, symbol: str, change: L3Change) -> None:
        if symbol in self._level3:
            self._level3[symbol].change(change)
            self._dirty[symbol] = None

    def _on_trade(self, trade: PublicTrade) -> None:
        self._trades.setdefault(trade.symbol, []).append(trade)
        self._dirty[trade.symbol] = None

    def _on_instrument(self, symbol: str) -> None:
        if ("instrument",) not in self._subscribers:
            return
        pair = self._engine.pairs[symbol]
        data = {"assets": [], "pairs": [public_rows.pair_row(pair, self._engine.pair_status(symbol))]}
        self._send(("instrument",), wire.encode({"channel": "instrument", "type": "update", "data": data}))

    def _open_book(self, symbol: str, depth: Hashable) -> None:
        if symbol not in self._books:
            pair = self._engine.pairs[symbol]
            bids, asks = self._engine.book(symbol, WHOLE_BOOK)
            self._books[symbol] = BookFeed(symbol, pair.price_precision, pair.qty_precision, bids, asks)
        self._books[symbol].open(_number(depth))

    def _open_level3(self, symbol: str, depth: Hashable) -> None:
        if symbol not in self._level3:
            pair = self._engine.pairs[symbol]
            bids, asks = self._engine.level3(symbol, WHOLE_BOOK)
            self._level3[symbol] = Level3Feed(symbol, pair.price_precision, pair.qty_precision, bids, asks)
        self._level3[symbol].open(_number(depth))

    def _forget(self, key: Key) -> None:
        """A mirror nobody follows is not kept up to date."""
        feeds: dict[str, BookFeed] | dict[str, Level3Feed]
        if key[0] == "book":
            feeds = self._books
        elif key[0] == "level3":
            feeds = self._level3
        else:
            return
        symbol = str(key[1])
        feeds[symbol].close(_number(key[2]))
        if feeds[symbol].is_idle:
            del feeds[symbol]
            if key[0] == "book":
                self._levels.pop(symbol, None)

    def _flush_book(self, symbol: str) -> None:
        feed = self._books.get(symbol)
        levels = self._levels.pop(symbol, {})
        if feed is None or not levels:
            return
        for side, price in levels:
            feed.change(side, price, self._engine.level_qty(symbol, side, price))
        for depth, frame in feed.updates(self._now()).items():
            self._send(("book", symbol, depth), frame)

    def _flush_level3(self, symbol: str) -> None:
        if feed := self._level3.get(symbol):
            for depth, frame in feed.updates(self._now()).items():
                self._send(("level3", symbol, depth), frame)

    def _flush_ticker(self, symbol: str, *, traded: bool) -> None:
        by_trades, by_bbo = ("ticker", symbol, "trades"), ("ticker", symbol, "bbo")
        wanted = [by_trades] if traded and by_trades in self._subscribers else []
        if by_bbo in self._subscribers:
            best = self._engine.book(symbol, 1)
            if traded or best != self._best.get(symbol):
                wanted.append(by_bbo)
            self._best[symbol] = best
        if wanted:
            frame = self._ticker(symbol, "update")
            for key in wanted:
                self._send(key, frame)

    def _flush_ohlc(self, symbol: str) -> None:
        for interval in public_rows.INTERVALS:
            key = ("ohlc", symbol, interval)
            if key not in self._subscribers:
                continue
            running = self._engine.running_candle(symbol, interval)
            if running is None:
                continue
            candles = [running]
            if self._candle_begin.get((symbol, interval), running.begin_ns) != running.begin_ns:
                candles = self._engine.candles(symbol, interval)[-2:]  # the last word on the one just over
            self._candle_begin[symbol, interval] = running.begin_ns
            self._send(key, self._ohlc(symbol, interval, "update", candles))

    def _ticker(self, symbol: str, kind: str) -> str:
        row = public_rows.ticker_row(self._engine.pairs[symbol], self._engine.ticker(symbol), self._now())
        return wire.encode({"channel": "ticker", "type": kind, "data": [row]})

    def _ohlc(self, symbol: str, interval: int, kind: str, candles: Iterable[Candle]) -> str:
        pair = self._engine.pairs[symbol]
        return wire.encode(
            {
                "channel": "ohlc",
                "type": kind,
                "timestamp": wire.rfc3339_ns(self._now()),
                "data": [public_rows.candle_row(pair, interval, candle) for candle in candles],
            }
        )

    def _trade_frame(self, kind: str, symbol: str, trades: Iterable[PublicTrade]) -> str:
        pair = self._engine.pairs[symbol]
        rows = [public_rows.trade_row(pair, trade) for trade in trades]
        return wire.encode({"channel": "trade", "type": kind, "data": rows})

    def _instrument_snapshot(self) -> str:
        engine = self._engine
        borrowable = {
            code for pair in engine.pairs.values() if pair.marginable for code in (pair.base, pair.quote)
        }
        data = {
            "assets": [
                public_rows.asset_row(asset, asset.code in borrowable) for asset in engine.assets.values()
            ],
            "pairs": [
                public_rows.pair_row(pair, engine.pair_status(symbol))
                for symbol, pair in engine.pairs.items()
            ],
        }
        return wire.encode({"channel": "instrument", "type": "snapshot", "data": data})

    def _send(self, key: Key, frame: str) -> None:
        for subscriber in list(self._subscribers.get(key, ())):
            subscriber.deliver(frame)


def _number(part: Hashable) -> int:
    assert isinstance(part, int), "depth and interval are integers"
    return part
