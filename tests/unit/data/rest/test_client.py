from decimal import Decimal

import pytest

from core.data.kraken.signing import sign
from core.domain.errors import OutcomeUnknown
from core.domain.ids import OrderId
from core.domain.instrument import Side
from core.domain.orders import (
    OrderStatus,
    Trigger,
)
from core.domain.times import parse_ns
from core.runtime.clock import NS_PER_S
from tests.helpers.rest_calls import BTC, KEY, OWN_ID, documented
from tests.helpers.scripted_rest import Raw
from tests.protocol.fixtures import frames


async def test_a_signed_call_carries_key_nonce_and_a_signature_over_the_bytes_sent(rest, server, clock):
    server.answers["GetWebSocketsToken"] = {"token": "t", "expires": 900}

    assert await rest.websockets_token() == "t"

    (call,) = server.calls
    nonce = int(call.fields["nonce"])
    assert nonce == clock.wall_ns()
    assert call.headers["api-key"] == "the key"
    assert call.headers["api-sign"] == sign("/0/private/GetWebSocketsToken", nonce, call.body, KEY.secret)


async def test_the_exchanges_clock_and_state_are_read(rest, server):
    server.answers["Time"] = documented("Time")

    assert await rest.server_time() == 1688669448 * NS_PER_S
    assert await rest.system_status() == "online"


async def test_candles_come_oldest_first_with_exact_numbers(rest, server):
    server.answers["OHLC"] = Raw(body=frames("rest_OHLC")[0].encode())

    candles = await rest.candles(BTC, 1)

    assert [candle.begin // NS_PER_S for candle in candles] == [
        1688671200,
        1688671260,
        1688671320,
        1688671380,
    ]
    assert str(candles[0].open) == "30306.14242424242"
    assert server.calls[0].fields == {"pair": "BTC/USD", "interval": "1"}


async def test_a_book_is_told_with_exact_numbers_and_without_empty_levels(rest, server):
    server.answers["Depth"] = Raw(body=frames("rest_Depth")[0].encode())

    told = await rest.depth(BTC, 100)

    assert [str(number) for number in told.asks[0]] == ["30384.10000", "2.059"]
    assert told.bids[0][0] < told.asks[0][0]
    assert server.calls[-1].fields == {"pair": "XBTUSD", "count": "100"}
    server.answers["Depth"] = Raw(
        body=b'{"error":[],"result":{"XXBTZUSD":{"asks":[["2","0.000",1]],"bids":[]}}}'
    )
    assert (await rest.depth(BTC, 100)).asks == ()


@pytest.mark.parametrize(
    "result",
    ["{}", '{"XETHZUSD":{"asks":[],"bids":[]}}', '{"XXBTZUSD":{"asks":[["-1","1",1]],"bids":[]}}', "[]"],
)
async def test_a_book_that_is_none_is_no_answer(rest, server, result):
    server.answers["Depth"] = Raw(body=f'{{"error":[],"result":{result}}}'.encode())

    with pytest.raises(OutcomeUnknown):
        await rest.depth(BTC, 100)


async def test_public_prints_keep_nanoseconds(rest, server):
    server.answers["Trades"] = Raw(body=frames("rest_Trades")[0].encode())

    trades = await rest.trades(BTC)

    assert [trade.trade_id for trade in trades] == [61044952, 61044953, 61044956]
    assert trades[0].side is Side.BUY
    assert trades[0].ts == 1688669597827736900


async def test_open_orders_become_reports(rest, server):
    server.answers["OpenOrders"] = documented("OpenOrders")

    reports = {report.order_id: report for report in await rest.open_orders()}

    first = reports[OrderId("OQCLML-BW3P3-BUCMWZ")]
    assert first.symbol == BTC
    assert first.status is OrderStatus.PARTIALLY_FILLED
    assert (first.qty, first.cum_qty, first.limit_price) == (
        Decimal("1.25"),
        Decimal("0.375"),
        Decimal("30010.0"),
    )
    assert first.ts == 1688666559897400000


async def test_finished_orders_tell_how_they_ended(rest, server):
    server.answers["ClosedOrders"] = documented("ClosedOrders")
    server.answers["QueryOrders"] = documented("QueryOrders")

    closed = await rest.closed_orders(OWN_ID, parse_ns("2026-01-01T00:00:00Z"))
    queried = await rest.query_orders([OrderId("OBCMZD-JIEE7-77TH3F")])

    assert (closed[0].status, closed[0].reason) == (OrderStatus.CANCELED, "User requested")
    assert closed[0].trigger == Trigger(Decimal("23667.0"), "static", "index")
    assert closed[0].symbol is None  # XBTGBP is not in the documented pair table
    assert queried[0].status is OrderStatus.FILLED
    assert queried[0].cum_qty == Decimal("1.25")
    call = next(call for call in server.calls if call.name == "ClosedOrders")
    assert call.fields["cl_ord_id"] == OWN_ID
    assert call.fields["start"] == str(parse_ns("2026-01-01T00:00:00Z") // NS_PER_S - 1)


async def test_fills_are_fetched_page_after_page(rest, server, clock):
    row = documented("TradesHistory")["trades"]["THVRQM-33VKH-UCI7BS"]
    rows = {f"T{n:05}": row for n in range(70)}

    def page(call):
        start = int(call.fields["ofs"])
        return {"trades": dict(list(rows.items())[start : start + 50])}

    server.answers["TradesHistory"] = page
    rest.told_rate_count(180)
    fills = await rest.trades_history(clock.wall_ns())

    assert [fill.exec_id for fill in fills] == list(rows)
    assert (fills[0].qty, fills[0].price, fills[0].order_id) == (
        Decimal("0.02"),
        Decimal("30010"),
        "OQCLML-BW3P3-BUCMWZ",
    )
    assert all(call.fields["consolidate_taker"] == "false" for call in server.calls if "ofs" in call.fields)


@pytest.mark.parametrize("quoted", [True, False])
async def test_balances_come_as_text_or_as_numbers(rest, server, quoted):
    text = frames("rest_BalanceEx")[0]
    server.answers["BalanceEx"] = documented("BalanceEx") if quoted else Raw(body=text.encode())

    holdings = {holding.asset: holding for holding in await rest.balances()}

    assert (holdings["USD"].total, holdings["USD"].held) == (Decimal("25435.21"), Decimal("8249.76"))
    assert holdings["BTC"].total == Decimal("1.2435")


async def test_fees_are_fractions(rest, server):
    server.answers["TradeVolume"] = documented("TradeVolume")

    (rate,) = await rest.trade_volume([BTC])

    assert (rate.symbol, rate.taker, rate.maker) == (BTC, Decimal("0.001"), Decimal(0))
