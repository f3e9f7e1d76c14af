"""The fire drill beside the window: choose a fault, watch, read the score. Never modal: the window is what matters."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from core.app.drill import SCENARIOS, Drill, FireDrill, Phase, Scenario
from core.domain.ids import Symbol
from gui.formats import plain
from gui.theme import active, figure_font, ui_font
from gui.widgets.plain_text import PlainLabel

SIZE = (640, 380)
LIST_WIDTH = 250


class DrillDialog(QDialog):
    """``start`` is called with the scenario to run on the pair shown. Closing it ends the fault."""

    def __init__(
        self,
        drill: FireDrill,
        symbol: Callable[[], Symbol],
        start: Callable[[Scenario, Symbol], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("drill_dialog")
        self.setWindowTitle(self.tr("Fire drill"))
        self.resize(*SIZE)
        self._drill = drill
        self._symbol = symbol
        self._start = start
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Faults"))
        self.list.addItems([scenario.title for scenario in SCENARIOS])
        self.list.setFixedWidth(LIST_WIDTH)
        self.watch = PlainLabel(self)
        self.watch.setWordWrap(True)
        self.watch.setMinimumHeight(72)
        self.watch.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.score = PlainLabel(self)
        self.score.setFont(ui_font(1.5, bold=True))
        self.report = QTextEdit(self)
        self.report.setReadOnly(True)
        self.report.setFont(figure_font())
        self.report.setAccessibleName(self.tr("What was seen"))
        self.begin = QPushButton(self.tr("Start"), self)
        self.begin.clicked.connect(self._begin)
        self.end = QPushButton(self.tr("End the fault now"), self)
        self.end.clicked.connect(drill.end_early)
        self._arrange()
        self.list.currentRowChanged.connect(lambda _: self.refresh())
        self.list.setCurrentRow(0)
        drill.told = self.refresh
        self.refresh()

    @property
    def scenario(self) -> Scenario:
        """The fault that is chosen."""
        return SCENARIOS[max(0, self.list.currentRow())]

    def refresh(self) -> None:
        """Show the fault chosen, and the drill that runs or ran last."""
        running = self._drill.running
        self.begin.setEnabled(not running)
        self.list.setEnabled(not running)
        self.end.setEnabled(running)
        now = self._drill.now
        self.watch.setText(now.scenario.watch if now is not None and running else self.scenario.watch)
        self._show_score(now)
        text = (
            _report(now)
            if now is not None
            else self.tr("Nothing was broken yet. Start, and watch the window.")
        )
        if text != self.report.toPlainText():
            self.report.setPlainText(text)

    def reject(self) -> None:
        """End the fault with the dialog. Qt calls this for Esc and for the window's own close button."""
        self._drill.told = lambda: None
        self._drill.end_early()
        super().reject()

    def _arrange(self) -> None:
        right = QVBoxLayout()
        right.addWidget(self.watch)
        right.addWidget(self.score)
        right.addWidget(self.report, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.begin)
        buttons.addWidget(self.end)
        buttons.addStretch(1)
        right.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.addWidget(self.list)
        layout.addLayout(right, 1)

    def _begin(self) -> None:
        self._start(self.scenario, self._symbol())

    def _show_score(self, drill: Drill | None) -> None:
        theme = active()
        if drill is None:
            self.score.setText("")
        elif drill.phase is not Phase.DONE:
            self.score.setText(f"▲ {drill.scenario.title}: {drill.phase.value}  {drill.elapsed_s:.0f} s")
            self.score.setStyleSheet(f"color: {theme.warning};")
        elif not drill.was_exercised:
            self.score.setText(self.tr("No order was sent: nothing to judge"))
            self.score.setStyleSheet(f"color: {theme.muted};")
        else:
            mark, colour = ("●", theme.good) if drill.score >= 85 else ("×", theme.danger)
            self.score.setText(f"{mark} {drill.scenario.title}: {drill.score} of 100")
            self.score.setStyleSheet(f"color: {colour};")


def _report(drill: Drill) -> str:
    lines = [f"pair          {plain(drill.symbol)}"]
    limit = drill.scenario.within_s
    if drill.found_s is not None:
        lines.append(f"detected      after {drill.found_s:.1f} s, {limit:g} s allowed")
    else:
        lines.append(f"detected      not yet, {limit:g} s allowed")
    if drill.phase is Phase.DONE:
        lines.append(f"orders        {_safety(drill)}")
        healed = (
            f"{drill.healed_s - drill.over_s:.1f} s after the fault" if drill.healed_s is not None else "no"
        )
        lines.append(f"healed        {healed}")
    lines.append(f"you           {_conduct(drill)}")
    return "\n".join(lines)


def _safety(drill: Drill) -> str:
    if drill.troubles:
        return plain("; ".join(drill.troubles))
    return "the pair was not locked" if drill.unlocked else "none lost, none doubled, pair locked"


def _conduct(drill: Drill) -> str:
    if not drill.inputs:
        return "left everything as it was"
    blind = f" ({len(drill.sent_blind)} into a market not to be trusted)" if drill.sent_blind else ""
    return plain("; ".join(drill.inputs)) + blind
