import asyncio
import json
from decimal import Decimal

import msgspec
import pytest

from core.data.kraken.endpoints import Credentials
from core.data.kraken.signing import sign
from core.data.rest.client import RestClient
from core.domain.errors import NotSent, OutcomeUnknown, Refused, StartError
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    AmendRequest,
    CancelAllAfterRequest,
    CancelAllRequest,
    CancelRequest,
    Conditional,
    OrderRequest,
    OrderStatus,
    OrderType,
    TimeInForce,
    Trigger,
)
from core.domain.times import parse_ns
from core.runtime.clock import NS_PER_S, ManualClock
from core.runtime.secrets import Secret
from tests.helpers.scripted_rest import Raw, scripted_rest
from tests.helpers.waiting import eventually
from tests.protocol.fixtures import frames

BTC = Symbol("BTC/USD")
KEY = Credentials(
    Secret("the key"),
    Secret("kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="),
)
OWN_ID = ClOrdId("6d1b345e-2821-40e2-ad83-4ecb18a06876")
ADDED = {"txid": ["OU22CG-KLAF2-FWUDD7"], "descr": {"order": "buy 1.25 XBTUSD @ limit 27500.0"}}


def documented(name):
    return json.loads(frames(f"rest_{name}")[0], parse_float=str)["result"]


@pytest.fixture
async def server():
    async with scripted_rest() as server:
        server.answers["SystemStatus"] = {"status": "online", "timestamp": "2023-07-06T18:52:00Z"}
        server.answers["Assets"] = documented("Assets")
        server.answers["AssetPairs"] = documented("AssetPairs")
        yield server


@pytest.fixture
async def clock():
    return ManualClock()


@pytest.fixture
async def rest(server, clock):
    client = RestClient(server.endpoints, KEY, clock, seed=1)
    yield client
    await client.close()


def order(**fields):
    plain = {
        "cl_ord_id": OWN_ID,
        "symbol": BTC,
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "qty": Decimal("1.25"),
        "limit_price": Decimal(27500),
    }
    return OrderRequest(**{**plain, **fields})


def deadline(clock):
    return clock.wall_ns() + 5 * NS_PER_S


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


async def test_an_order_is_placed_in_rests_words(rest, server, clock):
    server.answers["AddOrder"] = ADDED

    report = await rest.add_order(order(post_only=True), deadline(clock))

    assert (report.order_id, report.cl_ord_id) == ("OU22CG-KLAF2-FWUDD7", OWN_ID)
    assert report.status is OrderStatus.PENDING_NEW
    fields = {key: value for key, value in server.calls[0].fields.items() if key != "nonce"}
    assert fields == {
        "ordertype": "limit",
        "type": "buy",
        "volume": "1.25",
        "pair": "BTC/USD",
        "price": "27500",
        "oflags": "post",
        "cl_ord_id": OWN_ID,
        "deadline": "2026-01-01T00:00:05.000Z",
    }


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (
            {
                "order_type": OrderType.STOP_LOSS_LIMIT,
                "trigger": Trigger(Decimal("26000.5"), "static", "index"),
                "limit_price": Decimal(25990),
            },
            {"price": "26000.5", "price2": "25990", "trigger": "index"},
        ),
        (
            {
                "order_type": OrderType.STOP_LOSS,
                "trigger": Trigger(Decimal("-2.0"), "pct"),
                "limit_price": None,
            },
            {"price": "-2.0%"},
        ),
        (
            {
                "order_type": OrderType.TRAILING_STOP_LIMIT,
                "trigger": Trigger(Decimal(50), "quote"),
                "limit_price": Decimal(-5),
            },
            {"price": "+50", "price2": "-5"},
        ),
        (
            {"order_type": OrderType.MARKET, "qty": None, "cash_qty": Decimal(100), "limit_price": None},
            {"volume": "100", "oflags": "viqc"},
        ),
        (
            {"time_in_force": TimeInForce.GTD, "expire_ns": 1_800_000_000 * NS_PER_S},
            {"timeinforce": "GTD", "expiretm": "1800000000"},
        ),
        (
            {"stp_type": "cancel_oldest", "fee_preference": "base", "reduce_only": True},
            {"stptype": "cancel-oldest", "oflags": "fcib", "reduce_only": "true"},
        ),
        (
            {
                "order_type": OrderType.ICEBERG,
                "display_qty": Decimal("0.1"),
                "effective_ns": 1_800_000_000 * NS_PER_S,
            },
            {"displayvol": "0.1", "starttm": "1800000000"},
        ),
        (
            {
                "conditional": Conditional(
                    order_type=OrderType.STOP_LOSS_LIMIT,
                    trigger_price=Decimal(22000),
                    limit_price=Decimal(21000),
                )
            },
            {"close[ordertype]": "stop-loss-limit", "close[price]": "22000", "close[price2]": "21000"},
        ),
        (
            {"conditional": Conditional(order_type=OrderType.LIMIT, limit_price=Decimal(30000))},
            {"close[ordertype]": "limit", "close[price]": "30000", "close[price2]": None},
        ),
    ],
)
async def test_every_kind_of_order_finds_its_fields(rest, server, clock, fields, wanted):
    server.answers["AddOrder"] = ADDED

    await rest.add_order(order(**fields), deadline(clock))

    sent = server.calls[0].fields
    assert {key: sent.get(key) for key in wanted} == wanted


