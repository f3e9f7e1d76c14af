"""A live session from its first second: pre-flight, word, order. The exchange is the embedded one, the mode is real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.app.venue import Venue
from core.domain.mode import Mode
from core.processing.health_store import HealthLevel
from core.runtime.clock import SystemClock
from gui.forms.live_dialog import LiveDialog
from gui.forms.preflight_dialog import PreflightDialog
from tests.helpers.desk import demo_venue, open_desk
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


@asynccontextmanager
async def live_venue() -> AsyncIterator[Venue]:
    """The embedded exchange, told to be the real one."""
    async with demo_venue(SystemClock(), 7) as venue:
        yield replace(venue, mode=Mode.LIVE, is_new=False, faults=None)


async def test_a_live_start_shows_the_checks_then_asks_the_word_and_only_then_sells(qtbot, expect_logs):
    expect_logs("core.app.live_guard", "address list")
    async with open_desk(venue_at=live_venue()) as desk:
        window, health = desk.window, desk.session.stores.health
        await eventually(lambda: window.findChild(PreflightDialog) is not None)
        dialog = window.findChild(PreflightDialog)
        assert health.locks.keys() >= {"live"}

        await eventually(dialog.go_on.isEnabled, timeout_s=20)
        assert {mark.text() for mark, _ in dialog.rows.values()} == {"✓ passed"}
        assert "2 of 2 live" in dialog.rows["account lines"][1].text()
        QTest.mouseClick(dialog.go_on, Qt.MouseButton.LeftButton)

        await eventually(lambda: window.findChild(LiveDialog) is not None)
        assert set(health.locks) == {"live"}
        word = window.findChild(LiveDialog)
        QTest.keyClicks(word.word, "LIVE")
        QTest.mouseClick(word.unlock, Qt.MouseButton.LeftButton)

        await eventually(lambda: not health.locks)
        await eventually(lambda: health.shown.level is HealthLevel.SAFE)
