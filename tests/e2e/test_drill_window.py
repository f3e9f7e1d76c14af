"""The fire drill as its user sees it: from the menu, beside a window that goes on working."""

from __future__ import annotations

import os

import pytest

from gui.forms.drill_dialog import DrillDialog
from tests.helpers.desk import open_desk
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


async def test_a_drill_from_the_menu_locks_the_ticket_and_ends_with_a_score(qtbot, log_guard):
    log_guard.allow("core")
    async with open_desk(("BTC/USD",)) as desk:
        await desk.ready()
        window = desk.window
        window.open_drill()
        dialog = window.findChild(DrillDialog)
        assert not dialog.isModal()
        dialog.list.setCurrentRow(2)

        dialog.begin.click()

        await eventually(lambda: not desk.session.stores.is_tradable(window.link.symbol), timeout_s=15)
        await eventually(lambda: "detected      after" in dialog.report.toPlainText())
        dialog.end.click()
        await eventually(lambda: "100 of 100" in dialog.score.text(), timeout_s=30)
        assert "left everything as it was" in dialog.report.toPlainText()
        if picture := os.environ.get("DRILL_PICTURE"):
            dialog.grab().save(picture)
        dialog.close()


async def test_closing_the_dialog_mends_the_exchange(qtbot, log_guard):
    log_guard.allow("core")
    async with open_desk(("BTC/USD",)) as desk:
        await desk.ready()
        desk.window.open_drill()
        dialog = desk.window.findChild(DrillDialog)
        dialog.list.setCurrentRow(8)
        dialog.begin.click()
        await eventually(lambda: desk.session.stores.health.system == "maintenance", timeout_s=10)

        dialog.close()

        await eventually(lambda: desk.session.stores.health.system == "online", timeout_s=10)
        await eventually(lambda: not desk.session.drill.running, timeout_s=30)
