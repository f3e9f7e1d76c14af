"""The real market, heard over its public WebSocket: books proven by their checksums, and every trade.

A line of its own, read with this package's own understanding of the protocol. It only listens: what it sends is
``subscribe``, ``unsubscribe`` and pings. Source: Kraken WebSocket v2, "Book (level 2)", "Trades".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from core.runtime.clock import NS_PER_MS, NS_PER_S, Clock
from core.runtime.tls import client_context
from core.sim import wire
from core.sim.model import PairSpec
from core.sim.public_book import Change, OutOfStep, PublicBook
from core.sim.renewals import Renewals

log = logging.getLogger(__name__)

DEPTH = 500
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STABLE_NS = 30 * NS_PER_S
SILENT_NS = 5 * NS_PER_S
"""Heartbeats come every second: a line that says nothing for so long is dead."""

CLOCK_NS = 60 * NS_PER_S
"""How often the real exchange's clock is asked for."""

LONGEST_WAY_NS = 400 * NS_PER_MS
"""An answer that took longer says too little of the clock."""

SLICE_NS = 4 * NS_PER_MS
MAX_FRAME = 16 << 20
OPEN_S = 10.0

Row = dict[str, object]


class Audience(Protocol):
    """Who hears the market."""

    def pair(self, symbol: str) -> PairSpec | None:
        """What is known of a pair; None when nothing is."""
        ...

    def booked(self, symbol: str, book: PublicBook) -> None:
        """A snapshot replaced everything."""
        ...

    def changed(self, symbol: str, changes: list[Change]) -> None:
        """Levels changed."""
        ...

    def traded(self, symbol: str, row: PublicPrint, *, is_past: bool) -> None:
        """A public trade; one of the past only tells the last price."""
        ...

    def lost(self, symbol: str | None) -> None:
        """A book, or with None the whole market, is not known any more."""
        ...


class PublicPrint:
    """One public trade as the wire tells it; ``is_buy`` is the taker's side."""

    __slots__ = ("is_buy", "ord_type", "price", "qty")

    def __init__(self, row: Row) -> None:
        try:
            self.price, self.qty = Decimal(str(row["price"])), Decimal(str(row["qty"]))
        except (KeyError, InvalidOperation) as odd:
            raise OutOfStep("a trade without price or quantity") from odd
        self.is_buy = row.get("side") == "buy"
        self.ord_type = "market" if row.get("ord_type") == "market" else "limit"


