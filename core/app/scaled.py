"""Scaled orders: one quantity spread over many limit prices. Pure. Exact: the legs add up to the last digit.

Prices are spaced evenly and put on the tick grid in the direction safe for the user. Quantities follow the weights
as closely as whole lots allow, the largest remainders first.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

import msgspec

from core.app.executor import BATCH_MAX
from core.app.ticket import FieldError, TicketError, TicketFields, build, parse_decimal
from core.domain.ids import ClOrdId
from core.domain.instrument import Instrument, Side
from core.domain.orders import OrderRequest, OrderType

LEAST_COUNT, MOST_COUNT = 2, 60
MOST_SKEW = Decimal(1000)
_WIDE = Context(prec=60)


class Distribution(StrEnum):
    """How quantities run from the first price to the last."""

    FLAT = "flat"
    LINEAR = "linear"
    GEOMETRIC = "geometric"


class ScaledFields(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly what stands in the form. ``skew``: how many times the first leg's quantity the last one has."""

    side: Side = Side.BUY
    qty: str = ""
    count: int = 10
    first: str = ""
    last: str = ""
    distribution: Distribution = Distribution.FLAT
    skew: str = "3"
    post_only: bool = True
    reduce_only: bool = False


class Leg(msgspec.Struct, frozen=True):
    """One order of the scale: price in quote, quantity in base."""

    price: Decimal
    qty: Decimal


def plan(fields: ScaledFields, instrument: Instrument) -> list[Leg]:
    """Return the legs, from the first price to the last. Raises TicketError with what does not fit."""
    errors: list[FieldError] = []
    qty = _number("qty", fields.qty, "quantity", errors)
    first, last = (_number(name, getattr(fields, name), "price", errors) for name in ("first", "last"))
    skew = _number("skew", fields.skew, "ratio", errors) if _is_skewed(fields) else Decimal(1)
    if not LEAST_COUNT <= fields.count <= MOST_COUNT:
        errors.append(FieldError("count", f"A scale has {LEAST_COUNT} to {MOST_COUNT} orders."))
    if skew is not None and not 1 / MOST_SKEW <= skew <= MOST_SKEW:
        errors.append(
            FieldError("skew", f"The last order has at most {MOST_SKEW} times the first's quantity.")
        )
    if qty is not None and not instrument.on_qty_grid(qty):
        nearest = f"{instrument.quantize_qty(qty).normalize():f}"
        step = f"{instrument.qty_increment.normalize():f}"
        errors.append(FieldError("qty", f"The quantity must be a multiple of {step}.", nearest))
    for name, price in (("first", first), ("last", last)):
        if price is not None and not instrument.on_price_grid(price):
            nearest = f"{instrument.quantize_price(price, fields.side):f}"
            errors.append(FieldError(name, f"{price:f} is not on the price grid.", nearest))
    if errors:
        raise TicketError(errors)
    assert qty is not None, "told above"
    assert first is not None, "told above"
    assert last is not None, "told above"
    assert skew is not None, "told above"
    prices = _prices(fields, instrument, first, last)
    legs = [Leg(*leg) for leg in zip(prices, _quantities(fields, instrument, qty, skew), strict=True)]
    _check_minima(legs, instrument)
    return legs


def requests(
    fields: ScaledFields, legs: Sequence[Leg], instrument: Instrument, now_ns: int
) -> list[OrderRequest]:
    """Return one limit order a leg, each under an id of its own. ``now_ns`` is exchange time, ns UTC."""
    return [
        build(
            TicketFields(
                side=fields.side,
                order_type=OrderType.LIMIT,
                qty=f"{leg.qty:f}",
                limit_price=f"{leg.price:f}",
                post_only=fields.post_only,
                reduce_only=fields.reduce_only,
            ),
            instrument,
            now_ns,
        )
        for leg in legs
    ]


