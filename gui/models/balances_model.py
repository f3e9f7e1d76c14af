"""Rows of the balances table, valued in dollars through the quotes at hand."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QObject

from core.domain.ids import Asset, Symbol
from core.processing.account_store import AccountBalance
from core.processing.stores import Stores
from gui import formats
from gui.models.keyed_table import Column, KeyedTable

DOLLAR = Asset("USD")


class BalancesModel(KeyedTable[Asset, AccountBalance]):
    """Balances by asset."""

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        self._stores = stores
        self._rows: dict[Asset, AccountBalance] = {}
        super().__init__(self._make_columns(), self._find, parent)

    def reload(self) -> None:
        """Read all balances anew; a handful of rows."""
        self._rows = {row.asset: row for row in self._stores.balances.all()}
        self.set_keys(self._rows)
        self.told(self._rows)

    def total_value(self) -> Decimal:
        """Sum of what can be valued, in dollars."""
        return sum((value for row in self._rows.values() if (value := self._value(row))), Decimal(0))

    def _find(self, asset: Asset) -> AccountBalance | None:
        return self._rows.get(asset)

    def _value(self, row: AccountBalance) -> Decimal | None:
        price = self._stores.tickers.get(Symbol(f"{row.asset}/{DOLLAR}"))
        if row.asset == DOLLAR:
            return row.total
        return row.total * price.last if price is not None and price.last is not None else None

    def _digits(self, row: AccountBalance) -> int:
        info = self._stores.instruments.asset(row.asset)
        return info.precision_display if info else 8

    def _share(self, row: AccountBalance) -> Decimal | None:
        value, total = self._value(row), self.total_value()
        return value / total * 100 if value is not None and total else None

    def _make_columns(self) -> tuple[Column[AccountBalance], ...]:
        return (
            Column(
                "Asset", "USDT", lambda row: formats.plain(row.asset), lambda row: row.asset, figures=False
            ),
            Column(
                "Total",
                "123,456.12345",
                lambda row: formats.qty(row.total, self._digits(row)),
                lambda row: row.total,
            ),
            Column(
                "Available",
                "123,456.12345",
                lambda row: formats.qty(row.available, self._digits(row)),
                lambda row: row.available,
            ),
            Column(
                "Held",
                "12,345.1234",
                lambda row: formats.qty(row.held, self._digits(row)),
                lambda row: row.held,
            ),
            Column("Value USD", "1,234,567.12", lambda row: formats.fixed(self._value(row), 2), self._value),
            Column(
                "Share",
                "100.0%",
                lambda row: formats.MISSING if (share := self._share(row)) is None else f"{share:.1f}%",
                self._share,
            ),
        )
