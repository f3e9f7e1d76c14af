"""Where panels stand: the first layout, the titles of docks, and what is remembered between two runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QByteArray, QCoreApplication, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QStyle, QTabBar, QTabWidget, QWidget

from gui.widgets.dock_title import DockTitle
from gui.widgets.panel import Panel
from gui.widgets.table import Table

DEFAULT_SIZE = (1600, 900)
LAYOUT_VERSION = 6
"""Raise when panels change so that an old saved layout would hide one."""

COLUMNS = ("Watchlist", "Chart", "Order book", "Ticket")
BELOW = ("Balances", "Orders", None, "Trades")
"""What stands under each column; the ladder has its whole height."""

TABS = (
    ("Chart", "Depth", "Health", "Events", "Log"),
    ("Orders", "Fills", "P&L", "Alerts", "Limits", "Reconciliation", "Strategies"),
)
"""Panels behind each other; the first of each is in front. The names of a group fit beside each other in a small
window in every language shipped."""

SMALL, LARGE = 1366, 1920
WIDTHS = {"Watchlist": (346, 528, 640), "Order book": (243, 316, 380), "Ticket": (236, 300, 360)}
"""Width of a column in a small and in a large window, and the most it ever gets; the chart has what is left."""

UPPER_SHARE = (0.62, 0.66, 1.0, 0.56)
"""How much of each column's height its upper panel has."""


class Extras(Protocol):
    """Panels that are opened and closed while the window is open."""

    def open_missing(self, titles: Iterable[str]) -> list[str]:
        """Open what a layout names; returns what was not open before."""
        ...

    def keep_only(self, titles: Iterable[str]) -> None:
        """Let all others go."""
        ...

    def close(self, title: str) -> None:
        """Let one go."""
        ...

    def save(self, settings: QSettings) -> None:
        """Remember them."""
        ...

    def restore(self, settings: QSettings) -> None:
        """Take over what ``save`` wrote."""
        ...


class Dock(QDockWidget):
    """The dock of one panel. ``closed`` when it is closed by hand, not when a tab hides it."""

    closed = Signal()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()


