"""The exchange's engine: one object with markets, accounts, orders and queries. Pure and synchronous.

Time comes only from ``now`` (wall nanoseconds); the same seed and the same times give the same trace. Methods that
change orders raise :class:`Reject` with the documented error text. Unknown accounts raise KeyError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from core.sim.accounts import Account, quantum
from core.sim.book import Grid
from core.sim.changes import Changes
from core.sim.checks import TRIGGER_TYPES
from core.sim.desk import Desk
from core.sim.floor import Floor, Venue
from core.sim.history import Tape
from core.sim.ids import Ids
from core.sim.instruments import ASSETS, DEFAULT_BALANCES, PAIRS
from core.sim.market import Market
from core.sim.matching import Matcher
from core.sim.mirror import Mirror
from core.sim.model import (
    ZERO,
    AmendSpec,
    AssetSpec,
    Candle,
    Fill,
    LedgerEntry,
    OrderSpec,
    PairSpec,
    PublicTrade,
    Reject,
    SimOrder,
    Ticker24h,
)
from core.sim.nature import natures_of
from core.sim.past import Past, start_mood

MODES = ("online", "maintenance", "cancel_only", "post_only")
PAIR_MODES = (*MODES, "limit_only", "reduce_only", "work_in_progress", "delisted")
PERCENT = Decimal("0.01")


class Engine:
    """A whole exchange in memory. Servers call :meth:`advance` every 20 to 50 ms and before every command."""

    def __init__(
        self,
        *,
        now: Callable[[], int],
        seed: int = 1,
        pairs: Sequence[PairSpec] = PAIRS,
        assets: Sequence[AssetSpec] = ASSETS,
        market: bool = True,
        speed: float = 1.0,
    ) -> None:
        self._clock = now
        self._skew_ns = 0
        start_ns = now()
        self._start_ns = start_ns
        self.pairs: dict[str, PairSpec] = {pair.symbol: pair for pair in pairs}
        self.assets: dict[str, AssetSpec] = {asset.code: asset for asset in assets}
        self._floor = Floor(self.assets, Ids(seed, start_ns))
        self.listeners = self._floor.listeners
        natures = natures_of(self.pairs)
        mood = start_mood(seed)
        past = Past(seed, natures, start_ns, mood) if market else None
        for symbol, pair in self.pairs.items():
            start = max(1, round(natures[symbol].start / natures[symbol].tick))
            tape = Tape(symbol, Grid(pair), start_ns, start, past)
            self._floor.venues[symbol] = Venue(pair, tape, self._floor)
        self._matcher = Matcher(self._floor)
        self._desk = Desk(self._floor, self._matcher, self._index)
        self._changes = Changes(self._floor, self._desk, self._matcher)
        self.market: Market | None = None
        if market:
            self.market = Market(
                seed=seed,
                start_ns=start_ns,
                speed=speed,
                natures=natures,
                mood=mood,
                floor=self._floor,
                matcher=self._matcher,
                settle=self._desk.settle,
            )

    def _now(self) -> int:
        return self._clock() + self._skew_ns

    # -- state and time -------------------------------------------------------------------------------------

    @property
    def now_ns(self) -> int:
        """The engine's time, wall nanoseconds."""
        return self._now()

    @property
    def status(self) -> str:
        """State of the whole engine, in the words of the ``status`` channel."""
        return self._floor.status

    def set_status(self, word: str) -> None:
        """Change the engine's state and tell the listeners. ValueError for an unknown word."""
        if word not in MODES:
            raise ValueError(f"no engine state {word!r}")
        self._floor.status = word
        for hear in self.listeners.status:
            hear(word)

    def pair_status(self, symbol: str) -> str:
        """State of one pair, in the words of the ``instrument`` channel."""
        return self._floor.venue(symbol).status

    def set_pair_status(self, symbol: str, word: str) -> None:
        """Change a pair's state and tell the listeners. ValueError for an unknown word."""
        if word not in PAIR_MODES:
            raise ValueError(f"no pair state {word!r}")
        self._floor.venue(symbol).status = word
        for hear in self.listeners.instrument:
            hear(symbol)

    def list_pair(self, pair: PairSpec) -> None:
        """Begin to trade a pair whose assets are listed; one that is listed already stays as it is."""
        if pair.symbol not in self.pairs:
            self.pairs[pair.symbol] = pair
            tape = Tape(pair.symbol, Grid(pair), self._start_ns, 1, None)
            self._floor.venues[pair.symbol] = Venue(pair, tape, self._floor)

    def mirror(self, symbol: str) -> Mirror:
        """What puts a real market into a pair's book. For an engine without a market of its own."""
        return Mirror(self._floor.venue(symbol), self._floor, self._matcher, self._desk.settle)

    def account(self, name: str) -> Account:
        """An account as it is kept, to be saved and brought back."""
        return self._floor.account(name)

    def reopen(self, order: SimOrder) -> None:
        """Bring back an open order of an earlier run: to its trigger, its hour, or the end of its queue."""
        venue, now_ns = self._floor.venue(order.spec.symbol), self._now()
        self._floor.account(order.account).open[order.order_id] = order
        if order.status == "pending_new":
            venue.scheduled[order.order_id] = order
        elif order.spec.order_type in TRIGGER_TYPES and not order.triggered:
            venue.waiting[order.order_id] = order
        else:
            self._matcher.rest(venue, order, now_ns)

    def advance(self, max_events: int = 400) -> None:
        """Bring everything up to now: order flow, triggers, schedules, expiries, dead man's switches."""
        now_ns = self._now()
        if self.market:
            self.market.advance(now_ns, max_events)
        for venue in self._floor.venues.values():
            if venue.waiting:
                self._desk.follow_index(venue, now_ns)
                self._desk.settle(venue, now_ns)
            if venue.scheduled:
                self._desk.keep_time(venue, now_ns)
        for account in self._floor.accounts.by_name.values():
            self._desk.expire(account, now_ns)
            self._changes.dead_man(account, now_ns)

    def shift(self, ns: int) -> None:
        """Set the engine's clock forward or back; the market goes on as if nothing had happened."""
        self._skew_ns += ns
        if self.market:
            self.market.shift(ns)

    def burst(self, symbol: str, messages: int) -> None:
        """Let a storm of book changes break over a pair. Nothing happens without a market."""
        self._floor.venue(symbol)
        if self.market:
            self.market.burst(symbol, messages)

    def _index(self, symbol: str) -> Decimal | None:
        """The index price: the middle of the book, which follows the fair price."""
        venue = self._floor.venue(symbol)
        bid, ask = venue.book.bids.best(), venue.book.asks.best()
        if not venue.spec.has_index or bid is None or ask is None:
            return None
        return venue.grid.price(bid + ask) / 2

    # -- accounts -------------------------------------------------------------------------------------------

    def open_account(
        self, account: str, tier: str = "intermediate", balances: Mapping[str, Decimal] = DEFAULT_BALANCES
    ) -> None:
        """Open an account with a verification tier and deposits. ValueError when it exists."""
        self._floor.accounts.open(account, tier)
        for asset, amount in balances.items():
            if asset in self.assets:
                self.deposit(account, asset, amount)

    def balances(self, account: str) -> dict[str, Decimal]:
        """Balance of every asset ever held; what is on hold is included."""
        return dict(self._floor.account(account).balances)

    def holds(self, account: str) -> dict[str, Decimal]:
        """Amounts kept for open orders, worst-case fees included."""
        return self._floor.holds(self._floor.account(account), self._now())

    def hold(self, order: SimOrder) -> tuple[str, Decimal]:
        """What an open order keeps from being spent: asset and amount."""
        return self._floor.hold(order, self._now())

    @property
    def account_names(self) -> list[str]:
        """All accounts."""
        return list(self._floor.accounts.by_name)

    def deposit(self, account: str, asset: str, amount: Decimal) -> LedgerEntry:
        """Credit an account from outside."""
        return self._fund(account, asset, amount, "deposit")

    def withdraw(self, account: str, asset: str, amount: Decimal) -> LedgerEntry:
        """Debit an account. Reject when less is available."""
        holder = self._floor.account(account)
        if self._floor.available(holder, asset, self._now()) < amount:
            raise Reject("EFunding:Insufficient funds")
        return self._fund(account, asset, -amount, "withdrawal")

    def _fund(self, account: str, asset: str, amount: Decimal, kind: str) -> LedgerEntry:
        exact = amount.quantize(quantum(self.assets[asset]))
        ids = self._floor.ids
        entry = self._floor.accounts.enter(
            self._floor.account(account), asset, exact, ZERO, ids.new("L"), ids.new("F"), kind, self._now()
        )
        self._floor.tell_ledger(entry)
        return entry

    def fee_rates(self, account: str, symbol: str) -> tuple[Decimal, Decimal]:
        """Maker and taker fee as fractions."""
        spec = self._floor.venue(symbol).spec
        return self._floor.rates(self._floor.account(account), spec, self._now())

    def volume_30d(self, account: str) -> Decimal:
        """USD value traded in the last 30 days."""
        return self._floor.account(account).volume(self._now())

    def totals(self, asset: str) -> Decimal:
        """Balances of all accounts, of the market and of the exchange: deposits less withdrawals."""
        book = self._floor.accounts
        clients = sum((one.balances.get(asset, ZERO) for one in book.by_name.values()), ZERO)
        return clients + book.world.get(asset, ZERO) + book.fees.get(asset, ZERO)

    # -- trading --------------------------------------------------------------------------------------------

    def add(self, account: str, spec: OrderSpec, validate: bool = False) -> SimOrder | None:
        """Place an order; None when ``validate`` only checks it."""
        return self._desk.add(self._floor.account(account), spec, self._now(), validate=validate)

    def add_batch(
        self, account: str, specs: Sequence[OrderSpec], validate: bool = False
    ) -> list[SimOrder | Reject]:
        """Place 2 to 15 orders of one pair; a row is an order or its refusal."""
        return self._desk.add_batch(self._floor.account(account), list(specs), self._now(), validate=validate)

    def amend(self, account: str, spec: AmendSpec) -> str:
        """Change an open order in place; the amend id."""
        return self._changes.amend(self._floor.account(account), spec, self._now())

    def edit(self, account: str, order_id: str, **changes: object) -> SimOrder:
        """Replace an order by a changed one, which refers to it in ``ref_order_id``."""
        return self._changes.edit(self._floor.account(account), order_id, changes, self._now())

    def cancel(
        self,
        account: str,
        *,
        order_id: str | None = None,
        cl_ord_id: str | None = None,
        userref: int | None = None,
    ) -> list[SimOrder]:
        """Cancel by one kind of id; the orders cancelled."""
        return self._changes.cancel(
            self._floor.account(account),
            self._now(),
            order_id=order_id,
            cl_ord_id=cl_ord_id,
            userref=userref,
        )

    def fill(self, account: str, order_id: str, qty: Decimal) -> None:
        """Let somebody trade with one order, past all others: with one that rests, or one closed a moment ago.

        Reject when it does neither, or has less left.
        """
        self._desk.fill(self._floor.account(account), order_id, qty, self._now())

    def cancel_many(self, account: str, ids: Sequence[str], cl_ord_ids: Sequence[str]) -> int:
        """Cancel up to 50 orders; how many were open."""
        return self._changes.cancel_many(self._floor.account(account), ids, cl_ord_ids, self._now())

    def cancel_all(self, account: str) -> int:
        """Cancel every open order; how many."""
        return self._changes.cancel_all(self._floor.account(account), self._now())

    def cancel_all_after(self, account: str, timeout_s: int) -> tuple[int, int | None]:
        """Arm (or with 0 disarm) the dead man's switch; now and when it fires."""
        now_ns = self._now()
        return now_ns, self._changes.arm_dead_man(self._floor.account(account), timeout_s, now_ns)

    # -- queries: orders ------------------------------------------------------------------------------------

    def order(self, account: str, order_id: str) -> SimOrder | None:
        """An order of the account, open or closed."""
        holder = self._floor.account(account)
        return holder.open.get(order_id) or holder.closed.get(order_id)

    def open_orders(self, account: str) -> list[SimOrder]:
        """Open orders, oldest first."""
        return list(self._floor.account(account).open.values())

    def closed_orders(self, account: str) -> list[SimOrder]:
        """Closed orders, latest closing first."""
        return list(reversed(self._floor.account(account).closed.values()))

    def fills(self, account: str) -> list[Fill]:
        """Executions, newest first."""
        return self._floor.account(account).fills[::-1]

    def ledger(self, account: str) -> list[LedgerEntry]:
        """Balance changes, newest first."""
        return self._floor.account(account).ledger[::-1]

    def rate_count(self, account: str, symbol: str) -> Decimal:
        """The matching engine's rate counter of a pair."""
        return self._floor.account(account).counter(symbol).value(self._now())

    def max_rate_count(self, account: str) -> int:
        """Threshold of that counter."""
        return self._floor.account(account).tier.threshold

    def open_order_limit(self, account: str) -> int:
        """Open orders allowed on a pair."""
        return self._floor.account(account).tier.open_orders

    # -- queries: market ------------------------------------------------------------------------------------

    def book(
        self, symbol: str, depth: int
    ) -> tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]:
        """Bids and asks, best first: price and visible quantity."""
        book = self._floor.venue(symbol).book
        return book.depth(True, depth), book.depth(False, depth)

    def level3(
        self, symbol: str, depth: int
    ) -> tuple[
        list[tuple[Decimal, list[tuple[str, Decimal, int]]]],
        list[tuple[Decimal, list[tuple[str, Decimal, int]]]],
    ]:
        """Bids and asks, best first: price and its queue of (order id, visible quantity, time)."""
        venue = self._floor.venue(symbol)
        return self._queues(venue, True, depth), self._queues(venue, False, depth)

    def _queues(
        self, venue: Venue, is_buy: bool, depth: int
    ) -> list[tuple[Decimal, list[tuple[str, Decimal, int]]]]:
        side, grid, name = venue.book.side(is_buy), venue.grid, self._floor.resting_id
        return [
            (
                grid.price(key * side.sign),
                [(name(one), grid.qty(one.lots), one.ts_ns) for one in side.levels[key].queue.values()],
            )
            for key in side.keys[: -depth - 1 : -1]
        ]

    def level_qty(self, symbol: str, side: str, price: Decimal) -> Decimal:
        """Visible quantity at a price; zero when the level is gone."""
        venue = self._floor.venue(symbol)
        level = venue.book.side(side == "buy").level(venue.grid.ticks(price))
        return venue.grid.qty(level.total if level else 0)

    def trades(self, symbol: str, count: int, since_ns: int | None = None) -> list[PublicTrade]:
        """The newest trades (after ``since_ns``), oldest first; the ring holds at least 1,000."""
        after = -1 if since_ns is None else since_ns
        return self._floor.venue(symbol).tape.trades(count, lambda ts_ns: ts_ns > after)

    def candles(self, symbol: str, interval_min: int) -> list[Candle]:
        """Up to 720 candles, oldest first, the running one last. KeyError for an unknown interval."""
        return self._floor.venue(symbol).tape.candles(interval_min)

    def running_candle(self, symbol: str, interval_min: int) -> Candle | None:
        """The newest candle, None before the first trade."""
        return self._floor.venue(symbol).tape.running(interval_min)

    def spreads(self, symbol: str) -> list[tuple[int, Decimal, Decimal]]:
        """Recent (Unix second, best bid, best ask), oldest first."""
        venue = self._floor.venue(symbol)
        venue.note_spread()
        return [(at_s, venue.grid.price(bid), venue.grid.price(ask)) for at_s, bid, ask in venue.spreads]

    def ticker(self, symbol: str) -> Ticker24h:
        """Best prices and statistics of the last 24 hours and of today."""
        venue = self._floor.venue(symbol)
        grid, now_ns = venue.grid, self._now()
        day, today = venue.tape.summaries(now_ns)
        bids, asks = venue.book.depth(True, 1), venue.book.depth(False, 1)
        last, before = grid.price(venue.tape.last_ticks), grid.price(day.open)
        return Ticker24h(
            symbol=symbol,
            bid=bids[0][0] if bids else None,
            bid_qty=bids[0][1] if bids else ZERO,
            ask=asks[0][0] if asks else None,
            ask_qty=asks[0][1] if asks else ZERO,
            last=last,
            last_qty=venue.tape.last_qty(),
            volume=grid.qty(day.volume),
            volume_today=grid.qty(today.volume),
            vwap=_vwap(day.turnover, day.volume, grid, last),
            vwap_today=_vwap(today.turnover, today.volume, grid, last),
            trades=day.count,
            trades_today=today.count,
            low=grid.price(day.low),
            low_today=grid.price(today.low),
            high=grid.price(day.high),
            high_today=grid.price(today.high),
            open=grid.price(today.open),
            change=last - before,
            change_pct=((last - before) / before * 100).quantize(PERCENT) if before else ZERO,
            ts_ns=now_ns,
        )


def _vwap(turnover: int, volume: int, grid: Grid, last: Decimal) -> Decimal:
    """Average price in the pair's decimals; the last price when nothing traded."""
    return (turnover * grid.step / volume).quantize(grid.step) if volume else last
