"""The symbol that linked panels show together."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.domain.ids import Symbol


class SymbolLink(QObject):
    """One group of linked panels. ``changed`` carries the new symbol."""

    changed = Signal(str)

    def __init__(self, symbol: Symbol, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._symbol = symbol

    @property
    def symbol(self) -> Symbol:
        """The symbol shown now."""
        return self._symbol

    def show_symbol(self, symbol: Symbol) -> None:
        """Make every linked panel show ``symbol``."""
        if symbol != self._symbol:
            self._symbol = symbol
            self.changed.emit(symbol)
