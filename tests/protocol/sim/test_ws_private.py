"""The private WebSocket answers, reports and counts as Kraken documents it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from core.runtime.clock import ManualClock
from core.sim.exchange import SimExchange
from core.sim.model import OrderSpec
from tests.protocol.fixtures import frames
from tests.protocol.sim.clients import Frame, RestClient, WsClient
from tests.protocol.sim.test_ws_public import missing, settled

# Ids and times differ from the example's, and fees follow today's schedule.
OWN = (
    "order_id",
    "exec_id",
    "trade_id",
    "timestamp",
    "fees",
    "fee_usd_equiv",
    "ledger_id",
    "ref_id",
    "fee",
    "balance",
)


def documented(name: str, index: int) -> Any:
    return json.loads(frames(name)[index], parse_float=Decimal)


def comparable(row: Frame) -> Frame:
    return {key: value for key, value in row.items() if key not in OWN}


def limit(token: str, **changes: Any) -> Frame:
    order = {
        "order_type": "limit",
        "side": "buy",
        "symbol": "BTC/USD",
        "order_qty": 0.01,
        "limit_price": 26000.5,
        "token": token,
    }
    return order | changes


async def follow(private: WsClient, token: str, **options: Any) -> Frame:
    await private.call("subscribe", channel="executions", token=token, **options)
    return await private.channel("executions", "snapshot")


async def reports(private: WsClient, count: int) -> list[Frame]:
    return [(await private.channel("executions", "update"))["data"][0] for _ in range(count)]


async def test_documented_private_subscriptions_get_the_documented_answers(
    private: WsClient, token: str
) -> None:
    for name, channel in (("ws_executions", "executions"), ("ws_balances", "balances")):
        asked = documented(name, 0)["params"] | {"token": token}
        subscribed = await private.call("subscribe", **asked)
        left = await private.call("unsubscribe", channel=channel, token=token)

        assert settled(subscribed) == settled(documented(name, 1))
        assert settled(left) == settled(documented(name, -1))


async def test_documented_sequence_of_one_order_is_reported_in_the_documented_words(
    private: WsClient, token: str
) -> None:
    snapshot = await follow(private, token)

    order = limit(token, side="sell", order_qty=0.005, limit_price=26500.0, order_userref=3)
    answer = await private.call("add_order", **order)
    got = await reports(private, 4)

    assert snapshot == {"channel": "executions", "type": "snapshot", "data": [], "sequence": 1}
    assert set(answer["result"]) == {"order_id", "order_userref"}
    for row, index in zip(got, (2, 3, 4), strict=False):
        example = documented("ws_executions", index)["data"][0]
        assert set(row) == set(example)
        assert comparable(row) == comparable(example)
    assert got[3] == {
        "timestamp": got[3]["timestamp"],
        "order_status": "filled",
        "exec_type": "filled",
        "order_id": answer["result"]["order_id"],
        "order_userref": 3,
        "cum_qty": Decimal("0.005"),
        "cum_cost": Decimal("132.9995"),
        "avg_price": Decimal("26599.9"),
        "fee_usd_equiv": Decimal("0.532"),
    }
    assert [frame["sequence"] for frame in private.frames if frame.get("channel") == "executions"] == [
        1,
        2,
        3,
        4,
        5,
    ]


async def test_both_legs_of_a_trade_change_the_balances(private: WsClient, token: str) -> None:
    await private.call("subscribe", channel="balances", token=token)
    snapshot = await private.channel("balances")

    order = limit(token, side="sell", order_qty=0.005, limit_price=26500.0)
    await private.call("add_order", **order)
    legs = [(await private.channel("balances", "update")) for _ in range(2)]

    assert missing(documented("ws_balances", 2), snapshot) == []
    for leg, index in zip(legs, (3, 4), strict=True):
        example = documented("ws_balances", index)["data"][0]
        (row,) = leg["data"]
        assert set(row) == set(example)
        assert comparable(row) == comparable(example)
    assert legs[0]["data"][0]["ref_id"] == legs[1]["data"][0]["ref_id"]
    assert [leg["sequence"] for leg in legs] == [2, 3]


async def test_an_order_is_amended_and_cancelled_in_sparse_reports(private: WsClient, token: str) -> None:
    await follow(private, token)
    cl_ord_id = "0835958d-c526-4ad8-aea8-af54836de47e"
    await private.call("add_order", **limit(token, cl_ord_id=cl_ord_id, post_only=True))
    await reports(private, 2)

    amended = await private.call(
        "amend_order", cl_ord_id=cl_ord_id, order_qty=0.02, limit_price=26000.0, post_only=True, token=token
    )
    (change,) = await reports(private, 1)
    cancelled = await private.call("cancel_order", cl_ord_id=[cl_ord_id], token=token)
    (end,) = await reports(private, 1)

    assert set(amended["result"]) == {"amend_id", "cl_ord_id"}
    assert set(change) == {
        *("timestamp", "exec_type", "order_status", "cum_qty", "reason", "amended", "order_qty"),
        *("limit_price", "limit_price_type", "cl_ord_id", "order_id"),
    }
    assert (change["order_qty"], change["limit_price"], change["reason"]) == (
        Decimal("0.02"),
        Decimal(26000),
        "User requested",
    )
    assert cancelled["result"] == {"cl_ord_id": cl_ord_id}
    assert set(end) == {
        *("timestamp", "order_status", "exec_type", "cum_qty", "cum_cost", "fee_usd_equiv", "avg_price"),
        *("cl_ord_id", "cancel_reason", "reason", "order_id"),
    }
    assert end["reason"] == "User requested"


async def test_each_cancelled_order_has_its_own_answer(private: WsClient, token: str) -> None:
    placed = await private.call("add_order", **limit(token))
    order_id = placed["result"]["order_id"]

    answers = await private.calls("cancel_order", 2, order_id=[order_id, "OAAAAA-BBBBB-CCCCCC"], token=token)

    good = next(answer for answer in answers if answer["success"])
    bad = next(answer for answer in answers if not answer["success"])
    assert settled(good) == {"method": "cancel_order", "result": {"order_id": order_id}, "success": True}
    assert bad["error"] in ("EOrder:Unknown order", "EOrder:Invalid order")
    assert "result" not in bad


async def test_a_snapshot_tells_open_orders_and_past_fills(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await private.call("add_order", **limit(token, cl_ord_id="resting"))
    await private.call("add_order", **limit(token, side="sell", limit_price=26500.0, order_qty=0.005))

    rows = (await follow(private, token, snap_trades=True))["data"]

    resting = next(row for row in rows if row.get("cl_ord_id") == "resting")
    assert (resting["exec_type"], resting["order_status"], resting["symbol"]) == ("new", "new", "BTC/USD")
    assert (resting["order_qty"], resting["cum_qty"]) == (Decimal("0.01"), Decimal(0))
    (fill,) = [row for row in rows if row["exec_type"] == "trade"]
    assert fill["order_status"] == "filled"
    assert "cum_qty" not in fill


async def test_trading_requests_of_the_documentation_are_answered_in_its_shape(
    private: WsClient, token: str
) -> None:
    order_id = (await private.call("add_order", **limit(token)))["result"]["order_id"]
    edited = await private.call(
        "edit_order", order_id=order_id, symbol="BTC/USD", order_qty=0.03, token=token
    )
    batch = await private.call(
        "batch_add",
        symbol="BTC/USD",
        token=token,
        orders=[
            {
                "order_type": "limit",
                "side": "buy",
                "order_qty": 0.01,
                "limit_price": 25000.1,
                "order_userref": 1,
            },
            {
                "order_type": "limit",
                "side": "sell",
                "order_qty": 0.01,
                "limit_price": 28000.1,
                "order_userref": 2,
            },
        ],
    )
    ids = [row["order_id"] for row in batch["result"]]
    together = await private.call("batch_cancel", orders=ids, token=token)
    armed = await private.call("cancel_all_orders_after", timeout=100, token=token)
    everything = await private.call("cancel_all", token=token)

    assert set(edited["result"]) == set(documented("ws_edit_order", 1)["result"])
    assert [set(row) for row in batch["result"]] == [
        set(row) for row in documented("ws_batch_add", 1)["result"]
    ]
    assert together["result"] == {"count": 2}
    assert set(armed["result"]) == set(documented("ws_cancel_all_orders_after", 1)["result"])
    assert settled(everything) == settled(documented("ws_cancel_all", 1))


async def test_the_dead_mans_switch_cancels_when_its_time_is_over(
    clock: ManualClock, private: WsClient, token: str
) -> None:
    await follow(private, token)
    await private.call("cancel_all_orders_after", timeout=60, token=token)
    await private.call("add_order", **limit(token))
    await reports(private, 2)

    clock.advance(s=61)

    (end,) = await reports(private, 1)
    assert (end["exec_type"], end["reason"]) == ("canceled", "CancelAllOrdersAfter Timeout")


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("add_order", {"cash_order_qty": "7"}, "Cash_order_qty field must be a number_float"),
        ("add_order", {"leverage": 5}, "Unsupported field: 'leverage' for the given msg type: add_order"),
        ("add_order", {"symbol": "XBT/USD"}, "Currency pair not supported XBT/USD"),
        ("add_order", {"order_qty": 0.00000001}, "EGeneral:Invalid arguments:volume minimum not met"),
        ("add_order", {"order_qty": 90.0}, "EOrder:Insufficient funds"),
        ("add_order", {"deadline": "2020-01-01T00:00:00.000Z"}, "EService:Deadline elapsed"),
        ("amend_order", {}, "Unsupported field: 'order_type' for the given msg type: amend_order"),
    ],
)
async def test_a_refused_order_says_why(
    private: WsClient, token: str, method: str, params: Frame, error: str
) -> None:
    answer = await private.call(method, **limit(token, **params))

    assert settled(answer) == {"error": error, "method": method, "success": False}


async def test_wrong_tokens_are_refused_as_recorded(private: WsClient) -> None:
    subscribed = await private.call("subscribe", channel="executions", token="stale")
    without = await private.call("cancel_all")
    wrong = await private.call("cancel_all", token="stale")

    assert settled(subscribed) == settled(documented("ws_errors", 2))
    assert without["error"] == "Token(s) not found"
    assert wrong["error"] == "EAPI:Invalid token"


async def test_a_token_dies_after_900_seconds_but_not_under_a_subscription(
    clock: ManualClock, exchange: SimExchange, private: WsClient, token: str
) -> None:
    await private.call("subscribe", channel="balances", token=token)

    clock.advance(s=1000)

    assert (await private.call("cancel_all", token=token))["success"]
    async with WsClient(exchange.endpoints.private_ws) as other:
        assert (await other.call("cancel_all", token=token))["error"] == "EAPI:Invalid token"


async def test_a_key_without_permission_cannot_trade(
    exchange: SimExchange, rest: RestClient, private: WsClient
) -> None:
    weak = exchange.hub.keys.create(
        "main", "intermediate", 0, frozenset({"create-ws-token", "query-open-trades"})
    )
    answer = await rest.private("GetWebSocketsToken", key=weak.key, secret=weak.secret)
    token = answer["result"]["token"]

    placed = await private.call("add_order", **limit(token))
    balances = await private.call("subscribe", channel="balances", token=token)

    assert settled(placed) == settled(documented("ws_errors", 4))
    assert balances["error"] == "EGeneral:Permission denied"


async def test_market_data_is_not_served_here(private: WsClient, token: str) -> None:
    answer = await private.call("subscribe", channel="book", symbol=["BTC/USD"])

    assert answer["error"] == (
        "Public market data subscriptions are unavailable on this endpoint. Try ws.kraken.com"
    )


async def test_level3_shows_single_orders_and_counts_its_subscriptions(
    exchange: SimExchange, token: str
) -> None:
    async with WsClient(exchange.endpoints.l3_ws) as level3:
        subscribed = await level3.call("subscribe", channel="level3", symbol=["BTC/USD"], token=token)
        snapshot = (await level3.channel("level3"))["data"][0]
        order = OrderSpec(
            symbol="BTC/USD",
            side="buy",
            order_type="limit",
            order_qty=Decimal("0.5"),
            limit_price=Decimal("26599.9"),
        )
        placed = exchange.engine.add("main", order)
        update = (await level3.channel("level3", "update"))["data"][0]
        costly = await level3.call(
            "subscribe", channel="level3", depth=1000, symbol=list(exchange.engine.pairs)[:3], token=token
        )

    assert set(subscribed["result"]) == set(documented("ws_level3", 1)["result"])
    assert len(snapshot["bids"]) == len(snapshot["asks"]) == 1
    assert placed is not None
    assert [(row["event"], row["order_id"]) for row in update["bids"]] == [("add", placed.order_id)]
    assert costly["error"] == "Exceeded msg rate"


async def test_reports_may_be_limited_to_the_final_ones(private: WsClient, token: str) -> None:
    await follow(private, token, order_status=False, ratecounter=True)

    await private.call("add_order", **limit(token, side="sell", limit_price=26500.0, order_qty=0.005))
    got = await reports(private, 2)

    assert [row["exec_type"] for row in got] == ["new", "filled"]
    assert "ratecount" in got[0]
