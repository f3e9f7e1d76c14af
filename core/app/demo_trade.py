"""``tidewire doctor --trade``: one order from click to balance, on an embedded exchange of its own.

Uses the same session, journal, risk gate and executor as the window, in a folder that goes away afterwards. Shows that
an installation is whole: sockets, signing, disk and all that lies between.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import open_venue
from core.domain.errors import StartError
from core.domain.health import BookState
from core.domain.ids import Asset, Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import Order, OrderRequest, OrderStatus, OrderType
from core.domain.subscription import Subscription
from core.runtime.clock import SystemClock
from core.runtime.paths import Paths

SYMBOL = Symbol("BTC/USD")
QTY = Decimal("0.01")
BOOK_DEPTH = 10
READY_S = 20.0
FILLED_S = 10.0
LOOK_EVERY_S = 0.02


async def trade_once() -> str:
    """Buy a little at market, see it filled and in the balance, and say so. StartError says what failed."""
    with tempfile.TemporaryDirectory(prefix="tidewire-doctor-") as folder:
        async with _session(Path(folder)) as session:
            await _until(lambda: _is_ready(session), READY_S, "The demo market did not come alive")
            before = _held(session)
            order = await session.executor.submit(_market_buy())
            await _until(lambda: _filled(session, order), FILLED_S, "The demo order was not filled")
            await _until(
                lambda: _held(session) == before + QTY, FILLED_S, "The balance did not follow the fill"
            )
            price = _now(session, order).cum_cost / QTY
        return f"bought {QTY} {SYMBOL} at {price:.1f} on the embedded exchange; fill and balance agree"


@asynccontextmanager
async def _session(folder: Path) -> AsyncIterator[TradingSession]:
    clock = SystemClock()
    paths = Paths(*(folder / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    async with open_venue(
        Mode.DEMO, clock=clock, seed=1, speed=1.0, endpoints_file=None, profile="doctor"
    ) as venue:
        session = TradingSession(venue, clock, 1, open_journal(paths, venue, clock), "doctor")
        release = session.market_data.watch(Subscription("book", SYMBOL, depth=BOOK_DEPTH))
        await session.start()
        try:
            yield session
        finally:
            release()
            await session.stop()


def _market_buy() -> OrderRequest:
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(), symbol=SYMBOL, side=Side.BUY, order_type=OrderType.MARKET, qty=QTY
    )


def _is_ready(session: TradingSession) -> bool:
    stores = session.stores
    view = stores.books.view(SYMBOL)
    is_live = view is not None and view.state is BookState.LIVE
    return is_live and not stores.health.account_doubt and stores.performance.clock_uncertainty_ns is not None


def _now(session: TradingSession, order: Order) -> Order:
    known = session.stores.orders.get(order.cl_ord_id) if order.cl_ord_id else None
    assert known is not None, "an order is never forgotten while its session lives"
    return known


def _filled(session: TradingSession, order: Order) -> bool:
    return _now(session, order).status is OrderStatus.FILLED


def _held(session: TradingSession) -> Decimal:
    balance = session.stores.balances.get(Asset("BTC"))
    return balance.total if balance is not None else Decimal(0)


async def _until(is_so: Callable[[], bool], limit_s: float, otherwise: str) -> None:
    for _ in range(round(limit_s / LOOK_EVERY_S)):
        if is_so():
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise StartError(user_message=f"{otherwise} within {limit_s:g} s.")
