"""Candle history from REST: once for each pair and interval somebody looks at, and again where a hole shows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from core.domain.errors import TerminalError
from core.domain.ids import Symbol
from core.domain.market import Candle
from core.processing.market_stores import CandleStore

log = logging.getLogger(__name__)

Spawn = Callable[[Coroutine[Any, Any, None], str], object]


class CandleSource(Protocol):
    """Where history comes from."""

    async def candles(self, symbol: Symbol, interval: int) -> list[Candle]:
        """At most 720 candles of ``interval`` minutes, oldest first, the last one running."""
        ...


class CandleHistory:
    """Fetches history into the candle store. One request at a time for each series."""

    def __init__(self, source: CandleSource, candles: CandleStore, spawn: Spawn) -> None:
        self._source = source
        self._candles = candles
        self._spawn = spawn
        self._loaded: set[tuple[Symbol, int]] = set()
        self._underway: set[tuple[Symbol, int]] = set()

    def want(self, symbol: Symbol, interval: int) -> None:
        """Load the series unless it is there or on its way."""
        if (symbol, interval) not in self._loaded:
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

    async def _load(self, key: tuple[Symbol, int]) -> None:
        try:
            self._candles.add_history(await self._source.candles(*key))
            self._loaded.add(key)
        except TerminalError as failure:
            log.warning("history failed symbol=%s interval=%s reason=%s", *key, failure)
        finally:
            self._underway.discard(key)
