"""Whatever faults come together: the exchange stays whole, tells the truth, and does the same again."""

import asyncio
import json
import selectors
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.sim.auth import ALL_PERMISSIONS
from core.sim.connection import Connection
from core.sim.engine import Engine
from core.sim.exchange_clock import ExchangeClock
from core.sim.fault_stage import Stage
from core.sim.faults import Fault, FaultPlan
from core.sim.hub import Hub
from core.sim.model import OrderSpec
from core.sim.private_feed import PrivateFeed
from core.sim.publisher import Publisher
from core.sim.truth import Auditing, Truth

START_NS = 1_767_225_600_000_000_000
STEPS = 60
STEP_S = 0.05
LONG_S = 100.0

Trace = list[tuple[float, str]]
Verb = Callable[[FaultPlan, dict[str, Any]], Fault]

REQUESTS: list[Verb] = [
    lambda plan, match: plan.lose_request(**match),
    lambda plan, match: plan.lose_answer(**match),
    lambda plan, match: plan.accept_then("html", **match),
    lambda plan, match: plan.accept_then("5xx", **match),
    lambda plan, match: plan.queue(0.4, **match),
    lambda plan, match: plan.queue(20, **match),
    lambda plan, match: plan.error("EService:Busy", **match),
    lambda plan, match: plan.error("EService:Busy", accepted=True, **match),
    lambda plan, match: plan.half_open(app=True, **(match | {"until_s": 2.0})),
    lambda plan, match: plan.act_elsewhere("cancel", **match),
    lambda plan, match: plan.act_elsewhere("trade", **match),
    lambda plan, match: plan.skew(-1.5, **match),
    lambda plan, match: plan.status("post_only", **(match | {"until_s": 1.0})),
    lambda plan, match: plan.expire_token(**match),
]
FRAMES: list[Verb] = [
    lambda plan, match: plan.delay(0.3, **match),
    lambda plan, match: plan.duplicate(**match),
    lambda plan, match: plan.reorder(2, **match),
    lambda plan, match: plan.gap(**match),
    lambda plan, match: plan.corrupt("order_status", **match),
    lambda plan, match: plan.corrupt("cum_qty", **match),
    lambda plan, match: plan.slow(20_000, **match),
    lambda plan, match: plan.fill_after_cancel(**match),
    lambda plan, match: plan.act_elsewhere("order", symbol="BTC/USD", qty="0.01", limit_price="100", **match),
]
MATCHES = [{"times": None, "probability": 0.2}, {"nth": 3}, {"times": 4, "probability": 0.7}]

schedules = st.lists(
    st.tuples(st.integers(0, len(REQUESTS) + len(FRAMES) - 1), st.sampled_from(MATCHES)), max_size=6
)


