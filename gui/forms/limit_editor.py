"""One line below the limits in which the thresholds of the chosen one are typed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QPushButton, QWidget

from core.app.risk_use import LimitUse
from core.domain.ids import Symbol
from core.domain.limits import Band, LossLimits, RiskLimits
from gui.models.limits_model import name_of
from gui.widgets.decimal_edit import DecimalEdit
from gui.widgets.plain_text import PlainLabel

STEPS = {"notional": 1_000, "position": 10_000, "loss": 100, "away": 50}
FIELDS = {"loss": ("type", "block"), "submits": ("block",)}


class LimitEditor(QWidget):
    """Hands each change that makes sense to ``apply`` and says in words why another does not."""

    def __init__(self, apply: Callable[[RiskLimits], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._apply = apply
        self._row: LimitUse | None = None
        self._limits = RiskLimits()
        self._symbol = Symbol("")
        self.name = PlainLabel(self)
        self.scope = QComboBox(self)
        self.scope.setAccessibleName(self.tr("For which pairs"))
        self.fields = {
            "hold": DecimalEdit(self.tr("Ask from"), self),
            "type": DecimalEdit(self.tr("Type from"), self),
            "block": DecimalEdit(self.tr("Block above"), self),
        }
        self.set = QPushButton(self.tr("Set"), self)
        self.set.clicked.connect(self._set)
        self.reset = QPushButton(self.tr("As all pairs"), self)
        self.reset.setToolTip(self.tr("Take this pair's own limit away"))
        self.reset.clicked.connect(self._reset)
        self.error = PlainLabel(self)
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self._lay_out()
        self.choose(None)

    def show_for(self, symbol: Symbol, limits: RiskLimits) -> None:
        """Take over the pair shown and the limits in force."""
        self._limits = limits
        if symbol != self._symbol:
            self._symbol = symbol
            chosen = max(0, self.scope.currentIndex())
            self.scope.clear()
            self.scope.addItems([symbol, self.tr("all pairs")])
            self.scope.setCurrentIndex(chosen)

    def choose(self, row: LimitUse | None) -> None:
        """Edit this limit; what was typed for another is given up."""
        editable = row is not None and (row.band is not None or row.name in FIELDS)
        self._row = row if editable else None
        self._say("")
        self.name.setText(name_of(row) if row is not None else self.tr("Choose a limit to change it"))
        names = FIELDS.get(row.name, tuple(self.fields)) if row is not None and editable else ()
        for name, field in self.fields.items():
            field.setVisible(name in names)
            field.show_invalid(False)
            if row is not None and name in names:
                field.set_step(Decimal(STEPS.get(row.name, 1)), 0)
                field.set_value(self._threshold(row, name))
        of_bands = row is not None and row.band is not None
        for control, shown in (
            (self.scope, of_bands),
            (self.set, bool(names)),
            (self.reset, row is not None and row.of_pair),
        ):
            control.setVisible(shown)
        self._say("" if names or row is None else self.tr("This limit is fixed."))

    def _threshold(self, row: LimitUse, name: str) -> Decimal:
        return Decimal(getattr(row.band, name)) if row.band is not None else getattr(row, name) or Decimal(0)

    def _set(self) -> None:
        row = self._row
        if row is None:
            return
        values = self._values(row)
        if values is None:
            return
        try:
            # msgspec checks bounds only on the way in.
            limits = msgspec.convert(msgspec.to_builtins(self._with(row, values)), RiskLimits)
        except (ValueError, msgspec.ValidationError) as wrong:
            self._say(self.tr("Not set: %1.").replace("%1", str(wrong).split(" - at ")[0]))
            return
        self._say("")
        self._apply(limits)

    def _values(self, row: LimitUse) -> list[int] | None:
        found = []
        for name in FIELDS.get(row.name, tuple(self.fields)):
            value = self.fields[name].value
            whole = value is not None and value == value.to_integral_value()
            self.fields[name].show_invalid(not whole)
            if value is None or not whole:
                self._say(self.tr("Not set: limits are whole numbers."))
                return None
            found.append(int(value))
        return found

    def _with(self, row: LimitUse, values: list[int]) -> RiskLimits:
        if row.name == "loss":
            return msgspec.structs.replace(self._limits, loss=LossLimits(*values))
        if row.name == "submits":
            return msgspec.structs.replace(self._limits, submits=values[0])
        symbol = self._symbol if self.scope.currentIndex() == 0 else None
        return self._limits.with_band(row.name, Band(*values), symbol)

    def _reset(self) -> None:
        if self._row is not None:
            self._apply(self._limits.with_band(self._row.name, None, self._symbol))

    def _say(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(6, 3, 6, 4)
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.scope, 0, 1)
        for column, (word, field) in enumerate(
            zip((self.tr("ask"), self.tr("type"), self.tr("block")), self.fields.values(), strict=True), 2
        ):
            field.setPlaceholderText(word)
            field.setMaximumWidth(110)
            grid.addWidget(field, 0, column)
        grid.addWidget(self.set, 0, 5)
        grid.addWidget(self.reset, 0, 6)
        grid.addWidget(self.error, 1, 0, 1, 7)
        grid.setColumnStretch(0, 1)
        self.name.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
