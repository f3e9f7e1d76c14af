"""Watchlist: the pairs under watch. Activating a row shows it in every linked panel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.domain.ids import Symbol
from core.domain.subscription import ticker
from gui.models.watchlist_model import TREND_INTERVAL, WatchlistModel
from gui.symbol_link import SymbolLink
from gui.widgets.panel import Attach, Panel
from gui.widgets.table import Table


class WatchlistView(Panel):
    """Quotes of the pairs under watch. Typing narrows the list, Enter shows the pair and adds it if it is new."""

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
        self._trends: set[Symbol] = set()
        """Pairs whose day was asked for."""

        self.model = WatchlistModel(session.stores, session.clock, self)
        self.table = Table(self.model, "Watchlist", self)
        self.table.empty_text = self.tr(
            "No pair on the list matches. Enter adds one that the exchange lists."
        )
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Add or find a symbol  (/)"))
        self.search.setAccessibleName(self.tr("Add or find a symbol"))
        self.search.setClearButtonEnabled(True)
        self.search.returnPressed.connect(self._take_typed)
        self.search.textEdited.connect(lambda _: self._narrow())
        self._listed = QStringListModel(self)
        self._suggest()
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
            lambda: stores.candles.observe(self.model.trend_changed),
            lambda: stores.instruments.observe(lambda _: self._described()),
        ]

    def refresh(self) -> None:
        self._described()
        self.table.select_key(self._link.symbol)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and not event.isAutoRepeat():
            self.remove_selected()
        elif event.key() == Qt.Key.Key_Escape and self.search.text():
            self._end_search()
        else:
            super().keyPressEvent(event)

    def every_second(self) -> None:
        """Let ages grow, rows settle, and what the day was like be asked for: nobody waits for that at the start."""
        for symbol in self._symbols:
            if symbol not in self._trends and self._session.stores.instruments.get(symbol) is not None:
                self._trends.add(symbol)
                self._session.history.want(symbol, TREND_INTERVAL, stays=True)
        if self.isVisible():
            self.model.told(self._symbols)
            self.table.resort_if_safe()

    def problem(self) -> str:
        silent = [symbol for symbol in self._symbols if self._session.stores.tickers.get(symbol) is None]
        return f"no quote for {', '.join(silent)}" if silent else ""

    def add(self, symbol: Symbol) -> None:
        """Put a pair on the list, if it is not there yet, and show it."""
        if symbol not in self._symbols:
            self._keep([*self._symbols, symbol])
        self._link.show_symbol(symbol)
        self.table.select_key(symbol)

    def remove_selected(self) -> None:
        """Take the selected pairs off the list, but never the last one."""
        kept = [symbol for symbol in self._symbols if symbol not in self.table.selected_keys()]
        if kept and kept != self._symbols:
            self._keep(kept)

    def focus_find(self) -> None:
        """Put the keyboard into the symbol field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _keep(self, symbols: list[Symbol]) -> None:
        self._symbols = symbols
        self.model.set_keys(symbols)
        self.restart()
        self.symbols_changed.emit(list(symbols))

    def _described(self) -> None:
        self._listed.setStringList(list(self._session.stores.instruments.symbols()))
        self._trends.clear()  # asking again for what is there costs nothing
        self.model.told(self._symbols)

    def _suggest(self) -> None:
        completer = QCompleter(self._listed, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(lambda _: self._take_typed())
        self.search.setCompleter(completer)

    def _narrow(self) -> None:
        typed = self.search.text().strip().upper()
        self._mark_unknown(False)
        self.model.set_keys([symbol for symbol in self._symbols if typed in symbol])

    def _take_typed(self) -> None:
        typed = self.search.text().strip().upper()
        found = self._find(typed)
        self._mark_unknown(bool(typed) and found is None)
        if found is not None:
            self._end_search()
            self.add(found)

    def _find(self, typed: str) -> Symbol | None:
        known = self._session.stores.instruments.symbols()
        own = [symbol for symbol in self._symbols if typed in symbol]
        exact = [symbol for symbol in known if symbol == typed]
        begins = [symbol for symbol in known if symbol.startswith(typed)]
        return next(iter([*exact, *own, *begins]), None) if typed else None

    def _end_search(self) -> None:
        self.search.clear()
        self.model.set_keys(self._symbols)
        self.table.select_key(self._link.symbol)
        self.table.setFocus()

    def _mark_unknown(self, unknown: bool) -> None:
        if bool(self.search.property("invalid")) != unknown:
            self.search.setProperty("invalid", unknown)
            self.search.style().polish(self.search)
            self.search.setToolTip(self.tr("The exchange does not list this symbol.") if unknown else "")

    def _row_chosen(self, current: QModelIndex) -> None:
        # Rows that come and go move the current one too; only the user's own choice changes the symbol.
        if current.isValid() and self.table.hasFocus():
            self._link.show_symbol(self.model.key_at(current.row()))
