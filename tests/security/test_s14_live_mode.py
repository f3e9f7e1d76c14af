"""S14: live mode looks like live mode, and sends nothing before somebody said so at this desk."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core.app.live_guard import IDLE_NS, LiveGuard
from core.app.risk import RiskManager
from core.domain.errors import RiskRejected
from core.domain.limits import Reason
from core.domain.mode import Mode
from core.processing import risk_rules
from core.processing.health_store import HealthStore
from core.processing.stores import Stores
from core.runtime.clock import ManualClock
from core.runtime.tasks import Supervisor
from gui.forms.live_dialog import LiveDialog
from gui.main_window import LIVE_FRAME
from gui.theme import active, apply_theme
from tests.helpers.market import full_desk
from tests.helpers.rest_calls import order
from tests.helpers.waiting import eventually
from tests.helpers.window import open_window


@pytest.fixture
def clock():
    return ManualClock()


def unlocked(clock):
    health = HealthStore()
    guard = LiveGuard(Mode.LIVE, health, clock)
    health.lock("key", "")
    assert guard.confirm("LIVE")
    return guard, health


@pytest.mark.parametrize("mode", [Mode.DEMO, Mode.PAPER])
def test_s14_play_money_needs_no_word(clock, mode):
    health = HealthStore()

    assert not LiveGuard(mode, health, clock).is_locked
    assert health.locks == {}


def test_s14_an_order_before_the_word_is_refused_with_the_reason(clock):
    stores = Stores.create()
    LiveGuard(Mode.LIVE, stores.health, clock)

    findings = list(risk_rules.account(stores))

    assert Reason.LOCKED in {finding.reason for finding in findings}
    with pytest.raises(RiskRejected):
        RiskManager(stores, clock).check(order())


@pytest.mark.parametrize("typed", ["", "live", "LIV", "yes", "LIVE!"])
def test_s14_nothing_but_the_word_opens_the_lock(clock, typed):
    guard = LiveGuard(Mode.LIVE, HealthStore(), clock)

    assert not guard.confirm(typed)
    assert guard.is_locked


def test_s14_the_word_is_typed_once_a_session(clock):
    guard, health = unlocked(clock)

    for _ in range(100):
        clock.advance(s=60)
        guard.touched()
        guard.look()

    assert health.locks == {}


def test_s14_an_empty_desk_locks_itself(clock):
    guard, health = unlocked(clock)

    clock.advance(ns=IDLE_NS + 1)
    guard.look()

    assert guard.is_locked
    assert "nobody" in health.locks["live"]
    assert guard.confirm("LIVE")


def test_s14_limits_per_order_and_per_day_are_there_from_the_first_start():
    limits = Stores.create().risk.limits

    assert limits.every.notional.block > limits.every.notional.hold > 0
    assert limits.loss.halt > limits.loss.reduce > 0
    assert limits.submits > 0


@pytest.mark.qt
async def test_s14_the_live_window_is_framed_says_so_and_asks_for_the_word(qapp, tmp_path):
    apply_theme(qapp)
    desk = full_desk(mode=Mode.LIVE)
    async with Supervisor("window") as tasks:
        window = open_window(desk, tmp_path, tasks)
        try:
            await eventually(lambda: window.findChild(LiveDialog) is not None)
            dialog = window.findChild(LiveDialog)
            words = {label.text() for label in window.findChildren(QLabel)}
            assert "LIVE" in words
            assert window.contentsMargins().left() == LIVE_FRAME >= 2
            assert active().mode(Mode.LIVE) != active().mode(Mode.DEMO)

            QTest.keyClicks(dialog.word, "live")
            assert not dialog.unlock.isEnabled()
            dialog.word.clear()
            QTest.keyClicks(dialog.word, "LIVE")
            QTest.mouseClick(dialog.unlock, Qt.MouseButton.LeftButton)

            assert not desk.live.is_locked
        finally:
            window.dispose()


@pytest.mark.qt
async def test_s14_closing_the_question_leaves_it_locked_and_line_0_says_why(qapp, tmp_path):
    apply_theme(qapp)
    desk = full_desk(mode=Mode.LIVE)
    async with Supervisor("window") as tasks:
        window = open_window(desk, tmp_path, tasks)
        try:
            await eventually(lambda: window.findChild(LiveDialog) is not None)
            window.findChild(LiveDialog).reject()

            assert desk.live.is_locked
            await eventually(lambda: window.findChild(LiveDialog) is None)
            window.live.ask()
            assert window.findChild(LiveDialog) is not None
        finally:
            window.dispose()
