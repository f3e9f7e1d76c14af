"""One order road under one fault, in virtual time: the exchange, the production client, and what a user would see."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from random import Random
from uuid import UUID

from core.domain.errors import TerminalError
from core.domain.health import Line
from core.domain.ids import ClOrdId, Symbol
from core.domain.instrument import Side
from core.domain.orders import CancelRequest, Order, OrderRequest, OrderStatus, OrderType
from core.sim.engine import Engine
from core.sim.exchange import ACCOUNT, SimExchange
from core.sim.instruments import PAIRS
from core.sim.truth import Truth
from tests.faults.auditor import Auditor
from tests.faults.memory_journal import Disk
from tests.faults.terminal import SYMBOLS, Terminal
from tests.faults.user import AGREED
from tests.faults.virtual_clock import VirtualClock
from tests.faults.virtual_loop import VirtualLoop

BTC = Symbol("BTC/USD")
POLL_S = 0.05
CALM_S = 400.0


class Scene:
    """What a test does and looks at. Times are virtual seconds."""

    def __init__(
        self, exchange: SimExchange, clock: VirtualClock, seed: int, lines: tuple[Line, ...]
    ) -> None:
        self.exchange = exchange
        self._lines = lines
        self.plan = exchange.faults
        self.disk = Disk()
        self.ids: list[ClOrdId] = []
        self.errors: list[TerminalError] = []
        self._clock = clock
        self._random = Random(seed)
        self._loop = asyncio.get_running_loop()
        self.terminal: Terminal

    @property
    def now_s(self) -> float:
        return self._loop.time()

    @property
    def stores(self):
        return self.terminal.stores

    @property
    def truth(self) -> Truth:
        return self.exchange.truth()

    async def start(self) -> None:
        """Start the terminal, for the first time or again on the same disk."""
        self.terminal = Terminal(self.exchange, self._clock, self.disk, self._random, self._lines)
        await self.terminal.start()

    async def ready(self) -> None:
        await self.until(lambda: self.terminal.can_trade, 30)

    def request(self, **fields) -> OrderRequest:
        """A limit order to buy that rests far below the market, unless told otherwise."""
        view = self.stores.books.view(BTC)
        bid = view.best_bid[0]
        plain = {
            "symbol": BTC,
            "side": Side.BUY,
            "order_type": OrderType.LIMIT,
            "qty": Decimal("0.01"),
            "limit_price": (bid * Decimal("0.97")).quantize(Decimal("0.1")),
        }
        if fields.get("order_type") is OrderType.MARKET:
            plain["limit_price"] = None
        cl_ord_id = ClOrdId(str(UUID(int=self._random.getrandbits(128), version=4)))
        return OrderRequest(cl_ord_id=cl_ord_id, **{**plain, **fields})

    def market(self, **fields) -> OrderRequest:
        return self.request(order_type=OrderType.MARKET, **fields)

    def submit(self, request: OrderRequest) -> ClOrdId:
        """Click; what follows is seen in the stores."""
        self.ids.append(request.cl_ord_id)
        self.do(self.terminal.session.executor.submit, request, AGREED)
        return request.cl_ord_id

    async def place(self, **fields) -> Order:
        """Have an order resting at the exchange and known."""
        cl_ord_id = self.submit(self.request(**fields))
        return await self.sees(cl_ord_id, OrderStatus.NEW, within_s=10)

    def cancel(self, order: Order) -> None:
        request = CancelRequest(order_id=order.order_id, cl_ord_id=order.cl_ord_id)
        self.do(self.terminal.session.executor.cancel, request)

    def do(self, ask: Callable[..., Awaitable[object]], *what: object) -> None:
        async def told() -> None:
            try:
                await ask(*what)
            except TerminalError as error:
                self.errors.append(error)

        self.terminal.act(told())

    def order(self, cl_ord_id: ClOrdId) -> Order:
        found = self.stores.orders.get(cl_ord_id)
        assert found is not None, "the order is not known"
        return found

    def status(self, cl_ord_id: ClOrdId) -> OrderStatus | None:
        found = self.stores.orders.get(cl_ord_id)
        return found.status if found is not None else None

    async def sees(self, cl_ord_id: ClOrdId, status: OrderStatus, within_s: float) -> Order:
        """Wait until the order reads so, at most so long."""
        await self.until(lambda: self.status(cl_ord_id) is status, within_s)
        return self.order(cl_ord_id)

    async def until(self, condition: Callable[[], object], within_s: float) -> None:
        by = self.now_s + within_s
        while not condition():
            if self.now_s > by:
                raise AssertionError(f"not within {within_s} s: {self._state()}")
            await asyncio.sleep(POLL_S)

    async def settle(self) -> None:
        """Let everything calm down and compare all of it with the exchange."""
        await self.until(lambda: self.terminal.is_settled, CALM_S)
        await asyncio.sleep(3)
        auditor = Auditor()
        auditor.look_at_rest(self.truth, self.stores, self.disk, self.ids, settled=self.terminal.is_settled)
        assert auditor.findings == []

    def line_number(self, line: Line) -> int:
        """What the exchange calls the connection of a line; they come in the order of ``Line``."""
        role = 1 if line.is_private else 0
        same = [one for one in self._lines if one.is_private is line.is_private and one is not Line.LEVEL3]
        return self.exchange.servers[role].connections[same.index(line)].number

    def accepted(self, cl_ord_id: ClOrdId) -> int:
        """How many orders the exchange made of a click."""
        return self.truth.accepted.get(cl_ord_id, 0)

    def received(self) -> int:
        """Orders that reached the exchange, by either road."""
        return self.exchange.received("add_order") + self.exchange.received("AddOrder")

    def _state(self) -> str:
        orders = [(o.status.name, o.reason, o.cancel, o.amend) for o in self.stores.orders.all()]
        return f"{orders} {self.stores.health.shown} {self.errors}"


def play(
    story: Callable[[Scene], Awaitable[None]],
    seed: int = 1,
    lines: tuple[Line, ...] = tuple(Line),
    speed: float = 0.1,
) -> None:
    """Run a story on a terminal that is ready to trade, and audit how it ended."""
    logging.disable(logging.CRITICAL)  # warnings are what these stories are about
    try:
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
            runner.run(_play(story, seed, lines, speed))
    finally:
        logging.disable(logging.NOTSET)


async def _play(
    story: Callable[[Scene], Awaitable[None]], seed: int, lines: tuple[Line, ...], speed: float
) -> None:
    clock = VirtualClock(asyncio.get_running_loop())
    pairs = [pair for pair in PAIRS if pair.symbol in SYMBOLS]
    engine = Engine(now=clock.wall_ns, seed=seed, pairs=pairs, speed=speed)
    engine.open_account(ACCOUNT, "pro")
    async with SimExchange(seed=seed, clock=clock, engine=engine) as exchange:
        exchange.truth()
        scene = Scene(exchange, clock, seed, lines)
        await scene.start()
        try:
            await scene.ready()
            await story(scene)
            await scene.settle()
        finally:
            await scene.terminal.stop()
