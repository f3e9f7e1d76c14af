"""What makes an order impossible whoever asks: its shape, the pair's grid, the venue's state, our own knowledge.

Each rule returns what it found; all of it blocks. Source: Kraken ``add_order``, ``instrument``, ``limits`` section 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.domain.instrument import Instrument, Side
from core.domain.limits import Finding, Reason, Severity
from core.domain.orders import OrderRequest, OrderType
from core.domain.times import NS
from core.processing.stores import Stores

MAX_CLOCK_UNCERTAINTY_NS = NS
"""Deadlines are written in exchange time; with a worse estimate they bound nothing (faults, section 7)."""


def block(reason: Reason, text: str, field: str = "", nearest: str = "") -> Finding:
    """Return what no consent helps against."""
    return Finding(reason, Severity.BLOCK, text, field, nearest)


def shape(request: OrderRequest) -> Iterator[Finding]:
    """Whether the fields make an order."""
    if (request.qty is None) == (request.cash_qty is None):
        yield block(Reason.SHAPE, "An order has a quantity in base or in quote currency, not both.", "qty")
    if request.cash_qty is not None and (request.order_type, request.side) != (OrderType.MARKET, Side.BUY):
        yield block(Reason.SHAPE, "A quantity in quote currency works for market buys only.", "qty")
    if (request.limit_price is None) == request.order_type.has_limit:
        yield block(Reason.SHAPE, "A limit price belongs to limit orders, and to those alone.", "limit_price")
    if (request.trigger is None) == request.order_type.has_trigger:
        text = "A trigger belongs to stop and target orders, and to those alone."
        yield block(Reason.SHAPE, text, "trigger_price")


def account(stores: Stores) -> Iterator[Finding]:
    """Whether we know well enough what the account owns and owes."""
    health = stores.health
    for why in health.locks.values():
        yield block(Reason.LOCKED, f"Locked: {why}.")
    if health.alarms:
        yield block(Reason.ACCOUNT, f"First look at the alarm: {health.alarms[0].text}.")
    if health.journal_failure:
        text = f"The journal cannot be written ({health.journal_failure}): no new orders."
        yield block(Reason.ACCOUNT, text)
    if health.account_doubt:
        yield block(Reason.ACCOUNT, f"The account is being checked ({health.account_doubt}): no new orders.")


def venue(request: OrderRequest, instrument: Instrument, stores: Stores) -> Iterator[Finding]:
    """Whether exchange and pair take such an order now."""
    system, symbol = stores.health.system, request.symbol
    if system in ("maintenance", "cancel_only"):
        yield block(Reason.VENUE, f"The exchange is in {system} mode: no new orders.", "symbol")
    if not instrument.accepts_new_orders():
        yield block(Reason.VENUE, f"{symbol} is in {instrument.status} mode.", "symbol")
    if "post_only" in (system, instrument.status) and not request.post_only:
        yield block(Reason.VENUE, f"{symbol} takes post-only orders now.", "post_only")
    if instrument.status == "limit_only" and not request.order_type.has_limit:
        yield block(Reason.VENUE, f"{symbol} takes limit orders only.", "order_type")


def clock(stores: Stores) -> Iterator[Finding]:
    """Whether an order could expire in time."""
    uncertainty = stores.performance.clock_uncertainty_ns
    if uncertainty is None or uncertainty > MAX_CLOCK_UNCERTAINTY_NS:
        yield block(Reason.CLOCK, "The exchange's clock is not known yet; an order could not expire in time.")


def grid(request: OrderRequest, instrument: Instrument, cost: Decimal | None) -> Iterator[Finding]:
    """Whether quantity, price and value fit the pair; ``cost`` in quote, ``None`` when it has no price."""
    if request.qty is not None:
        yield from qty_grid(request.qty, instrument)
    if request.limit_price is not None and request.order_type is not OrderType.TRAILING_STOP_LIMIT:
        yield from price_grid(request.limit_price, instrument, request.side)
    if cost is not None and cost < instrument.cost_min:
        least = f"{instrument.cost_min.normalize():f} {instrument.quote}"
        yield block(Reason.GRID, f"The order is worth less than {least}.", "qty", least)


def qty_grid(qty: Decimal, instrument: Instrument) -> Iterator[Finding]:
    """Whether a quantity (base) is large enough and a multiple of the lot."""
    if qty < instrument.qty_min:
        least = f"{instrument.qty_min.normalize():f}"
        yield block(Reason.GRID, f"The smallest quantity is {least} {instrument.base}.", "qty", least)
    elif not instrument.on_qty_grid(qty):
        nearest = f"{instrument.quantize_qty(qty):f}"
        yield block(Reason.GRID, "The quantity has too many decimals.", "qty", nearest)


def price_grid(price: Decimal, instrument: Instrument, side: Side) -> Iterator[Finding]:
    """Whether a price is a positive multiple of the tick."""
    if price <= 0:
        yield block(Reason.GRID, "The price must be above zero.", "limit_price")
    elif not instrument.on_price_grid(price):
        nearest = f"{instrument.quantize_price(price, side):f}"
        step = f"{instrument.price_increment.normalize():f}"
        yield block(Reason.GRID, f"The price is not a multiple of {step}.", "limit_price", nearest)


def book(stores: Stores, request: OrderRequest) -> Iterator[Finding]:
    """Whether the pair's book may be traded on."""
    if why := stores.distrust_of(request.symbol):
        yield block(Reason.BOOK, f"The {request.symbol} book is not live ({why}): no new orders.", "symbol")
