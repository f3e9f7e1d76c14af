"""Requests of the documentation are read; anything else is refused with the recorded texts."""

import json
from decimal import Decimal

import pytest

from core.sim import fields, requests
from core.sim.model import Reject
from core.sim.requests import BadFrame, parse_frame
from tests.protocol.fixtures import frames, names

# The example of the checksum guides' moment: deadlines in the examples have long passed.
NOW_NS = 1_600_000_000_000_000_000

REQUESTS = [
    (name, frame)
    for name in names("ws_")
    for frame in frames(name)
    if '"params"' in frame or '"ping"' in frame
]


@pytest.mark.parametrize(("name", "frame"), REQUESTS)
def test_every_documented_request_passes_the_field_checks(name: str, frame: str) -> None:
    request = parse_frame(frame)

    if request.method in requests.TRADING:
        fields.check_fields(request.params, requests.TRADING[request.method], request.method)
    elif request.method != "ping":
        channel = str(request.params["channel"])
        fields.check_fields(request.params, requests.CHANNELS[channel], request.method)
    assert request.req_id == json.loads(frame).get("req_id")


def test_a_documented_order_means_what_it_says() -> None:
    params = parse_frame(frames("ws_add_order")[3]).params

    spec = requests.order_spec(params, "BTC/USD", NOW_NS)

    assert (spec.side, spec.order_type, spec.order_qty) == ("buy", "limit", Decimal("1.2"))
    assert spec.limit_price == Decimal(28440)
    assert spec.conditional is not None
    assert (spec.conditional.order_type, spec.conditional.trigger_price, spec.conditional.limit_price) == (
        "stop-loss-limit",
        Decimal(28410),
        Decimal(28400),
    )
    assert spec.deadline_ns == NOW_NS + 5_000_000_000


def test_a_documented_stop_by_percent_keeps_its_trigger() -> None:
    spec = requests.order_spec(parse_frame(frames("ws_add_order")[2]).params, "MATIC/USD", NOW_NS)

    assert spec.triggers is not None
    assert (spec.triggers.price, spec.triggers.price_type, spec.triggers.reference) == (
        Decimal("-2.0"),
        "pct",
        "last",
    )


def refused(params: str) -> str:
    request = parse_frame('{"method":"add_order","params":' + params + "}")
    try:
        fields.check_fields(request.params, requests.TRADING["add_order"], "add_order")
        requests.order_spec(request.params, "BTC/USD", NOW_NS)
    except Reject as refusal:
        return refusal.text
    return "accepted"


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ('{"cash_order_qty":"10"}', "Cash_order_qty field must be a number_float"),
        ('{"limit_price":"28440"}', "Limit_price field must be a number_float"),
        ('{"order_qty":true}', "Order_qty field must be a number_float"),
        ('{"post_only":1}', "Post_only field must be a boolean"),
        ('{"symbol":["BTC/USD"]}', "Symbol field must be a string"),
        ('{"leverage":5}', "Unsupported field: 'leverage' for the given msg type: add_order"),
        ('{"side":"long","order_type":"limit"}', "EGeneral:Invalid arguments:side"),
        ('{"side":"buy"}', "EGeneral:Invalid arguments:order_type"),
        (
            '{"side":"buy","order_type":"limit","triggers":{"prize":1}}',
            "Unsupported field: 'prize' for the given msg type: add_order",
        ),
        (
            '{"side":"buy","order_type":"limit","cl_ord_id":"much too long for free text"}',
            "EGeneral:Invalid arguments:cl_ord_id",
        ),
        (
            '{"side":"buy","order_type":"limit","order_userref":4294967296}',
            "EGeneral:Invalid arguments:order_userref",
        ),
        (
            '{"side":"buy","order_type":"limit","deadline":"2019-01-01T00:00:00.000Z"}',
            "EService:Deadline elapsed",
        ),
        (
            '{"side":"buy","order_type":"limit","deadline":"2021-01-01T00:00:00.000Z"}',
            "EGeneral:Invalid arguments:deadline",
        ),
        ('{"side":"buy","order_type":"limit","deadline":"soon"}', "EGeneral:Invalid arguments:deadline"),
    ],
)
def test_a_wrong_field_is_named_in_the_refusal(params: str, error: str) -> None:
    assert refused(params) == error


@pytest.mark.parametrize(
    ("raw", "error", "method", "req_id"),
    [
        ("nonsense", "Malformed request", "error", None),
        (b'{"method":"ping"}', "Malformed request", "error", None),
        ("[]", "Malformed request", "error", None),
        ('{"req_id":1}', "Malformed request", "error", None),
        ('{"method":"ping","req_id":1e999999}', "Malformed request", "error", None),
        ('{"method":"dance","req_id":4}', "Unsupported event", "dance", 4),
        ('{"method":"ping","req_id":"4"}', "Req_id field must be a number_integer", "ping", None),
        (
            '{"method":"ping","params":{},"req_id":4}',
            "Unsupported field: 'params' for the given msg type: ping",
            "ping",
            4,
        ),
        ('{"method":"subscribe","params":[],"req_id":4}', "Params field must be a object", "subscribe", 4),
    ],
)
def test_a_frame_that_is_no_request_says_how_to_be_answered(
    raw: str | bytes, error: str, method: str, req_id: int | None
) -> None:
    with pytest.raises(BadFrame) as caught:
        parse_frame(raw)

    assert (caught.value.text, caught.value.method, caught.value.req_id) == (error, method, req_id)
