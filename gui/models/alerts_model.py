"""Rows of the alerts panel: the rules as they stand, and what was told and how."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from core.app.alert_rules import Severity
from core.app.alerts import AlertEngine, Delivery, RuleState
from core.runtime.clock import Clock
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

SEVERITY_COLOURS = {Severity.NOTICE: "text", Severity.WARNING: "warning", Severity.ALARM: "danger"}
SEVERITY_MARKS = {Severity.NOTICE: "●", Severity.WARNING: "▲", Severity.ALARM: "×"}
ROWS_SHOWN = 500


class RulesModel(KeyedTable[str, RuleState]):
    """Rules by key, most urgent first; those that hold now in the colour of their urgency."""

    def __init__(self, engine: AlertEngine, clock: Clock, parent: QObject | None = None) -> None:
        self._engine = engine
        self._clock = clock
        columns: tuple[Column[RuleState], ...] = (
            Column("Alert", "Book not to be trusted", lambda s: s.rule.title, None, _colour, figures=False),
            Column("Now", "▲ warning", self._state, None, _colour, figures=False),
            Column("For", "59m 59s", self._since, None, rank=1),
            Column("Muted", "59m 59s", self._muted, None, rank=2),
            Column(
                "What to do",
                "",
                lambda s: formats.plain(s.rule.action),
                None,
                figures=False,
                hint=lambda s: formats.plain(s.rule.action),
                rank=3,
                stretch=True,
            ),
        )
        super().__init__(columns, engine.state, parent)

    def reload(self) -> None:
        """Show every rule."""
        self.set_keys(state.rule.key for state in self._engine.states())
        self.told(self.keys())

    def _state(self, state: RuleState) -> str:
        mark = SEVERITY_MARKS[state.rule.severity]
        return f"{mark} {state.rule.severity.word}" if state.is_raised else "calm"

    def _since(self, state: RuleState) -> str:
        return formats.duration(self._clock.mono_ns() - state.raised_at) if state.is_raised else ""

    def _muted(self, state: RuleState) -> str:
        left = state.muted_until - self._clock.mono_ns()
        return formats.duration(left) if left > 0 else ""


class DeliveriesModel(KeyedTable[int, Delivery]):
    """What was told, newest first."""

    def __init__(self, engine: AlertEngine, parent: QObject | None = None) -> None:
        self._engine = engine
        columns: tuple[Column[Delivery], ...] = (
            Column("Time", "23:59:59", lambda d: formats.clock_time(d.alert.at), None),
            Column("Alert", "Book not to be trusted", _title, None, _alert_colour, figures=False),
            Column(
                "Told by", "sound, banner", lambda d: d.how, None, figures=False, rank=1, hint=lambda d: d.how
            ),
            Column("Text", "", _text, None, figures=False, hint=_text, rank=2, stretch=True),
        )
        super().__init__(columns, engine.delivery, parent)

    def reload(self) -> None:
        """Take in what was told since."""
        numbers = [entry.number for entry in self._engine.log]
        self.set_keys(reversed(numbers[-ROWS_SHOWN:]))


def _colour(state: RuleState) -> QColor | None:
    name = SEVERITY_COLOURS[state.rule.severity] if state.is_raised else "muted"
    return active().colour(name)


def _alert_colour(entry: Delivery) -> QColor | None:
    return active().colour(SEVERITY_COLOURS[entry.alert.severity])


def _title(entry: Delivery) -> str:
    test = " (test)" if entry.alert.is_test else ""
    return formats.plain(entry.alert.title) + test


def _text(entry: Delivery) -> str:
    return formats.plain(entry.alert.text)
