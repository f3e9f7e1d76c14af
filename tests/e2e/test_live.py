"""Live mode against a stand-in that wears Kraken's names: trades over verified TLS, and tells nobody else a thing."""

from __future__ import annotations

from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from core.app.record import open_journal
from core.app.session import TradingSession
from core.app.venue import Venue
from core.data.kraken.endpoints import KRAKEN_HOSTS
from core.domain.errors import RiskRejected
from core.domain.health import Line
from core.domain.ids import Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.limits import Consent, Reason, Severity
from core.domain.mode import Mode
from core.domain.orders import OrderRequest, OrderStatus, OrderType
from core.domain.subscription import book, ticker
from core.runtime import tls
from core.runtime.clock import SystemClock
from core.runtime.paths import Paths
from core.runtime.secrets import KeyPair, Secret
from core.sim.exchange import SimExchange
from tests.helpers.authority import DAY, Authority, now
from tests.helpers.stand_in import answering, door, kraken_at, lead_here
from tests.helpers.waiting import eventually

BTC = Symbol("BTC/USD")
ELSEWHERE = "login.hotel.example"
AGREED = Consent(dict.fromkeys(Reason, Severity.TYPE))
KEY = "Tidewire/test/key/0123456789abcdefghijklmnopqrstuvwxyz"
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA=="
PAGE = b"<html><title>Welcome to our hotel</title></html>"
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


def redirect(port):
    return b"HTTP/1.1 302 Found\r\nLocation: https://%s:%d/\r\nContent-Length: 0\r\n\r\n" % (
        ELSEWHERE.encode(),
        port,
    )


@pytest.fixture
def allow_logs(log_guard):
    """Whoever cannot connect says so, as often as he tries."""
    log_guard.allow("core")


@pytest.fixture
def authority(tmp_path, monkeypatch):
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    lead_here(monkeypatch, ELSEWHERE)
    tls.client_context.cache_clear()
    yield authority
    tls.client_context.cache_clear()


@asynccontextmanager
async def live_session(opened, home, key=KEY, secret=SECRET):
    """A session in live mode, started, its word typed."""
    clock = SystemClock()
    paths = Paths(*(home / kind for kind in ("config", "data", "state", "cache")))
    paths.make()
    venue = Venue(Mode.LIVE, opened.endpoints, KeyPair(Secret(key), Secret(secret)))
    session = TradingSession(venue, clock, 7, open_journal(paths, venue, clock))
    session.market_data.watch(book(BTC, 10), ticker(BTC))
    try:
        await session.start()
        assert session.live.confirm("LIVE")
        yield session
    finally:
        await session.stop()


def market_order():
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=BTC,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        qty=Decimal("0.001"),
    )


def reasons(session):
    lines = session.stores.health.lines()
    return {line: lines[line].reason for line in (Line.PUBLIC, Line.PRIVATE) if line in lines}


async def test_a_live_order_is_filled_over_verified_tls_under_krakens_names(authority, tmp_path, expect_logs):
    expect_logs("core.app.live_guard", "works from any address")
    async with (
        SimExchange(7, SystemClock(), open_path=True) as exchange,
        kraken_at(exchange, authority.server_context(*sorted(KRAKEN_HOSTS))) as opened,
        live_session(opened, tmp_path, exchange.key, exchange.secret) as session,
    ):
        stores = session.stores
        await eventually(
            lambda: (
                session.preflight.is_done
                and stores.is_tradable(BTC)
                and not stores.health.account_doubt
                and stores.performance.clock_uncertainty_ns is not None
                and session.preflight.is_done
            ),
            20,
        )
        request = market_order()
        await session.executor.submit(request, AGREED)
        await eventually(lambda: stores.orders.get(request.cl_ord_id).status is OrderStatus.FILLED, 10)

        assert stores.health.locks == {}
        assert {"ws.kraken.com", "ws-auth.kraken.com", "api.kraken.com"} <= set(opened.names)
        assert set(opened.names) <= KRAKEN_HOSTS
        assert exchange.truth().accepted[request.cl_ord_id] == 1


@pytest.fixture(params=["another authority", "another host", "expired", "intercepted by a captive portal"])
def impostor(request, authority, tmp_path):
    """A server that is not Kraken, and what is said of it."""
    hosts = sorted(KRAKEN_HOSTS)
    match request.param:
        case "another host":
            return authority.server_context(ELSEWHERE), "another host"
        case "expired":
            return authority.server_context(*hosts, until=now() - DAY), "has expired"
        case _:
            nobody = Authority(tmp_path, "Nobody's authority")
            return nobody.server_context(*hosts), "nobody this computer trusts"


async def refused(opened, home, said):
    """Start a live session at this door; it must say why it does not trade, and it must not trade."""
    async with live_session(opened, home) as session:
        await eventually(lambda: len(reasons(session)) == 2 and all(reasons(session).values()), 10)
        told = " | ".join(reasons(session).values())
        with pytest.raises(RiskRejected):
            await session.executor.submit(market_order(), AGREED)
        assert "did not say" in session.stores.health.locks["key"]
        assert said in told
        await eventually(lambda: said in session.stores.health.shown.cause)
        return told


async def test_an_impostor_is_named_and_never_hears_a_word(impostor, tmp_path, allow_logs):
    context, said = impostor
    heard = []
    async with door(answering(PORTAL, heard), context) as opened:
        await refused(opened, tmp_path, said)

    assert heard == []
    assert opened.names  # it was asked, and turned down before anything was said


async def test_a_captive_portal_without_tls_hears_no_key(authority, tmp_path, allow_logs):
    heard = []
    async with door(answering(redirect(443), heard), None) as opened:
        await refused(opened, tmp_path, "does not speak TLS")

    assert heard
    assert all(b"API" not in said and KEY.encode() not in said for said in heard)


async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(authority, tmp_path, allow_logs):
    there, here = [], []
    async with (
        door(answering(PORTAL, there), authority.server_context(ELSEWHERE)) as elsewhere,
        door(
            answering(redirect(elsewhere.port), here), authority.server_context(*sorted(KRAKEN_HOSTS))
        ) as opened,
    ):
        await refused(opened, tmp_path, "is not followed")

    assert here
    assert (elsewhere.connections, there) == (0, [])


async def test_a_web_page_in_place_of_the_exchange_is_named(authority, tmp_path, allow_logs):
    heard = []
    async with door(answering(PORTAL, heard), authority.server_context(*sorted(KRAKEN_HOSTS))) as opened:
        await refused(opened, tmp_path, "a web page answered")


async def test_without_a_network_that_is_what_is_said(authority, tmp_path, monkeypatch, allow_logs):
    async with door(answering(PORTAL, []), None) as opened:
        monkeypatch.setattr("tests.helpers.stand_in.KRAKEN_HOSTS", frozenset())
        lead_here(monkeypatch)
        await refused(opened, tmp_path, "name of the server is not known")
