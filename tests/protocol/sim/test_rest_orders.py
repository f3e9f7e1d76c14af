"""REST's words about orders, where they are easily misread."""

from decimal import Decimal

from core.sim.exchange import SimExchange
from tests.protocol.sim.clients import RestClient


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
