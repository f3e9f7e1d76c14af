"""Strategies and brackets: what they do with what, and the switches to add, pause and stop them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.app.session import TradingSession
from core.app.strategy import StrategyState
from gui.models.strategies_model import StrategiesModel, StrategyRow, bracket_row, strategy_row
from gui.widgets.panel import Attach, Panel
from gui.widgets.plain_text import PlainLabel
from gui.widgets.table import Table

REFRESH_MS = 250


class StrategiesView(Panel):
    """``add_wished`` asks for the dialog. ``release`` lets a bracket go, by its id."""

    add_wished = Signal()

    def __init__(
        self, session: TradingSession, release: Callable[[str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__("Strategies", parent)
        self._session = session
        self._release = release
        self.model = StrategiesModel(self)
        self.table = Table(self.model, "Strategies", self)
        self.table.empty_text = self.tr(
            "Nothing runs. Add a strategy (TWAP, chase, scaled entry) or a bracket around a position."
        )
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_buttons())
        self.state = PlainLabel(self)
        self.state.setProperty("role", "muted")
        self.add = QPushButton(self.tr("Add…"), self)
        self.add.clicked.connect(self.add_wished)
        self.pause = QPushButton(self.tr("‖ Pause"), self)
        self.pause.clicked.connect(self._pause)
        self.stop = QPushButton(self.tr("■ Stop"), self)
        self.stop.clicked.connect(self._stop)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        head = QHBoxLayout()
        head.setContentsMargins(6, 1, 2, 1)
        head.setSpacing(4)
        head.addWidget(self.state, 1)
        for button in (self.add, self.pause, self.stop):
            button.setAutoRepeat(False)
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        self._show_buttons()

    def attachments(self) -> list[Attach]:
        return [self._start_timer]

    def refresh(self) -> None:
        session = self._session
        rows = [strategy_row(run) for run in session.strategies.runs()]
        rows += [bracket_row(guarded) for guarded in session.brackets.all()]
        rows.sort(key=lambda row: not row.state.is_alive)  # what has a say stands first
        self.model.show_rows(rows)
        alive = sum(row.state.is_alive for row in rows)
        open_orders = sum(row.open_orders for row in rows)
        text = self.tr("%1 running, %2 open orders").replace("%1", str(alive)).replace("%2", str(open_orders))
        self.state.setText(f"{session.mode.word} · {text}")
        self._show_buttons()

    def chosen(self) -> StrategyRow | None:
        """The row that is selected."""
        keys = self.table.selected_keys()
        row = self.model.row_of(keys[0]) if len(keys) == 1 else None
        return self.model.row_at(row) if row is not None else None

    def _start_timer(self) -> Callable[[], None]:
        self._timer.start()
        return self._timer.stop

    def _show_buttons(self) -> None:
        row = self.chosen()
        alive = row is not None and row.state.is_alive
        runs = row is not None and row.key.startswith("strategy ")
        paused = row is not None and row.state is StrategyState.PAUSED
        self.pause.setText(self.tr("▶ Resume") if paused and runs else self.tr("‖ Pause"))
        self.pause.setEnabled(alive and runs)
        self.stop.setText(self.tr("■ Stop") if runs or row is None else self.tr("■ Release"))
        self.stop.setEnabled(alive)

    def _pause(self) -> None:
        row = self.chosen()
        if row is not None:
            strategies = self._session.strategies
            paused = row.state is StrategyState.PAUSED
            (strategies.resume if paused else strategies.pause)(row.name)
            self._session.note_input(f"{'resume' if paused else 'pause'} strategy {row.name}")
            self.refresh()

    def _stop(self) -> None:
        row = self.chosen()
        if row is None:
            return
        kind, _, name = row.key.partition(" ")
        self._session.note_input(f"stop {row.key}")
        if kind == "strategy":
            self._session.strategies.stop(name)
        else:
            self._release(name)
        self.refresh()
