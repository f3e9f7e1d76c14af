"""Rows of the reconciliation: journal, stream and REST side by side."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QColor

from core.app.audit_rows import AuditRow
from core.domain.audit import BreakKind
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

Key = tuple[str, str]
WHAT = {"order": "order", "fill": "fill", "balance": "balance", "other": "audit"}
SHORT = {
    BreakKind.OPEN_HERE_ONLY: "not at Kraken",
    BreakKind.OPEN_THERE_ONLY: "only at Kraken",
    BreakKind.STATUS_DIFFERS: "status differs",
    BreakKind.QUANTITY_DIFFERS: "qty differs",
    BreakKind.PRICE_DIFFERS: "price differs",
    BreakKind.EXECUTED_DIFFERS: "done differs",
    BreakKind.ORDER_NOT_JOURNALLED: "not in journal",
    BreakKind.ORDER_DOUBLED: "two orders",
    BreakKind.INTENT_WITHOUT_REPORT: "no report",
    BreakKind.FOREIGN_ORDER: "foreign",
    BreakKind.FILL_NOT_JOURNALLED: "not in journal",
    BreakKind.FILL_NOT_STREAMED: "not on stream",
    BreakKind.FILL_NOT_AT_REST: "not at REST",
    BreakKind.FILL_TWICE: "twice",
    BreakKind.FILL_DIFFERS: "fill differs",
    BreakKind.FEE_DIFFERS: "fee differs",
    BreakKind.FILL_WITHOUT_REPORT: "no report",
    BreakKind.BALANCE_DIFFERS: "total differs",
    BreakKind.LEDGER_DOES_NOT_ADD_UP: "wrong ledger",
}
"""Names of breaks that fit a column; the tip has the whole one."""


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
            "✗ not in journal",
            _state,
            lambda row: (row.is_equal, _state(row)),
            _colour,
            figures=False,
            hint=lambda row: "\n".join(one.text for one in row.found) or _state(row),
        ),
        Column("Of", "USDT/USD", _of, _of, figures=False, hint=lambda row: formats.plain(row.key)),
        Column(
            "What", "balance", lambda row: _tr(WHAT[row.what]), lambda row: row.what, figures=False, rank=1
        ),
        Column(
            "Id",
            "OABCDE-FGHIJ-KLMNOP",
            lambda row: formats.plain(row.key),
            lambda row: row.key,
            figures=False,
            rank=2,
            hint=lambda row: formats.plain(row.key),
        ),
        *(
            Column(title, "182417.44190", text, colour=_colour_of_side, hint=text)
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
    return mark + _tr(SHORT[row.found[0].kind]) + more


def _of(row: AuditRow) -> str:
    return formats.plain(row.symbol or row.key)


def _colour(row: AuditRow) -> QColor:
    if not row.found:
        return active().colour("good")
    return active().colour("warning" if row.is_equal else "danger")


def _colour_of_side(row: AuditRow) -> QColor:
    return active().colour("text" if row.is_equal else "danger")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reconciliation", text)
