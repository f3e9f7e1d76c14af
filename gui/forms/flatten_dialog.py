"""Flatten a pair: to which inventory, how much worse than the touch at most, and what that would do right now."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QPushButton, QSpinBox, QVBoxLayout, QWidget

from core.app.flatten import MOST_BPS, Flattener, FlattenPlan
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from gui import formats
from gui.theme import figure_font
from gui.widgets.decimal_edit import SPIN_MARGINS, DecimalEdit
from gui.widgets.hold_button import HoldButton
from gui.widgets.plain_text import PlainLabel

REFRESH_MS = 250
BUTTON_HEIGHT = 30


class FlattenDialog(QDialog):
    """Opened with ``open()``. ``first`` is what it offers: baseline (base) and slippage (bps).

    ``flatten`` is called with the pair, baseline and slippage once the button was held.
    """

    def __init__(
        self,
        flattener: Flattener,
        instrument: Instrument,
        first: tuple[Decimal, int],
        flatten: Callable[[Symbol, Decimal, int], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._flattener = flattener
        self._instrument = instrument
        self._flatten = flatten
        self.setObjectName("flatten_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Flatten %1").replace("%1", instrument.symbol))
        self.setMinimumWidth(420)
        self.baseline = DecimalEdit(self.tr("Inventory to come back to"), self)
        self.baseline.setText(f"{first[0].normalize():f}")
        self.slippage = QSpinBox(self)
        self.slippage.lineEdit().setTextMargins(*SPIN_MARGINS)
        self.slippage.setRange(0, MOST_BPS)
        self.slippage.setValue(first[1])
        self.slippage.setSuffix(" bps")
        self.slippage.setFont(figure_font())
        self.slippage.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.slippage.setAccessibleName(self.tr("Worst price against the touch"))
        self.words = PlainLabel(self)
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(self.words.fontMetrics().lineSpacing() * 4)
        self.go = HoldButton(self)
        self.go.show_text(self.tr("HOLD TO FLATTEN"))
        self.go.setMinimumHeight(BUTTON_HEIGHT)
        self.go.setProperty("kill", "armed")
        self.go.require_hold(True)
        self.go.sent.connect(self._go)
        leave = QPushButton(self.tr("Leave as it is"), self)
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        self._lay_out(leave)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.baseline.textChanged.connect(lambda _: self.refresh())
        self.slippage.valueChanged.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Reckon anew with the market as it is."""
        baseline = self.baseline.value
        valid = baseline is not None and baseline >= 0
        self.baseline.show_invalid(not valid)
        if baseline is None or not valid:
            self.words.setText(self.tr("Type the inventory to come back to, 0 for none."))
            self.go.setEnabled(False)
            return
        plan = self._flattener.plan(self._instrument.symbol, baseline, self.slippage.value())
        self.words.setText(plan_words(plan, self._instrument))
        self.go.setEnabled(not plan.problem and (plan.side is not None or plan.cancels > 0))

    def _go(self) -> None:
        baseline = self.baseline.value
        if baseline is not None:
            self._flatten(self._instrument.symbol, baseline, self.slippage.value())
            self.accept()

    def _lay_out(self, leave: QPushButton) -> None:
        form = QFormLayout()
        form.addRow(self.tr("Come back to (%1)").replace("%1", self._instrument.base), self.baseline)
        form.addRow(self.tr("At most worse than the touch"), self.slippage)
        row = QHBoxLayout()
        row.addWidget(leave)
        row.addWidget(self.go, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.words)
        layout.addLayout(row)


def plan_words(plan: FlattenPlan, instrument: Instrument) -> str:
    """Return in words what flattening would do now."""
    base = instrument.base
    owned = f"Owned {formats.qty(plan.owned, 8)} {base}, to come back to {formats.qty(plan.baseline, 8)}."
    first = f"1. Strategies and brackets of the pair end, {plan.cancels} open orders are cancelled."
    if plan.problem:
        return f"{owned}\n{first}\n2. Not possible now: {formats.plain(plan.problem)}."
    if plan.side is None or plan.bound is None:
        return f"{owned}\n{first}\n2. Nothing to trade."
    digits = instrument.price_precision
    bound = formats.fixed(plan.bound, digits)
    take = f"2. {plan.side.value.upper()} {formats.qty(plan.qty, 8)} {base}, IOC, no worse than {bound}"
    if plan.avg is not None:
        take += f"; the book gives {formats.fixed(plan.avg, digits)} on average"
    if plan.filled < plan.qty:
        take += f" for {formats.qty(plan.filled, 8)} of it"
    return f"{owned}\n{first}\n{take}."
