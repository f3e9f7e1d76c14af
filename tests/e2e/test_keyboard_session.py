"""A whole session without a mouse, on the embedded exchange: pair, order, nudge, cancel, flatten, health, layout."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.domain.health import BookState
from core.domain.instrument import Side
from core.domain.orders import Order, OrderStatus, TimeInForce
from gui import theme
from gui.forms.command_palette import CommandPalette
from gui.forms.scaled_dialog import ScaledDialog
from gui.widgets.hold_button import HOLD_MS
from tests.helpers.desk import Desk, open_desk
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt

D = Decimal
CONTROL = Qt.KeyboardModifier.ControlModifier


async def command(desk: Desk, text: str, *, ready: str = "") -> None:
    """Open the palette, type, wait until it says ``ready``, press Enter."""
    window = desk.window
    window.activateWindow()
    await eventually(window.isActiveWindow)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_K, CONTROL)
    palette = window.findChild(CommandPalette)
    await eventually(lambda: palette.isVisible() and palette.line.hasFocus())
    QTest.keyClicks(palette.line, text)
    if ready:
        await eventually(lambda: ready in palette.head.text() and "Not now" not in palette.figures.text(), 10)
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    await eventually(lambda: window.findChild(CommandPalette) is None)
    window.activateWindow()
    await eventually(window.isActiveWindow)


def live(desk: Desk, symbol: str) -> bool:
    view = desk.session.stores.books.view(symbol)
    return view is not None and view.state is BookState.LIVE and not desk.session.stores.health.account_doubt


def newest(desk: Desk) -> Order:
    return max(desk.session.stores.orders.all(), key=lambda order: order.created_ns)


@pytest.fixture(params=[100, 150], ids="fonts at {} %".format)
def percent(request, qapp, monkeypatch):
    """Text as large as the desktop's settings ask for."""
    usual = theme.base_pixels()
    with monkeypatch.context() as larger:
        larger.setattr(theme, "base_pixels", lambda: usual * request.param // 100)
        theme.apply_theme(qapp)
        yield request.param
    theme.apply_theme(qapp)


async def test_a_whole_session_is_done_by_keyboard_alone(qtbot, percent):
    async with open_desk() as desk:
        await desk.ready()
        window, stores = desk.window, desk.session.stores
        assert (
            window.ladder.canvas._font.pixelSize() == theme.base_pixels() == window.ticket.font().pixelSize()
        )
        window.choices.set(keep={"ETH": f"{stores.balances.get('ETH').total:f}"})

        await command(desk, "eth/usd")
        assert window.link.symbol == "ETH/USD"
        await eventually(lambda: live(desk, "ETH/USD"), 10)

        bid = stores.books.view("ETH/USD").best_bid[0]
        await command(desk, f"buy 0.05 eth/usd limit {bid - 50} post", ready="BUY ETH/USD")
        await eventually(lambda: [o.status for o in stores.orders.open()] == [OrderStatus.NEW], 10)
        order = newest(desk)
        assert (order.symbol, order.qty, order.limit_price, order.post_only) == (
            "ETH/USD",
            D("0.05"),
            bid - 50,
            True,
        )

        await eventually(lambda: window.orders.model.rowCount() == 1)
        window.orders.table.setFocus()
        QTest.keyClick(window.orders.table, Qt.Key.Key_Down)
        await eventually(lambda: window.hands.selected is not None)
        QTest.keyClick(window.orders.table, Qt.Key.Key_Down, CONTROL)
        tick = stores.instruments.get("ETH/USD").price_increment
        await eventually(lambda: newest(desk).limit_price == bid - 50 - tick, 10)

        QTest.keyClick(window.orders.table, Qt.Key.Key_Delete)
        await eventually(lambda: newest(desk).status is OrderStatus.CANCELED, 10)

        await command(desk, "buy 0.05 eth/usd market", ready="BUY ETH/USD")
        await eventually(lambda: newest(desk).status is OrderStatus.FILLED, 10)
        kept = D(window.choices.settings.keep["ETH"])
        await eventually(lambda: stores.balances.get("ETH").total == kept + D("0.05"), 10)
        await command(desk, f"buy 0.04 limit {bid - 60}", ready="BUY ETH/USD")
        await eventually(lambda: len(stores.orders.open()) == 1 and stores.orders.open()[0].order_id, 10)

        window.ladder.canvas.setFocus()
        QTest.keyPress(window.ladder.canvas, Qt.Key.Key_F)
        await eventually(lambda: window.hold.is_held)
        await eventually(lambda: not window.hold.is_held, HOLD_MS / 1000 + 3)
        QTest.keyRelease(window.ladder.canvas, Qt.Key.Key_F)
        await eventually(lambda: stores.balances.get("ETH").total == kept, 10)
        flat = newest(desk)
        assert (flat.side, flat.cum_qty, flat.time_in_force) == (Side.SELL, D("0.05"), TimeInForce.IOC)
        assert stores.orders.open() == []

        QTest.keyClick(window.ladder.canvas, Qt.Key.Key_H)
        await eventually(lambda: not window.dashboard.visibleRegion().isEmpty())
        assert window.health.isVisible()

        window.layouts.save("health in front")
        await command(desk, "reset layout")
        await eventually(lambda: window.dashboard.visibleRegion().isEmpty())
        await command(desk, "layout health in front")
        await eventually(lambda: not window.dashboard.visibleRegion().isEmpty())


async def test_forty_scaled_orders_reach_the_exchange_and_are_cancelled_as_a_group(qtbot):
    async with open_desk(("BTC/USD",)) as desk:
        await desk.ready()
        window, stores = desk.window, desk.session.stores
        bid = stores.books.view("BTC/USD").best_bid[0]
        window.open_scaled()
        dialog = window.findChild(ScaledDialog)
        dialog.qty.setText("0.0404")
        dialog.count.setValue(40)
        dialog.first.setText(f"{bid - 100}")
        dialog.last.setText(f"{bid - 500}")
        dialog.distribution.setCurrentIndex(1)
        await eventually(lambda: dialog.send.isEnabled(), 10)
        QTest.mouseClick(dialog.send, Qt.MouseButton.LeftButton)

        def open_orders() -> list[Order]:
            return [o for o in stores.orders.open("BTC/USD") if o.status is OrderStatus.NEW]

        await eventually(lambda: len(open_orders()) == 40, 15)
        assert sum(order.qty for order in open_orders()) == D("0.0404")
        assert {order.limit_price for order in open_orders()} >= {bid - 100, bid - 500}
        assert window.orders.group_size(open_orders()[7]) == 40

        window.orders.group_wished.emit(open_orders()[7])

        await eventually(lambda: stores.orders.open() == [], 20)
        assert all(order.status is OrderStatus.CANCELED for order in stores.orders.all())
        await eventually(lambda: stores.balances.holds() == {})