class PublicSource:
    """One line to the real exchange's public data, kept up for ever."""

    def __init__(self, url: str, clock: Clock, audience: Audience) -> None:
        self._url = url
        self._clock = clock
        self._audience = audience
        self._wanted: frozenset[str] = frozenset()
        self._books: dict[str, PublicBook] = {}
        self._renewals = Renewals()
        self._socket: ClientConnection | None = None
        self._heard_ns = 0
        self._asked_ns = 0
        self.offset_ns = 0
        """How far the real exchange's clock is ahead of ours, as last measured."""

    @property
    def is_up(self) -> bool:
        """Whether the line is open."""
        return self._socket is not None

    @property
    def round_trip_s(self) -> float:
        """Seconds to the real exchange and back as last measured by a ping, 0 before."""
        return self._socket.latency if self._socket is not None else 0.0

    async def follow(self, symbols: Iterable[str]) -> None:
        """Hear these pairs, and no others."""
        wanted = frozenset(symbols)
        new, gone = wanted - self._wanted, self._wanted - wanted
        self._wanted = wanted
        for symbol in gone:
            self._books.pop(symbol, None)
            self._audience.lost(symbol)
        self._renewals.forget(gone)
        await self._ask("unsubscribe", gone)
        await self._ask("subscribe", new)

    async def run(self) -> None:
        """Connect, hear, and connect again."""
        pause_s = FIRST_PAUSE_S
        while True:
            began_ns = self._clock.mono_ns()
            try:
                await self._hear()
            except (OSError, TimeoutError, WebSocketException) as lost:
                log.info("paper market lost reason=%s", type(lost).__name__)
            finally:
                self._socket = None
                self._books.clear()
                self._renewals.clear(self._clock.mono_ns())
                self._audience.lost(None)
            if self._clock.mono_ns() - began_ns > STABLE_NS:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s)

    async def look(self) -> None:
        """Break off a line that says nothing though it should, and renew the books that are due."""
        now_ns = self._clock.mono_ns()
        if self._socket is None:
            return
        if self._wanted and now_ns - self._heard_ns > SILENT_NS:
            log.info("paper market silent")
            self._socket.transport.abort()
            return
        await self._ask("subscribe", self._renewals.unanswered(now_ns), "book")
        await self._ask("unsubscribe", self._renewals.to_end(now_ns), "book")

    async def _hear(self) -> None:
        tls = client_context() if self._url.startswith("wss:") else None
        async with connect(
            self._url, ssl=tls, compression=None, proxy=None, max_size=MAX_FRAME, open_timeout=OPEN_S
        ) as socket:
            self._socket, self._heard_ns = socket, self._clock.mono_ns()
            await self._measure(socket)
            await self._ask("subscribe", self._wanted)
            turn_ns = self._clock.mono_ns()
            async for raw in socket:
                self._heard_ns = self._clock.mono_ns()
                await self._read(raw)
                if self._heard_ns - self._asked_ns > CLOCK_NS:
                    await self._measure(socket)
                if self._clock.mono_ns() - turn_ns > SLICE_NS:
                    await asyncio.sleep(0)
                    turn_ns = self._clock.mono_ns()

    async def _measure(self, socket: ClientConnection) -> None:
        """Ask for the way there and back, and for the clock at its end."""
        self._asked_ns = self._clock.mono_ns()
        await socket.ping()
        await socket.send('{"method":"ping"}')

    def _learn_clock(self, message: Row) -> None:
        """Both ways take the same time, for all that is known."""
        travelled_ns = self._clock.mono_ns() - self._asked_ns
        if travelled_ns > LONGEST_WAY_NS:
            return
        try:
            theirs = [wire.parse_rfc3339(str(message[name])) for name in ("time_in", "time_out")]
        except (KeyError, ValueError):
            return
        self.offset_ns = sum(theirs) // 2 - (self._clock.wall_ns() - travelled_ns // 2)

    async def _ask(self, method: str, symbols: Iterable[str], *channels: str) -> None:
        names = sorted(symbol for symbol in symbols if self._audience.pair(symbol) is not None)
        if self._socket is None or not names:
            return
        for channel in channels or ("trade", "book"):
            params: Row = {"channel": channel, "symbol": names}
            if channel == "book":
                params["depth"] = DEPTH
                if method == "subscribe":
                    self._renewals.asked(names, self._clock.mono_ns())
            if method == "subscribe":
                params["snapshot"] = True
            try:
                await self._socket.send(wire.encode({"method": method, "params": params}))
            except WebSocketException:
                return  # the reader notices, too, and begins anew

    async def _read(self, raw: str | bytes) -> None:
        try:
            message = wire.decode(raw)
        except wire.Malformed as odd:
            log.warning("paper market said what is no JSON reason=%s", odd)
            return
        if not isinstance(message, dict):
            return
        if message.get("success") is False:
            log.info("paper market refused error=%s", message.get("error"))
        if message.get("method") == "pong":
            self._learn_clock(message)
        elif message.get("method") == "unsubscribe":
            await self._ended(message)
        rows = message.get("data")
        if message.get("channel") not in ("book", "trade") or not isinstance(rows, list):
            return
        for row in rows:
            if isinstance(row, dict) and (symbol := str(row.get("symbol"))) in self._wanted:
                await self._take(str(message["channel"]), message.get("type") == "snapshot", symbol, row)

    async def _ended(self, answer: Row) -> None:
        """A book has ended, or was none: what is wanted still is asked for anew."""
        result = answer.get("result")
        told = result if isinstance(result, dict) else {}
        symbol = str(told.get("symbol") or answer.get("symbol") or "")
        if told.get("channel", "book") == "book" and symbol in self._wanted and self._renewals.ended(symbol):
            await self._ask("subscribe", [symbol], "book")

    async def _take(self, channel: str, is_snapshot: bool, symbol: str, row: Row) -> None:
        try:
            if channel == "trade":
                self._audience.traded(symbol, PublicPrint(row), is_past=is_snapshot)
            elif is_snapshot:
                self._open(symbol, row)
            elif (book := self._books.get(symbol)) is not None:
                self._audience.changed(symbol, book.update(row))
        except OutOfStep as why:
            log.info("paper book out of step symbol=%s reason=%s", symbol, why)
            self._books.pop(symbol, None)
            self._audience.lost(symbol)
            self._renewals.broken(symbol, self._clock.mono_ns())

    def _open(self, symbol: str, row: Row) -> None:
        pair = self._audience.pair(symbol)
        if pair is None:
            return
        book = PublicBook(pair, DEPTH)
        book.replace(row)
        self._books[symbol] = book
        self._renewals.opened(symbol, self._clock.mono_ns())
        self._audience.booked(symbol, book)
