"""The terms of an order that most orders do without: start, reduce-only, self-trade prevention, a close order."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QWidget

from core.app.ticket import TicketFields, parse_decimal
from core.domain.instrument import Instrument
from core.domain.orders import OrderType
from gui.widgets.decimal_edit import DecimalEdit
from gui.widgets.plain_text import PlainLabel

PREVENTIONS = ("", "cancel_newest", "cancel_oldest", "cancel_both")
CLOSES = (
    None,
    OrderType.LIMIT,
    OrderType.STOP_LOSS,
    OrderType.STOP_LOSS_LIMIT,
    OrderType.TAKE_PROFIT,
    OrderType.TAKE_PROFIT_LIMIT,
)


class AdvancedTerms(QWidget):
    """Fields below the ticket's own; ``edited`` after each change."""

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.start = DecimalEdit(self.tr("Starts in seconds"), self)
        self.start.setPlaceholderText(self.tr("at once"))
        self.reduce = QCheckBox(self.tr("Reduce only"), self)
        words = (self.tr("account default"), *PREVENTIONS[1:])
        self.prevention = self._combo(self.tr("Self-trade prevention"), [w.replace("_", " ") for w in words])
        kinds = [self.tr("none") if kind is None else kind.value for kind in CLOSES]
        self.close_kind = self._combo(self.tr("Close order"), kinds)
        self.close_trigger = DecimalEdit(self.tr("Close trigger price"), self)
        self.close_limit = DecimalEdit(self.tr("Close limit price"), self)
        self._labels: dict[QWidget, QLabel] = {}
        self._lay_out()
        self.reduce.toggled.connect(lambda _: self.edited.emit())
        for field in (self.start, self.close_trigger, self.close_limit):
            field.edited.connect(self.edited)
        self._show_close()

    def set_instrument(self, instrument: Instrument) -> None:
        """Step prices by the pair's tick."""
        for field in (self.close_trigger, self.close_limit):
            field.set_step(instrument.price_increment, instrument.price_precision)

    def clear(self) -> None:
        """Begin anew for another pair."""
        for field in (self.start, self.close_trigger, self.close_limit):
            field.clear()
        self.close_kind.setCurrentIndex(0)

    def complete(self, fields: TicketFields) -> TicketFields:
        """Return the ticket's fields with these terms."""
        start = parse_decimal(self.start.text())
        return msgspec.structs.replace(
            fields,
            start_s=int(start) if start is not None else (0 if not self.start.text().strip() else -1),
            reduce_only=self.reduce.isChecked(),
            stp_type=PREVENTIONS[max(0, self.prevention.currentIndex())],
            close_type=self._close(),
            close_trigger=self.close_trigger.text(),
            close_limit=self.close_limit.text(),
        )

    def _close(self) -> OrderType | None:
        return CLOSES[max(0, self.close_kind.currentIndex())]

    def _combo(self, name: str, words: list[str]) -> QComboBox:
        combo = QComboBox(self)
        combo.setAccessibleName(name)
        combo.addItems(words)
        combo.currentIndexChanged.connect(self._chosen)
        return combo

    def _chosen(self) -> None:
        if self._labels:
            self._show_close()
            self.edited.emit()

    def _show_close(self) -> None:
        kind = self._close()
        shown = {
            self.close_trigger: kind is not None and kind.has_trigger,
            self.close_limit: kind is not None and kind.has_limit,
        }
        for field, visible in shown.items():
            field.setVisible(visible)
            self._labels[field].setVisible(visible)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        rows = (
            (self.tr("Starts in s"), self.start),
            (self.tr("Own orders"), self.prevention),
            (self.tr("Then close"), self.close_kind),
            (self.tr("Trigger"), self.close_trigger),
            (self.tr("Price"), self.close_limit),
        )
        for row, (word, field) in enumerate(rows):
            label = self._labels[field] = PlainLabel(word, self)
            label.setProperty("role", "muted")
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.reduce, len(rows), 1)
