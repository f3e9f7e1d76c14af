"""Further panels and link groups: they follow their group, trade only the ticket's pair, come back and leave nothing.

``make panels`` switches the symbol a thousand times.
"""

from __future__ import annotations

import gc
import os
import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from core.domain.ids import Symbol
from core.domain.instrument import Side
from gui.extra_panels import KINDS, MOST
from tests.gui.test_layout import places
from tests.helpers.market import BTC
from tests.helpers.waiting import eventually
from tests.helpers.window import settled
from tests.soak import census

ETH = Symbol("ETH/USD")
SWITCHES = int(os.environ.get("SWITCHES", "4"))
PANELS = MOST if SWITCHES > 100 else 8
CONTROL = Qt.KeyboardModifier.ControlModifier


def shown(window) -> dict[str, str]:
    return {panel.title: panel.linked.symbol for panel in window.panels if panel.linked is not None}


async def test_a_switch_in_one_panel_switches_its_group_and_no_other(window):
    for kind in ("Chart", "Order book", "Depth"):
        window.extras.open(kind).linked.join("B")
    by_title = {panel.title: panel for panel in window.panels}

    by_title["Chart 2"].linked.show_symbol(ETH)

    assert {title for title, pair in shown(window).items() if pair == ETH} == {
        "Chart 2",
        "Order book 2",
        "Depth 2",
    }
    assert window.link.symbol == BTC
    by_title["Depth 2"].linked.join("A")
    by_title["Order book 2"].linked.join("")
    by_title["Order book 2"].linked.show_symbol(BTC)
    assert (shown(window)["Depth 2"], shown(window)["Chart 2"]) == (BTC, ETH)


async def test_the_key_puts_the_panel_with_the_keyboard_into_the_next_group_and_its_title_says_so(window):
    panel = window.extras.open("Order book")
    panel.canvas.setFocus()

    QTest.keyClick(panel.canvas, Qt.Key.Key_G, CONTROL)

    assert panel.linked.group == "B"
    dock = window.docks.all()["Order book 2"]
    assert BTC in dock.windowTitle()
    (button,) = [b for b in dock.titleBarWidget().findChildren(QToolButton) if b.text() == "B"]
    assert "Link group B" in button.accessibleName()
    button.menu().actions()[3].trigger()
    assert panel.linked.group == "D"
    assert button.text() == "D"


async def test_a_ladder_of_another_pair_neither_sends_nor_fills_the_ticket(window, desk):
    panel = window.extras.open("Order book")
    panel.linked.join("B")
    panel.linked.show_symbol(ETH)
    window.arming.toggle()
    price = desk.stores.books.view(BTC).best_bid[0]
    before = window.ticket.limit.text()

    panel.price_clicked.emit(Side.BUY, price)
    window.arming.toggle()
    panel.price_clicked.emit(Side.BUY, price)
    panel.canvas.setFocus()
    QTest.keyClick(panel.canvas, Qt.Key.Key_Q)

    assert desk.executor.submitted == []
    assert window.ticket.limit.text() == before
    assert "ETH/USD" in window.toast.text()
    assert panel.arm.isHidden()


async def test_a_pair_just_switched_is_no_place_to_click(window, desk):
    panel = window.extras.open("Order book")
    await eventually(lambda: desk.stores.books.view(BTC) is not None)
    price = desk.stores.books.view(BTC).best_bid[0]
    panel.linked.join("B")
    panel.linked.show_symbol(ETH)
    panel.linked.show_symbol(BTC)

    desk.clock.advance(499_000_000)
    assert not panel.is_settled(price)
    desk.clock.advance(151_000_000)
    assert panel.is_settled(price)


async def test_further_panels_come_back_with_their_groups_and_places(open_a_window):
    window = open_a_window((780, 700))  # no larger than the screen of the test, else Qt makes it smaller
    await settled(window)
    for kind in KINDS:
        window.extras.open(kind)
    panels = {panel.title: panel for panel in window.extras.panels}
    panels["Chart 2"].linked.join("C")
    panels["Chart 2"].linked.show_symbol(ETH)
    panels["Trades 2"].linked.join("")
    panels["Trades 2"].linked.show_symbol(ETH)
    panels["Chart 2"].interval = 60
    docks = window.docks.all()
    docks["Depth 2"].setFloating(True)
    docks["Depth 2"].setGeometry(30, 40, 411, 305)
    await settled(window)
    kept, symbols = places(window), shown(window)
    window.layouts.save("four more")

    window.docks.arrange()
    window.activateWindow()
    await settled(window)
    assert window.extras.panels == ()
    window.groups["C"].show_symbol(BTC)
    assert window.layouts.open("four more")

    window.activateWindow()
    await settled(window)
    now = places(window)
    assert now == kept
    assert shown(window) == symbols
    again = {panel.title: panel for panel in window.extras.panels}
    assert again["Chart 2"].linked.group == "C"
    assert again["Chart 2"].interval == 60
    assert window.chart.interval == 1


@pytest.mark.parametrize("state", [b"", b"not a state"])
async def test_a_layout_that_cannot_be_read_opens_and_closes_nothing(window, state):
    window.extras.open("Depth")
    window.layouts.save("newer")
    (file,) = window.paths.layouts_folder.iterdir()
    lines = file.read_bytes().splitlines()
    file.write_bytes(
        b"\n".join(b'state="@ByteArray(' + state + b')"' if x.startswith(b"state=") else x for x in lines)
    )
    window.extras.keep_only(())
    window.extras.open("Chart")

    assert not window.layouts.open("newer")

    assert [panel.title for panel in window.extras.panels] == ["Chart 2"]


async def test_closing_a_panel_releases_what_it_watched(window, desk):
    before, watched = census.observers(desk.stores), +desk.market_data.watched
    panel = window.extras.open("Order book")
    window.docks.all()[panel.title].setFloating(True)
    await eventually(lambda: census.observers(desk.stores) > before)

    window.docks.all()[panel.title].close()

    assert window.extras.panels == ()
    assert "Order book 2" not in window.docks.all()
    await eventually(lambda: census.observers(desk.stores) == before)
    assert +desk.market_data.watched == watched


async def test_forty_panels_and_many_switches_leave_nothing_behind(window, desk):
    def counts() -> dict[str, int]:
        watched = sum(desk.market_data.watched.values())
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        gc.collect()
        return {"streams": watched, "observers": census.observers(desk.stores), **census.qt(window)}

    async def round_of(switches: int) -> None:
        for at in range(PANELS):
            panel = window.extras.open(KINDS[at % len(KINDS)])
            panel.linked.join("ABCD"[at // len(KINDS) % 4])
        for at in range(switches):
            for group in "ABCD":
                window.groups[group].show_symbol((ETH, BTC)[at % 2])
            QApplication.processEvents()
        window.extras.keep_only(())
        for group in "ABCD":
            window.groups[group].show_symbol(BTC)
        await settled(window)

    await round_of(2)
    first = counts()
    await round_of(SWITCHES)
    last = counts()

    sys.stdout.write(f"\n{PANELS} panels, {SWITCHES} switches of four groups: {first} -> {last}\n")
    assert last == first
