"""An account in which every order passes the checks, and roads to an exchange that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from core.app.roads import Command, LegOutcomes
from core.domain.account import Balance, Holding
from core.domain.errors import NotSent, TerminalError
from core.domain.events import PongEvent
from core.domain.health import Line
from core.domain.ids import Asset, ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.market import BookChange, Level
from core.domain.orders import BatchAddRequest, Fill, OrderReport, OrderRequest, OrderStatus
from core.processing.checksum import checksum, piece
from core.processing.stores import Stores
from tests.helpers.instruments import instrument

PAIR = Symbol("BTC/USD")
OWNED = {Asset("BTC"): Decimal(10), Asset("USD"): Decimal(10_000)}


def good_stores() -> Stores:
    """Stores of a verified account with a live book of BTC/USD around 100, a known clock and ample funds."""
    stores = Stores.create()
    stores.instruments.apply([instrument(PAIR), instrument("ETH/USD")], [], snapshot=True)
    stores.books.expect(PAIR, 10, instrument(PAIR))
    stores.books.apply(
        book_of([("100", "1"), ("99", "2")], [("101", "1"), ("102", "2"), ("103", "3")]), True, 1
    )
    stores.balances.apply_snapshot([Balance(asset=asset, total=total) for asset, total in OWNED.items()])
    stores.performance.pong(PongEvent(Line.PUBLIC, 20_000_000, 0, 0, 10_000_000))
    stores.health.system = "online"
    stores.health.verified_account()
    stores.orders.begin_stretch()
    return stores


def book_of(bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> BookChange[Decimal]:
    """A snapshot with the right checksum for a pair of one and eight decimals."""

    def pieces(rows: list[tuple[str, str]]) -> list[str]:
        return [piece(f"{Decimal(price):.1f}") + piece(f"{Decimal(qty):.8f}") for price, qty in rows]

    def levels(rows: list[tuple[str, str]]) -> list[Level[Decimal]]:
        return [Level(Decimal(price), Decimal(qty)) for price, qty in rows]

    return BookChange(
        symbol=PAIR,
        bids=levels(bids),
        asks=levels(asks),
        checksum=checksum(pieces(asks[:10]), pieces(bids[:10])),
    )


def accepted(request: OrderRequest, order_id: str = "OAAAAA-BBBBB-CCCCCC") -> OrderReport:
    """What an accepting answer amounts to."""
    return OrderReport(
        order_id=OrderId(order_id),
        exec_type="pending_new",
        status=OrderStatus.PENDING_NEW,
        cl_ord_id=request.cl_ord_id,
    )


Outcome = TerminalError | OrderReport | None
Behaviour = Callable[[Command], Outcome]


@dataclass
class FakeRoad:
    """A road whose sends end as ``behave`` says: an error is raised, a report is the answer. ``sent`` is its log.

    While ``gate`` is closed a send hangs after it has left.
    """

    name: str = "WS"
    behave: Behaviour = lambda command: None
    legs: dict[ClOrdId, TerminalError | None] = field(default_factory=dict)
    sent: list[Command | BatchAddRequest] = field(default_factory=list)
    deadlines: list[int] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    gate: asyncio.Event | None = None

    async def send(self, command: Command, deadline_ns: int) -> OrderReport | None:
        """See ``roads.Road``."""
        return await self._end(command, deadline_ns, lambda: self.behave(command))

    async def send_batch(self, batch: BatchAddRequest, deadline_ns: int) -> LegOutcomes:
        """See ``roads.BatchRoad``."""
        await self._end(batch, deadline_ns, lambda: self.behave(batch.orders[0]))
        return {order.cl_ord_id: self.legs.get(order.cl_ord_id) for order in batch.orders}

    async def _end(
        self, command: Command | BatchAddRequest, deadline_ns: int, outcome: Callable[[], Outcome]
    ) -> OrderReport | None:
        self.sent.append(command)
        self.deadlines.append(deadline_ns)
        self.before()
        if self.gate is not None:
            await self.gate.wait()
        end = outcome()
        if isinstance(end, TerminalError):
            raise end
        return end


def resting(
    number: int = 1, *, symbol: Symbol = PAIR, side: Side = Side.BUY, **fields: object
) -> OrderReport:
    """A report of an open order of one unit at 90 (or 110)."""
    return OrderReport(
        order_id=OrderId(f"O{number}"),
        exec_type="new",
        status=OrderStatus.NEW,
        symbol=symbol,
        side=side,
        qty=Decimal(1),
        limit_price=Decimal(90 if side is Side.BUY else 110),
        ts=number,
        **fields,  # type: ignore[arg-type]
    )


@dataclass
class FakeExchange:
    """What the exchange would answer to questions about the account. ``asked`` is the log of questions."""

    open: list[OrderReport] = field(default_factory=list)
    closed: list[OrderReport] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    owned: dict[Asset, Decimal] = field(default_factory=lambda: dict(OWNED))
    asked: list[tuple[object, ...]] = field(default_factory=list)
    reachable: bool = True

    async def open_orders(self, cl_ord_id: ClOrdId | None = None) -> list[OrderReport]:
        """See ``reconciler.AccountQueries``."""
        self._ask("open", cl_ord_id)
        return [report for report in self.open if cl_ord_id in (None, report.cl_ord_id)]

    async def closed_orders(self, cl_ord_id: ClOrdId, start_ns: int) -> list[OrderReport]:
        """See ``reconciler.AccountQueries``."""
        self._ask("closed", cl_ord_id, start_ns)
        return [report for report in self.closed if report.cl_ord_id == cl_ord_id]

    async def query_orders(self, order_ids: list[OrderId]) -> list[OrderReport]:
        """See ``reconciler.AccountQueries``."""
        self._ask("query", tuple(order_ids))
        return [report for report in self.open + self.closed if report.order_id in order_ids]

    async def trades_history(self, start_ns: int) -> list[Fill]:
        """See ``reconciler.AccountQueries``."""
        self._ask("fills", start_ns)
        return [fill for fill in self.fills if fill.ts >= start_ns]

    async def balances(self) -> list[Holding]:
        """See ``reconciler.AccountQueries``."""
        self._ask("balances")
        return [Holding(asset=asset, total=total) for asset, total in self.owned.items()]

    def questions(self, kind: str) -> list[tuple[object, ...]]:
        """The questions of one kind, in order."""
        return [asked[1:] for asked in self.asked if asked[0] == kind]

    def _ask(self, *question: object) -> None:
        if not self.reachable:
            raise NotSent("cut")
        self.asked.append(question)
