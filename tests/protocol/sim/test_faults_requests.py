"""Faults that befall a request on the WebSocket: lost, answered wrongly, late, or never answered."""

import asyncio
from decimal import Decimal

import pytest
from websockets.exceptions import ConnectionClosed

from core.runtime.clock import NS_PER_S, ManualClock
from core.sim.exchange import SimExchange
from core.sim.wire import rfc3339_us
from tests.helpers.waiting import eventually
from tests.protocol.sim.clients import Frame, RestClient, WsClient
from tests.protocol.sim.test_ws_private import follow, limit, reports

ORDER = "0835958d-c526-4ad8-aea8-af54836de47e"


def orders(exchange: SimExchange) -> list[str]:
    return [order.status for order in exchange.truth().orders.values()]


async def answers_until_pong(client: WsClient) -> list[Frame]:
    """Everything that is answered before a ping sent now."""
    seen = len(client.frames)
    await client.call("ping")
    return [frame for frame in client.frames[seen:] if "method" in frame and frame["method"] != "pong"]


async def test_a_lost_request_never_reaches_the_engine(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    fault = exchange.faults.lose_request(method="add_order")

    await private.send("add_order", limit(token))

    assert await answers_until_pong(private) == []
    assert (fault.fired, exchange.received("add_order"), orders(exchange)) == (1, 1, [])


async def test_a_lost_answer_leaves_an_order_whose_reports_come(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)
    exchange.faults.lose_answer(method="add_order")

    await private.send("add_order", limit(token, cl_ord_id=ORDER))
    rows = await reports(private, 2)

    assert [row["cl_ord_id"] for row in rows] == [ORDER, ORDER]
    assert await answers_until_pong(private) == []
    assert orders(exchange) == ["new"]


async def test_only_the_answer_to_the_nth_order_is_lost(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    exchange.faults.lose_answer(method="add_order", nth=2)

    sent = [await private.send("add_order", limit(token)) for _ in range(3)]
    answered = [frame["req_id"] for frame in await answers_until_pong(private)]

    assert answered == [sent[0], sent[2]]
    assert orders(exchange) == ["new"] * 3


async def test_an_order_is_accepted_and_the_line_closes_before_the_answer(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)
    exchange.faults.accept_then("close", method="add_order")

    await private.send("add_order", limit(token))
    with pytest.raises(ConnectionClosed):
        await reports(private, 1)

    assert private.socket.close_code == 1001
    assert orders(exchange) == ["new"]


@pytest.mark.parametrize(
    ("ending", "seen"),
    [("timeout", []), ("5xx", [{"error": "EService:Unavailable", "success": False}])],
)
async def test_an_order_is_accepted_and_answered_with_something_else(
    exchange: SimExchange, private: WsClient, token: str, ending: str, seen: list[Frame]
) -> None:
    exchange.faults.accept_then(ending, method="add_order")  # type: ignore[arg-type]

    await private.send("add_order", limit(token))
    answers = await answers_until_pong(private)

    assert [{key: one[key] for key in ("error", "success")} for one in answers] == seen
    assert orders(exchange) == ["new"]


async def test_an_order_is_accepted_and_answered_with_a_page(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await private.receive()  # status
    exchange.faults.accept_then("html", method="add_order")

    await private.send("add_order", limit(token))
    text = await private.socket.recv()

    assert str(text).startswith("<html>")
    assert orders(exchange) == ["new"]


async def test_an_error_refuses_the_order_unless_it_is_accepted_all_the_same(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    exchange.faults.error("EGeneral:Internal error", method="add_order")
    exchange.faults.error("EService:Deadline elapsed", accepted=True, method="add_order", nth=2)

    refused = await private.call("add_order", **limit(token))
    before = orders(exchange)
    doubtful = await private.call("add_order", **limit(token))

    assert (refused["error"], refused["success"]) == ("EGeneral:Internal error", False)
    assert doubtful["error"] == "EService:Deadline elapsed"
    assert (before, orders(exchange)) == ([], ["new"])


async def test_a_subscription_is_refused(exchange: SimExchange, private: WsClient, token: str) -> None:
    exchange.faults.error("EService:Unavailable", method="subscribe", channel="executions")

    balances = await private.call("subscribe", channel="balances", token=token)
    executions = await private.call("subscribe", channel="executions", token=token)

    assert balances["success"]
    assert (executions["success"], executions["error"]) == (False, "EService:Unavailable")


async def test_a_queued_order_is_accepted_late_but_within_its_deadline(
    exchange: SimExchange, private: WsClient, token: str, clock: ManualClock
) -> None:
    exchange.faults.queue(0.1, method="add_order")
    deadline = rfc3339_us(clock.wall_ns() + 5 * NS_PER_S)

    req_id = await private.send("add_order", limit(token, deadline=deadline))
    assert await answers_until_pong(private) == []
    clock.advance(s=4)
    answer = await private.until(lambda frame: frame.get("req_id") == req_id)

    assert answer["success"]
    assert orders(exchange) == ["new"]


async def test_an_order_queued_past_its_deadline_is_refused(
    exchange: SimExchange, private: WsClient, token: str, clock: ManualClock
) -> None:
    exchange.faults.queue(0.1, method="add_order")
    deadline = rfc3339_us(clock.wall_ns() + 5 * NS_PER_S)

    req_id = await private.send("add_order", limit(token, deadline=deadline))
    await answers_until_pong(private)
    clock.advance(s=20)
    answer = await private.until(lambda frame: frame.get("req_id") == req_id)

    assert answer["error"] == "EService:Deadline elapsed"
    assert orders(exchange) == []


async def test_a_queued_order_arrives_although_its_line_is_gone(exchange: SimExchange, token: str) -> None:
    exchange.faults.queue(0.05, method="add_order")

    async with WsClient(exchange.endpoints.private_ws) as client:
        await client.send("add_order", limit(token))
        await client.call("ping")

    await eventually(lambda: orders(exchange) == ["new"])


async def test_a_cancel_is_found_by_the_symbol_of_its_order(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    for cl_ord_id, symbol, price in (("one", "BTC/USD", 26000.0), ("two", "ETH/USD", 1000.0)):
        order = limit(token, cl_ord_id=cl_ord_id, symbol=symbol, limit_price=price, order_qty=0.02)
        assert (await private.call("add_order", **order))["success"]
    fault = exchange.faults.lose_request(method="cancel_order", symbol="ETH/USD")

    await private.send("cancel_order", {"cl_ord_id": ["two"], "token": token})
    await private.call("cancel_order", cl_ord_id=["one"], token=token)

    assert fault.fired == 1
    assert {one.symbol: one.status for one in exchange.truth().orders.values()} == {
        "BTC/USD": "canceled",
        "ETH/USD": "new",
    }


async def test_one_fault_serves_both_roads_when_both_names_are_given(
    exchange: SimExchange, private: WsClient, rest: RestClient, token: str
) -> None:
    fault = exchange.faults.error("EService:Busy", method=("add_order", "AddOrder"), times=None)

    by_ws = await private.call("add_order", **limit(token))
    by_rest = await rest.private("AddOrder", pair="XBTUSD", type="buy", ordertype="limit", price=1, volume=1)

    assert (by_ws["error"], by_rest["error"]) == ("EService:Busy", ["EService:Busy"])
    assert (fault.fired, exchange.received("add_order"), exchange.received("AddOrder")) == (2, 1, 1)


async def test_the_truth_tells_orders_fills_balances_and_accepted_ids(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    before = exchange.truth()

    await private.call("add_order", **limit(token, cl_ord_id="rests"))
    await private.call("add_order", **limit(token, cl_ord_id="rests"))
    await private.call("add_order", **limit(token, side="sell", limit_price=26500.0, cl_ord_id="trades"))
    after = exchange.truth()

    by_id = {order.cl_ord_id: order for order in after.orders.values()}
    assert (by_id["rests"].status, by_id["rests"].qty, by_id["rests"].cum_qty) == ("new", Decimal("0.01"), 0)
    assert (by_id["trades"].status, by_id["trades"].cum_qty) == ("filled", Decimal("0.01"))
    assert [(fill.order_id, fill.qty) for fill in after.fills.values()] == [
        (by_id["trades"].order_id, Decimal("0.01"))
    ]
    assert after.accepted == {"rests": 1, "trades": 1}
    assert after.balances["BTC"].total == before.balances["BTC"].total - Decimal("0.01")
    assert after.balances["USD"].held > before.balances["USD"].held == 0
    assert before.orders == {}


async def test_an_order_that_waits_does_not_hold_up_the_next(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    exchange.faults.queue(30, method="add_order")

    await private.send("add_order", limit(token))
    async with asyncio.timeout(5):
        second = await private.call("add_order", **limit(token, cl_ord_id="second"))

    assert second["success"]
    assert exchange.truth().accepted == {"second": 1}
