"""Faults of the exchange as a whole: its mode, clock and tokens, and what happens to the account elsewhere."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core.runtime.clock import NS_PER_S, ManualClock
from core.sim.engine import Engine
from core.sim.exchange import SimExchange
from core.sim.faults import FaultPlan
from tests.helpers.waiting import eventually
from tests.protocol.sim.clients import RestClient, WsClient
from tests.protocol.sim.test_ws_private import follow, limit, reports


@pytest.mark.parametrize(
    ("mode", "refusal"),
    [
        ("maintenance", "EService:Unavailable"),
        ("cancel_only", "EService:Market in cancel_only mode"),
        ("post_only", "EService:Market in post_only mode"),
    ],
)
async def test_a_mode_is_told_and_acted_upon_until_it_ends(
    exchange: SimExchange, private: WsClient, token: str, mode: str, refusal: str
) -> None:
    await private.channel("status")

    fault = exchange.faults.status(mode)
    told = await private.channel("status")
    refused = await private.call("add_order", **limit(token))
    fault.remove()
    told_again = await private.channel("status")
    accepted = await private.call("add_order", **limit(token))

    assert (told["data"][0]["system"], told_again["data"][0]["system"]) == (mode, "online")
    assert refused["error"] == refusal
    assert accepted["success"]


async def test_a_mode_ends_with_its_time_window(exchange: SimExchange, clock: ManualClock) -> None:
    fault = exchange.faults.status("cancel_only", from_s=5, until_s=8)

    modes = []
    for _ in range(3):
        await exchange.step()
        modes.append(exchange.engine.status)
        clock.advance(s=5)

    assert modes == ["online", "cancel_only", "online"]
    assert fault.fired == 1


async def test_a_mode_set_off_by_a_request_holds_for_that_request(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    exchange.faults.status("cancel_only", method="add_order", nth=2)

    answers = [await private.call("add_order", **limit(token)) for _ in range(3)]

    assert [answer["success"] for answer in answers] == [True, False, False]


async def test_expired_tokens_end_trading_and_subscribing(
    exchange: SimExchange, rest: RestClient, private: WsClient, token: str
) -> None:
    await follow(private, token)

    exchange.faults.expire_token()
    order = await private.call("add_order", **limit(token))
    channel = await private.call("subscribe", channel="balances", token=token)
    renewed = await private.call("add_order", **limit(await rest.token()))

    assert (order["error"], channel["error"]) == ("EAPI:Invalid token", "ESession:Invalid session")
    assert renewed["success"]


@pytest.mark.parametrize("skew_s", [3.0, -3.0])
async def test_a_skewed_clock_shows_wherever_the_exchange_tells_the_time(
    exchange: SimExchange, rest: RestClient, private: WsClient, token: str, clock: ManualClock, skew_s: float
) -> None:
    fault = exchange.faults.skew(skew_s)
    await follow(private, token)

    pong = await private.call("ping")
    await private.send("add_order", limit(token))
    report = (await reports(private, 1))[0]
    unix = (await rest.public("Time"))["result"]["unixtime"]
    fault.remove()
    straight = await private.call("ping")

    def ahead(text: str) -> timedelta:
        return datetime.fromisoformat(text) - datetime.fromisoformat(straight["time_in"])

    assert [ahead(text) for text in (pong["time_in"], pong["time_out"], report["timestamp"])] == [
        timedelta(seconds=skew_s)
    ] * 3
    assert unix == clock.wall_ns() // NS_PER_S + skew_s


async def test_the_market_goes_on_under_a_clock_set_back() -> None:
    clock = ManualClock()
    engine = Engine(now=clock.wall_ns)
    engine.open_account("main")
    async with SimExchange(clock=clock, engine=engine) as exchange:
        exchange.faults.skew(-3600)
        assert engine.market is not None
        before = engine.market.events

        clock.advance(s=1)

        await eventually(lambda: engine.market is not None and engine.market.events > before)


async def test_an_order_from_elsewhere_is_reported(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await follow(private, token)

    fault = exchange.faults.act_elsewhere(
        "order", symbol="BTC/USD", side="sell", qty="0.5", limit_price="27000"
    )
    rows = await reports(private, 2)

    assert (rows[0]["exec_type"], rows[0]["order_qty"]) == ("pending_new", Decimal("0.5"))
    assert "cl_ord_id" not in rows[0]
    assert fault.fired == 1


async def test_an_order_is_amended_hit_and_cancelled_from_elsewhere(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await private.call("add_order", **limit(token, cl_ord_id="mine"))
    await follow(private, token)

    exchange.faults.act_elsewhere("amend", cl_ord_id="mine", qty="0.02", limit_price="26100")
    exchange.faults.act_elsewhere("trade", cl_ord_id="mine", qty="0.005")
    exchange.faults.act_elsewhere("cancel", symbol="BTC/USD")
    amended, trade, end = await reports(private, 3)

    assert (amended["order_qty"], amended["limit_price"]) == (Decimal("0.02"), Decimal(26100))
    assert (trade["last_qty"], trade["last_price"]) == (Decimal("0.005"), Decimal(26100))
    assert (end["exec_type"], end["cum_qty"]) == ("canceled", Decimal("0.005"))


async def test_a_trade_from_elsewhere_takes_from_the_book(exchange: SimExchange) -> None:
    exchange.faults.act_elsewhere("trade", symbol="BTC/USD", side="buy", qty="0.2")

    (fill,) = exchange.truth().fills.values()
    assert (fill.side, fill.qty, fill.price) == ("buy", Decimal("0.2"), Decimal("26600.1"))


async def test_money_comes_and_goes(exchange: SimExchange, private: WsClient, token: str) -> None:
    await private.call("subscribe", channel="balances", token=token)
    before = exchange.truth().balances["USD"].total

    exchange.faults.act_elsewhere("deposit", asset="USD", qty="100")
    exchange.faults.act_elsewhere("deposit", asset="USD", qty="-30")
    rows = [(await private.channel("balances", "update"))["data"][0] for _ in range(2)]

    assert [(row["type"], row["balance"] - before) for row in rows] == [("deposit", 100), ("withdrawal", 70)]


async def test_a_deed_the_exchange_refuses_has_not_happened(exchange: SimExchange) -> None:
    fault = exchange.faults.act_elsewhere("cancel", order_id="OAAAAA-BBBBB-CCCCCC")

    assert fault.fired == 0


async def test_a_cancel_from_elsewhere_crosses_the_amend_that_set_it_off(
    exchange: SimExchange, private: WsClient, token: str
) -> None:
    await private.call("add_order", **limit(token, cl_ord_id="mine"))
    exchange.faults.act_elsewhere("cancel", method="amend_order")

    answer = await private.call("amend_order", cl_ord_id="mine", order_qty=0.02, token=token)

    assert answer["error"] == "EOrder:Unknown order"


@pytest.mark.parametrize(
    ("qty", "words", "status", "cum_qty"),
    [
        (None, ["canceled", "trade", "filled"], "filled", "0.01"),
        ("0.004", ["canceled", "trade"], "canceled", "0.004"),
    ],
)
async def test_a_fill_is_reported_after_the_cancel(
    exchange: SimExchange,
    private: WsClient,
    token: str,
    qty: str | None,
    words: list[str],
    status: str,
    cum_qty: str,
) -> None:
    await private.call("add_order", **limit(token, cl_ord_id="mine"))
    await follow(private, token)
    before = exchange.engine.totals("BTC"), exchange.engine.totals("USD")
    exchange.faults.fill_after_cancel(qty, symbol="BTC/USD")

    answer = await private.call("cancel_order", cl_ord_id=["mine"], token=token)
    rows = await reports(private, len(words))

    assert answer["success"]
    assert [row["exec_type"] for row in rows] == words
    assert rows[1]["last_qty"] == rows[1]["cum_qty"] == Decimal(cum_qty)
    (order,) = exchange.truth().orders.values()
    assert (order.status, order.cum_qty) == (status, Decimal(cum_qty))
    assert sum(fill.qty for fill in exchange.truth().fills.values()) == order.cum_qty
    assert (exchange.engine.totals("BTC"), exchange.engine.totals("USD")) == before


async def test_a_plan_made_before_the_exchange_waits_for_it(clock: ManualClock) -> None:
    plan = FaultPlan(seed=1, clock=clock)
    fault = plan.status("maintenance")
    engine = Engine(now=clock.wall_ns, market=False)
    engine.open_account("main")

    async with SimExchange(clock=clock, engine=engine, faults=plan) as exchange:
        assert exchange.faults is plan
        assert (engine.status, fault.fired) == ("maintenance", 1)


async def test_a_plan_serves_one_exchange_only(exchange: SimExchange, clock: ManualClock) -> None:
    engine = Engine(now=clock.wall_ns, market=False)
    engine.open_account("main")
    second = SimExchange(clock=clock, engine=engine, faults=exchange.faults)

    with pytest.raises(RuntimeError, match="one exchange"):
        await second.__aenter__()
