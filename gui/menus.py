"""Menus, shortcuts and the list of keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QActionGroup, QDesktopServices
from PySide6.QtWidgets import QMenu, QMessageBox

from core import __version__
from core.domain.mode import Mode
from gui.forms.guide_dialog import GuideDialog
from gui.keymap import PANEL_KEYS, key_rows
from gui.layout import panel_title
from gui.theme import THEMES, active
from gui.widgets.keys_dialog import KeysDialog

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def build_menus(window: MainWindow) -> None:
    """Fill the menu bar."""
    bar = window.menuBar()
    file = bar.addMenu(window.tr("&File"))
    paths = window.paths
    _add(file, window, "palette", window.tr("&Command palette"))
    _add(file, window, "preferences", window.tr("&Preferences…"))
    if window.mode is not Mode.REPLAY:
        file.addAction(window.tr("&Mode at next start…"), lambda: window.ask_mode())
    file.addSeparator()
    file.addAction(window.tr("Open &log folder"), lambda: open_folder(str(paths.state)))
    file.addAction(window.tr("Open &journal folder"), lambda: open_folder(str(paths.data)))
    file.addAction(window.tr("Open &settings folder"), lambda: open_folder(str(paths.config)))
    file.addSeparator()
    _add(file, window, "incident", window.tr("Save &incident…"))
    _add(file, window, "seal", window.tr("Seal a &day…"))
    file.addSeparator()
    _add(file, window, "quit", window.tr("&Quit"))
    _build_trade_menu(window)
    _build_view_menu(window)
    about = bar.addMenu(window.tr("&Help"))
    _add(about, window, "guide", window.tr("&Guide"))
    _add(about, window, "keys", window.tr("&Keys"))
    _add(about, window, "drill", window.tr("&Fire drill…"))
    about.addAction(window.tr("&About Tidewire"), lambda: show_about(window))


def _add(menu: QMenu, window: MainWindow, name: str, text: str) -> None:
    """Put a named command into a menu, with the letter that opens it."""
    action = window.actions_by_name[name]
    action.setText(text)
    menu.addAction(action)


def _build_trade_menu(window: MainWindow) -> None:
    trade = window.trade_menu = window.menuBar().addMenu(window.tr("&Trade"))
    _add(trade, window, "buy", window.tr("&Buy"))
    _add(trade, window, "sell", window.tr("&Sell"))
    _add(trade, window, "scaled", window.tr("S&caled orders…"))
    trade.addSeparator()
    _add(trade, window, "cancel_pair", window.tr("Cancel all on this &pair") + "\tEsc Esc")
    _add(trade, window, "cancel_everything", window.tr("Cancel all &everywhere") + "\tCtrl+Esc Ctrl+Esc")
    _add(trade, window, "flatten_to", window.tr("&Flatten this pair to…"))
    if window.mode is Mode.LIVE:
        trade.addAction(window.tr("&Unlock live trading"), lambda: window.live.ask())
    trade.addSeparator()
    _add(trade, window, "kill", window.tr("&Kill switch: stop orders, cancel all"))
    _add(trade, window, "release", window.tr("Let orders pass a&gain"))
    _add(trade, window, "dead_man", window.tr("&Dead-man's switch…"))
    _add(trade, window, "limits", window.tr("&Limits"))
    trade.addSeparator()
    _add(trade, window, "add_strategy", window.tr("Add s&trategy or bracket…"))
    _add(trade, window, "strategies", window.tr("St&rategies and brackets"))


def _build_view_menu(window: MainWindow) -> None:
    view = window.menuBar().addMenu(window.tr("&View"))
    panels = view.addMenu(window.tr("&Panels"))
    for number, (title, dock) in enumerate(window.docks.all().items(), 1):
        panels.addAction(dock.toggleViewAction())
        if number <= PANEL_KEYS:
            _add(
                view,
                window,
                f"panel_{number}",
                window.tr("Go to %1").replace("%1", panel_title(title).replace("&", "&&")),
            )
    view.addSeparator()
    _build_theme_menu(window, view)
    more = view.addMenu(window.tr("&New panel"))
    _add(more, window, "new_chart", window.tr("&Chart"))
    _add(more, window, "new_ladder", window.tr("&Order book"))
    _add(more, window, "new_depth", window.tr("&Depth"))
    _add(more, window, "new_tape", window.tr("&Trades"))
    _add(view, window, "link_group", window.tr("Next lin&k group of this panel"))
    _add(view, window, "float_panel", window.tr("&Float or dock this panel"))
    _add(view, window, "layouts", window.tr("&Layouts…"))
    _add(view, window, "reset_layout", window.tr("&Reset layout"))


def _build_theme_menu(window: MainWindow, view: QMenu) -> None:
    themes = view.addMenu(window.tr("&Theme"))
    group = QActionGroup(themes)
    for name in THEMES:
        action = themes.addAction(f"&{name.capitalize()}", partial(window.choose_theme, name))
        action.setCheckable(True)
        action.setChecked(name == active().name)
        group.addAction(action)


def show_keys(window: MainWindow) -> None:
    """Open the list of keys."""
    KeysDialog(key_rows(window.keymap), window).open()


def show_guide(window: MainWindow) -> None:
    """Open the guide beside the window, once."""
    guide = window.findChild(GuideDialog) or GuideDialog(window)
    guide.show()
    guide.raise_()


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
