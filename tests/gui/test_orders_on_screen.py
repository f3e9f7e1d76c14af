from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from core.domain.instrument import Side
from core.domain.orders import OrderStatus
from core.processing.health_store import Alarm
from gui.forms.again_dialog import AgainDialog
from gui.forms.order_dialog import OrderDialog
from gui.forms.quit_dialog import QuitDialog
from tests.helpers.waiting import eventually


async def test_an_alarm_is_told_over_the_window_until_it_was_seen(window, desk, qtbot):
    first, second = desk.stores.orders.open()[:2]
    ids = tuple(order.order_id for order in (first, second) if order.order_id)
    desk.stores.health.alarm(Alarm(1, "duplicate order", "order X has two orders at the exchange", ids))
    desk.flush()

    assert window.alarms.isVisible()
    assert "two orders at the exchange" in window.alarms.text.text()
    qtbot.mouseClick(window.alarms.acknowledge, Qt.MouseButton.LeftButton)

    assert not window.alarms.isVisible()
    assert desk.stores.health.alarms == []


async def test_the_orders_an_alarm_names_are_cancelled_from_the_bar(window, desk, qtbot):
    named = next(order for order in desk.stores.orders.open() if order.order_id)
    desk.stores.health.alarm(Alarm(1, "duplicate order", "look", (named.order_id,)))
    desk.flush()

    qtbot.mouseClick(window.alarms.cancel_named, Qt.MouseButton.LeftButton)

    await eventually(lambda: [r.order_id for r in desk.executor.cancelled] == [named.order_id])


async def test_a_journal_that_cannot_be_written_is_told_until_it_can(window, desk):
    desk.stores.health.told_of_journal("the disk is full")
    desk.flush()
    told = window.alarms.isVisible(), window.alarms.text.text()

    desk.stores.health.told_of_journal("")
    desk.flush()

    assert told[0]
    assert "no new orders" in told[1]
    assert "the disk is full" in told[1]
    assert not window.alarms.isVisible()


async def test_an_order_proven_absent_stays_in_sight_until_it_is_dismissed(window, desk):
    doubt = next(o for o in desk.stores.orders.open() if o.status is OrderStatus.IN_DOUBT)
    desk.stores.orders.infer(doubt.cl_ord_id, OrderStatus.NOT_FOUND, "absent")
    desk.flush()
    shown = window.orders.model.keys()

    window.orders._dismiss([doubt])

    left = window.orders.model.keys()
    assert doubt.cl_ord_id in shown
    assert doubt.cl_ord_id not in left


async def test_sending_again_asks_with_the_price_of_now_and_enter_does_not_send(window, desk, qtbot):
    doubt = next(o for o in desk.stores.orders.open() if o.status is OrderStatus.IN_DOUBT)

    window.orders.again_wished.emit(doubt)
    dialog = window.findChild(AgainDialog)
    best = desk.stores.books.view(doubt.symbol).best_bid[0]

    assert f"{best:f}".rstrip("0").rstrip(".").replace(",", "") in dialog.informativeText().replace(",", "")
    assert dialog.defaultButton() is dialog.leave
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


async def test_details_tell_terms_fills_and_life(window, desk, qtbot):
    part = next(o for o in desk.stores.orders.open() if o.status is OrderStatus.PARTIALLY_FILLED)
    desk.stores.orders.stamp(part.cl_ord_id, "clicked", part.created_ns)
    desk.stores.orders.stamp(part.cl_ord_id, "answered", part.created_ns + 12_300_000)

    window.orders.details_wished.emit(part.cl_ord_id)
    dialog = window.findChild(OrderDialog)
    told = " ".join(label.text() for label in dialog.findChildren(QLabel))

    assert "+12.3 ms" in told
    assert "clicked" in told
    assert "0.3125" in told
    dialog.close()


