"""The bracket guardian: carries out what ``processing.bracket`` decides, and finds every leg again after a restart.

The wish is durable before the first leg leaves; the legs' ids follow from it, so the journal of orders tells which of
them were ever sent. All brackets are looked at together, ten times a second and with every report.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

import msgspec

from core.app.executor import Executor
from core.app.market_data import MarketData
from core.app.strategies.bracket_facts import Facts, StoredFacts, touches
from core.data.journal.order_rows import StoredIntent
from core.domain.errors import (
    JournalUnavailable,
    NotSent,
    OutcomeUnknown,
    Refused,
    RiskRejected,
    TerminalError,
)
from core.domain.events import Event, ExecutionEvent
from core.domain.health import Line
from core.domain.ids import ClOrdId, ExecId
from core.domain.limits import Consent, Reason, Severity
from core.domain.orders import (
    ZERO,
    AmendRequest,
    CancelRequest,
    OrderRequest,
    OrderType,
    TimeInForce,
    Trigger,
)
from core.domain.subscription import book
from core.processing.bracket import (
    Bracket,
    BracketPlan,
    Cancel,
    Ended,
    Grow,
    Leg,
    LegKind,
    Place,
    Step,
    guards,
    next_step,
    taken,
    told,
)
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock
from core.runtime.tasks import Supervisor

log = logging.getLogger(__name__)

LOOK_S = 0.1
RETRY_NS = 2 * NS_PER_S
"""Between two attempts at what was refused; each is a request the engine counts."""

AFTER_TARGET_NS = 3 * NS_PER_S
"""After a target that did not get everything the stop is back for so long: a touch that flickers costs points."""

MOST_LEGS = 200
BOOK_DEPTH = 10
KEY = "bracket:"
AGREED = Consent(dict.fromkeys(Reason, Severity.TYPE), standing=True)
"""What attaching a bracket agrees to: closing this position at these prices."""


class BracketRefused(TerminalError):
    """The bracket cannot be attached; nothing was sent."""

    user_message = "The bracket was not attached."


class Keeper(Protocol):
    """The journal, as far as brackets need it."""

    async def keep(self, key: str, value: str) -> None:
        """Return once a value is durable. JournalUnavailable otherwise."""
        ...

    async def kept(self, prefix: str) -> dict[str, str]:
        """Values under keys that begin so."""
        ...

    async def intents_of(self, ids: Sequence[ClOrdId]) -> list[StoredIntent]:
        """Those of these orders that were ever about to be sent."""
        ...


class Guarded:
    """One bracket under guard. ``problem`` is why its next step could not be taken, in words."""

    def __init__(self, bracket: Bracket, stored: StoredFacts) -> None:
        self.bracket = bracket
        self.stored = stored
        self.problem = ""
        self.busy: asyncio.Task[object] | None = None
        self.retry_at = 0
        self.cool_until = 0
        self.asked: set[int] = set()
        self.absent: set[int] = set()
        self.inherited: set[int] = set()
        """Legs of an earlier run: whether that one had asked for their cancel is not known until they are seen open."""

    @property
    def plan(self) -> BracketPlan:
        """The wish."""
        return self.bracket.plan

    @property
    def ids(self) -> frozenset[str]:
        """The orders it is about: what it guards, and its legs so far."""
        ids: set[str] = {self.plan.leg_id(number) for number in range(len(self.bracket.legs))}
        return frozenset(ids if self.plan.entry is None else ids | {self.plan.entry})

    def words(self) -> str:
        """Who guards what, and what is wrong."""
        return f"{guards(self.bracket)}{f' · {self.problem}' if self.problem else ''}"


class BracketGuardian:
    """Brackets by id."""

    def __init__(
        self,
        stores: Stores,
        executor: Executor,
        market_data: MarketData,
        journal: Keeper,
        clock: Clock,
        note: Callable[[str, str], None],
    ) -> None:
        self._executor = executor
        self._stores = stores
        self._market_data = market_data
        self._journal = journal
        self._clock = clock
        self._note = note
        self._facts = Facts(stores)
        self._tasks = Supervisor("brackets", clock=clock)
        self._guarded: dict[str, Guarded] = {}
        self._releases: dict[str, Callable[[], None]] = {}
        self._wake = asyncio.Event()
        stores.orders.needed.append(self._needs)
        stores.fills.needed.append(self._needs_fill)

    def all(self) -> list[Guarded]:
        """Every bracket of this run, oldest first."""
        return list(self._guarded.values())

    def _needs(self, key: str) -> bool:
        return any(key in one.ids for one in self._guarded.values() if not one.bracket.ended)

    def _needs_fill(self, exec_id: ExecId) -> bool:
        fill = self._stores.fills.get(exec_id)
        return fill is not None and fill.cl_ord_id is not None and self._needs(fill.cl_ord_id)

    async def attach(self, plan: BracketPlan) -> Guarded:
        """Guard a position from now on. BracketRefused or JournalUnavailable: then nothing was sent."""
        if plan.bracket_id in self._guarded:
            raise BracketRefused("it is attached already")
        instrument = self._stores.instruments.get(plan.symbol)
        if instrument is None:
            raise BracketRefused(f"{plan.symbol} is not traded here")
        if not all(instrument.on_price_grid(price) for price in (plan.stop, plan.target)):
            raise BracketRefused(f"prices are multiples of {instrument.price_increment.normalize():f}")
        if plan.least < instrument.qty_min or plan.qty < plan.least:
            raise BracketRefused(f"the smallest quantity is {instrument.qty_min.normalize():f}")
        if not instrument.on_qty_grid(plan.qty):
            raise BracketRefused("the quantity has too many decimals")
        await self._keep(plan)
        guarded = self._guard(Guarded(_begin(plan), StoredFacts()))
        self._tell(guarded, f"attached: stop {plan.stop:f}, target {plan.target:f}")
        return guarded

    async def release(self, bracket_id: str) -> None:
        """Let a position go: its leg is cancelled and nothing follows.

        JournalUnavailable when that could not be written down: a restart would guard it again.
        """
        guarded = self._guarded.get(bracket_id)
        if guarded is not None and not guarded.plan.released:
            await self._release(guarded, "released by hand")

    async def quiet(self, symbol: str) -> None:
        """Release every bracket of a pair; its legs are cancelled."""
        for guarded in self.all():
            if guarded.plan.symbol == symbol and guarded.bracket.ended is Ended.NO:
                await self._release(guarded, "the pair is flattened")

    async def open(self) -> None:
        """Take back what an earlier run guarded; JournalUnavailable when that cannot be read."""
        for text in (await self._journal.kept(KEY)).values():
            plan = msgspec.json.decode(text, type=BracketPlan)
            if plan.bracket_id in self._guarded:
                continue
            guarded = Guarded(*await self._recall(plan))
            guarded.inherited.update(range(len(guarded.bracket.legs)))
            self._guard(guarded)
            self._tell(guarded, f"taken back with {len(guarded.bracket.legs)} legs")

    async def run(self) -> None:
        """Look after all brackets until cancelled."""
        while True:
            for guarded in self.all():
                self.look(guarded)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    async def close(self) -> None:
        """The terminal stops. Stops stay at the exchange; the next run takes them back."""
        await self._tasks.stop()
        for release in self._releases.values():
            release()

    def listen(self, line: Line, events: Sequence[Event]) -> None:
        """Look at once when something was executed; called by the pipeline."""
        if self._guarded and any(isinstance(event, ExecutionEvent) for event in events):
            self._wake.set()

    def look(self, guarded: Guarded) -> None:
        """Take in what is known now and begin the next step, if there is one and none is under way."""
        if guarded.bracket.ended is not Ended.NO and guarded.plan.bracket_id not in self._releases:
            return
        self._take_in(guarded)
        if guarded.bracket.ended is not Ended.NO:
            self._finish(guarded)
        elif guarded.busy is None and self._clock.mono_ns() >= guarded.retry_at and self._may_act():
            work = self._next(guarded)
            if work is not None:
                guarded.busy = self._tasks.spawn(work, name=f"bracket {guarded.plan.bracket_id}")
                guarded.busy.add_done_callback(lambda _: self._stepped(guarded))

    def _may_act(self) -> bool:
        # Before the first comparison with the exchange nothing is known of what an earlier run left.
        return self._stores.orders.verified and not self._stores.health.account_doubt

    # Taking in.

    def _take_in(self, guarded: Guarded) -> None:
        bracket, plan = guarded.bracket, guarded.plan
        position, entry_ended = self._facts.entry(plan, guarded.stored)
        now = self._clock.mono_ns()
        bracket = msgspec.structs.replace(
            bracket,
            position=max(position, bracket.position),
            entry_ended=entry_ended,
            touched=now >= guarded.cool_until and touches(plan, self._stores),
        )
        for number, leg in enumerate(bracket.legs):
            if not leg.ended:
                bracket = self._take_in_leg(guarded, bracket, number)
        guarded.bracket = bracket

    def _take_in_leg(self, guarded: Guarded, bracket: Bracket, number: int) -> Bracket:
        fact = self._facts.leg(guarded.plan.leg_id(number), guarded.stored)
        if fact is None:
            return bracket  # it is about to leave
        after = told(
            bracket,
            number,
            done=fact.done,
            placed=fact.placed,
            ended=fact.ended or number in guarded.absent,
            cancelling=fact.cancelling,
            growing=fact.growing,
            qty=fact.qty,
        )
        if fact.placed and not (fact.ended or fact.cancelling) and self._may_act():
            guarded.inherited.discard(number)
        hand = self._leg_ended(guarded, after, number) if after.legs[number].ended else ""
        if not hand or after.plan.released:
            return after
        # Whoever cancelled the stop must not have to fight for it; so at once, before another step.
        plan = msgspec.structs.replace(after.plan, released=True)
        self._tell(guarded, f"its stop was cancelled ({hand}): released, NOTHING guards the position")
        self._tasks.spawn(self._keep_or_tell(plan), name=f"keep {plan.bracket_id}")
        return msgspec.structs.replace(after, plan=plan)

    def _leg_ended(self, guarded: Guarded, bracket: Bracket, number: int) -> str:
        """Note the end of a leg and return whose hand it was if it was not ours."""
        leg = bracket.legs[number]
        self._tell(guarded, f"{leg.kind} {number} ended with {leg.done.normalize():f}")
        if leg.kind is LegKind.TARGET and leg.done < leg.qty:
            guarded.cool_until = self._clock.mono_ns() + AFTER_TARGET_NS
        hand = self._facts.cancelled_by_others(guarded.plan.leg_id(number))
        return hand if number not in guarded.asked | guarded.inherited else ""

    # Acting.

    def _next(self, guarded: Guarded) -> Coroutine[Any, Any, None] | None:
        for number, leg in enumerate(guarded.bracket.legs):
            cl_ord_id = guarded.plan.leg_id(number)
            if not leg.ended and self._facts.is_absent(cl_ord_id):
                return self._bury(guarded, number, cl_ord_id)
        step = next_step(guarded.bracket)
        if step is None:
            return None
        if isinstance(step, Place) and step.number >= MOST_LEGS:
            guarded.problem = f"gave up after {MOST_LEGS} legs: guard the position yourself"
            return None
        return self._take(guarded, step)

    async def _take(self, guarded: Guarded, step: Step) -> None:
        guarded.bracket = taken(guarded.bracket, step)
        guarded.problem = ""
        try:
            match step:
                case Place():
                    await self._place(guarded, step)
                case Cancel(number=number):
                    guarded.asked.add(number)
                    await self._cancel(guarded.plan.leg_id(number))
                case Grow(number=number, qty=qty):
                    order = self._stores.orders.get(guarded.plan.leg_id(number))
                    if order is not None and order.order_id is not None:
                        await self._executor.amend(AmendRequest(order_id=order.order_id, qty=qty), AGREED)
        except RiskRejected as refusal:
            if isinstance(step, Place):  # it never left this process: as if it had not been tried
                legs = guarded.bracket.legs[:-1]
                guarded.bracket = msgspec.structs.replace(guarded.bracket, legs=legs)
            self._failed(guarded, refusal)
        except (Refused, NotSent, OutcomeUnknown) as failure:
            self._failed(guarded, failure)

    async def _place(self, guarded: Guarded, step: Place) -> None:
        try:
            order = await self._executor.submit(leg_request(guarded.plan, step), AGREED)
        except JournalUnavailable:
            # It may be written down all the same, so its id is used up; it never left.
            guarded.bracket = told(guarded.bracket, step.number, done=ZERO, placed=False, ended=True)
            raise
        self._tell(guarded, f"{step.kind} {step.number} for {step.qty.normalize():f} as {order.cl_ord_id}")
        if order.status.is_final and order.reason:
            guarded.problem = f"{step.kind} refused: {order.reason}"
            guarded.retry_at = self._clock.mono_ns() + RETRY_NS

    async def _cancel(self, cl_ord_id: ClOrdId) -> None:
        order = self._stores.orders.get(cl_ord_id)
        order_id = order.order_id if order is not None else None
        await self._executor.cancel(CancelRequest(order_id=order_id, cl_ord_id=cl_ord_id))

    async def _bury(self, guarded: Guarded, number: int, cl_ord_id: ClOrdId) -> None:
        """A leg was proven absent: end whatever might still be on its way before another follows."""
        try:
            await self._executor.cancel(CancelRequest(cl_ord_id=cl_ord_id))
        except Refused as refusal:
            if "unknown order" in refusal.detail.lower():
                guarded.absent.add(number)
                return
            self._failed(guarded, refusal)
        except (NotSent, OutcomeUnknown) as failure:
            self._failed(guarded, failure)

    def _failed(self, guarded: Guarded, failure: TerminalError) -> None:
        guarded.retry_at = self._clock.mono_ns() + RETRY_NS
        problem = failure.detail or failure.user_message
        if problem != guarded.problem:
            guarded.problem = problem
            self._tell(guarded, f"not done: {problem}")

    def _stepped(self, guarded: Guarded) -> None:
        guarded.busy = None
        self._wake.set()

    # Keeping.

    def _guard(self, guarded: Guarded) -> Guarded:
        plan = guarded.plan
        self._guarded[plan.bracket_id] = guarded
        self._releases[plan.bracket_id] = self._market_data.watch(book(plan.symbol, BOOK_DEPTH))
        self._wake.set()
        return guarded

    async def _release(self, guarded: Guarded, why: str) -> None:
        plan = msgspec.structs.replace(guarded.plan, released=True)
        guarded.bracket = msgspec.structs.replace(guarded.bracket, plan=plan)
        guarded.retry_at = 0
        self._tell(guarded, why)
        self._wake.set()
        await self._keep(plan)

    async def _keep(self, plan: BracketPlan) -> None:
        await self._journal.keep(KEY + plan.bracket_id, msgspec.json.encode(plan).decode())

    def _finish(self, guarded: Guarded) -> None:
        release = self._releases.pop(guarded.plan.bracket_id, None)
        if release is not None:
            release()
            self._tell(guarded, f"{guarded.bracket.ended}, closed {guarded.bracket.done.normalize():f}")
            self._tasks.spawn(self._forget(guarded), name=f"forget {guarded.plan.bracket_id}")

    async def _keep_or_tell(self, plan: BracketPlan) -> None:
        try:
            await self._keep(plan)
        except JournalUnavailable as failure:
            self._note("bracket", f"{plan.bracket_id[:8]}: a restart would guard it again: {failure.detail}")

    async def _forget(self, guarded: Guarded) -> None:
        try:
            await self._journal.keep(KEY + guarded.plan.bracket_id, "")
        except JournalUnavailable as failure:
            log.info("bracket stays in the journal id=%s reason=%s", guarded.plan.bracket_id, failure)

    async def _recall(self, plan: BracketPlan) -> tuple[Bracket, StoredFacts]:
        ids = [plan.leg_id(number) for number in range(MOST_LEGS)]
        entry = [plan.entry] if plan.entry is not None else []
        stored = {intent.request.cl_ord_id: intent for intent in await self._journal.intents_of(ids + entry)}
        last = max((number for number, id_ in enumerate(ids) if id_ in stored), default=-1)
        legs = []
        for id_ in ids[: last + 1]:
            intent = stored.get(id_)
            if intent is None:  # refused before it left, its number used up
                legs.append(Leg(kind=LegKind.STOP, qty=ZERO, ended=True))
                continue
            request = intent.request
            kind = LegKind.STOP if request.order_type is OrderType.STOP_LOSS else LegKind.TARGET
            legs.append(Leg(kind=kind, qty=request.qty or ZERO))
        return msgspec.structs.replace(_begin(plan), legs=tuple(legs)), StoredFacts(stored)

    def _tell(self, guarded: Guarded, text: str) -> None:
        plan = guarded.plan
        self._note("bracket", f"{plan.symbol} {plan.bracket_id[:8]}: {text}")


def _begin(plan: BracketPlan) -> Bracket:
    owned = plan.entry is None
    return Bracket(plan=plan, position=plan.qty if owned else ZERO, entry_ended=owned)


def leg_request(plan: BracketPlan, step: Place) -> OrderRequest:
    """Return the order of a leg: a native stop, or a limit IOC at the target."""
    stops = step.kind is LegKind.STOP
    return OrderRequest(
        cl_ord_id=plan.leg_id(step.number),
        symbol=plan.symbol,
        side=plan.side,
        order_type=OrderType.STOP_LOSS if stops else OrderType.LIMIT,
        qty=step.qty,
        limit_price=None if stops else plan.target,
        trigger=Trigger(plan.stop) if stops else None,
        time_in_force=TimeInForce.GTC if stops else TimeInForce.IOC,
    )
