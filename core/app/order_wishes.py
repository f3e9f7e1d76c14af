"""What a typed line can ask for, and the line that asks for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from core.app.ticket import TicketFields
from core.domain.ids import Symbol
from core.domain.orders import OrderType, TimeInForce


class OrderWish(msgspec.Struct, frozen=True):
    """An order as typed. Its ``fields`` are what would stand in the ticket."""

    symbol: Symbol
    fields: TicketFields


class CancelWish(msgspec.Struct, frozen=True):
    """Cancel all orders of a pair; of every pair when ``symbol`` is ``None``."""

    symbol: Symbol | None


class FlattenWish(msgspec.Struct, frozen=True):
    """Return to the chosen inventory of the pair's base."""

    symbol: Symbol


class ShowWish(msgspec.Struct, frozen=True):
    """Put a pair on screen."""

    symbol: Symbol


Wish = OrderWish | CancelWish | FlattenWish | ShowWish


def write(wish: Wish) -> str:
    """Return the line that ``order_grammar.parse`` reads as this wish."""
    match wish:
        case OrderWish(symbol, fields):
            return " ".join(_order_words(symbol, fields))
        case CancelWish(symbol):
            return f"cancel {(symbol or 'all').lower()}"
        case FlattenWish(symbol):
            return f"flatten {symbol.lower()}"
        case ShowWish(symbol):
            return symbol.lower()


def assets_of(symbol: Symbol) -> tuple[str, str]:
    """Return base and quote of a pair."""
    base, _, quote = symbol.partition("/")
    return base, quote


def _order_words(symbol: Symbol, fields: TicketFields) -> Iterator[str]:
    kind = fields.order_type
    yield fields.side.value
    yield fields.qty
    if fields.qty_in_quote:
        yield assets_of(symbol)[1].lower()
    yield symbol.lower()
    yield kind.value
    if kind.has_trigger:
        yield from _trigger_words(fields)
        if kind.has_limit:
            yield "limit"
    if kind.has_limit:
        yield fields.limit_price
    if kind is OrderType.ICEBERG:
        yield f"show {fields.display_qty}"
    yield from _term_words(fields)
    if fields.close_type is not None:
        yield f"close {fields.close_type.value}"
        between = "limit" if fields.close_type.has_trigger and fields.close_type.has_limit else ""
        yield from (part for part in (fields.close_trigger, between, fields.close_limit) if part)


def _trigger_words(fields: TicketFields) -> Iterator[str]:
    if fields.trigger_price_type == "quote":
        yield "by"
    yield fields.trigger_price + ("%" if fields.trigger_price_type == "pct" else "")
    if fields.trigger_reference != "last":
        yield fields.trigger_reference


def _term_words(fields: TicketFields) -> Iterator[str]:
    if fields.time_in_force is TimeInForce.GTD:
        yield f"for {fields.expire_s}s"
    elif fields.time_in_force is not TimeInForce.GTC:
        yield fields.time_in_force.value
    if fields.start_s:
        yield f"in {fields.start_s}s"
    if fields.stp_type:
        yield f"stp {fields.stp_type.removeprefix('cancel_')}"
    yield from (word for word, said in (("post", fields.post_only), ("reduce", fields.reduce_only)) if said)
