"""Whatever a client sends, the exchange answers in words and stays whole."""

import json
from decimal import Decimal
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from core.runtime.clock import ManualClock
from core.sim.auth import api_sign
from core.sim.connection import Connection
from core.sim.engine import Engine
from core.sim.hub import Hub
from core.sim.private_feed import PrivateFeed
from core.sim.publisher import Publisher
from core.sim.requests import CHANNELS, METHODS, ORDER_TYPES, TRADING
from core.sim.rest_api import PRIVATE_CALLS, RestApi, RestRequest
from core.sim.rest_public import PUBLIC_CALLS

WORDS = [
    *(
        "buy",
        "sell",
        "limit",
        "market",
        "iceberg",
        "stop-loss",
        "trailing-stop-limit",
        "gtc",
        "ioc",
        "fok",
        "gtd",
    ),
    *(
        "BTC/USD",
        "XBT/USD",
        "DOGE/USD",
        "XXBTZUSD",
        "last",
        "index",
        "pct",
        "quote",
        "static",
        "post",
        "viqc",
    ),
    *(
        "+1%",
        "#5",
        "-3",
        "0.01",
        "64000",
        "1e999999",
        "NaN",
        "",
        "0",
        "2030-01-01T00:00:00Z",
        "O1-2-3",
        "\u202e",
        "é",
    ),
    *CHANNELS,
]
NAMES = sorted(
    {name for fields in (*CHANNELS.values(), *TRADING.values()) for name in fields} | {"price", "gossip"}
)
REST_NAMES = [
    *(
        "pair",
        "asset",
        "interval",
        "since",
        "count",
        "depth",
        "grouping",
        "txid",
        "ordertype",
        "type",
        "volume",
    ),
    *(
        "price",
        "price2",
        "oflags",
        "timeinforce",
        "expiretm",
        "starttm",
        "leverage",
        "displayvol",
        "cl_ord_id",
    ),
    *(
        "userref",
        "close[ordertype]",
        "close[price]",
        "orders[0][type]",
        "orders",
        "start",
        "end",
        "ofs",
        "timeout",
    ),
    *(
        "deadline",
        "validate",
        "id",
        "order_id",
        "order_qty",
        "limit_price",
        "trigger_price",
        "closetime",
        "trades",
    ),
]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.sampled_from([0.01, 1.0, 64000.5, -2.0, 1e-9, 1e25]),
    st.sampled_from(WORDS),
    st.text(max_size=5),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=6,
)
params = st.dictionaries(st.sampled_from(NAMES), values, max_size=9)
WORDS_OF = {
    "symbol": ["BTC/USD", "DOGE/USD", "XBT/USD"],
    "side": ["buy", "sell"],
    "order_type": list(ORDER_TYPES),
    "time_in_force": ["gtc", "ioc", "fok", "gtd"],
    "stp_type": ["cancel_newest", "cancel_oldest", "cancel_both"],
    "fee_preference": ["base", "quote"],
    "limit_price_type": ["static", "pct", "quote"],
    "trigger_price_type": ["static", "pct", "quote"],
    "expire_time": ["2026-01-02T00:00:00Z", "2030-01-01T00:00:00Z"],
    "effective_time": ["2026-01-02T00:00:00Z", "later"],
    "event_trigger": ["trades", "bbo"],
    "cl_ord_id": ["a", "b", "0835958d-c526-4ad8-aea8-af54836de47e"],
}
ESSENTIAL = ("symbol", "side", "order_type", "order_qty", "orders", "timeout", "limit_price")
LEFT_OUT = ("token", "deadline", "sender_sub_id", "channel")
numbers = st.sampled_from([0, -1, 0.01, 0.5, 1.0, 5.0, 1000.5, 64251.3, 64000.0, 70000.0, 1e-9, 1e25])
triggers = st.fixed_dictionaries(
    {"price": numbers},
    optional={
        "price_type": st.sampled_from(["static", "pct", "quote"]),
        "reference": st.sampled_from(["last", "index"]),
    },
)
closes = st.fixed_dictionaries(
    {"order_type": st.sampled_from(ORDER_TYPES)}, optional={"limit_price": numbers, "trigger_price": numbers}
)


