"""Closing the window while orders are open or in doubt: a clear choice, asked without holding anything up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from core.domain.orders import Order
from gui import formats
from gui.models.orders_model import side_words, status_words

SHOWN = 8


class QuitDialog(QMessageBox):
    """``fires_in_s``: seconds the dead-man's switch has left, ``None`` when it does not run.

    Opened with ``open()``. ``keep`` quits and leaves the orders, ``cancel_all`` cancels them first; Esc stays."""

    def __init__(
        self,
        orders: Sequence[Order],
        keep: Callable[[], None],
        cancel_all: Callable[[], None],
        parent: QWidget,
        fires_in_s: float | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("quit_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowTitle(self.tr("Quit Tidewire"))
        count = len(orders)
        words = self.tr("1 order is open.") if count == 1 else self.tr("%1 orders are open.")
        self.setText(words.replace("%1", str(count)))
        lines = [_line(order) for order in orders[:SHOWN]]
        if count > SHOWN:
            lines.append(self.tr("and %1 more").replace("%1", str(count - SHOWN)))
        lines.append(self.tr("Orders stay at the exchange when you quit; the next start finds them again."))
        if fires_in_s is not None:
            left = self.tr(
                "The dead-man's switch is armed: %1 s after you quit it CANCELS THEM ALL, stops too."
            )
            lines[-1] = left.replace("%1", f"{fires_in_s:.0f}")
        self.setInformativeText("\n".join(lines))
        self.keep = self.addButton(self.tr("Keep orders and quit"), QMessageBox.ButtonRole.AcceptRole)
        self.cancel_all = self.addButton(
            self.tr("Cancel all and quit"), QMessageBox.ButtonRole.DestructiveRole
        )
        self.stay = self.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.stay)
        self.setEscapeButton(self.stay)
        self.keep.clicked.connect(keep)
        self.cancel_all.clicked.connect(cancel_all)


def _line(order: Order) -> str:
    price = f" @ {formats.qty(order.limit_price, 10)}" if order.limit_price is not None else ""
    qty = formats.qty(order.qty, 8)
    return f"{formats.plain(order.symbol)}  {side_words(order)} {qty}{price}  {status_words(order)}"