class Leaping(selectors.SelectSelector):
    """Waits for nothing: the time asked for has passed at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """A loop whose time is its own, so that a minute takes no longer than what happens in it."""

    def __init__(self) -> None:
        self.leaping = Leaping()
        super().__init__(self.leaping)

    def time(self) -> float:
        return self.leaping.now


class LoopClock:
    """The time of the loop as a clock."""

    def __init__(self, loop: LeapingLoop) -> None:
        self._loop = loop

    def wall_ns(self) -> int:
        return START_NS + self.mono_ns()

    def mono_ns(self) -> int:
        return round(self._loop.time() * 1e9)


class Floor:
    """An exchange with one private line and no sockets, and everything that line was sent."""

    def __init__(self, loop: LeapingLoop, seed: int) -> None:
        clock = LoopClock(loop)
        skewed = ExchangeClock(clock)
        self.trace: Trace = []
        self.engine = Engine(now=clock.wall_ns, market=False)
        for account in ("main", "other"):
            self.engine.open_account(account, "pro")
        for side, price in (("buy", "26599.9"), ("sell", "26600.1")):
            self.engine.add(
                "other",
                OrderSpec(
                    symbol="BTC/USD",
                    side=side,
                    order_type="limit",
                    order_qty=Decimal(1),
                    limit_price=Decimal(price),
                ),
            )
        self.plan = FaultPlan(seed, clock)
        publisher, private = Publisher(self.engine, skewed.wall_ns), PrivateFeed(self.engine)
        self.hub = Hub(self.engine, skewed, publisher, private, faults=self.plan.rules)
        self.line = Connection(self.hub, "private", 7, lambda frame: self.trace.append((loop.time(), frame)))
        self.plan.attach(Stage(self.hub, skewed, "main", lambda: [self.line], lambda is_reset: 0))
        self.auditing = Auditing(self.engine, "main")

    def ask(self, method: str, **params: object) -> None:
        self.line.receive(json.dumps({"method": method, "req_id": len(self.trace), "params": params}))

    def token(self) -> str:
        return self.hub.tokens.issue("main", ALL_PERMISSIONS, self.hub.clock.mono_ns()).text


async def trade(floor: Floor, seed: int) -> None:
    """Place, amend and cancel, as a lively program would."""
    random = Random(seed)
    floor.ask("subscribe", channel="executions", token=floor.token())
    floor.ask("subscribe", channel="balances", token=floor.token())
    for step in range(STEPS):
        floor.plan.rules.tick()
        cl_ord_id = f"order-{random.randrange(step + 1)}"
        match random.randrange(5):
            case 0 | 1 | 2:
                floor.ask(
                    "add_order",
                    order_type="limit",
                    side=random.choice(("buy", "sell")),
                    symbol="BTC/USD",
                    order_qty=0.01,
                    limit_price=random.choice((26500.0, 26700.0)),
                    cl_ord_id=f"order-{step}",
                    token=floor.token(),
                )
            case 3:
                floor.ask("amend_order", cl_ord_id=cl_ord_id, order_qty=0.02, token=floor.token())
            case 4:
                floor.ask("cancel_order", cl_ord_id=[cl_ord_id], token=floor.token())
        await asyncio.sleep(STEP_S)


def run(seed: int, schedule: list[tuple[int, dict[str, Any]]]) -> tuple[Trace, Truth, list[Decimal]]:
    """Trade under faults, end them, and return what was sent, what is true, and what money there is."""
    loop = LeapingLoop()

    async def story() -> tuple[Trace, Truth, list[Decimal]]:
        floor = Floor(loop, seed)
        faults = [(REQUESTS + FRAMES)[which](floor.plan, dict(match)) for which, match in schedule]
        await trade(floor, seed)
        for fault in faults:
            fault.remove()
        await asyncio.sleep(LONG_S)
        assert floor.plan.rules.is_idle
        sent = len(floor.trace)
        floor.line.receive('{"method":"ping"}')
        assert any('"pong"' in frame for _, frame in floor.trace[sent:])
        floor.plan.rules.close()
        return floor.trace, floor.auditing.truth(), [floor.engine.totals(name) for name in ("BTC", "USD")]

    try:
        return loop.run_until_complete(story())
    finally:
        loop.close()


@settings(max_examples=40)
@given(st.integers(0, 1000), schedules)
def test_the_exchange_stays_whole_under_any_faults(seed: int, schedule: Any) -> None:
    _, truth, money = run(seed, schedule)
    _, _, untouched = run(seed, [])

    for order in truth.orders.values():
        filled = sum(fill.qty for fill in truth.fills.values() if fill.order_id == order.order_id)
        assert filled == order.cum_qty <= order.qty
        assert (order.status == "filled") == (order.cum_qty == order.qty)
    assert max(truth.accepted.values(), default=0) <= 1
    assert money == untouched
    assert all(balance.total >= balance.held >= 0 for balance in truth.balances.values())


@settings(max_examples=20)
@given(st.integers(0, 1000), schedules)
def test_the_same_seed_and_requests_give_the_same_frames_at_the_same_times(seed: int, schedule: Any) -> None:
    first, second = run(seed, schedule), run(seed, schedule)

    assert first == second
