"""A terminal on paper whose public side is a second embedded exchange, behind a cable that can be cut."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue, open_venue
from core.domain.health import BookState
from core.domain.ids import Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import Order, OrderRequest, OrderType
from core.domain.subscription import book, ticker, trades
from core.runtime.clock import SystemClock
from core.runtime.paths import Paths
from core.sim.exchange import SimExchange
from core.sim.serve import endpoints_line
from tests.helpers.cable import Cable, cable_to
from tests.helpers.waiting import eventually

BTC = Symbol("BTC/USD")


@dataclass
class PaperDesk:
    """What a test may touch. ``public`` is the exchange that plays the real one."""

    session: TradingSession
    venue: Venue
    public: SimExchange
    cable: Cable

    async def ready(self) -> None:
        """Wait until an order could be placed."""
        stores, paper = self.session.stores, self.venue.paper
        assert paper is not None
        await eventually(
            lambda: (
                (view := stores.books.view(BTC)) is not None
                and view.state is BookState.LIVE
                and not stores.health.account_doubt
                and not stores.health.locks
                and stores.performance.clock_uncertainty_ns is not None
                and stores.balances.get("USD") is not None
                and paper.is_open(BTC)
            ),
            timeout_s=20,
        )

    async def send(self, side: Side, qty: str, price: Decimal | None = None) -> Order:
        """Place a limit order, or without a price a market order, as the ticket would."""
        order_type = OrderType.MARKET if price is None else OrderType.LIMIT
        request = OrderRequest(
            cl_ord_id=new_cl_ord_id(),
            symbol=BTC,
            side=side,
            order_type=order_type,
            qty=Decimal(qty),
            limit_price=price,
        )
        return await self.session.executor.submit(request)

    def now(self, order: Order) -> Order:
        """The order as it stands."""
        assert order.cl_ord_id is not None
        found = self.session.stores.orders.get(order.cl_ord_id)
        assert found is not None
        return found


@asynccontextmanager
async def paper_desk(
    public: SimExchange, home: Path, prepare: Callable[[TradingSession], None] = lambda session: None
) -> AsyncIterator[PaperDesk]:
    """Run a paper terminal whose account lives in ``home``; a second one there goes on where the first ended."""
    clock = SystemClock()
    paths = Paths(*(home / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    async with cable_to(public.endpoints.public_ws) as cable:
        file = home / "endpoints.json"
        file.write_text(endpoints_line(public).replace(public.endpoints.public_ws, cable.url))
        async with open_venue(
            Mode.PAPER,
            clock=clock,
            seed=7,
            speed=1.0,
            endpoints_file=file,
            profile="default",
            paper_file=paths.paper_file,
        ) as venue:
            session = TradingSession(venue, clock, 7, open_journal(paths, venue, clock))
            prepare(session)
            session.market_data.watch(book(BTC, 25), ticker(BTC), trades(BTC))
            await session.start()
            desk = PaperDesk(session, venue, public, cable)
            try:
                await desk.ready()
                yield desk
            finally:
                await session.stop()
