"""S5: the other end is who it says it is, or nothing is sent. Servers here have an authority of our own."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import msgspec
import pytest
from websockets.asyncio.server import serve

from core.data.kraken.endpoints import LIVE, load_endpoints, require_signable
from core.data.rest.client import RestClient
from core.data.ws.socket import DoorClosed, close_socket, open_socket
from core.domain.errors import NotSent, StartError
from core.runtime import tls
from core.runtime.clock import ManualClock
from tests.helpers.authority import DAY, HERE, Authority, now
from tests.helpers.rest_calls import KEY
from tests.helpers.scripted_rest import RestServer


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """An authority this computer trusts, as a company's would be: by the system's own setting."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    tls.client_context.cache_clear()
    yield authority
    tls.client_context.cache_clear()


@asynccontextmanager
async def rest_over(context):
    """A REST server behind TLS and a client of it; says how many requests came through."""
    scripted = RestServer()
    scripted.answers["GetWebSocketsToken"] = {"token": "t", "expires": 900}
    async with await asyncio.start_server(scripted.serve, HERE, 0, ssl=context) as server:
        scripted.base = f"https://{HERE}:{server.sockets[0].getsockname()[1]}"
        client = RestClient(scripted.endpoints, KEY, ManualClock())
        try:
            yield client, scripted
        finally:
            await client.close()


@asynccontextmanager
async def socket_over(context):
    async def quiet(socket):
        await socket.wait_closed()

    async with serve(quiet, HERE, 0, ssl=context) as server:
        yield f"wss://{HERE}:{next(iter(server.sockets)).getsockname()[1]}/v2"


@pytest.fixture(params=["another authority", "another host", "expired", "not yet valid"])
def wrong(request, authority, tmp_path):
    """A server's certificate, and what is said of it."""
    if request.param == "another authority":
        return Authority(tmp_path, "Nobody's authority").server_context(), "nobody this computer trusts"
    if request.param == "another host":
        return authority.server_context("api.kraken.example"), "belongs to another host"
    if request.param == "expired":
        return authority.server_context(until=now() - DAY), "has expired"
    return authority.server_context(since=now() + DAY, until=now() + 2 * DAY), "not valid yet"


async def test_s05_a_server_with_the_right_certificate_is_spoken_to(authority):
    async with rest_over(authority.server_context()) as (client, scripted):
        assert await client.websockets_token() == "t"

    assert scripted.names() == ["GetWebSocketsToken"]


async def test_s05_l7_nothing_is_sent_to_a_server_with_a_wrong_certificate(wrong):
    context, said = wrong
    async with rest_over(context) as (client, scripted):
        with pytest.raises(NotSent, match=said):
            await client.websockets_token()

    assert scripted.calls == []


async def test_s05_a_line_opens_to_the_right_certificate(authority):
    async with socket_over(authority.server_context()) as url:
        await close_socket(await open_socket(url))


async def test_s05_no_line_opens_to_a_wrong_certificate(wrong):
    context, said = wrong
    async with socket_over(context) as url:
        with pytest.raises(DoorClosed, match=said):
            await open_socket(url)


async def test_s05_old_tls_is_refused(authority):
    context = authority.server_context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with rest_over(context) as (client, _):
        with pytest.raises(NotSent):
            await client.websockets_token()


async def test_s05_session_keys_are_not_written_down(authority, monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    tls.client_context.cache_clear()
    async with rest_over(authority.server_context()) as (client, _):
        await client.websockets_token()

    assert not (tmp_path / "keys.log").exists()


async def test_s05_a_proxy_of_the_environment_sees_nothing(authority, monkeypatch):
    async with rest_over(authority.server_context()) as (client, scripted):
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "WSS_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert await client.websockets_token() == "t"

    assert len(scripted.calls) == 1


def test_s05_the_checks_are_on_and_cannot_be_switched_off():
    context = tls.client_context()

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.get_ca_certs()


def test_s05_without_roots_no_server_is_believed():
    context = tls.rootless_context()

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert not context.get_ca_certs()


@pytest.mark.parametrize(
    "url",
    [
        "http://api.kraken.com",
        "https://api.kraken.com.evil.example",
        "https://api.kraken.example",
        "https://user@api.kraken.com",
        "https://localhost:8443",
    ],
)
def test_s05_a_key_signs_for_listed_hosts_over_tls_only(url):
    with pytest.raises(StartError):
        require_signable(msgspec.structs.replace(LIVE, private_rest=url))


def test_s05_an_endpoints_file_leads_to_this_computer_only(tmp_path):
    line = {
        name: "ws://127.0.0.1:1/v2" for name in ("public_ws", "private_ws", "public_rest", "private_rest")
    }
    file = tmp_path / "line.json"
    file.write_bytes(
        msgspec.json.encode(line | {"public_ws": "ws://10.0.0.1/v2", "key": "k", "secret": "cw=="})
    )

    with pytest.raises(StartError, match="other than this computer"):
        load_endpoints(file)
