"""S9: the embedded exchange answers programs of this computer that know its secret path, and no web page."""

import asyncio
import os
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

import dev
from core.sim.exchange import SimExchange
from core.sim.gate import TOKEN_BYTES
from tests.helpers.waiting import eventually


@pytest.fixture
async def exchange():
    async with SimExchange(seed=1) as running:
        yield running


def urls(exchange):
    where = exchange.endpoints
    return where.public_ws, where.private_ws, where.l3_ws, where.public_rest, where.private_rest


async def status(url, **headers):
    """Return what the server answers at the door."""
    if url.startswith("http"):
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{url}/0/public/Time", headers=headers)).status_code
    extra = {name: value for name, value in headers.items() if name != "Host"}
    try:
        async with connect(url, additional_headers=extra, proxy=None):
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


async def test_s09_it_listens_on_loopback_only_at_ports_the_system_chose(exchange):
    assert {urlsplit(url).hostname for url in urls(exchange)} == {"127.0.0.1"}
    assert len({urlsplit(url).port for url in urls(exchange)} - {80, 443, 8080}) >= 4


async def test_s09_every_path_holds_128_random_bits_and_no_two_runs_share_them(exchange):
    async with SimExchange(seed=1) as other:
        secrets = {urlsplit(url).path.split("/")[1] for url in (*urls(exchange), *urls(other))}

    assert TOKEN_BYTES * 8 >= 128
    assert len(secrets) >= 2
    assert all(len(secret) >= 22 for secret in secrets)


@pytest.mark.parametrize("road", range(5))
async def test_s09_whoever_knows_the_path_is_let_in(exchange, road):
    assert await status(urls(exchange)[road]) in (101, 200)


@pytest.mark.parametrize("road", range(5))
async def test_s09_x6_a_web_page_is_refused_whatever_its_origin(exchange, road):
    for origin in ("https://evil.example", "null", "http://127.0.0.1"):
        assert await status(urls(exchange)[road], Origin=origin) == 403


@pytest.mark.parametrize("road", range(5))
async def test_s09_without_the_secret_there_is_nothing(exchange, road):
    parts = urlsplit(urls(exchange)[road])
    guessed = parts._replace(path="/v2" if parts.scheme == "ws" else "").geturl()

    assert await status(guessed) == 404


async def raw_status(url, path, host):
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize("road", range(5))
async def test_s09_a_name_that_was_led_here_is_refused(exchange, road):
    url = urls(exchange)[road]
    parts = urlsplit(url)
    path = parts.path if parts.scheme == "ws" else f"{parts.path}/0/public/Time"

    assert await raw_status(url, path, f"evil.example:{parts.port}") == 403
    assert await raw_status(url, path, "127.0.0.1:1") == 403


async def test_s09_no_answer_allows_a_page_to_read_it(exchange):
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{exchange.endpoints.public_rest}/0/public/Time")

    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.skipif(os.name != "posix", reason="signals")
async def test_s09_the_servers_die_with_their_program(tmp_path):
    line = tmp_path / "line.json"
    command = [sys.executable, "-m", "gui", "exchange", "--port-file", str(line)]
    running = await asyncio.create_subprocess_exec(*command, cwd=dev.ROOT, stdout=subprocess.DEVNULL)
    try:
        await eventually(line.exists, timeout_s=20)
        port = urlsplit(httpx.Response(200, content=line.read_bytes()).json()["public_ws"]).port
    finally:
        running.kill()
        await running.wait()

    with socket.socket() as knock:
        assert knock.connect_ex(("127.0.0.1", port)) != 0
