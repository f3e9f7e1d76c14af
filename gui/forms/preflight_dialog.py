"""The pre-flight on screen: every check with its state in shape and word, locked until green or overruled."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.app.preflight import SHORTEST_REASON, Check, CheckState, Preflight
from gui.theme import active, base_pixels, ui_font
from gui.widgets.plain_text import PlainLabel

LOOK_MS = 250
MARKS = {CheckState.PASSED: "✓", CheckState.FAILED: "✕", CheckState.WAITING: "…"}
COLOURS = {CheckState.PASSED: "good", CheckState.FAILED: "danger", CheckState.WAITING: "warning"}
WIDTH = 44
"""In heights of the font."""


class PreflightDialog(QDialog):
    """Opened with ``open()``; accepted once all has passed or a reason was given. Else orders stay locked."""

    def __init__(self, preflight: Preflight, parent: QWidget) -> None:
        super().__init__(parent)
        self._preflight = preflight
        self.setObjectName("preflight_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Pre-flight: live trading"))
        self.setMinimumWidth(WIDTH * base_pixels())
        self.rows: dict[str, tuple[PlainLabel, PlainLabel]] = {}
        self._grid = QGridLayout()
        self._grid.setColumnStretch(2, 1)
        self._grid.setHorizontalSpacing(12)
        self._told = PlainLabel(self)
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(200)
        self.reason.setAccessibleName(self.tr("Why to trade although not everything has passed"))
        self.reason.setPlaceholderText(self.tr("Why trade anyway? It is written into the journal."))
        self.anyway = QPushButton(self.tr("Trade anyway"), self)
        self.reason.textChanged.connect(self._refresh)
        self.anyway.clicked.connect(self._overrule)
        buttons = QDialogButtonBox(self)
        self.go_on = buttons.addButton(self.tr("Continue"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.stay = buttons.addButton(self.tr("Stay locked"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._lay_out(buttons)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._refresh)
        self._timer.start()
        self._refresh()

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        overrule = QHBoxLayout()
        overrule.addWidget(self.reason, 1)
        overrule.addWidget(self.anyway)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self._told)
        layout.addLayout(self._grid)
        layout.addStretch(1)
        layout.addLayout(overrule)
        layout.addWidget(buttons)

    def _refresh(self) -> None:
        self._preflight.look()
        checks = self._preflight.checks()
        for check in checks:
            self._show(check)
        is_done = self._preflight.is_done
        self._told.setText(
            self.tr("All checks have passed. The next step asks for the word.")
            if is_done
            else self.tr("New orders stay locked until every check has passed. Cancels work.")
        )
        self.go_on.setEnabled(is_done)
        self.reason.setVisible(not is_done)
        self.anyway.setVisible(not is_done)
        self.anyway.setEnabled(len(self.reason.text().strip()) >= SHORTEST_REASON)

    def _show(self, check: Check) -> None:
        if check.name not in self.rows:
            self._add_row(check.name)
        mark, text = self.rows[check.name]
        _paint(mark, active().colour(COLOURS[check.state]))
        mark.setText(f"{MARKS[check.state]} {check.state.value}")
        text.setText(check.text)
        mark.setAccessibleName(f"{check.name}: {check.state.value}, {check.text}")

    def _add_row(self, name: str) -> None:
        row = len(self.rows)
        title, mark, text = PlainLabel(name, self), PlainLabel(self), PlainLabel(self)
        title.setFont(ui_font(bold=True))
        mark.setMinimumWidth(80)
        text.setWordWrap(True)
        for column, label in enumerate((title, mark, text)):
            self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
        self.rows[name] = (mark, text)

    def _overrule(self) -> None:
        if self._preflight.trade_anyway(self.reason.text()):
            self.accept()


def _paint(label: PlainLabel, colour: QColor) -> None:
    palette = label.palette()
    palette.setColor(label.foregroundRole(), colour)
    label.setPalette(palette)
