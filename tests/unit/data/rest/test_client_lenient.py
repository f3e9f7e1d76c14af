"""REST answers of servers that follow the documentation loosely: nothing readable is refused over a type."""

import json
from decimal import Decimal

from core.domain.ids import Symbol
from core.runtime.clock import NS_PER_S
from tests.helpers.rest_calls import ADDED, BTC, deadline, documented, order
from tests.helpers.scripted_rest import Raw


async def test_no_error_may_be_told_as_null_or_left_out(rest, server, clock):
    for body in ({"error": None, "result": ADDED}, {"result": ADDED}):
        server.answers["AddOrder"] = Raw(body=json.dumps(body).encode())

        assert (await rest.add_order(order(), deadline(clock))).order_id == "OU22CG-KLAF2-FWUDD7"


async def test_what_an_order_has_not_may_be_null_and_its_prices_numbers(rest, server):
    orders = documented("OpenOrders")
    row = next(iter(orders["open"].values()))
    row |= dict.fromkeys(
        ("closetm", "expiretm", "starttm", "cost", "price", "cl_ord_id", "refid", "oflags", "misc")
    )
    row["descr"] |= {"price": 30010.1, "price2": None}
    body = json.dumps({"error": [], "result": orders}).replace("30010.1", "30010.10")
    server.answers["OpenOrders"] = Raw(body=body.encode())

    report = (await rest.open_orders())[0]

    assert str(report.limit_price) == "30010.10"
    assert (report.cum_cost, report.cl_ord_id, report.trigger) == (None, None, None)
    assert report.ts > 0


async def test_whole_numbers_may_have_a_point_or_be_text(rest, server):
    server.answers["OHLC"] = {"XXBTZUSD": [["1688671260", "1", "2", "1", "2", "1.5", "3", 18.0]], "last": 1}
    server.answers["Trades"] = {
        "XXBTZUSD": [["1.5", "2", 1688669597.25, "b", "m", "", "61044952"]],
        "last": "1",
    }
    server.answers["Time"] = {"unixtime": "1688669448", "rfc1123": ""}

    (candle,) = await rest.candles(BTC, 1)
    (trade,) = await rest.trades(BTC)

    assert (candle.begin, candle.trades) == (1688671260 * NS_PER_S, 18)
    assert (trade.trade_id, trade.price) == (61044952, Decimal("1.5"))
    assert await rest.server_time() == 1688669448 * NS_PER_S


async def test_a_key_may_say_nothing_about_what_is_not_set(rest, server):
    unset = dict.fromkeys(("nonceWindow", "ipAllowlist", "validUntil", "queryFrom", "queryTo", "iban"))
    server.answers["GetApiKeyInfo"] = {"permissions": ["query-funds"], **unset}

    told = await rest.key_info()

    assert (told.account, told.nonce_window, told.addresses, told.valid_until_s) == ("", 0, (), 0)


async def test_a_fill_may_have_no_number(rest, server):
    history = documented("TradesHistory")
    for row in history["trades"].values():
        row |= {"trade_id": None, "maker": None}
    server.answers["TradesHistory"] = history
    server.answers["Assets"], server.answers["AssetPairs"] = documented("Assets"), documented("AssetPairs")

    assert [fill.trade_id for fill in await rest.trades_history(0)] == [0] * len(history["trades"])


async def test_a_pair_that_rest_does_not_list_costs_the_others_no_answer(rest, server):
    server.answers["Assets"], server.answers["AssetPairs"] = documented("Assets"), documented("AssetPairs")
    server.answers["TradeVolume"] = documented("TradeVolume")
    server.answers["Ticker"] = documented("Ticker")
    unlisted = Symbol("NEW/USD")

    assert [rate.symbol for rate in await rest.trade_volume([unlisted, BTC])] == [BTC]
    assert [ticker.symbol for ticker in await rest.tickers([unlisted, BTC])] == [BTC]
    assert await rest.trade_volume([unlisted]) == []
    assert await rest.tickers([unlisted]) == []

    asked = [call.fields["pair"] for call in server.calls if call.name in ("TradeVolume", "Ticker")]
    assert asked == ["XBTUSD", "XBTUSD"]
