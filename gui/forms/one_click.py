"""A click on the ladder that sends: through the ticket, so that what is unusual stays there to be confirmed."""

from __future__ import annotations

from decimal import Decimal

from core.domain.instrument import Side
from core.domain.orders import OrderType
from gui.forms.order_form import TYPES, OrderForm


def send_at(ticket: OrderForm, side: Side, price: Decimal) -> bool:
    """Send a limit order of the ticket's quantity at a price. Returns whether it left; if not the ticket says why."""
    ticket.kind.setCurrentIndex(TYPES.index(OrderType.LIMIT))
    ticket.set_side(side)
    ticket.set_price(price)
    if not ticket.send.isEnabled() or ticket.consent.gravest is not None:
        return False
    ticket.send.sent.emit()
    return True
