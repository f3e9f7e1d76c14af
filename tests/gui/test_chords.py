"""The keys that cancel orders work wherever the keyboard is, and only when they are meant."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui.chords import CHORD_MS
from gui.widgets.keys_dialog import KeysDialog
from tests.helpers.waiting import eventually

CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


def escape(widget: QWidget, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Escape, modifier)


def places_of_the_keyboard(window) -> dict[str, QWidget]:
    return {
        "table": window.watchlist.table,
        "text field": window.watchlist.search,
        "number field": window.ticket.limit,
        "list": window.ticket.kind,
        "ladder": window.ladder.canvas,
    }


@pytest.mark.parametrize("place", ["table", "text field", "number field", "list", "ladder"])
async def test_two_escapes_cancel_the_pair_wherever_the_keyboard_is(window, desk, place):
    widget = places_of_the_keyboard(window)[place]
    widget.setFocus()

    escape(widget)
    escape(widget)

    await eventually(lambda: desk.executor.cancelled_all == [window.link.symbol])


async def test_two_escapes_with_control_cancel_everything(window, desk):
    escape(window, CONTROL)
    escape(window, CONTROL)

    await eventually(lambda: desk.executor.cancelled_all == [None])


async def test_one_press_is_no_chord_and_neither_are_two_slow_ones_or_two_different_ones(window, desk):
    escape(window)
    desk.clock.advance(ms=CHORD_MS + 1)
    escape(window)
    escape(window, CONTROL)
    escape(window)
    desk.clock.advance(ms=CHORD_MS + 1)
    escape(window, CONTROL)
    escape(window, CONTROL)

    await eventually(lambda: desk.executor.cancelled_all)
    assert desk.executor.cancelled_all == [None]


async def test_a_third_press_begins_a_new_chord(window, desk):
    for _ in range(3):
        escape(window)
    await eventually(lambda: desk.executor.cancelled_all)
    assert len(desk.executor.cancelled_all) == 1

    escape(window)

    await eventually(lambda: len(desk.executor.cancelled_all) == 2)


async def test_a_key_held_down_is_one_press(window, desk):
    def qt_asks_who_wants_it(*, repeated: bool) -> None:
        QApplication.sendEvent(
            window, QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, NONE, "", repeated)
        )

    for repeated in (False, True, True, True):
        qt_asks_who_wants_it(repeated=repeated)
    held_down = list(desk.executor.cancelled_all)
    qt_asks_who_wants_it(repeated=False)

    await eventually(lambda: desk.executor.cancelled_all == [window.link.symbol])
    assert held_down == []


async def test_the_first_escape_still_closes_a_dialog_and_the_second_completes_the_chord(window, desk):
    QTest.keyClick(window, Qt.Key.Key_Question)
    await eventually(lambda: isinstance(QApplication.activeWindow(), KeysDialog))
    dialog = QApplication.activeWindow()
    await eventually(lambda: QApplication.focusWidget() is not None)

    escape(QApplication.focusWidget())
    await eventually(lambda: not window.findChildren(KeysDialog))
    del dialog
    escape(window)

    await eventually(lambda: desk.executor.cancelled_all == [window.link.symbol])


async def test_what_became_of_the_cancels_is_told(window, desk):
    escape(window)
    escape(window)

    await eventually(lambda: "asked" in window.toast.text())
    assert str(window.link.symbol) in window.toast.text()
