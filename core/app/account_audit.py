"""Compares journal, stream and REST with each other, each minute and when asked (product A5, faults R8).

The minute's look takes the answers that the reconciler asked for anyway; fills are asked for five minutes
after some came. A difference counts once two looks in a row have found it: what is on its way is none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import msgspec

from core.app.reconciler import FULL_NS, QUERY_LOT, AccountQueries
from core.app.record import OrderJournal
from core.domain.account import Holding
from core.domain.audit import Break, Journalled, Told
from core.domain.errors import NotSent, TerminalError
from core.domain.events import Event
from core.domain.health import Line
from core.domain.ids import Asset, ClOrdId, OrderId
from core.domain.order_merge import order_from_report
from core.domain.orders import Fill, Order, OrderReport
from core.processing.reconciliation import compare, lasting
from core.processing.stores import Stores
from core.processing.stream_side import StreamSide
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

SOURCE = "reconciliation"
SECOND_LOOK_S = 5.0
"""Between a look that found something and the one that confirms it: longer than anything is on its way."""

SETTLED_S = 1.0
"""After the open orders, the reconciler asks for those that are missing among them."""

QUIET_NS = 6 * FULL_NS
"""How often fills are asked for where none came. One missing here altogether shows in the balances."""

WINDOW_NS, OVERLAP_NS = 600 * NS_PER_S, 120 * NS_PER_S
"""Fills are asked for as far back, or to before the last time they were: pages of more would use up the allowance."""

MOST_NOTED = 50
"""Breaks written into the journal at one look; the view shows all."""


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """What the latest comparison found. ``at``: ns UTC, 0 before the first; ``problem``: why there was none.

    ``fills_at``: when fills were compared last. The three sides are those of the last look.
    """

    at: int = 0
    fills_at: int = 0
    breaks: tuple[Break, ...] = ()
    problem: str = ""
    journal: Journalled | None = None
    stream: Told | None = None
    rest: Told | None = None

    @property
    def is_equal(self) -> bool:
        """Whether all three said the same; notices are no difference."""
        return bool(self.at) and not self.problem and all(one.kind.is_notice for one in self.breaks)


class Answers(msgspec.Struct, frozen=True):
    """What REST said of all orders and balances. ``asked_ns``: exchange time; ``holdings``: None before told."""

    asked_ns: int = 0
    reports: tuple[OrderReport, ...] = ()
    holdings: tuple[Holding, ...] | None = None


class Overheard:
    """Passes questions on, and keeps what was answered. Whoever compares takes ``answers`` as they then are:
    the reconciler may begin to ask anew at any time."""

    def __init__(self, queries: AccountQueries, exchange_ns: Callable[[], int]) -> None:
        self._queries = queries
        self._exchange_ns = exchange_ns
        self.heard: Callable[[], None] = lambda: None
        self.answers = Answers()

    async def open_orders(self, cl_ord_id: ClOrdId | None = None) -> list[OrderReport]:
        """See ``AccountQueries``."""
        asked_ns = self._exchange_ns()
        found = await self._queries.open_orders(cl_ord_id)
        if cl_ord_id is None:
            self.answers = Answers(asked_ns, tuple(found))
            self.heard()
        return found

    async def closed_orders(self, cl_ord_id: ClOrdId | None, start_ns: int) -> list[OrderReport]:
        """See ``AccountQueries``."""
        return await self._queries.closed_orders(cl_ord_id, start_ns)

    async def query_orders(self, order_ids: Sequence[OrderId]) -> list[OrderReport]:
        """See ``AccountQueries``."""
        found = await self._queries.query_orders(order_ids)
        said = self.answers.reports
        self.answers = msgspec.structs.replace(self.answers, reports=(*said, *found))
        return found

    async def trades_history(self, start_ns: int) -> list[Fill]:
        """See ``AccountQueries``."""
        return await self._queries.trades_history(start_ns)

    async def balances(self) -> list[Holding]:
        """See ``AccountQueries``."""
        found = await self._queries.balances()
        self.answers = msgspec.structs.replace(self.answers, holdings=tuple(found))
        return found


class AccountAudit:
    """``run`` looks each minute, ``check`` at once; observers are told of every ``result``."""

    def __init__(
        self,
        queries: AccountQueries,
        stores: Stores,
        journal: OrderJournal,
        clock: Clock,
        exchange_ns: Callable[[], int],
        note: Callable[[str, str], None],
    ) -> None:
        self.queries = Overheard(queries, exchange_ns)
        self.queries.heard = self._heard
        self.result = Audited()
        self.pause_s = SECOND_LOOK_S
        self._stores = stores
        self._journal = journal
        self._clock = clock
        self._exchange_ns = exchange_ns
        self._note = note
        self._stream = StreamSide()
        self._began_ns = self._window_ns = 0
        self._asked_ns = exchange_ns()
        self._fills_mono, self._fills_count = clock.mono_ns(), 0
        self._wake = asyncio.Event()
        self._busy = asyncio.Lock()
        self._observers: list[Callable[[], None]] = []

    @property
    def is_busy(self) -> bool:
        """Whether a comparison is under way."""
        return self._busy.locked()

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Have each result told; returns the end of it."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def listen(self, line: Line, events: Sequence[Event]) -> None:
        """Hear what the streams tell."""
        self._stream.listen(line, events, self._exchange_ns())

    async def run(self) -> None:
        """Look after every comparison of the reconciler, until cancelled."""
        self._began_ns = self._exchange_ns()
        self._fills_count = self._stores.fills.count
        while True:
            await self._wake.wait()
            await asyncio.sleep(SETTLED_S)
            self._wake.clear()
            await self._look_twice(asks=False)

    async def check(self) -> Audited:
        """Ask for everything now and compare. Trouble is told in the result, not raised."""
        await self._look_twice(asks=True)
        return self.result

    def _heard(self) -> None:
        self._wake.set()

    async def _look_twice(self, *, asks: bool) -> None:
        async with self._busy:
            self._tell_observers()
            try:
                self._tell(await self._confirmed(asks=asks))
            except TerminalError as failure:
                self.result = msgspec.structs.replace(
                    self.result, problem=str(failure) or failure.user_message
                )
        self._tell_observers()

    async def _confirmed(self, *, asks: bool) -> Audited:
        """Look, and look again where something is new."""
        first = await self._look(asks=asks)
        if all(one in self.result.breaks for one in first.breaks):
            return first
        await asyncio.sleep(self.pause_s)
        second = await self._look(asks=True)
        return msgspec.structs.replace(second, breaks=tuple(lasting(first.breaks, second.breaks)))

    async def _look(self, *, asks: bool) -> Audited:
        if not self._stream.is_whole or self._stores.health.account_doubt:
            raise NotSent("the account is being reconciled")
        if asks:
            await self.queries.open_orders()
            self._wake.clear()
            await self.queries.balances()
        answers, stream = self.queries.answers, self._stream.told(self._exchange_ns(), self._shown())
        fills = await self._fills(asks=asks)
        rest = self._rest(answers, fills)
        open_ids = [key for key, order in stream.orders.items() if not order.status.is_final]
        journal = await self._journal.account({*open_ids, *rest.orders}, self._began_ns)
        rest = await self._complete(rest, journal, stream)
        return Audited(
            at=self._clock.wall_ns(),
            fills_at=self._clock.wall_ns() if fills is not None else self.result.fills_at,
            breaks=tuple(compare(journal, stream, rest)),
            journal=journal,
            stream=stream,
            rest=rest,
        )

    async def _fills(self, *, asks: bool) -> list[Fill] | None:
        now, count = self._clock.mono_ns(), self._stores.fills.count
        since = now - self._fills_mono
        if not asks and since < (FULL_NS if count != self._fills_count else QUIET_NS):
            return None
        self._fills_mono, self._fills_count = now, count
        asked = self._exchange_ns()
        self._window_ns = max(self._began_ns, min(asked - WINDOW_NS, self._asked_ns - OVERLAP_NS))
        self._asked_ns = asked
        return await self.queries.trades_history(self._window_ns)

    def _rest(self, answers: Answers, fills: list[Fill] | None) -> Told:
        holdings = answers.holdings
        return Told(
            at=answers.asked_ns,
            orders=_orders(answers.reports),
            fills=tuple(fill for fill in fills or () if fill.ts >= self._window_ns),
            fills_since=self._window_ns if fills is not None else self._exchange_ns(),
            balances=None if holdings is None else {one.asset: one.total for one in holdings},
        )

    async def _complete(self, rest: Told, journal: Journalled, stream: Told) -> Told:
        """Ask for the orders that are open here and not in the list: they may have ended meanwhile."""
        here = {*_open(journal.told), *_open(stream)} - rest.orders.keys()
        if not here:
            return rest
        found = await self.queries.query_orders(sorted(here)[:QUERY_LOT])
        return msgspec.structs.replace(rest, orders={**rest.orders, **_orders(found)})

    def _shown(self) -> dict[Asset, Decimal]:
        return {balance.asset: balance.spot for balance in self._stores.balances.all()}

    def _tell(self, result: Audited) -> None:
        before, now = self.result.breaks, result.breaks
        for one in [one for one in now if one not in before][:MOST_NOTED]:
            log.info("reconciliation break %s", one.text)
            self._note(SOURCE, one.text)
        if before and not now:
            self._note(SOURCE, "journal, stream and REST are equal again")
        self.result = result

    def _tell_observers(self) -> None:
        for observer in tuple(self._observers):
            observer()


def _orders(reports: Iterable[OrderReport]) -> dict[OrderId, Order]:
    found = ((report.order_id, order_from_report(report)) for report in reports)
    return {order_id: order for order_id, order in found if order is not None}


def _open(told: Told) -> set[OrderId]:
    return {order_id for order_id, order in told.orders.items() if not order.status.is_final}
