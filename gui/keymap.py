"""Every command that has a name, and the keys it is bound to. One table; what the user bound otherwise lies over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject, Signal
from PySide6.QtGui import QKeySequence

PRESETS = 5
PANEL_KEYS = 9


class Command(NamedTuple):
    """A named command. ``where`` names the panels in which its keys act; empty: everywhere in the window.

    A command with ``hold`` happens when its key was held long enough.
    """

    name: str
    title: str
    keys: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    hold: bool = False


def _panel_commands() -> list[Command]:
    title = str(QT_TRANSLATE_NOOP("Keys", "Go to panel %1"))
    return [Command(f"panel_{number}", title, (f"Ctrl+{number}",)) for number in range(1, PANEL_KEYS + 1)]


def _preset_commands() -> list[Command]:
    title = str(QT_TRANSLATE_NOOP("Keys", "Size preset %1"))
    return [Command(f"size_{number}", title, (f"{number}",)) for number in range(1, PRESETS + 1)]


COMMANDS = (
    *_preset_commands(),
    Command("join_bid", str(QT_TRANSLATE_NOOP("Keys", "Join the bid (buy, post only)")), ("Q",)),
    Command("join_ask", str(QT_TRANSLATE_NOOP("Keys", "Join the ask (sell, post only)")), ("W",)),
    Command("take_ask", str(QT_TRANSLATE_NOOP("Keys", "Take the ask (buy, hold)")), ("A",), hold=True),
    Command("take_bid", str(QT_TRANSLATE_NOOP("Keys", "Take the bid (sell, hold)")), ("S",), hold=True),
    Command("nudge_up", str(QT_TRANSLATE_NOOP("Keys", "Selected order up a tick")), ("Up",), ("ladder",)),
    Command(
        "nudge_down", str(QT_TRANSLATE_NOOP("Keys", "Selected order down a tick")), ("Down",), ("ladder",)
    ),
    Command(
        "nudge_up_anywhere",
        str(QT_TRANSLATE_NOOP("Keys", "Selected order up a tick, from any panel")),
        ("Ctrl+Up",),
    ),
    Command(
        "nudge_down_anywhere",
        str(QT_TRANSLATE_NOOP("Keys", "Selected order down a tick, from any panel")),
        ("Ctrl+Down",),
    ),
    Command(
        "cancel_selected",
        str(QT_TRANSLATE_NOOP("Keys", "Cancel the selected orders")),
        ("Del",),
        ("orders", "ladder"),
    ),
    Command("flatten", str(QT_TRANSLATE_NOOP("Keys", "Flatten the pair (hold)")), ("F",), hold=True),
    Command("flatten_to", str(QT_TRANSLATE_NOOP("Keys", "Flatten the pair to an inventory…"))),
    Command("recentre", str(QT_TRANSLATE_NOOP("Keys", "Recentre the ladder")), ("Space",), ("ladder",)),
    Command("arm", str(QT_TRANSLATE_NOOP("Keys", "Arm or lock one-click orders")), ("L",)),
    Command("find_symbol", str(QT_TRANSLATE_NOOP("Keys", "Find or add a symbol")), ("/",)),
    Command("palette", str(QT_TRANSLATE_NOOP("Keys", "Command palette")), ("Ctrl+K",)),
    Command("health", str(QT_TRANSLATE_NOOP("Keys", "Health")), ("H",)),
    Command("keys", str(QT_TRANSLATE_NOOP("Keys", "All keys")), ("?",)),
    Command("guide", str(QT_TRANSLATE_NOOP("Keys", "Guide")), ("F1",)),
    Command("buy", str(QT_TRANSLATE_NOOP("Keys", "Buy in the ticket")), ("Ctrl+B",)),
    Command("sell", str(QT_TRANSLATE_NOOP("Keys", "Sell in the ticket")), ("Ctrl+S",)),
    Command("scaled", str(QT_TRANSLATE_NOOP("Keys", "Scaled orders…")), ("Ctrl+Shift+S",)),
    Command("cancel_pair", str(QT_TRANSLATE_NOOP("Keys", "Cancel all orders on this pair"))),
    Command("cancel_everything", str(QT_TRANSLATE_NOOP("Keys", "Cancel all orders everywhere"))),
    Command(
        "kill", str(QT_TRANSLATE_NOOP("Keys", "Kill switch: stop orders, cancel all")), ("Ctrl+Shift+K",)
    ),
    Command("release", str(QT_TRANSLATE_NOOP("Keys", "Let orders pass again"))),
    Command("dead_man", str(QT_TRANSLATE_NOOP("Keys", "Dead-man's switch…"))),
    Command("strategies", str(QT_TRANSLATE_NOOP("Keys", "Strategies and brackets"))),
    Command("add_strategy", str(QT_TRANSLATE_NOOP("Keys", "Add a strategy or bracket…"))),
    Command("limits", str(QT_TRANSLATE_NOOP("Keys", "Limits"))),
    Command("next_panel", str(QT_TRANSLATE_NOOP("Keys", "Next panel")), ("F6",)),
    Command("previous_panel", str(QT_TRANSLATE_NOOP("Keys", "Previous panel")), ("Shift+F6",)),
    *_panel_commands(),
    Command("float_panel", str(QT_TRANSLATE_NOOP("Keys", "Float or dock this panel")), ("Ctrl+Shift+F",)),
    Command("link_group", str(QT_TRANSLATE_NOOP("Keys", "Next link group of this panel")), ("Ctrl+G",)),
    Command("new_chart", str(QT_TRANSLATE_NOOP("Keys", "New chart"))),
    Command("new_ladder", str(QT_TRANSLATE_NOOP("Keys", "New order book"))),
    Command("new_depth", str(QT_TRANSLATE_NOOP("Keys", "New depth chart"))),
    Command("new_tape", str(QT_TRANSLATE_NOOP("Keys", "New trades panel"))),
    Command("layouts", str(QT_TRANSLATE_NOOP("Keys", "Layouts…")), ("Ctrl+L",)),
    Command("reset_layout", str(QT_TRANSLATE_NOOP("Keys", "Reset layout"))),
    Command("preferences", str(QT_TRANSLATE_NOOP("Keys", "Preferences…")), ("Ctrl+,",)),
    Command("drill", str(QT_TRANSLATE_NOOP("Keys", "Fire drill…"))),
    Command("incident", str(QT_TRANSLATE_NOOP("Keys", "Save incident…"))),
    Command("reconciliation", str(QT_TRANSLATE_NOOP("Keys", "Reconciliation"))),
    Command("seal", str(QT_TRANSLATE_NOOP("Keys", "Seal a day of the journal…"))),
    Command("quit", str(QT_TRANSLATE_NOOP("Keys", "Quit")), ("Ctrl+Q",)),
)

FIXED = (
    ("Esc Esc", str(QT_TRANSLATE_NOOP("Keys", "Cancel all orders on this pair"))),
    ("Ctrl+Esc Ctrl+Esc", str(QT_TRANSLATE_NOOP("Keys", "Cancel all orders everywhere"))),
    ("Enter", str(QT_TRANSLATE_NOOP("Keys", "Amend the selected order"))),
    ("Ctrl+Enter", str(QT_TRANSLATE_NOOP("Keys", "Send what stands in the ticket"))),
    ("Up, Down, Page Up, Page Down", str(QT_TRANSLATE_NOOP("Keys", "Number by one step, by ten steps"))),
    ("Left, Right, +, −, Home, End", str(QT_TRANSLATE_NOOP("Keys", "Pan and zoom the chart"))),
    ("Alt", str(QT_TRANSLATE_NOOP("Keys", "Hold it to see the keys"))),
)
"""Keys that cannot be bound otherwise: the cancel chords because they must always work, the others by convention."""


class Keymap(QObject):
    """The keys in force. ``changed`` when the user bound some otherwise."""

    changed = Signal()

    def __init__(
        self, bound: Mapping[str, tuple[str, ...]] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bound: dict[str, tuple[str, ...]] = {}
        self.bind_all(bound or {})

    @property
    def bound(self) -> dict[str, tuple[str, ...]]:
        """What differs from the table, by command name."""
        return dict(self._bound)

    def keys(self, name: str) -> tuple[str, ...]:
        """Return the keys of a command, spelt portably."""
        return self._bound.get(name, BY_NAME[name].keys)

    def bind_all(self, bound: Mapping[str, tuple[str, ...]]) -> None:
        """Let exactly these bindings lie over the table. Names of no command are left out."""
        self._bound = {
            name: tuple(keys)
            for name, keys in bound.items()
            if name in BY_NAME and tuple(keys) != BY_NAME[name].keys
        }
        self.changed.emit()


def problem(bound: Mapping[str, tuple[str, ...]], name: str, key: str) -> str:
    """Return why a command may not be bound to a key beside these bindings; empty when it may."""
    sequence = QKeySequence(key)
    if sequence.isEmpty() or not sequence.toString():
        return _tr("%1 is no key.").replace("%1", key)
    if sequence.toString() in RESERVED:
        return _tr("%1 is kept for cancelling.").replace("%1", key)
    mine = BY_NAME[name]
    for other in COMMANDS:
        taken = bound.get(other.name, other.keys)
        together = not mine.where or not other.where or set(mine.where) & set(other.where)
        if other.name != name and together and any(QKeySequence(one) == sequence for one in taken):
            return _tr("%1 belongs to “%2”.").replace("%1", key).replace("%2", title_of(other))
    return ""


def title_of(command: Command) -> str:
    """Return what a command does, in the user's language."""
    return _tr(command.title).replace("%1", command.name.rpartition("_")[2])


def key_rows(keymap: Keymap) -> list[tuple[str, str]]:
    """Return keys and what they do, as people read them; numbered commands share a line."""
    rows = [(keys, _tr(title)) for keys, title in FIXED]
    for command in COMMANDS:
        stem, _, number = command.name.rpartition("_")
        if number.isdecimal() and number != "1":
            continue
        last = f"{stem}_{PRESETS if stem == 'size' else PANEL_KEYS}"
        keys = ", ".join(shown(key) for key in keymap.keys(command.name))
        if keys and number == "1":
            keys += "".join(f" … {shown(key)}" for key in keymap.keys(last))
        if keys:
            rows.append((keys, title_of(command).replace(" 1", " 1, 2, …")))
    return rows


def shown(key: str) -> str:
    """Return a key as it is printed on the keyboard."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Keys", text)


BY_NAME = {command.name: command for command in COMMANDS}
RESERVED = ("Esc", "Ctrl+Esc")
