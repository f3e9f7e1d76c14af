"""The symbols that linked panels show together: groups of panels, and each panel's place in one of them."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, Signal

from core.domain.ids import Symbol

TRADED = "A"
"""The group of the ticket: what keys, chords and clicks trade."""

GROUPS = (TRADED, "B", "C", "D")
ALONE = ""
"""In place of a group's name: a panel that follows none."""

PAIR = re.compile(r"[A-Z0-9.]{1,12}/[A-Z0-9.]{1,12}")


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


class PanelLink(SymbolLink):
    """The place of one panel: in a group, whose symbol it shows and sets, or alone. ``regrouped`` after a move."""

    regrouped = Signal()

    def __init__(self, groups: LinkGroups, name: str, parent: QObject | None = None) -> None:
        super().__init__(groups[name].symbol, parent)
        self._groups = groups
        self._joined: SymbolLink | None = None
        self.group = ALONE
        self.join(name)

    def join(self, name: str) -> None:
        """Leave the present group for another, and show what that one shows. KeyError for a name of none."""
        joined = self._groups[name] if name else None
        self.leave()
        self.group, self._joined = name, joined
        if joined is not None:
            joined.changed.connect(self._follow)
            self._follow(joined.symbol)
        self.regrouped.emit()

    def join_next(self) -> None:
        """Go on to the next group; after the last one alone, then to the first."""
        order = (*GROUPS, ALONE)
        self.join(order[(order.index(self.group) + 1) % len(order)])

    def leave(self) -> None:
        """Follow no group any more."""
        if self._joined is not None:
            self._joined.changed.disconnect(self._follow)
            self._joined, self.group = None, ALONE

    def show_symbol(self, symbol: Symbol) -> None:
        """Make this panel and all of its group show ``symbol``."""
        if self._joined is not None:
            self._joined.show_symbol(symbol)
        else:
            super().show_symbol(symbol)

    def _follow(self, symbol: str) -> None:
        SymbolLink.show_symbol(self, Symbol(symbol))


class LinkGroups(QObject):
    """The groups of one window, by name; all show the same symbol at first."""

    def __init__(self, symbol: Symbol, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._by_name = {name: SymbolLink(symbol, self) for name in GROUPS}

    def __getitem__(self, name: str) -> SymbolLink:
        return self._by_name[name]

    def symbols(self) -> dict[str, str]:
        """Return what each group shows that is not the traded one: which pair is traded is no matter of a layout."""
        return {name: link.symbol for name, link in self._by_name.items() if name != TRADED}


def as_pair(text: object) -> Symbol | None:
    """Return a pair as it is written in a layout file; ``None`` for anything else."""
    return Symbol(text) if isinstance(text, str) and PAIR.fullmatch(text) else None
