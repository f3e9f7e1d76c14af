"""Rows of the order table, states in words and shape."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.domain.orders import Order, OrderStatus, RequestFlag
from core.processing.order_store import OrderKey
from core.processing.stores import Stores
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import DARK

WORDS = {
    OrderStatus.SENT: "◌ Sending",
    OrderStatus.IN_DOUBT: "▨ Unknown, checking",
    OrderStatus.NOT_FOUND: "∅ Not placed (verified)",
    OrderStatus.PENDING_NEW: "○ Pending",
    OrderStatus.NEW: "● Open",
    OrderStatus.PARTIALLY_FILLED: "◐ Partly filled",
    OrderStatus.REJECTED: "✕ Rejected",
    OrderStatus.EXPIRED: "□ Expired",
    OrderStatus.CANCELED: "□ Cancelled",
    OrderStatus.FILLED: "■ Filled",
}
CANCEL_MARK = "✕"


def status_words(order: Order) -> str:
    """Return an order's state as the trader reads it; wishes under way come before the plain state."""
    if order.cancel is RequestFlag.ASKED and not order.status.is_final:
        return "◍ Cancelling…"
    if order.cancel is RequestFlag.DOUBT and not order.status.is_final:
        return "▨ Cancel unknown, repeating"
    if order.amend is RequestFlag.ASKED:
        return "◍ Amending…"
    if order.amend is RequestFlag.DOUBT:
        return "▨ Amend unknown, checking"
    words = WORDS[order.status]
    if order.foreign and order.status.counts_as_open:
        words += " · placed elsewhere"
    if order.status in (OrderStatus.CANCELED, OrderStatus.EXPIRED) and order.cum_qty:
        words += f" · {formats.qty(order.cum_qty, 8)} filled"
    if order.status in (OrderStatus.REJECTED, OrderStatus.CANCELED, OrderStatus.EXPIRED) and order.reason:
        words += f" · {formats.plain(order.reason)}"
    return words


def _status_colour(order: Order) -> QColor:
    if order.status in (OrderStatus.IN_DOUBT, OrderStatus.REJECTED):
        return DARK.colour("danger" if order.status is OrderStatus.REJECTED else "warning")
    return DARK.colour("text" if order.status.counts_as_open else "muted")


class OrdersModel(KeyedTable[OrderKey, Order]):
    """Orders by key, open ones or all."""

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        super().__init__(self._make_columns(stores), stores.orders.by_key, parent)
        self._stores = stores
        self.show_all = False

    def reload(self) -> None:
        """Take rows in and out as orders open and end."""
        orders = self._stores.orders.all() if self.show_all else self._stores.orders.open()
        self.set_keys([order.cl_ord_id or order.order_id or "" for order in orders])

    @staticmethod
    def _make_columns(stores: Stores) -> tuple[Column[Order], ...]:
        def price_of(order: Order, value: Decimal | None) -> str:
            instrument = stores.instruments.get(order.symbol)
            return formats.fixed(value, instrument.price_precision if instrument else 8)

        def qty_of(order: Order, value: Decimal) -> str:
            instrument = stores.instruments.get(order.symbol)
            return formats.qty(value, instrument.qty_precision if instrument else 8)

        def limit(order: Order) -> str:
            trigger = order.terms.trigger_price.value
            if order.limit_price is None and not trigger:
                return "market"
            return price_of(order, order.limit_price or trigger)

        side: Callable[[Order], QColor | None] = lambda order: DARK.side(order.side)  # noqa: E731
        return (
            Column(
                CANCEL_MARK,
                CANCEL_MARK,
                lambda o: CANCEL_MARK if o.status.counts_as_open else "",
                figures=False,
            ),
            Column("Time", "23:59:59", lambda o: formats.clock_time(o.created_ns), lambda o: o.created_ns),
            Column("Symbol", "USDT/USD", lambda o: o.symbol, lambda o: o.symbol, figures=False),
            Column("Side", "▼ SELL", _side_words, lambda o: o.side, side, figures=False),
            Column("Type", "stop-loss-limit", _type_words, lambda o: o.order_type, figures=False),
            Column("Qty", "1,234.5678", lambda o: qty_of(o, o.qty), lambda o: o.qty),
            Column("Price", "123,456.7", limit, lambda o: o.limit_price),
            Column("Filled", "1,234.5678", lambda o: qty_of(o, o.cum_qty), lambda o: o.cum_qty),
            Column("Avg", "123,456.7", lambda o: price_of(o, o.avg_price), lambda o: o.avg_price),
            Column("TIF", "gtc", lambda o: o.time_in_force.upper(), lambda o: o.time_in_force, figures=False),
            Column("Road", "REST", lambda o: o.road, lambda o: o.road, figures=False),
            Column(
                "State",
                "▨ Unknown, checking",
                status_words,
                lambda o: o.status,
                _status_colour,
                figures=False,
                hint=lambda o: f"{o.order_id or 'no exchange id yet'} · {o.cl_ord_id or 'no id of ours'}",
            ),
        )


def _side_words(order: Order) -> str:
    return "▲ BUY" if order.side.sign > 0 else "▼ SELL"


def _type_words(order: Order) -> str:
    return order.order_type.value + (" post" if order.post_only else "")
