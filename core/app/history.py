"""Candle history from REST: once for each pair and interval somebody looks at, and again where a hole shows.

Kraken gives the newest 720 candles of a series and no older ones (REST "Get OHLC Data"), so one answer is all there is
to page in. What became of it is told, so that a chart can say why there is nothing further left.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from typing import Any, Protocol

from core.domain.errors import TerminalError
from core.domain.ids import Symbol
from core.domain.market import Candle
from core.processing.market_stores import CandleStore

log = logging.getLogger(__name__)

SERIES_KEPT = 8
"""Series nobody looks at any more that are kept, in case somebody comes back: 720 candles take half a megabyte."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class HistoryState(Enum):
    """How much of a series' past is here."""

    UNASKED = auto()
    LOADING = auto()
    FAILED = auto()
    COMPLETE = auto()
    """All the exchange gives."""


class CandleSource(Protocol):
    """Where history comes from."""

    async def candles(self, symbol: Symbol, interval: int) -> list[Candle]:
        """At most 720 candles of ``interval`` minutes, oldest first, the last one running."""
        ...


class CandleHistory:
    """Fetches history into the candle store. One request at a time for each series.

    ``is_watched`` tells whether a series is streamed for somebody: of the others the latest wanted are kept.
    """

    def __init__(
        self,
        source: CandleSource,
        candles: CandleStore,
        spawn: Spawn,
        is_watched: Callable[[Symbol, int], bool] = lambda symbol, interval: True,
    ) -> None:
        self._source = source
        self._candles = candles
        self._spawn = spawn
        self._is_watched = is_watched
        self._staying: set[tuple[Symbol, int]] = set()
        self._passing: OrderedDict[tuple[Symbol, int], None] = OrderedDict()
        self._loaded: set[tuple[Symbol, int]] = set()
        self._underway: set[tuple[Symbol, int]] = set()
        self._failures: dict[tuple[Symbol, int], str] = {}

    def state(self, symbol: Symbol, interval: int) -> HistoryState:
        """Return how much of a series' past is here."""
        key = (symbol, interval)
        if key in self._underway:
            return HistoryState.LOADING
        if key in self._failures:
            return HistoryState.FAILED
        return HistoryState.COMPLETE if key in self._loaded else HistoryState.UNASKED

    def failure(self, symbol: Symbol, interval: int) -> str:
        """Return why the last try brought nothing, in words; empty when it brought something."""
        return self._failures.get((symbol, interval), "")

    def want(self, symbol: Symbol, interval: int, *, stays: bool = False) -> None:
        """Load the series unless it is there or on its way. One that ``stays`` is kept without being watched."""
        key = (symbol, interval)
        if stays:
            self._staying.add(key)
        self._passing[key] = None
        self._passing.move_to_end(key)
        self._let_go()
        if key not in self._loaded:
            self.refetch(symbol, interval)

    def refetch(self, symbol: Symbol, interval: int) -> None:
        """Load the series again, whatever is there."""
        key = (symbol, interval)
        if key not in self._underway:
            self._underway.add(key)
            self._spawn(self._load(key), f"history {symbol} {interval}")

    def forget(self) -> None:
        """After a lost line every series may have a hole: load again when next wanted."""
        self._loaded.clear()

    def _let_go(self) -> None:
        """Drop the series that were wanted longest ago and that nobody looks at."""
        idle = [key for key in self._passing if key not in self._staying and not self._is_watched(*key)]
        for key in idle[: max(0, len(idle) - SERIES_KEPT)]:
            if key not in self._underway:
                del self._passing[key]
                self._loaded.discard(key)
                self._candles.drop(*key)

    async def _load(self, key: tuple[Symbol, int]) -> None:
        try:
            self._candles.add_history(await self._source.candles(*key))
            self._loaded.add(key)
            self._failures.pop(key, None)
        except TerminalError as failure:
            self._failures[key] = failure.user_message
            self._candles.touch(key)  # whoever shows the series has something to say
            log.warning("history failed symbol=%s interval=%s reason=%s", *key, failure)
        finally:
            self._underway.discard(key)
