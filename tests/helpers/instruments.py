"""Pairs for tests."""

from decimal import Decimal

from core.domain.ids import Asset, Symbol
from core.domain.instrument import Instrument


def instrument(symbol="BTC/USD", *, price_precision=1, qty_precision=8, **more):
    """A pair whose grid is its last decimal, unless told otherwise."""
    base, quote = symbol.split("/")
    fields = {
        "price_increment": Decimal(1).scaleb(-price_precision),
        "qty_increment": Decimal(1).scaleb(-qty_precision),
        "qty_min": Decimal(1).scaleb(-qty_precision),
        "cost_precision": 5,
        "cost_min": Decimal("0.5"),
    }
    return Instrument(
        symbol=Symbol(symbol),
        base=Asset(base),
        quote=Asset(quote),
        price_precision=price_precision,
        qty_precision=qty_precision,
        **{**fields, **more},
    )
