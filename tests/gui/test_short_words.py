"""What a narrow column says of an order: one word that is whole, not a sentence that ends in dots."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics

from core.domain.orders import OrderStatus
from gui.models.orders_model import OrdersModel
from gui.theme import ui_font
from gui.widgets.cell_painter import PADDING


async def test_states_are_whole_words_at_the_width_they_have_on_a_small_screen(window, desk):
    model, metrics = window.orders.model, QFontMetrics(ui_font())
    at = next(n for n, column in enumerate(model.columns) if column.title == "State")
    room = window.orders.table.columnWidth(at) - 2 * PADDING
    column = model.columns[at]
    shown = []
    for row in range(model.rowCount()):
        words, order = model.index(row, at).data(), model.row_at(row)
        shown.append(words if metrics.horizontalAdvance(words) <= room else column.short(order))

    assert any(order.status is OrderStatus.IN_DOUBT for order in map(model.row_at, range(model.rowCount())))
    assert "▨ Unknown" in shown
    assert [words for words in shown if metrics.horizontalAdvance(words) > room] == []


def test_a_reason_is_left_to_the_hint_where_there_is_no_room(desk):
    refused = next(o for o in desk.stores.orders.all() if o.status is OrderStatus.REJECTED)
    model = OrdersModel(desk.stores, desk.clock)
    state = next(column for column in model.columns if column.title == "State")

    assert state.text(refused) == "✕ Rejected · EOrder:Insufficient funds"
    assert state.short(refused) == "✕ Rejected"
