"""Sending an order again that was proven absent: a new decision, with a fresh look at the price."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from core.domain.instrument import Side
from core.domain.orders import Order
from core.processing.book_store import BookView
from gui import formats
from gui.models.orders_model import side_words


class AgainDialog(QMessageBox):
    """Opened with ``open()``. ``send`` is called when the user wants the order after all; Enter does not."""

    def __init__(
        self, order: Order, view: BookView | None, send: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("again_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowTitle(self.tr("Send again"))
        price = formats.qty(order.limit_price, 10) if order.limit_price is not None else self.tr("market")
        what = f"{side_words(order)} {formats.qty(order.qty, 8)} {formats.plain(order.symbol)} @ {price}"
        self.setText(what)
        self.setInformativeText(
            self.tr(
                "The first attempt is proven absent. The price now: %1. A cancel by the order's id goes first."
            ).replace("%1", _touch(order, view))
        )
        self.send = self.addButton(self.tr("Send again"), QMessageBox.ButtonRole.DestructiveRole)
        self.leave = self.addButton(self.tr("Leave it"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.leave)
        self.setEscapeButton(self.leave)
        self.send.clicked.connect(send)


def _touch(order: Order, view: BookView | None) -> str:
    touch = None
    if view is not None:
        touch = view.best_ask if order.side is Side.BUY else view.best_bid
    return formats.qty(touch[0], 10) if touch is not None else formats.MISSING
