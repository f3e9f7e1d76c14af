"""Named commands as actions of the window: bound to the keys of the keymap, never repeated by a key held down."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QWidget

from gui.keymap import COMMANDS, Keymap, title_of

TRADING = frozenset(
    {
        *(command.name for command in COMMANDS if command.name.startswith("size_")),
        "join_bid",
        "join_ask",
        "take_ask",
        "take_bid",
        "nudge_up",
        "nudge_down",
        "nudge_up_anywhere",
        "nudge_down_anywhere",
        "cancel_selected",
        "flatten",
        "flatten_to",
        "dead_man",
        "add_strategy",
        "arm",
        "buy",
        "sell",
        "scaled",
        "cancel_pair",
        "cancel_everything",
        "kill",
        "release",
    }
)
"""What has no meaning where nothing can be traded."""

PLAIN = (
    Qt.KeyboardModifier.NoModifier | Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
)


class Actions(QObject):
    """One action a command. ``places`` are the widgets a command's ``where`` names."""

    def __init__(
        self,
        window: QWidget,
        keymap: Keymap,
        handlers: Mapping[str, Callable[[], object]],
        places: Mapping[str, QWidget],
    ) -> None:
        super().__init__(window)
        self._keymap = keymap
        self._by_name: dict[str, QAction] = {}
        for command in COMMANDS:
            action = self._by_name[command.name] = QAction(title_of(command), window)
            action.setObjectName(command.name)
            action.setAutoRepeat(False)
            action.triggered.connect(handlers[command.name])
            inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
            action.setShortcutContext(inside if command.where else Qt.ShortcutContext.WindowShortcut)
            for widget in [places[where] for where in command.where] or [window]:
                widget.addAction(action)
        keymap.changed.connect(self._bind)
        self._bind()

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def join(self, place: str, widget: QWidget) -> None:
        """Let the keys of a place act in one more widget."""
        for command in COMMANDS:
            if place in command.where:
                widget.addAction(self._by_name[command.name])

    def forbid_trading(self) -> None:
        """Let nothing be traded."""
        for name in TRADING:
            self._by_name[name].setEnabled(False)

    def watch(self, window: QWidget) -> None:
        """Leave a window's letters to its fields and lists while one of them has the keyboard."""
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Text fields claim what they can write by themselves; lists that are searched by typing do not.
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        typed = event.text()
        written = typed.isprintable() and typed.strip() and not event.modifiers() & ~PLAIN
        if written and isinstance(QApplication.focusWidget(), (QComboBox, QAbstractSpinBox)):
            event.accept()
            return True
        return False

    def _bind(self) -> None:
        for name, action in self._by_name.items():
            action.setShortcuts([QKeySequence(key) for key in self._keymap.keys(name)])
