"""What all desks of the engine share: venues, accounts, identifiers, and who listens.

A :class:`Venue` is one pair: its book, its tape and the orders that wait for a trigger. The :class:`Floor` carries
the venues and turns what happens into reports. No clock: every call brings its time, nanoseconds.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Mapping
from decimal import Decimal

from core.sim.accounts import Account, Accounts, fee_rates, hold_of
from core.sim.book import Book, Grid, Resting
from core.sim.history import Tape
from core.sim.ids import Ids
from core.sim.model import (
    ZERO,
    AssetSpec,
    ExecReport,
    Fill,
    L3Change,
    LedgerEntry,
    Listeners,
    PairSpec,
    Reject,
    SimOrder,
)

SPREAD_ROWS = 200


class Venue:
    """One pair: book, tape, status. ``places`` maps order ids to queue places, ``waiting`` holds untriggered orders.

    ``prints`` are the prices (steps) traded since triggers were last looked at.
    """

    def __init__(self, spec: PairSpec, tape: Tape, floor: Floor) -> None:
        self.spec = spec
        self.grid = Grid(spec)
        self.tape = tape
        self.status = "online"
        self.places: dict[str, Resting] = {}
        self.waiting: dict[str, SimOrder] = {}
        self.scheduled: dict[str, SimOrder] = {}
        self.prints: list[int] = []
        self.spreads: deque[tuple[int, int, int]] = deque(maxlen=SPREAD_ROWS)
        self._floor = floor
        self._ts_ns = 0
        self._book = Book(self.grid, self._level_changed, self._order_changed)
        self._fill: Callable[[], None] | None = None

    @property
    def book(self) -> Book:
        """What rests; filled when somebody looks for the first time."""
        if self._fill is not None:
            fill, self._fill = self._fill, None
            self._floor.unheard(fill)
        return self._book

    def fill_later(self, fill: Callable[[], None]) -> None:
        """Let ``fill`` put in what rests from the beginning, as soon as anybody looks."""
        self._fill = fill

    def at(self, ts_ns: int) -> int:
        """Set the time of the changes that follow; it never runs backwards. The time set."""
        self._ts_ns = max(self._ts_ns, ts_ns)
        return self._ts_ns

    def _level_changed(self, is_buy: bool, ticks: int) -> None:
        heard = self._floor.listeners.book
        if heard:
            side, price = ("buy" if is_buy else "sell"), self.grid.price(ticks)
            for hear in heard:
                hear(self.spec.symbol, side, price)

    def _order_changed(self, event: str, resting: Resting) -> None:
        heard = self._floor.listeners.level3
        if heard:
            change = L3Change(
                side="buy" if resting.is_buy else "sell",
                event=event,
                order_id=self._floor.resting_id(resting),
                price=self.grid.price(resting.ticks),
                qty=self.grid.qty(resting.lots),
                ts_ns=resting.ts_ns if event == "add" else self._ts_ns,
            )
            for hear in heard:
                hear(self.spec.symbol, change)

    def note_spread(self) -> None:
        """Remember the best prices, at most one row a second."""
        bid, ask = self.book.bids.best(), self.book.asks.best()
        if bid is None or ask is None:
            return
        row = (self._ts_ns // 1_000_000_000, bid, ask)
        if self.spreads and self.spreads[-1][0] == row[0]:
            self.spreads[-1] = row
        elif not self.spreads or self.spreads[-1][1:] != row[1:]:
            self.spreads.append(row)


class Floor:
    """Venues, accounts, identifiers and listeners, and the one place where reports are made.

    ``closing`` collects fills whose orders have a conditional close, until the desk creates the close orders.
    """

    def __init__(self, assets: Mapping[str, AssetSpec], ids: Ids) -> None:
        self.assets = assets
        self.ids = ids
        self.accounts = Accounts(assets)
        self.listeners = Listeners()
        self.venues: dict[str, Venue] = {}
        self.status = "online"
        self.closing: list[tuple[SimOrder, Decimal]] = []

    def venue(self, symbol: str) -> Venue:
        """The pair's venue. Reject when there is no such pair."""
        venue = self.venues.get(symbol)
        if venue is None:
            raise Reject("EQuery:Unknown asset pair")
        return venue

    def account(self, name: str) -> Account:
        """The account. KeyError when it was never opened."""
        return self.accounts.by_name[name]

    def resting_id(self, resting: Resting) -> str:
        """Order identifier of anything that rests in a book."""
        return resting.order.order_id if resting.order else self.ids.text("O", resting.count)

    def report(
        self,
        exec_type: str,
        order: SimOrder,
        ts_ns: int,
        *,
        fill: Fill | None = None,
        reason: str | None = None,
    ) -> None:
        """Tell the listeners what happened to an order, with a copy of it as it stands now."""
        if not self.listeners.execution:
            return
        copied = copy.copy(order)
        copied.exec_ids = list(order.exec_ids)
        copied.amends = list(order.amends)
        rate = self.account(order.account).counter(order.spec.symbol).value(ts_ns)
        heard = ExecReport(
            exec_type=exec_type, order=copied, ts_ns=ts_ns, fill=fill, reason=reason, rate_count=rate
        )
        for hear in self.listeners.execution:
            hear(heard)

    def tell_ledger(self, entry: LedgerEntry) -> None:
        """Tell the listeners about a balance change."""
        for hear in self.listeners.ledger:
            hear(entry)

    def close(self, order: SimOrder, status: str, ts_ns: int, reason: str | None = None) -> None:
        """End an order (``filled``, ``canceled``, ``expired``): out of the book and the open orders, reported."""
        venue = self.venues[order.spec.symbol]
        venue.at(ts_ns)
        venue.waiting.pop(order.order_id, None)
        venue.scheduled.pop(order.order_id, None)
        if place := venue.places.pop(order.order_id, None):
            venue.book.remove(place)
        order.status, order.reason = status, reason
        order.closed_ns = order.last_change_ns = ts_ns
        account = self.account(order.account)
        account.open.pop(order.order_id, None)
        account.closed[order.order_id] = order
        self.report(status, order, ts_ns, reason=reason)
        account.forget_oldest()

    def unheard(self, act: Callable[[], None]) -> None:
        """Do something to a book that nobody has seen yet, so that no listener hears of it."""
        heard = self.listeners
        book, level3 = heard.book, heard.level3
        heard.book, heard.level3 = [], []
        try:
            act()
        finally:
            heard.book, heard.level3 = book, level3

    def rates(self, account: Account, spec: PairSpec, now_ns: int) -> tuple[Decimal, Decimal]:
        """Maker and taker fee of an account on a pair, as fractions."""
        return fee_rates(spec, account.volume(now_ns))

    def usd(self, asset: str) -> Decimal:
        """USD price of an asset; zero when no pair tells."""
        if asset == "USD":
            return Decimal(1)
        venue = self.venues.get(f"{asset}/USD")
        return venue.grid.price(venue.tape.last_ticks) if venue else ZERO

    def hold(self, order: SimOrder, now_ns: int) -> tuple[str, Decimal]:
        """What an open order keeps from being spent: asset and amount."""
        spec = self.venues[order.spec.symbol].spec
        maker, taker = self.rates(self.account(order.account), spec, now_ns)
        rate = maker if order.spec.post_only and not order.amended else taker  # an amend may take
        return hold_of(order, spec, self.assets, rate)

    def holds(self, account: Account, now_ns: int) -> dict[str, Decimal]:
        """Everything on hold, by asset."""
        held: dict[str, Decimal] = {}
        for order in account.open.values():
            asset, amount = self.hold(order, now_ns)
            held[asset] = held.get(asset, ZERO) + amount
        return held

    def available(self, account: Account, asset: str, now_ns: int) -> Decimal:
        """Balance not on hold."""
        held = self.holds(account, now_ns).get(asset, ZERO)
        return account.balances.get(asset, ZERO) - held
