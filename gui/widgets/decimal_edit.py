"""A field for a price or quantity: text as typed, stepped by arrows and wheel, never rounded by itself."""

from __future__ import annotations

from decimal import Decimal, localcontext

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from core.app.ticket import parse_decimal
from gui.theme import figure_font

WHEEL_NOTCH = 120
PAGE_STEPS = 10
SPIN_MARGINS = (0, 0, 6, 0)
"""Of the text in a spin box, pixels: its digits stand below those of other fields."""

MAX_CHARACTERS = 60
WIDE_DIGITS = 120
"""More than can be typed: with the default 28 a long number could not be stepped."""


class DecimalEdit(QLineEdit):
    """Up and Down move by one step, Page Up and Page Down by ten, the wheel by one a notch while focused."""

    edited = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setObjectName(name.lower().replace(" ", "_"))
        self.setFont(figure_font())
        self.setMaxLength(MAX_CHARACTERS)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._step = Decimal(1)
        self._digits = 0
        self.textChanged.connect(lambda _: self.edited.emit())

    def set_step(self, step: Decimal, digits: int) -> None:
        """Set the grid: ``step`` moves by, ``digits`` decimals are written."""
        self._step = step
        self._digits = digits

    @property
    def value(self) -> Decimal | None:
        """The number typed, ``None`` when it is not one."""
        return parse_decimal(self.text())

    def set_value(self, value: Decimal) -> None:
        """Write a number plainly."""
        self.setText(f"{value:f}")

    def nudge(self, steps: int) -> None:
        """Move to the next grid line, or by whole steps from one, never below one step."""
        with localcontext(prec=WIDE_DIGITS):
            lines = (self.value or Decimal(0)) / self._step
            whole = lines.to_integral_value(rounding="ROUND_FLOOR" if steps > 0 else "ROUND_CEILING")
            moved = max(self._step, (whole + steps) * self._step)
            self.set_value(moved.quantize(Decimal(1).scaleb(-self._digits)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: PAGE_STEPS,
            Qt.Key.Key_PageDown: -PAGE_STEPS,
        }.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.nudge(steps)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()  # scrolling past the ticket must not change a price
            return
        notches = event.angleDelta().y() // WHEEL_NOTCH
        if notches:
            self.nudge(notches)
        event.accept()

    def show_invalid(self, invalid: bool) -> None:
        """Outline the field as wrong, or not."""
        if bool(self.property("invalid")) != invalid:
            self.setProperty("invalid", invalid)
            self.style().polish(self)
