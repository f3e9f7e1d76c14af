"""Profit and loss: what each asset cost, is worth and has brought, by a method of the trader's choice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.domain.ids import Asset, Symbol
from core.domain.subscription import ticker
from core.processing.lots import Method
from gui import formats
from gui.models.profit_model import MONEY_DIGITS, ProfitModel
from gui.widgets.decimal_edit import DecimalEdit
from gui.widgets.figure_strip import Figure, FigureStrip
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel
from gui.widgets.table import Table

METHODS = {"Average cost": Method.AVERAGE, "FIFO": Method.FIFO, "LIFO": Method.LIFO}
PRICE_WIDTH = 110
SUM_SAMPLE = "+1,234.56"


class ProfitView(Panel):
    """Totals above, assets below. The basis of what was transferred in is said for the selected asset."""

    def __init__(self, session: TradingSession, parent: QWidget | None = None) -> None:
        super().__init__("P&L", parent)
        self._session = session
        self._keeper = session.profit
        self.model = ProfitModel(self._keeper, session.stores, self)
        self.table = Table(self.model, "Profit and loss", self)
        self.table.empty_text = self.tr("What your assets cost and brought appears here, once there are any.")
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._judge_basis())
        self.method = QComboBox(self)
        self.method.addItems(list(METHODS))
        self.method.setAccessibleName(self.tr("Which lot leaves first"))
        self.method.activated.connect(lambda _: self._keeper.use(METHODS[self.method.currentText()]))
        self.price = DecimalEdit(self.tr("Cost of a unit"), self)
        self.price.setFixedWidth(PRICE_WIDTH)
        self.price.textChanged.connect(lambda _: self._judge_basis())
        self.price.returnPressed.connect(self._say_basis)
        self.say = QPushButton(self.tr("Set basis"), self)
        self.say.clicked.connect(self._say_basis)
        self.sums = FigureStrip(self.tr("Sums of all assets"), self, margin=6)
        self.note = PlainLabel(self)
        self.note.setContentsMargins(4, 0, 4, 0)
        self._priced: list[Symbol] = []
        self._lay_out()
        self._judge_basis()

    def attachments(self) -> list[Attach]:
        stores = self._session.stores
        return [
            self._watch_prices,
            lambda: self._keeper.observe(self._books_changed),
            lambda: stores.instruments.observe(lambda _: self._books_changed()),
            lambda: stores.health.observe(lambda keys: self.refresh() if "account" in keys else None),
        ]

    def refresh(self) -> None:
        self.model.reload()
        chosen = next(words for words, method in METHODS.items() if method is self._keeper.method)
        self.method.setCurrentText(chosen)
        self._show_sums()
        self._judge_basis()

    def every_second(self) -> None:
        """Value anew with the latest prices; see whether books and balances still differ."""
        self._keeper.look()
        if self.isVisible():
            self.model.reload()
            self._show_sums()
            self.table.resort_if_safe()

    def problem(self) -> str:
        return "balances are not verified" if self._session.stores.health.account_doubt else ""

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(2, 2, 2, 2)
        bar.setSpacing(4)
        bar.addWidget(self.method)
        bar.addWidget(self.note, 1)
        bar.addWidget(self.price)
        bar.addWidget(self.say)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.sums)
        layout.addWidget(self.table, 1)

    def _show_sums(self) -> None:
        sums = self._keeper.totals()
        hint = "" if sums.complete else self.tr("What has no known basis or price is left out.")
        gains = (
            (self.tr("Unrealised"), sums.unrealised),
            (self.tr("Session"), sums.realised_session),
            (self.tr("Realised"), sums.realised),
        )
        figures = [
            Figure(name, formats.fixed(gain, MONEY_DIGITS, sign=True), SUM_SAMPLE, _colour(gain), hint)
            for name, gain in gains
        ]
        self.sums.show_figures(
            [*figures, Figure(self.tr("Fees"), formats.fixed(sums.fees, MONEY_DIGITS), "")]
        )

    def _judge_basis(self) -> None:
        asset = self._asset
        can = asset is not None and self._keeper.takes_basis(asset)
        price = self.price.value
        wrong = bool(self.price.text()) and (price is None or price < 0)
        self.price.setEnabled(can)
        self.price.show_invalid(wrong)
        self.price.setPlaceholderText(f"{self._keeper.currency} / {asset}" if can else self.tr("Unit cost"))
        self.say.setEnabled(can and price is not None and not wrong)
        complete, money = self._keeper.totals().complete, self._keeper.currency
        self.note.setText(money if complete else f"{money}: {self.tr('sums are partial')}")
        self.note.setProperty("role", "muted" if complete else "warning")
        self.note.style().polish(self.note)

    def _say_basis(self) -> None:
        asset, price = self._asset, self.price.value
        if asset is not None and price is not None and self.say.isEnabled():
            self._session.note_input(f"basis of {asset} {price:f}")
            self.price.clear()
            self._keeper.tell(asset, price)

    @property
    def _asset(self) -> Asset | None:
        keys = self.table.selected_keys()
        return keys[0] if len(keys) == 1 else None

    def _books_changed(self) -> None:
        if self._prices_needed() != self._priced:
            self.restart()
        else:
            self.refresh()

    def _watch_prices(self) -> Callable[[], None]:
        self._priced = self._prices_needed()
        return self._session.market_data.watch(*(ticker(symbol) for symbol in self._priced))

    def _prices_needed(self) -> list[Symbol]:
        currency, listed = self._keeper.currency, self._session.stores.instruments
        held = [one.asset for one in self._keeper.positions() if one.known]
        symbols = [Symbol(f"{asset}/{currency}") for asset in held if asset != currency]
        return [symbol for symbol in symbols if listed.get(symbol) is not None]


def _colour(gain: Decimal) -> str:
    if not gain:
        return "text"
    return "buy" if gain > 0 else "sell"
