"""Set a price alert by typing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from core.domain.instrument import Instrument
from gui import formats
from gui.widgets.decimal_edit import DecimalEdit
from gui.widgets.plain_text import PlainLabel


class AlertDialog(QDialog):
    """Opened with ``open()``. ``wanted`` is handed the price when accepted."""

    def __init__(
        self,
        instrument: Instrument,
        last: Decimal | None,
        wanted: Callable[[Decimal], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Alert on %1").replace("%1", formats.plain(instrument.symbol)))
        self._instrument = instrument
        self._last = last
        self._wanted = wanted
        self.price = DecimalEdit(self.tr("Price of the alert"), self)
        self.price.set_step(instrument.price_increment, instrument.price_precision)
        if last is not None:
            self.price.set_value(last)
        self.effect = PlainLabel(self)
        self.effect.setWordWrap(True)
        buttons = QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        self.buttons = QDialogButtonBox(buttons, self)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(self.tr("Price"), self.price)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.effect)
        layout.addWidget(self.buttons)
        self.price.edited.connect(self._judge)
        self._judge()

    def accept(self) -> None:
        price = self.price.value
        if price is not None and self._is_valid(price):
            self._wanted(price)
            super().accept()

    def _is_valid(self, price: Decimal) -> bool:
        return price > 0 and self._instrument.on_price_grid(price)

    def _judge(self) -> None:
        price = self.price.value
        valid = price is not None and self._is_valid(price)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(valid)
        if price is None or not valid:
            self.effect.setText(self.tr("The price is not a multiple of the tick."))
        elif self._last is None:
            self.effect.setText(self.tr("Tells once when the pair trades there."))
        elif price > self._last:
            self.effect.setText(self.tr("Tells once when the price rises to it."))
        else:
            self.effect.setText(self.tr("Tells once when the price falls to it."))
