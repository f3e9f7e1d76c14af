"""Quotes from the best source there is: the live stream, else what is fresh enough, else REST, else old with its age.

Values the account: assets whose pair nobody watches are asked for over REST, all in one question, twice a minute.
Stands in for the ticker stream when both market lines are lost (required.md, QB1 to QB4).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from core.domain.errors import TerminalError
from core.domain.health import ConnectionState
from core.domain.ids import Asset, Symbol
from core.domain.market import Ticker
from core.processing.channel_store import Source
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

LOOK_S = 1.0
FRESH_NS = 5 * NS_PER_S
"""A quote this young is as good as the stream's (faults, section 7)."""

VALUED_NS = 30 * NS_PER_S
"""How old the quote of an asset may be that nobody watches."""

STAND_IN_AFTER_NS = 3 * NS_PER_S
STAND_IN_EVERY_NS = 2 * NS_PER_S
DOLLAR = Asset("USD")


class QuoteSource(Protocol):
    """Where quotes can be asked for."""

    async def tickers(self, symbols: Sequence[Symbol]) -> list[Ticker]:
        """Return the present quotes of these pairs. Raises a TerminalError when no answer came."""
        ...


class Quoted(msgspec.Struct, frozen=True):
    """A quote, where it came from, and how old it is in ns."""

    ticker: Ticker
    source: Source
    age_ns: int


class Quotes:
    """One answer to "what is this pair worth"; counts who answered in ``stores.health.feed``.

    What REST answered is counted where it is asked, with every other question.
    """

    def __init__(self, stores: Stores, source: QuoteSource, clock: Clock) -> None:
        self._stores = stores
        self._source = source
        self._clock = clock
        self._counts = stores.health.feed
        self._asked: dict[Symbol, int] = {}
        self._lost_since: int | None = None
        self._stood_in = 0

    async def run(self) -> None:
        """Keep what is owned valued, and the watched quotes alive without a stream, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Do once what is due."""
        await self._stand_in(self._clock.mono_ns())
        if self._stores.balances.verified:
            self._counts.stream += 1
        await self.get(self._valued(), VALUED_NS)

    async def get(self, symbols: Iterable[Symbol], oldest_ns: int = FRESH_NS) -> list[Quoted]:
        """Return a quote of every pair that has one, none older than ``oldest_ns`` unless nothing better can be had."""
        known = {symbol: self._known(symbol, oldest_ns) for symbol in symbols}
        missing = [symbol for symbol, quoted in known.items() if quoted is None and self._may_ask(symbol)]
        if missing:
            await self._ask(missing)
        found = (quoted or self._any(symbol) for symbol, quoted in known.items())
        return [quoted for quoted in found if quoted is not None]

    def _known(self, symbol: Symbol, oldest_ns: int) -> Quoted | None:
        """Return what needs no question: a stream's quote however old, else one that is young enough."""
        quoted = self._any(symbol)
        row = self._stores.channels.get("ticker", symbol)
        if quoted is not None and row is not None and row.trusted:
            self._counts.stream += 1
            return quoted
        if quoted is not None and quoted.age_ns <= oldest_ns:
            self._counts.cache += 1
            return quoted
        return None

    def _any(self, symbol: Symbol) -> Quoted | None:
        ticker, received = self._stores.tickers.get(symbol), self._stores.tickers.received(symbol)
        if ticker is None or received is None:
            return None
        row = self._stores.channels.get("ticker", symbol)
        source = row.source if row is not None else Source.REST
        return Quoted(ticker, source, self._clock.mono_ns() - received)

    def _may_ask(self, symbol: Symbol) -> bool:
        asked = self._asked.get(symbol)
        return asked is None or self._clock.mono_ns() - asked >= FRESH_NS

    async def _ask(self, symbols: Sequence[Symbol]) -> None:
        now = self._clock.mono_ns()
        self._asked.update(dict.fromkeys(symbols, now))
        try:
            tickers = await self._source.tickers(symbols)
        except TerminalError as failure:
            self._counts.failed += 1
            log.info("quotes not had pairs=%d reason=%s", len(symbols), failure)
            return
        known = (self._stores.tickers.get(ticker.symbol) for ticker in tickers)
        continued = [_continued(ticker, before) for ticker, before in zip(tickers, known, strict=True)]
        self._stores.tickers.apply(continued, self._clock.mono_ns())

    def _valued(self) -> list[Symbol]:
        """Pairs that tell what is owned is worth in dollars, as far as the exchange lists them."""
        pairs = (
            Symbol(f"{balance.asset}/{DOLLAR}") for balance in self._stores.balances.all() if balance.total
        )
        return [symbol for symbol in pairs if self._stores.instruments.get(symbol) is not None]

    async def _stand_in(self, now: int) -> None:
        market = self._stores.health.market()
        if market is not None and market.state is ConnectionState.LIVE:
            self._lost_since = None
            return
        self._lost_since = self._lost_since if self._lost_since is not None else now
        watched = [row for row in self._stores.channels.all() if row.sub.channel == "ticker"]
        due = now - self._lost_since >= STAND_IN_AFTER_NS and now - self._stood_in >= STAND_IN_EVERY_NS
        if not due or not watched:
            return
        self._stood_in = now
        await self._ask([row.sub.symbol for row in watched])
        for row in watched:
            received = self._stores.tickers.received(row.sub.symbol)
            if received is not None and received > now:
                row.source = Source.REST


def _continued(asked: Ticker, before: Ticker | None) -> Ticker:
    """Return a quote of REST with the day's change, which REST does not tell, carried on from the stream's."""
    if before is None or before.last is None or before.change is None or asked.last is None:
        return asked
    change = before.change + asked.last - before.last
    opened = asked.last - change
    percent = change / opened * 100 if opened else None
    return msgspec.structs.replace(asked, change=change, change_pct=percent)
