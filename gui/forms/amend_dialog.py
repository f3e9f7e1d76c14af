"""Change an open order in place: new price, new quantity, and what that does to its place in the queue."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from core.domain.instrument import Instrument
from core.domain.orders import AmendRequest, Order
from core.processing.stores import Stores
from gui import formats
from gui.widgets.decimal_edit import DecimalEdit
from gui.widgets.plain_text import PlainLabel


class AmendDialog(QDialog):
    """Opened with ``open()``: data flows on behind it. ``amend`` is handed the request when accepted."""

    def __init__(
        self,
        stores: Stores,
        order: Order,
        amend: Callable[[AmendRequest], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Amend %1").replace("%1", formats.plain(order.symbol)))
        self._order = order
        self._amend = amend
        instrument = stores.instruments.get(order.symbol)
        assert instrument is not None, "an open order's pair is described"
        self._instrument: Instrument = instrument
        words = f"{order.side.value.upper()} {formats.qty(order.qty, 8)} {instrument.base}, filled "
        head = PlainLabel(self)
        head.setText(formats.plain(words + formats.qty(order.cum_qty, 8)))
        self.price = DecimalEdit(self.tr("New limit price"), self)
        self.price.set_step(instrument.price_increment, instrument.price_precision)
        self.qty = DecimalEdit(self.tr("New total quantity"), self)
        self.qty.set_step(instrument.qty_min, instrument.qty_precision)
        self.effect = PlainLabel(self)
        self.effect.setWordWrap(True)
        buttons = QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        self.buttons = QDialogButtonBox(buttons, self)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        if order.limit_price is not None:
            self.price.set_value(order.limit_price)
            form.addRow(self.tr("Price"), self.price)
        self.qty.set_value(order.qty)
        form.addRow(self.tr("Quantity"), self.qty)
        layout = QVBoxLayout(self)
        layout.addWidget(head)
        layout.addLayout(form)
        layout.addWidget(self.effect)
        layout.addWidget(self.buttons)
        self.price.setVisible(order.limit_price is not None)
        self.price.edited.connect(self._judge)
        self.qty.edited.connect(self._judge)
        self._judge()

    def accept(self) -> None:
        if self._problem():
            return
        order = self._order
        assert order.order_id is not None, "only orders the exchange knows can be amended"
        price, qty = self.price.value, self.qty.value
        self._amend(
            AmendRequest(
                order_id=order.order_id,
                qty=qty if qty != order.qty else None,
                limit_price=price if order.limit_price is not None and price != order.limit_price else None,
                post_only=order.post_only,
            )
        )
        super().accept()

    def _problem(self) -> str:
        instrument, order = self._instrument, self._order
        price, qty = self.price.value, self.qty.value
        if qty is None or not instrument.on_qty_grid(qty) or qty < instrument.qty_min:
            return self.tr("The quantity is not valid for this pair.")
        if qty <= order.cum_qty:
            return self.tr("That much is filled already; cancel the order instead.")
        if order.limit_price is None:
            return "" if qty != order.qty else self.tr("Nothing changed.")
        if price is None or price <= 0 or not instrument.on_price_grid(price):
            return self.tr("The price is not a multiple of the tick.")
        return self.tr("Nothing changed.") if (price, qty) == (order.limit_price, order.qty) else ""

    def _judge(self) -> None:
        problem = self._problem()
        keeps = self.price.value == self._order.limit_price and (self.qty.value or 0) <= self._order.qty
        kept = self.tr("Keeps its place in the queue.") if keeps else self.tr("Loses its place in the queue.")
        self.effect.setText(problem or kept)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)
