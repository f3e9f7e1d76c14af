"""Rows of the limits panel: what is allowed on a pair, what is used of it, and how close that is."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QColor

from core.app.risk_use import LimitUse
from core.domain.limits import Severity
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

NAMES = {
    "size": "Order size",
    "notional": "Order value",
    "position": "Position",
    "open_orders": "Open orders",
    "away": "Price away from market",
    "through": "Price through market",
    "slippage": "Slippage of takers",
    "loss": "Loss of the day",
    "submits": "Orders sent",
    "budget": "Engine counter",
    "doubts": "Orders in doubt",
}
ABOUT = {
    "size": "Multiples of your median size on this pair, or as small a part of it",
    "notional": "Value of one order; in use: the largest open one",
    "position": "Value of what is owned, open buys included",
    "open_orders": "Open orders on this pair, at most nine tenths of what the exchange allows",
    "away": "How far a resting price may lie from the near touch",
    "through": "How far a taking price may lie beyond the far touch",
    "slippage": "What the levels of the book cost against the touch",
    "loss": "From the first figure only reducing orders pass, from the second none",
    "submits": "One more within ten seconds pulls the kill switch",
    "budget": "The exchange's counter for this pair; above the limit it is kept for cancels",
    "doubts": "More orders of unknown state pull the kill switch",
}
STATES = {
    None: "✓ within",
    Severity.HOLD: "△ ask",
    Severity.TYPE: "▲ type",
    Severity.BLOCK: "■ full",
}
EACH = "each order"


def name_of(row: LimitUse) -> str:
    """Return the limit's name on screen."""
    return _tr(NAMES[row.name])


class LimitsModel(KeyedTable[str, LimitUse]):
    """Limits by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._rows: dict[str, LimitUse] = {}
        super().__init__(_columns(), self._rows.get, parent)

    def show_rows(self, rows: list[LimitUse]) -> None:
        """Show these."""
        changed = [row.name for row in rows if self._rows.get(row.name) != row]
        self._rows.update({row.name: row for row in rows})
        self.set_keys([row.name for row in rows])
        self.told(changed)


def _columns() -> tuple[Column[LimitUse], ...]:
    return (
        Column(
            "Limit",
            "Price through market ●",
            lambda row: name_of(row) + (" ●" if row.of_pair else ""),
            hint=_hint,
            figures=False,
        ),
        Column("In use", "10,000,000", _use, colour=_use_colour, hint=_hint),
        Column("Ask from", "10,000,000", lambda row: _figure(row.hold), rank=2),
        Column("Type from", "10,000,000", lambda row: _figure(row.type), rank=3),
        Column("Block above", "10,000,000", lambda row: _figure(row.block), rank=1),
        Column("Unit", "% of counter", lambda row: _tr(row.unit), figures=False, rank=4),
        Column("State", "each order", lambda row: _tr(_state(row)), colour=_colour, figures=False),
    )


def _use(row: LimitUse) -> str:
    if row.use is not None:
        return formats.fixed(row.use, 0)
    return formats.MISSING


def _state(row: LimitUse) -> str:
    if row.use is None and row.state is None:
        return _tr("unknown") if row.band is None else EACH
    return STATES[row.state]


def _hint(row: LimitUse) -> str:
    own = " " + _tr("This pair has its own (●).") if row.of_pair else ""
    return f"{_tr(ABOUT[row.name])} ({_tr(row.unit)}).{own}"


def _figure(value: Decimal | None) -> str:
    return formats.MISSING if value is None else formats.fixed(value, 0)


def _colour(row: LimitUse) -> QColor:
    if row.use is None and row.state is None:
        return active().colour("muted")
    colours = {None: "muted", Severity.HOLD: "warning", Severity.TYPE: "warning", Severity.BLOCK: "danger"}
    return active().colour(colours[row.state])


def _use_colour(row: LimitUse) -> QColor:
    return active().colour("text") if row.state is None else _colour(row)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Limits", text)
