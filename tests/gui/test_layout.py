"""Where panels stand at first, after the user moved them, after a restart, and after a reset."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar

from gui.main_window import MainWindow
from gui.widgets.dock_title import DockTitle
from tests.helpers.waiting import eventually
from tests.helpers.window import settled


def places(window: MainWindow) -> dict[str, tuple[object, ...]]:
    """Where every dock is, on screen or behind which tab."""
    return {
        title: (
            dock.geometry().getRect() if not dock.visibleRegion().isEmpty() else None,
            dock.isFloating(),
            dock.isHidden(),
            sorted(other.windowTitle() for other in window.tabifiedDockWidgets(dock)),
        )
        for title, dock in window.docks.all().items()
    }


def title_of(window: MainWindow, name: str) -> DockTitle:
    title = window.docks.all()[name].titleBarWidget()
    assert isinstance(title, DockTitle)
    return title


async def test_the_first_layout_fits_a_small_screen_with_the_columns_a_trader_needs(window):
    assert (window.width(), window.height()) == (1366, 768)
    assert {"Symbol", "Last", "24h", "Spr"} <= set(window.watchlist.table.shown_titles)
    assert {"Asset", "Total", "Available", "USD"} <= set(window.balances.table.shown_titles)
    for panel in (window.watchlist, window.balances, window.orders):
        assert not panel.table.horizontalScrollBar().isVisible(), panel.title


async def test_the_first_layout_shows_bid_and_ask_of_every_pair_on_a_large_screen(open_a_window):
    window = open_a_window((1920, 1080))

    await eventually(lambda: {"Bid", "Ask", "Day"} <= set(window.watchlist.table.shown_titles))

    assert window.docks.all()["Chart"].width() > 700


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160), (1000, 640)])
async def test_no_panel_of_the_first_layout_is_hidden_or_squeezed_away(open_a_window, size):
    window = open_a_window(size)
    await settled(window)

    for panel in window.panels:
        front = not panel.visibleRegion().isEmpty()
        behind = (
            "Fills",
            "Events",
            "Alerts",
            "Log",
            "Health",
            "Depth",
            "Limits",
            "P&L",
            "Strategies",
            "Reconciliation",
        )
        assert front or panel.title in behind, panel.title
        assert not front or (panel.width() >= 150 and panel.height() >= 100), panel.title


async def test_a_layout_is_found_again_exactly_as_it_was_left(open_a_window):
    first = open_a_window((780, 700))  # Qt cuts a restored window to the screen, which is small here
    await settled(first)
    docks = first.docks.all()
    docks["Trades"].close()
    docks["Fills"].setFloating(True)
    docks["Fills"].setGeometry(30, 40, 411, 305)
    first.tabifyDockWidget(docks["Ticket"], docks["Balances"])
    first.resizeDocks([docks["Order book"], docks["Chart"]], [161, 240], Qt.Orientation.Horizontal)
    first.watchlist.table.choose_columns(frozenset({"Symbol", "Bid", "Ask"}))
    first.watchlist.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    await settled(first)
    left = places(first)
    first.dispose()

    second = open_a_window(None)
    await eventually(lambda: places(second) == left)

    assert (second.width(), second.height()) == (780, 700)
    assert second.watchlist.table.shown_titles == ["Symbol", "Bid", "Ask"]
    assert second.watchlist.model.keys() == sorted(second.watchlist.model.keys(), reverse=True)


async def test_a_spoiled_layout_file_opens_the_first_layout(open_a_window):
    first = open_a_window()
    await settled(first)
    fresh = places(first)
    first.dispose()
    first.paths.layout_file.write_bytes(b"[General]\nstate=@ByteArray(\\0\\x7frubbish)\ngeometry=7\n\xff\xfe")

    second = open_a_window()

    await eventually(lambda: places(second) == fresh)


async def test_reset_brings_every_panel_back(window):
    fresh = places(window)
    docks = window.docks.all()
    docks["Chart"].close()
    docks["Balances"].setFloating(True)
    window.tabifyDockWidget(docks["Ticket"], docks["Trades"])
    await eventually(lambda: places(window) != fresh)

    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_R)

    await eventually(lambda: places(window) == fresh)


async def test_the_title_of_the_panel_with_the_keyboard_is_marked_and_no_other(window):
    for panel in (window.orders, window.balances, window.watchlist):
        panel.table.setFocus()

        marked = [name for name in window.docks.all() if title_of(window, name).is_marked]
        assert marked == [panel.title]


async def test_tabbed_panels_have_no_second_title_and_get_it_back_when_they_float(window):
    title = title_of(window, "Fills")
    await eventually(lambda: title.is_collapsed)

    window.docks.all()["Fills"].setFloating(True)

    await eventually(lambda: not title.is_collapsed)
    await eventually(lambda: title.height() > 10)
    assert all(tabs.accessibleName() for tabs in window.findChildren(QTabBar))


async def test_the_buttons_of_a_title_float_and_close_the_panel(window):
    dock = window.docks.all()["Balances"]
    title = title_of(window, "Balances")
    float_button, close_button = title.buttons

    QTest.mouseClick(float_button, Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    QTest.mouseClick(float_button, Qt.MouseButton.LeftButton)
    assert not dock.isFloating()
    QTest.mouseClick(close_button, Qt.MouseButton.LeftButton)
    assert dock.isHidden()


async def test_f6_goes_round_all_panels_on_screen_and_back(window):
    shown = [panel for panel in window.panels if not panel.visibleRegion().isEmpty()]
    window.docks.show("Watchlist")

    def focused() -> str:
        widget = QApplication.focusWidget()
        return next(panel.title for panel in shown if panel is widget or panel.isAncestorOf(widget))

    there = [focused()]
    for _ in shown:
        QTest.keyClick(window, Qt.Key.Key_F6)
        there.append(focused())
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)

    assert there == [*(panel.title for panel in shown), "Watchlist"]
    assert focused() == shown[-1].title
