"""Faults on the REST road: silence, pages, other statuses, closed and reset lines, late and stale answers."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest

from core.runtime.clock import ManualClock
from core.sim.exchange import SimExchange
from tests.helpers.waiting import eventually
from tests.protocol.sim.clients import Frame, RestClient, WsClient
from tests.protocol.sim.test_ws_private import limit

PRICE = "26000.0"


async def add(rest: RestClient, **changes: Any) -> Frame:
    order = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": PRICE, "volume": "0.01"}
    return await rest.private("AddOrder", **(order | changes))


def orders(exchange: SimExchange) -> list[str]:
    return [order.status for order in exchange.truth().orders.values()]


async def fetch(exchange: SimExchange, name: str) -> httpx.Response:
    """A public call whose answer is looked at as HTTP."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(f"{exchange.endpoints.public_rest}/0/public/{name}")


async def unanswered(work: Any, timeout_s: float = 0.3) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await work


async def test_a_lost_request_is_not_answered_and_changes_nothing(
    exchange: SimExchange, rest: RestClient
) -> None:
    exchange.faults.lose_request(method="AddOrder")

    await unanswered(add(rest))

    assert (orders(exchange), exchange.received("AddOrder")) == ([], 1)
    assert (await add(rest))["error"] == []


async def test_a_lost_answer_leaves_an_accepted_order(exchange: SimExchange, rest: RestClient) -> None:
    exchange.faults.lose_answer(method="AddOrder")

    await unanswered(add(rest))

    assert orders(exchange) == ["new"]


@pytest.mark.parametrize(
    ("ending", "status", "content_type"),
    [("5xx", 502, "text/plain; charset=utf-8"), ("html", 200, "text/html; charset=UTF-8")],
)
async def test_a_request_is_carried_out_and_answered_by_something_before_the_exchange(
    exchange: SimExchange, ending: Any, status: int, content_type: str
) -> None:
    exchange.faults.accept_then(ending, method="Time")

    response = await fetch(exchange, "Time")

    assert (response.status_code, response.headers["Content-Type"]) == (status, content_type)
    assert b"{" not in response.content


async def test_the_connection_closes_after_the_order_was_accepted(
    exchange: SimExchange, rest: RestClient
) -> None:
    exchange.faults.accept_then("close", method="AddOrder")

    with pytest.raises(httpx.RemoteProtocolError):
        await add(rest)

    assert orders(exchange) == ["new"]


async def test_a_closed_or_reset_connection_has_carried_out_nothing(
    exchange: SimExchange, rest: RestClient
) -> None:
    exchange.faults.close(1006, method="AddOrder", nth=1)
    exchange.faults.reset(method="AddOrder", nth=2)

    with pytest.raises(httpx.RemoteProtocolError):
        await add(rest)
    with pytest.raises(httpx.ReadError):
        await add(rest)

    assert orders(exchange) == []


async def test_connections_in_use_are_ended_at_once(exchange: SimExchange, rest: RestClient) -> None:
    exchange.faults.delay(30, method="Time", times=2)

    for end in (exchange.faults.reset, lambda **match: exchange.faults.close(1006, **match)):
        arrived = exchange.received("Time")
        asking = asyncio.create_task(rest.public("Time"), name="asking")
        await eventually(lambda arrived=arrived: exchange.received("Time") > arrived)
        assert end(road="rest").fired == 1
        with pytest.raises(httpx.TransportError):
            await asking


async def test_requests_hang_until_the_line_is_whole_again(exchange: SimExchange, rest: RestClient) -> None:
    fault = exchange.faults.half_open(road="rest")

    await unanswered(rest.public("Time"))
    fault.remove()

    assert (await rest.public("Time"))["error"] == []


async def test_any_status_body_and_headers_can_be_answered(exchange: SimExchange) -> None:
    fault = exchange.faults.http(520, "<h1>error 520</h1>", {"Retry-After": "3"}, road="rest", times=2)

    responses = [await fetch(exchange, "Time") for _ in range(3)]

    assert [response.status_code for response in responses] == [520, 520, 200]
    assert (responses[0].text, responses[0].headers["Retry-After"]) == ("<h1>error 520</h1>", "3")
    assert fault.fired == 2


async def test_the_token_call_alone_fails(exchange: SimExchange, rest: RestClient) -> None:
    exchange.faults.error("EService:Unavailable", method="GetWebSocketsToken")

    balance = await rest.private("Balance")
    refused = await rest.private("GetWebSocketsToken")
    granted = await rest.private("GetWebSocketsToken")

    assert balance["error"] == granted["error"] == []
    assert refused == {"error": ["EService:Unavailable"]}


async def test_an_error_may_hide_an_accepted_order(exchange: SimExchange, rest: RestClient) -> None:
    exchange.faults.error("EGeneral:Internal error", accepted=True, symbol="BTC/USD")

    answer = await add(rest)

    assert answer == {"error": ["EGeneral:Internal error"]}
    assert orders(exchange) == ["new"]


