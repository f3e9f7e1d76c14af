"""Keeps the contract of freshness: has channels judged, asks REST about odd silences, renews what is broken.

One question covers every silent channel; questions are rare, because a channel found quiet is asked about less and
less often. A mismatch counts only when a second look confirms it and nothing was heard in between.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from core.domain.errors import RiskRejected, TerminalError
from core.domain.ids import Symbol
from core.domain.market import Ticker
from core.domain.subscription import BALANCES, Subscription
from core.processing.channel_judge import ChannelJudge, agree
from core.processing.channel_store import Channel
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

LOOK_S = 0.25
ENTRIES_PAUSE_NS = 30 * NS_PER_S
"""Where fills never move a balance (margin), asking anew for every one would be no use."""

PROBE_PAUSE_NS = 1_500_000_000
UNASKED_NS = 10 * NS_PER_S
"""An order that takes trusts a book that was silent for no longer than this (product.md, S1)."""

FAILED_PAUSE_NS = 10 * NS_PER_S


class Quotes(Protocol):
    """Where quotes can be asked for, apart from the stream."""

    async def tickers(self, symbols: Sequence[Symbol]) -> list[Ticker]:
        """Return the present quotes of these pairs. Raises a TerminalError when no answer came."""
        ...


class Renewer(Protocol):
    """Who can ask for a fresh snapshot."""

    def resubscribe(self, sub: Subscription) -> None:
        """Get a fresh snapshot of a channel from its carrier."""
        ...


class FreshnessWatch:
    """Runs beside the feed. ``probes`` counts the questions asked."""

    def __init__(self, stores: Stores, quotes: Quotes, renewer: Renewer, clock: Clock) -> None:
        self._stores = stores
        self._judge = ChannelJudge(stores)
        self._quotes = quotes
        self._renewer = renewer
        self._clock = clock
        self._suspects: dict[Channel, int] = {}
        self._next_ns = 0
        self._entries_ns = 0
        self.probes = 0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Judge once, renew what is broken, and ask about what is oddly silent."""
        now = self._clock.mono_ns()
        findings = self._judge.judge(now, self._clock.wall_ns())
        for sub in findings.renew:
            log.info("channel renewed channel=%s symbol=%s", sub.channel, sub.symbol)
            self._renewer.resubscribe(sub)
        self._look_at_entries(now)
        if findings.odd and now >= self._next_ns:
            await self._probe(findings.odd)

    def _look_at_entries(self, now: int) -> None:
        """Fills without their ledger entries: the account channel has stopped without a word, on every line."""
        overdue = self._stores.balances.overdue(now)
        if not overdue or now < self._entries_ns:
            return
        self._entries_ns = now + ENTRIES_PAUSE_NS
        text = f"fills of {', '.join(sorted(overdue)[:5])} came without their ledger entries"
        log.info("balances doubted reason=%s", text)
        self._stores.health.note(self._clock.wall_ns(), "balances", f"{text}: asked anew")
        self._stores.balances.forgive()
        self._stores.balances.doubt()
        self._stores.health.doubt_account(text)
        self._renewer.resubscribe(BALANCES)

    async def confirm(self, symbol: Symbol) -> None:
        """Make sure that a book which has been silent for a while is still the exchange's, before it is traded on.

        Raises RiskRejected when it is not, or when nobody can say. Books that speak cost no question.
        """
        row, view = self._stores.channels.get("book", symbol), self._stores.books.view(symbol)
        if row is None or view is None:
            return  # other checks say so
        heard, now = view.received, self._clock.mono_ns()
        if now - max(heard, row.quiet_since) < UNASKED_NS:
            return
        self.probes += 1
        try:
            quotes = await self._quotes.tickers([symbol])
        except TerminalError as failure:
            silent_s = (now - heard) // NS_PER_S
            text = (
                f"The {symbol} book has been silent for {silent_s} s, and REST cannot confirm it ({failure})."
            )
            raise RiskRejected(text, field="symbol") from failure
        if view.received != heard:
            return
        if any(agree(row, self._stores, quote) for quote in quotes if quote.symbol == symbol):
            row.found_quiet(self._clock.mono_ns())
        else:
            row.found_broken("silent, while the exchange has moved on", self._clock.mono_ns())
            raise RiskRejected(f"The {symbol} book has stopped: the exchange has moved on.", field="symbol")

    async def _probe(self, odd: Sequence[Channel]) -> None:
        heard = {row: row.heard for row in odd}
        self.probes += 1
        try:
            quotes = await self._quotes.tickers(sorted({row.sub.symbol for row in odd}))
        except TerminalError as failure:
            self._next_ns = self._clock.mono_ns() + FAILED_PAUSE_NS
            log.info("probe failed reason=%s", failure)
            return
        now = self._clock.mono_ns()
        self._next_ns = now + PROBE_PAUSE_NS
        told = {quote.symbol: quote for quote in quotes}
        for row in odd:
            quote = told.get(row.sub.symbol)
            if quote is not None and row.heard == heard[row]:
                self._conclude(row, quote, now)

    def _conclude(self, row: Channel, quote: Ticker, now: int) -> None:
        """Take one answer about a channel that stayed silent while it was asked for."""
        if agree(row, self._stores, quote):
            self._suspects.pop(row, None)
            row.found_quiet(now)
        elif self._suspects.get(row) == row.heard:
            del self._suspects[row]
            row.found_broken("silent, while the exchange has moved on", now)
            text = f"{row.sub.channel} stopped without a word: asked anew"
            self._stores.health.note(self._clock.wall_ns(), row.sub.symbol, text)
        else:
            self._suspects[row] = row.heard
