"""The one place where feed meets processor; carries out what processing asks for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from core.app.market_data import MarketData
from core.data.recorder import Recorder
from core.domain.effects import Effect, Reconcile, RefetchCandles, ResyncBook, ResyncPrivate, ResyncQueue
from core.domain.events import BookEvent, Event, InstrumentEvent
from core.domain.health import Line
from core.domain.ids import Symbol
from core.processing.processor import Processor
from core.runtime.clock import Clock

log = logging.getLogger(__name__)

Listener = Callable[[Line, Sequence[Event]], None]


def _unheard() -> None:
    """Nobody looks."""


class Actions(Protocol):
    """What the pipeline may set in motion; the session provides it."""

    def decode_exactly(self, symbol: Symbol) -> None:
        """Decode books of this pair with ``Decimal`` from now on."""
        ...

    def resubscribe_private(self, channel: str, line: Line, reason: str) -> None:
        """Subscribe a private channel anew on one line."""
        ...

    def reconcile(self, reason: str, *, fills: bool = False) -> None:
        """Compare our account with the exchange's, its history of fills too if asked."""
        ...

    def refetch_candles(self, symbol: Symbol, interval: int) -> None:
        """Close a hole in the candles by history."""
        ...


class Pipeline:
    """Events in, state changed, listeners told, effects carried out: one call stack, no ``await``."""

    def __init__(
        self,
        processor: Processor,
        market_data: MarketData,
        actions: Actions,
        clock: Clock,
        applied: Callable[[int], None],
    ) -> None:
        self._applied = applied
        self._processor = processor
        self.market_data = market_data
        self._actions = actions
        self._clock = clock
        self._listeners: list[Listener] = []
        self.recorder: Recorder | None = None
        """Told of every batch before it is applied, when there is one."""
        self.on_applied: Callable[[], None] = _unheard
        """Called after every batch: the screen may want to show it at once."""

    def listen(self, listener: Listener) -> None:
        """Tell ``listener`` of every batch, after state has changed, books left out: three of four messages are."""
        self._listeners.append(listener)

    def use(self, processor: Processor) -> None:
        """Apply batches with another processor from now on."""
        self._processor = processor

    def receive(self, line: Line, epoch: int, events: Sequence[Event], recv_ns: int) -> None:
        """Take one batch of a line. ``recv_ns`` is the monotonic time of receipt."""
        wall = self._clock.wall_ns()
        if self.recorder is not None:
            self.recorder.applied(line, epoch, events, recv_ns, wall)
        effects = self._processor.apply(line, epoch, events, recv_ns, wall)
        self._applied(self._clock.mono_ns() - recv_ns)
        self.on_applied()
        told = [event for event in events if type(event) is not BookEvent]
        if told:
            for listener in self._listeners:
                listener(line, told)
        if effects:
            for effect in effects:
                self._carry_out(effect)
        if any(type(event) is InstrumentEvent for event in events):
            self.market_data.instruments_changed()

    def _carry_out(self, effect: Effect) -> None:
        log.info("effect %s", effect)
        match effect:
            case ResyncBook(symbol=symbol, exact=exact):
                if exact:
                    self._actions.decode_exactly(symbol)
                self.market_data.resync("book", symbol)
            case ResyncQueue(symbol=symbol):
                self.market_data.resync("level3", symbol)
            case ResyncPrivate(channel=channel, line=line, reason=reason):
                self._actions.resubscribe_private(channel, line, reason)
            case Reconcile(reason=reason, fills=fills):
                self._actions.reconcile(reason, fills=fills)
            case RefetchCandles(symbol=symbol, interval=interval):
                self._actions.refetch_candles(symbol, interval)
