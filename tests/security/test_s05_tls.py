"""S5: the other end is who it says it is, or nothing is sent. Servers here have an authority of our own."""

import asyncio
import datetime
import ipaddress
import ssl
from contextlib import asynccontextmanager

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from websockets.asyncio.server import serve

from core.data.kraken.endpoints import LIVE, load_endpoints, require_signable
from core.data.rest.client import RestClient
from core.data.ws.socket import DoorClosed, close_socket, open_socket
from core.domain.errors import NotSent, StartError
from core.runtime import tls
from core.runtime.clock import ManualClock
from tests.helpers.rest_calls import KEY
from tests.helpers.scripted_rest import RestServer

HERE = "127.0.0.1"
DAY = datetime.timedelta(days=1)


def now():
    return datetime.datetime.now(datetime.UTC)


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """Issues certificates the way a public one would."""

    def __init__(self, folder, name="Tidewire test authority"):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(named(name), named(name), self.key.public_key(), now() + 30 * DAY)
        self.certificate = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        ).sign(self.key, hashes.SHA256())
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject, issuer, key, until):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now() - 10 * DAY)
            .not_valid_after(until)
        )

    def server_context(self, host=HERE, until=None):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        certificate = (
            self._builder(named(host), self.certificate.subject, key.public_key(), until or now() + DAY)
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        file = self.folder / f"{host}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


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


@pytest.fixture(params=["another authority", "another host", "expired"])
def wrong(request, authority, tmp_path):
    if request.param == "another authority":
        return Authority(tmp_path, "Nobody's authority").server_context()
    if request.param == "another host":
        return authority.server_context("api.kraken.example")
    return authority.server_context(until=now() - DAY)


async def test_s05_a_server_with_the_right_certificate_is_spoken_to(authority):
    async with rest_over(authority.server_context()) as (client, scripted):
        assert await client.websockets_token() == "t"

    assert scripted.names() == ["GetWebSocketsToken"]


async def test_s05_l7_nothing_is_sent_to_a_server_with_a_wrong_certificate(wrong):
    async with rest_over(wrong) as (client, scripted):
        with pytest.raises(NotSent):
            await client.websockets_token()

    assert scripted.calls == []


async def test_s05_a_line_opens_to_the_right_certificate(authority):
    async with socket_over(authority.server_context()) as url:
        await close_socket(await open_socket(url))


async def test_s05_no_line_opens_to_a_wrong_certificate(wrong):
    async with socket_over(wrong) as url:
        with pytest.raises(DoorClosed):
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
