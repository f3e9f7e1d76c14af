"""S4: libraries that print requests stay quiet, HTTP/2 does not exist, a record is one line."""

import json
import logging
from importlib.util import find_spec

import pytest

from core.data.rest.client import RestClient
from core.data.ws.socket import close_socket, open_socket
from core.runtime.clock import ManualClock
from core.runtime.logs import QUIET_LOGGERS, Logs
from tests.helpers.rest_calls import KEY
from tests.helpers.scripted_exchange import scripted_exchange
from tests.helpers.scripted_rest import scripted_rest

NOISY = ("httpx", "httpcore.connection", "httpcore.http11", "websockets.client", "websockets.client.tidewire")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tidewire.log"


@pytest.fixture
def logs(file):
    logs = Logs(file, level="debug")
    before = {name: logging.getLogger(name).level for name in NOISY}
    yield logs
    logs.stop()
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_s04_every_library_that_sees_keys_is_on_the_quiet_list():
    assert {"websockets", "httpx", "httpcore", "h2", "hpack"} <= set(QUIET_LOGGERS)


def test_s04_http2_is_not_even_installed():
    assert find_spec("h2") is None


async def test_s04_requests_and_frames_stay_out_of_the_log_even_when_loggers_are_turned_up(logs, file):
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.DEBUG)
    async with scripted_rest() as server, scripted_exchange() as exchange:
        server.answers["GetWebSocketsToken"] = {"token": "canary-token", "expires": 900}
        rest = RestClient(server.endpoints, KEY, ManualClock())
        token = await rest.websockets_token()
        socket = await open_socket(exchange.url)
        params = {"channel": "executions", "token": token}
        await socket.send(json.dumps({"method": "subscribe", "req_id": 1, "params": params}))
        await close_socket(socket)
        await rest.close()
    logs.stop()

    written = file.read_text()
    assert "canary-token" not in written
    assert KEY.key.reveal() not in written
    assert "API-Sign" not in written


@pytest.mark.parametrize("break_", ["\n", "\r", "\u2028", "\x1b[2J", "\u202e", "\x00"])
def test_s04_a_text_from_outside_cannot_forge_a_line(logs, file, break_):
    logging.getLogger("test").info(
        "order refused reason=%s", f"bad{break_}2026-01-01T00:00:00Z INFO core forged"
    )
    logs.stop()

    assert len(file.read_text().splitlines()) == 1
    assert break_ not in file.read_text().rstrip("\n")


def test_s04_locals_of_a_failed_function_are_not_written(logs, file, expect_logs):
    expect_logs("test", "it failed")

    def fails():
        private = "canary-local"
        raise ValueError(len(private))

    try:
        fails()
    except ValueError:
        logging.getLogger("test").exception("it failed")
    logs.stop()

    assert "canary-local" not in file.read_text()
