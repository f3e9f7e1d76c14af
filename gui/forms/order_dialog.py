"""Everything that is known of one order: its terms, its fills, its ids, and its life in milliseconds."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.orders import Fill, Order
from core.processing.order_store import OrderKey, Stamp
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_MS
from gui import formats
from gui.models.orders_model import side_words, status_words
from gui.theme import figure_font
from gui.widgets.plain_text import PlainLabel

FILLS_SHOWN = 20
RIGHT = Qt.AlignmentFlag.AlignRight


class OrderDialog(QDialog):
    """Opened with ``open()``; shows the order as it is at that moment."""

    def __init__(self, stores: Stores, key: OrderKey, order: Order, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("order_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Order on %1").replace("%1", formats.plain(order.symbol)))
        layout = QVBoxLayout(self)
        layout.addWidget(self._terms(order))
        layout.addWidget(self._life(order, stores.orders.stamps(key)))
        if order.fills:
            layout.addWidget(self._fills(order))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)

    def _terms(self, order: Order) -> QGroupBox:
        box = QGroupBox(self.tr("Order"), self)
        form = QFormLayout(box)
        form.addRow(self.tr("State"), _text(status_words(order), box))
        form.addRow(self.tr("What"), _text(f"{side_words(order)} {formats.qty(order.qty, 8)}", box))
        form.addRow(self.tr("Type"), _text(_type(order), box))
        if order.limit_price is not None:
            form.addRow(self.tr("Limit price"), _text(formats.qty(order.limit_price, 10), box))
        if order.terms.trigger_price.value:
            form.addRow(self.tr("Trigger"), _text(formats.qty(order.terms.trigger_price.value, 10), box))
        average = f" at {formats.qty(order.avg_price, 10)}" if order.avg_price is not None else ""
        form.addRow(self.tr("Filled"), _text(f"{formats.qty(order.cum_qty, 8)}{average}", box))
        form.addRow(self.tr("Road"), _text(order.road or formats.MISSING, box))
        form.addRow(self.tr("Exchange's id"), _copyable(order.order_id or "", box))
        form.addRow(self.tr("Our id"), _copyable(order.cl_ord_id or "", box))
        return box

    def _life(self, order: Order, stamps: list[Stamp]) -> QGroupBox:
        box = QGroupBox(self.tr("Life"), self)
        grid = QGridLayout(box)
        steps = [(stamp.step, stamp.at) for stamp in stamps]
        steps += [(self.tr("fill of %1").replace("%1", formats.qty(f.qty, 8)), f.ts) for f in _in_time(order)]
        begin = order.created_ns
        for row, (step, at) in enumerate(sorted(steps, key=lambda pair: pair[1])[:FILLS_SHOWN]):
            grid.addWidget(_text(formats.plain(step), box), row, 0)
            grid.addWidget(_text(formats.moment(at), box), row, 1)
            grid.addWidget(_text(f"{(at - begin) / NS_PER_MS:+,.1f} ms", box), row, 2, RIGHT)
        grid.setColumnStretch(1, 1)
        return box

    def _fills(self, order: Order) -> QGroupBox:
        box = QGroupBox(self.tr("Fills"), self)
        grid = QGridLayout(box)
        for row, fill in enumerate(_in_time(order)[:FILLS_SHOWN]):
            fees = ", ".join(f"{formats.qty(fee.qty, 8)} {formats.plain(fee.asset)}" for fee in fill.fees)
            cells = (
                formats.qty(fill.qty, 8),
                formats.qty(fill.price, 10),
                formats.qty(fill.cost, 8),
                fees or formats.MISSING,
                {"m": self.tr("maker"), "t": self.tr("taker")}.get(fill.liquidity, formats.MISSING),
            )
            for column, cell in enumerate(cells):
                grid.addWidget(_text(cell, box), row, column, RIGHT)
        total = sum((fill.cost for fill in order.fills.values()), Decimal(0))
        grid.addWidget(_text(self.tr("Cost %1").replace("%1", formats.qty(total, 8)), box), FILLS_SHOWN, 2)
        return box


def _type(order: Order) -> str:
    parts = [order.order_type.value, order.time_in_force.upper()]
    parts += ["post only"] if order.post_only else []
    parts += ["reduce only"] if order.reduce_only else []
    return " · ".join(parts)


def _in_time(order: Order) -> list[Fill]:
    return sorted(order.fills.values(), key=lambda fill: (fill.ts, fill.exec_id))


def _text(text: str, parent: QWidget) -> QLabel:
    label = PlainLabel(parent)
    label.setFont(figure_font())
    label.setText(text)
    return label


def _copyable(text: str, parent: QWidget) -> QWidget:
    if not text:
        return _text(formats.MISSING, parent)
    button = QPushButton(formats.plain(text), parent)
    button.setProperty("flat", True)
    button.setToolTip(parent.tr("Copy"))
    button.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
    return button
