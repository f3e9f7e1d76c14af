"""Strategies, brackets, flattening and the dead-man's switch by mouse and keyboard."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.app.dead_man import DeadManState
from core.app.strategies.scaled import Scaled
from core.app.strategy import StrategyState
from core.domain.instrument import Side
from gui.forms.dead_man_dialog import DeadManDialog
from gui.forms.flatten_dialog import FlattenDialog
from gui.forms.quit_dialog import QuitDialog
from gui.forms.strategy_dialog import BRACKET, StrategyDialog
from gui.widgets.hold_button import HOLD_MS
from tests.helpers.waiting import eventually

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
async def panel(window, desk):
    window.docks.show("Strategies")
    await eventually(lambda: window.automation.panel.isVisible())
    yield window.automation.panel
    await desk.strategies.close()
    await desk.brackets.close()


async def fill_in(window, kind, **values):
    window.automation.add_strategy()
    dialog = window.findChild(StrategyDialog)
    await eventually(dialog.isVisible)
    dialog.kind.setCurrentText(kind)
    for name, value in values.items():
        field = dialog.field(name)
        field.clear()
        QTest.keyClicks(field, value)
    QTest.mouseClick(dialog.begin, LEFT)
    return dialog


def cells(panel):
    model = panel.model
    return [
        [model.index(row, at).data() for at in range(model.columnCount())] for row in range(model.rowCount())
    ]


async def test_a_strategy_is_added_shown_paused_and_stopped(panel, window, desk):
    await fill_in(window, "TWAP", qty="0.5", seconds="600", slices="10", capital="20000")
    await eventually(lambda: panel.model.rowCount() == 1)
    (run,) = desk.strategies.runs()
    panel.table.select_key(panel.model.key_at(0))

    assert run.plan.limits.capital == 20_000
    assert cells(panel)[0][1:4] == ["TWAP", "BTC/USD", "▶ running"]
    assert cells(panel)[0][5] == "20,000.00"
    QTest.mouseClick(panel.pause, LEFT)
    assert run.state is StrategyState.PAUSED
    assert "‖" in cells(panel)[0][3]
    QTest.mouseClick(panel.pause, LEFT)
    assert run.state is StrategyState.RUNNING
    QTest.mouseClick(panel.stop, LEFT)
    await eventually(lambda: run.ended.is_set())
    assert cells(panel)[0][3] == "■ stopped"
    assert not panel.stop.isEnabled()
    assert "stop strategy" in desk.inputs[-1]


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("TWAP", {"qty": "0.5", "capital": "0"}, "capital"),
        ("TWAP", {"qty": "", "capital": "1"}, "enter a number"),
        ("TWAP", {"qty": "0.5", "seconds": "10", "capital": "1"}, "slices"),
        ("Chase", {"qty": "-1", "capital": "1"}, "not a number"),
        (BRACKET, {"qty": "1", "stop": "70000", "target": "60000"}, "far side"),
    ],
)
async def test_what_does_not_fit_is_said_and_nothing_starts(panel, window, desk, kind, values, words):
    dialog = await fill_in(window, kind, **values)

    assert words in dialog.error.text()
    assert dialog.isVisible()
    assert desk.strategies.runs() == []
    assert desk.brackets.all() == []
    dialog.reject()


async def test_every_kind_has_its_fields(panel, window):
    window.automation.add_strategy()
    dialog = window.findChild(StrategyDialog)

    dialog.kind.setCurrentText(Scaled.title)
    assert dialog.field("weights").currentText() == "equal"
    assert dialog.field("post_only").isChecked()
    dialog.kind.setCurrentText(BRACKET)
    assert dialog.field("side").currentData() == "sell"
    dialog.reject()


async def test_a_bracket_is_attached_and_says_who_guards_it(panel, window, desk):
    await fill_in(window, BRACKET, qty="0.5", stop="55000", target="70000")
    await eventually(lambda: panel.model.rowCount() == 1)

    (guarded,) = desk.brackets.all()
    assert guarded.plan.side is Side.SELL
    assert "NOTHING at the exchange yet" in cells(panel)[0][-1]
    panel.table.select_key(panel.model.key_at(0))
    await eventually(lambda: panel.stop.text() == "■ Release")
    QTest.mouseClick(panel.stop, LEFT)
    await eventually(lambda: guarded.plan.released)


async def test_flattening_tells_what_it_would_do_and_must_be_held(window, desk):
    window.actions_by_name["flatten_to"].trigger()
    await eventually(lambda: window.findChild(FlattenDialog) is not None)
    dialog = window.findChild(FlattenDialog)
    await eventually(dialog.isVisible)
    dialog.baseline.clear()
    QTest.keyClicks(dialog.baseline, "1.8")

    owned = desk.stores.balances.get("BTC").spot
    assert "no worse than" in dialog.words.text()
    assert f"{owned:f}".rstrip("0") in dialog.words.text().replace(",", "")
    QTest.mouseClick(dialog.go, LEFT)
    assert desk.flattener.flattened == []
    QTest.mousePress(dialog.go, LEFT)
    await eventually(lambda: desk.flattener.flattened, timeout_s=2 + HOLD_MS / 1_000)
    assert desk.flattener.flattened == [("BTC/USD", Decimal("1.8"), window.choices.settings.flatten_bps)]
    assert any(text.startswith("flatten BTC/USD to 1.8") for text in desk.inputs)


async def test_the_ring_counts_down_and_the_switch_is_armed_only_on_purpose(window, desk):
    assert desk.dead_man.state is DeadManState.OFF
    assert window.automation.ring.text == "–"

    QTest.mouseClick(window.automation.ring, LEFT)
    dialog = window.findChild(DeadManDialog)
    await eventually(dialog.isVisible)
    assert desk.timer.asked == []
    assert dialog.orders.count() == len(desk.stores.orders.open()) > 0
    QTest.mouseClick(dialog.arm, LEFT)
    await eventually(lambda: window.automation.ring.text == "60")
    desk.clock.advance(s=25)
    await eventually(lambda: window.automation.ring.text == "35")
    assert "35 s" in window.automation.ring.toolTip()
    dialog.refresh()
    QTest.mouseClick(dialog.disarm, LEFT)
    await eventually(lambda: window.automation.ring.text == "–")
    assert desk.timer.asked == [60, 0]
    dialog.accept()


async def test_quitting_with_the_switch_armed_says_what_it_will_do(window, desk):
    await desk.dead_man.arm()

    window.close()

    dialog = window.findChild(QuitDialog)
    await eventually(dialog.isVisible)
    assert "CANCELS THEM ALL" in dialog.informativeText()
    dialog.reject()
    await desk.dead_man.disarm()


async def test_nothing_of_it_is_sent_with_an_old_baseline(window, desk):
    window.automation.flatten_pair()
    dialog = window.findChild(FlattenDialog)
    dialog.baseline.clear()

    assert not dialog.go.isEnabled()
    assert dialog.baseline.value is None
    assert dialog.slippage.value() <= Decimal(500)
    dialog.reject()
