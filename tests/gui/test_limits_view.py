"""Limits against their use, how they are changed, and the kill switch wherever it is shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.limits import Band, LossLimits
from core.processing.risk_store import LossState
from gui.models.limits_model import NAMES
from tests.helpers.market import BTC
from tests.helpers.waiting import eventually


@pytest.fixture
async def limits(window):
    window.show_limits()
    await eventually(lambda: window.limits.isVisible() and window.limits.model.rowCount() == len(NAMES))
    return window.limits


def cells(limits, name):
    row = limits.model.row_of(name)
    return [limits.model.index(row, at).data() for at in range(limits.model.columnCount())]


def type_band(limits, name, *values):
    limits.table.select_key(name)
    fields = [field for field in limits.editor.fields.values() if field.isVisibleTo(limits.editor)]
    for field, value in zip(fields, values, strict=True):
        field.clear()
        QTest.keyClicks(field, value)
    QTest.mouseClick(limits.editor.set, Qt.MouseButton.LeftButton)


async def test_every_limit_is_shown_with_its_use_and_how_close_it_is(limits):
    assert cells(limits, "notional")[:5] == ["Order value", "30,475", "25,000", "100,000", "1,000,000"]
    assert cells(limits, "notional")[-1] == "△ ask"
    assert cells(limits, "open_orders")[-1] == "✓ within"
    assert cells(limits, "loss")[-1] == "unknown"
    assert cells(limits, "slippage")[-1] == "each order"


async def test_a_limit_is_set_for_the_pair_marked_and_told_to_who_keeps_it(limits, desk):
    told = []
    limits.limits_set.connect(told.append)

    type_band(limits, "notional", "1000", "2000", "40000")

    assert desk.stores.risk.limits.of(BTC).notional == Band(1_000, 2_000, 40_000)
    assert desk.stores.risk.limits.every.notional == Band(25_000, 100_000, 1_000_000)
    assert told == [desk.stores.risk.limits]
    assert cells(limits, "notional")[0] == "Order value ●"
    assert cells(limits, "notional")[-1] == "▲ type"

    QTest.mouseClick(limits.editor.reset, Qt.MouseButton.LeftButton)

    assert desk.stores.risk.limits.pairs == {}


async def test_a_limit_for_all_pairs_is_the_profiles(limits, desk):
    limits.table.select_key("away")
    limits.editor.scope.setCurrentIndex(1)

    type_band(limits, "away", "100", "200", "300")

    assert desk.stores.risk.limits.every.away == Band(100, 200, 300)
    assert desk.stores.risk.limits.pairs == {}


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("notional", ("5", "4", "3"), "must rise"),
        ("away", ("1", "2", "10001"), "more than 10000"),
        ("notional", ("1", "2", "99999999999"), "1000000000"),
        ("notional", ("1.5", "2", "3"), "whole numbers"),
        ("submits", ("0",), ">= 1"),
        ("loss", ("500", "100"), "must not be above"),
    ],
)
async def test_what_makes_no_sense_is_named_and_changes_nothing(limits, desk, name, values, words):
    before = desk.stores.risk.limits
    type_band(limits, name, *values)

    assert words in limits.editor.error.text()
    assert desk.stores.risk.limits is before


async def test_loss_and_rate_are_set_too_and_the_fixed_ones_say_so(limits, desk):
    type_band(limits, "loss", "100", "200")
    type_band(limits, "submits", "5")
    assert desk.stores.risk.limits.loss == LossLimits(100, 200)
    assert desk.stores.risk.limits.submits == 5

    limits.table.select_key("doubts")

    assert limits.editor.error.text() == "This limit is fixed."
    assert not limits.editor.set.isVisibleTo(limits.editor)


async def test_the_kill_button_stops_orders_and_cancels_all_until_it_is_acknowledged(window, limits, desk):
    QTest.mouseClick(limits.kill, Qt.MouseButton.LeftButton)
    await eventually(lambda: desk.executor.cancelled_all == [None])
    desk.stores.flush_all()

    assert desk.stores.risk.killed == "pulled by hand"
    assert limits.state.text().startswith("■ KILLED")
    assert not limits.kill.isVisible()
    assert window.alarms.isVisible()
    assert "KILL SWITCH" in window.alarms.text.text()

    QTest.mouseClick(window.alarms.acknowledge, Qt.MouseButton.LeftButton)
    desk.stores.flush_all()

    assert desk.stores.risk.killed == ""
    assert not window.alarms.isVisible()
    assert limits.kill.isVisible()


async def test_the_key_of_the_kill_switch_works_while_a_number_is_typed(window, limits, desk):
    window.ticket.qty.setFocus()
    QTest.keyClick(
        window.ticket.qty,
        Qt.Key.Key_K,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )

    await eventually(lambda: desk.executor.cancelled_all == [None])
    assert desk.stores.risk.killed


async def test_the_loss_of_the_day_is_told_with_what_it_locks(limits, desk):
    desk.risk.day_pnl = lambda: (20_000, Decimal(-6_000))
    desk.risk.look()
    desk.stores.flush_all()

    assert desk.stores.risk.loss_state is LossState.REDUCING
    assert cells(limits, "loss")[1] == "6,000"
    assert cells(limits, "loss")[-1] == "▲ type"
    assert "reducing" in limits.state.text()
