"""Rows of the order table, states in words and shape."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.domain.health import Line
from core.domain.ids import ClOrdId
from core.domain.orders import Order, OrderStatus, RequestFlag
from core.processing.order_store import OrderKey
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_MS, Clock
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

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
ENDED_EARLY = (OrderStatus.REJECTED, OrderStatus.CANCELED, OrderStatus.EXPIRED)


def side_words(order: Order) -> str:
    """Side by shape and word."""
    return "▲ BUY" if order.side.sign > 0 else "▼ SELL"


def status_words(order: Order, *, age_ns: int = 0, reachable: bool = True) -> str:
    """Return an order's state as the trader reads it; wishes under way come before the plain state.

    ``age_ns`` is the time since the click, ``reachable`` whether the exchange can be asked (faults, section 3).
    """
    if not order.status.is_final and (wish := _wish_words(order)):
        return wish
    words = WORDS[order.status]
    if order.status is OrderStatus.SENT:
        words += f" {age_ns // NS_PER_MS} ms"
    elif order.status is OrderStatus.IN_DOUBT:
        words = f"{words} ({formats.age(age_ns)})" if reachable else "▨ Unknown, cannot reach exchange"
    if order.foreign and order.status.counts_as_open:
        words += " · placed elsewhere"
    if order.status in ENDED_EARLY:
        words += f" · {formats.qty(order.cum_qty, 8)} filled" if order.cum_qty else ""
        words += f" · {formats.plain(order.reason)}" if order.reason else ""
    return words


def _wish_words(order: Order) -> str:
    if order.cancel is RequestFlag.ASKED:
        return "◍ Cancelling…"
    if order.cancel is RequestFlag.DOUBT:
        return "▨ Cancel unknown, repeating"
    if order.amend is RequestFlag.ASKED:
        return "◍ Amending…"
    return "▨ Amend unknown, checking" if order.amend is RequestFlag.DOUBT else ""


def is_doubtful(order: Order) -> bool:
    """Whether something about the order is not known: it is drawn hatched and cannot be dismissed."""
    wishes = order.cancel is RequestFlag.DOUBT or order.amend is RequestFlag.DOUBT
    return not order.status.is_final and (order.status is OrderStatus.IN_DOUBT or wishes)


def _status_colour(order: Order) -> QColor:
    if order.status is OrderStatus.REJECTED:
        return active().colour("danger")
    if is_doubtful(order):
        return active().colour("warning")
    return active().colour("text" if order.status.counts_as_open else "muted")


class OrdersModel(KeyedTable[OrderKey, Order]):
    """Orders by key, open ones or all."""

    def __init__(self, stores: Stores, clock: Clock, parent: QObject | None = None) -> None:
        self._stores = stores
        self._clock = clock
        super().__init__(self._make_columns(), stores.orders.by_key, parent)
        self.show_all = False
        self.dismissed: set[ClOrdId] = set()
        """Orders proven absent that the user does not want to see any more; they are watched all the same."""

    def reload(self) -> None:
        """Take rows in and out as orders open and end."""
        store = self._stores.orders
        absent = [order for order in store.absent() if order.cl_ord_id not in self.dismissed]
        orders = store.all() if self.show_all else [*store.open(), *absent]
        self.set_keys(self._key(order) for order in orders)

    def growing_older(self) -> list[OrderKey]:
        """Keys of the orders whose words count time."""
        return [key for key in self.keys() if (order := self._order(key)) and not order.status.is_final]

    def is_sending(self) -> bool:
        """Whether an order has left and nothing was heard of it yet."""
        return any(order.status is OrderStatus.SENT for order in self._stores.orders.open())

    def is_hatched(self, row: Order) -> bool:
        return is_doubtful(row)

    def _key(self, order: Order) -> OrderKey:
        # The store knows an order under our id only if it was the first under it, and heard of it from the beginning.
        ours = order.cl_ord_id
        return ours if ours and self._order(ours) is order else order.order_id or ""

    def _order(self, key: OrderKey) -> Order | None:
        return self._stores.orders.by_key(key)

    def _age_ns(self, order: Order) -> int:
        return max(0, self._clock.wall_ns() - order.created_ns)

    def _words(self, order: Order) -> str:
        health = self._stores.health
        reachable = (
            self._stores.orders.reachable or health.is_live(Line.PRIVATE) or health.is_live(Line.PRIVATE_B)
        )
        return status_words(order, age_ns=self._age_ns(order), reachable=reachable)

    def _short_words(self, order: Order) -> str:
        # A state is one word before the comma; what is done about it, and why, is in the hint.
        words = self._words(order)
        cuts = [at for mark in (", ", " · ", " (") if (at := words.find(mark)) > 0]
        return words[: min(cuts)] if cuts else words

    def _price(self, order: Order, value: Decimal | None) -> str:
        instrument = self._stores.instruments.get(order.symbol)
        return formats.fixed(value, instrument.price_precision if instrument else 8)

    def _qty(self, order: Order, value: Decimal) -> str:
        instrument = self._stores.instruments.get(order.symbol)
        return formats.qty(value, instrument.qty_precision if instrument else 8)

    def _limit(self, order: Order) -> str:
        trigger = order.terms.trigger_price.value
        if order.limit_price is None and not trigger:
            return "market"
        if order.trigger is not None and order.trigger.price_type != "static":
            unit = "%" if order.trigger.price_type == "pct" else ""
            return f"{formats.qty(trigger, 8)}{unit} off"
        if not trigger:
            return self._price(order, order.limit_price)
        return f"▶{self._price(order, trigger)}"

    def _hint(self, order: Order) -> str:
        lines = [
            self._words(order),
            f"exchange id {order.order_id or 'not known yet'}",
            f"our id {order.cl_ord_id or 'none'}",
            f"created {formats.moment(order.created_ns)}",
        ]
        return formats.plain(" · ".join(lines))

    def _make_columns(self) -> tuple[Column[Order], ...]:
        return (
            Column(
                CANCEL_MARK,
                CANCEL_MARK,
                lambda o: CANCEL_MARK if o.status.counts_as_open else "",
                colour=_danger,
                figures=False,
                about="Cancel at once",
            ),
            Column(
                "Time",
                "23:59:59",
                lambda o: formats.clock_time(o.created_ns),
                lambda o: o.created_ns,
                _muted,
                rank=6,
            ),
            Column(
                "Symbol", "USDT/USD", lambda o: formats.plain(o.symbol), lambda o: o.symbol, figures=False
            ),
            Column("Side", "▼ SELL", side_words, lambda o: o.side, _side, figures=False),
            Column("Type", "stop-loss-limit", _type_words, lambda o: o.order_type, figures=False, rank=2),
            Column("Qty", "1,234.5678", lambda o: self._qty(o, o.qty), lambda o: o.qty),
            Column("Price", "123,456.7", self._limit, lambda o: o.limit_price, _side),
            Column("Filled", "1,234.5678", lambda o: self._qty(o, o.cum_qty), lambda o: o.cum_qty, rank=1),
            Column("Avg", "123,456.7", lambda o: self._price(o, o.avg_price), lambda o: o.avg_price, rank=4),
            Column(
                "TIF",
                "GTC",
                lambda o: o.time_in_force.upper(),
                lambda o: o.time_in_force,
                _muted,
                figures=False,
                rank=5,
                about="Time in force",
            ),
            Column(
                "Road",
                "REST",
                lambda o: o.road or formats.MISSING,
                lambda o: o.road,
                _muted,
                figures=False,
                rank=7,
                about="How the order left: WebSocket or REST",
            ),
            Column(
                "Age",
                "59m",
                lambda o: formats.age(self._age_ns(o)),
                lambda o: o.created_ns,
                _muted,
                rank=3,
                about="Time since the order was made",
            ),
            Column(
                "State",
                "◐ Partly filled",
                self._words,
                lambda o: o.status,
                _status_colour,
                figures=False,
                hint=self._hint,
                stretch=True,
                short=self._short_words,
            ),
        )


def _muted(order: Order) -> QColor:
    return active().colour("muted")


def _danger(order: Order) -> QColor:
    return active().colour("danger")


def _side(order: Order) -> QColor:
    return active().side(order.side)


def _type_words(order: Order) -> str:
    return order.order_type.value + (" post" if order.post_only else "")
