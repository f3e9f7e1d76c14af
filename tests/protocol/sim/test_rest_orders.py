"""REST's words about orders, where they are easily misread."""

from decimal import Decimal

import pytest

from core.runtime.clock import ManualClock
from core.sim.exchange import SimExchange
from tests.protocol.sim.clients import RestClient, WsClient


async def test_an_order_for_an_amount_of_money_tells_its_volumes_in_that_money(
    exchange: SimExchange, rest: RestClient
) -> None:
    placed = await rest.private(
        "AddOrder", ordertype="market", type="buy", volume="100", pair="XBTUSD", oflags="viqc"
    )
    (txid,) = placed["result"]["txid"]
    (order,) = (await rest.private("QueryOrders", txid=txid))["result"].values()

    assert placed["result"]["descr"]["order"] == "buy 100.00000000 XBTUSD @ market"
    assert order["vol"] == "100.00000000"
    assert Decimal(order["vol_exec"]) == Decimal(order["cost"]) > 99
    assert "viqc" in order["oflags"]


LEG = {"ordertype": "limit", "type": "buy", "volume": "0.01", "price": "25000"}
OWN_ID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"


async def test_a_batch_that_is_only_validated_answers_row_by_row_without_ids(
    rest: RestClient, private: WsClient, token: str
) -> None:
    asked = await rest.private_json("AddOrderBatch", pair="XBTUSD", orders=[LEG, LEG], validate=True)
    leg = {"order_type": "limit", "side": "buy", "order_qty": 0.01, "limit_price": 25000.0}
    legs = [leg | {"cl_ord_id": OWN_ID}, leg]
    told = await private.call("batch_add", symbol="BTC/USD", orders=legs, validate=True, token=token)

    words = {"descr": {"order": "buy 0.01000000 XBTUSD @ limit 25000.0"}}
    assert asked["result"] == {"orders": [words, words]}
    assert (told["success"], told["result"]) == (True, [{"cl_ord_id": OWN_ID}, {}])
    assert (await rest.private("OpenOrders"))["result"]["open"] == {}


async def test_the_case_of_a_client_id_does_not_matter_to_any_call(rest: RestClient) -> None:
    placed = await rest.private("AddOrder", pair="XBTUSD", **LEG, cl_ord_id=OWN_ID)
    (txid,) = placed["result"]["txid"]
    loud = {"cl_ord_id": OWN_ID.upper()}

    assert list((await rest.private("OpenOrders", **loud))["result"]["open"]) == [txid]
    assert (await rest.private("AmendOrder", **loud, limit_price="25001"))["result"]["amend_id"]
    assert (await rest.private("CancelOrder", **loud))["result"] == {"count": 1}
    assert list((await rest.private("ClosedOrders", **loud))["result"]["closed"]) == [txid]
    assert list((await rest.private("QueryOrders", txid=txid, **loud))["result"]) == [txid]


async def test_fees_may_be_asked_for_by_objects_that_name_the_pair(rest: RestClient) -> None:
    answer = await rest.private_json("TradeVolume", pair=[{"asset": "XBTUSD", "aclass": "forex"}])

    assert list(answer["result"]["fees"]) == ["XXBTZUSD"]


async def test_history_knows_which_trades_are_of_positions(exchange: SimExchange, rest: RestClient) -> None:
    await rest.private("AddOrder", ordertype="market", type="buy", volume="0.01", pair="XBTUSD")

    counts = [
        (await rest.private("TradesHistory", type=kind))["result"]["count"]
        for kind in ("all", "no position", "any position", "closing position")
    ]
    refused = await rest.private("TradesHistory", type="some")

    assert counts == [1, 1, 0, 0]
    assert refused["error"] == ["EGeneral:Invalid arguments:type"]


async def test_a_part_of_what_is_known_of_a_pair_may_be_asked_for(rest: RestClient) -> None:
    told = {
        info: set((await rest.public("AssetPairs", pair="XBTUSD", info=info))["result"]["XXBTZUSD"])
        for info in ("info", "leverage", "fees", "margin")
    }

    assert told["leverage"] == {"leverage_buy", "leverage_sell"}
    assert told["fees"] == {"fees", "fees_maker", "fee_volume_currency"}
    assert told["margin"] == {"margin_call", "margin_stop"}
    assert told["info"] > told["leverage"] | told["fees"] | told["margin"]
    assert (await rest.public("AssetPairs", info="all"))["error"] == ["EGeneral:Invalid arguments:info"]


async def test_fields_left_empty_say_nothing(rest: RestClient) -> None:
    empty = dict.fromkeys(
        ("cl_ord_id", "userref", "oflags", "displayvol", "price2", "leverage", "trigger"), ""
    )
    unset = {"starttm": "0", "expiretm": "0"}

    placed = await rest.private("AddOrder", pair="XBTUSD", **LEG, **empty, **unset)

    assert placed["error"] == []


@pytest.mark.parametrize(
    ("said", "accepted"), [({}, True), ({"timeinforce": "GTD"}, True), ({"timeinforce": "GTC"}, False)]
)
async def test_who_only_says_when_an_order_expires_means_that(
    exchange: SimExchange, clock: ManualClock, rest: RestClient, said: dict[str, str], accepted: bool
) -> None:
    placed = await rest.private("AddOrder", pair="XBTUSD", **LEG, expiretm="+60", **said)
    clock.advance(s=61)
    exchange.engine.advance()

    assert (placed["error"] == []) is accepted
    closed = (await rest.private("ClosedOrders"))["result"]["closed"].values()
    assert [row["status"] for row in closed] == ["expired"] * accepted


async def test_orders_to_cancel_may_be_named_by_objects(rest: RestClient) -> None:
    placed = [await rest.private("AddOrder", pair="XBTUSD", **LEG) for _ in range(2)]
    txids = [{"txid": one["result"]["txid"][0]} for one in placed]

    assert (await rest.private_json("CancelOrderBatch", orders=txids))["result"] == {"count": 2}
