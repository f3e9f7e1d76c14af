"""Asks about an unusual order or amend that did not come from the ticket, which asks for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.domain.limits import Consent, Finding
from gui import formats
from gui.theme import ui_font
from gui.widgets.consent_bar import ConsentBar
from gui.widgets.hold_button import HoldButton
from gui.widgets.plain_text import PlainLabel

LEAST_WIDTH = 380


class ConsentDialog(QDialog):
    """Opened with ``open()``. ``agree`` is called with the consent; Enter and Esc leave things as they are."""

    def __init__(
        self,
        what: str,
        qty: Decimal | None,
        findings: Sequence[Finding],
        agree: Callable[[Consent], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("consent_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Unusual order"))
        self.setMinimumWidth(LEAST_WIDTH)
        self._agree = agree
        title = PlainLabel(formats.plain(what), self)
        title.setFont(ui_font(bold=True))
        self.bar = ConsentBar(self)
        self.bar.show_findings(findings, qty)
        self.bar.changed.connect(self._update)
        self.leave = QPushButton(self.tr("Leave it"), self)
        self.leave.setDefault(True)
        self.leave.clicked.connect(self.reject)
        self.send = HoldButton(self)
        self.send.setAutoDefault(False)
        self.send.require_hold(not self.bar.typed.isVisibleTo(self))
        self.send.sent.connect(self._send)
        buttons = QHBoxLayout()
        buttons.addWidget(self.leave)
        buttons.addWidget(self.send, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(title)
        layout.addWidget(self.bar)
        layout.addLayout(buttons)
        self._update()

    def _update(self) -> None:
        self.send.setEnabled(self.bar.may_send)
        self.send.show_text(self.tr("Hold to send") if self.send.must_hold else self.tr("Send"))

    def _send(self) -> None:
        self.accept()
        self._agree(self.bar.consent())
