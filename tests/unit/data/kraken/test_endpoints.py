import json

import msgspec
import pytest

from core.data.kraken.endpoints import LIVE, is_kraken_host, is_loopback, load_endpoints, require_signable
from core.domain.errors import StartError
from core.domain.health import Line

LINE = {
    "public_ws": "ws://127.0.0.1:1001/secret/v2",
    "private_ws": "ws://127.0.0.1:1002/secret/v2",
    "l3_ws": "ws://127.0.0.1:1003/secret/v2",
    "public_rest": "http://127.0.0.1:1004/secret",
    "private_rest": "http://127.0.0.1:1004/secret/",
    "key": "key",
    "secret": "c2VjcmV0",
}


@pytest.fixture
def write(tmp_path):
    def write(**changes):
        file = tmp_path / "port"
        file.write_text(json.dumps({**LINE, **changes}))
        return file

    return write


def test_the_line_of_an_exchange_on_this_computer_is_read(write):
    endpoints, credentials = load_endpoints(write())

    assert endpoints.socket(Line.LEVEL3) == LINE["l3_ws"]
    assert endpoints.private_rest == "http://127.0.0.1:1004/secret"
    assert credentials.key.reveal() == "key"


def test_level3_falls_back_to_the_private_socket(write):
    endpoints, _ = load_endpoints(write(l3_ws=""))

    assert endpoints.level3_ws == LINE["private_ws"]


@pytest.mark.parametrize(
    "url",
    [
        "ws://192.168.0.7:1002/v2",
        "wss://ws-auth.kraken.com/v2",
        "ws://localhost:1002/v2",
        "ws://127.0.0.1@evil.example/v2",
        "ws://user@127.0.0.1/v2",
        "",
    ],
)
def test_a_line_that_leads_off_this_computer_is_refused(write, url):
    with pytest.raises(StartError, match="other than this computer"):
        load_endpoints(write(private_ws=url))


def test_a_file_that_is_no_such_line_is_named_in_the_complaint(tmp_path):
    file = tmp_path / "port"
    for content in (b"", b"hello", b"[]", b"\xff", b"{}", b'{"public_ws":5}'):
        file.write_bytes(content)

        with pytest.raises(StartError) as refusal:
            load_endpoints(file)
        assert "port" in refusal.value.user_message

    with pytest.raises(StartError, match="cannot be read"):
        load_endpoints(tmp_path / "absent")


def test_a_secret_never_shows_in_the_complaint(write):
    with pytest.raises(StartError) as refusal:
        load_endpoints(write(key=""))

    assert LINE["secret"] not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://api.kraken.com", True),
        ("wss://ws-auth.kraken.com/v2", True),
        ("http://api.kraken.com", False),
        ("https://api.kraken.com.evil.example", False),
        ("https://api.kraken.com@evil.example", False),
        ("https://key@api.kraken.com", False),
        ("https://beta-ws.kraken.com", False),
    ],
)
def test_only_krakens_own_hosts_over_tls_count_as_kraken(url, good):
    assert is_kraken_host(url) is good


def test_a_signature_goes_to_kraken_or_to_this_computer_never_to_a_mixture():
    require_signable(LIVE)
    mixed = msgspec.structs.replace(LIVE, private_ws="ws://127.0.0.1:1/v2")

    with pytest.raises(StartError):
        require_signable(mixed)


def test_ipv6_loopback_is_this_computer_and_an_unspecified_address_is_not():
    assert is_loopback("ws://[::1]:9/v2")
    assert not is_loopback("ws://0.0.0.0:9/v2")
