"""A small light with its name: state by shape as well as by colour, the words in the tooltip and to screen readers."""

from __future__ import annotations

from enum import Enum

from PySide6.QtWidgets import QWidget

from gui.theme import active
from gui.widgets.plain_text import PlainLabel, tip


class Shade(Enum):
    """What a light can say: (mark, name of a colour). The marks are in the fonts we ship."""

    GOOD = ("●", "good")
    WARN = ("▲", "warning")
    BAD = ("×", "danger")
    OFF = ("○", "muted")


class StatusLight(PlainLabel):
    """Mark and name."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._shade: Shade | None = None
        self._words = ""
        self.show_state(Shade.OFF, "")

    @property
    def shade(self) -> Shade | None:
        """What it says now."""
        return self._shade

    def show_state(self, shade: Shade, words: str) -> None:
        """Say something; repainting only when it changed."""
        if shade is not self._shade:
            self._shade = shade
            self.setText(f"{shade.value[0]} {self._name}")
            self.restyle()
        if self._words != words:
            self._words = words
            self.setToolTip(tip(words))
            self.setAccessibleName(f"{self._name}: {words}")

    def restyle(self) -> None:
        """Take the colour of the theme that is active now."""
        if self._shade is not None:
            self.setStyleSheet(f"color: {active().colour(self._shade.value[1]).name()};")
