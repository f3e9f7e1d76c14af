"""Forty panels and more, their symbol switched again and again: nothing stays behind that was not there at first.

``make panels N=1000`` switches that often.
"""

from __future__ import annotations

import gc
import os
from collections import Counter

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from core.app.health_watch import rss_bytes
from core.domain.ids import Symbol
from gui.main_window import MainWindow
from gui.widgets.panel import Panel
from tests.helpers.market import LISTED, Desk
from tests.helpers.waiting import eventually
from tests.helpers.window import settled

SWITCHES = int(os.environ.get("SWITCHES", "24"))
WINDOWS, PANELS = 3, 40
# The desk has no exact books.
SYMBOLS = [Symbol(row[0]) for row in LISTED if row[0] != "SHIB/USD"]
MOST_GROWTH = 0.02


def census(desk: Desk, windows: list[MainWindow]) -> Counter[str]:
    """What is held: observers of each store, subscriptions, objects of Qt and running timers of each window."""
    gc.collect()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    held: Counter[str] = Counter()
    for store in desk.stores.each():
        held[f"observers of {type(store).__name__}"] = len(store._observers)
    held.update({f"subscribed {sub.channel}": count for sub, count in desk.market_data.watched.items()})
    for number, window in enumerate(windows):
        objects = window.findChildren(QObject)
        held[f"objects of window {number}"] = len(objects)
        held[f"timers of window {number}"] = sum(one.isActive() for one in objects if isinstance(one, QTimer))
    return held


async def switch(windows: list[MainWindow], desk: Desk, symbol: Symbol) -> None:
    for window in windows:
        window.link.show_symbol(symbol)
    desk.flush()
    await eventually(lambda: all(window.ladder.canvas.price_at(1) is not None for window in windows))


@pytest.fixture
async def windows(open_a_window):
    opened = [open_a_window() for _ in range(WINDOWS)]
    await settled(opened[-1])
    return opened


async def test_forty_panels_switched_a_thousand_times_leave_nothing_behind(windows, desk):
    assert sum(len(window.findChildren(Panel)) for window in windows) >= PANELS
    for symbol in SYMBOLS:
        desk.show_book(symbol)
    titles = list(windows[0].docks.all())
    for turn in range(2 * len(SYMBOLS)):  # every panel has shown every pair once
        for window in windows:
            window.docks.show(titles[turn % len(titles)])
        await switch(windows, desk, SYMBOLS[turn % len(SYMBOLS)])
    for window in windows:
        for title in ("Chart", "Orders", "Order book"):
            window.docks.show(title)
    await switch(windows, desk, SYMBOLS[1])
    await switch(windows, desk, SYMBOLS[0])
    before, megabytes = census(desk, windows), rss_bytes() / 2**20

    for turn in range(1, SWITCHES + 1):
        await switch(windows, desk, SYMBOLS[turn % len(SYMBOLS)])
    await switch(windows, desk, SYMBOLS[0])

    assert census(desk, windows) == before
    grown = rss_bytes() / 2**20 - megabytes
    assert grown < megabytes * MOST_GROWTH, f"{grown:.1f} MB more than {megabytes:.0f} MB"
