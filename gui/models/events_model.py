"""Rows of the event log: what happened to lines, books and orders, newest first, with our own orders among them."""

from __future__ import annotations

from itertools import islice

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.domain.orders import Order
from core.processing.event_kinds import OWN_ORDER, EventKind, Grade, grade_of, kind_of
from core.processing.health_store import HealthEvent
from core.processing.stores import Stores
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.models.orders_model import WORDS, side_words
from gui.theme import active

ORDERS_SHOWN = 500
GRADE_WORDS = {Grade.INFO: "○ info", Grade.WARNING: "▲ warning", Grade.ERROR: "× error"}
COLOURS = {Grade.INFO: "muted", Grade.WARNING: "warning", Grade.ERROR: "danger"}


def _colour(event: HealthEvent) -> QColor | None:
    return active().colour(COLOURS[grade_of(event)])


def _text_colour(event: HealthEvent) -> QColor | None:
    return _colour(event) if grade_of(event) else None


COLUMNS: tuple[Column[HealthEvent], ...] = (
    Column("Time", "23:59:59.999", lambda e: formats.clock_time(e.at, millis=True), lambda e: e.at),
    Column(
        "Severity",
        "▲ warning",
        lambda e: GRADE_WORDS[grade_of(e)],
        lambda e: grade_of(e),
        _colour,
        figures=False,
    ),
    Column("Source", "reconciliation", lambda e: formats.plain(e.source), lambda e: e.source, figures=False),
    Column(
        "Event",
        "",
        lambda e: formats.plain(e.text),
        lambda e: e.text,
        _text_colour,
        figures=False,
        stretch=True,
        hint=lambda e: formats.plain(f"{formats.moment(e.at)} {e.text}"),
    ),
)


class EventsModel(KeyedTable[HealthEvent, HealthEvent]):
    """Events are their own keys. ``about`` is a kind or the name of a source, ``None`` for all of them."""

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, lambda event: event, parent)
        self._stores = stores
        self.about: EventKind | str | None = None
        self.least = Grade.INFO
        self.filter = ""
        self.with_orders = True

    def reload(self) -> None:
        """Show what passes the filters."""
        events = list(reversed(self._stores.health.events))
        if self.with_orders:
            orders = islice(self._stores.orders.all(), ORDERS_SHOWN)
            events += [_order_event(order, self._price(order)) for order in orders]
            events.sort(key=lambda event: event.at, reverse=True)
        words = self.filter.casefold()
        self.set_keys(event for event in events if self._passes(event, words))

    def sources(self) -> list[str]:
        """Return every source of an entry, sorted."""
        return sorted({event.source for event in self._stores.health.events} | {OWN_ORDER})

    def _passes(self, event: HealthEvent, words: str) -> bool:
        about = self.about
        return (
            (kind_of(event) is about if isinstance(about, EventKind) else about in (None, event.source))
            and words in f"{event.source} {event.text}".casefold()
            and (not self.least or grade_of(event) >= self.least)
        )

    def _price(self, order: Order) -> str:
        instrument = self._stores.instruments.get(order.symbol)
        digits = instrument.price_precision if instrument is not None else 8
        return "market" if order.limit_price is None else formats.fixed(order.limit_price, digits)


def _order_event(order: Order, price: str) -> HealthEvent:
    what = f"{order.symbol} {side_words(order)} {formats.qty(order.qty, 8)} @ {price}"
    reason = f" · {order.reason}" if order.reason else ""
    _, state = WORDS[order.status].split(" ", 1)
    return HealthEvent(order.created_ns, OWN_ORDER, f"{state} · {what}{reason}")
