"""The list of keys, in columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QVBoxLayout, QWidget

from gui.theme import figure_font, ui_font
from gui.widgets.plain_text import PlainLabel

COLUMNS = 2


class KeysDialog(QDialog):
    """Opened with ``open()``; any of Enter, Esc and the button closes it."""

    def __init__(self, keys: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("keys")
        self.setWindowTitle(self.tr("Keys"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(key_grid(keys, COLUMNS, self))
        layout.addWidget(buttons)


def key_grid(keys: Sequence[tuple[str, str]], columns: int, parent: QWidget) -> QWidget:
    """Return keys and what they do, filled column by column."""
    body = QWidget(parent)
    grid = QGridLayout(body)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(2)
    height = -(-len(keys) // columns)
    for at, (key, meaning) in enumerate(keys):
        name, words = PlainLabel(key, body), PlainLabel(meaning, body)
        name.setFont(figure_font(0.92, bold=True))
        words.setFont(ui_font(0.92))
        column = at // height * 2
        grid.addWidget(name, at % height, column, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(words, at % height, column + 1)
    return body
