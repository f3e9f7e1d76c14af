"""The event log on screen: found by source, severity and words, copied, exported, with our own orders among it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from core.domain.orders import OrderStatus
from core.processing.event_kinds import EventKind, Grade
from tests.helpers.waiting import eventually


@pytest.fixture
async def view(window, desk):
    window.docks.show("Events")
    now = desk.clock.wall_ns()
    desk.stores.health.note(now + 1, "private B line", "backoff: reset by peer")
    desk.stores.health.note(now + 2, "BTC/USD", "book stopped without a word: asked anew")
    desk.stores.health.note(now + 3, "public line", "live")
    desk.flush()
    await eventually(lambda: "public line" in sources(window.events))
    return window.events


def rows(view):
    return [view.model.row_at(row) for row in range(view.model.rowCount())]


def sources(view):
    return [row.source for row in rows(view)]


def choose(view, data):
    at = next(n for n in range(view.about.count()) if view.about.itemData(n) == data)
    view.about.setCurrentIndex(at)


async def test_events_are_found_by_line_channel_and_kind(view):
    choose(view, EventKind.LINES)
    assert all(source.endswith(" line") for source in sources(view))
    assert len(sources(view)) > 1
    choose(view, "private B line")
    assert sources(view) == ["private B line"]
    choose(view, EventKind.CHANNELS)
    assert sources(view) == ["BTC/USD"]
    choose(view, None)
    assert {"private B line", "BTC/USD", "public line", "own order"} <= set(sources(view))


async def test_events_are_found_by_severity_and_words(view):
    view.orders.setChecked(False)
    view.least.setCurrentIndex(view.least.findData(Grade.WARNING))
    assert sources(view) == ["BTC/USD", "private B line"]
    view.least.setCurrentIndex(view.least.findData(Grade.ERROR))
    assert sources(view) == ["private B line"]
    view.least.setCurrentIndex(0)

    QTest.keyClicks(view.words, "ASKED anew")
    assert sources(view) == ["BTC/USD"]
    QTest.keyClicks(view.words, " nothing like it")

    assert sources(view) == []
    assert view.table.empty_text == "No event passes this filter."
    assert not view.save_as.isEnabled()


async def test_own_orders_stand_among_the_events_by_time_and_follow_their_state(view, desk):
    view.words.setText("own order")
    told = [row.text for row in rows(view)]
    assert any(text.startswith("Unknown, checking · BTC/USD ▼ SELL 0.05 @ market") for text in told)
    assert [row.at for row in rows(view)] == sorted((row.at for row in rows(view)), reverse=True)

    lost = next(order for order in desk.stores.orders.open() if order.status is OrderStatus.IN_DOUBT)
    desk.stores.orders.infer(lost.cl_ord_id, OrderStatus.NOT_FOUND, "")
    desk.flush()
    await eventually(
        lambda: any(row.text.startswith("Not placed") and "0.05 @ market" in row.text for row in rows(view))
    )
    view.orders.setChecked(False)

    assert sources(view) == []


async def test_chosen_rows_are_copied_oldest_first(view):
    view.orders.setChecked(False)
    view.table.selectRow(0)
    view.table.setFocus()
    QTest.keyClick(view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split(" ", 3)[3] for line in lines] == [
        "BTC/USD book stopped without a word: asked anew",
        "public line live",
    ]


async def test_what_is_shown_is_exported_and_said(view, window, tmp_path):
    choose(view, "private B line")
    file = tmp_path / "events.csv"
    view.save_as.click()
    dialog = view.findChild(QFileDialog)
    dialog.fileSelected.emit(str(file))
    dialog.reject()

    await eventually(lambda: "1 events exported" in window.toast.text())
    assert "backoff: reset by peer" in file.read_text(encoding="utf-8")
    assert "BTC/USD" not in file.read_text(encoding="utf-8")
