"""The fire drill: a fault of the embedded exchange on demand, and a score of what the terminal and the user did.

Only where the exchange is ours to break. Nothing here touches the terminal: it looks at the stores as a trader would,
and the fault comes over the wire like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from core.domain.health import ConnectionState
from core.domain.ids import Symbol
from core.domain.orders import OrderStatus
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock
from core.sim.fault_matching import Fault
from core.sim.faults import FaultPlan

LOOK_S = 0.05
HEAL_S = 20.0
DETECTED, DETECTED_LATE, SAFE, HEALED, CALM = 40, 20, 30, 15, 15
"""What a drill is worth: found in time (or late), orders safe, healed in time, nothing sent into a blind market."""

Sign = Callable[[Stores, Symbol], bool]


@dataclass(frozen=True)
class Scenario:
    """One fault: how it begins, what shows it, within what time, and what the user should look at."""

    key: str
    title: str
    watch: str
    begin: Callable[[FaultPlan, Symbol], list[Fault]]
    sign: Sign
    within_s: float
    lasts_s: float
    locks: bool = True
    """Whether new orders on the pair must be locked once it was found."""

    asks_order: bool = False
    """Whether it shows only with an order the user sends."""


class Phase(Enum):
    """How far a drill is."""

    FAULT = "the fault is on"
    HEALING = "the fault is over, healing"
    DONE = "done"


@dataclass
class Drill:
    """One run. Times in seconds since it began; ``None``: not seen."""

    scenario: Scenario
    symbol: Symbol
    phase: Phase = Phase.FAULT
    elapsed_s: float = 0.0
    found_s: float | None = None
    healed_s: float | None = None
    over_s: float = 0.0
    unlocked: bool = False
    """The pair could be traded although the fault was found and not over."""

    troubles: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)

    @property
    def in_time(self) -> bool:
        """Whether it was found early enough."""
        return self.found_s is not None and self.found_s <= self.scenario.within_s

    @property
    def was_exercised(self) -> bool:
        """Whether the fault had anything to strike."""
        return not self.scenario.asks_order or any(text.startswith("submit") for text in self.inputs)

    @property
    def sent_blind(self) -> list[str]:
        """Orders the user asked for although the screen had said that this market is not to be trusted."""
        if self.found_s is None or not self.scenario.locks:
            return []
        return [text for text in self.inputs if text.startswith(("submit", "send again"))]

    @property
    def score(self) -> int:
        """0 to 100."""
        found = DETECTED if self.in_time else DETECTED_LATE if self.found_s is not None else 0
        safe = 0 if self.troubles or self.unlocked else SAFE
        healed = HEALED if self.healed_s is not None else 0
        return found + safe + healed + (0 if self.sent_blind else CALM)


class FireDrill:
    """Runs one scenario at a time. ``now`` is the drill that runs or ran last, ``told`` is called at every change."""

    def __init__(
        self, plan: FaultPlan, stores: Stores, clock: Clock, reconcile: Callable[[str], None]
    ) -> None:
        self._plan = plan
        self._stores = stores
        self._clock = clock
        self._reconcile = reconcile
        self._ending = asyncio.Event()
        self.now: Drill | None = None
        self.told: Callable[[], None] = lambda: None

    @property
    def running(self) -> bool:
        """Whether a fault is on or healing."""
        return self.now is not None and self.now.phase is not Phase.DONE

    def heard(self, text: str) -> None:
        """The user asked for this."""
        if self.now is not None and self.running:
            self.now.inputs.append(text)

    def end_early(self) -> None:
        """Remove the fault now."""
        self._ending.set()

    async def run(self, scenario: Scenario, symbol: Symbol) -> Drill:
        """Break the exchange, watch, mend it, watch it heal, and return what was seen. One at a time."""
        assert not self.running, "one drill at a time"
        drill = self.now = Drill(scenario, symbol)
        self._ending.clear()
        health, began = self._stores.health, self._clock.mono_ns()
        alarms = len(health.alarms)
        health.note(self._clock.wall_ns(), "fire drill", f"{scenario.title} begins")
        faults = scenario.begin(self._plan, symbol)
        self._reconcile("fire drill")
        try:
            await self._watch(drill, began, scenario.lasts_s, lambda: self._see_fault(drill))
        finally:
            for fault in faults:
                fault.remove()
            drill.phase, drill.over_s = Phase.HEALING, drill.elapsed_s
        await self._watch(drill, began, drill.elapsed_s + HEAL_S, lambda: self._see_healing(drill))
        drill.troubles += [alarm.text for alarm in health.alarms[alarms:]]
        drill.troubles += [
            f"order {order.cl_ord_id} is still in doubt"
            for order in self._stores.orders.open()
            if order.status is OrderStatus.IN_DOUBT and order.symbol == symbol
        ]
        drill.phase = Phase.DONE
        health.note(self._clock.wall_ns(), "fire drill", f"{scenario.title}: score {drill.score}")
        self.told()
        return drill

    async def _watch(self, drill: Drill, began: int, until_s: float, see: Callable[[], bool]) -> None:
        while drill.elapsed_s < until_s:
            drill.elapsed_s = (self._clock.mono_ns() - began) / NS_PER_S
            over = see()
            self.told()
            if over:
                return
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._ending.wait()
            except TimeoutError:
                continue
            self._ending.clear()
            return

    def _see_fault(self, drill: Drill) -> bool:
        shows = drill.scenario.sign(self._stores, drill.symbol)
        if shows and drill.found_s is None:
            drill.found_s = drill.elapsed_s
        if shows and drill.scenario.locks and not self._is_locked(drill.symbol):
            drill.unlocked = True
        return False

    def _see_healing(self, drill: Drill) -> bool:
        stores = self._stores
        waits = any(
            order.status in (OrderStatus.SENT, OrderStatus.IN_DOUBT)
            for order in stores.orders.open(drill.symbol)
        )
        ended = not drill.scenario.sign(stores, drill.symbol) and not self._is_locked(drill.symbol)
        if ended and not waits and stores.orders.reachable:
            drill.healed_s = drill.elapsed_s
            return True
        return False

    def _is_locked(self, symbol: Symbol) -> bool:
        """Whether a new order on the pair would be refused, or taken only by an exchange that is not online."""
        health = self._stores.health
        account = health.account()
        no_account = account is None or account.state is not ConnectionState.LIVE
        doubt = bool(health.account_doubt) or health.system != "online"
        return doubt or no_account or not self._stores.is_tradable(symbol)


def _cut(role: str) -> Callable[[FaultPlan, Symbol], list[Fault]]:
    def begin(plan: FaultPlan, symbol: Symbol) -> list[Fault]:
        refused = plan.http(503, method="connect", role=role, times=None)
        return [refused, plan.close(1006, role=role)]

    return begin


def _market_is_lost(stores: Stores, symbol: Symbol) -> bool:
    market = stores.health.market()
    return market is None or market.state is not ConnectionState.LIVE


def _account_is_lost(stores: Stores, symbol: Symbol) -> bool:
    account = stores.health.account()
    lost = account is None or account.state is not ConnectionState.LIVE
    return lost or bool(stores.health.account_doubt)


def _is_doubtful(stores: Stores, symbol: Symbol) -> bool:
    return not stores.is_tradable(symbol)


def _answer_is_late(stores: Stores, symbol: Symbol) -> bool:
    waiting = (OrderStatus.SENT, OrderStatus.IN_DOUBT)
    return any(order.status in waiting for order in stores.orders.open(symbol))


def _rest_is_down(stores: Stores, symbol: Symbol) -> bool:
    return stores.health.rest == "down" or not stores.orders.reachable


def _is_not_online(stores: Stores, symbol: Symbol) -> bool:
    return stores.health.system not in ("online", "unknown")


SCENARIOS = (
    Scenario(
        "cut-market",
        "Market lines cut",
        "Both market lines break and stay refused. Line 0 turns BLIND, panels are hatched, the ticket locks. "
        "Cancels still work: try one.",
        _cut("public"),
        _market_is_lost,
        within_s=3,
        lasts_s=8,
    ),
    Scenario(
        "cut-account",
        "Account lines cut",
        "Both account lines break. Line 0 turns REDUCE-ONLY; fills that happen meanwhile must be found afterwards. "
        "Cancels go by REST.",
        _cut("private"),
        _account_is_lost,
        within_s=3,
        lasts_s=8,
    ),
    Scenario(
        "silent-book",
        "One book falls silent",
        "Heartbeats go on, every light stays green, but this pair's book stops. Only its own state may change.",
        lambda plan, symbol: [plan.silent("book", symbol=str(symbol))],
        _is_doubtful,
        within_s=10,
        lasts_s=16,
    ),
    Scenario(
        "half-open",
        "Half-open market lines",
        "The cable is out and nobody was told: sockets stay open, nothing comes. The age of the market light grows.",
        lambda plan, symbol: [plan.half_open(role="public")],
        _market_is_lost,
        within_s=6,
        lasts_s=8,
    ),
    Scenario(
        "corrupt-book",
        "Wrong numbers in a book",
        "Quantities of this pair are changed on the way. The book must turn grey, never show them, and come back.",
        # Not more often: after five failures in a minute a book rests for one, and the drill would too.
        # A fresh snapshot comes within a hundredth of a second here; as slow as this the eye can see it.
        lambda plan, symbol: [
            plan.corrupt("qty", channel="book", symbol=str(symbol), times=3),
            plan.delay(1, method="subscribe", times=None),
        ],
        _is_doubtful,
        within_s=5,
        lasts_s=6,
    ),
    Scenario(
        "late-answers",
        "Answers three seconds late",
        "Send a small order now. It stays Sending, then Unknown; it must end as what it is, once. Do not resend.",
        lambda plan, symbol: [
            plan.delay(3, method=("add_order", "AddOrder"), times=None),
            plan.delay(3, channel="executions", times=None),
        ],
        _answer_is_late,
        within_s=15,
        lasts_s=15,
        locks=False,
        asks_order=True,
    ),
    Scenario(
        "clock",
        "Exchange clock two seconds behind",
        "Every message looks two seconds old. The book is late and its pair locks until the clock is measured anew.",
        lambda plan, symbol: [plan.skew(-2)],
        _is_doubtful,
        within_s=5,
        lasts_s=8,
    ),
    Scenario(
        "rest-down",
        "REST down",
        "REST answers 503. Streams carry everything; the REST light turns. Trading by WebSocket goes on.",
        lambda plan, symbol: [plan.http(503, road="rest", times=None)],
        _rest_is_down,
        within_s=10,
        lasts_s=12,
        locks=False,
    ),
    Scenario(
        "maintenance",
        "Maintenance",
        "The exchange announces maintenance: the mode is said at once, new orders are limited.",
        lambda plan, symbol: [plan.status("maintenance")],
        _is_not_online,
        within_s=2,
        lasts_s=8,
    ),
)
"""Every drill, in the order of the list."""
