"""The chart on the embedded exchange: what the hand does there arrives, and what is lost looks lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.app.history import HistoryState
from core.domain.instrument import Side
from core.domain.orders import OrderStatus
from gui.widgets.stale import StaleCover
from tests.helpers import pointer
from tests.helpers.desk import Desk, open_desk
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


async def chart_of(desk: Desk):
    chart = desk.window.chart
    await eventually(lambda: len(chart.bars) > 100 and not chart.canvas.price_rect().isEmpty(), timeout_s=15)
    return chart


async def test_an_order_dragged_on_the_chart_stands_at_the_price_its_ghost_showed(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        window, stores = desk.window, desk.session.stores
        chart = await chart_of(desk)
        best = stores.books.view(window.link.symbol).best_bid[0]
        window.ticket.set_side(Side.BUY)
        window.ticket.set_price(best - 300)
        window.ticket.qty.setFocus()
        QTest.keyClicks(window.ticket.qty, "0.02")
        await eventually(lambda: window.ticket.send.isEnabled())
        QTest.keyClick(window.ticket.qty, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await eventually(lambda: [o.status for o in stores.orders.open()] == [OrderStatus.NEW], timeout_s=10)
        (order,) = stores.orders.open()
        await eventually(lambda: any(p.line.movable for p in chart.canvas.lines.places))

        place = next(p for p in chart.canvas.lines.places if p.line.movable)
        start = chart.canvas.mapFromScene(place.label.center())
        end = start + QPoint(0, 24)  # away from the market
        view = chart.canvas.viewport()
        pointer.drag(view, start, end)
        shown = chart.canvas.lines.ghost.price
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)

        assert shown < order.limit_price
        await eventually(lambda: stores.orders.by_order_id(order.order_id).limit_price == shown, timeout_s=10)


async def test_history_of_every_interval_is_fetched_and_its_end_is_told(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        chart = await chart_of(desk)

        for interval in (1, 60, 1440):
            chart.choose_interval(interval)
            await eventually(
                lambda: desk.session.history.state(chart.symbol, chart.interval) is HistoryState.COMPLETE,
                timeout_s=15,
            )
            await eventually(lambda: len(chart.bars) > 300, timeout_s=10)
            QTest.keyClick(chart, Qt.Key.Key_Home)
            QTest.keyClick(chart, Qt.Key.Key_Left)
            await eventually(lambda: chart.canvas.end_note.is_seen)
            assert "newest 720" in chart.canvas.end_note.text


async def test_a_price_alert_tells_when_the_market_reaches_it(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        stores, symbol = desk.session.stores, desk.window.link.symbol
        await eventually(lambda: stores.tickers.get(symbol) is not None)
        last = stores.tickers.get(symbol).last
        tick = stores.instruments.get(symbol).price_increment

        for away in (1, -1):
            desk.session.alerts.add(symbol, last + away * tick)

        await eventually(lambda: len(desk.session.alerts.all()) < 2, timeout_s=30)
        assert any(event.source == "price alert" for event in stores.health.events)
        assert "alert at" in desk.window.toast.text()


async def test_a_cut_market_hatches_chart_and_tape_and_they_heal(qtbot):
    async with open_desk(("BTC/USD",)) as desk:
        await desk.ready()
        chart = await chart_of(desk)
        covers = [panel.findChild(StaleCover) for panel in (chart, desk.window.tape, desk.window.quote)]
        await eventually(lambda: not any(cover.reason for cover in covers), timeout_s=10)

        desk.cable.pull()
        desk.cable.cut()
        await eventually(lambda: all(cover.isVisible() for cover in covers), timeout_s=10)
        desk.cable.plug()

        await eventually(lambda: not any(cover.reason for cover in covers), timeout_s=25)
