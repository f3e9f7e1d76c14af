"""The pre-flight on screen: what stands in the way, and the two ways past it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.app.live_guard import LiveGuard
from core.app.preflight import LOCK, CheckState, Preflight
from core.domain.mode import Mode
from core.domain.passport import NEEDED, KeyInfo, judge
from core.processing.stores import Stores
from core.runtime.clock import ManualClock
from gui.forms.live_dialog import LiveDialog, LiveWatch
from gui.forms.preflight_dialog import PreflightDialog
from tests.helpers.market import full_desk

pytestmark = pytest.mark.qt


@pytest.fixture
def notes():
    return []


@pytest.fixture
def flight(notes):
    """A pre-flight of a desk at which one line of each side is down."""
    desk = full_desk()
    guard = LiveGuard(Mode.LIVE, desk.stores.health, ManualClock())
    guard.passport = judge(KeyInfo(permissions=NEEDED, addresses=("203.0.113.7",)), 0)
    found = Preflight(guard, desk.stores, lambda source, text: notes.append((source, text)))
    found.desk, found.guard = desk, guard
    return found


@pytest.fixture
def dialog(qtbot, flight):
    window = QWidget()
    qtbot.addWidget(window)
    shown = PreflightDialog(flight, window)
    shown.open()
    shown.window_below = window
    return shown


def test_each_check_is_told_in_shape_and_word(dialog, flight):
    states = {check.name: check.state for check in flight.checks()}

    assert states["market lines"] is CheckState.WAITING
    assert dialog.rows["market lines"][0].text() == "… waiting"
    assert dialog.rows["key"][0].text() == "✓ passed"
    assert dialog.rows["key"][1].text() == "may trade, cannot withdraw"
    assert not dialog.go_on.isEnabled()


def test_a_read_only_key_fails(flight):
    flight.guard.passport = judge(KeyInfo(permissions=frozenset({"query-funds"})), 0)

    assert flight.checks()[0].state is CheckState.FAILED
    assert "close-trades" in flight.checks()[0].text


def test_a_clock_a_second_off_fails(flight, monkeypatch):
    monkeypatch.setattr(flight.desk.stores.performance, "clock_offset_ns", -1_200_000_000)

    assert flight.checks()[1].state is CheckState.FAILED
    assert "-1200.0" in flight.checks()[1].text


def test_nothing_known_is_waiting_and_never_passed():
    stores = Stores.create()
    flight = Preflight(LiveGuard(Mode.LIVE, stores.health, ManualClock()), stores, lambda *_: None)

    assert {check.state for check in flight.checks()} == {CheckState.WAITING}
    flight.look()
    assert LOCK in stores.health.locks


@pytest.mark.parametrize("mode", [Mode.DEMO, Mode.PAPER, Mode.REPLAY])
def test_play_money_needs_none(mode):
    stores = Stores.create()

    assert Preflight(LiveGuard(mode, stores.health, ManualClock()), stores, lambda *_: None).is_done
    assert stores.health.locks == {}


def test_a_reason_opens_the_lock_and_is_written_down(qtbot, dialog, flight, notes):
    QTest.keyClicks(dialog.reason, "no")
    assert not dialog.anyway.isEnabled()

    QTest.keyClicks(dialog.reason, " backup line today")
    QTest.mouseClick(dialog.anyway, Qt.MouseButton.LeftButton)

    assert flight.is_done
    assert LOCK not in flight.desk.stores.health.locks
    ((source, text),) = notes
    assert source == LOCK
    assert "market lines" in text
    assert "no backup line today" in text


def test_staying_locked_leaves_the_lock_and_the_menu_asks_again(qtbot, flight):
    window = QWidget()
    qtbot.addWidget(window)
    watch = LiveWatch(flight.guard, flight, window)
    watch.ask()
    first = window.findChild(PreflightDialog)
    first.reject()
    qtbot.waitUntil(lambda: window.findChild(PreflightDialog) is None)
    assert LOCK in flight.desk.stores.health.locks

    watch.ask()
    flight.trade_anyway("tried and found good")
    qtbot.waitUntil(window.findChild(PreflightDialog).go_on.isEnabled)
    QTest.mouseClick(window.findChild(PreflightDialog).go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.findChild(LiveDialog) is not None)
    watch.stop()
    window.findChild(LiveDialog).reject()
