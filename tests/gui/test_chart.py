"""The chart under the hand: panning, zooming, reading, and keeping what the trader chose."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from core.app.history import HistoryState
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.orders import OrderReport, OrderStatus
from gui.forms.alert_dialog import AlertDialog
from gui.theme import THEMES, figure_font
from gui.views.chart_lines import LABEL_SCALE
from gui.views.chart_series import BEGIN
from gui.views.indicators import Kind, Study
from tests.helpers import pointer
from tests.helpers.waiting import eventually
from tests.helpers.window import settled

D = Decimal
BTC = Symbol("BTC/USD")


@pytest.fixture
async def chart(window):
    await eventually(lambda: len(window.chart.bars) > 100)
    await settled(window)
    return window.chart


def spot(chart, *, price: str | None = None, share: float = 0.5) -> QPoint:
    """A place on the viewport: at a price, and at a share of the plot's width."""
    rect, canvas = chart.canvas.price_rect(), chart.canvas
    y = rect.center().y() if price is None else rect.top() + canvas.scale().y(float(D(price)))
    return canvas.mapFromScene(QPointF(rect.left() + share * rect.width(), y))


def hover(chart, where: QPoint) -> None:
    pointer.move(chart.canvas.viewport(), where + QPoint(3, 0))
    pointer.move(chart.canvas.viewport(), where)


def drag(chart, start: QPoint, end: QPoint) -> None:
    """Press and move, without letting go."""
    pointer.drag(chart.canvas.viewport(), start, end)


def release(chart, where: QPoint) -> None:
    QTest.mouseRelease(chart.canvas.viewport(), Qt.MouseButton.LeftButton, pos=where)


