"""Balances: total, available, held, and what they are worth."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.domain.ids import Symbol
from core.domain.subscription import ticker
from gui import formats
from gui.models.balances_model import DOLLAR, BalancesModel
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel
from gui.widgets.table import Table


class BalancesView(Panel):
    """What the account owns, valued in dollars. Amber words while the figures are not verified."""

    def __init__(self, session: TradingSession, parent: QWidget | None = None) -> None:
        super().__init__("Balances", parent)
        self._session = session
        self.model = BalancesModel(session.stores, self)
        self.table = Table(self.model, "Balances", self)
        self.table.empty_text = self.tr("What the account owns appears here, once the exchange has told it.")
        self.heading = PlainLabel(self)
        self.heading.setContentsMargins(6, 2, 6, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.heading)
        layout.addWidget(self.table)
        self._priced: list[Symbol] = []

    def attachments(self) -> list[Attach]:
        stores = self._session.stores
        return [
            self._watch_prices,
            lambda: stores.balances.observe(lambda _: self._balances_changed()),
            lambda: stores.instruments.observe(lambda _: self._balances_changed()),
            lambda: stores.health.observe(lambda keys: self.refresh() if "account" in keys else None),
        ]

    def refresh(self) -> None:
        self.model.reload()
        doubt = self._session.stores.health.account_doubt
        if doubt:
            self.heading.setText(self.tr("Not verified: %1").replace("%1", formats.plain(doubt)))
        else:
            self.heading.setText(
                self.tr("Worth %1 USD").replace("%1", formats.fixed(self.model.total_value, 2))
            )
        self.heading.setProperty("role", "warning" if doubt else "")
        self.heading.style().polish(self.heading)

    def every_second(self) -> None:
        """Value anew with the latest quotes."""
        if self.isVisible():
            self.refresh()
            self.table.resort_if_safe()

    def problem(self) -> str:
        return "balances are not verified" if self._session.stores.health.account_doubt else ""

    def _balances_changed(self) -> None:
        if self._prices_needed() != self._priced:
            self.restart()
        else:
            self.refresh()

    def _watch_prices(self) -> Callable[[], None]:
        self._priced = self._prices_needed()
        return self._session.market_data.watch(*(ticker(symbol) for symbol in self._priced))

    def _prices_needed(self) -> list[Symbol]:
        stores = self._session.stores
        symbols = [Symbol(f"{row.asset}/{DOLLAR}") for row in stores.balances.all() if row.asset != DOLLAR]
        return [symbol for symbol in symbols if stores.instruments.get(symbol) is not None]
