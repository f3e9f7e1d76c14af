"""Paper: the public side of one exchange drives fills on another, and no order leaves the computer."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from core.app.venue import open_venue
from core.domain.errors import TerminalError
from core.domain.health import Line
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import OrderStatus
from core.processing.health_store import HealthLevel
from core.runtime.clock import NS_PER_S, SystemClock
from core.sim.engine import Engine
from core.sim.exchange import ACCOUNT, SimExchange
from core.sim.fault_matching import Subject
from core.sim.model import Reject
from core.sim.paper import APART_S, LEAST_WAY_S, NOT_HEARD, NOT_KEPT, START
from tests.helpers.paper import BTC, PaperDesk, paper_desk
from tests.helpers.sim_engine import RICH, spec
from tests.helpers.waiting import eventually

HEARD_IN_PUBLIC = {"connect", "subscribe", "unsubscribe", "ping"}
ASKED_IN_PUBLIC = {"Assets", "AssetPairs", "Time", "SystemStatus", "OHLC", "Ticker", "Trades", "Depth"}


class Crowd:
    """The real exchange, whose only participants are those the test moves."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        for name in (ACCOUNT, "maker", "taker"):
            engine.open_account(name, "pro", RICH)

    def quote(self, side: str, qty: str, price: str) -> str:
        order = self.engine.add("maker", spec(side, qty, price))
        assert order is not None
        return order.order_id

    def trade(self, side: str, qty: str) -> None:
        self.engine.add("taker", spec(side, qty))


@asynccontextmanager
async def real_exchange() -> AsyncIterator[tuple[SimExchange, Crowd]]:
    clock = SystemClock()
    engine = Engine(now=clock.wall_ns, market=False)
    crowd = Crowd(engine)
    async with SimExchange(clock=clock, engine=engine) as exchange:
        crowd.quote("buy", "2", "64000.0")
        crowd.quote("buy", "5", "63990.0")
        crowd.quote("sell", "0.02", "64010.0")
        crowd.quote("sell", "5", "64020.0")
        yield exchange, crowd


def shown(desk: PaperDesk, price: str) -> Decimal:
    view = desk.session.stores.books.view(BTC)
    assert view is not None
    return dict(view.bids(10)).get(Decimal(price), Decimal(0))


def private_words(exchange: SimExchange) -> set[str]:
    """What the real exchange was told that is not a question about its public data."""
    return set(exchange.hub.received) - HEARD_IN_PUBLIC - ASKED_IN_PUBLIC


async def test_a_market_order_walks_the_real_book_and_a_limit_order_waits_its_turn(tmp_path):
    async with real_exchange() as (public, crowd), paper_desk(public, tmp_path) as desk:
        stores = desk.session.stores

        bought = await desk.send(Side.BUY, "0.05")
        await eventually(lambda: desk.now(bought).status is OrderStatus.FILLED)
        cost = Decimal("0.02") * 64010 + Decimal("0.03") * 64020
        assert desk.now(bought).cum_cost == cost
        fee = (cost * Decimal("0.0040")).quantize(Decimal("0.0001"))
        await eventually(lambda: stores.balances.get("USD").total == START["USD"] - cost - fee)

        bid = await desk.send(Side.BUY, "0.04", Decimal("64000.0"))
        await eventually(lambda: desk.now(bid).status is OrderStatus.NEW)
        crowd.trade("sell", "1.5")
        await eventually(lambda: shown(desk, "64000.0") == Decimal("0.5"))
        assert desk.now(bid).cum_qty == 0

        crowd.trade("sell", "0.53")  # half a bitcoin stood before ours, 0.03 comes to us, on paper alone
        await eventually(lambda: desk.now(bid).cum_qty > 0)
        printed = sum(trade.qty for trade in stores.trades.recent(BTC) if trade.side is Side.SELL)
        assert desk.now(bid).cum_qty == printed - 2 == Decimal("0.03")
        assert (desk.now(bid).status, desk.now(bid).avg_price) == (
            OrderStatus.PARTIALLY_FILLED,
            Decimal(64000),
        )
        held = stores.balances.get("USD")
        assert held.total - held.available > 0

        assert private_words(public) == set()
        assert not public.engine.fills(ACCOUNT)
        assert public.engine.level_qty(BTC, "sell", Decimal("64010.0")) == Decimal("0.02")


async def test_a_request_travels_as_long_as_to_the_real_exchange_and_none_overtakes(tmp_path):
    async with real_exchange() as (public, _), paper_desk(public, tmp_path) as desk:
        rules = desk.venue.paper.private.faults.rules
        asked = Subject(road="ws", kind="request", role="private", method="add_order")

        ways = [rules.fate(asked).wait_s for _ in range(5)]

        assert ways[0] >= LEAST_WAY_S * 0.99
        assert ways == sorted(ways)
        assert ways[-1] - ways[0] > 3 * APART_S / 2
        assert rules.fate(Subject(road="ws", kind="request", role="private", method="subscribe")).wait_s == 0

        bids = [desk.send(Side.BUY, "0.01", Decimal(60000 + n)) for n in range(5)]
        orders = await asyncio.gather(*bids)
        arrived = [order.limit_price for order in desk.venue.paper.private.engine.open_orders(ACCOUNT)]
        assert arrived == [order.limit_price for order in orders]


