"""Profit and loss on spot, per asset, from fills and ledger entries. Pure, exact, and the same in whatever order told.

A buy brings a lot at what was paid for it, fee included; a sale is realised against the lots that leave first. What
came in otherwise has a basis nobody knows until it is told, and what is sold of it has no result until then.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext

import msgspec

from core.domain.account import BalanceChange
from core.domain.ids import Asset, ExecId, LedgerId
from core.domain.orders import Fill
from core.domain.times import DAY_NS
from core.processing.lots import WIDE, Lot, Lots, Method, part
from core.processing.profit_entries import Entry, Kind, ledger_entries, pair_of, trade_entries

ZERO = Decimal(0)
ONE = Decimal(1)
DOLLAR = Asset("USD")

TAIL = 128
"""Entries of an asset that are reckoned anew with every change; those before them only when they change themselves."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """One asset. Money in the reporting currency, quantities in the asset.

    ``quantity`` is the sum of all entries, and of ``lots`` and ``moving`` (on its way within the account). ``known``
    of it cost ``cost``; of ``unknown`` nobody knows the basis, and below zero it was sold before it came in.
    ``unsettled`` was sold without a result: its basis, or what it was sold for, is not known. ``*_session``
    is the part since the session began, ``realised_day`` that of the last ``day`` (since 1970, UTC) with a result.
    """

    asset: Asset
    lots: tuple[Lot, ...] = ()
    moving: Decimal = ZERO
    quantity: Decimal = ZERO
    known: Decimal = ZERO
    cost: Decimal = ZERO
    unknown: Decimal = ZERO
    realised: Decimal = ZERO
    realised_session: Decimal = ZERO
    realised_day: Decimal = ZERO
    day: int = 0
    unsettled: Decimal = ZERO
    unsettled_session: Decimal = ZERO
    fees: Mapping[Asset, Decimal] = {}
    fee_worth: Decimal = ZERO

    @property
    def average(self) -> Decimal | None:
        """What a unit of known basis cost."""
        return self.cost / self.known if self.known else None

    def unrealised(self, mark: Decimal | None) -> Decimal | None:
        """Return the gain of what is known at a price; ``None`` without a price, or where nothing is known."""
        if mark is None or not self.known:
            return None
        with localcontext(WIDE):
            return self.known * mark - self.cost


class Totals(msgspec.Struct, frozen=True):
    """Sums over positions. ``complete`` says that nothing was left out for want of a basis, a result or a price."""

    unrealised: Decimal
    realised_session: Decimal
    realised: Decimal
    fees: Decimal
    complete: bool


def totals(positions: Iterable[Position], mark: Callable[[Asset], Decimal | None]) -> Totals:
    """Add positions up at the prices ``mark`` gives."""
    gains = session = realised = fees = ZERO
    complete = True
    with localcontext(WIDE):
        for one in positions:
            gain = one.unrealised(mark(one.asset))
            gains += gain or ZERO
            session, realised = session + one.realised_session, realised + one.realised
            fees += one.fee_worth
            complete &= not one.unknown and not one.unsettled and (gain is not None or not one.known)
    return Totals(gains, session, realised, fees, complete)


def realised_on(day: int, positions: Iterable[Position]) -> Decimal:
    """Return what was realised on a day (since 1970, UTC), if it is none before the last with a result."""
    with localcontext(WIDE):
        return sum((one.realised_day for one in positions if one.day == day), ZERO)


@dataclass
class _Tally:
    """Where an asset stands after some of its entries."""

    lots: Lots
    moving: Decimal = ZERO
    realised: Decimal = ZERO
    realised_session: Decimal = ZERO
    realised_day: Decimal = ZERO
    day: int = 0
    unsettled: Decimal = ZERO
    unsettled_session: Decimal = ZERO
    fees: dict[Asset, Decimal] = field(default_factory=dict)
    fee_worth: Decimal = ZERO

    def copy(self) -> _Tally:
        return replace(self, lots=self.lots.copy(), fees=dict(self.fees))

    def apply(self, entry: Entry, worth: Decimal | None, *, in_session: bool) -> None:
        for fee in entry.fees:
            self.fees[fee.asset] = self.fees.get(fee.asset, ZERO) + fee.qty
        self.fee_worth += entry.fee_worth
        if entry.kind is Kind.WITHIN:
            self.moving += entry.qty
        elif entry.qty > 0:
            self.lots.add(Lot(entry.key, entry.ts, entry.qty, worth))
        elif entry.qty < 0:
            self._leave(entry, worth, in_session=in_session)

    def _leave(self, entry: Entry, worth: Decimal | None, *, in_session: bool) -> None:
        qty = -entry.qty
        taken = self.lots.take(qty, entry.ts)
        if entry.kind is Kind.MOVE:
            return
        gain, open_ = ZERO, qty
        if worth is not None:
            open_ = taken.unknown
            gain = part(worth, taken.known, qty) - taken.cost if taken.known else ZERO
        self.realised += gain
        self.unsettled += open_
        if entry.ts // DAY_NS != self.day:
            self.day, self.realised_day = entry.ts // DAY_NS, ZERO
        self.realised_day += gain
        if in_session:
            self.realised_session += gain
            self.unsettled_session += open_


class _Account:
    """The entries of one asset in the order of time, and what they come to."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._settled: _Tally | None = None
        self._settled_to = 0
        self.position: Position | None = None

    def insert(self, entry: Entry) -> None:
        at = bisect_left(self.entries, _order(entry), key=_order)
        self.entries.insert(at, entry)
        self._changed_at(at)

    def remove(self, entry: Entry) -> None:
        at = bisect_left(self.entries, _order(entry), key=_order)
        del self.entries[at]
        self._changed_at(at)

    def forget(self) -> None:
        """Reckon everything anew."""
        self._changed_at(-1)

    def _changed_at(self, at: int) -> None:
        self.position = None
        if at < self._settled_to:
            self._settled, self._settled_to = None, 0

    def reckon(self, method: Method, apply: Callable[[_Tally, Entry], None]) -> _Tally:
        """Return where the asset stands after all entries."""
        settled = self._settled or _Tally(Lots(method))
        if len(self.entries) - self._settled_to > 2 * TAIL:
            until = len(self.entries) - TAIL
            for entry in self.entries[self._settled_to : until]:
                apply(settled, entry)
            self._settled, self._settled_to = settled, until
        tally = settled.copy()
        for entry in self.entries[self._settled_to :]:
            apply(tally, entry)
        return tally