async def test_amend_and_cancel_name_the_order(rest, server, clock):
    server.answers["AmendOrder"] = {"amend_id": "TTW6PD-RC36L-ZZSWNU"}
    server.answers["CancelOrder"] = {"count": 1}
    server.answers["CancelAll"] = {"count": 4}
    server.answers["CancelAllOrdersAfter"] = documented("CancelAllOrdersAfter")
    amend = AmendRequest(
        order_id=OrderId("O1"), limit_price=Decimal("690795"), qty=Decimal("1.25"), post_only=True
    )

    assert await rest.amend_order(amend, deadline(clock)) == "TTW6PD-RC36L-ZZSWNU"
    await rest.cancel_order(CancelRequest(cl_ord_id=OWN_ID))
    assert await rest.cancel_all(CancelAllRequest()) == 4
    assert await rest.cancel_all_after(CancelAllAfterRequest(60)) == parse_ns("2023-03-24T17:42:56Z")

    sent = [{key: value for key, value in call.fields.items() if key != "nonce"} for call in server.calls]
    assert sent[0] == {
        "txid": "O1",
        "order_qty": "1.25",
        "limit_price": "690795",
        "post_only": "true",
        "deadline": "2026-01-01T00:00:05.000Z",
    }
    assert sent[1:] == [{"cl_ord_id": OWN_ID}, {}, {"timeout": "60"}]


async def test_a_cancel_without_an_id_is_not_sent(rest, server):
    with pytest.raises(NotSent):
        await rest.cancel_order(CancelRequest())

    assert server.calls == []


async def test_a_relative_or_absent_price_is_told_as_none(rest, server):
    orders = documented("OpenOrders")
    row = next(iter(orders["open"].values()))
    for price in ("+5%", "#10", "0", "NaN"):
        row["descr"]["price"] = price
        server.answers["OpenOrders"] = orders

        assert (await rest.open_orders())[0].limit_price is None


async def test_history_may_be_asked_for_from_a_moment_on(rest, server, clock):
    server.answers["OHLC"] = Raw(body=frames("rest_OHLC")[0].encode())
    server.answers["Trades"] = Raw(body=frames("rest_Trades")[0].encode())

    await rest.candles(BTC, 1, since_ns=5 * NS_PER_S)
    await rest.trades(BTC, since_ns=7)

    assert [call.fields["since"] for call in server.calls] == ["5", "7"]


