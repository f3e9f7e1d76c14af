"""The paper exchange: the real public market drives fills, fees and balances of an account that exists only here.

The private side is the embedded exchange's own, on loopback; nothing of an order leaves this computer. While the
real market is not heard nothing is filled, new orders are refused, and cancels work. The account is kept in a file.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from core.runtime.clock import NS_PER_MS, Clock
from core.runtime.tasks import Supervisor
from core.sim.engine import PAIR_MODES, Engine
from core.sim.exchange import ACCOUNT, TIER, SimExchange
from core.sim.fault_effects import Fate
from core.sim.fault_matching import Match
from core.sim.mirror import Mirror
from core.sim.model import ExecReport, LedgerEntry, PairSpec
from core.sim.paper_store import Holdings, PaperStore, Row, Saved, row
from core.sim.public_book import Change, PublicBook
from core.sim.public_source import PublicPrint, PublicSource
from core.sim.reference import Reference, Unreachable, fetch

log = logging.getLogger(__name__)

START = {
    "USD": Decimal(10_000),
    "EUR": Decimal(10_000),
    "BTC": Decimal("0.2"),
    "ETH": Decimal(2),
}
"""What a new paper account begins with."""

LOOK_S = 0.05
REFERENCE_S, RETRY_S = 3600.0, 10.0
LEAST_WAY_S, USUAL_WAY_S = 0.005, 0.03
APART_S = 0.002
CLOCK_SLACK_NS = 250 * NS_PER_MS
PAIRS_AT_ONCE = 50
"""Listed in one turn of the loop, of more than a thousand."""

ORDER_METHODS = (
    "add_order",
    "amend_order",
    "edit_order",
    "cancel_order",
    "cancel_all",
    "batch_add",
    "batch_cancel",
    "AddOrder",
    "AddOrderBatch",
    "AmendOrder",
    "EditOrder",
    "CancelOrder",
    "CancelOrderBatch",
    "CancelAll",
)
CLOSED = "cancel_only"

NOT_HEARD = "the real market is not heard: nothing is filled on paper"
NOT_KEPT = "the paper account cannot be saved"


class PaperExchange:
    """A running paper exchange: ``async with PaperExchange(...) as paper``.

    ``public_ws`` and ``public_rest`` are the real exchange's, ``file`` keeps the account. ``private`` has the addresses
    and the key. ``is_new`` says that the account began with this run. ``trouble`` says why nothing can be traded, empty
    when all is well; ``on_trouble`` hears each change of it. The clock follows the real exchange's; ``on_clock`` hears
    that it was set.
    """

    def __init__(self, *, public_ws: str, public_rest: str, file: Path, clock: Clock) -> None:
        self._clock = clock
        self._public_rest = public_rest
        self._store = PaperStore(file)
        self._engine = Engine(now=clock.wall_ns, pairs=(), assets=(), market=False)
        self._engine.open_account(ACCOUNT, TIER, {})
        self.private = SimExchange(clock=clock, engine=self._engine)
        self._source = PublicSource(public_ws, clock, self)
        self._mirrors: dict[str, Mirror] = {}
        self._status: dict[str, str] = {}
        self._watched: frozenset[str] = frozenset()
        self._followed: frozenset[str] = frozenset()
        self._rows: dict[tuple[str, str], Row] = {}
        self._dead_man_ns: int | None = None
        self._due_s = 0.0
        self._stack = AsyncExitStack()
        self._unkept = ""
        self.is_new = True
        self.trouble = ""
        self.on_trouble: Callable[[str], None] = lambda text: None
        self.on_clock: Callable[[], None] = lambda: None
        self._ahead_ns = 0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.callback(self._store.close)
            self._restore(await asyncio.to_thread(self._store.load))
            listeners = self._engine.listeners
            listeners.execution.append(self._on_report)
            listeners.ledger.append(self._on_entry)
            listeners.book.append(self._on_book)
            stack.push_async_callback(self._save)
            await stack.enter_async_context(self.private)
            rules = self.private.faults.rules
            rules.strike_requests(rules.fault(Match(method=ORDER_METHODS, times=None)), self._travel)
            supervisor = await stack.enter_async_context(Supervisor("paper", clock=self._clock))
            supervisor.keep(self._source.run, name="paper market")
            supervisor.keep(self._refer, name="paper reference")
            supervisor.keep(self._look_after, name="paper account")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def watch(self, symbols: Iterable[str]) -> None:
        """Trade these pairs; those with open orders are followed as well."""
        self._watched = frozenset(symbols)

    def is_open(self, symbol: str) -> bool:
        """Whether the real market of a pair is known, so that orders on it may be filled."""
        mirror = self._mirrors.get(symbol)
        return mirror is not None and mirror.is_live

    # -- what the real market says (public_source.Audience) -------------------------------------------------

    def pair(self, symbol: str) -> PairSpec | None:
        """See `Audience`."""
        return self._engine.pairs.get(symbol)

    def booked(self, symbol: str, book: PublicBook) -> None:
        """See `Audience`."""
        mirror = self._mirrors.setdefault(symbol, self._engine.mirror(symbol))
        mirror.replace(book.side(True), book.side(False), self._engine.now_ns)
        self._show_status(symbol)

    def changed(self, symbol: str, changes: list[Change]) -> None:
        """See `Audience`."""
        if mirror := self._mirrors.get(symbol):
            mirror.update(changes, self._engine.now_ns)

    def traded(self, symbol: str, row: PublicPrint, *, is_past: bool) -> None:
        """See `Audience`."""
        mirror = self._mirrors.setdefault(symbol, self._engine.mirror(symbol))
        venue, now_ns = mirror.venue, self._engine.now_ns
        ticks, lots = venue.grid.ticks(row.price), venue.grid.lots(row.qty)
        if is_past:
            venue.tape.record(ticks, lots, row.is_buy, row.ord_type, now_ns)
        else:
            mirror.printed(row.is_buy, ticks, lots, row.ord_type, now_ns)

    def lost(self, symbol: str | None) -> None:
        """See `Audience`."""
        for name in self._mirrors if symbol is None else [symbol]:
            if name in self._mirrors:
                self._mirrors[name].blind()
                self._show_status(name)

    def _show_status(self, symbol: str) -> None:
        mirror = self._mirrors.get(symbol)
        told = self._status.get(symbol, CLOSED)
        word = told if mirror is not None and mirror.is_live and told in PAIR_MODES else CLOSED
        if self._engine.pair_status(symbol) != word:
            self._engine.set_pair_status(symbol, word)

    # -- the account's own ----------------------------------------------------------------------------------

    def _restore(self, saved: Saved) -> None:
        engine, account = self._engine, self._engine.account(ACCOUNT)
        engine.assets.update({asset.code: asset for asset in saved.assets})
        for pair in saved.pairs:
            self._list(pair)
        if saved.holdings is None:
            return
        self.is_new = False
        account.balances.update(saved.holdings.balances)
        account.volumes = deque(saved.holdings.volumes)
        account.volume_sum = saved.holdings.volume_sum
        account.dead_man_ns = self._dead_man_ns = saved.holdings.dead_man_ns
        account.fills.extend(saved.fills)
        account.ledger.extend(saved.ledger)
        for order in saved.orders:
            if order.is_open:
                engine.reopen(order)
            else:
                account.closed[order.order_id] = order

    def _list(self, pair: PairSpec) -> None:
        if pair.symbol not in self._engine.pairs:
            self._engine.list_pair(pair)
            self._engine.set_pair_status(pair.symbol, CLOSED)

    async def _refer(self) -> None:
        """Learn what is listed, now and then again."""
        while True:
            try:
                await self._take(await asyncio.to_thread(fetch, self._public_rest))
            except Unreachable as why:
                log.info("paper reference data unknown reason=%s", why)
                await asyncio.sleep(RETRY_S)
            else:
                await asyncio.sleep(REFERENCE_S)

    async def _take(self, known: Reference) -> None:
        for code, asset in known.assets.items():
            self._engine.assets.setdefault(code, asset)
        for count, (symbol, pair) in enumerate(known.pairs.items(), 1):
            if count % PAIRS_AT_ONCE == 0:
                await asyncio.sleep(0)
            self._list(pair)
            self._status[symbol] = known.status[symbol]
            self._show_status(symbol)
        account = self._engine.account(ACCOUNT)
        if self.is_new and not account.ledger:
            for code, amount in START.items():
                if code in self._engine.assets:
                    self._engine.deposit(ACCOUNT, code, amount)

    async def _look_after(self) -> None:
        while True:
            await self._follow()
            await self._source.look()
            self._follow_clock()
            now_ns = self._engine.now_ns
            for mirror in self._mirrors.values():
                mirror.look(now_ns)
            await self._save()
            self._tell()
            await asyncio.sleep(LOOK_S)

    async def _follow(self) -> None:
        engine = self._engine
        open_ones = {order.spec.symbol for order in engine.open_orders(ACCOUNT)}
        wanted = {symbol for symbol in self._watched | open_ones if symbol in engine.pairs}
        # What a quote currency is worth in dollars decides the fee tier.
        wanted |= {f"{engine.pairs[symbol].quote}/USD" for symbol in wanted} & engine.pairs.keys()
        if wanted != self._followed:
            self._followed = frozenset(wanted)
            for symbol in wanted:
                self._keep_pair(engine.pairs[symbol])
            await self._source.follow(wanted)

    def _follow_clock(self) -> None:
        """Deadlines and time stamps are the real exchange's, however wrong this computer's clock is."""
        moved_ns = self._source.offset_ns - self._ahead_ns
        if abs(moved_ns) > CLOCK_SLACK_NS:
            self._ahead_ns += moved_ns
            self.private.shift(moved_ns)
            log.info("paper clock set ahead_ms=%d", self._ahead_ns // NS_PER_MS)
            self.on_clock()

    def _tell(self) -> None:
        text = self._unkept or ("" if self._source.is_up and self._status else NOT_HEARD)
        if text != self.trouble:
            self.trouble = text
            log.info("paper trouble=%s", text or "over")
            self.on_trouble(text)

    def _travel(self, fate: Fate) -> None:
        """A request takes as long as to the real exchange, and none overtakes another."""
        way_s = max(LEAST_WAY_S, self._source.round_trip_s or USUAL_WAY_S)
        now_s = asyncio.get_running_loop().time()
        self._due_s = max(now_s + way_s, self._due_s + APART_S)
        fate.wait_s += self._due_s - now_s

    # -- keeping it -----------------------------------------------------------------------------------------

    def _keep(self, one: Row) -> None:
        self._rows[one.kind, one.key] = one

    def _keep_pair(self, pair: PairSpec) -> None:
        self._keep(row("pair", pair.symbol, pair))
        for code in (pair.base, pair.quote):
            self._keep(row("asset", code, self._engine.assets[code]))

    def _on_book(self, symbol: str, side: str, price: Decimal) -> None:
        if mirror := self._mirrors.get(symbol):
            mirror.heard(side, price)

    def _on_report(self, report: ExecReport) -> None:
        self._keep(row("order", report.order.order_id, report.order))
        if report.fill is not None:
            self._keep(row("fill", report.fill.exec_id, report.fill))

    def _on_entry(self, entry: LedgerEntry) -> None:
        self._keep(row("ledger", entry.ledger_id, entry))
        self._keep(row("asset", entry.asset, self._engine.assets[entry.asset]))

    async def _save(self) -> None:
        """Write what changed since the last time; what the disk refuses is tried again."""
        account = self._engine.account(ACCOUNT)
        if not account.ledger or not (self._rows or account.dead_man_ns != self._dead_man_ns):
            return
        self._dead_man_ns = account.dead_man_ns
        holdings = Holdings(account.balances, list(account.volumes), account.volume_sum, account.dead_man_ns)
        self._keep(row("account", ACCOUNT, holdings))
        rows = dict(self._rows)
        try:
            await asyncio.to_thread(self._store.write, list(rows.values()))
        except OSError as failure:
            if not self._unkept:
                log.warning("paper account not saved reason=%s", failure)
            self._unkept = NOT_KEPT
            return
        self._unkept = ""
        # Only now: what was cut short is written again.
        self._rows = {key: one for key, one in self._rows.items() if rows.get(key) is not one}
