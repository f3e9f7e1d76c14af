"""The faults of one exchange at work: which of them strike a message, and what is due when.

Everything that passes asks here, so an empty plan must cost nothing: the lists are empty then, and nobody looks
further. Windows are measured on the monotonic clock, waiting is the loop's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, TypeVar

from core.runtime.clock import NS_PER_S, Clock
from core.sim.fault_effects import Event, Fate, HttpReply, Rule, Treatment
from core.sim.fault_matching import Fault, Match, Subject
from core.sim.model import ExecReport, SimOrder

if TYPE_CHECKING:
    from core.sim.fault_stage import Stage
    from core.sim.lag import Records

T = TypeVar("T")

CONNECT = "connect"


class Rules:
    """Faults in force. ``requests`` strike what comes in, ``frames`` what goes out."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.requests: list[Rule[Fate]] = []
        self.frames: list[Rule[Treatment]] = []
        self._replies: list[tuple[Fault, HttpReply]] = []
        self._lags: list[tuple[Fault, float]] = []
        self._late_fills: list[tuple[Fault, Decimal | None]] = []
        self._owed: list[tuple[SimOrder, Decimal | None]] = []
        self._due: list[tuple[Fault, Event]] = []
        self._ending: list[Fault] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._seed = seed
        self._made = 0
        self._clock = clock
        self._start_ns = clock.mono_ns()
        self._stage: Stage | None = None

    # -- making ---------------------------------------------------------------------------------------------

    def fault(self, match: Match) -> Fault:
        """Return a new fault that is in no list yet."""
        self._made += 1
        fault = Fault(match, Random(f"fault-{self._seed}-{self._made}"))
        if match.until_s is not None:
            self._ending.append(fault)
        return fault

    def strike_requests(self, fault: Fault, effect: Callable[[Fate], None]) -> Fault:
        """Let a fault befall requests."""
        _enter(self.requests, Rule(fault, effect), fault)
        return fault

    def reply_instead(self, fault: Fault, reply: HttpReply) -> Fault:
        """Let something before the exchange answer HTTP: REST, and WebSocket handshakes (method ``connect``)."""
        _enter(self._replies, (fault, reply), fault)
        return fault

    def strike_frames(
        self,
        fault: Fault,
        effect: Callable[[Treatment], None],
        change: Callable[[str], str | None] | None = None,
    ) -> Fault:
        """Let a fault befall what goes out; with ``change`` only what can be changed."""
        _enter(self.frames, Rule(fault, effect, change), fault)
        return fault

    def happen(self, fault: Fault, event: Event) -> Fault:
        """Let an event happen when a message sets it off, else now or when its time comes."""
        match = fault.match
        if not match.waits_for_message:
            _enter(self._due, (fault, event), fault)
            self.tick()
        elif match.hears_data:
            self.strike_frames(fault, lambda treatment: treatment.befall(event))
        else:
            self.strike_requests(fault, lambda fate: fate.befall(event))
        return fault

    def lag(self, fault: Fault, lag_s: float) -> Fault:
        """Let REST queries lag. The state at this moment is the earliest that can be shown."""
        _enter(self._lags, (fault, lag_s), fault)
        if self._stage is not None:
            self._stage.open_archive()
        return fault

    def fill_late(self, fault: Fault, qty: Decimal | None) -> Fault:
        """Let orders be filled after they were cancelled."""
        _enter(self._late_fills, (fault, qty), fault)
        return fault

    # -- running --------------------------------------------------------------------------------------------

    def attach(self, stage: Stage) -> None:
        """The exchange has started: what had to wait for it happens."""
        self._stage = stage
        stage.hub.engine.listeners.execution.append(self._on_report)
        if self._lags:
            stage.open_archive()
        self.tick()

    def close(self) -> None:
        """The exchange stops: nothing waits any longer."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._stage is not None:
            self._stage.hub.engine.listeners.execution.remove(self._on_report)
            self._stage.close()
            self._stage = None

    def tick(self) -> None:
        """Let happen what is due, and end what is over."""
        stage = self._stage
        if stage is None or not (self._due or self._ending):
            return
        now_s = self.now_s
        for fault, event in [one for one in self._due if one[0].match.is_open(now_s)]:
            fault.forget()
            fault.fired += event.act(stage.lines(fault.match))
        for fault in [one for one in self._ending if now_s >= (one.match.until_s or 0.0)]:
            self._ending.remove(fault)
            fault.remove()

    @property
    def now_s(self) -> float:
        """Seconds since the plan was made."""
        return (self._clock.mono_ns() - self._start_ns) / NS_PER_S

    def call_later(self, delay_s: float, act: Callable[[], object]) -> None:
        """Act after a while, unless the exchange stops first."""

        def run() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(delay_s, run)
        self._timers.add(timer)

    # -- asked by everything that passes --------------------------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """Whether no fault concerns any message."""
        return not (self.requests or self.frames or self._lags or self._replies)

    def fate(self, subject: Subject) -> Fate:
        """Return what becomes of a request."""
        fate, now_s = Fate(), self.now_s
        for rule in list(self.requests):
            if rule.fault.takes(subject, now_s):
                rule.effect(fate)
                _retire(rule.fault)
        return fate

    def reply(self, subject: Subject) -> HttpReply | None:
        """Return what answers a REST request before the exchange could."""
        now_s = self.now_s
        for fault, reply in list(self._replies):
            if fault.takes(subject, now_s):
                _retire(fault)
                return reply
        return None

    def refusal(self, role: str) -> HttpReply | None:
        """Return what answers a WebSocket handshake instead of the upgrade."""
        if not self._replies:
            return None
        return self.reply(Subject(road="ws", kind="request", role=role, method=CONNECT))

    def treatment(self, subject: Subject, frame: str) -> Treatment:
        """Return what goes out instead of a frame."""
        treatment, now_s = Treatment([frame]), self.now_s
        for rule in list(self.frames):
            if not treatment.frames or not rule.fault.concerns(subject, now_s):
                continue
            changed = rule.change(treatment.frames[0]) if rule.change else treatment.frames[0]
            if changed is not None and rule.fault.takes(subject, now_s):
                treatment.frames = [changed] * len(treatment.frames)
                rule.effect(treatment)
                _retire(rule.fault)
        return treatment

    def records(self, subject: Subject) -> Records | None:
        """Return the earlier state a REST query sees, None for the present."""
        now_s = self.now_s
        lags = [lag_s for fault, lag_s in list(self._lags) if fault.takes(subject, now_s)]
        if not lags or self._stage is None:
            return None
        return self._stage.as_of(max(lags))

    def symbol_of(self, order_id: str) -> str | None:
        """Return the symbol of an order of the account."""
        stage = self._stage
        order = stage.hub.engine.order(stage.account, order_id) if stage else None
        return order.spec.symbol if order else None

    def orders_named(self, ids: object) -> list[SimOrder]:
        """Return the account's orders that a request names by exchange or client id, alone or in a list."""
        if self._stage is None:
            return []
        engine, account = self._stage.hub.engine, self._stage.account
        wanted = {one for one in (ids if isinstance(ids, list) else [ids]) if isinstance(one, str)}
        by_id = [order for one in wanted if (order := engine.order(account, one))]
        return by_id + [order for order in engine.open_orders(account) if order.spec.cl_ord_id in wanted]

    # -- fills after the cancel -----------------------------------------------------------------------------

    def settle(self) -> bool:
        """Carry out fills that come after a cancel; return whether there were any."""
        if not self._owed:
            return False
        owed, self._owed = self._owed, []
        for order, qty in owed:
            assert self._stage is not None
            self._stage.fill_late(order, qty)
        return True

    def _on_report(self, report: ExecReport) -> None:
        if not self._late_fills or report.exec_type != "canceled" or not report.order.leaves:
            return
        symbols = frozenset({report.order.spec.symbol})
        subject = Subject(road="ws", kind="data", role="private", channel="executions", symbols=symbols)
        now_s = self.now_s
        for fault, qty in list(self._late_fills):
            if fault.takes(subject, now_s):
                self._owed.append((report.order, qty))
                _retire(fault)
                return


def _enter(rules: list[T], rule: T, fault: Fault) -> None:
    rules.append(rule)
    fault.leave.append(lambda: rules.remove(rule) if rule in rules else None)


def _retire(fault: Fault) -> None:
    """A fault that will never fire again is not asked any more; what it did stays."""
    if fault.is_spent:
        fault.forget()
