from decimal import Decimal

import pytest

from core.domain.errors import NotSent, Refused
from core.domain.ids import OrderId
from core.domain.orders import (
    AmendRequest,
    CancelAllAfterRequest,
    CancelAllRequest,
    CancelRequest,
    Conditional,
    OrderStatus,
    OrderType,
    TimeInForce,
    Trigger,
)
from core.domain.times import parse_ns
from core.runtime.clock import NS_PER_S
from tests.helpers.rest_calls import ADDED, BTC, OWN_ID, deadline, documented, order
from tests.helpers.scripted_rest import Raw
from tests.protocol.fixtures import frames


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


@pytest.mark.parametrize(
    ("vol_exec", "price", "at_least", "at_most"),
    [
        ("99.99998", "30303.2", "0.0032999", "0.0033"),
        ("0.00330000", "30303.2", "0.0033", "0.0033"),
        ("0.00000000", "0", "0", "0"),
        ("99.99998", "0", "0", "0"),
    ],
)
async def test_what_an_order_for_an_amount_of_money_executed_is_told_in_base(
    rest, server, vol_exec, price, at_least, at_most
):
    orders = documented("OpenOrders")
    row = next(iter(orders["open"].values()))
    row |= {"vol": "100.00000000", "vol_exec": vol_exec, "oflags": "fciq,viqc", "price": price}
    row["cost"] = "100.00056" if vol_exec.startswith("0.0033") else vol_exec
    server.answers["OpenOrders"] = orders

    report = (await rest.open_orders())[0]

    assert report.cash_qty == 100
    assert report.qty is None
    assert Decimal(at_least) <= report.cum_qty <= Decimal(at_most)


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
