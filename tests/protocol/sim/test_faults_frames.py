"""Faults that befall what the exchange sends: late, twice, out of order, missing, wrong, slow, or no JSON at all."""

import asyncio
import zlib
from decimal import Decimal
from typing import Any

import pytest

from core.runtime.clock import ManualClock
from core.sim.exchange import SimExchange
from core.sim.faults import MISSING
from core.sim.model import OrderSpec
from tests.helpers.waiting import eventually
from tests.protocol.sim.clients import Frame, WsClient
from tests.protocol.sim.test_ws_private import follow, limit, reports


def rest_bid(exchange: SimExchange, price: str, qty: str = "0.1") -> None:
    """Change the book of BTC/USD."""
    exchange.engine.add(
        "other",
        OrderSpec(
            symbol="BTC/USD",
            side="buy",
            order_type="limit",
            order_qty=Decimal(qty),
            limit_price=Decimal(price),
        ),
    )


async def book(client: WsClient) -> Frame:
    await client.call("subscribe", channel="book", symbol=["BTC/USD"])
    return await client.channel("book", "snapshot")


def checksum(frame: Frame) -> int:
    """The checksum of a book snapshot as a client computes it, BTC/USD."""

    def piece(level: Frame) -> str:
        return "".join(str(level[name]).replace(".", "").lstrip("0") for name in ("price", "qty"))

    data = frame["data"][0]
    return zlib.crc32("".join(piece(one) for one in (*data["asks"], *data["bids"])).encode())


async def test_a_delayed_answer_comes_after_the_reports(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)
    exchange.faults.delay(0.1, method="add_order")

    req_id = await private.send("add_order", limit(token))
    await private.until(lambda frame: frame.get("req_id") == req_id)

    words = [frame.get("method") or frame["data"][0]["exec_type"] for frame in private.frames[-3:]]
    assert words == ["pending_new", "new", "add_order"]


async def test_delayed_data_keeps_its_order(exchange: SimExchange, private: WsClient, token: str) -> None:
    await follow(private, token)
    exchange.faults.delay(0.05, channel="executions", times=None)

    answer = await private.call("add_order", **limit(token, side="sell", limit_price=26500.0))
    rows = await reports(private, 4)

    assert answer["success"]
    assert [row["exec_type"] for row in rows] == ["pending_new", "new", "trade", "filled"]


async def test_a_duplicate_repeats_the_frame_with_its_sequence(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)
    exchange.faults.duplicate(channel="executions", nth=3)

    await private.send("add_order", limit(token, side="sell", limit_price=26500.0))
    frames = [await private.channel("executions") for _ in range(5)]

    assert [frame["sequence"] for frame in frames] == [2, 3, 4, 4, 5]
    assert frames[2] == frames[3]
    assert frames[2]["data"][0]["exec_type"] == "trade"


async def test_a_reordered_answer_is_overtaken_by_the_reports(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)
    exchange.faults.reorder(3, method="add_order")

    req_id = await private.send("add_order", limit(token, side="sell", limit_price=26500.0))
    await private.until(lambda frame: frame.get("sequence") == 5)

    words = [frame.get("req_id") or frame["data"][0]["exec_type"] for frame in private.frames[-5:]]
    assert words == ["pending_new", "new", "trade", req_id, "filled"]


async def test_a_gap_uses_up_the_sequence_number(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)
    fault = exchange.faults.gap(nth=2)

    await private.send("add_order", limit(token, side="sell", limit_price=26500.0))
    frames = [await private.channel("executions") for _ in range(3)]

    assert [frame["sequence"] for frame in frames] == [2, 4, 5]
    assert fault.fired == 1


async def test_faults_find_reports_that_do_not_name_their_symbol(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)
    elsewhere = exchange.faults.gap(symbol="ETH/USD", times=None)
    fault = exchange.faults.gap(symbol="BTC/USD", nth=2)

    await private.send("add_order", limit(token))
    await private.call("ping")

    seen = [frame for frame in private.frames if frame.get("channel") == "executions"][1:]
    assert [frame["data"][0]["exec_type"] for frame in seen] == ["pending_new"]
    assert (fault.fired, elsewhere.fired) == (1, 0)


@pytest.mark.parametrize("field", ["qty", "price"])
async def test_a_corrupted_snapshot_fails_its_checksum(
    exchange: SimExchange, public: WsClient, field: str
) -> None:
    whole = await book(public)
    await public.call("unsubscribe", channel="book", symbol=["BTC/USD"])
    exchange.faults.corrupt(field, channel="book", symbol="BTC/USD")

    spoiled = await book(public)

    assert checksum(whole) == whole["data"][0]["checksum"]
    assert checksum(spoiled) != spoiled["data"][0]["checksum"]


