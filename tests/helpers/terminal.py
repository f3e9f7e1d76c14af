"""A terminal without a window on an embedded exchange of its own, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue
from core.data.kraken.endpoints import Endpoints
from core.domain.health import BookState
from core.domain.ids import Symbol, new_cl_ord_id
from core.domain.instrument import Instrument, Side
from core.domain.mode import Mode
from core.domain.orders import Order, OrderRequest, OrderType
from core.domain.subscription import book, ticker
from core.runtime.clock import SystemClock
from core.runtime.paths import Paths
from core.runtime.secrets import KeyPair, Secret
from core.sim.exchange import SimExchange
from tests.helpers.waiting import eventually

BTC = Symbol("BTC/USD")


@dataclass
class Terminal:
    """What a test may touch."""

    session: TradingSession
    exchange: SimExchange

    @property
    def instrument(self) -> Instrument:
        found = self.session.stores.instruments.get(BTC)
        assert found is not None
        return found

    @property
    def bid(self) -> Decimal:
        view = self.session.stores.books.view(BTC)
        assert view is not None
        assert view.best_bid is not None
        return view.best_bid[0]

    async def ready(self) -> None:
        """Wait until an order could be placed."""
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

    async def rest_order(self, side: Side = Side.BUY, qty: str = "0.01", away: str = "0.97") -> Order:
        """Place an order of the trader's own that does not trade."""
        price = self.bid * (Decimal(away) if side is Side.BUY else 2 - Decimal(away))
        return await self.session.executor.submit(
            OrderRequest(
                cl_ord_id=new_cl_ord_id(),
                symbol=BTC,
                side=side,
                order_type=OrderType.LIMIT,
                qty=Decimal(qty),
                limit_price=self.instrument.quantize_price(price, side),
            )
        )


@asynccontextmanager
async def sim_exchange(seed: int = 7, speed: float = 1.0) -> AsyncIterator[SimExchange]:
    """Run an exchange for one or several terminals, one after the other."""
    async with SimExchange(seed, SystemClock(), speed) as exchange:
        yield exchange


@asynccontextmanager
async def terminal_on(
    exchange: SimExchange,
    home: Path,
    prepare: Callable[[TradingSession], None] = lambda session: None,
    *,
    mode: Mode = Mode.DEMO,
) -> AsyncIterator[Terminal]:
    """Run a terminal whose journal lives in ``home``; a second one there takes over what the first left."""
    clock = SystemClock()
    paths = Paths(*(home / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    where = exchange.endpoints
    endpoints = Endpoints(
        public_ws=where.public_ws,
        private_ws=where.private_ws,
        level3_ws=where.l3_ws,
        public_rest=where.public_rest,
        private_rest=where.private_rest,
    )
    keys = KeyPair(Secret(exchange.key), Secret(exchange.secret))
    venue = Venue(mode, endpoints, keys)
    session = TradingSession(venue, clock, 7, open_journal(paths, venue, clock))
    prepare(session)
    session.market_data.watch(book(BTC, 25), ticker(BTC))
    await session.start()
    terminal = Terminal(session, exchange)
    try:
        await terminal.ready()
        yield terminal
    finally:
        await session.stop()
