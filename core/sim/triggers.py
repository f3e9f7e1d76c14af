"""Prices at which waiting orders wake: stop-loss, take-profit and trailing stops.

Pure arithmetic on an order and a reference price. Source: Kraken "Add order", ``triggers``.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from core.sim.checks import TRAILING_TYPES
from core.sim.model import OrderSpec, PairSpec, SimOrder


def on_grid(price: Decimal, pair: PairSpec) -> Decimal:
    """The nearest price on the pair's grid, at least one step."""
    steps = (price / pair.price_increment).quantize(Decimal(1), ROUND_HALF_EVEN)
    return max(steps, Decimal(1)) * pair.price_increment


def shifted(price: Decimal, offset: Decimal, kind: str) -> Decimal:
    """A price moved by an offset: percent for ``pct``, quote units for ``quote``."""
    return price * (1 + offset / 100) if kind == "pct" else price + offset


def wakes_above(spec: OrderSpec) -> bool:
    """Whether the order wakes when the price rises to the trigger (otherwise when it falls)."""
    if spec.order_type.startswith("take-profit"):
        return spec.side == "sell"
    return spec.side == "buy"


def arm(order: SimOrder, pair: PairSpec, reference: Decimal) -> None:
    """Set the trigger (and the limit that hangs on it) of a new order from the current reference price."""
    triggers = order.spec.triggers
    assert triggers is not None
    if order.spec.order_type in TRAILING_TYPES:
        order.peak_price = reference
        trail(order, pair, reference)
        return
    if triggers.price_type == "static":
        order.trigger_price = triggers.price
    else:
        order.trigger_price = on_grid(shifted(reference, triggers.price, triggers.price_type), pair)
    hang_limit(order, pair)


def trail(order: SimOrder, pair: PairSpec, reference: Decimal) -> bool:
    """Follow the price with a trailing stop; whether the trigger moved."""
    triggers = order.spec.triggers
    assert triggers is not None
    sells = order.spec.side == "sell"
    peak = order.peak_price if order.peak_price is not None else reference
    order.peak_price = max(peak, reference) if sells else min(peak, reference)
    away = -triggers.price if sells else triggers.price
    moved = on_grid(shifted(order.peak_price, away, triggers.price_type), pair)
    if moved == order.trigger_price:
        return False
    order.trigger_price = moved
    hang_limit(order, pair)
    return True


def hang_limit(order: SimOrder, pair: PairSpec) -> None:
    """Place a relative limit price at its distance from the trigger."""
    spec = order.spec
    if spec.limit_price is None or order.trigger_price is None:
        return
    if spec.order_type in TRAILING_TYPES or spec.limit_price_type != "static":
        kind = "quote" if spec.limit_price_type == "static" else spec.limit_price_type
        order.limit_price = on_grid(shifted(order.trigger_price, spec.limit_price, kind), pair)


def is_reached(order: SimOrder, reference: Decimal) -> bool:
    """Whether the reference price has reached the trigger."""
    assert order.trigger_price is not None
    if wakes_above(order.spec):
        return reference >= order.trigger_price
    return reference <= order.trigger_price
