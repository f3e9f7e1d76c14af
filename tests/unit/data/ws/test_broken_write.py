"""A line that breaks while a request is being written: part of it left, and nobody knows how much was read."""

import asyncio

import msgspec
import pytest

from core.data.kraken.codec import Codec
from core.data.ws.manager import LineManager
from core.domain.errors import OutcomeUnknown
from core.domain.health import ConnectionState, Line
from core.domain.subscription import BALANCES, EXECUTIONS
from core.runtime.clock import NS_PER_S, SystemClock
from tests.helpers.cable import cable_to
from tests.helpers.records import buy
from tests.helpers.scripted_exchange import scripted_exchange
from tests.helpers.waiting import eventually

MORE_THAN_BUFFERS_HOLD = 32 * 1024 * 1024


ONE_A_SIDE = (Line.PUBLIC, Line.PRIVATE, Line.LEVEL3)


def unmoved(line, state):
    """Nobody minds the state of a line."""


@pytest.fixture
async def exchange():
    async with scripted_exchange() as exchange:
        yield exchange


@pytest.fixture
async def cable(exchange):
    async with cable_to(exchange.url) as cable:
        yield cable


@pytest.fixture
async def lines(exchange, cable):
    async def fetch_token():
        return "token"

    endpoints = msgspec.structs.replace(exchange.endpoints, private_ws=cable.url)
    lines = LineManager(
        endpoints, Codec(), SystemClock(), fetch_token, lambda *batch: None, unmoved, seed=1, lines=ONE_A_SIDE
    )
    lines.subscribe(EXECUTIONS, Line.PRIVATE)
    lines.subscribe(BALANCES, Line.PRIVATE)
    await lines.start()
    await eventually(lambda: lines.status(Line.PRIVATE).state is ConnectionState.LIVE)
    yield lines
    await lines.stop()


async def test_a_line_that_breaks_in_the_middle_of_a_write_leaves_the_order_unknown(lines, exchange, cable):
    endless = buy(stp_type="x" * MORE_THAN_BUFFERS_HOLD)
    writing = asyncio.Event()

    async def ask():
        writing.set()
        await lines.request(endless, deadline_ns=SystemClock().wall_ns() + 5 * NS_PER_S)

    cable.pull()
    asking = asyncio.create_task(ask(), name="asking")
    await writing.wait()
    cable.cut()

    with pytest.raises(OutcomeUnknown, match="write failed"):
        await asking
    assert exchange.asked("add_order") == []
