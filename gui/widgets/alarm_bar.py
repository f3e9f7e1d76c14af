"""The bar that cannot be overlooked: alarms about orders, a journal that cannot be written, the kill switch."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolBar, QWidget

from core.domain.orders import Order
from core.processing.stores import Stores
from gui import formats
from gui.theme import active, ui_font
from gui.widgets.plain_text import PlainLabel


class AlarmBar(QToolBar):
    """Hidden while there is nothing to tell. ``cancel`` is called with each order an alarm names that may be open."""

    def __init__(
        self, stores: Stores, cancel: Callable[[Order], None], release: Callable[[], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("alarm_bar")
        self.setWindowTitle(self.tr("Alarms"))
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._stores = stores
        self._cancel = cancel
        self._release = release
        self.text = PlainLabel(self)
        self.text.setFont(ui_font(bold=True))
        self.text.setWordWrap(True)
        self.cancel_named = QPushButton(self.tr("Cancel the orders named"), self)
        self.cancel_named.clicked.connect(self._cancel_named)
        self.acknowledge = QPushButton(self.tr("I have seen it"), self)
        self.acknowledge.clicked.connect(self._acknowledge)
        content = QWidget(self)
        layout = QHBoxLayout(content)
        layout.setContentsMargins(10, 3, 10, 3)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.cancel_named)
        layout.addWidget(self.acknowledge)
        self.addWidget(content)
        self._stop = stores.health.observe(self._changed)
        self.refresh()

    def stop(self) -> None:
        """Listen no longer."""
        self._stop()

    def refresh(self) -> None:
        """Show the kill switch, else the oldest alarm, else the journal's trouble, else nothing."""
        health = self._stores.health
        alarm = health.alarms[0] if health.alarms else None
        if health.stopped:
            text = self.tr("■ KILL SWITCH: only cancels pass.") + f" ({formats.plain(health.stopped)})"
        elif alarm is not None:
            more = len(health.alarms) - 1
            text = f"▲ {formats.plain(alarm.text)}" + (f"  (+{more})" if more else "")
        elif health.journal_failure:
            text = self.tr("▲ Journal unavailable: no new orders. Cancels work.")
            text += f" ({formats.plain(health.journal_failure)})"
        else:
            text = ""
        self.text.setText(text)
        self.setAccessibleDescription(text)
        seen = self.tr("Let orders pass") if health.stopped else self.tr("I have seen it")
        self.acknowledge.setText(seen)
        self.cancel_named.setVisible(bool(self._named()) and not health.stopped)
        self.acknowledge.setVisible(alarm is not None or bool(health.stopped))
        theme = active()
        self.setStyleSheet(f"QToolBar {{ background: {theme.danger}; }} QLabel {{ color: {theme.window}; }}")
        self.setVisible(bool(text))

    def _named(self) -> list[Order]:
        orders = self._stores.orders
        ids = self._stores.health.alarms[0].order_ids if self._stores.health.alarms else ()
        found = (orders.by_order_id(order_id) for order_id in ids)
        return [order for order in found if order is not None and order.status.counts_as_open]

    def _changed(self, keys: frozenset[str]) -> None:
        if keys & {"alarms", "journal", "stop"}:
            self.refresh()

    def _cancel_named(self) -> None:
        for order in self._named():
            self._cancel(order)

    def _acknowledge(self) -> None:
        if self._stores.health.stopped:
            self._release()
        else:
            self._stores.health.acknowledge()
        self.refresh()
