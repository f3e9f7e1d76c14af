"""A trader's day in small: the real window, the real sockets, the embedded exchange, on the Qt loop."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.health import BookState
from core.domain.instrument import Side
from core.domain.orders import Order, OrderStatus
from core.processing.health_store import HealthLevel
from gui.forms.amend_dialog import AmendDialog
from tests.helpers.desk import Desk, open_desk
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


def type_text(widget, text: str) -> None:
    QTest.keyClicks(widget, text)


def press(widget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)


def shown_rows(desk: Desk) -> list[str]:
    model = desk.window.orders.model
    return [
        " ".join(str(model.index(row, column).data() or "") for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def only_order(desk: Desk) -> Order:
    (order,) = desk.session.stores.orders.all()
    return order


async def test_every_panel_comes_alive_without_a_click(qtbot):
    async with open_desk() as desk:
        await desk.ready()

        await eventually(lambda: desk.window.panels_without_data() == [], timeout_s=15)

        assert desk.session.stores.books.view(desk.window.link.symbol).checksum_failed == 0


async def test_a_market_buy_by_keyboard_is_filled_and_seen_in_state_fill_and_balance(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        window, stores = desk.window, desk.session.stores
        bitcoin_before = stores.balances.get("BTC").total

        press(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
        await eventually(lambda: window.ticket.qty.hasFocus())
        window.ticket.kind.setFocus()
        type_text(window.ticket.kind, "market")
        window.ticket.qty.setFocus()
        type_text(window.ticket.qty, "0.01")
        await eventually(lambda: window.ticket.send.isEnabled())
        press(window.ticket.qty, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

        await eventually(
            lambda: [o.status for o in stores.orders.all()] == [OrderStatus.FILLED], timeout_s=10
        )
        order = only_order(desk)
        assert order.cum_qty == Decimal("0.01")
        assert sum(fill.qty for fill in order.fills.values()) == Decimal("0.01")
        await eventually(lambda: stores.balances.get("BTC").total == bitcoin_before + Decimal("0.01"))
        window.orders.model.show_all = True
        window.orders.refresh()
        assert any("Filled" in row and "BUY" in row for row in shown_rows(desk))
        window.fills.refresh()
        assert window.fills.model.rowCount() == len(order.fills)
        window.balances.refresh()
        shown = {window.balances.model.key_at(row) for row in range(window.balances.model.rowCount())}
        assert {"BTC", "USD"} <= shown


async def test_a_resting_order_is_amended_in_the_dialog_and_cancelled_with_delete(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        window, stores = desk.window, desk.session.stores
        far = stores.books.view(window.link.symbol).best_bid[0] - Decimal(1000)

        window.ticket.set_side(Side.BUY)
        window.ticket.set_price(far)
        window.ticket.qty.setFocus()
        type_text(window.ticket.qty, "0.02")
        await eventually(lambda: window.ticket.send.isEnabled())
        press(window.ticket.qty, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await eventually(lambda: [o.status for o in stores.orders.open()] == [OrderStatus.NEW], timeout_s=10)
        await eventually(lambda: any("Open" in row for row in shown_rows(desk)))

        order = only_order(desk)
        window.orders.table.select_key(order.cl_ord_id)
        window.orders.setFocus()
        press(window.orders, Qt.Key.Key_Return)
        dialog = window.findChild(AmendDialog)
        await eventually(lambda: dialog.isVisible())
        dialog.price.selectAll()
        type_text(dialog.price, f"{far - 100:f}")
        press(dialog.price, Qt.Key.Key_Return)
        await eventually(lambda: only_order(desk).limit_price == far - 100, timeout_s=10)
        assert only_order(desk).order_id == order.order_id

        window.orders.table.select_key(order.cl_ord_id)
        press(window.orders, Qt.Key.Key_Delete)
        await eventually(lambda: only_order(desk).status is OrderStatus.CANCELED, timeout_s=10)
        await eventually(lambda: shown_rows(desk) == [])
        assert stores.balances.holds() == {}


async def test_twenty_sends_in_a_row_place_one_order(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        window, stores = desk.window, desk.session.stores
        window.ticket.set_price(stores.books.view(window.link.symbol).best_bid[0] - Decimal(1000))
        type_text(window.ticket.qty, "0.02")
        await eventually(lambda: window.ticket.send.isEnabled())

        for _ in range(20):
            QTest.mouseClick(window.ticket.send, Qt.MouseButton.LeftButton)

        await eventually(lambda: len(stores.orders.open()) == 1, timeout_s=10)
        assert len(stores.orders.all()) == 1


async def test_pressing_escape_twice_cancels_everything_on_the_pair(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        window, stores = desk.window, desk.session.stores
        window.ticket.set_price(stores.books.view(window.link.symbol).best_bid[0] - Decimal(1000))
        type_text(window.ticket.qty, "0.02")
        await eventually(lambda: window.ticket.send.isEnabled())
        press(window.ticket.qty, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await eventually(lambda: [o.status for o in stores.orders.open()] == [OrderStatus.NEW], timeout_s=10)

        window.watchlist.table.setFocus()
        press(window, Qt.Key.Key_Escape)
        press(window, Qt.Key.Key_Escape)

        await eventually(lambda: stores.orders.open() == [], timeout_s=10)
        assert only_order(desk).status is OrderStatus.CANCELED


async def test_switching_the_symbol_moves_every_linked_panel(qtbot):
    async with open_desk() as desk:
        await desk.ready()

        desk.window.link.show_symbol("ETH/USD")

        await eventually(lambda: desk.window.panels_without_data() == [], timeout_s=15)
        assert desk.session.stores.books.view("BTC/USD") is None
        assert desk.session.stores.books.view("ETH/USD").best_bid is not None


QTY_DIGIT = re.compile(rb'"type":"update","data":\[\{"symbol":"BTC/USD".{0,200}?"qty":[0-9]*\.[0-9]*?([1-9])')


async def test_a_book_corrupted_on_the_wire_is_never_painted_live_and_resyncs(qtbot):
    async with open_desk(("BTC/USD",)) as desk:
        await desk.ready()
        stores, symbol, canvas = desk.session.stores, desk.window.link.symbol, desk.window.ladder.canvas
        before = stores.books.view(symbol)
        states = []

        def look(symbols):
            canvas.repaint()
            states.append((stores.books.view(symbol).state, canvas.price_at(5) is not None))

        def spoil_one_digit(data: bytes) -> bytes:
            # Only the best ten levels are under the checksum, so go on until one of them was hit.
            found = QTY_DIGIT.search(data)
            if found is None or stores.health.resyncs:
                return data
            at = found.start(1)
            return data[:at] + (b"1" if data[at : at + 1] != b"1" else b"2") + data[at + 1 :]

        stop = stores.books.observe(look)
        desk.cable.spoil = spoil_one_digit
        await eventually(lambda: stores.health.resyncs >= 1, timeout_s=20)
        await eventually(lambda: before.state is BookState.LIVE and before.resyncs >= 1, timeout_s=10)
        await eventually(lambda: states and states[-1] == (BookState.LIVE, True))
        stop()

        assert before.checksum_failed == stores.health.checksum_failures
        assert all(painted == (state is BookState.LIVE) for state, painted in states)
        assert stores.health.checksum_failures >= 1


async def test_a_cut_market_line_is_said_on_line_0_and_heals(qtbot):
    async with open_desk(("BTC/USD",)) as desk:
        await desk.ready()
        stores, window = desk.session.stores, desk.window
        await eventually(lambda: stores.health.shown.level is HealthLevel.SAFE, timeout_s=10)

        desk.cable.pull()
        desk.cable.cut()
        await eventually(lambda: stores.health.shown.level is not HealthLevel.SAFE, timeout_s=10)
        window.health.refresh()
        said = window.health.level.text()
        desk.cable.plug()
        await eventually(lambda: stores.health.shown.level is HealthLevel.SAFE, timeout_s=20)
        await desk.ready()
        window.health.refresh()

        assert "SAFE" not in said
        assert "SAFE" in window.health.level.text()
        assert window.panels_without_data() == []
