"""What the tests of the REST client ask for: one key, one order, the documented answers."""

import json
from decimal import Decimal

from core.data.kraken.endpoints import Credentials
from core.domain.ids import ClOrdId, Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    OrderRequest,
    OrderType,
)
from core.runtime.clock import NS_PER_S
from core.runtime.secrets import Secret
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
