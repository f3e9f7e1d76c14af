"""Keeps the profit books of a session true to the account, and what only the user or the moment knew over restarts.

Fills come from the journal and the stream, ledger entries from the stream and from the file of earlier runs. What the
exchange says is owned is the last word: a difference becomes an entry of unknown basis, so that quantities agree.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext
from pathlib import Path

from core.app.market_data import MarketData
from core.app.profit_file import Anchor, Basis, Change, Choice, Kept, ProfitFile, Rate
from core.domain.account import BalanceChange
from core.domain.ids import Asset, ExecId, Symbol
from core.domain.orders import Fill
from core.domain.subscription import ticker
from core.domain.times import DAY_NS
from core.processing.lots import WIDE, Method
from core.processing.profit import Position, ProfitBooks, Totals, realised_on, totals
from core.processing.profit_entries import Entry, pair_of
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

ZERO = Decimal(0)
SOURCE = "profit"

QUIET_NS = 5 * NS_PER_S
"""A fill and its ledger entries come by different channels; a difference that lasts this long is a real one."""

SLICE_FILLS = 200

RATE_AGE_NS = 60 * NS_PER_S
"""A fill older than this is not valued at the price of now."""


class ProfitKeeper:
    """The books of one session. Read ``positions`` and ``totals``; choose with ``use``; say a basis with ``tell``."""

    def __init__(
        self, stores: Stores, market_data: MarketData, clock: Clock, exchange_ns: Callable[[], int]
    ) -> None:
        self._stores = stores
        self._market_data = market_data
        self._clock = clock
        self._exchange_ns = exchange_ns
        self._file: ProfitFile | None = None
        self._observers: list[Callable[[], None]] = []
        self._books = ProfitBooks(since=exchange_ns())
        self._anchors: dict[Asset, list[Anchor]] = {}
        self._since: dict[tuple[Asset, str], int] = {}
        self._rates: dict[ExecId, Decimal] = {}
        self._unvalued: dict[ExecId, Fill] = {}
        self._differs: dict[Asset, tuple[Decimal, int]] = {}
        self._heard: BalanceChange | None = None
        self._watched: set[Symbol] = set()
        stores.fills.observe(self._fills_changed)
        stores.balances.observe(lambda _: self._balances_changed())

    # What views read and ask.

    @property
    def currency(self) -> Asset:
        """What money is counted in."""
        return self._books.currency

    @property
    def method(self) -> Method:
        """Which lot leaves first."""
        return self._books.method

    def use(self, method: Method) -> None:
        """Reckon everything by another method, now and after a restart."""
        if method is not self.method:
            self._books.use(method)
            self._keep(Choice(method))
            self._tell_observers()

    def tell(self, asset: Asset, price: Decimal) -> int:
        """Say what a unit of everything of unknown basis cost. Returns how many entries that was.

        ValueError for a price that is none.
        """
        if not price.is_finite() or price < 0:
            raise ValueError(f"not a price: {price}")
        keys = self._books.tell(asset, price)
        for key in keys:
            self._keep(Basis(asset, key, price))
        self._tell_observers()
        return len(keys)

    def takes_basis(self, asset: Asset) -> bool:
        """Whether some of an asset came in, or was there, without anybody saying at what cost."""
        return any(entry.qty > 0 and entry.worth is None for entry in self._books.entries(asset))

    def positions(self) -> list[Position]:
        """Every asset that ever moved, by name."""
        return [self._books.position(asset) for asset in self._books.assets()]

    def position(self, asset: Asset) -> Position:
        """One asset."""
        return self._books.position(asset)

    def mark(self, asset: Asset) -> Decimal | None:
        """What a unit is worth now, ``None`` while nobody says."""
        return self._stores.references.dollars(asset)

    def totals(self) -> Totals:
        """Sums over all assets."""
        return totals(self.positions(), self.mark)

    def today(self) -> tuple[int, Decimal]:
        """Return which day it is by the exchange's clock (since 1970, UTC), and what was realised on it."""
        day = self._exchange_ns() // DAY_NS
        return day, realised_on(day, self.positions())

    def observe(self, observer: Callable[[], None]) -> Callable[[], None]:
        """Call ``observer`` when the books changed, until the returned function is called."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer) if observer in self._observers else None

    # What comes in.

    def keep_in(self, path: Path, *, anew: bool = False) -> None:
        """Take over what an earlier run kept, and write down from now on what fills do not tell.

        ``anew`` sets the file aside first: it is that of an exchange which is gone.
        """
        self._file = file = ProfitFile(path)
        try:
            found, broken = self._file.open(anew=anew)
        except OSError as problem:
            self._file = None
            self._note(f"{file.name} cannot be used, bases are kept until you quit only: {problem.strerror}")
            return
        for one in found:
            self._take(one)
        if broken:
            self._note(f"{broken} lines of {file.name} could not be read and are left out")
        self._correct_all()

    async def restore(self, fills: Iterable[Fill]) -> None:
        """Take in the fills of the journal, a few at a time: there may be years of them."""
        for at, fill in enumerate(fills):
            if at % SLICE_FILLS == 0:
                await asyncio.sleep(0)
            self._books.add_fill(fill, self._rates.get(fill.exec_id))
        self._correct_all()
        self._tell_observers()

    def begin_anew(self) -> None:
        """Forget everything and read the stores again, which were put back to another moment."""
        self._books = ProfitBooks(self.method, since=self._exchange_ns())
        for kept in (self._anchors, self._since, self._unvalued, self._differs):
            kept.clear()
        self._heard = None
        self._fills_changed(frozenset(fill.exec_id for fill in self._stores.fills.all()))
        self._balances_changed()

    def look(self) -> None:
        """See whether balances still differ from the books; for a second's clock."""
        if self._differs or self._unvalued:
            self._balances_changed()

    def _fills_changed(self, keys: frozenset[ExecId]) -> None:
        for exec_id in keys:
            fill = self._stores.fills.get(exec_id)
            if fill is not None:
                self._books.add_fill(fill, self._rates.get(exec_id))
                self._differs.clear()
                self._place_anchors({*pair_of(fill), *(fee.asset for fee in fill.fees)}, fill.ts)
                if not self._books.knows_worth(exec_id):
                    self._unvalued[exec_id] = fill
        self._value_fills()
        self._tell_observers()

    def _balances_changed(self) -> None:
        for change in self._new_changes():
            self._take(Change(change))
            self._keep(Change(change))
            self._differs.pop(change.asset, None)
            self._place_anchors([change.asset], change.ts)
        self._value_fills()
        if self._stores.balances.verified:
            self._compare()
        self._tell_observers()

    def _new_changes(self) -> list[BalanceChange]:
        fresh: list[BalanceChange] = []
        for change in reversed(self._stores.balances.ledger):
            if change is self._heard:
                break
            fresh.append(change)
        if fresh:
            self._heard = fresh[0]
        return fresh[::-1]

    def _compare(self) -> None:
        told = {balance.asset: balance.total for balance in self._stores.balances.told_all()}
        now, opening = self._clock.mono_ns(), not self._anchors
        for asset in sorted(told.keys() | set(self._books.assets())):
            total = told.get(asset, ZERO)
            with localcontext(WIDE):
                difference = total - self._books.position(asset).quantity
            if opening:
                self._anchor(Anchor(asset, self._exchange_ns(), total, opening=True))
                continue
            if not difference:
                self._differs.pop(asset, None)
                continue
            before, since = self._differs.get(asset, (None, now))
            if before != difference:
                since = now
            self._differs[asset] = difference, since
            if now - since >= QUIET_NS:
                self._anchor(Anchor(asset, self._exchange_ns(), total))

    def _anchor(self, anchor: Anchor) -> None:
        self._take(anchor)
        self._correct(anchor.asset)
        self._keep(anchor)
        self._differs.pop(anchor.asset, None)
        if not anchor.opening and anchor.asset != self.currency:
            self._note(f"{anchor.asset} moved while nobody listened; the basis of what came in is unknown")

    def _place_anchors(self, assets: Iterable[Asset], ts: int) -> None:
        """An entry older than an anchor explains part of what that one had to."""
        for asset in assets:
            anchors = self._anchors.get(asset)
            if anchors and ts <= anchors[-1].ts:
                self._correct(asset)

    def _correct_all(self) -> None:
        for asset in self._anchors:
            self._correct(asset)

    def _correct(self, asset: Asset) -> None:
        corrected = ZERO
        keys = {_key(anchor) for anchor in self._anchors[asset]}
        entries = [entry for entry in self._books.entries(asset) if entry.key not in keys]
        for at, anchor in enumerate(self._anchors[asset]):
            with localcontext(WIDE):
                entered = sum((one.qty for one in entries if self._is_before(asset, one, at, anchor)), ZERO)
                qty = anchor.total - entered - corrected
                corrected += qty
            self._books.correct(_key(anchor), asset, qty, 0 if anchor.opening else anchor.ts)

    def _is_before(self, asset: Asset, entry: Entry, at: int, anchor: Anchor) -> bool:
        # The ledger comes in order, so that what was heard when counts; of a fill alone only its time is known.
        heard = self._since.get((asset, entry.key))
        return entry.ts <= anchor.ts if heard is None else heard <= at

    def _value_fills(self) -> None:
        for exec_id, fill in list(self._unvalued.items()):
            if self._exchange_ns() - fill.ts > RATE_AGE_NS:
                del self._unvalued[exec_id]
                continue
            quote = pair_of(fill)[1]
            rate = self._stores.references.dollars(quote)
            if rate is None:
                self._watch(Symbol(f"{quote}/{self.currency}"))
                continue
            del self._unvalued[exec_id]
            self._rates[exec_id] = rate
            self._books.add_fill(fill, rate)
            self._keep(Rate(exec_id, rate))

    def _watch(self, symbol: Symbol) -> None:
        if symbol not in self._watched and self._stores.instruments.get(symbol) is not None:
            self._watched.add(symbol)
            self._market_data.watch(ticker(symbol))

    # What is kept.

    def _take(self, kept: Kept) -> None:
        match kept:
            case Choice(method=method):
                self._books.use(method)
            case Change(change=change):
                self._books.add_change(change)
                heard = len(self._anchors.get(change.asset, ()))
                for key in (change.ledger_id, f"{change.ledger_id} fee", change.ref_id):
                    self._since.setdefault((change.asset, key), heard)
            case Basis(asset=asset, key=key, price=price):
                self._books.tell_one(asset, key, price)
            case Rate(exec_id=exec_id, rate=rate):
                self._rates[exec_id] = rate
            case Anchor(asset=asset):
                self._anchors.setdefault(asset, []).append(kept)

    def _keep(self, kept: Kept) -> None:
        if self._file is None:
            return
        try:
            self._file.append(kept)
        except OSError as problem:
            log.warning("profit not kept file=%s reason=%s", self._file.name, problem)
            self._note(f"bases are kept until you quit only: {self._file.name}: {problem.strerror}")
            self._file = None

    def _note(self, text: str) -> None:
        self._stores.health.note(self._clock.wall_ns(), SOURCE, text)

    def _tell_observers(self) -> None:
        for observer in tuple(self._observers):
            observer()


def _key(anchor: Anchor) -> str:
    return f"{anchor.asset} {anchor.ts}"
