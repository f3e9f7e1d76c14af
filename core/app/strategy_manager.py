"""StrategyManager runs small strategies beside the trader: same road, same risk gate, each with its own means.

A strategy that raises, loops, floods or is wrong about its orders is stopped within a second and harms nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from core.app.executor import Executor
from core.app.market_data import MarketData
from core.app.strategy import StrategyPlan, StrategyRefused, StrategyState
from core.app.strategy_guard import StepGuard
from core.app.strategy_run import StrategyRun
from core.domain.events import Event, ExecutionEvent, TickerEvent
from core.domain.health import Line
from core.domain.ids import Asset, ClOrdId, Symbol
from core.domain.orders import OrderReport
from core.processing.stores import Stores
from core.runtime.clock import Clock
from core.runtime.tasks import Supervisor

ZERO = Decimal(0)
LOOK_S = 0.05
ENDED_EVERY = 20
"""Of so many looks one is for strategies that ended: their last orders may still be told of."""

KEPT = 100
"""Ended strategies shown; the oldest go first."""


class StrategyManager:
    """Strategies by name."""

    def __init__(
        self,
        stores: Stores,
        executor: Executor,
        market_data: MarketData,
        clock: Clock,
        note: Callable[[str, str], None],
    ) -> None:
        self._stores = stores
        self._executor = executor
        self._market_data = market_data
        self._clock = clock
        self._note = note
        self._tasks = Supervisor("strategies", clock=clock)
        self._guard = StepGuard(clock)
        self._runs: dict[str, StrategyRun] = {}
        self._releases: dict[str, Callable[[], None]] = {}
        stores.orders.needed.append(lambda key: any(run.owns(ClOrdId(key)) for run in self._alive()))

    def runs(self) -> list[StrategyRun]:
        """Every strategy of this session, oldest first."""
        return list(self._runs.values())

    def get(self, name: str) -> StrategyRun | None:
        """Return one by name."""
        return self._runs.get(name)

    def owner_of(self, cl_ord_id: ClOrdId | None) -> str:
        """Return the name of the strategy that placed an order, empty for the trader's own."""
        return next((run.plan.name for run in self._runs.values() if run.owns(cl_ord_id)), "")

    def start(self, plan: StrategyPlan) -> StrategyRun:
        """Run a strategy under a name that is not in use. StrategyRefused says why it cannot."""
        name = plan.name.strip()
        if not name or len(name) > 40:
            raise StrategyRefused("a name has 1 to 40 characters")
        if name in self._runs and self._runs[name].state.is_alive:
            raise StrategyRefused(f"{name} runs already")
        if self._stores.instruments.get(plan.symbol) is None:
            raise StrategyRefused(f"{plan.symbol} is not traded here")
        self._guard.start()
        run = StrategyRun(
            plan,
            self._stores,
            self._executor,
            self._clock,
            self._tasks,
            self._guard,
            self._note,
            self._share,
            self._run_ended,
        )
        self._runs.pop(name, None)
        self._runs[name] = run
        self._releases[name] = self._market_data.watch(*run.watches)
        self._forget()
        run.start()
        return run

    def pause(self, name: str) -> None:
        """See ``StrategyRun.pause``; an unknown name is ignored."""
        if (run := self._runs.get(name)) is not None:
            run.pause()

    def resume(self, name: str) -> None:
        """See ``StrategyRun.resume``."""
        if (run := self._runs.get(name)) is not None:
            run.resume()

    def stop(self, name: str) -> None:
        """Stop it by hand; its open orders are handled as configured."""
        if (run := self._runs.get(name)) is not None:
            run.end(StrategyState.STOPPED, "stopped by hand")

    def stop_all(self, reason: str) -> None:
        """Stop every strategy, as the kill switch does."""
        for run in self._alive():
            run.end(StrategyState.STOPPED, reason)

    async def quiet(self, symbol: Symbol) -> None:
        """End every strategy of a pair and return when none of them does anything any more."""
        concerned = [run for run in self._runs.values() if run.plan.symbol == symbol]
        for run in concerned:
            run.end(StrategyState.STOPPED, "the pair is flattened")
        await asyncio.gather(*(run.ended.wait() for run in concerned))

    def listen(self, line: Line, events: Sequence[Event]) -> None:
        """Tell strategies at once of what concerns them; called by the pipeline after state has changed."""
        for event in events:
            match event:
                case ExecutionEvent(reports=reports):
                    self._hear(reports)
                case TickerEvent(tickers=tickers):
                    latest = {ticker.symbol for ticker in tickers}
                    for run in self._alive():
                        quote = self._stores.tickers.get(run.plan.symbol)
                        if run.plan.symbol in latest and quote is not None:
                            run.hear_ticker(quote)

    def _hear(self, reports: Sequence[OrderReport]) -> None:
        for report in reports if self._runs else ():
            order = self._stores.orders.by_order_id(report.order_id)
            for run in self._runs.values():
                if order is not None and run.owns(order.cl_ord_id):
                    run.hear(order)

    async def run(self) -> None:
        """Look after all strategies until cancelled."""
        looks = 0
        while True:
            if self._stores.risk.killed:
                self.stop_all(f"kill switch: {self._stores.risk.killed}")
            looks += 1
            for run in self._runs.values():
                if run.state.is_alive or looks % ENDED_EVERY == 0:
                    run.look()
            await asyncio.sleep(LOOK_S)

    async def close(self) -> None:
        """The terminal stops: end every strategy. Their orders stay as they are at the exchange."""
        for run in self._runs.values():
            await run.close()
        await self._tasks.stop()
        for release in self._releases.values():
            release()
        self._guard.stop()

    def _share(self, run: StrategyRun) -> Decimal:
        """What a strategy disposes of in quote: its capital and what its fills made of it, as far as it is there.

        Strategies that together were given more than the account has share what there is.
        """
        own = _claim(run)
        asset = self._quote_of(run)
        if asset is None:
            return ZERO
        claims = sum((_claim(other) for other in self._alive() if self._quote_of(other) == asset), ZERO)
        balance = self._stores.balances.get(asset)
        there = balance.spot if balance is not None else ZERO
        return own if claims <= there else own * there / claims

    def _quote_of(self, run: StrategyRun) -> Asset | None:
        instrument = self._stores.instruments.get(run.plan.symbol)
        return instrument.quote if instrument is not None else None

    def _alive(self) -> Iterable[StrategyRun]:
        return [run for run in self._runs.values() if run.state.is_alive]

    def _run_ended(self, run: StrategyRun) -> None:
        release = self._releases.pop(run.plan.name, None)
        if release is not None:
            release()

    def _forget(self) -> None:
        ended = [name for name, run in self._runs.items() if not run.state.is_alive and run.ended.is_set()]
        for name in ended[: max(0, len(self._runs) - KEPT)]:
            del self._runs[name]


def _claim(run: StrategyRun) -> Decimal:
    return max(ZERO, run.plan.limits.capital + run.pnl.cash)
