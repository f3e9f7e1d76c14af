"""The public WebSocket answers as Kraken documents it."""

import json
from decimal import Decimal
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core.runtime.clock import ManualClock
from core.sim.connection import Connection
from core.sim.exchange import SimExchange
from core.sim.model import OrderSpec
from core.sim.ws_server import MAX_BUFFER
from tests.helpers.waiting import eventually
from tests.protocol.fixtures import frames
from tests.protocol.sim.clients import Frame, WsClient

PUBLIC_FILES = ["ws_ticker", "ws_book", "ws_ohlc", "ws_trade", "ws_instrument"]
VOLATILE = ("time_in", "time_out", "req_id")


def settled(answer: Frame) -> Frame:
    return {key: value for key, value in answer.items() if key not in VOLATILE}


def keys(value: Any) -> Any:
    """Return the shape of a frame: its keys, and those of the first element of each list."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [keys(value[0])] if value else []
    return None


def missing(documented: Any, written: Any, path: str = "") -> list[str]:
    """Return the paths of documented keys that what we wrote does not have."""
    if isinstance(documented, dict):
        return [
            line
            for key, inner in documented.items()
            for line in (
                missing(inner, written[key], f"{path}.{key}")
                if isinstance(written, dict) and key in written
                else [f"{path}.{key}"]
            )
        ]
    if isinstance(documented, list) and documented:
        return missing(documented[0], written[0], f"{path}[]") if written else [f"{path}[]"]
    return []


async def test_status_is_the_first_frame(public: WsClient) -> None:
    first = await public.receive()

    documented = json.loads(frames("ws_status")[0])
    assert keys(first) == keys(documented)
    assert first["data"][0]["connection_id"] > 2**53
    assert first["data"][0]["system"] == "online"


@pytest.mark.parametrize("name", PUBLIC_FILES)
async def test_documented_requests_get_the_documented_answers(public: WsClient, name: str) -> None:
    documented = frames(name)
    if name == "ws_trade":  # its unsubscribe request is not in the example
        leave = '{"method":"unsubscribe","params":{"channel":"trade","symbol":["MATIC/USD"]}}'
        documented.insert(-1, leave)

    for sent in [frame for frame in documented if '"params"' in frame]:
        await public.socket.send(sent)
    answers = [json.loads(frame) for frame in documented if '"success"' in frame]
    got: list[Frame] = []
    while len(got) < len(answers):
        got.append(await public.until(lambda frame: "success" in frame))

    assert [settled(answer) for answer in got] == [settled(answer) for answer in answers]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("ticker", {"symbol": ["BTC/USD"]}),
        ("book", {"symbol": ["BTC/USD"], "depth": 25}),
        ("ohlc", {"symbol": ["BTC/USD"], "interval": 5}),
        ("trade", {"symbol": ["BTC/USD"], "snapshot": True}),
        ("instrument", {}),
    ],
)
async def test_snapshots_have_every_documented_key(
    exchange: SimExchange, public: WsClient, name: str, params: Frame
) -> None:
    sell_at_market(exchange, "0.01")

    await public.call("subscribe", channel=name, **params)
    snapshot = await public.channel(name)

    file = "ws_book_checksum_example" if name == "book" else f"ws_{name}"
    documented = next(
        json.loads(frame) for frame in frames(file) if '"snapshot","data"' in frame or '"data"' in frame
    )
    assert snapshot["type"] == "snapshot"
    assert missing(keys(documented), keys(snapshot)) == []


def sell_at_market(exchange: SimExchange, qty: str) -> None:
    exchange.engine.add(
        "main", OrderSpec(symbol="BTC/USD", side="sell", order_type="market", order_qty=Decimal(qty))
    )


async def test_numbers_carry_the_zeros_of_their_pair(exchange: SimExchange, public: WsClient) -> None:
    await public.call("subscribe", channel="book", symbol=["BTC/USD"])

    raw = await public.socket.recv()

    assert '"bids":[{"price":26599.9,"qty":1.00000000}]' in str(raw)
    assert '"asks":[{"price":26600.1,"qty":1.00000000}]' in str(raw)


async def test_a_trade_moves_book_tape_ticker_and_candle(exchange: SimExchange, public: WsClient) -> None:
    for channel, params in (("book", {}), ("trade", {}), ("ticker", {}), ("ohlc", {"interval": 1})):
        await public.call("subscribe", channel=channel, symbol=["BTC/USD"], snapshot=False, **params)

    sell_at_market(exchange, "0.25")

    trade = (await public.channel("trade"))["data"][0]
    assert (trade["side"], trade["price"], trade["qty"], trade["ord_type"]) == (
        "sell",
        Decimal("26599.9"),
        Decimal("0.25"),
        "market",
    )
    book = (await public.channel("book"))["data"][0]
    assert book["bids"] == [{"price": Decimal("26599.9"), "qty": Decimal("0.75")}]
    assert book["asks"] == []
    ticker = (await public.channel("ticker"))["data"][0]
    assert (ticker["last"], ticker["bid_qty"]) == (Decimal("26599.9"), Decimal("0.75"))
    candle = (await public.channel("ohlc"))["data"][-1]
    assert (candle["close"], candle["volume"], candle["trades"]) == (Decimal("26599.9"), Decimal("0.25"), 1)


async def test_a_best_price_change_reaches_bbo_tickers_only(exchange: SimExchange, public: WsClient) -> None:
    await public.call("subscribe", channel="ticker", symbol=["BTC/USD"], event_trigger="bbo", snapshot=False)
    exchange.engine.add(
        "main",
        OrderSpec(
            symbol="BTC/USD",
            side="buy",
            order_type="limit",
            order_qty=Decimal("0.5"),
            limit_price=Decimal("26600.0"),
        ),
    )

    row = (await public.channel("ticker"))["data"][0]

    assert (row["bid"], row["bid_qty"]) == (Decimal("26600.0"), Decimal("0.5"))


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"channel": "book", "symbol": ["XBT/USD"]}, "Currency pair not supported XBT/USD"),
        ({"channel": "book", "symbol": []}, "Symbol(s) not found"),
        ({"channel": "book"}, "Symbol(s) not found"),
        ({"channel": "status"}, "Symbol(s) not found"),
        ({"channel": "book", "symbol": ["BTC/USD"], "depth": 11}, "Subscription depth not supported"),
        (
            {"channel": "ohlc", "symbol": ["BTC/USD"], "interval": 7},
            "Subscription ohlc interval not supported",
        ),
        ({"channel": "gossip"}, "Subscription name invalid"),
        ({}, "Subscription name invalid"),
        ({"channel": "book", "symbol": "BTC/USD"}, "Symbol field must be a array"),
        (
            {"channel": "book", "symbol": ["BTC/USD"], "colour": 1},
            "Unsupported field: 'colour' for the given msg type: subscribe",
        ),
        (
            {"channel": "executions", "token": "x"},
            "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com",
        ),
    ],
)
async def test_a_refused_subscription_says_why(public: WsClient, params: Frame, error: str) -> None:
    answer = await public.call("subscribe", **params)

    assert (answer["success"], answer["error"]) == (False, error)


async def test_recorded_refusal_of_an_old_symbol_is_reproduced(public: WsClient) -> None:
    answer = await public.call("subscribe", channel="ticker", symbol=["XBT/USD"])

    assert settled(answer) == settled(json.loads(frames("ws_errors")[0]))


async def test_a_second_subscription_is_refused_and_harms_nothing(public: WsClient) -> None:
    first = await public.call("subscribe", channel="trade", symbol=["BTC/USD"])
    again = await public.call("subscribe", channel="trade", symbol=["BTC/USD"])
    left = await public.call("unsubscribe", channel="trade", symbol=["BTC/USD"])
    twice = await public.call("unsubscribe", channel="trade", symbol=["BTC/USD"])

    assert first["success"]
    assert again["error"] == "Already subscribed"
    assert left["success"]
    assert twice["error"] == "Subscription not found"


async def test_ping_is_answered_and_garbage_does_not_close(public: WsClient) -> None:
    await public.send("ping")
    pong = await public.until(lambda frame: frame.get("method") == "pong")
    await public.socket.send("nonsense")
    await public.socket.send(b'{"method":"ping"}')
    broken = [await public.until(lambda frame: frame.get("method") == "error") for _ in range(2)]

    assert keys(pong) == keys(json.loads(frames("ws_ping")[1]))
    assert [frame["error"] for frame in broken] == ["Malformed request", "Malformed request"]
    assert all("req_id" not in frame for frame in broken)


async def test_heartbeats_come_once_a_second_when_something_is_subscribed(
    clock: ManualClock, public: WsClient
) -> None:
    await public.call("subscribe", channel="trade", symbol=["BTC/USD"])

    for _ in range(3):
        clock.advance(s=1)
        assert await public.channel("heartbeat") == json.loads(frames("ws_heartbeat")[0])


async def test_an_idle_client_without_subscription_is_closed(
    clock: ManualClock, exchange: SimExchange, public: WsClient
) -> None:
    await public.receive()
    clock.advance(s=61)

    with pytest.raises(ConnectionClosed):
        await public.receive()


async def test_a_change_of_state_is_told_to_everybody(
    exchange: SimExchange, public: WsClient, private: WsClient
) -> None:
    for client in (public, private):
        await client.channel("status")

    exchange.engine.set_status("maintenance")

    for client in (public, private):
        assert (await client.channel("status"))["data"][0]["system"] == "maintenance"


async def test_a_pair_that_changes_is_sent_whole(exchange: SimExchange, public: WsClient) -> None:
    await public.call("subscribe", channel="instrument", snapshot=False)

    exchange.engine.set_pair_status("BTC/USD", "post_only")

    update = (await public.channel("instrument"))["data"]
    documented = json.loads(frames("ws_instrument")[2])["data"]["pairs"][0]
    assert update["assets"] == []
    assert (update["pairs"][0]["symbol"], update["pairs"][0]["status"]) == ("BTC/USD", "post_only")
    assert set(update["pairs"][0]) == set(documented)


async def test_an_oversized_frame_ends_that_client_alone(exchange: SimExchange, public: WsClient) -> None:
    async with WsClient(exchange.endpoints.public_ws) as rude:
        await rude.socket.send(" " * 1_000_000)
        await rude.socket.wait_closed()

    assert rude.socket.close_code == 1009
    assert (await public.call("subscribe", channel="trade", symbol=["BTC/USD"]))["success"]


async def test_a_client_that_does_not_read_is_let_go(exchange: SimExchange) -> None:
    server = exchange.servers[0]
    async with WsClient(exchange.endpoints.public_ws, max_queue=1, close_timeout=0.1) as slow:
        await eventually(lambda: server.connections)
        (connection,) = server.connections
        slow.socket.transport.pause_reading()

        sent = 0
        while connection in server.connections and sent < 1000:
            connection.deliver("x" * 1_000_000)
            sent += 1

        assert sent * 1_000_000 < 2 * MAX_BUFFER
        await eventually(lambda: slow.socket.transport.is_closing() or not server.connections)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda url: (url, {"Origin": "https://example.com"}), 403),
        (lambda url: (url, {"Host": "example.com"}), 403),  # two hosts, one of them ours
        (lambda url: (url.replace("127.0.0.1", "example.com"), {}), 403),
        (lambda url: (url.rsplit("/", 2)[0] + "/v2", {}), 404),
        (lambda url: (url.replace("/v2", "/v1"), {}), 404),
    ],
)
async def test_whoever_does_not_know_the_path_or_comes_from_a_page_stays_outside(
    exchange: SimExchange, change: Any, status: int
) -> None:
    url, headers = change(exchange.endpoints.public_ws)
    port = int(url.split(":")[2].partition("/")[0])

    with pytest.raises(InvalidStatus) as refused:
        async with WsClient(url, additional_headers=headers, host="127.0.0.1", port=port):
            pass

    assert refused.value.response.status_code == status


async def test_a_subscription_of_many_pairs_is_answered_a_pair_at_a_time(exchange: SimExchange) -> None:
    sent: list[str] = []
    connection = Connection(exchange.hub, "public", 1, sent.append)
    symbols = ["BTC/USD", "ETH/USD", "SOL/USD"]
    request = {"method": "subscribe", "params": {"channel": "ticker", "symbol": symbols}}

    steps = connection.steps(json.dumps(request))
    told = [[row["symbol"] for row in snapshots(sent)] for _ in steps]
    connection.close()

    assert told == [[], symbols[:1], symbols[:2]]
    assert [row["symbol"] for row in snapshots(sent)] == symbols


async def test_a_book_need_not_wait_for_the_past_of_other_pairs(
    exchange: SimExchange, public: WsClient
) -> None:
    many = {"channel": "ticker", "symbol": [*exchange.engine.pairs]}
    book = {"channel": "book", "symbol": ["BTC/USD"], "depth": 10}
    for params in (many, book):
        await public.send("subscribe", params)

    began: list[str] = []
    while len(began) < len(many["symbol"]) + 1:
        frame = await public.receive()
        began += [frame["channel"]] if frame.get("type") == "snapshot" else []

    assert "book" in began[:2]


async def test_what_is_ended_before_it_began_never_begins(exchange: SimExchange) -> None:
    sent: list[str] = []
    connection = Connection(exchange.hub, "public", 1, sent.append)
    params = {"channel": "ticker", "symbol": ["BTC/USD", "ETH/USD"]}
    steps = connection.steps(json.dumps({"method": "subscribe", "params": params}))
    assert next(steps)

    connection.receive(json.dumps({"method": "unsubscribe", "params": params | {"symbol": ["ETH/USD"]}}))
    left = list(steps)

    assert all(left)
    assert [row["symbol"] for row in snapshots(sent)] == ["BTC/USD"]
    connection.close()


def snapshots(sent: list[str]) -> list[Frame]:
    frames = [json.loads(text) for text in sent]
    return [frame["data"][0] for frame in frames if frame.get("type") == "snapshot"]
