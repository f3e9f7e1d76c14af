"""The dead-man's switch: a timer at the exchange that cancels every order of the account unless it is renewed.

Off until the user arms it. It knows nothing of programs: it takes the orders of other programs and of other machines
too. It is independent of the connection, and it runs on while the exchange is down. Source: Kraken
``cancel_all_orders_after``, advice 60 s, renewed every 15 to 30 s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from core.data.kraken.answers import Answer
from core.domain.errors import JournalUnavailable, NotSent, OutcomeUnknown, Refused, TerminalError
from core.domain.orders import CancelAllAfterRequest, Order, OrderStatus
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

TIMEOUT_S = 60
RENEW_NS = 20 * NS_PER_S
RETRY_NS = 3 * NS_PER_S
TICK_S = 1.0
LATE_NS = 1 * NS_PER_S
"""A tick this late says that the loop stood still: a program that cannot act must not hold the switch."""

ANSWER_NS = 5 * NS_PER_S
REASON = "CancelAllOrdersAfter"
"""Part of the reason the exchange gives for each order the switch cancelled."""

KEY = "dead_man"


class DeadManState(StrEnum):
    """What the switch is doing, as far as we know."""

    OFF = "off"
    ARMED = "armed"
    LEFT = "left running by an earlier start"
    PAUSED = "paused for maintenance"
    FIRED = "fired"


class Line(Protocol):
    """The private line, as far as the switch needs it."""

    async def request(self, command: CancelAllAfterRequest, *, deadline_ns: int) -> Answer:
        """Ask and return the answer. Raises NotSent, Refused or OutcomeUnknown."""
        ...


class Rest(Protocol):
    """The stand-in for the line."""

    async def cancel_all_after(self, request: CancelAllAfterRequest) -> int:
        """Ask and return when it fires, ns UTC, 0 when disarmed. Errors as ``Line``."""
        ...


class Keeper(Protocol):
    """The journal, as far as the switch needs it."""

    async def keep(self, key: str, value: str) -> None:
        """Return once a value is durable. JournalUnavailable otherwise."""
        ...

    async def kept(self, prefix: str) -> dict[str, str]:
        """Values under keys that begin so."""
        ...


class DeadMan:
    """Arm, renew, disarm, and notice when it fired. ``problem`` is why it could not be renewed, in words."""

    def __init__(
        self,
        stores: Stores,
        line: Line,
        rest: Rest,
        journal: Keeper,
        clock: Clock,
        exchange_ns: Callable[[], int],
        note: Callable[[str, str], None],
        *,
        timeout_s: int = TIMEOUT_S,
        renew_ns: int = RENEW_NS,
        tick_s: float = TICK_S,
    ) -> None:
        self.state = DeadManState.OFF
        self.problem = ""
        self.fired: list[Order] = []
        self.timeout_s = timeout_s
        self._stores = stores
        self._line = line
        self._rest = rest
        self._journal = journal
        self._clock = clock
        self._exchange_ns = exchange_ns
        self._note = note
        self._renew_ns = renew_ns
        self._tick_s = tick_s
        self._trigger_ns = 0
        self._renew_at = 0
        self._armed_at = 0

    @property
    def is_running(self) -> bool:
        """Whether the timer runs at the exchange as far as we know."""
        return self.state in (DeadManState.ARMED, DeadManState.LEFT)

    def seconds_left(self) -> float | None:
        """Seconds until it fires, ``None`` while it does not run."""
        if not self.is_running:
            return None
        return max(0.0, (self._trigger_ns - self._exchange_ns()) / NS_PER_S)

    def would_cancel(self) -> list[Order]:
        """The orders known here that it would take; there may be more, from elsewhere."""
        return self._stores.orders.open()

    async def arm(self) -> None:
        """Start the timer and renew it from now on. Raises NotSent, Refused or OutcomeUnknown when it may not run."""
        self._trigger_ns = await self._ask(self.timeout_s)
        if not self._trigger_ns:
            raise OutcomeUnknown("the exchange did not say when the switch fires")
        self._armed_at = self._clock.wall_ns()
        self._renew_at = self._clock.mono_ns() + self._renew_ns
        self.fired = []
        self._go(DeadManState.ARMED, f"armed: {self.timeout_s} s, for every order of the account")
        await self._keep()

    async def disarm(self) -> None:
        """Stop the timer. Errors as ``arm``: then it runs on, and is not renewed any more."""
        if self.state is DeadManState.ARMED:
            self._go(DeadManState.LEFT, "not renewed any more")
        await self._ask(0)
        self._trigger_ns = 0
        self._go(DeadManState.OFF, "disarmed")
        await self._keep()

    async def pause(self) -> None:
        """Stop the timer for a maintenance; it is armed again when the exchange is back. Errors as ``disarm``."""
        await self.disarm()
        self._go(DeadManState.PAUSED, "paused: armed again once the exchange was away and is back")

    async def open(self) -> None:
        """Learn what an earlier run left. It is not renewed without a new decision of the user."""
        try:
            told = (await self._journal.kept(KEY)).get(KEY, "")
        except JournalUnavailable:
            return  # told of by the journal itself
        if not told:
            return
        self._trigger_ns = int(told)
        if self._trigger_ns > self._exchange_ns():
            self._go(DeadManState.LEFT, "an earlier start left it running; renew or disarm it")
        else:
            self._fire("it ran out while the program was away")

    async def run(self) -> None:
        """Renew and watch until cancelled. Not renewed by a loop that stands still: see LATE_NS."""
        was_away = False
        while True:
            expected = self._clock.mono_ns() + int(self._tick_s * NS_PER_S)
            await asyncio.sleep(self._tick_s)
            healthy = self._clock.mono_ns() - expected < LATE_NS
            self._look_whether_it_fired()
            away = self._stores.health.system == "maintenance"
            if away and self.state is DeadManState.ARMED:
                await self._try(self.pause, "the exchange is in maintenance and would fire when it is back")
            elif was_away and not away and self.state is DeadManState.PAUSED:
                await self._try(self.arm, "not armed again")
            elif healthy and self._is_due():
                await self._try(self._renew, "not renewed")
            was_away = (was_away or away) and self.state is DeadManState.PAUSED

    def _is_due(self) -> bool:
        return self.state is DeadManState.ARMED and self._clock.mono_ns() >= self._renew_at

    async def _renew(self) -> None:
        before, self._trigger_ns = self._trigger_ns, await self._ask(self.timeout_s)
        self._renew_at = self._clock.mono_ns() + self._renew_ns
        self.problem = ""
        if self._trigger_ns - self.timeout_s * NS_PER_S > before:
            # The renewal came too late and began a new timer nobody asked for.
            self._fire("its renewal came too late")
            self._trigger_ns = await self._ask(0)
        await self._keep()

    async def _try(self, work: Callable[[], Awaitable[None]], what: str) -> None:
        try:
            await work()
        except TerminalError as failure:
            self._renew_at = self._clock.mono_ns() + RETRY_NS
            problem = f"{what}: {failure.detail or failure.user_message}"
            if problem != self.problem:
                self.problem = problem
                self._note("dead-man", problem)

    async def _ask(self, timeout_s: int) -> int:
        """Set the timer on either road; asking twice does no harm. Returns when it fires, ns UTC, 0 for never."""
        request = CancelAllAfterRequest(timeout_s)
        try:
            answer = await self._line.request(request, deadline_ns=self._exchange_ns() + ANSWER_NS)
            return answer.trigger_ns
        except Refused:
            raise
        except (NotSent, OutcomeUnknown):
            return await self._rest.cancel_all_after(request)

    def _look_whether_it_fired(self) -> None:
        if self.state is DeadManState.FIRED:
            self._list_fired()
            return
        if not self.is_running:
            return
        if self._exchange_ns() >= self._trigger_ns:
            self._fire("its time ran out before it could be renewed")
        elif self._cancelled():
            self._fire("the exchange says so")

    def _fire(self, why: str) -> None:
        self._go(DeadManState.FIRED, f"FIRED: {why}; every order of the account was cancelled")
        self._list_fired()

    def _list_fired(self) -> None:
        found = self._cancelled()
        if len(found) != len(self.fired):
            self.fired = found
            self._note("dead-man", f"it cancelled {len(found)} orders known here")

    def _cancelled(self) -> list[Order]:
        return [
            order
            for order in self._stores.orders.all()
            if order.status is OrderStatus.CANCELED and REASON in order.reason and order.ts >= self._armed_at
        ]

    def _go(self, state: DeadManState, text: str) -> None:
        self.state, self.problem = state, ""
        self._note("dead-man", text)

    async def _keep(self) -> None:
        try:
            await self._journal.keep(KEY, str(self._trigger_ns) if self._trigger_ns else "")
        except JournalUnavailable as failure:
            self._note("dead-man", f"a restart would not know that it runs: {failure.detail}")
