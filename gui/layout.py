"""The first layout: what a trader needs at once, from 1366×768 up."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

DEFAULT_SIZE = (1600, 900)
LAYOUT_VERSION = 1
"""Raise when panels change so that an old saved layout would hide one."""

WATCHLIST_SHARE = 0.215
LADDER_SHARE = 0.20
TICKET_SHARE = 0.175


def arrange(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Put every dock into its first place: lists left, chart in the middle, ladder and ticket right."""
    for dock in docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    window.addDockWidget(left, docks["Watchlist"])
    window.addDockWidget(right, docks["Chart"])
    window.splitDockWidget(docks["Chart"], docks["Order book"], horizontal)
    window.splitDockWidget(docks["Order book"], docks["Ticket"], horizontal)
    window.splitDockWidget(docks["Watchlist"], docks["Balances"], vertical)
    window.splitDockWidget(docks["Chart"], docks["Orders"], vertical)
    window.splitDockWidget(docks["Ticket"], docks["Trades"], vertical)
    for tab in ("Fills", "Events"):
        window.tabifyDockWidget(docks["Orders"], docks[tab])
    for dock in docks.values():
        dock.show()
    docks["Orders"].raise_()
    _size(window, docks)


def _size(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    width, height = window.width(), window.height()
    watchlist = max(270, int(width * WATCHLIST_SHARE))
    ladder = max(250, int(width * LADDER_SHARE))
    ticket = max(250, int(width * TICKET_SHARE))
    chart = max(300, width - watchlist - ladder - ticket)
    columns = [docks[name] for name in ("Watchlist", "Chart", "Order book", "Ticket")]
    window.resizeDocks(columns, [watchlist, chart, ladder, ticket], Qt.Orientation.Horizontal)
    for upper, lower, share in (
        ("Watchlist", "Balances", 0.6),
        ("Chart", "Orders", 0.7),
        ("Ticket", "Trades", 0.55),
    ):
        sizes = [int(height * share), int(height * (1 - share))]
        window.resizeDocks([docks[upper], docks[lower]], sizes, Qt.Orientation.Vertical)