def lots(orders: Sequence[OrderRequest]) -> list[list[OrderRequest]]:
    """Return the orders in as few batches as the exchange allows, none of them with a single order."""
    count = -(-len(orders) // BATCH_MAX)
    bounds = [len(orders) * at // count for at in range(count + 1)]
    return [list(orders[low:high]) for low, high in pairwise(bounds)]


GROUPED_KEPT = 5_000
"""Orders whose groups are remembered; the oldest groups go first, and their orders are cancelled one by one then."""


class OrderGroups:
    """Which orders were sent together, so that they can be cancelled together. In memory: a restart forgets."""

    def __init__(self) -> None:
        self._by_id: dict[ClOrdId, frozenset[ClOrdId]] = {}

    def add(self, orders: Sequence[OrderRequest]) -> None:
        """Remember these orders as one group."""
        group = frozenset(order.cl_ord_id for order in orders)
        self._by_id |= dict.fromkeys(group, group)
        while len(self._by_id) > GROUPED_KEPT:
            for cl_ord_id in next(iter(self._by_id.values())):
                self._by_id.pop(cl_ord_id, None)

    def of(self, cl_ord_id: ClOrdId | None) -> frozenset[ClOrdId]:
        """Return the ids of an order's group, itself included; empty when it has none."""
        return self._by_id.get(cl_ord_id, frozenset()) if cl_ord_id is not None else frozenset()


def _is_skewed(fields: ScaledFields) -> bool:
    return fields.distribution is not Distribution.FLAT


def _number(field: str, text: str, name: str, errors: list[FieldError]) -> Decimal | None:
    value = parse_decimal(text)
    if value is None or value <= 0:
        errors.append(
            FieldError(field, f"Enter a {name}." if not text.strip() else f"{text!r} is not a {name}.")
        )
        return None
    return value


def _prices(fields: ScaledFields, instrument: Instrument, first: Decimal, last: Decimal) -> list[Decimal]:
    steps, width = fields.count - 1, last - first
    exact = [_WIDE.divide(_WIDE.multiply(width, at), steps) for at in range(fields.count)]
    inner = [instrument.quantize_price(_WIDE.add(first, away), fields.side) for away in exact[1:-1]]
    prices = [instrument.show_price(first), *inner, instrument.show_price(last)]
    if len(set(prices)) < len(prices):
        ticks = int(abs(width) / instrument.price_increment)
        text = f"{fields.count} orders do not fit on {ticks} ticks."
        raise TicketError([FieldError("count", text, str(ticks + 1) if ticks else "")])
    return prices


def _quantities(fields: ScaledFields, instrument: Instrument, qty: Decimal, skew: Decimal) -> list[Decimal]:
    whole = int(_WIDE.divide(qty, instrument.qty_increment))
    weights = _weights(fields.distribution, fields.count, skew)
    shares = [whole * weight / sum(weights) for weight in weights]
    found = [int(share) for share in shares]
    by_rest = sorted(range(fields.count), key=lambda at: (found[at] - shares[at], at))
    for at in by_rest[: whole - sum(found)]:
        found[at] += 1
    digits = Decimal(1).scaleb(-instrument.qty_precision)
    return [(share * instrument.qty_increment).quantize(digits, context=_WIDE) for share in found]


def _weights(distribution: Distribution, count: int, skew: Decimal) -> list[Fraction]:
    last = Fraction(skew)
    if distribution is Distribution.GEOMETRIC:
        grown = (_WIDE.power(skew, _WIDE.divide(Decimal(at), Decimal(count - 1))) for at in range(count))
        return [Fraction(weight) for weight in grown]
    return [1 + (last - 1) * at / (count - 1) for at in range(count)]


def _check_minima(legs: Sequence[Leg], instrument: Instrument) -> None:
    for number, leg in enumerate(legs, 1):
        if leg.qty < instrument.qty_min:
            least = f"{instrument.qty_min.normalize():f} {instrument.base}"
            text = f"Order {number} would have {leg.qty.normalize():f}; the least is {least}."
            raise TicketError([FieldError("qty", text)])
        if leg.qty * leg.price < instrument.cost_min:
            least = f"{instrument.cost_min.normalize():f} {instrument.quote}"
            text = (
                f"Order {number} would be worth {(leg.qty * leg.price).normalize():f}; the least is {least}."
            )
            raise TicketError([FieldError("qty", text)])
