"""What acts by itself, on screen: strategies and brackets, flattening to an inventory, the dead-man's switch."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from core.app.session import TradingSession
from core.app.strategy import StrategyPlan, StrategyRefused
from core.domain.limits import Consent, Reason, Severity
from core.processing.bracket import BracketPlan
from gui.bridge import Bridge
from gui.choices import Choices
from gui.forms.dead_man_dialog import DeadManDialog, show_ring
from gui.forms.flatten_dialog import FlattenDialog
from gui.forms.strategy_dialog import StrategyDialog
from gui.symbol_link import SymbolLink
from gui.views.strategies_view import StrategiesView
from gui.widgets.countdown_ring import CountdownRing

if TYPE_CHECKING:
    from gui.commands import Commands

HELD = Consent(dict.fromkeys(Reason, Severity.HOLD))
"""What holding the flatten button agrees to; what must be typed is asked all the same."""


class Automation(QObject):
    """``panel`` goes into a dock, ``ring`` into the status bar; the rest are commands of the window."""

    def __init__(
        self,
        session: TradingSession,
        bridge: Bridge,
        commands: Commands,
        link: SymbolLink,
        choices: Choices,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._bridge = bridge
        self._commands = commands
        self._link = link
        self._choices = choices
        self._window = window
        self.panel = StrategiesView(session, self.release_bracket, window)
        self.panel.add_wished.connect(self.add_strategy)
        self.ring = CountdownRing(self.tr("Dead-man's switch"), window)
        self.ring.clicked.connect(self.show_dead_man)

    def refresh(self) -> None:
        """Show the switch as it is now; called a few times a second."""
        show_ring(self.ring, self._session.dead_man)

    def add_strategy(self) -> None:
        """Ask which strategy or bracket to add on the pair shown."""
        instrument = self._session.stores.instruments.get(self._link.symbol)
        if instrument is not None and self._window.findChild(StrategyDialog) is None:
            StrategyDialog(instrument, self.start_strategy, self.attach_bracket, self._window).open()

    def flatten_pair(self) -> None:
        """Ask to which inventory the pair shown is to come back."""
        instrument = self._session.stores.instruments.get(self._link.symbol)
        if instrument is not None and self._window.findChild(FlattenDialog) is None:
            settings = self._choices.settings
            keep = Decimal(settings.keep.get(instrument.base, "0"))
            flatten = partial(self._commands.flatten, consent=HELD)
            first = (keep, settings.flatten_bps)
            FlattenDialog(self._session.flattener, instrument, first, flatten, self._window).open()

    def show_dead_man(self) -> None:
        """Open the dead-man's switch."""
        if self._window.findChild(DeadManDialog) is None:
            DeadManDialog(self._session.dead_man, self.dead_man, self._window).open()

    def start_strategy(self, plan: StrategyPlan) -> str:
        """Run a strategy; returns why it cannot, in words, empty when it runs."""
        try:
            self._session.strategies.start(plan)
        except StrategyRefused as refusal:
            return refusal.detail
        self._session.note_input(f"start strategy {plan.name} on {plan.symbol}")
        return ""

    def attach_bracket(self, plan: BracketPlan) -> None:
        """Guard a position with a stop and a target."""
        self._session.note_input(f"bracket {plan.side} {plan.qty} {plan.symbol} {plan.stop} {plan.target}")
        self._bridge.spawn(self._session.brackets.attach(plan), name=f"bracket {plan.bracket_id}")

    def release_bracket(self, bracket_id: str) -> None:
        """Let a position go unguarded."""
        self._bridge.spawn(self._session.brackets.release(bracket_id), name=f"release {bracket_id}")

    def dead_man(self, act: Callable[[], Coroutine[Any, Any, None]], word: str) -> None:
        """Arm, pause or disarm the dead-man's switch."""
        self._session.note_input(f"dead-man's switch: {word}")
        self._bridge.spawn(act(), name=f"dead man {word}")
