"""A terminal in a process of its own that dies by SIGKILL on the way of an order: ``python -m tests.helpers.doomed``.

Arguments: the exchange's endpoints file, the journal, where to die (``before`` or ``after`` the frame left), the
kind of order (``market`` or ``limit``) and its id.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from decimal import Decimal
from pathlib import Path

from core.app.session import TradingSession
from core.app.venue import Venue
from core.data.journal.journal import Journal
from core.data.kraken.endpoints import load_endpoints
from core.data.ws.manager import LineManager
from core.domain.ids import ClOrdId, Symbol
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import OrderRequest, OrderType
from core.domain.subscription import book
from core.runtime.clock import SystemClock
from tests.helpers.waiting import eventually

BTC = Symbol("BTC/USD")


def session_on(endpoints_file: Path, journal: Path) -> TradingSession:
    """A session on an exchange that another process runs."""
    clock = SystemClock()
    endpoints, keys = load_endpoints(endpoints_file)
    return TradingSession(Venue(Mode.DEMO, endpoints, keys), clock, 1, Journal(journal, clock))


async def ready(session: TradingSession) -> None:
    """Wait until an order could be placed."""
    session.market_data.watch(book(BTC, 10))
    stores = session.stores
    await eventually(
        lambda: (
            stores.is_tradable(BTC)
            and not stores.health.account_doubt
            and stores.performance.clock_uncertainty_ns is not None
        ),
        timeout_s=20,
    )


def order(kind: str, cl_ord_id: str, session: TradingSession) -> OrderRequest:
    """A market buy, or a limit buy that rests."""
    view = session.stores.books.view(BTC)
    assert view is not None
    assert view.best_bid is not None
    price = (view.best_bid[0] * Decimal("0.99")).quantize(Decimal("0.1"))
    return OrderRequest(
        cl_ord_id=ClOrdId(cl_ord_id),
        symbol=BTC,
        side=Side.BUY,
        order_type=OrderType.MARKET if kind == "market" else OrderType.LIMIT,
        qty=Decimal("0.01"),
        limit_price=None if kind == "market" else price,
    )


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Doomed(LineManager):
    """The lines of a program that dies with its order."""

    point = ""

    async def request(self, command, *, deadline_ns):
        if self.point == "before":
            die()
        asking = asyncio.ensure_future(super().request(command, deadline_ns=deadline_ns))
        await asyncio.sleep(0)  # the frame is written in the first step
        await asyncio.sleep(0.05)
        die()
        return await asking


async def main(endpoints_file: str, journal: str, point: str, kind: str, cl_ord_id: str) -> None:
    session = session_on(Path(endpoints_file), Path(journal))
    await session.start()
    await ready(session)
    Doomed.point = point
    session.lines.__class__ = Doomed
    await session.executor.submit(order(kind, cl_ord_id, session))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
