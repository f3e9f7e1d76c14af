"""The whole terminal on a server written by somebody else from Kraken's documentation."""

import base64

import pytest

from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue
from core.domain.mode import Mode
from core.domain.orders import AmendRequest, CancelRequest, OrderStatus
from core.domain.subscription import book, ticker
from core.runtime.clock import SystemClock
from core.runtime.paths import Paths
from core.runtime.secrets import KeyPair, Secret
from tests.helpers.foreign_exchange import Manner, foreign_exchange
from tests.helpers.terminal import BTC, Terminal
from tests.helpers.waiting import eventually

SECRET = base64.b64encode(b"a secret of sixty-four bytes".ljust(64)).decode()


@pytest.mark.parametrize(
    "manner",
    [Manner(), Manner(echoes=False, first_number=0), Manner(numbers_as_text=True, first_number=0)],
    ids=["as documented", "no req_id, counts from 0", "numbers as text"],
)
async def test_a_market_is_shown_and_an_order_placed_changed_and_cancelled(tmp_path, manner):
    paths = Paths(*(tmp_path / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    async with foreign_exchange(manner) as exchange:
        clock = SystemClock()
        venue = Venue(Mode.DEMO, exchange.endpoints, KeyPair(Secret("key"), Secret(SECRET)), is_new=True)
        session = TradingSession(venue, clock, 7, open_journal(paths, venue, clock))
        session.market_data.watch(book(BTC, 10), ticker(BTC))
        await session.start()
        try:
            await _trade(Terminal(session, None))
        finally:
            await session.stop()


async def _trade(terminal):
    session = terminal.session
    stores = session.stores
    await terminal.ready()
    verified = stores.books.view(BTC).checksum_ok

    placed = await terminal.rest_order()
    own = placed.cl_ord_id
    await eventually(lambda: stores.orders.get(own).status is OrderStatus.NEW, timeout_s=5)
    price = placed.limit_price - 100
    await session.executor.amend(AmendRequest(order_id=placed.order_id, limit_price=price))
    await eventually(lambda: stores.orders.get(own).limit_price == price, timeout_s=5)
    await session.executor.cancel(CancelRequest(order_id=placed.order_id, cl_ord_id=own))
    await eventually(lambda: stores.orders.get(own).status is OrderStatus.CANCELED, timeout_s=5)
    await eventually(lambda: stores.books.view(BTC).checksum_ok > verified, timeout_s=5)

    health = stores.health
    assert (health.gaps, health.resyncs, health.account_doubt, sum(health.bad_data.values())) == (0, 0, "", 0)
    assert stores.balances.get("USD").available == 100_000
