"""What a monitoring system sees, over a real socket."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

pytest.importorskip("prometheus_client")

from core.app.metrics import MetricsServer
from core.domain.errors import StartError
from core.domain.health import Line
from tests.helpers.market import full_desk


@pytest.fixture
def server():
    desk = full_desk()
    served = MetricsServer(desk.stores, None, 0)
    served.start()
    yield desk, served
    served.stop()


async def read(served: MetricsServer) -> str:
    def get() -> str:
        with httpx.Client(trust_env=False) as client:
            return client.get(f"http://127.0.0.1:{served.port}/metrics").text

    return await asyncio.to_thread(get)


async def test_health_is_served_and_follows_its_cause(server):
    desk, served = server
    served.take()
    before = await read(served)
    assert 'tidewire_line_up{line="public"} 1.0' in before
    assert "tidewire_health_level 0.0" in before

    desk.stores.health.resyncs += 3
    desk.stores.health.doubt_account("cut")
    desk.judge()
    served.take()
    after = await read(served)

    assert "tidewire_resyncs_total 3.0" in after
    assert "tidewire_account_verified 0.0" in after
    assert "tidewire_health_level 2.0" in after
    assert Line.PRIVATE.value in after


async def test_nothing_of_the_account_is_served(server):
    _, served = server
    served.take()

    text = await read(served)

    assert "182417" not in text
    assert "BTC/USD" not in text


def test_only_loopback_is_listened_on(server):
    _, served = server

    assert served._server.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_said_in_words():
    with socket.create_server(("127.0.0.1", 0)) as other:
        served = MetricsServer(full_desk().stores, None, other.getsockname()[1])

        with pytest.raises(StartError) as refusal:
            served.start()

    assert "cannot be used" in refusal.value.user_message
