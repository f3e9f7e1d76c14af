"""Orders, open ones first. Cancelling takes one action: the cross, Delete, or the menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.domain.orders import Order, OrderStatus
from gui.models.orders_model import OrdersModel
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel
from gui.widgets.table import Table

CANCEL_COLUMN = 0
COUNT_MS = 100
"""How often the milliseconds of an order that is being sent are redrawn."""


class OrdersView(Panel):
    """The order table. ``cancel`` is called with each order to cancel, ``amend_wished`` asks for the dialog."""

    selected = Signal()
    amend_wished = Signal(object)
    details_wished = Signal(str)
    again_wished = Signal(object)
    group_wished = Signal(object)

    def __init__(
        self, session: TradingSession, cancel: Callable[[Order], None], parent: QWidget | None = None
    ) -> None:
        super().__init__("Orders", parent)
        self._session = session
        self._cancel = cancel
        self.group_size: Callable[[Order], int] = lambda order: 0
        """How many orders sent together with one are still open."""

        self.model = OrdersModel(session.stores, session.clock, self)
        self.table = Table(self.model, "Orders", self)
        self.table.empty_text = self.tr(
            "Open orders appear here. Send one from the ticket, or click a price in the order book."
        )
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.clicked.connect(self._clicked)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self.selected.emit())
        self.table.doubleClicked.connect(self._double_clicked)
        self._count = PlainLabel(self)
        self._count.setProperty("role", "muted")
        self._all = QPushButton(self.tr("Ended too"), self)
        self._all.setProperty("flat", True)
        self._all.setCheckable(True)
        self._all.setToolTip(self.tr("Show ended orders too"))
        self._all.toggled.connect(self._show_all)
        self._sending = QTimer(self)
        self._sending.setInterval(COUNT_MS)
        self._sending.timeout.connect(self._count_on)
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 1, 2, 1)
        bar.addWidget(self._count)
        bar.addStretch()
        bar.addWidget(self._all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.table)

    def attachments(self) -> list[Attach]:
        return [lambda: self._session.stores.orders.observe(self._changed)]

    def refresh(self) -> None:
        self.model.reload()
        self.model.told(self.model.keys())
        self._after_change()

    def every_second(self) -> None:
        """Let ages grow."""
        if self.isVisible():
            self.model.told(self.model.growing_older())
            self.table.resort_if_safe()

    def detach(self) -> None:
        self._sending.stop()
        super().detach()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and not event.isAutoRepeat():
            self.cancel_selected()  # whatever the keys are bound to: a cancel must never be hard to find
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._amend_selected()
        elif event.key() == Qt.Key.Key_Space:
            self._show_details()
        else:
            super().keyPressEvent(event)

    @property
    def selected_key(self) -> str | None:
        """The key of the one order selected, ``None`` when it is none or several."""
        keys = self.table.selected_keys()
        return str(keys[0]) if len(keys) == 1 else None

    def cancel_selected(self) -> None:
        """Cancel every selected order that is still open."""
        for order in self._selected():
            if order.status.counts_as_open:
                self._cancel(order)

    def _selected(self) -> list[Order]:
        store = self._session.stores.orders
        return [order for key in self.table.selected_keys() if (order := store.by_key(key)) is not None]

    def _amend_selected(self) -> None:
        orders = [order for order in self._selected() if order.status.counts_as_open and order.order_id]
        if len(orders) == 1:
            self.amend_wished.emit(orders[0])

    def _show_details(self) -> None:
        keys = self.table.selected_keys()
        if len(keys) == 1:
            self.details_wished.emit(keys[0])

    def _dismiss(self, absent: list[Order]) -> None:
        self.model.dismissed |= {order.cl_ord_id for order in absent if order.cl_ord_id}
        self.refresh()

    def _changed(self, keys: frozenset[str]) -> None:
        self.model.reload()
        self.model.told(keys)
        self._after_change()

    def _after_change(self) -> None:
        self._tell_count()
        if self.isVisible() and self.model.is_sending() and not self._sending.isActive():
            self._sending.start()

    def _count_on(self) -> None:
        self.model.told(self.model.growing_older())
        if not self.model.is_sending():
            self._sending.stop()

    def _show_all(self, checked: bool) -> None:
        self.model.show_all = checked
        self.refresh()

    def _tell_count(self) -> None:
        orders = self._session.stores.orders
        count = len(orders.open())
        words = (
            self.tr("No open orders")
            if not count
            else self.tr("1 open order")
            if count == 1
            else self.tr("%1 open orders").replace("%1", str(count))
        )
        if self.model.show_all and orders.forgotten:
            words += " · " + self.tr("%1 older in the journal").replace("%1", f"{orders.forgotten:,}")
        self._count.setText(words)

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == CANCEL_COLUMN:
            order = self._session.stores.orders.by_key(self.model.key_at(index.row()))
            if order is not None and order.status.counts_as_open:
                self._cancel(order)

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() != CANCEL_COLUMN:
            self._amend_selected()

    def _open_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        orders = [order for order in self._selected() if order.status.counts_as_open]
        amend = menu.addAction(self.tr("Amend…"), self._amend_selected)
        amend.setEnabled(len(orders) == 1)
        words = self.tr("Cancel %1 orders") if len(orders) > 1 else self.tr("Cancel")
        cancel = menu.addAction(words.replace("%1", str(len(orders))) + "\tDel", self.cancel_selected)
        cancel.setEnabled(bool(orders))
        if len(orders) == 1 and (count := self.group_size(orders[0])) > 1:
            group = self.tr("Cancel its group (%1 open)").replace("%1", str(count))
            menu.addAction(group, lambda: self.group_wished.emit(orders[0]))
        menu.addAction(self.tr("Details…") + "\tSpace", self._show_details)
        absent = [order for order in self._selected() if order.status is OrderStatus.NOT_FOUND]
        if absent:
            menu.addSeparator()
            menu.addAction(self.tr("Send again…"), lambda: self.again_wished.emit(absent[0]))
            menu.addAction(self.tr("Dismiss"), lambda: self._dismiss(absent))
        menu.popup(self.table.viewport().mapToGlobal(where))
