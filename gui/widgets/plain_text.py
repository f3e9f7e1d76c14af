"""Text shown as it is: what comes from the exchange or a file is never read as markup, never becomes a link."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


class PlainLabel(QLabel):
    """The label to use everywhere. Qt's own guesses from the text whether it is markup."""

    def __init__(self, text: str | QWidget | None = None, parent: QWidget | None = None) -> None:
        """As a QLabel: ``PlainLabel(parent)`` or ``PlainLabel(text, parent)``."""
        words, owner = (text, parent) if isinstance(text, str) else ("", text)
        super().__init__(owner)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(words)


def tip(text: str) -> str:
    """Return a text for a tooltip, which has no plain format of its own: markup in it is shown, not obeyed."""
    if "<" not in text:
        return text
    return "<qt>" + html.escape(text).replace("\n", "<br>") + "</qt>"
