"""Journal, stream and REST side by side, and whether they say the same."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.app.audit_rows import audit_rows
from core.app.session import TradingSession
from gui import formats
from gui.models.reconciliation_model import ReconciliationModel
from gui.theme import ui_font
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel, tip
from gui.widgets.table import Table


class ReconciliationView(Panel):
    """``check`` asks for a comparison at once; the minute's comes by itself."""

    def __init__(
        self, session: TradingSession, check: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__("Reconciliation", parent)
        self._audit = session.audit
        self.model = ReconciliationModel(self)
        self.table = Table(self.model, "Reconciliation", self)
        self.table.empty_text = self.tr("Journal, stream and REST are compared each minute.")
        self.state = PlainLabel(self)
        self.state.setFont(ui_font(bold=True))
        self.compare = QPushButton(self.tr("Compare now"), self)
        self.compare.setAutoRepeat(False)
        self.compare.clicked.connect(check)
        head = QHBoxLayout()
        head.setContentsMargins(6, 3, 6, 3)
        head.addWidget(self.state, 1)
        head.addWidget(self.compare)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        self._show_state()

    def attachments(self) -> list[Attach]:
        return [lambda: self._audit.observe(self.refresh)]

    def refresh(self) -> None:
        self.model.show_rows(audit_rows(self._audit.result))
        self._show_state()

    def _show_state(self) -> None:
        result = self._audit.result
        at = formats.clock_time(result.at) if result.at else formats.MISSING
        wrong = sum(not one.kind.is_notice for one in result.breaks)
        self.compare.setEnabled(not self._audit.is_busy)
        if self._audit.is_busy:
            text, role = self.tr("… comparing"), "muted"
        elif result.problem:
            text = self.tr("? not compared: %1").replace("%1", formats.plain(result.problem))
            role = "warning"
        elif not result.at:
            text, role = self.tr("? not compared yet"), "muted"
        elif wrong:
            text = self.tr("✗ %1 differ, %2").replace("%1", str(wrong)).replace("%2", at)
            role = "error"
        else:
            text, role = self.tr("✓ equal, %1").replace("%1", at), "good"
        if result.fills_at:
            text += " · " + self.tr("fills %1").replace("%1", formats.clock_time(result.fills_at))
        notices = len(result.breaks) - wrong
        if notices:
            text += " · " + self.tr("%1 of other programs").replace("%1", str(notices))
        self.state.setText(text)
        self.state.setToolTip(tip(text))
        if self.state.property("role") != role:
            self.state.setProperty("role", role)
            self.state.style().polish(self.state)