async def test_only_an_update_the_checksum_covers_is_corrupted(
    exchange: SimExchange, public: WsClient
) -> None:
    for step in range(12):
        rest_bid(exchange, f"{26590 - step}.0")
    await public.call("subscribe", channel="book", symbol=["BTC/USD"], depth=25)
    await public.channel("book", "snapshot")
    fault = exchange.faults.corrupt("qty", Decimal("7.5"), channel="book")

    rest_bid(exchange, "26100.0")
    deep = await public.channel("book", "update")
    rest_bid(exchange, "26595.0")
    near = await public.channel("book", "update")

    assert [one["qty"] for frame in (deep, near) for one in frame["data"][0]["bids"]] == [
        Decimal("0.1"),
        Decimal("7.5"),
    ]
    assert fault.fired == 1


async def test_any_field_of_any_frame_can_be_wrong_or_missing(
    exchange: SimExchange, private: WsClient, public: WsClient, token: str
) -> None:
    await follow(private, token)
    await private.call("add_order", **limit(token, cl_ord_id="mine"))
    exchange.faults.corrupt("req_id", method="ping")
    exchange.faults.corrupt("req_id", MISSING, method="ping", nth=2)
    exchange.faults.corrupt("reason", "<b>\u202e", channel="executions")
    exchange.faults.corrupt("price_precision", 3, channel="instrument", symbol="ETH/USD")

    sent = [await private.send("ping") for _ in range(2)]
    pongs = [await private.until(lambda frame: frame.get("method") == "pong") for _ in sent]
    await private.call("cancel_order", cl_ord_id=["mine"], token=token)
    (end,) = await reports(private, 1)
    await public.call("subscribe", channel="instrument")
    pairs = {row["symbol"]: row for row in (await public.channel("instrument"))["data"]["pairs"]}

    assert [pong.get("req_id") for pong in pongs] == [sent[0] + 1, None]
    assert end["reason"] == "<b>\u202e"
    assert pairs["ETH/USD"]["price_precision"] == 3
    assert pairs["BTC/USD"]["price_precision"] == exchange.engine.pairs["BTC/USD"].price_precision


async def test_a_silent_channel_sends_nothing_while_heartbeats_go_on(
    exchange: SimExchange, public: WsClient, clock: ManualClock
) -> None:
    await book(public)
    fault = exchange.faults.silent("book", symbol="BTC/USD")

    rest_bid(exchange, "26599.0")
    await eventually(lambda: fault.fired == 1)
    clock.advance(s=2)
    await public.channel("heartbeat")
    fault.remove()
    rest_bid(exchange, "26598.0")
    update = await public.channel("book", "update")

    books = [frame for frame in public.frames if frame.get("channel") == "book"]
    assert len(books) == 2
    assert update["data"][0]["bids"][0]["price"] == Decimal("26598.0")


async def test_a_subscription_is_acknowledged_and_no_snapshot_comes(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    exchange.faults.silent("executions")

    answer = await private.call("subscribe", channel="executions", token=token)
    await private.call("ping")

    assert answer["success"]
    assert not [frame for frame in private.frames if frame.get("channel") == "executions"]


async def test_a_slow_line_takes_its_time_and_keeps_the_order(
    exchange: SimExchange, public: WsClient
) -> None:
    loop = asyncio.get_running_loop()
    await public.call("ping")
    size = len('{"method":"pong","req_id":1,"time_in":"","time_out":""}') + 2 * 27
    exchange.faults.slow(size * 20)  # a pong takes a twentieth of a second

    began = loop.time()
    sent = [await public.send("ping") for _ in range(4)]
    pongs = [await public.until(lambda frame: frame.get("method") == "pong") for _ in sent]

    assert 0.15 < loop.time() - began < 5
    assert [pong["req_id"] for pong in pongs] == sent


@pytest.mark.parametrize(
    ("data", "is_text", "seen"),
    [(b'{"channel":"book"', True, '{"channel":"book"'), (b"\xff\x00", False, b"\xff\x00")],
)
async def test_raw_bytes_are_sent_as_a_frame(
    exchange: SimExchange, public: WsClient, data: bytes, is_text: bool, seen: Any
) -> None:
    await public.receive()  # status

    fault = exchange.faults.raw(data, is_text=is_text, role="public")

    assert await public.socket.recv() == seen
    assert fault.fired == 1


async def test_raw_bytes_go_out_before_the_frame_that_sets_them_off(
    exchange: SimExchange, public: WsClient
) -> None:
    exchange.faults.raw(b"[]", channel="book", nth=2)
    await book(public)

    rest_bid(exchange, "26599.0")
    first, second = await public.socket.recv(), await public.socket.recv()

    assert first == "[]"
    assert '"type":"update"' in str(second)


async def test_a_line_without_faults_is_not_looked_at(exchange: SimExchange, public: WsClient) -> None:
    exchange.faults.delay(0.01, method="ping").remove()

    await public.call("ping")

    assert exchange.faults.rules.is_idle
