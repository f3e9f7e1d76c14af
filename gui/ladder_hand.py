"""What a click on a ladder does: it fills the ticket or, armed, sends; never for another pair than the ticket's."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from core.domain.ids import Symbol
from core.domain.instrument import Side
from gui.forms.one_click import send_at
from gui.views.order_book_view import OrderBookView

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def connect(window: MainWindow, ladder: OrderBookView) -> None:
    """Let a ladder trade through the window's ticket."""
    ladder.price_clicked.connect(partial(clicked, window, ladder))
    ladder.arm.clicked.connect(window.arming.toggle)
    ladder.order_dragged.connect(window.amend_to)
    ladder.canvas.order_clicked.connect(window.select_order)


def clicked(window: MainWindow, ladder: OrderBookView, side: Side, price: Decimal) -> None:
    """A row was pressed: its price as painted, and the side it stands for."""
    if not trades_here(window, ladder.symbol):
        return
    if not window.arming.is_armed:
        take_price(window, ladder.symbol, side, price)
    elif not ladder.is_settled(price):
        window.toast.tell(_tr("That price just changed sides. Nothing was sent."), warning=True)
    elif send_at(window.ticket, side, price):
        window.arming.used()
    else:
        window.toast.tell(_tr("Not sent: look at the ticket."), warning=True)


def take_price(window: MainWindow, symbol: Symbol, side: Side, price: Decimal) -> None:
    """Fill the ticket with a price that was picked on a panel of ``symbol``."""
    if trades_here(window, symbol):
        window.ticket.set_side(side)
        window.ticket.set_price(price)


def trades_here(window: MainWindow, symbol: Symbol) -> bool:
    """Whether the ticket trades ``symbol``; says so when it does not."""
    if symbol == window.link.symbol:
        return True
    text = _tr("This panel shows %1, the ticket trades %2. Nothing was done.")
    window.toast.tell(text.replace("%1", symbol).replace("%2", window.link.symbol), warning=True)
    return False


def _tr(text: str) -> str:
    return QCoreApplication.translate("MainWindow", text)
