"""What is unusual about an order, in words, and the field in which its quantity is typed again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from core.app.ticket import parse_decimal
from core.domain.limits import Consent, Finding, Reason, Severity, worst
from gui import formats
from gui.theme import figure_font
from gui.widgets.plain_text import PlainLabel

SIGNS = {Severity.HOLD: "△", Severity.TYPE: "▲", Severity.BLOCK: "■"}


class ConsentBar(QWidget):
    """Hidden while nothing is unusual. ``changed`` when the typed quantity does."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Finding, ...] = ()
        self._qty: Decimal | None = None
        self.text = PlainLabel(self)
        self.text.setWordWrap(True)
        self.typed = QLineEdit(self)
        self.typed.setFont(figure_font())
        self.typed.setAccessibleName(self.tr("Type the quantity again"))
        self.typed.textEdited.connect(lambda _: self.changed.emit())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.text)
        layout.addWidget(self.typed)
        self.hide()

    def show_findings(self, findings: Sequence[Finding], qty: Decimal | None, lead: str = "") -> None:
        """Show what was found about an order of this quantity; ``lead`` says what the order is."""
        if qty != self._qty:
            self.typed.clear()
        self._shown, self._qty = tuple(findings), qty
        gravest = worst(list(findings))
        lines = [f"{SIGNS[found.severity]} {formats.plain(found.text)}" for found in findings]
        if lead and gravest is not None and gravest < Severity.BLOCK:
            lines.insert(0, lead)
        text = "\n".join(lines)
        if text != self.text.text():
            self.text.setText(text)
            self.setAccessibleDescription(text)
        self._colour("error" if gravest is not None and gravest >= Severity.TYPE else "warning")
        self.typed.setVisible(gravest is Severity.TYPE)
        self.typed.setPlaceholderText(self.tr("type the quantity to send it"))
        self.setVisible(bool(lines))

    @property
    def gravest(self) -> Severity | None:
        """What the order shown calls for."""
        return worst(list(self._shown))

    @property
    def is_typed(self) -> bool:
        """Whether the quantity was typed again, digit by digit or as another writing of the same number."""
        return self._qty is not None and parse_decimal(self.typed.text()) == self._qty

    @property
    def may_send(self) -> bool:
        """Whether the button may be pressed, or held."""
        gravest = self.gravest
        return gravest is None or gravest is Severity.HOLD or (gravest is Severity.TYPE and self.is_typed)

    def consent(self, pair_since_ns: int | None = None) -> Consent:
        """Return what is agreed to when the button is used now: what is shown, each as gravely as asked."""
        given: dict[Reason, Severity] = {}
        for finding in self._shown:
            if finding.severity < Severity.BLOCK:
                given[finding.reason] = max(given.get(finding.reason, Severity.HOLD), finding.severity)
        return Consent(given, pair_since_ns)

    def _colour(self, role: str) -> None:
        if self.text.property("role") != role:
            self.text.setProperty("role", role)
            self.text.style().polish(self.text)
