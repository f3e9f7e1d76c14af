"""A terminal without a window that trades on an exchange of its own and is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue
from core.data.kraken.endpoints import Endpoints
from core.data.recorder import Recorder
from core.domain.health import BookState
from core.domain.ids import ClOrdId, Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import OrderRequest, OrderType
from core.domain.subscription import book, candles, ticker, trades
from core.runtime.clock import SystemClock
from core.runtime.paths import Paths
from core.runtime.redaction import Redactor
from core.runtime.secrets import KeyPair, Secret
from core.sim.exchange import SimExchange
from tests.helpers.waiting import eventually

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")


@dataclass
class Recorded:
    """What a test may touch."""

    session: TradingSession
    exchange: SimExchange
    recorder: Recorder

    @property
    def folder(self) -> Path:
        return self.recorder.folder

    @property
    def secrets(self) -> list[str]:
        """What must never be written anywhere."""
        connections = (self.session.lines.connection(line) for line in self.session.lines.lines)
        tokens = [connection.session.token for connection in connections]
        return [self.exchange.key, self.exchange.secret, *(token for token in tokens if token)]

    async def ready(self) -> None:
        stores = self.session.stores
        await eventually(
            lambda: (
                (view := stores.books.view(BTC)) is not None
                and view.state is BookState.LIVE
                and not stores.health.account_doubt
                and stores.performance.clock_uncertainty_ns is not None
            ),
            timeout_s=20,
        )

    async def order(self, side: Side, qty: str, price: Decimal | None = None) -> ClOrdId:
        """Place an order, at the market without a price."""
        kind = OrderType.LIMIT if price is not None else OrderType.MARKET
        request = OrderRequest(
            cl_ord_id=new_cl_ord_id(),
            symbol=BTC,
            side=side,
            order_type=kind,
            qty=Decimal(qty),
            limit_price=price,
        )
        await self.session.executor.submit(request)
        return request.cl_ord_id


@asynccontextmanager
async def recorded_terminal(
    home: Path, *, seed: int = 7, speed: float = 3.0, most_bytes: int = 50_000_000
) -> AsyncIterator[Recorded]:
    """Run it; the recording is complete when the context has ended."""
    clock = SystemClock()
    paths = Paths(*(home / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    async with SimExchange(seed, clock, speed) as exchange:
        where = exchange.endpoints
        endpoints = Endpoints(
            public_ws=where.public_ws,
            private_ws=where.private_ws,
            level3_ws=where.l3_ws,
            public_rest=where.public_rest,
            private_rest=where.private_rest,
        )
        keys = KeyPair(Secret(exchange.key), Secret(exchange.secret))
        venue = Venue(Mode.DEMO, endpoints, keys, is_new=True)
        session = TradingSession(venue, clock, seed, open_journal(paths, venue, clock))
        redactor = Redactor()
        redactor.register(keys)
        recorder = Recorder(
            paths.recordings / "run",
            most_bytes=most_bytes,
            most_days=7,
            redact=redactor.clean,
            secrets=[exchange.key, exchange.secret],
        )
        session.record_to(recorder)
        for symbol in (BTC, ETH):
            session.market_data.watch(book(symbol, 25), ticker(symbol), trades(symbol), candles(symbol, 1))
            session.history.want(symbol, 1)
        await session.start()
        try:
            yield Recorded(session, exchange, recorder)
        finally:
            await session.stop()
