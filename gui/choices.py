"""The settings in force, and the one door through which the window changes them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from core.runtime.settings import Settings, changed


class Choices(QObject):
    """``chosen`` carries the fields that were changed, by name, as plain values: whoever keeps the file writes them."""

    chosen = Signal(dict)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings

    def set(self, **fields: Any) -> None:
        """Let these fields be in force from now on. SettingsError names one that does not fit; then none is."""
        settings = changed(self.settings, **fields)
        fresh = {name: value for name, value in fields.items() if self._differs(settings, name)}
        self.settings = settings
        if fresh:
            self.chosen.emit(fresh)

    def _differs(self, settings: Settings, name: str) -> bool:
        return bool(getattr(settings, name) != getattr(self.settings, name))
