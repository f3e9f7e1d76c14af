"""Five ways in which other clients send again, on the same roads and under the same weather, to show what they cost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from uuid import UUID

from core.data.kraken.codec import Codec
from core.data.rest.client import RestClient
from core.data.ws.manager import LineManager
from core.domain.errors import NotSent, OutcomeUnknown, Refused, TerminalError
from core.domain.events import Event
from core.domain.health import ConnectionState, Line
from core.domain.ids import ClOrdId
from core.domain.instrument import Side
from core.domain.orders import OrderRequest, OrderType
from core.domain.subscription import BALANCES, EXECUTIONS
from core.sim.engine import Engine
from core.sim.exchange import ACCOUNT, SimExchange
from core.sim.instruments import PAIRS
from tests.faults.terminal import SYMBOLS, venue_of
from tests.faults.virtual_clock import VirtualClock
from tests.faults.virtual_loop import VirtualLoop
from tests.faults.weather import Weather

TRIES = 3
PATIENCE_NS = 5_000_000_000


class NaiveClient:
    """Sends orders by one policy. ``tries`` maps every id it used to the click it was used for."""

    def __init__(self, exchange: SimExchange, clock: VirtualClock, random: Random, policy: str) -> None:
        venue = venue_of(exchange)
        assert venue.keys is not None
        self._clock = clock
        self._random = random
        self._send = {
            "resend": self._resend,
            "other_road": self._other_road,
            "look_at_open_orders": self._look_at_open_orders,
            "same_id": self._same_id,
            "replay_queue": self._replay_queue,
        }[policy]
        self.tries: dict[ClOrdId, int] = {}
        self._live = asyncio.Event()
        self.rest = RestClient(venue.endpoints, venue.keys, clock)
        self.lines = LineManager(
            venue.endpoints, Codec(), clock, self.rest.websockets_token, self._ignore, self._moved, seed=1
        )

    async def start(self) -> None:
        self.lines.subscribe(EXECUTIONS, Line.PRIVATE)
        self.lines.subscribe(BALANCES, Line.PRIVATE)
        await self.lines.start()

    async def stop(self) -> None:
        await self.lines.stop()
        await self.rest.close()

    async def place(self, click: int, order: OrderRequest) -> None:
        try:
            await self._send(click, order)
        except (TerminalError, TimeoutError):
            return

    def _ignore(self, line: Line, epoch: int, events: Sequence[Event], recv_ns: int) -> None:
        """It listens to answers alone."""

    def _moved(self, line: Line, state: ConnectionState) -> None:
        if line is Line.PRIVATE:
            (self._live.set if state is ConnectionState.LIVE else self._live.clear)()

    def _named(self, click: int, order: OrderRequest) -> OrderRequest:
        cl_ord_id = ClOrdId(str(UUID(int=self._random.getrandbits(128), version=4)))
        self.tries[cl_ord_id] = click
        return OrderRequest(
            cl_ord_id=cl_ord_id,
            symbol=order.symbol,
            side=order.side,
            order_type=order.order_type,
            qty=order.qty,
        )

    async def _by_line(self, order: OrderRequest) -> None:
        await self.lines.request(order, deadline_ns=self._clock.wall_ns() + PATIENCE_NS)

    async def _resend(self, click: int, order: OrderRequest) -> None:
        for _ in range(TRIES):
            try:
                return await self._by_line(self._named(click, order))
            except (OutcomeUnknown, NotSent):
                await asyncio.sleep(1)
        return None

    async def _other_road(self, click: int, order: OrderRequest) -> None:
        try:
            await self._by_line(self._named(click, order))
        except (OutcomeUnknown, NotSent):
            await self.rest.add_order(self._named(click, order), self._clock.wall_ns() + PATIENCE_NS)

    async def _look_at_open_orders(self, click: int, order: OrderRequest) -> None:
        named = self._named(click, order)
        try:
            await self._by_line(named)
        except (OutcomeUnknown, NotSent):
            if not await self.rest.open_orders(named.cl_ord_id):
                await self._resend(click, order)

    async def _same_id(self, click: int, order: OrderRequest) -> None:
        named = self._named(click, order)
        for _ in range(TRIES):
            try:
                return await self._by_line(named)
            except (OutcomeUnknown, NotSent):
                await asyncio.sleep(1)
            except Refused:
                return None
        return None

    async def _replay_queue(self, click: int, order: OrderRequest) -> None:
        try:
            await self._by_line(self._named(click, order))
        except (OutcomeUnknown, NotSent):
            await self._live.wait()
            await self._resend(click, order)


POLICIES = ("resend", "other_road", "look_at_open_orders", "same_id", "replay_queue")


def duplicates_of(policy: str, seed: int, orders: int) -> int:
    """Return how many of so many clicks became more than one order under a policy."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
        return runner.run(_run(policy, seed, orders))


async def _run(policy: str, seed: int, orders: int) -> int:
    random = Random(seed)
    clock = VirtualClock(asyncio.get_running_loop())
    pairs = [pair for pair in PAIRS if pair.symbol in SYMBOLS]
    engine = Engine(now=clock.wall_ns, seed=seed, pairs=pairs, speed=0.2)
    engine.open_account(ACCOUNT, "pro")
    async with SimExchange(seed=seed, clock=clock, engine=engine) as exchange:
        exchange.truth()
        weather = Weather(exchange, Random(seed))
        client = NaiveClient(exchange, clock, random, policy)
        await client.start()
        await asyncio.sleep(2)
        async with asyncio.TaskGroup() as clicks:
            for click in range(orders):
                clicks.create_task(client.place(click, _order(random)))
                await asyncio.sleep(random.uniform(0.1, 1.5))
                weather.lift(asyncio.get_running_loop().time())
                if random.random() < 0.25:
                    weather.bring(asyncio.get_running_loop().time())
            weather.clear()
        await client.stop()
        accepted = _accepted(client.tries, exchange.truth().accepted.get)
    return sum(count > 1 for count in accepted.values())


def _order(random: Random) -> OrderRequest:
    return OrderRequest(
        cl_ord_id=ClOrdId(""),
        symbol=random.choice(SYMBOLS),
        side=random.choice(list(Side)),
        order_type=OrderType.MARKET,
        qty=Decimal("0.002"),
    )


def _accepted(tries: dict[ClOrdId, int], count: Callable[[ClOrdId, int], int]) -> Counter[int]:
    accepted: Counter[int] = Counter()
    for cl_ord_id, click in tries.items():
        accepted[click] += count(cl_ord_id, 0)
    return accepted