async def test_a_delayed_answer_does_not_delay_the_order(exchange: SimExchange, rest: RestClient) -> None:
    exchange.faults.delay(0.2, method="AddOrder")

    adding = asyncio.create_task(add(rest), name="adding")
    await eventually(lambda: orders(exchange) == ["new"])
    was_done = adding.done()
    answer = await adding

    assert not was_done
    assert answer["error"] == []


async def test_a_queued_order_is_refused_when_its_deadline_has_passed(
    exchange: SimExchange, rest: RestClient, clock: ManualClock
) -> None:
    exchange.faults.queue(0.1, method="AddOrder", times=2)

    answers = []
    for passed_s in (4, 8):
        arrived = exchange.received("AddOrder")
        adding = asyncio.create_task(add(rest), name="adding")
        await eventually(lambda arrived=arrived: exchange.received("AddOrder") > arrived)
        clock.advance(s=passed_s)
        answers.append(await adding)

    assert [answer["error"] for answer in answers] == [[], ["EService:Deadline elapsed"]]
    assert orders(exchange) == ["new"]


async def test_a_queued_order_lets_later_calls_with_higher_nonces_pass(
    exchange: SimExchange, rest: RestClient
) -> None:
    exchange.faults.queue(0.1, method="AddOrder")

    adding = asyncio.create_task(add(rest), name="adding")
    await eventually(lambda: exchange.received("AddOrder"))
    balance = await rest.private("Balance")
    answer = await adding

    assert balance["error"] == answer["error"] == []


async def test_a_field_of_a_result_is_wrong(exchange: SimExchange, rest: RestClient) -> None:
    true = await rest.private("BalanceEx")
    exchange.faults.corrupt("balance", method="BalanceEx")

    spoiled = await rest.private("BalanceEx")

    (asset,) = [name for name in true["result"] if true["result"][name] != spoiled["result"][name]]
    assert Decimal(spoiled["result"][asset]["balance"]) > Decimal(true["result"][asset]["balance"])


async def test_a_slow_line_hands_out_an_answer_piece_by_piece(exchange: SimExchange) -> None:
    loop = asyncio.get_running_loop()
    size = len((await fetch(exchange, "Time")).content)
    exchange.faults.slow(size * 5, road="rest")

    began = loop.time()
    response = await fetch(exchange, "Time")

    assert response.json()["error"] == []
    assert loop.time() - began > 0.15


async def test_account_queries_lag_behind_the_engine(
    exchange: SimExchange, rest: RestClient, private: WsClient, token: str, clock: ManualClock
) -> None:
    before = (await rest.private("BalanceEx"))["result"]
    fault = exchange.faults.lag_rest(60)

    await private.call("add_order", **limit(token, cl_ord_id="rests"))
    await private.call("add_order", **limit(token, side="sell", limit_price=26500.0, cl_ord_id="sold"))
    early = [
        (await rest.private(name))["result"]
        for name in ("OpenOrders", "ClosedOrders", "TradesHistory", "BalanceEx")
    ]
    clock.advance(s=61)
    late = [(await rest.private(name))["result"] for name in ("OpenOrders", "ClosedOrders", "TradesHistory")]
    await rest.private("CancelOrder", cl_ord_id="rests")
    still = (await rest.private("OpenOrders"))["result"]["open"]
    fault.remove()
    now = (await rest.private("OpenOrders"))["result"]["open"]

    assert early == [{"open": {}}, {"closed": {}, "count": 0}, {"trades": {}, "count": 0}, before]
    assert [len(late[0]["open"]), late[1]["count"], late[2]["count"]] == [1, 1, 1]
    assert [order["cl_ord_id"] for order in still.values()] == ["rests"]
    assert now == {}


async def test_only_the_queries_named_lag(exchange: SimExchange, rest: RestClient) -> None:
    exchange.faults.lag_rest(60, method="ClosedOrders")

    txid = (await add(rest))["result"]["txid"][0]
    shown = (await rest.private("QueryOrders", txid=txid))["result"]

    assert list(shown) == [txid]


async def test_a_raised_nonce_refuses_the_next_call_only_until_it_is_passed(
    exchange: SimExchange, rest: RestClient
) -> None:
    await rest.private("Balance")

    fault = exchange.faults.raise_nonce(2)
    answers = [await rest.private("Balance") for _ in range(3)]

    assert [answer["error"] for answer in answers] == [["EAPI:Invalid nonce"], ["EAPI:Invalid nonce"], []]
    assert fault.fired == 1


async def test_another_program_keeps_raising_the_nonce(exchange: SimExchange, rest: RestClient) -> None:
    fault = exchange.faults.raise_nonce(method="AddOrder", times=2)

    answers = [await add(rest) for _ in range(2)]

    assert [answer["error"] for answer in answers] == [["EAPI:Invalid nonce"]] * 2
    assert (fault.fired, orders(exchange)) == (2, [])
