"""What moves the lots of an asset: the legs of fills, and the ledger entries no fill explains. Pure and exact.

Where a fill and its ledger entries are both known, quantities are the ledger's, so that they add up to the balance.
Source: Kraken channels ``executions`` and ``balances``; the entries of a fill carry its id as ``ref_id``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum

import msgspec

from core.domain.account import BalanceChange
from core.domain.ids import Asset
from core.domain.orders import Fee, Fill

ZERO = Decimal(0)

_MOVES = frozenset({"deposit", "withdrawal", "transfer", "credit", "adjustment", "reserve"})
_OTHER_ACCOUNT = frozenset({"spotfromfutures", "spottofutures"})
_WITHIN = frozenset(
    {"spottostaking", "stakingfromspot", "spotfromstaking", "stakingtospot"}
    | {"allocation", "deallocation", "autoallocation", "autoallocate"}
)
"""Subtypes of entries that come in pairs within the account: nothing is gained or lost, only elsewhere."""


class Kind(StrEnum):
    """What an entry does with lots: exchanges them for something, carries them in or out, or moves them within."""

    TRADE = "trade"
    MOVE = "move"
    WITHIN = "within"


class Entry(msgspec.Struct, frozen=True):
    """One movement of one asset. ``qty`` signed, fees in the asset taken off; ``key`` is unique within the asset.

    ``worth`` is what ``qty`` was exchanged for, in the reporting currency; ``None`` while nobody said.
    ``fees`` are those of the fill, told with its base; ``fee_worth`` what of them can be valued.
    """

    ts: int
    key: str
    qty: Decimal
    worth: Decimal | None
    kind: Kind
    fees: tuple[Fee, ...] = ()
    fee_worth: Decimal = ZERO


def pair_of(fill: Fill) -> tuple[Asset, Asset]:
    """Return base and quote of a fill."""
    base, _, quote = fill.symbol.partition("/")
    return Asset(base), Asset(quote)


def trade_entries(
    fill: Fill, changes: Iterable[BalanceChange], currency: Asset, rate: Decimal | None
) -> dict[Asset, list[Entry]]:
    """Return the legs of a fill. ``rate``: worth of one quote unit in ``currency`` then, ``None`` if unknown.

    A fee in a third asset is spent for nothing: what it cost is a loss of that asset.
    """
    base, quote = pair_of(fill)
    net = _net(fill, base, quote)
    for asset, qty in _sums(changes).items():
        net[asset] = qty
    fee_worth = sum((_fee_worth(fee, fill, currency, rate) for fee in fill.fees), ZERO)
    found = {}
    for asset, qty in net.items():
        leg = Entry(
            fill.ts, fill.exec_id, qty, _leg_worth(asset, net, pair_of(fill), currency, rate), Kind.TRADE
        )
        if asset == base:
            leg = msgspec.structs.replace(leg, fees=fill.fees, fee_worth=fee_worth)
        found[asset] = [leg]
    return found


def ledger_entries(changes: Iterable[BalanceChange], currency: Asset) -> dict[Asset, list[Entry]]:
    """Return what entries of one ``ref_id`` without a fill do. An exchange against the currency has its worth."""
    changes = list(changes)
    traded = _sums(change for change in changes if _kind(change) is Kind.TRADE)
    paid = traded.get(currency)
    worth = abs(paid) if paid is not None and len(traded) == 2 else None
    found: dict[Asset, list[Entry]] = {}
    for change in changes:
        found.setdefault(change.asset, []).extend(_ledger_entry(change, traded, worth))
    return found


def _ledger_entry(
    change: BalanceChange, traded: Mapping[Asset, Decimal], worth: Decimal | None
) -> Iterator[Entry]:
    kind, key = _kind(change), str(change.ledger_id)
    if kind is Kind.TRADE:
        net = change.amount - change.fee
        # Several entries of one asset share its worth by their size.
        mine = worth if worth is None or net == traded[change.asset] else None
        yield Entry(change.ts, key, net, mine if net else ZERO, kind)
        return
    yield Entry(change.ts, key, change.amount, None, kind)
    if change.fee:
        yield Entry(change.ts, f"{key} fee", -change.fee, ZERO, Kind.TRADE)


def _kind(change: BalanceChange) -> Kind:
    if change.subtype in _WITHIN:
        return Kind.WITHIN
    if change.type in _MOVES or change.subtype in _OTHER_ACCOUNT:
        return Kind.MOVE
    # What comes in for nothing (rewards, airdrops) has a cost nobody said; what goes out that way has no proceeds.
    return Kind.TRADE


def _leg_worth(
    asset: Asset,
    net: Mapping[Asset, Decimal],
    pair: tuple[Asset, Asset],
    currency: Asset,
    rate: Decimal | None,
) -> Decimal | None:
    """Return what a leg was exchanged for. Below zero for a sale that brought less than its fee."""
    base, quote = pair
    if asset not in pair:
        return ZERO
    if asset == currency:
        return abs(net[asset])
    if base == currency:
        other = net[base]
    elif rate is None:
        return None
    elif asset == quote:
        return abs(net[quote]) * rate
    else:
        other = net[quote] * rate
    return -other if net[asset] > 0 else other


def _net(fill: Fill, base: Asset, quote: Asset) -> dict[Asset, Decimal]:
    sign = fill.side.sign
    net = {base: sign * fill.qty, quote: -sign * fill.cost}
    for fee in fill.fees:
        net[fee.asset] = net.get(fee.asset, ZERO) - fee.qty
    return net


def _sums(changes: Iterable[BalanceChange]) -> dict[Asset, Decimal]:
    sums: dict[Asset, Decimal] = {}
    for change in changes:
        sums[change.asset] = sums.get(change.asset, ZERO) + change.amount - change.fee
    return sums


def _fee_worth(fee: Fee, fill: Fill, currency: Asset, rate: Decimal | None) -> Decimal:
    base, quote = pair_of(fill)
    if fee.asset == currency:
        return fee.qty
    if rate is None or fee.asset not in (base, quote):
        return ZERO
    return fee.qty * rate * (fill.price if fee.asset == base else 1)
