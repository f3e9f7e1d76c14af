"""Rows of the fills table."""

from __future__ import annotations

from PySide6.QtCore import QObject

from core.domain.ids import ExecId
from core.domain.orders import Fill
from core.processing.stores import Stores
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

LIQUIDITY = {"m": "maker", "t": "taker"}


class FillsModel(KeyedTable[ExecId, Fill]):
    """Fills by exec id, newest first."""

    def __init__(self, stores: Stores, parent: QObject | None = None) -> None:
        super().__init__(self._make_columns(stores), stores.fills.get, parent)
        self._stores = stores

    def reload(self) -> None:
        """Take in new fills."""
        self.set_keys([fill.exec_id for fill in self._stores.fills.all()])

    @staticmethod
    def _make_columns(stores: Stores) -> tuple[Column[Fill], ...]:
        def digits(fill: Fill) -> tuple[int, int, int]:
            instrument = stores.instruments.get(fill.symbol)
            if instrument is None:
                return 8, 8, 8
            return instrument.price_precision, instrument.qty_precision, instrument.cost_precision

        return (
            Column(
                "Time",
                "23:59:59.999",
                lambda f: formats.clock_time(f.ts, millis=True),
                lambda f: f.ts,
                hint=lambda f: formats.moment(f.ts),
            ),
            Column(
                "Symbol", "USDT/USD", lambda f: formats.plain(f.symbol), lambda f: f.symbol, figures=False
            ),
            Column(
                "Side",
                "▼ SELL",
                lambda f: "▲ BUY" if f.side.sign > 0 else "▼ SELL",
                lambda f: f.side,
                lambda f: active().side(f.side),
                figures=False,
            ),
            Column("Qty", "1,234.5678", lambda f: formats.qty(f.qty, digits(f)[1]), lambda f: f.qty),
            Column("Price", "123,456.7", lambda f: formats.fixed(f.price, digits(f)[0]), lambda f: f.price),
            Column(
                "Cost", "123,456.78", lambda f: formats.qty(f.cost, digits(f)[2]), lambda f: f.cost, rank=1
            ),
            Column("Fee", "12.34567 USD", _fees, rank=2),
            Column("Role", "maker", _role, _role, figures=False, rank=3, about="Maker or taker"),
            Column(
                "Fill",
                "TABCDE-FGHIJ-KLMNOP",
                lambda f: formats.plain(f.exec_id),
                figures=False,
                rank=4,
                stretch=True,
            ),
        )


def _role(fill: Fill) -> str:
    return LIQUIDITY.get(fill.liquidity, formats.plain(fill.liquidity))


def _fees(fill: Fill) -> str:
    return (
        ", ".join(f"{formats.qty(fee.qty, 8)} {formats.plain(fee.asset)}" for fee in fill.fees)
        or formats.MISSING
    )
