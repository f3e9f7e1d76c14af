"""Faults of whole lines: closed, reset, hanging, refused at the door, and a restart of the exchange."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core.runtime.clock import ManualClock
from core.sim.exchange import SimExchange
from core.sim.fault_line import MAX_HELD
from tests.helpers.waiting import eventually
from tests.protocol.sim.clients import RestClient, WsClient
from tests.protocol.sim.test_ws_private import follow, limit, reports


async def lost(client: WsClient) -> ConnectionClosed:
    """Read until the line ends, and return how it did."""
    try:
        while True:
            await client.receive()
    except ConnectionClosed as ended:
        return ended


async def hangs(client: WsClient) -> bool:
    """Whether nothing comes back for a while."""
    try:
        async with asyncio.timeout(0.3):
            await client.call("ping")
    except TimeoutError:
        return True
    return False


@pytest.fixture
async def other(exchange: SimExchange) -> AsyncIterator[WsClient]:
    async with WsClient(exchange.endpoints.public_ws) as client:
        yield client


@pytest.mark.parametrize("code", [1000, 1001, 1012, 4000])
async def test_lines_are_closed_with_a_code(exchange: SimExchange, public: WsClient, code: int) -> None:
    await public.call("ping")

    fault = exchange.faults.close(code)

    received = (await lost(public)).rcvd
    assert received is not None
    assert (received.code, fault.fired) == (code, 1)


async def test_a_line_ends_without_a_closing_frame(exchange: SimExchange, public: WsClient) -> None:
    await public.call("ping")

    exchange.faults.close(1006)

    assert (await lost(public)).rcvd is None
    await eventually(lambda: not exchange.servers[0].connections)


async def test_a_line_is_reset(exchange: SimExchange, public: WsClient) -> None:
    await public.call("ping")

    exchange.faults.reset()

    assert isinstance((await lost(public)).__cause__, ConnectionResetError)


async def test_only_the_lines_meant_are_closed(
    exchange: SimExchange, public: WsClient, other: WsClient, private: WsClient
) -> None:
    for client in (public, other, private):
        await client.call("ping")
    number = exchange.servers[0].connections[0].number

    fault = exchange.faults.close(1001, line=number)
    exchange.faults.close(1001, role="level3")
    await lost(public)

    for client in (other, private):
        await client.call("ping")
    assert fault.fired == 1


async def test_a_line_closes_when_the_request_arrives_and_nothing_is_carried_out(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    exchange.faults.close(1006, method="add_order")

    await private.send("add_order", limit(token))
    await lost(private)

    assert exchange.truth().orders == {}


async def test_a_line_closes_in_the_middle_of_the_reports(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)
    exchange.faults.close(1001, channel="executions", nth=3)

    await private.send("add_order", limit(token, side="sell", limit_price=26500.0))
    await lost(private)

    assert [frame["sequence"] for frame in private.frames if frame.get("channel") == "executions"] == [
        1,
        2,
        3,
    ]
    assert [order.status for order in exchange.truth().orders.values()] == ["filled"]


async def test_lines_close_when_their_time_has_come(
    exchange: SimExchange, public: WsClient, clock: ManualClock
) -> None:
    fault = exchange.faults.close(1001, from_s=10)
    await public.call("ping")

    clock.advance(s=11)
    await lost(public)

    assert fault.fired == 1


async def test_a_half_open_line_says_nothing_and_hears_nothing_until_it_is_mended(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)

    fault = exchange.faults.half_open(role="private")
    await private.send("add_order", limit(token))
    was_hanging = await hangs(private)
    async with WsClient(exchange.endpoints.private_ws) as fresh:
        await fresh.call("ping")
    before = exchange.received("add_order")
    fault.remove()
    rows = await reports(private, 2)

    assert was_hanging
    assert (before, exchange.received("add_order"), fault.fired) == (0, 1, 1)
    assert [row["exec_type"] for row in rows] == ["pending_new", "new"]


async def test_a_half_open_line_does_not_answer_pings_but_a_hanging_program_does(
    exchange: SimExchange, public: WsClient
) -> None:
    await public.call("ping")
    program = exchange.faults.half_open(app=True)
    await (await public.socket.ping())
    program_hangs = await hangs(public)
    program.remove()

    exchange.faults.half_open()
    pong = await public.socket.ping()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await asyncio.shield(pong)

    assert program_hangs


async def test_a_line_hangs_from_the_request_on_that_sets_it_off(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    fault = exchange.faults.half_open(method="add_order")

    req_id = await private.send("add_order", limit(token))
    was_hanging = await hangs(private)
    before = dict(exchange.truth().orders)
    fault.remove()
    answer = await private.until(lambda frame: frame.get("req_id") == req_id)

    assert was_hanging
    assert before == {}
    assert answer["success"]


async def test_a_client_that_hangs_for_too_long_is_dropped(exchange: SimExchange, public: WsClient) -> None:
    await public.call("ping")
    exchange.faults.half_open()
    (line,) = exchange.servers[0].connections

    for _ in range(MAX_HELD + 1):
        line.deliver("{}")

    await eventually(lambda: not exchange.servers[0].connections)


async def test_a_handshake_is_refused_with_any_status(exchange: SimExchange) -> None:
    fault = exchange.faults.http(429, "slow down", {"Retry-After": "7"}, method="connect", role="public")

    with pytest.raises(InvalidStatus) as refused:
        async with WsClient(exchange.endpoints.public_ws):
            pass
    async with WsClient(exchange.endpoints.public_ws) as client:
        await client.call("ping")

    response = refused.value.response
    assert (response.status_code, response.body, response.headers["Retry-After"]) == (429, b"slow down", "7")
    assert fault.fired == 1


async def test_a_refusal_at_the_door_is_not_used_up_by_requests(
    exchange: SimExchange, public: WsClient
) -> None:
    fault = exchange.faults.http(503)

    await public.call("ping")
    with pytest.raises(InvalidStatus):
        async with WsClient(exchange.endpoints.public_ws):
            pass

    assert fault.fired == 1


async def test_a_restart_closes_everything_and_keeps_the_orders(
    exchange: SimExchange, rest: RestClient, public: WsClient, private: WsClient, token: str
) -> None:
    await follow(private, token)
    await private.call("add_order", **limit(token, cl_ord_id="kept"))
    await public.call("ping")

    exchange.faults.restart()
    ends = [await lost(client) for client in (public, private)]
    async with WsClient(exchange.endpoints.private_ws) as again:
        stale = await again.call("subscribe", channel="executions", token=token)
        snapshot = await follow(again, await rest.token())

    assert [end.rcvd.code for end in ends if end.rcvd] == [1012, 1012]
    assert stale["error"] == "ESession:Invalid session"
    assert snapshot["sequence"] == 1
    assert [row["cl_ord_id"] for row in snapshot["data"]] == ["kept"]
