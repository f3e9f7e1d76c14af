"""Scaled orders from the form: what is previewed is what leaves, in batches, as one group."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.instrument import Side
from gui.forms.scaled_dialog import ScaledDialog
from tests.helpers.waiting import eventually

D = Decimal


@pytest.fixture
async def dialog(window) -> ScaledDialog:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_S, both)
    found = window.findChild(ScaledDialog)
    await eventually(found.isVisible)
    found.qty.setText("1")
    found.first.setText("61000")
    found.last.setText("60000")
    return found


def cells(dialog: ScaledDialog, column: int) -> list[str]:
    return [dialog.table.item(row, column).text() for row in range(dialog.table.rowCount())]


async def test_every_order_is_previewed_before_it_is_sent(dialog, desk):
    dialog.count.setValue(5)

    assert cells(dialog, 0) == ["61,000.0", "60,750.0", "60,500.0", "60,250.0", "60,000.0"]
    assert cells(dialog, 1) == ["0.2"] * 5
    assert cells(dialog, 3)[-1] == "1.0"
    assert "60,500.0" in dialog.sums.text()
    assert desk.executor.submitted == []


async def test_sizes_follow_the_distribution_chosen(dialog):
    dialog.count.setValue(5)
    dialog.distribution.setCurrentIndex(1)

    assert cells(dialog, 1) == ["0.10", "0.15", "0.20", "0.25", "0.30"]
    assert dialog.skew.isEnabled()


async def test_what_leaves_is_what_was_previewed_in_batches_of_at_most_fifteen(dialog, desk):
    dialog.count.setValue(32)
    shown = list(zip(cells(dialog, 0), cells(dialog, 1), strict=True))

    QTest.mouseClick(dialog.send, Qt.MouseButton.LeftButton)

    await eventually(lambda: len(desk.executor.submitted) == 32)
    sent = [(f"{r.limit_price:,.1f}", f"{r.qty.normalize():f}") for r in desk.executor.submitted]
    assert sent == shown
    assert sum(r.qty for r in desk.executor.submitted) == 1
    assert desk.executor.batches == [10, 11, 11]
    assert all(r.post_only and r.side is Side.BUY for r in desk.executor.submitted)


async def test_twenty_clicks_send_one_scale(dialog, desk):
    dialog.count.setValue(4)
    for _ in range(20):
        dialog.send.click()

    await eventually(lambda: desk.executor.submitted)
    assert len(desk.executor.submitted) == 4


async def test_orders_of_a_group_are_cancelled_together_and_no_other(dialog, window, desk):
    dialog.count.setValue(4)
    QTest.mouseClick(dialog.send, Qt.MouseButton.LeftButton)
    await eventually(lambda: len(desk.executor.submitted) == 4)
    ids = {request.cl_ord_id for request in desk.executor.submitted}
    one = desk.stores.orders.get(desk.executor.submitted[2].cl_ord_id)

    assert window.orders.group_size(one) == 4
    window.orders.group_wished.emit(one)

    await eventually(lambda: len(desk.executor.cancelled) == 4)
    assert {request.cl_ord_id for request in desk.executor.cancelled} == ids


async def test_an_empty_form_is_not_called_wrong_and_sends_nothing(dialog):
    dialog.qty.setText("")

    assert dialog.problem.text() == ""
    assert "Enter a" in dialog.send.text()
    assert not dialog.send.isEnabled()


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("qty", "0.123456789", "multiple of"),
        ("first", "61000.05", "not on the price grid"),
    ],
)
async def test_what_does_not_fit_is_told_and_locks_the_button(dialog, field, text, told):
    getattr(dialog, field).setText(text)

    assert told in dialog.problem.text()
    assert not dialog.send.isEnabled()
    assert dialog.table.rowCount() == 0


async def test_ghosts_stand_on_the_ladder_while_the_form_is_open(dialog, window):
    canvas = window.ladder.canvas
    bid = canvas.view.best_bid[0]
    dialog.first.setText(f"{bid}")
    dialog.last.setText(f"{bid - 5}")
    with_ghosts = canvas.grab().toImage()

    dialog.reject()

    assert canvas.grab().toImage() != with_ghosts