async def test_while_the_market_is_cut_nothing_is_filled_and_the_terminal_says_why(tmp_path):
    async with real_exchange() as (public, crowd), paper_desk(public, tmp_path) as desk:
        health = desk.session.stores.health
        bid = await desk.send(Side.BUY, "0.04", Decimal("64000.0"))
        await eventually(lambda: desk.now(bid).status is OrderStatus.NEW)

        desk.cable.pull()
        desk.cable.cut()
        await eventually(lambda: health.locks.get("paper") == NOT_HEARD, timeout_s=10)
        crowd.trade("sell", "3")
        with pytest.raises(TerminalError):
            await desk.send(Side.BUY, "0.01")
        with pytest.raises(Reject, match="cancel_only"):
            desk.venue.paper.private.engine.add(ACCOUNT, spec("buy", "0.01"))
        assert desk.now(bid).cum_qty == 0
        assert desk.venue.paper.private.engine.fills(ACCOUNT) == []
        await eventually(lambda: health.shown.level is HealthLevel.BLIND)
        assert health.shown.cause.startswith("market data")

        desk.cable.plug()
        await desk.ready()
        assert desk.now(bid).status is OrderStatus.NEW
        crowd.trade("sell", "0.5")
        await eventually(lambda: desk.now(bid).status is OrderStatus.FILLED)


async def test_the_account_and_its_orders_are_there_after_a_restart(tmp_path):
    async with real_exchange() as (public, crowd):
        async with paper_desk(public, tmp_path) as desk:
            await desk.send(Side.BUY, "0.02")
            bid = await desk.send(Side.BUY, "0.03", Decimal("63990.0"))
            await eventually(lambda: desk.now(bid).status is OrderStatus.NEW)
            before = desk.session.stores.balances.get("BTC").total

        async with paper_desk(public, tmp_path) as desk:
            assert not desk.venue.is_new
            assert desk.session.stores.balances.get("BTC").total == before == START["BTC"] + Decimal("0.02")
            assert desk.now(bid).status is OrderStatus.NEW
            crowd.quote("buy", "1", "63980.0")
            crowd.trade("sell", "7.1")  # through the price of ours
            await eventually(lambda: desk.now(bid).status is OrderStatus.FILLED)
            assert len(desk.venue.paper.private.engine.fills(ACCOUNT)) == 2


@pytest.mark.parametrize("ahead_s", [40, -40])
async def test_paper_goes_by_the_real_exchanges_clock(tmp_path, ahead_s):
    async with real_exchange() as (public, _):
        public.faults.skew(ahead_s)
        async with paper_desk(public, tmp_path) as desk:
            performance = desk.session.stores.performance
            private = desk.session.lines.connection(Line.PRIVATE).session

            def agrees(offset_ns: int | None) -> bool:
                return abs((offset_ns or 0) - ahead_s * NS_PER_S) < NS_PER_S

            # Each line measures for itself; until the one that sends has, an order is refused as too late.
            await eventually(
                lambda: agrees(performance.clock_offset_ns) and agrees(private.offset_ns), timeout_s=20
            )

            bought = await desk.send(Side.BUY, "0.01")
            await eventually(lambda: desk.now(bought).status is OrderStatus.FILLED)

            (fill,) = desk.venue.paper.private.engine.fills(ACCOUNT)
            assert abs(fill.ts_ns - public.engine.now_ns) < 2 * NS_PER_S


async def test_without_the_market_the_terminal_starts_and_waits(tmp_path):
    async with real_exchange() as (public, _), paper_desk(public, tmp_path):
        pass
    # The exchange is gone, its addresses remain in the file.
    async with open_venue(
        Mode.PAPER,
        clock=SystemClock(),
        seed=1,
        speed=1.0,
        endpoints_file=tmp_path / "endpoints.json",
        profile="default",
        paper_file=tmp_path / "data" / "paper-account.sqlite",
    ) as venue:
        await eventually(lambda: venue.paper.trouble == NOT_HEARD)
        assert venue.paper.private.engine.balances(ACCOUNT)["USD"] == START["USD"]


async def test_an_account_that_cannot_be_saved_is_said_at_once_and_saved_when_it_can(tmp_path, expect_logs):
    expect_logs("core.sim.paper", "paper account not saved")
    async with real_exchange() as (public, _):
        async with paper_desk(public, tmp_path) as desk:
            health = desk.session.stores.health
            file = sqlite3.connect(tmp_path / "data" / "paper-account.sqlite", isolation_level=None)
            file.execute("CREATE TRIGGER full BEFORE INSERT ON rows BEGIN SELECT RAISE(ABORT, 'full'); END")
            bid = await desk.send(Side.BUY, "0.03", Decimal("63990.0"))
            await eventually(lambda: health.locks.get("paper") == NOT_KEPT)
            with pytest.raises(TerminalError):
                await desk.send(Side.BUY, "0.01")

            file.execute("DROP TRIGGER full")
            file.close()
            await eventually(lambda: "paper" not in health.locks)

        async with paper_desk(public, tmp_path) as desk:
            assert desk.now(bid).status is OrderStatus.NEW
