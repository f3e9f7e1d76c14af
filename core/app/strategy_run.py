"""One running strategy: its callbacks one after the other, its own orders and profit, and its end whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from core.app.executor import Executor
from core.app.strategy import StrategyPlan, StrategyState
from core.app.strategy_desk import Desk
from core.app.strategy_guard import STEP_NS, HeldTheLoop, StepGuard, guarded
from core.domain.errors import NotSent, OutcomeUnknown, Refused, TerminalError
from core.domain.ids import ClOrdId, ExecId
from core.domain.market import Ticker
from core.domain.orders import CancelRequest, Fill, Order
from core.domain.subscription import book, ticker
from core.processing.own_pnl import add_fill, begin
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_MS, Clock
from core.runtime.tasks import Supervisor, cancel_and_wait

log = logging.getLogger(__name__)

T = TypeVar("T")

CALLBACK_S = 15.0
"""A callback may await the desk: an order's outcome is known, or in doubt, within 6 s on each road."""

LAST_WORD_S = 0.5
TICK_NS = 100 * NS_PER_MS
BELIEF_NS = 500 * NS_PER_MS
BOOK_DEPTH = 10


class StrategyRun:
    """Made by the manager. ``reason`` says in words why it is where it is."""

    def __init__(
        self,
        plan: StrategyPlan,
        stores: Stores,
        executor: Executor,
        clock: Clock,
        tasks: Supervisor,
        guard: StepGuard,
        note: Callable[[str, str], None],
        share: Callable[[StrategyRun], Decimal],
        over: Callable[[StrategyRun], None],
    ) -> None:
        self.plan = plan
        self.state = StrategyState.READY
        self.reason = ""
        self.pnl = begin(plan.limits.inventory, None)
        self.desk = Desk(plan, stores, executor, clock, self)
        self._stores = stores
        self._executor = executor
        self._clock = clock
        self._tasks = tasks
        self._guard = guard
        self._note = note
        self._share = share
        self._over = over
        self._work: asyncio.Task[None] | None = None
        self._acts: dict[asyncio.Task[Any], frozenset[ClOrdId]] = {}
        self._wake = asyncio.Event()
        self._told: dict[ClOrdId, Order] = {}
        self._telling: ClOrdId | None = None
        self._touched: set[ClOrdId] = set()
        """Orders the present callback asked something of: it may note what came of it when it ends."""
        self._counted: set[ExecId] = set()
        self._orders: dict[ClOrdId, Order] = {}
        self._heard_open: dict[ClOrdId, bool] = {}
        """Whether an order counted as open when the strategy was last told of it."""
        self._fills: deque[Fill] = deque()
        self._ticker: Ticker | None = None
        self._touch: tuple[object, object] | None = None
        self._book_moved = False
        self._tick_at = 0
        self._tick_due = False
        self._wrong_since: int | None = None
        self.ended = asyncio.Event()

    @property
    def watches(self) -> tuple[Any, ...]:
        """What must be subscribed while it runs."""
        return (book(self.plan.symbol, BOOK_DEPTH), ticker(self.plan.symbol))

    # What the manager asks.

    def start(self) -> None:
        """Begin; once in its life."""
        assert self.state is StrategyState.READY
        self.pnl = begin(self.plan.limits.inventory, self._stores.references.price(self.plan.symbol))
        self._go(StrategyState.RUNNING, "")
        self._work = self._tasks.spawn(self._live(), name=f"strategy {self.plan.name}")

    def pause(self) -> None:
        """Let it decide nothing until resumed; what it has open stays."""
        if self.state is StrategyState.RUNNING:
            self._go(StrategyState.PAUSED, "paused by hand; its open orders stay")

    def resume(self) -> None:
        """Let it go on."""
        if self.state is StrategyState.PAUSED:
            self._go(StrategyState.RUNNING, "")
            self._wake.set()

    def end(self, state: StrategyState, reason: str) -> None:
        """End it at once: no callback and no order after this; its open orders are handled as configured."""
        if not self.state.is_alive:
            return
        had_a_say = self.state is StrategyState.RUNNING and state is not StrategyState.FAILED
        self._go(state, reason)
        self._tasks.spawn(self._wind_down(had_a_say), name=f"end {self.plan.name}")

    def look(self) -> None:
        """Take in what became of its orders and of the book, and wake it when there is something to tell."""
        for order in self.desk.orders():
            self._look_at(order)
        if not self.state.is_alive:
            return
        now = self._clock.mono_ns()
        if self.state is StrategyState.RUNNING:
            self._check_belief(now)
        else:
            self._wrong_since = None
        if now - self._tick_at >= TICK_NS:
            self._tick_at, self._tick_due = now, True
            self._look_at_book()
        if self._tick_due or self._orders or self._fills:
            self._wake.set()

    def hear(self, order: Order) -> None:
        """One of its orders was reported."""
        self._look_at(order)
        self._wake.set()

    def hear_ticker(self, quote: Ticker) -> None:
        """The pair's ticker changed."""
        self._ticker = quote
        self._wake.set()

    def owns(self, cl_ord_id: ClOrdId | None) -> bool:
        """Whether an order is one of its own."""
        return cl_ord_id is not None and self.desk.has_placed(cl_ord_id)

    # What the desk asks (strategy_desk.Overseer).

    def may_trade(self) -> bool:
        """See ``Overseer``."""
        return self.state is StrategyState.RUNNING

    def broke_rule(self, reason: str) -> None:
        """See ``Overseer``."""
        self.end(StrategyState.FAILED, reason)

    def finish(self) -> None:
        """See ``Overseer``."""
        self.end(StrategyState.DONE, "done")

    def note(self, text: str) -> None:
        """See ``Overseer``."""
        self._note("strategy", f"{self.plan.name}: {text}")

    def funded(self) -> Decimal:
        """See ``Overseer``."""
        return self._share(self)

    def act(self, work: Callable[[], Awaitable[T]], name: str, about: Iterable[ClOrdId]) -> asyncio.Task[T]:
        """See ``Overseer``. Not a supervisor's task: the strategy is told of failures, and they are its own."""
        task = asyncio.ensure_future(_named(work))
        task.set_name(name)
        self._acts[task] = frozenset(about)
        self._touched.update(about)
        task.add_done_callback(self._act_ended)
        return task

    # Its life.

    async def _live(self) -> None:
        """Run callbacks until it ends. A border: whatever a strategy raises ends that strategy and nothing else."""
        strategy = self.plan.strategy
        try:
            await self._call(strategy.on_start(self.desk))
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self.state is StrategyState.RUNNING:
                    await self._tell()
        except HeldTheLoop:
            self.end(StrategyState.FAILED, f"held the loop for more than {STEP_NS // NS_PER_MS} ms")
        except TimeoutError:
            self.end(StrategyState.FAILED, f"a callback did not return within {CALLBACK_S:g} s")
        except TerminalError as refusal:
            self.end(StrategyState.FAILED, refusal.detail or refusal.user_message)
        except Exception as error:
            log.warning("strategy raised name=%s", self.plan.name, exc_info=error)
            self.end(StrategyState.FAILED, f"raised {type(error).__name__}: {error}")

    async def _tell(self) -> None:
        strategy, desk = self.plan.strategy, self.desk
        try:
            while self._fills:
                fill = self._fills.popleft()
                self._telling = fill.cl_ord_id
                await self._call(strategy.on_fill(desk, fill))
            while self._orders:
                self._telling, order = self._orders.popitem()
                await self._call(strategy.on_order(desk, order))
                self._heard_open[self._telling] = order.status.counts_as_open
        finally:
            self._telling = None
        if self._ticker is not None:
            quote, self._ticker = self._ticker, None
            await self._call(strategy.on_ticker(desk, quote))
        if self._book_moved and (view := desk.book()) is not None:
            self._book_moved = False
            await self._call(strategy.on_book(desk, view))
        if self._tick_due:
            self._tick_due = False
            await self._call(strategy.on_tick(desk))

    async def _call(self, callback: Coroutine[Any, Any, None], seconds: float = CALLBACK_S) -> None:
        self._touched.clear()
        try:
            async with asyncio.timeout(seconds):
                await guarded(callback, self._guard)
        finally:
            self._touched.clear()

    async def _wind_down(self, had_a_say: bool) -> None:
        if self._work is not None and self._work is not asyncio.current_task():
            await cancel_and_wait([self._work], LAST_WORD_S)
        try:
            if had_a_say:
                await self._last_word()
            if not self.plan.limits.keep_orders:
                await asyncio.gather(*(self._cancel(order) for order in self.desk.open_orders()))
        finally:
            self.ended.set()
            self._over(self)

    async def _last_word(self) -> None:
        """A border, as ``_live``."""
        try:
            await self._call(self.plan.strategy.on_stop(self.desk), LAST_WORD_S)
        except HeldTheLoop:
            self.note("held the loop while it was stopped")
        except Exception as error:
            log.warning("strategy raised at its end name=%s", self.plan.name, exc_info=error)

    async def _cancel(self, order: Order) -> None:
        if self._stores.orders.get(order.cl_ord_id or ClOrdId("")) is None:
            return  # about to leave; it is cancelled as soon as it has
        try:
            await self._executor.cancel(CancelRequest(order_id=order.order_id, cl_ord_id=order.cl_ord_id))
        except (Refused, NotSent, OutcomeUnknown) as failure:
            self.note(f"cancel of {order.cl_ord_id} not confirmed: {failure}")

    def _act_ended(self, task: asyncio.Task[Any]) -> None:
        self._acts.pop(task, None)
        if not task.cancelled():
            task.exception()  # whoever waited has heard it; a strategy that is gone need not
        if not self.state.is_alive and not self.plan.limits.keep_orders and not task.cancelled():
            for order in self.desk.open_orders():
                self._tasks.spawn(self._cancel(order), name=f"late {order.cl_ord_id}")

    async def close(self) -> None:
        """The terminal stops: no task of it is left. Its orders stay as they are at the exchange."""
        await cancel_and_wait([*self._acts, *([self._work] if self._work else [])])

    # Taking in.

    def _look_at(self, order: Order) -> None:
        assert order.cl_ord_id is not None
        if self._told.get(order.cl_ord_id) is order:
            return
        self._told[order.cl_ord_id] = self._orders[order.cl_ord_id] = order
        instrument = self._stores.instruments.get(order.symbol)
        for exec_id, fill in order.fills.items():
            if exec_id not in self._counted and instrument is not None:
                self._counted.add(exec_id)
                self.pnl = add_fill(self.pnl, fill, instrument)
                self._fills.append(fill)

    def _look_at_book(self) -> None:
        view = self.desk.book()
        touch = (view.best_bid, view.best_ask) if view is not None else None
        if touch is not None and touch != self._touch:
            self._book_moved = True
        self._touch = touch

    def _check_belief(self, now: int) -> None:
        try:
            believed = self._guard.call(self._believed)
        except HeldTheLoop:
            self.end(StrategyState.FAILED, "held the loop when asked for its orders")
            return
        except Exception as error:  # noqa: BLE001 - a border, as _live
            self.end(StrategyState.FAILED, f"raised {type(error).__name__}: {error}")
            return
        true = {order.cl_ord_id for order in self.desk.open_orders()}
        if believed is None or not (believed ^ true) - self._cannot_know():
            self._wrong_since = None
        elif self._wrong_since is None:
            self._wrong_since = now
        elif now - self._wrong_since >= BELIEF_NS:
            text = f"takes {len(believed)} orders for open, {len(true)} are; they are not the same"
            self.end(StrategyState.FAILED, f"is wrong about its orders: {text}")

    def _cannot_know(self) -> set[object]:
        """Orders something is being asked of, and those it was not told have opened or ended: of all others it can."""
        asked = {id_ for about in self._acts.values() for id_ in about}
        untold = {
            id_
            for id_, order in self._orders.items()
            if self._heard_open.get(id_) is not order.status.counts_as_open
        }
        return {*asked, *self._touched, *untold, self._telling}

    def _believed(self) -> frozenset[object] | None:
        # Gone through here, where whatever it is can only end this strategy.
        told = self.plan.strategy.believes_open()
        return None if told is None else frozenset(told)

    def _go(self, state: StrategyState, reason: str) -> None:
        self.state, self.reason = state, reason
        words = f"{state}{f' ({reason})' if reason else ''}"
        (log.warning if state is StrategyState.FAILED else log.info)(
            "strategy %s name=%s reason=%s", state, self.plan.name, reason
        )
        self.note(words)

    # For the screen.

    def words(self) -> str:
        """What it is doing, in its own words; never more than a line, whatever it says or raises. A border."""
        if not self.state.is_alive:
            return self.reason
        try:
            own = str(self._guard.call(self.plan.strategy.state_words))
        except (Exception, HeldTheLoop):  # noqa: BLE001 - a border, as _live
            own = "?"
        return self.reason or own[:120]

    def allocated(self) -> Decimal:
        """Quote currency it disposes of now, its position not counted."""
        return self.funded()

    def profit(self) -> tuple[Decimal, Decimal | None]:
        """Realised and unrealised profit, quote."""
        return self.pnl.realised, self.pnl.unrealised(self._stores.references.price(self.plan.symbol))


async def _named(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
