"""REST answers as Kraken documents it; whoever is not allowed to ask learns why."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from core.runtime.clock import ManualClock
from core.sim.exchange import SimExchange
from core.sim.model import OrderSpec
from tests.protocol.fixtures import frames
from tests.protocol.sim.clients import Frame, RestClient, exact
from tests.protocol.sim.test_ws_public import missing

PAIR = {"pair": "XBTUSD"}
PUBLIC: list[tuple[str, Frame]] = [
    ("Time", {}),
    ("SystemStatus", {}),
    ("Assets", {"asset": "XBT,ZEUR,ZUSD"}),
    ("Ticker", PAIR),
    ("OHLC", PAIR),
    ("Depth", PAIR),
    ("Trades", PAIR),
]


def documented(name: str, index: int = 0) -> Any:
    return json.loads(frames(f"rest_{name}")[index], parse_float=Decimal)


def one(rows: Frame) -> Any:
    """Return the only value of a map keyed by an identifier."""
    (value,) = rows.values()
    return value


async def add(rest: RestClient, **changes: Any) -> Frame:
    order = {"ordertype": "limit", "type": "buy", "volume": "0.01", "pair": "XBTUSD", "price": "26000.5"}
    return await rest.private("AddOrder", **(order | changes))


def trade(exchange: SimExchange) -> None:
    exchange.engine.add(
        "main", OrderSpec(symbol="BTC/USD", side="sell", order_type="market", order_qty=Decimal("0.01"))
    )


@pytest.mark.parametrize(("name", "params"), PUBLIC)
async def test_public_answers_have_every_documented_key(
    exchange: SimExchange, rest: RestClient, name: str, params: Frame
) -> None:
    trade(exchange)

    answer = await rest.public(name, **params)

    assert answer["error"] == []
    assert missing(documented(name), answer) == []


async def test_pairs_are_described_with_every_documented_key(rest: RestClient) -> None:
    answer = await rest.public("AssetPairs", pair="XBTUSD")

    example = documented("AssetPairs")["result"]["XXBTZUSD"]
    row = answer["result"]["XXBTZUSD"]
    assert set(example) <= set(row)
    same = ("altname", "wsname", "base", "quote", "pair_decimals", "lot_decimals", "tick_size", "costmin")
    assert {key: row[key] for key in same} == {key: example[key] for key in same}


@pytest.mark.parametrize(
    ("name", "key"), [("XXBTZUSD", "XXBTZUSD"), ("XBTUSD", "XXBTZUSD"), ("BTC/USD", "BTC/USD")]
)
async def test_a_pair_is_known_by_id_altname_and_modern_symbol(rest: RestClient, name: str, key: str) -> None:
    answer = await rest.public("Depth", pair=name, count=1)

    book = answer["result"][key]
    assert book["bids"][0][0] == "26599.90000"
    assert book["asks"][0][0] == "26600.10000"


@pytest.mark.parametrize(
    ("call", "params", "error"),
    [
        ("Ticker", {"pair": "XBT/USD"}, "EQuery:Unknown asset pair"),
        ("Ticker", {"pair": "NOPE"}, "EQuery:Unknown asset pair"),
        ("Assets", {"asset": "NOPE"}, "EQuery:Unknown asset"),
        ("Depth", {}, "EGeneral:Invalid arguments:pair"),
        ("Depth", PAIR | {"count": 501}, "EGeneral:Invalid arguments:count"),
        ("Depth", PAIR | {"count": "9" * 400}, "EGeneral:Invalid arguments:count"),
        ("OHLC", PAIR | {"interval": 7}, "EGeneral:Invalid arguments:interval"),
        ("Trades", PAIR | {"since": "1e999999"}, "EGeneral:Invalid arguments:since"),
        ("Trades", PAIR | {"since": "NaN"}, "EGeneral:Invalid arguments:since"),
        ("GroupedBook", PAIR | {"depth": 11}, "EGeneral:Invalid arguments:depth"),
        ("Gossip", {}, "EGeneral:Unknown method"),
    ],
)
async def test_a_wrong_public_call_says_why(rest: RestClient, call: str, params: Frame, error: str) -> None:
    assert (await rest.public(call, **params))["error"] == [error]


async def test_an_order_goes_through_its_life(exchange: SimExchange, rest: RestClient) -> None:
    placed = await add(
        rest, volume="1.25", price="27500", type="sell", cl_ord_id="6d1b345e-2821-40e2-ad83-4ecb18a06876"
    )
    txid = placed["result"]["txid"][0]
    opened = one((await rest.private("OpenOrders"))["result"]["open"])
    amended = await rest.private("AmendOrder", txid=txid, order_qty="1.0", limit_price="27600")
    amends = await rest.private("OrderAmends", order_id=txid)
    cancelled = await rest.private("CancelOrder", txid=txid)
    closed = one((await rest.private("ClosedOrders"))["result"]["closed"])
    queried = one((await rest.private("QueryOrders", txid=txid))["result"])

    assert placed["result"]["descr"] == {"order": "sell 1.25000000 XBTUSD @ limit 27500.0"}
    example = next(iter(documented("OpenOrders")["result"]["open"].values()))
    assert set(example) - set(opened) <= {"userref", "trades"}
    assert missing(example["descr"], opened["descr"]) == []
    assert amended["result"]["amend_id"]
    assert [
        (row["amend_type"], row["order_qty"], row["limit_price"]) for row in amends["result"]["amends"]
    ] == [
        ("original", "1.25000000", "27500.0"),
        ("user", "1.00000000", "27600.0"),
    ]
    assert cancelled == documented("CancelOrder")
    assert (closed["status"], closed["reason"], closed["vol"]) == ("canceled", "User requested", "1.00000000")
    assert queried["descr"]["price"] == "27600.0"


async def test_a_conditional_close_is_told_in_words(exchange: SimExchange, rest: RestClient) -> None:
    answer = await add(
        rest,
        **{
            "price": "25000.1",
            "close[ordertype]": "stop-loss-limit",
            "close[price]": "22000",
            "close[price2]": "21000",
        },
    )

    assert answer["result"]["descr"] == {
        "order": "buy 0.01000000 XBTUSD @ limit 25000.1",
        "close": documented("AddOrder", 1)["result"]["descr"]["close"],
    }


async def test_a_batch_answers_row_by_row(rest: RestClient) -> None:
    orders = [
        {"ordertype": "limit", "type": "buy", "volume": "0.01", "price": "25000"},
        {"ordertype": "limit", "type": "sell", "volume": "0.01", "price": "28000"},
    ]

    answer = await rest.private_json("AddOrderBatch", pair="XBTUSD", orders=orders)
    txids = [row["txid"] for row in answer["result"]["orders"]]
    cancelled = await rest.private_json("CancelOrderBatch", orders=txids)

    assert [set(row) for row in answer["result"]["orders"]] == [{"txid", "descr"}] * 2
    assert cancelled == documented("CancelOrderBatch")


async def test_an_edit_replaces_the_order(rest: RestClient) -> None:
    txid = (await add(rest))["result"]["txid"][0]

    result = (await rest.private("EditOrder", txid=txid, pair="XBTUSD", volume="0.02"))["result"]

    assert set(documented("EditOrder")["result"]) == set(result)
    assert result["originaltxid"] == txid
    assert (result["volume"], result["price"]) == ("0.02000000", "26000.5")


async def test_fills_and_ledgers_are_listed_as_documented(exchange: SimExchange, rest: RestClient) -> None:
    trade(exchange)

    history = (await rest.private("TradesHistory"))["result"]
    ledgers = (await rest.private("Ledgers", type="trade"))["result"]
    txid = next(iter(history["trades"]))
    queried = (await rest.private("QueryTrades", txid=txid))["result"]

    example = next(iter(documented("TradesHistory")["result"]["trades"].values()))
    assert set(example) <= set(history["trades"][txid])
    assert queried == history["trades"]
    assert queried[txid]["price"] == "26599.90000"
    assert ledgers["count"] == 2
    entry = next(iter(ledgers["ledger"].values()))
    assert set(next(iter(documented("Ledgers")["result"]["ledger"].values()))) == set(entry)


async def test_funds_are_told_as_text_with_what_is_on_hold(exchange: SimExchange, rest: RestClient) -> None:
    await add(rest, volume="1", price="26000")

    balance = (await rest.private("Balance"))["result"]
    extended = (await rest.private("BalanceEx"))["result"]
    equity = (await rest.private("TradeBalance"))["result"]
    fees = (await rest.private("TradeVolume", pair="XBTUSD"))["result"]

    assert balance["ZUSD"] == "100000.0000"
    assert Decimal(extended["ZUSD"]["hold_trade"]) >= 26000
    assert set(equity) == set(documented("TradeBalance")["result"]) - {"ml"}
    assert missing(documented("TradeVolume")["result"], fees) == []


async def test_counts_and_times_of_mass_cancels(rest: RestClient) -> None:
    await add(rest)
    armed = await rest.private("CancelAllOrdersAfter", timeout=60)
    disarmed = await rest.private("CancelAllOrdersAfter", timeout=0)
    everything = await rest.private("CancelAll")

    assert missing(documented("CancelAllOrdersAfter"), armed) == []
    assert disarmed["result"]["triggerTime"] == "0"
    assert everything["result"] == {"count": 1}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"ordertype": "wish"}, "EGeneral:Invalid arguments:ordertype"),
        ({"pair": "XBT/USD"}, "EQuery:Unknown asset pair"),
        ({"volume": "NaN"}, "EGeneral:Invalid arguments:volume"),
        ({"volume": "1e999999"}, "EGeneral:Invalid arguments:volume"),
        ({"volume": "-1"}, "EGeneral:Invalid arguments:volume"),
        ({"volume": "50"}, "EOrder:Insufficient funds"),
        ({"price": "26000.55"}, "EOrder:Tick size check failed"),
        ({"oflags": "magic"}, "EGeneral:Invalid arguments:oflags magic"),
        (
            {"cl_ord_id": "a", "userref": "5"},
            "EGeneral:Invalid arguments:cl_ord_id and userref are exclusive",
        ),
        ({"deadline": "2020-01-01T00:00:00.000Z"}, "EService:Deadline elapsed"),
    ],
)
async def test_a_refused_order_says_why(rest: RestClient, changes: Frame, error: str) -> None:
    answer = await add(rest, **changes)

    got = answer["error"][0]
    assert got == error or (error == "EOrder:Tick size check failed" and got == "EOrder:Invalid price")


async def test_relative_prices_are_offsets_from_the_last_trade(
    exchange: SimExchange, rest: RestClient
) -> None:
    trade(exchange)  # at 26599.9

    below = await add(rest, price="#1%")
    above = await add(rest, type="sell", price="+100")

    assert below["result"]["descr"]["order"].endswith("@ limit 26333.9")
    assert above["result"]["descr"]["order"].endswith("@ limit 26699.9")


async def test_signatures_nonces_and_limits_are_enforced(clock: ManualClock, rest: RestClient) -> None:
    body = "nonce=1"
    wrong_key = await rest.signed("Balance", "1", body, "application/x-www-form-urlencoded", key="nobody")
    wrong_sign = await rest.signed("Balance", "1", "nonce=2", "application/x-www-form-urlencoded")
    first = await rest.signed("Balance", "1", body, "application/x-www-form-urlencoded")
    again = await rest.signed("Balance", "1", body, "application/x-www-form-urlencoded")

    assert wrong_key["error"] == documented("errors", 1)["error"]
    assert wrong_sign["error"] == ["EAPI:Invalid signature"]
    assert first["error"] == []
    assert again["error"] == ["EAPI:Invalid nonce"]

    costly = [(await rest.private("Ledgers"))["error"] for _ in range(7)]
    assert costly[-1] == ["EAPI:Rate limit exceeded"]
    assert (await add(rest))["error"] == []
    clock.advance(s=60)
    assert (await rest.private("Ledgers"))["error"] == []


async def test_a_weak_key_is_told_so_and_can_be_asked_about(exchange: SimExchange, rest: RestClient) -> None:
    weak = exchange.hub.keys.create("main", "pro", 0, frozenset({"query-funds"}))
    access = {"key": weak.key, "secret": weak.secret}

    info = await rest.private("GetApiKeyInfo", **access)
    refused = await rest.private("OpenOrders", **access)

    assert info["result"]["permissions"] == ["query-funds"]
    assert refused["error"] == ["EGeneral:Permission denied"]


async def test_one_connection_carries_many_calls(exchange: SimExchange) -> None:
    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=1)) as http:
        for _ in range(20):
            answer = await http.get(f"{exchange.endpoints.public_rest}/0/public/Time")
            assert exact(answer)["error"] == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/0/public/Time", {"Origin": "http://127.0.0.1"}, 403),
        ("/0/public/Time", {"Host": "example.com"}, 403),
        ("/0/public/Gossip", {}, 404),
        ("/other", {}, 404),
    ],
)
async def test_strangers_stay_outside(
    exchange: SimExchange, path: str, headers: dict[str, str], status: int
) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(exchange.endpoints.public_rest + path, headers=headers)
        without_secret = await http.get(exchange.endpoints.public_rest.rsplit("/", 1)[0] + path)

    assert answer.status_code == status
    assert without_secret.status_code == 404
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"HTTP/1.1 400 "),
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", b"HTTP/1.1 431 "),
        (b"GET /a HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 "),
    ],
)
async def test_broken_requests_are_refused_and_closed(
    exchange: SimExchange, sent: bytes, status: bytes
) -> None:
    port = int(exchange.endpoints.public_rest.split(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)

    answer = await reader.read()

    writer.close()
    assert answer.startswith(status)


async def test_a_body_without_end_is_refused(exchange: SimExchange) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            exchange.endpoints.private_rest + "/0/private/Balance", content=b"x" * 1_000_000
        )

    assert answer.status_code == 413
