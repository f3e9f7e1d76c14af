"""Add a strategy or a bracket: its parameters, and the means it is given."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_origin
from uuid import uuid4

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from core.app.strategies import SHIPPED
from core.app.strategy import Params, StrategyLimits, StrategyPlan
from core.app.ticket import parse_decimal
from core.domain.ids import Symbol
from core.domain.instrument import Instrument, Side
from core.processing.bracket import BracketPlan
from gui.theme import figure_font
from gui.widgets.field_area import FieldArea
from gui.widgets.plain_text import PlainLabel

BRACKET = "Bracket"
SIDES: dict[StrEnum, str] = {Side.BUY: "▲ BUY", Side.SELL: "▼ SELL"}
ABOUT_BRACKET = (
    "Guards what you own: a stop at the exchange, a target by this program. No more than the quantity trades."
)


class BracketParams(Params, frozen=True, kw_only=True):
    """``side`` closes the position: sell for something owned."""

    side: Side = Side.SELL
    qty: Decimal
    stop: Decimal
    target: Decimal


class StrategyDialog(QDialog):
    """Opened with ``open()``. ``start`` gets the plan of a strategy, ``attach`` that of a bracket."""

    def __init__(
        self,
        instrument: Instrument,
        start: Callable[[StrategyPlan], str],
        attach: Callable[[BracketPlan], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._instrument = instrument
        self._start = start
        self._attach = attach
        self._fields: dict[str, QWidget] = {}
        self.setObjectName("strategy_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Add on %1").replace("%1", instrument.symbol))
        self.setMinimumSize(380, 420)
        self.kind = QComboBox(self)
        self.kind.setAccessibleName(self.tr("Strategy"))
        self.kind.addItems([*SHIPPED, BRACKET])
        self.about = PlainLabel(self)
        self.about.setWordWrap(True)
        self.about.setProperty("role", "muted")
        self.error = PlainLabel(self)
        self.error.setWordWrap(True)
        self.error.setProperty("role", "error")
        self.buttons = QDialogButtonBox(self)
        self.begin = self.buttons.addButton(self.tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._accepted)
        self.buttons.rejected.connect(self.reject)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.kind)
        self._layout.addWidget(self.about)
        self._area: FieldArea | None = None
        self._layout.addStretch()
        self._layout.addWidget(self.error)
        self._layout.addWidget(self.buttons)
        self.kind.currentTextChanged.connect(self._show_kind)
        self._show_kind(self.kind.currentText())

    def field(self, name: str) -> QWidget:
        """Return the control of a parameter."""
        return self._fields[name]

    def _show_kind(self, kind: str) -> None:
        self.about.setText(ABOUT_BRACKET if kind == BRACKET else SHIPPED[kind].about)
        if self._area is not None:
            self._layout.removeWidget(self._area)
            self._area.deleteLater()
        content = QWidget(self)
        form = QFormLayout(content)
        form.setContentsMargins(0, 0, 0, 0)
        self._fields = {}
        wanted: list[type[msgspec.Struct]]
        wanted = [BracketParams] if kind == BRACKET else [SHIPPED[kind].params_type, StrategyLimits]
        for group in wanted:
            for field in msgspec.structs.fields(group):
                control = _control(field, content)
                control.setAccessibleName(field.name.replace("_", " "))
                self._fields[field.name] = control
                form.addRow(_label(field.name, self._instrument), control)
        self._area = FieldArea(content, self)
        self._layout.insertWidget(2, self._area)
        self.error.setText("")

    def _accepted(self) -> None:
        kind = self.kind.currentText()
        try:
            if kind == BRACKET:
                self._attach(self._bracket(self._read(BracketParams)))
                problem = ""
            else:
                strategy = SHIPPED[kind](self._read(SHIPPED[kind].params_type))
                limits = self._read(StrategyLimits)
                name = f"{kind} {uuid4().hex[:4]}"
                plan = StrategyPlan(
                    name=name, strategy=strategy, symbol=Symbol(self._instrument.symbol), limits=limits
                )
                problem = self._start(plan)
        except (msgspec.ValidationError, ValueError) as wrong:
            problem = str(wrong).replace(" - at `$.", " (").replace("`", ")")
        self.error.setText(problem)
        if not problem:
            self.accept()

    def _bracket(self, given: BracketParams) -> BracketPlan:
        return BracketPlan(
            bracket_id=str(uuid4()),
            symbol=Symbol(self._instrument.symbol),
            side=given.side,
            stop=given.stop,
            target=given.target,
            qty=given.qty,
            least=self._instrument.qty_min,
        )

    def _read(self, wanted: type[Any]) -> Any:
        values: dict[str, Any] = {}
        for field in msgspec.structs.fields(wanted):
            control = self._fields[field.name]
            if isinstance(control, QCheckBox):
                values[field.name] = control.isChecked()
            elif isinstance(control, QComboBox):
                values[field.name] = control.currentData()
            elif isinstance(control, QLineEdit):
                values[field.name] = _number(field.name, control.text())
        return msgspec.convert(values, wanted, strict=False)


def _number(name: str, text: str) -> str:
    value = parse_decimal(text)
    if value is None:
        words = name.replace("_", " ")
        raise ValueError(f"{words}: enter a number" if not text.strip() else f"{words}: not a number")
    return f"{value:f}"


def _control(field: msgspec.structs.FieldInfo, parent: QWidget) -> QWidget:
    kind, default = field.type, field.default
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        box = QComboBox(parent)
        for member in kind:
            box.addItem(SIDES.get(member, member.value), member.value)
        if isinstance(default, StrEnum):
            box.setCurrentIndex(box.findData(default.value))
        return box
    if kind is bool:
        check = QCheckBox(parent)
        check.setChecked(default is True)
        return check
    assert kind is Decimal or kind is int or get_origin(kind) is not None, f"no control for {field.name}"
    edit = QLineEdit(parent)
    edit.setFont(figure_font())
    edit.setAlignment(Qt.AlignmentFlag.AlignRight)
    edit.setMaxLength(40)
    if default is not msgspec.NODEFAULT:
        edit.setText(str(default))
    return edit


def _label(name: str, instrument: Instrument) -> str:
    base, quote = instrument.base, instrument.quote
    units = {"qty": base, "inventory": base, "capital": quote, "worst_price": f"{quote}, 0: none"}
    words = name.replace("_", " ").capitalize().replace("bps", "(bps)")
    return f"{words} ({units[name]})" if name in units else words