async def test_the_crosshair_reads_the_candle_under_it_and_the_last_one_when_it_is_gone(chart):
    last = chart.readout.strip.text_of("C")
    where = spot(chart, share=0.3)

    hover(chart, where)
    await eventually(lambda: chart.readout.strip.text_of("C") != last)

    seconds = chart.canvas.scale().time_at(0.3 * chart.canvas.price_rect().width())
    under = max(bar[BEGIN] for bar in chart.bars if bar[BEGIN] <= seconds)
    found = next(c for c in chart._session.stores.candles.series(BTC, 1) if c.begin // 10**9 == under)
    assert chart.readout.strip.text_of("O") == f"{found.open:,}"
    assert chart.readout.strip.text_of("C") == f"{found.close:,}"
    hover(chart, QPoint(1, 1))
    QApplication.sendEvent(chart.canvas, QEvent(QEvent.Type.Leave))
    await eventually(lambda: chart.readout.strip.text_of("C") == last)


async def test_the_read_out_fits_the_chart_of_a_small_screen(chart):
    assert chart.width() < 560
    assert list(chart.readout.strip.places)[:4] == ["O", "H", "L", "C"]
    assert all(place.right() <= chart.width() for place in chart.readout.strip.places.values())


async def test_keys_pan_zoom_and_jump_and_end_follows_the_live_edge_again(chart):
    first = chart.canvas.span

    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.canvas.span[0] < first[0]
    QTest.keyClick(chart, Qt.Key.Key_Right)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    zoomed = chart.canvas.span
    assert zoomed[1] - zoomed[0] < first[1] - first[0]
    QTest.keyClick(chart, Qt.Key.Key_Minus)
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert chart.canvas.span[0] <= chart.bars[0, BEGIN]
    assert not chart.camera.follows
    QTest.keyClick(chart, Qt.Key.Key_End)

    assert chart.camera.follows
    assert chart.canvas.span[1] > chart.bars[-1, BEGIN]


async def test_another_theme_keeps_zoom_place_interval_and_averages(chart, window):
    chart.bar.choose_studies([Study(Kind.SMA, 20)])
    QTest.keyClick(chart, Qt.Key.Key_Home)
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    before = chart.canvas.span

    window.choose_theme("light")

    assert window.chart is chart
    assert chart.canvas.span == before
    assert chart.canvas.backgroundBrush().color().name() == THEMES["light"].panel
    assert chart.bar.studies == [Study(Kind.SMA, 20)]
    window.choose_theme("dark")


async def test_interval_scale_and_averages_are_found_again_after_a_restart(open_a_window, desk):
    first = open_a_window()
    await settled(first)
    first.chart.choose_interval(60)
    first.chart.bar.log.click()
    first.chart.bar.choose_studies([Study(Kind.EMA, 9), Study(Kind.SMA, 200)])
    first.dispose()

    second = open_a_window()
    await settled(second)

    assert second.chart.interval == 60
    assert second.chart.bar.log.isChecked()
    assert second.chart.bar.studies == [Study(Kind.EMA, 9), Study(Kind.SMA, 200)]
    assert desk.market_data.watched  # and the chart of the other interval is subscribed
    assert ("ohlc", BTC, 60) in {(s.channel, s.symbol, s.interval) for s in desk.market_data.watched}


async def test_a_log_scale_puts_the_same_prices_at_other_heights_and_keeps_ticks(chart):
    low, high = chart.canvas.candles.bars[:, 3].min(), chart.canvas.candles.bars[:, 2].max()
    chart.bar.log.click()

    scale = chart.canvas.scale()
    middle = (low * high) ** 0.5
    assert scale.logarithmic
    assert abs(scale.y(middle) - (scale.y(low) + scale.y(high)) / 2) < 1
    assert abs(scale.price_at(scale.y(middle)) - middle) < 1e-6 * middle
    ticks = chart.canvas.price_axis.tickValues(scale.bottom, scale.top, scale.height)
    assert len(ticks[0][1]) >= 3


async def test_left_of_the_oldest_candle_the_chart_says_why_there_is_nothing(chart, desk):
    QTest.keyClick(chart, Qt.Key.Key_Home)
    QTest.keyClick(chart, Qt.Key.Key_Left)

    assert chart.canvas.end_note.is_seen
    assert "720" in chart.canvas.end_note.text


async def test_a_history_that_failed_is_said_and_asked_for_again(chart, desk):
    asked = len(desk.history.wanted)
    desk.history.reached = HistoryState.FAILED
    chart._retry.setInterval(1)

    desk.chart(count=1)
    desk.flush()

    await eventually(lambda: "did not come" in chart.canvas.end_note.text)
    await eventually(lambda: len(desk.history.wanted) > asked + 1)


async def test_an_order_dragged_shows_the_new_price_and_is_amended_to_exactly_that(chart, desk):
    order = desk.stores.orders.open(BTC)
    resting = next(o for o in order if o.limit_price == D("61298.4"))
    start, end = spot(chart, price="61298.4", share=0.7), spot(chart, price="61420.0", share=0.7)

    drag(chart, start, end)
    ghost = chart.canvas.lines.ghost
    assert ghost is not None
    assert abs(ghost.price - D("61420")) < 5
    assert f"{ghost.price:,}" in ghost.words
    assert not ghost.warns
    release(chart, end)

    await eventually(lambda: len(desk.executor.amended) == 1)
    (request,) = desk.executor.amended
    assert (request.order_id, request.limit_price) == (resting.order_id, ghost.price)
    assert chart.canvas.lines.ghost is None


async def test_escape_lets_go_of_an_order_and_nothing_is_sent(chart, desk):
    start, end = spot(chart, price="61298.4", share=0.7), spot(chart, price="61420.0", share=0.7)
    drag(chart, start, end)
    assert chart.canvas.lines.ghost is not None

    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.canvas.lines.ghost is None
    release(chart, end)

    assert desk.executor.amended == []


async def test_an_order_that_was_filled_under_the_hand_is_let_go(chart, desk):
    start, end = spot(chart, price="61298.4", share=0.7), spot(chart, price="61420.0", share=0.7)
    resting = next(o for o in desk.stores.orders.open(BTC) if o.limit_price == D("61298.4"))
    drag(chart, start, end)

    gone = OrderReport(
        order_id=resting.order_id,
        exec_type="filled",
        status=OrderStatus.FILLED,
        cum_qty=resting.qty,
        ts=10**20,
    )
    desk.stores.orders.report(gone)
    desk.flush()
    release(chart, end)

    assert chart.canvas.lines.ghost is None
    assert desk.executor.amended == []


async def test_a_drag_over_the_touch_warns_that_the_order_would_take(chart):
    start, end = spot(chart, price="61298.4", share=0.7), spot(chart, price="61150.0", share=0.7)

    drag(chart, start, end)

    assert chart.canvas.lines.ghost.warns
    assert "take" in chart.canvas.lines.ghost.words
    QTest.keyClick(chart, Qt.Key.Key_Escape)


async def test_a_label_at_the_edge_moves_its_order_by_as_much_as_the_hand_moved(chart, desk):
    place = next(p for p in chart.canvas.lines.places if p.line.price == D("60950.0"))
    assert place.y > place.label.bottom()  # out of sight below
    start = chart.canvas.mapFromScene(place.label.center())

    drag(chart, start, start - QPoint(0, 8))

    scale = chart.canvas.scale()
    moved = scale.price_at(0.0) - scale.price_at(8.0)
    assert float(chart.canvas.lines.ghost.price) == pytest.approx(60950.0 + moved, abs=0.2)
    release(chart, start - QPoint(0, 8))
    await eventually(lambda: len(desk.executor.amended) == 1)


async def test_a_click_on_a_line_without_moving_amends_nothing(chart, desk):
    where = spot(chart, price="61298.4", share=0.7)

    QTest.mouseClick(chart.canvas.viewport(), Qt.MouseButton.LeftButton, pos=where)

    assert desk.executor.amended == []


async def test_labels_of_many_orders_do_not_cover_each_other(chart, desk):
    for at in range(9):
        desk.place(Side.BUY, f"0.{at + 1}", f"6120{at}.5")
    desk.flush()

    places = chart.canvas.lines.places
    tags = sorted((place.tag for place in places), key=lambda tag: tag.top())
    assert len(places) >= 12
    assert all(above.bottom() <= below.top() for above, below in pairwise(tags))
    rect = chart.canvas.price_rect()
    assert all(rect.top() - 1 <= tag.top() and tag.bottom() <= rect.bottom() + 1 for tag in tags)


async def test_an_alert_is_set_by_typing_moved_by_dragging_and_tells_once_when_crossed(chart, window, desk):
    chart.bar.alert_menu.aboutToShow.emit()
    chart.bar.alert_menu.actions()[0].trigger()
    dialog = window.findChild(AlertDialog)
    await eventually(lambda: dialog.isVisible())
    dialog.price.selectAll()
    QTest.keyClicks(dialog.price, "61400")
    QTest.keyClick(dialog.price, Qt.Key.Key_Return)
    await eventually(lambda: len(desk.alerts.all()) == 1)

    start, end = spot(chart, price="61400", share=0.6), spot(chart, price="61360", share=0.6)
    drag(chart, start, end)
    shown = chart.canvas.lines.ghost.price
    release(chart, end)
    assert [alert.price for alert in desk.alerts.all()] == [shown]
    assert desk.executor.amended == []

    desk.quote(BTC, D("61380"))
    assert desk.alerts.all() == []
    assert window.toast.isVisible()
    assert "rose to 61380.0" in window.toast.text()
    assert any("rose to 61380.0" in event.text for event in desk.stores.health.events)
    told = window.toast.text()
    desk.quote(BTC, D("61390"))
    assert window.toast.text() == told


async def test_the_menu_at_a_price_offers_alert_and_ticket_and_the_price_is_the_one_clicked(chart, window):
    where = spot(chart, price="61150", share=0.5)
    price = chart.price_at(chart.canvas.mapToScene(where))
    open_menu(chart, where)
    await eventually(lambda: window.findChild(QMenu, "price_menu") is not None)
    menu = window.findChild(QMenu, "price_menu")

    next(action for action in menu.actions() if "Buy" in action.text()).trigger()

    assert window.ticket.limit.value == price
    menu.close()


def open_menu(chart, where: QPoint) -> None:
    at = chart.canvas.mapTo(chart, where)
    QApplication.sendEvent(
        chart, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, chart.mapToGlobal(at))
    )


async def test_the_axis_has_room_for_the_longest_price_on_it(chart, desk):
    metrics = QFontMetrics(figure_font(LABEL_SCALE))

    desk.intend(Side.SELL, "0.1", "1061298.4")
    desk.flush()

    long = "1,061,298.4"
    await eventually(lambda: any(place.line.tag == long for place in chart.canvas.lines.places))
    await eventually(
        lambda: metrics.horizontalAdvance(long) + 4 <= min(p.tag.width() for p in chart.canvas.lines.places)
    )
