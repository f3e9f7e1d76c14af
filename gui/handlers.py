"""What each named command does in the window, and what the command palette offers besides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from core.domain.instrument import Side
from gui import ladder_hand, menus
from gui.forms.command_palette import CommandPalette, Entry
from gui.keymap import COMMANDS, PANEL_KEYS, PRESETS, shown, title_of
from gui.layout import panel_title
from gui.theme import THEMES

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def handlers(window: MainWindow) -> dict[str, Callable[[], object]]:
    """Return what each command of the keymap does."""
    hands, docks = window.hands, window.docks
    titles = list(docks.all())
    return {
        **{f"size_{number}": partial(hands.size, number) for number in range(1, PRESETS + 1)},
        **{f"panel_{at}": partial(docks.show, titles[at - 1]) for at in range(1, PANEL_KEYS + 1)},
        "join_bid": _own_pair(window, partial(hands.join, Side.BUY)),
        "join_ask": _own_pair(window, partial(hands.join, Side.SELL)),
        "take_ask": _own_pair(window, partial(hands.take, Side.BUY)),
        "take_bid": _own_pair(window, partial(hands.take, Side.SELL)),
        "nudge_up": partial(window.nudge, 1),
        "nudge_down": partial(window.nudge, -1),
        "nudge_up_anywhere": partial(window.nudge, 1),
        "nudge_down_anywhere": partial(window.nudge, -1),
        "cancel_selected": lambda: _cancel_selected(window),
        "flatten": _own_pair(window, hands.flatten),
        "recentre": lambda: _recentre(window),
        "arm": window.arming.toggle,
        "find_symbol": window.find_symbol,
        "palette": lambda: open_palette(window),
        "health": window.show_health,
        "keys": lambda: menus.show_keys(window),
        "guide": lambda: menus.show_guide(window),
        "buy": partial(window.start_order, Side.BUY),
        "sell": partial(window.start_order, Side.SELL),
        "scaled": window.open_scaled,
        "cancel_pair": window.cancel_pair,
        "cancel_everything": window.cancel_everything,
        "kill": window.commands.kill,
        "release": window.commands.release,
        "limits": window.show_limits,
        "flatten_to": window.automation.flatten_pair,
        "dead_man": window.automation.show_dead_man,
        "strategies": partial(docks.show, window.automation.panel.title),
        "add_strategy": window.automation.add_strategy,
        "next_panel": partial(docks.next_panel, 1),
        "previous_panel": partial(docks.next_panel, -1),
        "float_panel": docks.float_focused,
        "link_group": window.extras.next_group,
        "new_chart": partial(window.extras.open, "Chart"),
        "new_ladder": partial(window.extras.open, "Order book"),
        "new_depth": partial(window.extras.open, "Depth"),
        "new_tape": partial(window.extras.open, "Trades"),
        "layouts": window.open_layouts,
        "reset_layout": docks.arrange,
        "preferences": window.open_preferences,
        "drill": window.open_drill,
        "incident": window.save_incident,
        "seal": window.bookkeeping.open_seal,
        "reconciliation": partial(docks.show, window.bookkeeping.panel.title),
        "quit": window.close,
    }


def open_palette(window: MainWindow) -> None:
    """Open the command palette, once."""
    if window.findChild(CommandPalette) is None:
        CommandPalette(
            window.session,
            window.link,
            window.commands,
            window.hands,
            palette_entries(window),
            window.ladder.canvas.show_ghosts,
            window,
            may_trade=not window.is_read_only,
        ).open()


def palette_entries(window: MainWindow) -> list[Entry]:
    """Return every command that may be done now, then layouts and themes. Those to be held are left to their keys."""
    titles = list(window.docks.all())
    found = []
    for command in COMMANDS:
        action = window.actions_by_name[command.name]
        if command.hold or command.name == "palette" or not action.isEnabled():
            continue
        stem, _, number = command.name.rpartition("_")
        title = title_of(command)
        if stem == "panel":
            title = _tr("Go to %1").replace("%1", panel_title(titles[int(number) - 1]))
        keys = ", ".join(shown(key) for key in window.keymap.keys(command.name))
        found.append(Entry(title, keys, action.trigger))
    for title in titles[PANEL_KEYS:]:
        found.append(
            Entry(_tr("Go to %1").replace("%1", panel_title(title)), "", partial(window.docks.show, title))
        )
    for name in window.layouts.names():
        found.append(Entry(_tr("Layout %1").replace("%1", name), "", partial(window.layouts.open, name)))
    for name in THEMES:
        found.append(Entry(_tr("Theme %1").replace("%1", name), "", partial(window.choose_theme, name)))
    return found


def _own_pair(window: MainWindow, act: Callable[[], object]) -> Callable[[], object]:
    """Keys mean the panel with the keyboard: none trades while that one shows another pair than the ticket."""

    def guarded() -> None:
        if ladder_hand.trades_here(window, window.extras.focused_symbol()):
            act()

    return guarded


def _recentre(window: MainWindow) -> None:
    ladders = [ladder for ladder in window.extras.ladders if ladder.canvas.hasFocus()]
    (ladders or [window.ladder])[0].canvas.recentre()


def _cancel_selected(window: MainWindow) -> None:
    focused, chosen = QApplication.focusWidget(), window.hands.selected
    if focused is not None and window.orders.isAncestorOf(focused):
        window.orders.cancel_selected()
    elif chosen is not None:
        window.commands.cancel(chosen)


def _tr(text: str) -> str:
    return QCoreApplication.translate("CommandPalette", text)
