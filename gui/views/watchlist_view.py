"""Watchlist: the pairs under watch. Activating a row shows it in every linked panel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.domain.ids import Symbol
from core.domain.subscription import ticker
from gui.models.watchlist_model import WatchlistModel
from gui.symbol_link import SymbolLink
from gui.widgets.panel import Attach, Panel
from gui.widgets.table import Table


class WatchlistView(Panel):
    """Quotes of the pairs under watch; typing a symbol and Enter adds it."""

    symbols_changed = Signal(list)

    def __init__(
        self,
        session: TradingSession,
        link: SymbolLink,
        symbols: Sequence[Symbol],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Watchlist", parent)
        self._session = session
        self._link = link
        self._symbols = list(symbols)
        self.model = WatchlistModel(session.stores, session.clock, self)
        self.table = Table(self.model, "Watchlist", self)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Add or find a symbol  (/)"))
        self.search.setAccessibleName(self.tr("Add or find a symbol"))
        self.search.returnPressed.connect(self._add_typed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.search)
        layout.addWidget(self.table)
        self.model.set_keys(self._symbols)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        link.changed.connect(self.table.select_key)

    def attachments(self) -> list[Attach]:
        stores = self._session.stores
        return [
            lambda: self._session.market_data.watch(*(ticker(symbol) for symbol in self._symbols)),
            lambda: stores.tickers.observe(self.model.told),
            lambda: stores.instruments.observe(lambda _: self.model.told(self._symbols)),
        ]

    def refresh(self) -> None:
        self.model.told(self._symbols)
        self.table.select_key(self._link.symbol)

    def every_second(self) -> None:
        """Let ages grow and rows settle."""
        self.model.told(self._symbols)
        self.table.resort_if_safe()

    def problem(self) -> str:
        silent = [symbol for symbol in self._symbols if self._session.stores.tickers.get(symbol) is None]
        return f"no quote for {', '.join(silent)}" if silent else ""

    def add(self, symbol: Symbol) -> None:
        """Put a pair on the list, if it is not there yet, and show it."""
        if symbol not in self._symbols:
            self._symbols.append(symbol)
            self.model.set_keys(self._symbols)
            self.restart()
            self.symbols_changed.emit(list(self._symbols))
        self._link.show_symbol(symbol)

    def remove_selected(self) -> None:
        """Take the selected pairs off the list, but never the last one."""
        kept = [symbol for symbol in self._symbols if symbol not in self.table.selected_keys()]
        if kept and kept != self._symbols:
            self._symbols = kept
            self.model.set_keys(kept)
            self.restart()
            self.symbols_changed.emit(list(kept))

    def focus_find(self) -> None:
        """Put the keyboard into the symbol field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _add_typed(self) -> None:
        known = self._session.stores.instruments.symbols()
        typed = self.search.text().strip().upper()
        matches = [symbol for symbol in known if symbol == typed] or [
            symbol for symbol in known if typed and symbol.startswith(typed)
        ]
        self.search.setProperty("invalid", not matches)
        self.search.style().polish(self.search)
        self.search.setToolTip("" if matches else self.tr("The exchange does not list this symbol."))
        if matches:
            self.add(matches[0])
            self.search.clear()
            self.table.setFocus()

    def _row_chosen(self, current: QModelIndex) -> None:
        if current.isValid():
            self._link.show_symbol(self.model.key_at(current.row()))
