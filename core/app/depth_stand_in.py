"""Books over REST while both market lines are lost: what the market looks like, a few seconds old, and never traded on.

One pair a question and a question every two seconds, in turn: REST is for what streams cannot give (required.md, QA4).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from core.domain.errors import TerminalError
from core.domain.health import BookState, ConnectionState
from core.domain.ids import Symbol
from core.domain.market import Depth
from core.processing.channel_store import Source
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

LOOK_S = 1.0
AFTER_NS = 3 * NS_PER_S
"""A line that comes back sooner brings the books itself."""

EVERY_NS = 2 * NS_PER_S
OLDEST_NS = 60 * NS_PER_S
"""A told book older than this tells nothing any more."""

LEVELS = 100


class DepthSource(Protocol):
    """Where books can be asked for."""

    async def depth(self, symbol: Symbol, count: int) -> Depth:
        """Return at most ``count`` levels a side. Raises a TerminalError when no answer came."""
        ...


class DepthStandIn:
    """Asks for the watched books in turn while no market line is live, and lets go of what is live again."""

    def __init__(self, stores: Stores, source: DepthSource, clock: Clock) -> None:
        self._stores = stores
        self._source = source
        self._clock = clock
        self._lost_since: int | None = None
        self._asked: dict[Symbol, int] = {}

    async def run(self) -> None:
        """Stand in until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Do once what is due."""
        now = self._clock.mono_ns()
        self._let_go(now)
        market = self._stores.health.market()
        if market is not None and market.state is ConnectionState.LIVE:
            self._lost_since = None
            return
        if self._lost_since is None:
            self._lost_since = now
        if now - self._lost_since >= AFTER_NS and now - max(self._asked.values(), default=0) >= EVERY_NS:
            await self._ask(now)

    def _let_go(self, now: int) -> None:
        for symbol in self._stores.depths.symbols():
            told, book = self._stores.depths.view(symbol), self._stores.books.view(symbol)
            is_live = book is None or book.state is BookState.LIVE
            if is_live or (told is not None and now - told.received > OLDEST_NS):
                self._stores.depths.drop(symbol)
                row = self._stores.channels.get("book", symbol)
                if row is not None:
                    row.source = Source.WS

    async def _ask(self, now: int) -> None:
        watched = {row.sub.symbol: row for row in self._stores.channels.all() if row.sub.channel == "book"}
        self._asked = {symbol: self._asked.get(symbol, 0) for symbol in watched}
        symbol = min(self._asked, key=self._asked.__getitem__, default=None)
        instrument = self._stores.instruments.get(symbol) if symbol is not None else None
        if symbol is None or instrument is None:
            return
        self._asked[symbol] = now
        try:
            told = await self._source.depth(symbol, LEVELS)
        except TerminalError as failure:
            self._stores.health.feed.failed += 1
            log.info("book not had symbol=%s reason=%s", symbol, failure)
            return
        book = self._stores.books.view(symbol)
        if book is not None and book.state is not BookState.LIVE:  # it may have come back meanwhile
            self._stores.depths.tell(told, instrument, self._clock.mono_ns())
            watched[symbol].source = Source.REST
