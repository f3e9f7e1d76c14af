"""Menus, shortcuts and the list of keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QActionGroup, QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QMessageBox

from core import __version__
from core.domain.instrument import Side
from core.domain.mode import Mode
from gui.theme import THEMES, active
from gui.widgets.keys_dialog import KeysDialog

if TYPE_CHECKING:
    from gui.main_window import MainWindow

KILL = "Ctrl+Shift+K"

KEYS = (
    ("Esc Esc", "cancel all orders on this pair"),
    ("Ctrl+Esc Ctrl+Esc", "cancel all orders everywhere"),
    (KILL, "kill switch: stop new orders, cancel all"),
    ("Del", "cancel the selected orders; take the selected pair off the watchlist"),
    ("Enter", "amend the selected order"),
    ("Ctrl+B, Ctrl+S", "buy or sell in the ticket"),
    ("Ctrl+Enter", "send what stands in the ticket"),
    ("Up, Down", "price or quantity by one step"),
    ("Page Up, Page Down", "price or quantity by ten steps"),
    ("L", "arm or lock one-click orders on the ladder"),
    ("Space", "recentre the ladder"),
    ("Left, Right, Page Up, Page Down", "pan the chart"),
    ("+, −, Home, End", "zoom the chart, go to its oldest candle or follow the newest"),
    ("/", "find or add a symbol"),
    ("H", "health"),
    ("F6, Shift+F6", "next panel, previous panel"),
    ("Ctrl+1 … Ctrl+9", "go to a panel"),
    ("?", "this list"),
    ("Ctrl+Q", "quit"),
)


def build_menus(window: MainWindow) -> None:
    """Fill the menu bar."""
    bar = window.menuBar()
    file = bar.addMenu(window.tr("&File"))
    paths = window.paths
    file.addAction(window.tr("Open &log folder"), lambda: open_folder(str(paths.state)))
    file.addAction(window.tr("Open &settings folder"), lambda: open_folder(str(paths.config)))
    file.addSeparator()
    file.addAction(window.tr("Save &incident…"), window.save_incident)
    file.addSeparator()
    file.addAction(window.tr("&Quit"), QKeySequence("Ctrl+Q"), window.close)
    trade = window.trade_menu = bar.addMenu(window.tr("&Trade"))
    trade.addAction(window.tr("&Buy"), QKeySequence("Ctrl+B"), lambda: window.start_order(Side.BUY))
    trade.addAction(window.tr("&Sell"), QKeySequence("Ctrl+S"), lambda: window.start_order(Side.SELL))
    trade.addSeparator()
    trade.addAction(window.tr("Cancel all on this &pair") + "\tEsc Esc", window.cancel_pair)
    trade.addAction(window.tr("Cancel all &everywhere") + "\tCtrl+Esc Ctrl+Esc", window.cancel_everything)
    if window.mode is Mode.LIVE:
        trade.addAction(window.tr("&Unlock live trading"), lambda: window.live.ask())
    trade.addSeparator()
    trade.addAction(
        window.tr("&Kill switch: stop orders, cancel all"), QKeySequence(KILL), window.commands.kill
    )
    trade.addAction(window.tr("Let orders pass a&gain"), window.commands.release)
    trade.addAction(window.tr("&Limits"), window.show_limits)
    _build_view_menu(window)
    about = bar.addMenu(window.tr("&Help"))
    about.addAction(window.tr("&Keys") + "\t?", lambda: show_keys(window))
    about.addAction(window.tr("&Fire drill…"), window.open_drill)
    about.addAction(window.tr("&About Tidewire"), lambda: show_about(window))


def _build_view_menu(window: MainWindow) -> None:
    view = window.menuBar().addMenu(window.tr("&View"))
    panels = view.addMenu(window.tr("&Panels"))
    for number, (title, dock) in enumerate(window.docks.all().items(), 1):
        panels.addAction(dock.toggleViewAction())
        if number <= 9:
            keys = QKeySequence(f"Ctrl+{number}")
            go = window.tr("Go to %1").replace("%1", title)
            view.addAction(go, keys, partial(window.docks.show, title))
    view.addSeparator()
    _build_theme_menu(window, view)
    view.addAction(window.tr("&Reset layout"), window.docks.arrange)


def _build_theme_menu(window: MainWindow, view: QMenu) -> None:
    themes = view.addMenu(window.tr("&Theme"))
    group = QActionGroup(themes)
    for name in THEMES:
        action = themes.addAction(f"&{name.capitalize()}", partial(window.choose_theme, name))
        action.setCheckable(True)
        action.setChecked(name == active().name)
        group.addAction(action)


def build_shortcuts(window: MainWindow) -> None:
    """Keys that stand in no menu. Text fields keep the characters they can write."""
    shortcuts: dict[str, Callable[[], object]] = {
        "/": window.find_symbol,
        "?": lambda: show_keys(window),
        "H": window.show_health,
        "L": window.arming.toggle,
        "F6": lambda: window.docks.next_panel(1),
        "Shift+F6": lambda: window.docks.next_panel(-1),
    }
    for keys, action in shortcuts.items():
        shortcut = QShortcut(QKeySequence(keys), window)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(action)


def show_keys(window: MainWindow) -> None:
    """Open the list of keys."""
    KeysDialog(KEYS, window).open()


def show_about(window: MainWindow) -> None:
    """Say what this is."""
    box = QMessageBox(window)
    box.setObjectName("about")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(window.tr("About Tidewire"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    mode = window.tr("Mode: %1").replace("%1", window.mode.word)
    box.setText(f"Tidewire {__version__}\n{mode}")
    box.open()


def open_folder(folder: str) -> None:
    """Show a folder in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
