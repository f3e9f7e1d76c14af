"""The base of every panel: it listens and subscribes only while it is visible."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from gui.symbol_link import PanelLink
from gui.widgets.stale import AgeText, StaleCover

Attach = Callable[[], Callable[[], None]]

LEAST_SIZE = (150, 60)
"""Pixels. A panel may be squeezed below what its controls would like, else the widest one dictates the window's."""


class Panel(QWidget):
    """A dockable panel. Subclasses name in ``attachments`` what to start when shown; each returns its own end."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.setAccessibleName(title)
        self.setObjectName(title.lower().replace(" ", "_").replace("&", "and") + "_panel")
        self.setMinimumSize(*LEAST_SIZE)
        self.number = 1
        self.linked: PanelLink | None = None
        self._ends: list[Callable[[], None]] = []
        self._cover = StaleCover(self)
        self.age = AgeText(self)
        self.age.hide()

    def be_number(self, number: int) -> None:
        """Be the second, third … of this kind in the window."""
        self.number = number
        self.title = f"{self.title} {number}"
        self.setAccessibleName(self.title)
        self.setObjectName(self.objectName().removesuffix("_panel") + f"_{number}_panel")

    def attachments(self) -> list[Attach]:
        """What to start when the panel appears."""
        return []

    def refresh(self) -> None:
        """Show the present state; called when the panel appears."""

    def problem(self) -> str:
        """Why the panel shows no live data, in words; empty when it does."""
        return ""

    def save(self, settings: QSettings) -> None:
        """Remember what the user chose here, beside the layout."""

    def restore(self, settings: QSettings) -> None:
        """Take over what ``save`` wrote."""

    def stale_reason(self, now: int) -> str:
        """Why what is shown may no longer be true at monotonic ``now``, in words; empty when it is."""
        return ""

    def received(self) -> int | None:
        """Monotonic time the data shown last came, ns; ``None`` before the first or where there is no such time."""
        return None

    def show_trust(self, now: int) -> None:
        """Show at monotonic ``now`` how old the data is, and whether it may be trusted; called a few times a second."""
        if self._ends:
            self._cover.tell(self.stale_reason(now))
            received = self.received()
            self.age.show_age(None if received is None else now - received)

    def restart(self) -> None:
        """Begin all attachments anew, because what they depend on changed (the symbol), then end the old ones.

        In this order, so that what both need is not let go and fetched again.
        """
        if self._ends:
            old = self._ends
            self._attach()
            for end in old:
                end()

    def set_on_screen(self, on_screen: bool) -> None:
        """A panel behind a tab is as good as hidden, although Qt calls it visible."""
        if not on_screen:
            self.detach()
        elif self.isVisible() and not self._ends:
            self._attach()

    def detach(self) -> None:
        """End all attachments."""
        for end in self._ends:
            end()
        self._ends.clear()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._ends:
            self._attach()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.detach()

    def _attach(self) -> None:
        self._ends = [start() for start in self.attachments()]
        self.refresh()
