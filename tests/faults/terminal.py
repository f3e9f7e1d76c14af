"""One run of the production client against the world's exchange; it can be killed and started again."""

from __future__ import annotations

import asyncio
from random import Random

from core.app.session import TradingSession
from core.app.venue import Venue
from core.data.kraken.endpoints import Endpoints
from core.domain.health import BookState, Line
from core.domain.ids import Symbol
from core.domain.limits import RiskLimits
from core.domain.mode import Mode
from core.domain.orders import OrderStatus
from core.domain.subscription import book
from core.runtime.secrets import KeyPair, Secret
from core.sim.exchange import SimExchange
from tests.faults.memory_journal import Disk, MemoryJournal
from tests.faults.virtual_clock import VirtualClock
from tests.faults.virtual_loop import VirtualLoop

ONE_A_SIDE = (Line.PUBLIC, Line.PRIVATE)
"""Without the spare lines, that hide most faults of a single one."""

UNHURRIED = RiskLimits(submits=1_000)
"""The rate of these users is the point, not their slip."""

SYMBOLS = (Symbol("BTC/USD"), Symbol("ETH/USD"))


class Terminal:
    """A session with its journal, and the tasks of its user."""

    def __init__(
        self,
        exchange: SimExchange,
        clock: VirtualClock,
        disk: Disk,
        random: Random,
        lines: tuple[Line, ...] = tuple(Line),
    ) -> None:
        self.loop = asyncio.get_running_loop()
        assert isinstance(self.loop, VirtualLoop)
        self.journal = MemoryJournal(disk, random)
        self.session = TradingSession(
            venue_of(exchange), clock, random.getrandbits(32), self.journal, lines=lines, limits=UNHURRIED
        )
        self.stores = self.session.stores
        self._tasks: set[asyncio.Task[object]] = set()

    async def start(self) -> None:
        await self.session.start()
        for symbol in SYMBOLS:
            self.session.market_data.watch(book(symbol, 10))

    def act(self, work) -> None:
        """Let the user do something without waiting for it."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def is_idle(self) -> bool:
        """Whether the user waits for nothing."""
        return not self._tasks

    @property
    def can_trade(self) -> bool:
        """Whether an order would pass the state of the account and the books."""
        health = self.stores.health
        views = [self.stores.books.view(symbol) for symbol in SYMBOLS]
        return (
            not health.account_doubt
            and not health.alarms
            and not health.journal_failure
            and all(view is not None and view.state is BookState.LIVE for view in views)
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is in doubt any more."""
        open_orders = self.stores.orders.open()
        return (
            self.is_idle
            and not self.stores.health.account_doubt
            and self.stores.orders.verified
            and self.stores.balances.verified
            and not any(order.status <= OrderStatus.IN_DOUBT for order in open_orders)
            and not any(order.missing_qty for order in self.stores.orders.all())
            and not self.stores.orders.undescribed()
        )

    def die(self) -> None:
        """From this moment on nothing reaches the disk or the network; the system closes the sockets."""
        self.journal.kill()
        self.loop.cut = True
        for link in list(self.loop.links):
            link.near.silent = True
            self.loop.call_soon(link.near.abort)
            self.loop.call_soon(link.far.reset)

    async def kill(self) -> None:
        """End as by kill -9."""
        self.die()
        await self.bury()

    async def bury(self) -> None:
        """Clear away what died; others may connect again."""
        self.stores.orders.listener = None
        await self._end()
        self.loop.cut = False

    async def stop(self) -> None:
        """End as by closing the window."""
        await self._end()

    async def _end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.session.stop()


def venue_of(exchange: SimExchange) -> Venue:
    """Where the exchange listens, and its key."""
    known = exchange.endpoints
    endpoints = Endpoints(
        public_ws=known.public_ws,
        private_ws=known.private_ws,
        level3_ws=known.l3_ws,
        public_rest=known.public_rest,
        private_rest=known.private_rest,
    )
    return Venue(Mode.DEMO, endpoints, KeyPair(Secret(exchange.key), Secret(exchange.secret)))