async def test_a_cancel_that_found_nothing_is_a_refusal(rest, server):
    server.answers["CancelOrder"] = {"count": 0}

    with pytest.raises(Refused, match="Unknown order"):
        await rest.cancel_order(CancelRequest(order_id=OrderId("O1")))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (["EOrder:Insufficient funds"], Refused),
        (["EGeneral: Invalid arguments: volume"], Refused),
        (["WGeneral:Danger", "EOrder:Insufficient funds"], Refused),
        (["EGeneral:Invalid arguments:cl_ord_id not unique"], OutcomeUnknown),
        (["EService:Unavailable"], OutcomeUnknown),
        (["EService:Deadline elapsed"], OutcomeUnknown),
        (["EGeneral:Internal error:7"], OutcomeUnknown),
        (["EWhatever:New"], OutcomeUnknown),
        (Raw(502, b"<html>Bad gateway</html>"), OutcomeUnknown),
        (Raw(520, b""), OutcomeUnknown),
        (Raw(200, b"<html>Just a moment</html>"), OutcomeUnknown),
        (Raw(200, b'{"error":[],"resul'), OutcomeUnknown),
        (Raw(200, b'{"error":[]}'), OutcomeUnknown),
        (Raw(200, b'{"error":[],"result":{}}'), OutcomeUnknown),
        (Raw(200, b'{"error":[],"result":{"txid":5}}'), OutcomeUnknown),
        (Raw(200, b"[" * 100_000), OutcomeUnknown),
        (Raw(429, b"error code: 1015"), OutcomeUnknown),
        (Raw(403, b"<html>blocked</html>"), Refused),
        (Raw(0), OutcomeUnknown),
    ],
    ids=str,
)
async def test_every_answer_to_an_order_ends_as_what_it_proves(rest, server, clock, answer, kind):
    server.answers["AddOrder"] = answer

    with pytest.raises((NotSent, Refused, OutcomeUnknown)) as outcome:
        await rest.add_order(order(), deadline(clock))

    assert type(outcome.value) is kind
    assert server.names() == ["AddOrder"]


async def test_a_warning_beside_a_result_is_no_failure(rest, server, clock):
    body = json.dumps({"error": ["WGeneral:Careful"], "result": ADDED}).encode()
    server.answers["AddOrder"] = Raw(body=body)

    assert (await rest.add_order(order(), deadline(clock))).order_id == "OU22CG-KLAF2-FWUDD7"


async def test_nobody_at_the_door_means_nothing_was_sent(clock, server):
    nobody = msgspec.structs.replace(server.endpoints, private_rest="http://127.0.0.1:9")
    rest = RestClient(nobody, KEY, clock)

    with pytest.raises(NotSent, match="cannot connect"):
        await rest.add_order(order(), deadline(clock))
    await rest.close()


async def test_without_a_key_nothing_private_is_sent(server, clock):
    rest = RestClient(server.endpoints, None, clock)

    with pytest.raises(NotSent, match="no API key"):
        await rest.open_orders()
    await rest.close()


async def test_what_cannot_be_written_or_comes_too_late_is_not_sent(rest, server, clock):
    with pytest.raises(NotSent):
        await rest.add_order(order(qty=Decimal("NaN")), deadline(clock))
    with pytest.raises(NotSent, match="deadline"):
        await rest.add_order(order(), clock.wall_ns() + NS_PER_S)

    assert server.calls == []


async def test_a_stale_nonce_is_tried_once_more_and_then_blamed_on_another_program(rest, server, clock):
    refusals = [["EAPI:Invalid nonce"]]
    server.answers["AddOrder"] = lambda call: refusals.pop() if refusals else ADDED
    await rest.add_order(order(), deadline(clock))
    assert int(server.calls[1].fields["nonce"]) > int(server.calls[0].fields["nonce"])

    server.answers["AddOrder"] = ["EAPI:Invalid nonce"]
    with pytest.raises(Refused) as refusal:
        await rest.add_order(order(), deadline(clock))

    assert len(server.calls) == 4
    assert "Another program" in refusal.value.user_message


async def test_a_wrong_key_is_not_shown_twice_until_the_user_acts_but_cancels_pass(rest, server, clock):
    server.answers["AddOrder"] = ["EAPI:Invalid key"]
    server.answers["CancelOrder"] = {"count": 1}
    with pytest.raises(Refused):
        await rest.add_order(order(), deadline(clock))

    with pytest.raises(NotSent, match="stopped after"):
        await rest.websockets_token()
    await rest.cancel_order(CancelRequest(order_id=OrderId("O1")))
    rest.transport.unlatch()
    with pytest.raises(Refused):
        await rest.add_order(order(), deadline(clock))

    assert server.names() == ["AddOrder", "CancelOrder", "AddOrder"]


async def test_a_missing_permission_stops_that_call_alone(rest, server, clock):
    server.answers["GetWebSocketsToken"] = ["EGeneral:Permission denied"]
    server.answers["AddOrder"] = ADDED
    with pytest.raises(Refused):
        await rest.websockets_token()

    with pytest.raises(NotSent):
        await rest.websockets_token()

    assert (await rest.add_order(order(), deadline(clock))).order_id


