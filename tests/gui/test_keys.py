"""Single keys by real key presses: sizes, joining, taking by holding, nudging, flattening, rebinding."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from core.domain.instrument import Side
from core.domain.orders import TimeInForce
from gui.keymap import COMMANDS, problem
from gui.widgets.hold_button import HOLD_MS
from tests.helpers.waiting import eventually

D = Decimal


def press(window, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.ladder.canvas, key, modifier)


@pytest.fixture
async def ready(window):
    """A window with the keyboard in the ladder and a small quantity in the ticket."""
    window.ticket.qty.setText("0.01")
    window.ladder.canvas.setFocus()
    return window


@pytest.fixture
async def armed(ready):
    press(ready, Qt.Key.Key_L)
    await eventually(lambda: ready.arming.is_armed)
    return ready


def touch(window):
    view = window.ladder.canvas.view
    return view.best_bid[0], view.best_ask[0]


def test_no_two_commands_share_a_key_and_none_takes_the_cancel_chords():
    for command in COMMANDS:
        for key in command.keys:
            assert problem({}, command.name, key) == "", (command.name, key)
    assert "kept for cancelling" in problem({}, "arm", "Esc")
    assert "belongs to" in problem({}, "arm", "H")
    assert problem({"health": ("F1",)}, "arm", "H") == ""
    assert "no key" in problem({}, "arm", "nonsense")


async def test_a_key_held_down_never_repeats_a_command(window):
    assert all(not window.actions_by_name[command.name].autoRepeat() for command in COMMANDS)


async def test_digits_put_sizes_into_the_ticket(ready):
    ready.choices.set(size_presets=["0.5", "500 quote", "10%", "50%", "100%"])
    ready.ticket.set_price(D(50000))

    press(ready, Qt.Key.Key_1)
    assert ready.ticket.qty.value == D("0.5")
    press(ready, Qt.Key.Key_2)
    assert ready.ticket.qty.value == D("0.01")


async def test_locked_no_key_sends_and_the_trader_is_told(ready, desk):
    for key in (Qt.Key.Key_Q, Qt.Key.Key_W, Qt.Key.Key_A, Qt.Key.Key_S):
        press(ready, key)

    assert desk.executor.submitted == []
    assert not ready.hold.is_held
    assert "locked" in ready.toast.text()


@pytest.mark.parametrize(("key", "side"), [(Qt.Key.Key_Q, Side.BUY), (Qt.Key.Key_W, Side.SELL)])
async def test_joining_rests_post_only_at_the_best_price_of_its_side(armed, desk, key, side):
    bid, ask = touch(armed)

    press(armed, key)

    await eventually(lambda: desk.executor.submitted)
    (order,) = desk.executor.submitted
    assert (order.side, order.qty, order.post_only) == (side, D("0.01"), True)
    assert order.limit_price == (bid if side is Side.BUY else ask)


async def test_taking_needs_the_key_to_be_held(armed, desk):
    ask = touch(armed)[1]
    canvas = armed.ladder.canvas

    QTest.keyPress(canvas, Qt.Key.Key_A)
    assert armed.hold.isVisible()
    assert "BUY 0.01 BTC" in armed.hold.text
    QTest.keyRelease(canvas, Qt.Key.Key_A)
    assert not armed.hold.isVisible()
    assert desk.executor.submitted == []

    QTest.keyPress(canvas, Qt.Key.Key_A)
    await eventually(lambda: desk.executor.submitted, timeout_s=HOLD_MS / 1000 + 2)
    QTest.keyRelease(canvas, Qt.Key.Key_A)
    (order,) = desk.executor.submitted
    assert (order.side, order.limit_price, order.time_in_force) == (Side.BUY, ask, TimeInForce.IOC)


async def test_another_key_ends_a_hold(armed, desk):
    QTest.keyPress(armed.ladder.canvas, Qt.Key.Key_S)
    assert armed.hold.is_held

    QTest.keyClick(armed.ladder.canvas, Qt.Key.Key_Escape)

    assert not armed.hold.is_held
    assert desk.executor.submitted == []


async def test_letters_belong_to_fields_and_lists_that_have_the_keyboard(ready, desk):
    search, kind = ready.watchlist.search, ready.ticket.kind
    search.setFocus()
    QTest.keyClicks(search, "qwasl")
    kind.setFocus()
    QTest.keyClicks(kind, "market")

    assert search.text() == "qwasl"
    assert kind.currentText() == "market"
    assert not ready.arming.is_armed
    assert not ready.toast.isVisible()


async def test_the_delete_key_cancels_the_selected_orders_from_table_and_ladder(ready, desk):
    first, second, *_ = [order for order in desk.stores.orders.open("BTC/USD") if order.order_id]
    ready.orders.table.setFocus()
    ready.orders.table.select_key(first.cl_ord_id)
    QTest.keyClick(ready.orders.table, Qt.Key.Key_Delete)
    await eventually(lambda: len(desk.executor.cancelled) == 1)

    ready.ladder.canvas.setFocus()
    ready.ladder.canvas.order_clicked.emit(second.cl_ord_id)
    press(ready, Qt.Key.Key_Delete)

    await eventually(lambda: len(desk.executor.cancelled) == 2)
    assert [r.cl_ord_id for r in desk.executor.cancelled] == [first.cl_ord_id, second.cl_ord_id]


async def test_arrows_scroll_the_ladder_until_an_order_is_selected_then_they_nudge_it(ready, desk):
    canvas = ready.ladder.canvas
    canvas.repaint()
    before = canvas.price_at(1)
    press(ready, Qt.Key.Key_Up)
    canvas.repaint()
    assert canvas.price_at(1) > before
    assert desk.executor.amended == []

    order = next(o for o in desk.stores.orders.open("BTC/USD") if o.order_id and o.post_only)
    ready.ladder.canvas.order_clicked.emit(order.cl_ord_id)
    press(ready, Qt.Key.Key_Up)
    press(ready, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)

    await eventually(lambda: len(desk.executor.amended) == 2)
    tick = desk.instrument().price_increment
    assert desk.executor.amended[0].limit_price == order.limit_price + tick
    assert desk.executor.amended[0].order_id == order.order_id


async def test_flattening_says_what_to_choose_first_then_sells_what_is_above_it_when_held(ready, desk):
    press(ready, Qt.Key.Key_F)
    assert "how much BTC to keep" in ready.toast.text()
    assert not ready.hold.is_held

    ready.choices.set(keep={"BTC": "1.8"})
    QTest.keyPress(ready.ladder.canvas, Qt.Key.Key_F)
    assert "SELL 0.04120331 BTC" in ready.hold.text
    await eventually(lambda: desk.flattener.flattened, timeout_s=HOLD_MS / 1000 + 2)
    QTest.keyRelease(ready.ladder.canvas, Qt.Key.Key_F)

    assert desk.flattener.flattened == [("BTC/USD", D("1.8"), 30)]


async def test_a_key_bound_otherwise_works_at_once_and_its_old_one_no_more(ready):
    ready.choices.set(keys={"arm": ["Ctrl+J"]})

    press(ready, Qt.Key.Key_L)
    assert not ready.arming.is_armed
    press(ready, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert ready.arming.is_armed


async def test_holding_alt_shows_every_key_until_it_is_let_go(ready):
    canvas = ready.ladder.canvas
    QTest.keyPress(canvas, Qt.Key.Key_Alt)
    await eventually(ready.keys_overlay.isVisible)
    shown = {label.text() for label in ready.keys_overlay.findChildren(QLabel)}
    QTest.keyRelease(canvas, Qt.Key.Key_Alt)

    assert {"Esc Esc", "Ctrl+K", "Take the ask (buy, hold)"} <= shown
    assert not ready.keys_overlay.isVisible()


async def test_a_read_only_window_has_no_trading_keys(ready, desk):
    ready.make_read_only()
    for key in (Qt.Key.Key_Q, Qt.Key.Key_A, Qt.Key.Key_F, Qt.Key.Key_Delete, Qt.Key.Key_L):
        press(ready, key)

    assert not ready.arming.is_armed
    assert desk.executor.submitted == []
    assert desk.executor.cancelled == []
    assert QApplication.focusWidget() is ready.ladder.canvas
