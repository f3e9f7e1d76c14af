"""Strategies on the embedded exchange with real sockets: what they earn, and how bad ones end."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal

import msgspec
import pytest

from core.app.strategies.chase import Chase, ChaseParams
from core.app.strategies.scaled import Scaled, ScaledParams
from core.app.strategies.twap import Twap, TwapParams
from core.app.strategy import Params, Strategy, StrategyLimits, StrategyPlan, StrategyRefused, StrategyState
from core.domain.instrument import Side
from core.domain.orders import CancelRequest, OrderStatus
from tests.helpers.terminal import BTC, sim_exchange, terminal_on
from tests.helpers.waiting import eventually

D = Decimal


@pytest.fixture
async def terminal(tmp_path):
    async with sim_exchange() as exchange, terminal_on(exchange, tmp_path) as terminal:
        yield terminal


def plan(strategy, name="one", *, capital="20000", **limits):
    given = StrategyLimits(capital=D(capital), **limits)
    return StrategyPlan(name=name, strategy=strategy, symbol=BTC, limits=given)


class Rests(Strategy):
    """Places an order far below, then does what the test gave it."""

    def __init__(self, then=None):
        super().__init__(Params())
        self.then = then
        self.order = None
        self.stopped = False

    async def on_start(self, desk):
        book = desk.book()
        price = desk.instrument.quantize_price(book.best_bid[0] * D("0.96"), Side.BUY)
        self.order = await desk.limit(Side.BUY, D("0.01"), price)

    async def on_tick(self, desk):
        if self.then is not None:
            await self.then(desk)

    async def on_stop(self, desk):
        self.stopped = True


STOPPED_S = 3.0
"""A second on a machine of its own; other programs run beside the tests."""


async def ended_within_a_second(run, began):
    await eventually(lambda: not run.state.is_alive, timeout_s=10)
    assert time.monotonic() - began < STOPPED_S
    return run


async def resting(terminal, run):
    await eventually(
        lambda: (own := run.desk.open_orders()) and own[0].status is OrderStatus.NEW, timeout_s=10
    )
    await eventually(lambda: run.plan.strategy.order)
    return run.desk.orders()[0]


class Switch:
    """Lets a strategy misbehave from the moment the test says so, and remembers when that was."""

    def __init__(self, misdeed):
        self.misdeed = misdeed
        self.on = False
        self.began = 0.0

    async def __call__(self, desk):
        if self.on:
            self.began = self.began or time.monotonic()
            await self.misdeed(desk)


async def raises(desk):
    raise ZeroDivisionError("one over nothing")


async def loops(desk):
    while True:
        pass


async def floods(desk):
    book = desk.book()
    for at in range(100):
        await desk.limit(
            Side.BUY, D("0.001"), desk.instrument.quantize_price(book.best_bid[0] * D("0.95") - at)
        )


async def floods_at_once(desk):
    price = desk.instrument.quantize_price(desk.book().best_bid[0] * D("0.95"))
    sends = [desk.limit(Side.BUY, D("0.001"), price - at) for at in range(100)]
    await asyncio.gather(*sends, return_exceptions=True)
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("misdeed", "reason", "logs"),
    [
        (raises, "raised ZeroDivisionError", "strategy raised"),
        (loops, "held the loop", "strategy failed"),
        (floods, "flooded", "strategy failed"),
        (floods_at_once, "flooded", "strategy failed"),
    ],
)
async def test_a_strategy_that_misbehaves_is_stopped_and_its_orders_cancelled(
    terminal, expect_logs, misdeed, reason, logs
):
    expect_logs("core.app.strategy_run", "strategy (failed|raised)")
    own, switch = await terminal.rest_order(qty="0.0123"), Switch(misdeed)
    good = terminal.session.strategies.start(plan(Rests(), "good"))
    bad = terminal.session.strategies.start(plan(Rests(switch), "bad"))
    await resting(terminal, good)
    await resting(terminal, bad)

    switch.on = True
    await eventually(lambda: switch.began)
    await ended_within_a_second(bad, switch.began)

    assert bad.state is StrategyState.FAILED
    assert reason in bad.reason
    await eventually(lambda: bad.desk.open_orders() == [], timeout_s=10)
    orders = terminal.session.stores.orders
    await eventually(lambda: all(order.status.is_final for order in bad.desk.orders()), timeout_s=10)
    assert good.state is StrategyState.RUNNING
    assert [order.cl_ord_id for order in good.desk.open_orders()] == [good.plan.strategy.order.cl_ord_id]
    assert orders.get(own.cl_ord_id).status is OrderStatus.NEW
    assert not terminal.session.stores.risk.killed


async def test_orders_of_a_strategy_stay_in_memory_as_long_as_it_runs(terminal):
    run = terminal.session.strategies.start(plan(Rests()))
    order = await resting(terminal, run)
    await terminal.session.executor.cancel(CancelRequest(order_id=order.order_id))
    stores = terminal.session.stores
    await eventually(lambda: stores.orders.get(order.cl_ord_id).status.is_final, timeout_s=10)

    stores.flush_all()
    stores.orders.bound = stores.orders._look_at = 0  # as if thousands had ended since
    stores.flush_all()
    assert [one.cl_ord_id for one in run.desk.orders()] == [order.cl_ord_id]

    terminal.session.strategies.stop(run.plan.name)
    await eventually(run.ended.is_set, timeout_s=10)
    stores.orders._look_at = 0
    stores.flush_all()
    assert stores.orders.get(order.cl_ord_id) is None


async def test_a_strategy_that_is_wrong_about_its_orders_is_stopped(terminal, expect_logs):
    expect_logs("core.app.strategy_run", "strategy failed")

    class Liar(Rests):
        lies = False

        def believes_open(self):
            return ["an order it never had"] if self.lies else None

    liar = Liar()
    run = terminal.session.strategies.start(plan(liar))
    await resting(terminal, run)

    liar.lies, began = True, time.monotonic()
    await ended_within_a_second(run, began)

    assert "wrong about its orders" in run.reason
    await eventually(lambda: run.desk.open_orders() == [], timeout_s=10)


async def test_a_liar_with_a_request_always_under_way_is_stopped_too(terminal, expect_logs):
    expect_logs("core.app.strategy_run", "strategy failed")

    class Busy(Rests):
        lies = False
        second = None

        async def on_tick(self, desk):
            if self.second is None:
                low = desk.instrument.quantize_price(self.order.limit_price * D("0.99"), Side.BUY)
                self.second = await desk.limit(Side.BUY, D("0.01"), low)
            else:
                price = self.order.limit_price - desk.instrument.price_increment
                await desk.amend(self.order, price=price)

        def believes_open(self):
            held = [order.cl_ord_id for order in (self.order, self.second) if order is not None]
            return held[:1] if self.lies else held

    liar = Busy()
    terminal.exchange.faults.delay(4, method="amend_order", times=None)
    run = terminal.session.strategies.start(plan(liar))
    await eventually(lambda: liar.second is not None and len(run.desk.open_orders()) == 2, timeout_s=10)
    await eventually(lambda: run._acts and liar.second.cl_ord_id in run._heard_open, timeout_s=10)
    # Reported once more while a request is under way: that is no news, and no excuse.
    run._orders[liar.second.cl_ord_id] = terminal.session.stores.orders.get(liar.second.cl_ord_id)

    liar.lies, began = True, time.monotonic()
    await ended_within_a_second(run, began)

    assert "wrong about its orders" in run.reason
    await eventually(lambda: run.desk.open_orders() == [], timeout_s=10)


async def test_an_honest_one_that_notes_its_order_late_in_a_callback_goes_on(terminal):
    class Late(Rests):
        mine = ()

        async def on_start(self, desk):
            await super().on_start(desk)
            await asyncio.sleep(1.2)  # twice as long as a wrong belief is borne
            self.mine = (self.order.cl_ord_id,)

        def believes_open(self):
            return self.mine

    run = terminal.session.strategies.start(plan(Late()))
    await eventually(lambda: run.plan.strategy.mine != (), timeout_s=10)

    assert run.state is StrategyState.RUNNING, run.reason


def endless():
    while True:
        yield "an order"


@pytest.mark.parametrize("nonsense", [5, [["x"]], "endless"])
async def test_a_strategy_that_talks_nonsense_of_its_orders_is_stopped_alone(terminal, expect_logs, nonsense):
    expect_logs("core.app.strategy_run", "strategy failed")

    class Babbles(Rests):
        talks = False

        def believes_open(self):
            if not self.talks:
                return None
            return endless() if nonsense == "endless" else nonsense

    bad, good = Babbles(), Rests()
    run = terminal.session.strategies.start(plan(bad))
    other = terminal.session.strategies.start(plan(good, name="good"))
    await resting(terminal, run)
    await resting(terminal, other)

    bad.talks, began = True, time.monotonic()
    await ended_within_a_second(run, began)

    assert other.state is StrategyState.RUNNING
    await eventually(lambda: run.desk.open_orders() == [], timeout_s=10)


async def test_a_strategy_cannot_touch_the_orders_of_others(terminal, expect_logs):
    expect_logs("core.app.strategy_run", "strategy failed")
    own = await terminal.rest_order()

    async def steals(desk):
        await desk.cancel(own)

    run = terminal.session.strategies.start(plan(Rests(steals)))

    await eventually(lambda: run.state is StrategyState.FAILED, timeout_s=10)
    await run.ended.wait()
    assert "not its own" in run.reason
    assert terminal.session.stores.orders.get(own.cl_ord_id).status is OrderStatus.NEW
    assert terminal.session.strategies.owner_of(own.cl_ord_id) == ""


async def test_orders_are_kept_where_that_was_configured(terminal, expect_logs):
    expect_logs("core.app.strategy_run", "strategy (failed|raised)")
    switch = Switch(raises)
    run = terminal.session.strategies.start(plan(Rests(switch), keep_orders=True))
    order = await resting(terminal, run)

    switch.on = True
    await run.ended.wait()

    assert run.state is StrategyState.FAILED
    assert terminal.session.stores.orders.get(order.cl_ord_id).status is OrderStatus.NEW
    assert terminal.session.strategies.owner_of(order.cl_ord_id) == "one"


async def test_pause_holds_back_decisions_and_stop_has_the_last_word(terminal):
    asked = []

    async def more(desk):
        asked.append(desk.now_ns())

    run = terminal.session.strategies.start(plan(Rests(more)))
    order = await resting(terminal, run)
    await eventually(lambda: asked)

    terminal.session.strategies.pause("one")
    count = len(asked)
    with pytest.raises(StrategyRefused, match="does not run"):
        await run.desk.market(Side.BUY, D("0.01"))
    await eventually(lambda: len(asked) <= count + 1 and run.state is StrategyState.PAUSED)
    assert terminal.session.stores.orders.get(order.cl_ord_id).status is OrderStatus.NEW
    terminal.session.strategies.resume("one")
    await eventually(lambda: len(asked) > count + 2)
    terminal.session.strategies.stop("one")

    await run.ended.wait()
    assert run.plan.strategy.stopped
    await eventually(
        lambda: terminal.session.stores.orders.get(order.cl_ord_id).status is OrderStatus.CANCELED
    )


async def test_the_kill_switch_stops_every_strategy(terminal):
    run = terminal.session.strategies.start(plan(Rests()))
    await resting(terminal, run)

    terminal.session.risk.kill("by hand")

    await eventually(lambda: run.state is StrategyState.STOPPED and run.desk.open_orders() == [])


async def test_capital_bounds_what_is_bought_and_follows_the_fills(terminal):
    refusals = []

    class Buyer(Strategy):
        async def on_start(self, desk):
            ask = desk.book().best_ask[0]
            with pytest.raises(StrategyRefused) as refused:
                await desk.limit(Side.BUY, D("0.02"), ask)
            refusals.append(str(refused.value))
            with pytest.raises(StrategyRefused, match="to sell"):
                await desk.market(Side.SELL, D("0.001"))
            await desk.market(Side.BUY, D("0.01"))

    ask = terminal.session.stores.books.view(BTC).best_ask[0]
    run = terminal.session.strategies.start(plan(Buyer(Params()), capital=str(int(ask * D("0.015")))))
    await eventually(lambda: run.pnl.position > 0 and run.desk.open_orders() == [], timeout_s=10)

    assert "allocated and free" in refusals[0]
    (order,) = run.desk.orders()
    assert order.cum_qty == run.pnl.position == D("0.01")
    assert run.pnl.cash == -order.cum_cost - sum(fee.qty for f in order.fills.values() for fee in f.fees)
    assert run.allocated() == run.plan.limits.capital + run.pnl.cash
    realised, unrealised = run.profit()
    assert realised == 0
    assert unrealised < 0


async def test_two_strategies_share_what_the_account_has(terminal):
    usd = terminal.session.stores.balances.get("USD").spot
    first = terminal.session.strategies.start(plan(Rests(), "first", capital=str(usd)))
    second = terminal.session.strategies.start(plan(Rests(), "second", capital=str(usd)))
    await resting(terminal, first)
    await resting(terminal, second)

    assert first.allocated() == second.allocated() == usd / 2

    terminal.session.strategies.stop("second")
    await eventually(lambda: first.allocated() == usd)


async def test_twap_buys_its_quantity_in_slices(terminal):
    params = TwapParams(side=Side.BUY, qty=D("0.03"), seconds=6, slices=3, slippage_bps=50)
    run = terminal.session.strategies.start(plan(Twap(params)))

    await eventually(lambda: run.state is StrategyState.DONE, timeout_s=20)

    assert len(run.desk.orders()) == 3
    assert run.pnl.position == D("0.03")
    assert run.words() == "done"


async def test_chase_follows_the_touch_in_place(terminal):
    run = terminal.session.strategies.start(
        plan(Chase(ChaseParams(side=Side.BUY, qty=D("0.2"), chase_bps=500)))
    )
    await eventually(lambda: run.desk.open_orders(), timeout_s=10)
    await eventually(lambda: run.desk.orders() and run.desk.orders()[0].order_id, timeout_s=10)
    first = run.desk.orders()[0]

    await eventually(
        lambda: run.state is StrategyState.DONE or run.desk.orders()[0].limit_price != first.limit_price,
        timeout_s=45,
    )
    terminal.session.strategies.stop("one")
    await run.ended.wait()

    assert run.desk.orders()[0].order_id == first.order_id
    assert all(order.post_only for order in run.desk.orders())
    await eventually(lambda: run.desk.open_orders() == [])


async def test_a_scaled_entry_is_placed_in_one_go_and_cancelled_as_a_group(terminal):
    bid = terminal.bid
    params = ScaledParams(
        qty=D("0.05"), from_price=(bid * D("0.99")).quantize(D(1)), to_price=(bid * D("0.95")).quantize(D(1))
    )
    run = terminal.session.strategies.start(plan(Scaled(params)))
    await eventually(lambda: len(run.desk.open_orders()) == 5, timeout_s=10)
    await eventually(lambda: {order.status for order in run.desk.open_orders()} == {OrderStatus.NEW})

    placed = run.desk.orders()
    terminal.session.strategies.stop("one")

    assert sum(order.qty for order in placed) == D("0.05")
    assert placed[0].limit_price == params.from_price
    assert placed[-1].limit_price == params.to_price
    await eventually(lambda: run.desk.open_orders() == [], timeout_s=10)
    assert all(order.status is OrderStatus.CANCELED for order in run.desk.orders())


def test_parameters_that_contradict_are_refused():
    with pytest.raises(msgspec.ValidationError, match="slices"):
        msgspec.convert({"qty": "1", "seconds": 10, "slices": 20}, TwapParams)
    with pytest.raises(ValueError, match="capital"):
        StrategyLimits(capital=D(0))
