"""Reference data, quotes, public prints and candles. Pure stores; the processor writes, everyone reads."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence

from core.domain.ids import Asset, Symbol
from core.domain.instrument import AssetInfo, Instrument
from core.domain.market import Candle, Ticker, Trade
from core.domain.times import NS
from core.processing.store import Store

TRADES_KEPT = 2_000
"""Prints kept a pair."""

CANDLES_KEPT = 5_000
"""Candles kept a series; Kraken's history has at most 720."""

MINUTE_NS = 60 * NS


class InstrumentStore(Store[Symbol]):
    """What can be traded, and the assets behind it. ``version`` rises with every change."""

    def __init__(self) -> None:
        super().__init__()
        self._instruments: dict[Symbol, Instrument] = {}
        self._assets: dict[Asset, AssetInfo] = {}
        self.version = 0

    def get(self, symbol: Symbol) -> Instrument | None:
        """Return a pair, or ``None`` when the exchange does not list it."""
        return self._instruments.get(symbol)

    def symbols(self) -> tuple[Symbol, ...]:
        """All pairs, sorted."""
        return tuple(sorted(self._instruments))

    def asset(self, asset: Asset) -> AssetInfo | None:
        """Return an asset's decimals, or ``None``."""
        return self._assets.get(asset)

    def apply(
        self, instruments: Sequence[Instrument], assets: Sequence[AssetInfo], *, snapshot: bool
    ) -> None:
        """Replace everything (snapshot) or the entries given, each complete."""
        self.version += 1
        if snapshot:
            for symbol in self._instruments:
                self.touch(symbol)
            self._instruments.clear()
            self._assets.clear()
        for instrument in instruments:
            self._instruments[instrument.symbol] = instrument
            self.touch(instrument.symbol)
        for asset in assets:
            self._assets[asset.asset] = asset


class TickerStore(Store[Symbol]):
    """Latest quotes and day statistics."""

    def __init__(self) -> None:
        super().__init__()
        self._tickers: dict[Symbol, Ticker] = {}
        self._received: dict[Symbol, int] = {}

    def get(self, symbol: Symbol) -> Ticker | None:
        """Return the latest ticker of a pair."""
        return self._tickers.get(symbol)

    def received(self, symbol: Symbol) -> int | None:
        """Monotonic time the latest one came, ns."""
        return self._received.get(symbol)

    def apply(self, tickers: Sequence[Ticker], now: int) -> None:
        """Replace tickers received at monotonic ``now``."""
        for ticker in tickers:
            symbol = ticker.symbol
            self._tickers[symbol] = ticker
            self._received[symbol] = now
            self._dirty.add(symbol)


class TradeStore(Store[Symbol]):
    """The tape: the last prints of each pair, each once, in the order of ``trade_id``."""

    def __init__(self) -> None:
        super().__init__()
        self._trades: dict[Symbol, deque[Trade]] = {}
        self._counts: dict[Symbol, int] = {}
        self._received: dict[Symbol, int] = {}
        self.repeated = 0

    def recent(self, symbol: Symbol) -> Sequence[Trade]:
        """Return the prints held, oldest first."""
        return self._trades.get(symbol, ())

    def count(self, symbol: Symbol) -> int:
        """Prints taken in so far: rises by one for each."""
        return self._counts.get(symbol, 0)

    def received(self, symbol: Symbol) -> int | None:
        """Monotonic time the latest print came, ns."""
        return self._received.get(symbol)

    def apply(self, trades: Sequence[Trade], now: int) -> None:
        """Add prints; those already held or older than the tape's end are counted and skipped."""
        for trade in trades:
            symbol = trade.symbol
            tape = self._trades.get(symbol)
            if tape is None:
                tape = self._trades[symbol] = deque(maxlen=TRADES_KEPT)
            if tape and trade.trade_id <= tape[-1].trade_id:
                if not self._insert_late(tape, trade):
                    self.repeated += 1
                    continue
            else:
                tape.append(trade)
            self._counts[symbol] = self._counts.get(symbol, 0) + 1
            self._received[symbol] = now
            self._dirty.add(symbol)

    @staticmethod
    def _insert_late(tape: deque[Trade], trade: Trade) -> bool:
        # Out of order within a burst is possible; far older prints are a repeated snapshot.
        at = len(tape)
        while at and tape[at - 1].trade_id > trade.trade_id:
            at -= 1
        if at == 0 or tape[at - 1].trade_id == trade.trade_id:
            return False
        if len(tape) == tape.maxlen:
            tape.popleft()
            at -= 1
        tape.insert(at, trade)
        return True


class CandleStore(Store[tuple[Symbol, int]]):
    """Candles by pair and interval (minutes), from history and stream alike, merged by their begin.

    ``version`` rises when anything but the last candle changed, so that a chart can keep what it drew.
    """

    def __init__(self) -> None:
        super().__init__()
        self._series: dict[tuple[Symbol, int], list[Candle]] = {}
        self._versions: dict[tuple[Symbol, int], int] = {}
        self._suspect: set[tuple[Symbol, int]] = set()

    def series(self, symbol: Symbol, interval: int) -> Sequence[Candle]:
        """Return the candles held, oldest first. Do not keep or change the list."""
        return self._series.get((symbol, interval), ())

    def version(self, symbol: Symbol, interval: int) -> int:
        """Rises when older candles changed or were added; a new last candle alone does not."""
        return self._versions.get((symbol, interval), 0)

    def drop(self, symbol: Symbol, interval: int) -> None:
        """Forget a series."""
        key = (symbol, interval)
        if self._series.pop(key, None) is not None:
            self._versions[key] = self._versions.get(key, 0) + 1
            self._suspect.discard(key)
            self.touch(key)

    def add_history(self, candles: Iterable[Candle]) -> None:
        """Merge closed history under what the stream said: for a candle both know, the one with more trades wins."""
        for candle in candles:
            self._merge(candle, from_history=True)

    def apply(self, candles: Iterable[Candle]) -> list[tuple[Symbol, int]]:
        """Merge candles of the stream. Returns the series in which a hole appeared that history should close."""
        holes: dict[tuple[Symbol, int], None] = {}
        for candle in candles:
            key = (candle.symbol, candle.interval)
            rows = self._series.get(key)
            if key in self._suspect or (
                rows and candle.begin > rows[-1].begin + 2 * candle.interval * MINUTE_NS
            ):
                holes[key] = None
            self._merge(candle, from_history=False)
        self._suspect.difference_update(holes)
        return list(holes)

    def interrupted(self) -> None:
        """Something was lost: every series asks for its history with its next candle."""
        self._suspect.update(self._series)

    def _merge(self, candle: Candle, *, from_history: bool) -> None:
        key = (candle.symbol, candle.interval)
        rows = self._series.setdefault(key, [])
        self.touch(key)
        if not rows or candle.begin > rows[-1].begin:
            rows.append(candle)
            if len(rows) > CANDLES_KEPT:
                del rows[: len(rows) - CANDLES_KEPT]
                self._versions[key] = self._versions.get(key, 0) + 1
            return
        at = bisect_left(rows, candle.begin, key=_begin)
        if at < len(rows) and rows[at].begin == candle.begin:
            if from_history and rows[at].trades >= candle.trades:
                return
            rows[at] = candle
        else:
            rows.insert(at, candle)
        if at < len(rows) - 1:
            self._versions[key] = self._versions.get(key, 0) + 1


def _begin(candle: Candle) -> int:
    return candle.begin