async def test_a_lockout_ends_all_private_calls_for_fifteen_minutes(rest, server, clock):
    server.answers["GetWebSocketsToken"] = ["EGeneral:Temporary lockout"]
    with pytest.raises(Refused):
        await rest.websockets_token()

    server.answers["GetWebSocketsToken"] = {"token": "t"}
    clock.advance(s=14 * 60)
    with pytest.raises(NotSent, match="locked out"):
        await rest.websockets_token()
    clock.advance(s=61)

    assert await rest.websockets_token() == "t"


async def test_a_throttle_lasts_until_the_time_told(rest, server, clock):
    until = clock.wall_ns() // NS_PER_S + 40
    server.answers["GetWebSocketsToken"] = [f"EService:Throttled: {until}"]
    with pytest.raises(OutcomeUnknown):
        await rest.websockets_token()

    server.answers["GetWebSocketsToken"] = {"token": "t"}
    clock.advance(s=39)
    with pytest.raises(NotSent, match="throttled"):
        await rest.websockets_token()
    clock.advance(s=2)

    assert await rest.websockets_token() == "t"


async def test_a_failing_service_is_left_alone_then_probed_with_a_question_never_with_an_order(
    rest, server, clock
):
    server.answers["AddOrder"] = Raw(503, b"busy")
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            await rest.add_order(order(), deadline(clock))
    with pytest.raises(NotSent, match="REST is failing"):
        await rest.add_order(order(), deadline(clock))
    server.answers["CancelOrder"] = {"count": 1}
    await rest.cancel_order(CancelRequest(order_id=OrderId("O1")))
    server.calls.clear()

    clock.advance(s=13)
    server.answers["AddOrder"] = ADDED
    await rest.add_order(order(), deadline(clock))

    assert server.names() == ["SystemStatus", "SystemStatus", "AddOrder"]


async def test_a_cancel_does_not_wait_for_a_slow_question_and_goes_before_waiting_ones(rest, server, clock):
    release = asyncio.Event()

    async def slow(call):
        await release.wait()
        return {"open": {}}

    server.answers["OpenOrders"] = slow
    server.answers["BalanceEx"] = {}
    server.answers["CancelOrder"] = {"count": 1}
    question = asyncio.create_task(rest.open_orders(), name="question")
    await eventually(lambda: "OpenOrders" in server.names())
    waiting = asyncio.create_task(rest.balances(), name="waiting")

    await rest.cancel_order(CancelRequest(order_id=OrderId("O1")))
    assert server.names()[-1] == "CancelOrder"
    release.set()
    await asyncio.gather(question, waiting)

    assert server.names()[-1] == "BalanceEx"


async def test_a_full_counter_makes_questions_wait_or_refuse_with_the_time(rest, server, clock):
    server.answers["GetWebSocketsToken"] = ["EAPI:Rate limit exceeded"]
    with pytest.raises(Refused):
        await rest.websockets_token()

    with pytest.raises(NotSent, match="too many private calls"):
        await rest.trade_volume([BTC])
    clock.advance(s=60)
    server.answers["TradeVolume"] = documented("TradeVolume")

    assert len(await rest.trade_volume([BTC])) == 1


@pytest.mark.parametrize("number", ["1e999999", "NaN", "9" * 60])
async def test_numbers_nobody_should_compute_with_make_the_answer_unreadable(rest, server, number):
    server.answers["BalanceEx"] = {"ZUSD": {"balance": number, "hold_trade": "0"}}

    with pytest.raises(OutcomeUnknown, match="unreadable"):
        await rest.balances()


async def test_a_key_signs_for_no_other_host(server, clock):
    elsewhere = msgspec.structs.replace(server.endpoints, private_rest="https://api.kraken.example")

    with pytest.raises(StartError):
        RestClient(elsewhere, KEY, clock)


async def test_a_redirect_is_not_followed(rest, server, clock):
    server.answers["AddOrder"] = Raw(302, b"")

    with pytest.raises(OutcomeUnknown):
        await rest.add_order(order(), deadline(clock))

    assert len(server.calls) == 1
