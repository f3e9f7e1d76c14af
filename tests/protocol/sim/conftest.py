"""A quiet exchange for tests that count on nothing happening by itself, with the pairs of Kraken's examples."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from core.runtime.clock import ManualClock
from core.sim.engine import Engine
from core.sim.exchange import SimExchange
from core.sim.instruments import ASSETS, PAIRS
from core.sim.model import AssetSpec, OrderSpec, PairSpec
from tests.protocol.sim.clients import RestClient, WsClient

EXAMPLE_ASSETS = [AssetSpec(code, code, code, 8, 5) for code in ("ALGO", "MATIC")]
RESTING_BID, RESTING_ASK = Decimal("26599.9"), Decimal("26600.1")


def example_pair(base: str) -> PairSpec:
    like = next(pair for pair in PAIRS if pair.symbol == "ADA/USD")
    name = f"{base}USD"
    return replace(
        like,
        symbol=f"{base}/USD",
        base=base,
        rest_id=name,
        altname=name,
        wsname=f"{base}/USD",
        start_price=Decimal("0.1"),
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def exchange(clock: ManualClock) -> AsyncIterator[SimExchange]:
    """Account ``main`` trades against ``other``, whose one bid and one ask rest in BTC/USD."""
    engine = Engine(
        now=clock.wall_ns,
        pairs=[*PAIRS, example_pair("ALGO"), example_pair("MATIC")],
        assets=[*ASSETS, *EXAMPLE_ASSETS],
        market=False,
    )
    for account in ("main", "other"):
        engine.open_account(account, "intermediate")
    for side, price in (("buy", RESTING_BID), ("sell", RESTING_ASK)):
        engine.add(
            "other",
            OrderSpec(
                symbol="BTC/USD", side=side, order_type="limit", order_qty=Decimal(1), limit_price=price
            ),
        )
    async with SimExchange(clock=clock, engine=engine) as running:
        yield running


@pytest.fixture
async def rest(exchange: SimExchange) -> AsyncIterator[RestClient]:
    async with RestClient(exchange) as client:
        yield client


@pytest.fixture
async def public(exchange: SimExchange) -> AsyncIterator[WsClient]:
    async with WsClient(exchange.endpoints.public_ws) as client:
        yield client


@pytest.fixture
async def private(exchange: SimExchange) -> AsyncIterator[WsClient]:
    async with WsClient(exchange.endpoints.private_ws) as client:
        yield client


@pytest.fixture
async def token(rest: RestClient) -> str:
    return await rest.token()
