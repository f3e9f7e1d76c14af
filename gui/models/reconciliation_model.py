"""Rows of the reconciliation: journal, stream and REST side by side."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QColor

from core.app.audit_rows import AuditRow
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

Key = tuple[str, str]
WHAT = {"order": "order", "fill": "fill", "balance": "balance", "other": "audit"}


class ReconciliationModel(KeyedTable[Key, AuditRow]):
    """What differs first."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._rows: dict[Key, AuditRow] = {}
        super().__init__(_columns(), self._rows.get, parent)

    def show_rows(self, rows: list[AuditRow]) -> None:
        """Show these."""
        new = {(row.what, row.key): row for row in rows}
        changed = [key for key, row in new.items() if self._rows.get(key) != row]
        self._rows.clear()
        self._rows.update(new)
        self.set_keys(new)
        self.told(changed)


def _columns() -> tuple[Column[AuditRow], ...]:
    return (
        Column(
            "State",
            "✗ quantity of an order differs",
            _state,
            lambda row: (row.is_equal, _state(row)),
            _colour,
            figures=False,
            hint=lambda row: "\n".join(one.text for one in row.found) or _state(row),
        ),
        Column("What", "balance", lambda row: _tr(WHAT[row.what]), lambda row: row.what, figures=False),
        Column(
            "Symbol",
            "USDT/USD",
            lambda row: formats.plain(row.symbol),
            lambda row: row.symbol,
            figures=False,
            rank=2,
        ),
        Column(
            "Id",
            "OABCDE-FGHIJ-KLMNOP",
            lambda row: formats.plain(row.key),
            lambda row: row.key,
            figures=False,
            rank=1,
            hint=lambda row: formats.plain(row.key),
        ),
        *(
            Column(title, "open 0.0000/0.0025 at 60,000.0", text, colour=_colour_of_side, hint=text)
            for title, text in (
                ("Journal", lambda row: formats.plain(row.journal)),
                ("Stream", lambda row: formats.plain(row.stream)),
                ("REST", lambda row: formats.plain(row.rest)),
            )
        ),
    )


def _state(row: AuditRow) -> str:
    if not row.found:
        return "✓ " + _tr("equal")
    mark = "○ " if row.is_equal else "✗ "
    more = f" +{len(row.found) - 1}" if len(row.found) > 1 else ""
    return mark + _tr(row.found[0].kind.value) + more


def _colour(row: AuditRow) -> QColor:
    if not row.found:
        return active().colour("good")
    return active().colour("warning" if row.is_equal else "danger")


def _colour_of_side(row: AuditRow) -> QColor:
    return active().colour("text" if row.is_equal else "danger")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reconciliation", text)