class Docks(QObject):
    """The docks of one window by panel title. Keeps their titles true to where they stand and who has the keyboard."""

    def __init__(self, window: QMainWindow, panels: Iterable[Panel], extras: Extras) -> None:
        super().__init__(window)
        self._window = window
        self._extras = extras
        self._by_title: dict[str, Dock] = {}
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._show_titles)
        for panel in panels:
            self.add(panel)
        window.setDockNestingEnabled(True)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._app = app
        app.focusChanged.connect(self._focus_moved)

    def stop(self) -> None:
        """Follow neither moves nor focus any more."""
        self._app.focusChanged.disconnect(self._focus_moved)
        self._settle.stop()

    def add(self, panel: Panel) -> Dock:
        """Make the dock of a panel; where it stands is for others to say."""
        dock = self._by_title[panel.title] = _dock(panel, self._window)
        for moved in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
            moved.connect(self._moved)
        return dock

    def remove(self, title: str) -> None:
        """Let a dock go with its panel."""
        dock = self._by_title.pop(title)
        self._window.removeDockWidget(dock)
        dock.setParent(None)  # or a layout would still find it by its name
        dock.deleteLater()

    def all(self) -> Mapping[str, Dock]:
        """Docks by panel title."""
        return self._by_title

    def show(self, title: str) -> None:
        """Bring a panel to the front and give it the keyboard."""
        dock = self._by_title[title]
        dock.show()
        dock.raise_()
        give_focus(dock.widget())

    def arrange(self) -> None:
        """Put every dock into its first place for the window's present size."""
        self._extras.keep_only(())
        docks, window = self._by_title, self._window
        for dock in docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks[COLUMNS[0]])
        for left, right in pairwise(COLUMNS):
            window.splitDockWidget(docks[left], docks[right], Qt.Orientation.Horizontal)
        for upper, lower in zip(COLUMNS, BELOW, strict=True):
            if lower is not None:
                window.splitDockWidget(docks[upper], docks[lower], Qt.Orientation.Vertical)
        for group in TABS:
            for before, after in pairwise(group):
                window.tabifyDockWidget(docks[before], docks[after])
        for dock in docks.values():
            dock.show()
        for front, *_ in TABS:
            docks[front].raise_()
        self.resize()
        QTimer.singleShot(0, self, self.resize)  # sizes hold once Qt has placed everything

    def resize(self) -> None:
        """Share the window's size among the panels of the first layout."""
        docks, window = self._by_title, self._window
        gap = window.style().pixelMetric(QStyle.PixelMetric.PM_DockWidgetSeparatorExtent, None, window)
        sides = {title: _width(window.width(), *widths) for title, widths in WIDTHS.items()}
        chart = max(1, window.width() - sum(sides.values()) - gap * len(sides))
        widths = [sides.get(title, chart) for title in COLUMNS]
        window.resizeDocks([docks[title] for title in COLUMNS], widths, Qt.Orientation.Horizontal)
        height = docks[COLUMNS[2]].height() - gap
        for upper, lower, share in zip(COLUMNS, BELOW, UPPER_SHARE, strict=True):
            if lower is not None:
                sizes = [int(height * share), height - int(height * share)]
                window.resizeDocks([docks[upper], docks[lower]], sizes, Qt.Orientation.Vertical)

    def save(self, file: Path) -> None:
        """Remember geometry, docks and columns."""
        settings = QSettings(str(file), QSettings.Format.IniFormat)
        settings.setValue("version", LAYOUT_VERSION)
        self._extras.save(settings)
        settings.setValue("geometry", self._window.saveGeometry())
        settings.setValue("state", self._window.saveState(LAYOUT_VERSION))
        for keeper in self._keepers():
            settings.beginGroup(_group_of(keeper))
            keeper.save(settings)
            settings.endGroup()

    def restore(self, file: Path) -> bool:
        """Take over what ``save`` wrote. Returns whether there was a layout of this version; else nothing is moved."""
        settings = QSettings(str(file), QSettings.Format.IniFormat)
        geometry, state = settings.value("geometry"), settings.value("state")
        if not (isinstance(geometry, QByteArray) and isinstance(state, QByteArray)):
            return False
        titles = settings.value("extras") or []
        titles = [titles] if isinstance(titles, str) else [str(title) for title in titles]
        opened = self._extras.open_missing(titles)
        self._window.restoreGeometry(geometry)
        if not self._window.restoreState(state, LAYOUT_VERSION):
            for title in opened:
                self._extras.close(title)
            return False
        self._extras.keep_only(titles)
        self._extras.restore(settings)
        for keeper in self._keepers():
            settings.beginGroup(_group_of(keeper))
            keeper.restore(settings)
            settings.endGroup()
        return True

    def next_panel(self, step: int) -> None:
        """Move the keyboard to the next visible panel."""
        visible = [dock for dock in self._by_title.values() if not dock.widget().visibleRegion().isEmpty()]
        if visible:
            at = next((n for n, dock in enumerate(visible) if _has_focus(dock)), -1 if step > 0 else 0)
            give_focus(visible[(at + step) % len(visible)].widget())

    def float_focused(self) -> None:
        """Let the panel with the keyboard float, or put it back."""
        for dock in self._by_title.values():
            if _has_focus(dock):
                dock.setFloating(not dock.isFloating())
                give_focus(dock.widget())
                return

    def _keepers(self) -> list[Panel | Table]:
        return [*self._window.findChildren(Table), *self._window.findChildren(Panel)]

    def _moved(self) -> None:
        self._settle.start(0)

    def _show_titles(self) -> None:
        for dock in self._by_title.values():
            title = dock.titleBarWidget()
            if isinstance(title, DockTitle):
                # A tab already says the name.
                title.collapse(not dock.isFloating() and bool(self._window.tabifiedDockWidgets(dock)))
        for tabs in self._window.findChildren(QTabBar):
            tabs.setDrawBase(False)
            tabs.setAccessibleName(self.tr("Panels"))

    def _focus_moved(self) -> None:
        for dock in self._by_title.values():
            title = dock.titleBarWidget()
            if isinstance(title, DockTitle):
                title.show_focus(_has_focus(dock))


def panel_title(title: str) -> str:
    """Return a panel's title in the user's language; the number of a second one stays behind it."""
    kind, _, number = title.rpartition(" ")
    if kind and number.isdecimal():
        return f"{QCoreApplication.translate('Panels', kind)} {number}"
    return QCoreApplication.translate("Panels", title)


def give_focus(panel: QWidget) -> None:
    """Put the keyboard into the first control of a panel that takes it."""
    wants = panel.focusPolicy() & Qt.FocusPolicy.TabFocus
    inside = [
        child
        for child in panel.findChildren(QWidget)
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisibleTo(panel) and child.isEnabled()
    ]
    # Tables and ladders before the search field above them: keys are meant for what is looked at.
    inside.sort(key=lambda child: not isinstance(child, Table))
    target = panel if wants or not inside else inside[0]
    target.setFocus(Qt.FocusReason.TabFocusReason)


def _dock(panel: Panel, window: QMainWindow) -> Dock:
    # Tabs and menus take a single ampersand for the mark of a shortcut.
    dock = Dock(panel_title(panel.title).replace("&", "&&"), window)
    dock.setObjectName(f"{panel.objectName()}_dock")
    dock.setAccessibleName(panel_title(panel.title))
    dock.setWidget(panel)
    dock.setTitleBarWidget(DockTitle(dock, panel.linked))
    dock.visibilityChanged.connect(panel.set_on_screen)
    return dock


def _group_of(keeper: QWidget) -> str:
    return keeper.objectName() if isinstance(keeper, Panel) and keeper.number > 1 else ""


def _has_focus(dock: QDockWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and dock.isAncestorOf(focused)


def _width(window: int, small: int, large: int, most: int) -> int:
    grown = small + (large - small) * (window - SMALL) // (LARGE - SMALL)
    return max(small, min(most, grown))
