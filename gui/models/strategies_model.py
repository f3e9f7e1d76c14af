"""Rows of the strategies panel: every strategy and every bracket of this run, with its means and its profit."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QColor

from core.app.strategies.bracket import Guarded
from core.app.strategy import StrategyState
from core.app.strategy_run import StrategyRun
from core.processing.bracket import Ended
from gui import formats
from gui.models.keyed_table import Column, KeyedTable
from gui.theme import active

MARKS = {
    StrategyState.READY: "○",
    StrategyState.RUNNING: "▶",
    StrategyState.PAUSED: "‖",
    StrategyState.DONE: "✓",
    StrategyState.STOPPED: "■",
    StrategyState.FAILED: "×",
}
COLOURS = {
    StrategyState.RUNNING: "good",
    StrategyState.PAUSED: "warning",
    StrategyState.FAILED: "danger",
}


class StrategyRow(NamedTuple):
    """One line. Money in the pair's quote currency; ``None`` where it has none or it is not known."""

    key: str
    name: str
    kind: str
    symbol: str
    state: StrategyState
    words: str
    open_orders: int
    allocated: Decimal | None = None
    position: Decimal | None = None
    profit: Decimal | None = None
    detail: str = ""


def strategy_row(run: StrategyRun) -> StrategyRow:
    """Return the line of a strategy."""
    realised, unrealised = run.profit()
    profit = None if unrealised is None else realised + unrealised
    known = formats.fixed(unrealised, 2, sign=True)
    return StrategyRow(
        key=f"strategy {run.plan.name}",
        name=run.plan.name,
        kind=run.plan.strategy.title,
        symbol=run.plan.symbol,
        state=run.state,
        words=formats.plain(run.words()),
        open_orders=len(run.desk.open_orders()),
        allocated=run.allocated() if run.state.is_alive else None,
        position=run.pnl.position,
        profit=profit,
        detail=_tr("realised %1, unrealised %2, fees %3")
        .replace("%1", formats.fixed(realised, 2, sign=True))
        .replace("%2", known)
        .replace("%3", formats.fixed(run.pnl.fees, 2)),
    )


def bracket_row(guarded: Guarded) -> StrategyRow:
    """Return the line of a bracket."""
    bracket, plan = guarded.bracket, guarded.plan
    states = {
        Ended.NO: StrategyState.RUNNING,
        Ended.DONE: StrategyState.DONE,
        Ended.RELEASED: StrategyState.STOPPED,
    }
    state = states[bracket.ended]
    return StrategyRow(
        key=f"bracket {plan.bracket_id}",
        name=f"{_tr('Bracket')} {plan.bracket_id[:4]}",
        kind=_tr("Bracket"),
        symbol=plan.symbol,
        state=StrategyState.PAUSED if guarded.problem and state is StrategyState.RUNNING else state,
        words=formats.plain(guarded.words()),
        open_orders=int(bracket.alive is not None),
        position=bracket.rest,
        detail=_tr("stop %1, target %2")
        .replace("%1", formats.qty(plan.stop, 10))
        .replace("%2", formats.qty(plan.target, 10)),
    )


class StrategiesModel(KeyedTable[str, StrategyRow]):
    """Strategies and brackets by key."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._rows: dict[str, StrategyRow] = {}
        super().__init__(_columns(), self._rows.get, parent)

    def show_rows(self, rows: list[StrategyRow]) -> None:
        """Show these, in this order."""
        changed = [row.key for row in rows if self._rows.get(row.key) != row]
        self._rows.clear()
        self._rows.update({row.key: row for row in rows})
        self.set_keys([row.key for row in rows])
        self.told(changed)


def _columns() -> tuple[Column[StrategyRow], ...]:
    return (
        Column("Name", "Scaled entry 3f1", lambda row: row.name, figures=False, sort=lambda row: row.name),
        Column("Kind", "Scaled entry", lambda row: row.kind, figures=False, rank=4),
        Column("Pair", "BTC/USD", lambda row: row.symbol, figures=False, rank=3),
        Column(
            "State",
            "▶ stopped",
            lambda row: f"{MARKS[row.state]} {_tr(row.state.value)}",
            figures=False,
            colour=lambda row: active().colour(COLOURS.get(row.state, "muted")),
        ),
        Column("Open", "100", lambda row: str(row.open_orders), rank=2, sort=lambda row: row.open_orders),
        Column(
            "Allocated",
            "100,000.00",
            lambda row: formats.fixed(row.allocated, 2),
            rank=1,
            about="Quote currency it may use now: what it was given and what its fills made of it",
        ),
        Column("Position", "12.12345678", lambda row: formats.qty(row.position, 8), rank=2),
        Column(
            "P&L",
            "+10,000.00",
            lambda row: formats.fixed(row.profit, 2, sign=True),
            colour=_profit_colour,
            sort=lambda row: row.profit,
            hint=lambda row: row.detail,
        ),
        Column(
            "What it does",
            "what it does",
            lambda row: row.words,
            figures=False,
            stretch=True,
            hint=lambda row: f"{row.words} ({row.detail})",
        ),
    )


def _profit_colour(row: StrategyRow) -> QColor:
    if not row.profit:
        return active().colour("text")
    return active().colour("good" if row.profit > 0 else "danger")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Strategies", text)
