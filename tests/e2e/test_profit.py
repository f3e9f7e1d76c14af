"""Profit and loss on real sockets: the books agree with the exchange to the last digit, and outlive the program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue
from core.data.kraken.endpoints import Endpoints
from core.domain.errors import RiskRejected
from core.domain.health import BookState
from core.domain.ids import Asset, Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.limits import LossLimits, RiskLimits
from core.domain.mode import Mode
from core.domain.orders import OrderRequest, OrderStatus, OrderType
from core.domain.subscription import book, ticker
from core.processing.risk_store import LossState
from core.runtime.clock import SystemClock
from core.runtime.paths import Paths
from core.runtime.secrets import KeyPair, Secret
from core.sim.exchange import ACCOUNT, SimExchange
from tests.helpers.waiting import eventually

SYMBOLS = (Symbol("BTC/USD"), Symbol("ETH/USD"), Symbol("ETH/BTC"))
BTC, ETH = Asset("BTC"), Asset("ETH")


@asynccontextmanager
async def terminal(
    home: Path, exchange: SimExchange, clock: SystemClock, limits: RiskLimits | None = None
) -> AsyncIterator[TradingSession]:
    """One run of a terminal on an exchange that was there before."""
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
    venue = Venue(Mode.DEMO, endpoints, KeyPair(Secret(exchange.key), Secret(exchange.secret)))
    session = TradingSession(venue, clock, 7, open_journal(paths, venue, clock), limits=limits)
    session.profit.keep_in(paths.profit_file("demo"))
    for symbol in SYMBOLS:
        session.market_data.watch(book(symbol, 25), ticker(symbol))
    await session.start()
    try:
        await eventually(lambda: is_ready(session), timeout_s=20)
        yield session
    finally:
        await session.stop()


def is_ready(session: TradingSession) -> bool:
    stores = session.stores
    stores.flush_all()
    views = [stores.books.view(symbol) for symbol in SYMBOLS]
    live = all(view is not None and view.state is BookState.LIVE for view in views)
    return live and not stores.health.account_doubt and bool(session.profit.positions())


async def trade(session: TradingSession, symbol: Symbol, side: Side, qty: str, **terms: str) -> None:
    request = OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=symbol,
        side=side,
        order_type=OrderType.MARKET,
        qty=Decimal(qty),
        **terms,
    )
    await session.executor.submit(request)
    await eventually(lambda: done(session, request), timeout_s=10)
    order = session.stores.orders.get(request.cl_ord_id)
    assert order is not None
    assert order.status is OrderStatus.FILLED, order.reason


def done(session: TradingSession, request: OrderRequest) -> bool:
    order = session.stores.orders.get(request.cl_ord_id)
    return order is not None and order.status.is_final


def agrees(session: TradingSession, exchange: SimExchange) -> bool:
    """Whether lots, entries and what the exchange really holds are the same numbers."""
    session.stores.flush_all()
    owned = {asset: total for asset, total in exchange.engine.balances(ACCOUNT).items() if total}
    positions = {one.asset: one for one in session.profit.positions() if one.quantity}
    return {asset: one.quantity for asset, one in positions.items()} == owned and all(
        sum(lot.qty for lot in one.lots) == one.quantity for one in positions.values()
    )


async def test_books_agree_with_the_exchange_to_the_last_digit_and_outlive_the_program(tmp_path):
    clock = SystemClock()
    async with SimExchange(7, clock, 1.0) as exchange:
        async with terminal(tmp_path, exchange, clock) as session:
            assert agrees(session, exchange)
            unknown = session.profit.position(BTC).unknown
            await trade(session, SYMBOLS[0], Side.BUY, "0.01234567")
            await trade(session, SYMBOLS[0], Side.BUY, "0.02", fee_preference="base")
            await trade(session, SYMBOLS[0], Side.SELL, "0.011")
            await trade(session, SYMBOLS[2], Side.BUY, "0.05")
            exchange.engine.deposit(ACCOUNT, "BTC", Decimal("0.5"))
            exchange.engine.withdraw(ACCOUNT, "USD", Decimal("1000.0001"))
            await eventually(lambda: agrees(session, exchange), timeout_s=10)

            before = session.profit.position(BTC)
            assert before.unknown == unknown + Decimal("0.5")
            assert before.realised == before.realised_session != 0
            assert before.fee_worth > 0
            assert session.profit.position(ETH).known == Decimal("0.05")
            assert session.profit.tell(BTC, Decimal(50_000)) == 2

        told = session.profit.position(BTC)
        # While nobody listens: the journal knows nothing of it, and the exchange tells only what is left.
        exchange.engine.withdraw(ACCOUNT, "BTC", Decimal("0.25"))
        async with terminal(tmp_path, exchange, clock) as again:
            reread = again.profit.position(BTC)
            assert (reread.cost, reread.realised, reread.realised_session) == (told.cost, told.realised, 0)

            def settled() -> bool:
                again.profit.look()
                return agrees(again, exchange)

            await eventually(settled, timeout_s=20)
            after = again.profit.position(BTC)
            assert (after.quantity, after.unknown) == (told.quantity - Decimal("0.25"), 0)
            assert after.realised == told.realised


async def test_the_loss_of_the_day_locks_without_a_window_and_after_a_restart(tmp_path):
    clock, limits = SystemClock(), RiskLimits(loss=LossLimits(500, 1_000))
    async with SimExchange(7, clock, 1.0) as exchange:
        async with terminal(tmp_path, exchange, clock, limits) as session:
            session.profit.tell(BTC, Decimal(250_000))
            await trade(session, SYMBOLS[0], Side.SELL, "0.01")
            await eventually(lambda: session.stores.risk.loss_state is LossState.HALTED, timeout_s=5)
            worst = session.stores.risk.worst_pnl
            assert -2_500 < worst < -1_000

        async with terminal(tmp_path, exchange, clock, limits) as again:
            assert again.stores.risk.loss_state is LossState.HALTED
            assert again.stores.risk.worst_pnl == worst
            with pytest.raises(RiskRejected, match="halted"):
                await trade(again, SYMBOLS[0], Side.SELL, "0.01")
