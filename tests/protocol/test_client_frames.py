"""The client reads every documented server frame and writes every documented client frame."""

import json
from decimal import Decimal
from typing import Any

import pytest

from core.data.kraken.answers import Answer
from core.data.kraken.codec import Codec
from core.data.kraken.requests import encode, encode_ping, encode_subscribe, encode_unsubscribe
from core.domain.events import BookEvent, ExecutionEvent, QueueEvent
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    AmendRequest,
    BatchAddRequest,
    BatchCancelRequest,
    CancelAllAfterRequest,
    CancelAllRequest,
    CancelRequest,
    Conditional,
    EditRequest,
    OrderRequest,
    OrderStatus,
    OrderType,
    Trigger,
)
from core.domain.subscription import BALANCES, EXECUTIONS, INSTRUMENTS, Subscription
from core.domain.times import parse_ns
from tests.protocol.fixtures import frames, names

BTC, MATIC = Symbol("BTC/USD"), Symbol("MATIC/USD")
OWN_ID = ClOrdId("0835958d-c526-4ad8-aea8-af54836de47e")
TOKEN = "the token"

# What we always say although the examples leave it to the default, and tags that exclude our own order id.
ALWAYS_SAID = {
    "time_in_force",
    "cl_ord_id",
    "event_trigger",
    "depth",
    "order_status",
    "ratecounter",
    "snapshot",
}
NEVER_SAID = {"order_userref", "validate"}


def from_server(frame: str) -> bool:
    parsed = json.loads(frame)
    return "params" not in parsed and parsed.get("method") != "ping"


SERVER_FRAMES = [
    pytest.param(frame, id=f"{name}-{n}")
    for name in [*names("ws_"), "constructed_book_chain"]
    for n, frame in enumerate(frames(name))
    if from_server(frame)
]


@pytest.mark.parametrize("frame", SERVER_FRAMES)
def test_every_documented_server_frame_is_understood(frame):
    decoded = Codec().decode(frame)

    answered = isinstance(decoded, Answer)
    assert answered == ("method" in json.loads(frame))
    if not answered and json.loads(frame)["channel"] != "heartbeat":
        assert decoded


@pytest.mark.parametrize("name", ["constructed_book_chain", "ws_book_checksum_example"])
@pytest.mark.parametrize("exactly", [False, True])
def test_book_frames_keep_every_level_both_ways(name, exactly):
    codec = Codec()
    if exactly:
        codec.set_exact(BTC)

    for frame in frames(name):
        (event,) = codec.decode(frame)

        wanted = json.loads(frame, parse_float=Decimal)["data"][0]
        assert isinstance(event, BookEvent)
        for levels, rows in ((event.change.bids, wanted["bids"]), (event.change.asks, wanted["asks"])):
            number = Decimal if exactly else float
            told = [(number(row["price"]), number(row["qty"])) for row in rows]
            assert [(level.price, level.qty) for level in levels] == told
            if exactly:
                assert [str(level.qty) for level in levels] == [str(row["qty"]) for row in rows]
        assert event.change.checksum == wanted["checksum"]


def test_the_level3_example_keeps_the_queue_and_its_digits():
    (event,) = Codec().decode(frames("ws_level3_checksum_example")[0])

    assert isinstance(event, QueueEvent)
    assert (len(event.change.bids), len(event.change.asks)) == (21, 14)
    assert str(event.change.bids[1].order_qty) == "0.45210000"
    assert event.change.checksum == 1063832831


def test_the_documented_life_of_an_order_is_three_reports():
    reports = [
        report
        for frame in frames("ws_executions")
        if from_server(frame)
        for event in [Codec().decode(frame)]
        if not isinstance(event, Answer)
        for executions in event
        if isinstance(executions, ExecutionEvent)
        for report in executions.reports
    ]

    assert [report.status for report in reports] == [
        OrderStatus.PENDING_NEW,
        OrderStatus.NEW,
        OrderStatus.PARTIALLY_FILLED,
    ]
    assert reports[2].fill is not None
    assert reports[2].fill.exec_id == "TGBB7L-HT5LX-J3BZ4A"


def order(**fields: Any) -> OrderRequest:
    plain = {
        "cl_ord_id": OWN_ID,
        "symbol": BTC,
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "qty": Decimal("1.2"),
    }
    return OrderRequest(**{**plain, **fields})


def client_frame(name: str, n: int) -> dict[str, Any]:
    return json.loads(
        [f for f in frames(name) if not from_server(f)][n], parse_float=Decimal, parse_int=Decimal
    )