def of_kind(name: str, kind: str, *, in_batch: bool) -> st.SearchStrategy[object]:
    """Return values of the right JSON type, most of them sensible."""
    if name == "symbol" and kind == "array":
        return st.lists(st.sampled_from(WORDS_OF["symbol"]), max_size=3)
    if name == "orders" and in_batch:
        return st.lists(typed({**TRADING["add_order"], "symbol": ""}), min_size=1, max_size=4)
    if kind == "string":
        return st.sampled_from(WORDS_OF.get(name, WORDS))
    if kind == "object":
        return triggers if name == "triggers" else closes
    by_kind: dict[str, st.SearchStrategy[object]] = {
        "number_float": numbers,
        "number_integer": st.sampled_from([0, 1, 5, 10, 60, 1440, 10**18]),
        "boolean": st.booleans(),
        "array": st.lists(st.sampled_from(["a", "O1-2-3", "5"]), max_size=3),
    }
    return by_kind[kind]


def typed(allowed: dict[str, str]) -> st.SearchStrategy[dict[str, object]]:
    """Return params of the right types: the essential ones always, a few of the others."""
    fields = {
        name: of_kind(name, kind, in_batch="symbol" in allowed)
        for name, kind in allowed.items()
        if kind and name not in LEFT_OUT
    }
    required = {name: fields.pop(name) for name in ESSENTIAL if name in fields}
    few = st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True) if fields else st.just([])
    return st.tuples(
        st.fixed_dictionaries(required),
        few.flatmap(lambda names: st.fixed_dictionaries({name: fields[name] for name in names})),
    ).map(lambda parts: {**parts[0], **parts[1]})


trading = st.sampled_from(sorted(TRADING)).flatmap(
    lambda method: st.tuples(st.just(method), typed(TRADING[method]))
)
subscribing = st.tuples(
    st.sampled_from(["subscribe", "unsubscribe"]), st.sampled_from(sorted(CHANNELS))
).flatmap(
    lambda pair: st.tuples(
        st.just(pair[0]), typed(CHANNELS[pair[1]]).map(lambda found: {**found, "channel": pair[1]})
    )
)


def new_hub() -> Hub:
    clock = ManualClock()
    engine = Engine(now=clock.wall_ns, market=False)
    engine.open_account("main")
    return Hub(engine, clock, Publisher(engine, clock.wall_ns), PrivateFeed(engine))


HUB = new_hub()
TOKEN = HUB.tokens.issue("main", HUB.keys.create("main", "pro", 0).permissions, 0).text
KEY = HUB.keys.create("main", "pro", 0)
API = RestApi(HUB)


@settings(max_examples=600)
@given(
    role=st.sampled_from(["private", "public", "level3"]),
    request=st.one_of(trading, subscribing, st.tuples(st.sampled_from(METHODS), params)),
)
def test_every_websocket_request_is_answered(role: str, request: tuple[str, dict[str, object]]) -> None:
    sent: list[str] = []
    method, fields = request
    connection = Connection(HUB, "private" if method in TRADING else role, 1, sent.append)
    needs_token = method in TRADING or fields.get("channel") in ("executions", "balances", "level3")
    frame = {"method": method, "req_id": 7, "params": {**fields, **({"token": TOKEN} if needs_token else {})}}

    connection.receive(json.dumps(frame))
    connection.close()

    answers = [json.loads(text, parse_float=Decimal) for text in sent]
    assert any(answer.get("req_id") == 7 for answer in answers)
    assert all("method" in answer or "channel" in answer for answer in answers)


@settings(max_examples=300)
@given(text=st.one_of(st.text(max_size=60), st.binary(max_size=60), values.map(json.dumps)))
def test_every_other_frame_is_answered_too(text: str | bytes) -> None:
    sent: list[str] = []

    Connection(HUB, "private", 1, sent.append).receive(text)

    assert json.loads(sent[0])["success"] is False


@settings(max_examples=400)
@given(
    name=st.sampled_from([*PUBLIC_CALLS, *PRIVATE_CALLS, "GetApiKeyInfo", "Gossip"]),
    fields=st.dictionaries(
        st.sampled_from(REST_NAMES), st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=8
    ),
    in_json=st.booleans(),
)
def test_every_rest_request_is_answered(name: str, fields: dict[str, object], in_json: bool) -> None:
    KEY.counter, KEY.nonce = Decimal(0), KEY.nonce + 1
    nonce = str(KEY.nonce + 1)
    signed = {**fields, "nonce": nonce}
    body = json.dumps(signed).encode() if in_json else urlencode(signed, doseq=True).encode()
    side = "public" if name in PUBLIC_CALLS else "private"
    path = f"/0/{side}/{name}"
    headers = {
        "content-type": "application/json" if in_json else "application/x-www-form-urlencoded",
        "api-key": KEY.key,
        "api-sign": api_sign(path, nonce, body, KEY.secret),
    }

    status, text = API.respond(RestRequest("POST", path, "", headers, body))

    answer = json.loads(text)
    assert status == (404 if name == "Gossip" else 200)
    assert ("result" in answer) != bool(answer["error"])