async def test_h7_closing_with_open_orders_asks_and_staying_stays(window, desk, qtbot):
    asked = []
    window.close_requested.connect(lambda: asked.append(True))

    window.close()
    dialog = window.findChild(QuitDialog)
    lines = dialog.informativeText()
    qtbot.mouseClick(dialog.stay, Qt.MouseButton.LeftButton)

    assert asked == []
    assert "BTC/USD" in lines
    assert "the next start finds them again" in lines


async def test_h7_closing_may_keep_the_orders(window, desk, qtbot):
    asked = []
    window.close_requested.connect(lambda: asked.append(True))

    window.close()
    qtbot.mouseClick(window.findChild(QuitDialog).keep, Qt.MouseButton.LeftButton)

    assert asked == [True]
    assert desk.executor.cancelled_all == []


async def test_h7_closing_may_cancel_everything_first(window, desk, qtbot):
    asked = []
    window.close_requested.connect(lambda: asked.append(True))

    window.close()
    qtbot.mouseClick(window.findChild(QuitDialog).cancel_all, Qt.MouseButton.LeftButton)

    await eventually(lambda: asked == [True])
    assert desk.executor.cancelled_all == [None]


def _height_of(canvas, price):
    """The middle of the row at which a price is painted."""
    heights = range(2, canvas.height(), 4)
    return next(y for y in heights if canvas.price_at(y) == price)


async def _an_order_in_sight(window, desk):
    canvas = window.ladder.canvas
    middle = canvas.price_at(canvas.height() // 2 + 60)
    step = canvas.price_at(0) - canvas.price_at(canvas._row_height)
    price = middle - 2 * step
    order = desk.stores.orders.get(desk.place(Side.BUY, "0.4", f"{price}").cl_ord_id)
    desk.flush()
    canvas.repaint()
    return canvas, order, price, step


async def test_an_order_is_amended_by_dragging_it_and_goes_to_the_painted_price(window, desk, qtbot):
    canvas, order, price, step = await _an_order_in_sight(window, desk)
    start, end = (QPoint(20, _height_of(canvas, at)) for at in (price, price - 3 * step))

    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)

    await eventually(lambda: desk.executor.amended)
    (amend,) = desk.executor.amended
    assert (amend.order_id, amend.limit_price) == (order.order_id, price - 3 * step)


async def test_escape_lets_go_of_a_dragged_order(window, desk, qtbot):
    canvas, _, price, step = await _an_order_in_sight(window, desk)
    start, end = (QPoint(20, _height_of(canvas, at)) for at in (price, price - 3 * step))

    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, end)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)

    assert desk.executor.amended == []


async def test_terms_out_of_sight_are_not_part_of_the_order(window, desk, qtbot):
    ticket = window.ticket
    ticket.qty.setText("0.5")
    ticket.limit.setText("61000.0")
    ticket.more.setChecked(True)
    ticket.terms.reduce.setChecked(True)
    ticket.terms.prevention.setCurrentIndex(3)
    ticket.terms.close_kind.setCurrentText("take-profit-limit")
    ticket.terms.close_trigger.setText("62000.0")
    ticket.terms.close_limit.setText("61990.0")
    ticket._update()
    full = ticket._request

    ticket.more.setChecked(False)
    plain = ticket._request

    assert (full.reduce_only, full.stp_type) == (True, "cancel_both")
    assert (full.conditional.trigger_price, full.conditional.limit_price) == (62000, 61990)
    assert (plain.reduce_only, plain.stp_type, plain.conditional) == (False, "", None)


async def test_the_ticket_says_why_it_is_locked(window, desk):
    ticket = window.ticket
    ticket.qty.setText("0.5")
    ticket.limit.setText("61000.0")
    ticket._update()
    ready = ticket.send.isEnabled()

    desk.stores.health.doubt_account("executions: a gap")
    desk.flush()

    assert ready
    assert not ticket.send.isEnabled()
    assert "account is being checked" in ticket.send.text()