class ProfitBooks:
    """All assets of an account. Telling the same again changes nothing; telling more of a fill replaces it.

    ``since`` is the exchange time the session began, ns UTC. Money is in ``currency``, whose own basis is one.
    """

    def __init__(self, method: Method = Method.AVERAGE, currency: Asset = DOLLAR, since: int = 0) -> None:
        self.currency = currency
        self._method = method
        self._since = since
        self._fills: dict[ExecId, tuple[Fill, Decimal | None]] = {}
        self._changes: dict[str, dict[LedgerId, BalanceChange]] = {}
        self._placed: dict[str, dict[Asset, list[Entry]]] = {}
        self._accounts: dict[Asset, _Account] = {}
        self._told: dict[tuple[Asset, str], Decimal] = {}

    @property
    def method(self) -> Method:
        """Which lot leaves first."""
        return self._method

    def use(self, method: Method) -> None:
        """Reckon everything by another method."""
        if method is not self._method:
            self._method = method
            for account in self._accounts.values():
                account.forget()

    def knows_worth(self, exec_id: ExecId) -> bool:
        """Whether a fill is known with what its quote was worth."""
        known = self._fills.get(exec_id)
        return known is not None and (known[1] is not None or self.currency in pair_of(known[0]))

    def add_fill(self, fill: Fill, rate: Decimal | None = None) -> None:
        """Take in a fill. ``rate``: worth of one unit of its quote then; needed where neither side is the currency."""
        known = self._fills.get(fill.exec_id)
        if known is not None and rate is None:
            rate = known[1]
        if known != (fill, rate):
            self._fills[fill.exec_id] = fill, rate
            self._place(str(fill.exec_id))

    def add_change(self, change: BalanceChange) -> None:
        """Take in a ledger entry. Those of a fill say how much its legs were."""
        group = change.ref_id or str(change.ledger_id)
        if self._changes.setdefault(group, {}).get(change.ledger_id) != change:
            self._changes[group][change.ledger_id] = change
            self._place(group)

    def correct(self, key: str, asset: Asset, qty: Decimal, ts: int) -> None:
        """Take in what no entry explains: there before the first one, or moved while nobody listened."""
        entry = Entry(ts, key, qty, None, Kind.MOVE)
        self._replace(f"correction {key}", {asset: [entry]} if qty else {})

    def tell(self, asset: Asset, price: Decimal) -> list[str]:
        """Say what a unit of everything that came in with an unknown basis cost. Returns the keys of these entries.

        Once all of them are told, telling again replaces what was told.
        """
        came_in = [one.key for one in self.entries(asset) if one.qty > 0 and one.worth is None]
        keys = [key for key in came_in if (asset, key) not in self._told] or came_in
        for key in keys:
            self.tell_one(asset, key, price)
        return keys

    def tell_one(self, asset: Asset, key: str, price: Decimal) -> None:
        """Say what a unit of one entry cost, whether that entry is known yet or not."""
        self._told[asset, key] = price
        if asset in self._accounts:
            self._accounts[asset].forget()

    def assets(self) -> list[Asset]:
        """Every asset that ever moved, by name."""
        return sorted(asset for asset, account in self._accounts.items() if account.entries)

    def entries(self, asset: Asset) -> tuple[Entry, ...]:
        """What moved one asset, oldest first."""
        account = self._accounts.get(asset)
        return tuple(account.entries) if account is not None else ()

    def position(self, asset: Asset) -> Position:
        """Return where one asset stands."""
        account = self._accounts.get(asset)
        if account is None:
            return Position(asset=asset)
        if account.position is None:
            account.position = self._reckon(asset, account)
        return account.position

    def _reckon(self, asset: Asset, account: _Account) -> Position:
        # Units of the currency are all alike.
        method = Method.AVERAGE if asset == self.currency else self._method

        def apply(tally: _Tally, entry: Entry) -> None:
            tally.apply(entry, self._worth(asset, entry), in_session=entry.ts >= self._since)

        with localcontext(WIDE):
            tally = account.reckon(method, apply)
            lots = tally.lots
            return Position(
                asset=asset,
                lots=lots.all(),
                moving=tally.moving,
                quantity=lots.known + lots.unknown + tally.moving,
                known=lots.known,
                cost=lots.cost,
                unknown=lots.unknown,
                realised=tally.realised,
                realised_session=tally.realised_session,
                realised_day=tally.realised_day,
                day=tally.day,
                unsettled=tally.unsettled,
                unsettled_session=tally.unsettled_session,
                fees=tally.fees,
                fee_worth=tally.fee_worth,
            )

    def _worth(self, asset: Asset, entry: Entry) -> Decimal | None:
        if entry.worth is not None and not (asset == self.currency and entry.worth):
            return entry.worth
        with localcontext(WIDE):
            if asset == self.currency:
                return abs(entry.qty)
            price = self._told.get((asset, entry.key))
            return None if price is None or entry.qty < 0 else price * entry.qty

    def _place(self, group: str) -> None:
        changes = self._changes.get(group, {}).values()
        known = self._fills.get(ExecId(group))
        with localcontext(WIDE):
            if known is None:
                self._replace(group, ledger_entries(changes, self.currency))
                return
            fill, rate = known
            rate = ONE if pair_of(fill)[1] == self.currency else rate
            self._replace(group, trade_entries(fill, changes, self.currency, rate))

    def _replace(self, group: str, entries: dict[Asset, list[Entry]]) -> None:
        before = self._placed.get(group, {})
        if before == entries:
            return
        for asset, old in before.items():
            for entry in old:
                self._accounts[asset].remove(entry)
        self._placed[group] = entries
        for asset, new in entries.items():
            account = self._accounts.setdefault(asset, _Account())
            for entry in new:
                account.insert(entry)


def _order(entry: Entry) -> tuple[int, str]:
    return entry.ts, entry.key
