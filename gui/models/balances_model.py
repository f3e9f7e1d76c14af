"""Rows of the balances table, valued in dollars through the quotes at hand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QObject

from core.domain.ids import Asset, Symbol
from core.processing.account_store import AccountBalance
from core.processing.stores import Stores
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

DOLLAR = Asset("USD")


class BalancesModel(KeyedTable[Asset, AccountBalance]):
    """Balances by asset."""

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        self._stores = stores
        self._rows: dict[Asset, AccountBalance] = {}
        self._values: dict[Asset, Decimal | None] = {}
        super().__init__(self._make_columns(), self._find, parent)

    def reload(self) -> None:
        """Read all balances anew; a handful of rows."""
        self._rows = {row.asset: row for row in self._stores.balances.all()}
        self._values = {asset: self._value(row) for asset, row in self._rows.items()}
        self.set_keys(self._rows)
        self.told(self._rows)

    @property
    def total_value(self) -> Decimal:
        """Sum of what can be valued, in dollars."""
        return sum((value for value in self._values.values() if value is not None), Decimal(0))

    @property
    def unvalued(self) -> list[Asset]:
        """Assets nobody quotes in dollars here."""
        return [asset for asset, value in self._values.items() if value is None]

    strikes = True

    def is_hatched(self, row: AccountBalance) -> bool:
        return bool(self._stores.health.account_doubt)

    def _find(self, asset: Asset) -> AccountBalance | None:
        return self._rows.get(asset)

    def _value(self, row: AccountBalance) -> Decimal | None:
        if row.asset == DOLLAR:
            return row.total
        quote = self._stores.tickers.get(Symbol(f"{row.asset}/{DOLLAR}"))
        return row.total * quote.last if quote is not None and quote.last is not None else None

    def _digits(self, row: AccountBalance) -> int:
        info = self._stores.instruments.asset(row.asset)
        return info.precision_display if info else 8

    def _share(self, row: AccountBalance) -> Decimal | None:
        value, total = self._values.get(row.asset), self.total_value
        return value / total * 100 if value is not None and total else None

    def _make_columns(self) -> tuple[Column[AccountBalance], ...]:
        def amount(
            title: str, read: Callable[[AccountBalance], Decimal], rank: int
        ) -> Column[AccountBalance]:
            return Column(
                title,
                "12,345.1234",
                lambda row: formats.qty(read(row), self._digits(row)),
                read,
                lambda row: active().colour("text" if read(row) else "muted"),
                hint=lambda row: f"{read(row):f} {row.asset}",
                rank=rank,
            )

        return (
            Column(
                "Asset", "USDT", lambda row: formats.plain(row.asset), lambda row: row.asset, figures=False
            ),
            amount("Total", lambda row: row.total, 0),
            amount("Available", lambda row: row.available, 2),
            amount("Held", lambda row: row.held, 3),
            Column(
                "USD",
                "123,456.12",
                lambda row: formats.fixed(self._values.get(row.asset), 2),
                lambda row: self._values.get(row.asset),
                rank=1,
                about="Value at the last price in dollars",
            ),
            Column(
                "Share",
                "100.0%",
                lambda row: formats.MISSING if (share := self._share(row)) is None else f"{share:.1f}%",
                self._share,
                lambda row: active().colour("muted"),
                rank=4,
                about="Part of everything that can be valued",
            ),
        )