def compared(frame: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """Return our frame without what the example leaves open: id, token value, defaults that we say."""
    params = {
        key: value
        for key, value in frame.get("params", {}).items()
        if key in example.get("params", {}) or key not in ALWAYS_SAID | {"token"}
    }
    if "token" in params:
        params["token"] = example["params"]["token"]
    kept = {"method": frame["method"]}
    if params:
        kept["params"] = params
    return kept


def essence(example: dict[str, Any]) -> dict[str, Any]:
    params = {key: value for key, value in example.get("params", {}).items() if key not in NEVER_SAID}
    return {"method": example["method"], **({"params": params} if params else {})}


COMMANDS = [
    ("ws_add_order", 0, order(limit_price=Decimal("26500.4")), None),
    (
        "ws_add_order",
        1,
        order(
            symbol=MATIC,
            side=Side.SELL,
            order_type=OrderType.STOP_LOSS,
            qty=Decimal(100),
            trigger=Trigger(Decimal("-2.0"), "pct"),
        ),
        None,
    ),
    (
        "ws_add_order",
        2,
        order(
            limit_price=Decimal(28440),
            conditional=Conditional(
                order_type=OrderType.STOP_LOSS_LIMIT, trigger_price=Decimal(28410), limit_price=Decimal(28400)
            ),
        ),
        None,
    ),
    (
        "ws_add_order",
        3,
        order(
            symbol=MATIC,
            order_type=OrderType.TRAILING_STOP,
            qty=Decimal(100),
            trigger=Trigger(Decimal("1.0"), "pct"),
        ),
        None,
    ),
    ("ws_add_order", 4, order(limit_price=Decimal("60299.9"), qty=Decimal("1.0")), None),
    (
        "ws_amend_order",
        1,
        AmendRequest(order_id=OrderId("OAIYAU-LGI3M-PFM5VW"), limit_price=Decimal("61031.3"), post_only=True),
        parse_ns("2024-07-21T09:53:59.050Z"),
    ),
    (
        "ws_edit_order",
        0,
        EditRequest(order_id=OrderId("ORDERX-IDXXX-XXXXX1"), symbol=BTC, qty=Decimal("0.2123456789")),
        None,
    ),
    ("ws_cancel_order", 1, CancelRequest(cl_ord_id=OWN_ID), None),
    ("ws_cancel_all", 0, CancelAllRequest(), None),
    ("ws_cancel_all_orders_after", 0, CancelAllAfterRequest(100), None),
    (
        "ws_batch_cancel",
        0,
        BatchCancelRequest((OrderId("1"), OrderId("2"), OrderId("ORDERX-IDXXX-XXXXX3"))),
        None,
    ),
]


@pytest.mark.parametrize(
    ("name", "n", "command", "deadline_ns"), COMMANDS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_commands_are_written_as_documented(name, n, command, deadline_ns):
    example = client_frame(name, n)

    written = json.loads(encode(command, 1, TOKEN, deadline_ns), parse_float=Decimal, parse_int=Decimal)

    assert written["req_id"] == 1
    assert written["params"]["token"] == TOKEN
    assert compared(written, example) == essence(example)


def test_a_batch_is_written_as_documented():
    example = client_frame("ws_batch_add", 0)
    legs = (
        order(limit_price=Decimal("1010.10"), qty=Decimal("0.123456789")),
        order(
            limit_price=Decimal("2020.20"), qty=Decimal("0.987654321"), side=Side.SELL, stp_type="cancel_both"
        ),
    )

    command = BatchAddRequest(BTC, legs)
    written = json.loads(
        encode(command, 1, TOKEN, parse_ns(example["params"]["deadline"])), parse_float=Decimal
    )

    wanted = example["params"]
    assert written["params"]["deadline"] == "2022-06-13T08:09:10.123Z"
    assert written["params"]["symbol"] == wanted["symbol"]
    for leg, row in zip(written["params"]["orders"], wanted["orders"], strict=True):
        assert {key: leg[key] for key in row if key not in NEVER_SAID} == {
            key: value for key, value in row.items() if key not in NEVER_SAID
        }
        assert leg.keys() - row.keys() <= ALWAYS_SAID


def subs(channel: str, *symbols: str, depth: int = 0, interval: int = 0) -> list[Subscription]:
    return [Subscription(channel, Symbol(symbol), depth, interval) for symbol in symbols]


SUBSCRIPTIONS = [
    ("ws_ticker", subs("ticker", "ALGO/USD")),
    ("ws_book", subs("book", "ALGO/USD", "MATIC/USD", depth=10)),
    ("ws_trade", subs("trade", "MATIC/USD")),
    ("ws_ohlc", subs("ohlc", "ALGO/USD", "MATIC/USD", interval=5)),
    ("ws_instrument", [INSTRUMENTS]),
    ("ws_level3", subs("level3", "ALGO/USD", "MATIC/USD", depth=10)),
    ("ws_executions", [EXECUTIONS]),
    ("ws_balances", [BALANCES]),
]


@pytest.mark.parametrize(("name", "wanted"), SUBSCRIPTIONS, ids=[name for name, _ in SUBSCRIPTIONS])
def test_subscriptions_begin_and_end_as_documented(name, wanted):
    examples = [json.loads(f, parse_int=Decimal) for f in frames(name) if not from_server(f)]

    for example in examples:
        write = encode_subscribe if example["method"] == "subscribe" else encode_unsubscribe
        written = json.loads(write(wanted, TOKEN, 7), parse_int=Decimal)

        assert written["req_id"] == 7
        assert compared(written, example) == essence(example)


def test_a_ping_has_no_params():
    example = json.loads(frames("ws_ping")[0])

    assert json.loads(encode_ping(101)) == example


def test_the_recommended_order_is_written_byte_for_byte():
    command = order(
        cl_ord_id=ClOrdId("6d1b345e-2821-40e2-ad83-4ecb18a06876"),
        limit_price=Decimal("26500.4"),
        qty=Decimal("1.20000000"),
        post_only=True,
    )

    assert encode(command, 42, "...") == (
        b'{"method":"add_order","params":{"order_type":"limit","side":"buy","limit_price":26500.4,'
        b'"order_qty":1.20000000,"symbol":"BTC/USD","time_in_force":"gtc","post_only":true,'
        b'"cl_ord_id":"6d1b345e-2821-40e2-ad83-4ecb18a06876","token":"..."},"req_id":42}'
    )
