"""Accounts: balances, ledgers, fees, holds and settlement of trades, all exact.

Every amount that leaves one account arrives in another: trades between an account and the market's own
participants pass through ``world``, fees through ``fees``. Source: Kraken "Fee schedule", REST ``BalanceEx``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from itertools import islice

from core.sim.counters import SECOND_NS, TIERS, RateCounter, Tier
from core.sim.model import ZERO, AssetSpec, Fill, LedgerEntry, OrderSpec, PairSpec, SimOrder

THIRTY_DAYS_NS = 30 * 86_400 * SECOND_NS

CLOSED_KEPT, FILLS_KEPT, ENTRIES_KEPT = 10_000, 20_000, 40_000
"""Of one account; what is older is gone from its history. Two ledger entries belong to a fill. Together some 60 MB:
weeks of a trader, or the hours of a strategy that never rests."""

KEPT_SLACK = 1_000
"""So many more are kept before the oldest go all at once."""

# Spot fees: 30-day volume in USD, maker percent, taker percent.
FEES = (
    (0, "0.25", "0.40"),
    (10_000, "0.20", "0.35"),
    (50_000, "0.14", "0.24"),
    (100_000, "0.12", "0.22"),
    (250_000, "0.08", "0.20"),
    (500_000, "0.06", "0.18"),
    (1_000_000, "0.04", "0.16"),
    (2_500_000, "0.02", "0.14"),
    (5_000_000, "0", "0.12"),
    (10_000_000, "0", "0.10"),
)
# The same for stable coins and currencies.
STABLE_FEES = (
    (0, "0.20", "0.20"),
    (50_000, "0.16", "0.16"),
    (100_000, "0.12", "0.12"),
    (250_000, "0.08", "0.08"),
    (500_000, "0.04", "0.04"),
    (1_000_000, "0.02", "0.02"),
    (10_000_000, "0", "0.001"),
)
STABLE_BASES = frozenset({"USDT", "USDC", "EUR"})


@dataclass(slots=True)
class Account:
    """One client of the exchange. ``open`` and ``closed`` hold orders by identifier; all history is oldest first."""

    name: str
    tier: Tier
    balances: dict[str, Decimal] = field(default_factory=dict)
    open: dict[str, SimOrder] = field(default_factory=dict)
    closed: dict[str, SimOrder] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    ledger: list[LedgerEntry] = field(default_factory=list)
    volumes: deque[tuple[int, Decimal]] = field(default_factory=deque)
    volume_sum: Decimal = ZERO
    counters: dict[str, RateCounter] = field(default_factory=dict)
    dead_man_ns: int | None = None
    fills_before: int = 0
    entries_before: int = 0

    def forget_oldest(self) -> None:
        """Let closed orders, fills and ledger entries go that are beyond their bound, oldest first.

        ``fills_before`` and ``entries_before`` count those that went.
        """
        if len(self.closed) > CLOSED_KEPT + KEPT_SLACK:
            for order_id in list(islice(self.closed, len(self.closed) - CLOSED_KEPT)):
                del self.closed[order_id]
        if len(self.fills) > FILLS_KEPT + KEPT_SLACK:
            self.fills_before += len(self.fills) - FILLS_KEPT
            del self.fills[:-FILLS_KEPT]
        if len(self.ledger) > ENTRIES_KEPT + KEPT_SLACK:
            self.entries_before += len(self.ledger) - ENTRIES_KEPT
            del self.ledger[:-ENTRIES_KEPT]

    def counter(self, symbol: str) -> RateCounter:
        """The engine's rate counter for a pair."""
        return self.counters.setdefault(symbol, RateCounter(self.tier))

    def volume(self, now_ns: int) -> Decimal:
        """USD value traded in the last 30 days."""
        since = now_ns - THIRTY_DAYS_NS
        while self.volumes and self.volumes[0][0] < since:
            self.volume_sum -= self.volumes.popleft()[1]
        return self.volume_sum

    def traded(self, ts_ns: int, usd: Decimal) -> None:
        """Count a trade's USD value for the fee tier."""
        self.volumes.append((ts_ns, usd))
        self.volume_sum += usd


def fee_rates(pair: PairSpec, volume: Decimal) -> tuple[Decimal, Decimal]:
    """Maker and taker fee as fractions for a 30-day volume in USD."""
    table = STABLE_FEES if pair.base in STABLE_BASES else FEES
    _, maker, taker = max(row for row in table if row[0] <= volume)
    return Decimal(maker) / 100, Decimal(taker) / 100


def quantum(asset: AssetSpec) -> Decimal:
    """Smallest amount of an asset in the ledger."""
    return Decimal(1).scaleb(-asset.precision)


def round_up(amount: Decimal, asset: AssetSpec) -> Decimal:
    """Round to the ledger's decimals, never in the account's favour."""
    return amount.quantize(quantum(asset), ROUND_CEILING)


def fee_in_base(spec: OrderSpec) -> bool:
    """Whether fees are taken from the base asset. The default is the quote asset on both sides."""
    return spec.fee_preference == "base"


@dataclass(frozen=True, slots=True)
class Execution:
    """One side of a trade before it is settled. ``rate`` is the fee as a fraction, ``usd`` the quote's USD price."""

    exec_id: str
    trade_id: int
    qty: Decimal
    price: Decimal
    rate: Decimal
    liquidity: str
    usd: Decimal
    ts_ns: int


class Accounts:
    """All accounts, the market's own participants (``world``) and the exchange's income (``fees``)."""

    def __init__(self, assets: Mapping[str, AssetSpec]) -> None:
        self._assets = assets
        self.by_name: dict[str, Account] = {}
        self.world: dict[str, Decimal] = {}
        self.fees: dict[str, Decimal] = {}

    def open(self, name: str, tier: str) -> Account:
        """Open an empty account. ValueError when it exists or the tier is unknown."""
        if name in self.by_name or not name:
            raise ValueError(f"account {name!r} exists already or has no name")
        if tier not in TIERS:
            raise ValueError(f"no tier {tier!r}")
        account = self.by_name[name] = Account(name, TIERS[tier])
        return account

    def settle(
        self, account: Account, order: SimOrder, pair: PairSpec, trade: Execution, ledger_ids: tuple[str, str]
    ) -> tuple[Fill, tuple[LedgerEntry, LedgerEntry]]:
        """Move base, quote and fee for one side of a trade, and write the fill and the ledger."""
        cost, fee, fee_asset = self._amounts(order, pair, trade)
        sign = 1 if order.spec.side == "buy" else -1
        legs = ((pair.base, sign * trade.qty), (pair.quote, -sign * cost))
        entries = []
        for ledger_id, (asset, amount) in zip(ledger_ids, legs, strict=True):
            leg_fee = fee if asset == fee_asset else ZERO
            entries.append(self._book(account, asset, amount, leg_fee, ledger_id, trade))
            self.world[asset] = self.world.get(asset, ZERO) - amount
        fill = Fill(
            exec_id=trade.exec_id,
            trade_id=trade.trade_id,
            order_id=order.order_id,
            account=account.name,
            symbol=pair.symbol,
            side=order.spec.side,
            order_type=order.spec.order_type,
            qty=trade.qty,
            price=trade.price,
            cost=cost,
            fee=fee,
            fee_asset=fee_asset,
            liquidity=trade.liquidity,
            ts_ns=trade.ts_ns,
            ledger_ids=ledger_ids,
        )
        account.fills.append(fill)
        account.traded(trade.ts_ns, cost * trade.usd)
        order.exec_ids.append(fill.exec_id)
        return fill, (entries[0], entries[1])

    def _amounts(self, order: SimOrder, pair: PairSpec, trade: Execution) -> tuple[Decimal, Decimal, str]:
        """Cost, fee and fee asset of a trade; rounds the order's running sums, so errors never pile up."""
        fee_asset = pair.base if fee_in_base(order.spec) else pair.quote
        exact_cost = trade.qty * trade.price
        exact_fee = (trade.qty if fee_asset == pair.base else exact_cost) * trade.rate
        order.cum_qty += trade.qty
        order.exact_cost += exact_cost
        order.exact_fee += exact_fee
        total = order.exact_cost.quantize(quantum(self._assets[pair.quote]), ROUND_HALF_UP)
        fees = order.exact_fee.quantize(quantum(self._assets[fee_asset]), ROUND_HALF_UP)
        cost, fee = total - order.cum_cost, fees - order.cum_fee
        order.cum_cost, order.cum_fee = total, fees
        return cost, fee, fee_asset

    def _book(
        self, account: Account, asset: str, amount: Decimal, fee: Decimal, ledger_id: str, trade: Execution
    ) -> LedgerEntry:
        self.fees[asset] = self.fees.get(asset, ZERO) + fee
        return self.enter(account, asset, amount, fee, ledger_id, trade.exec_id, "trade", trade.ts_ns)

    def enter(
        self,
        account: Account,
        asset: str,
        amount: Decimal,
        fee: Decimal,
        ledger_id: str,
        ref_id: str,
        kind: str,
        ts_ns: int,
    ) -> LedgerEntry:
        """Write one ledger line and change the balance by ``amount`` less ``fee``."""
        exact = quantum(self._assets[asset])
        balance = (account.balances.get(asset, ZERO) + amount - fee).quantize(exact)
        account.balances[asset] = balance
        entry = LedgerEntry(
            ledger_id=ledger_id,
            ref_id=ref_id,
            account=account.name,
            type=kind,
            subtype="",
            category=kind,
            asset=asset,
            amount=amount.quantize(exact),
            fee=fee.quantize(exact),
            balance=balance,
            ts_ns=ts_ns,
        )
        account.ledger.append(entry)
        return entry


def hold_of(
    order: SimOrder, pair: PairSpec, assets: Mapping[str, AssetSpec], rate: Decimal
) -> tuple[str, Decimal]:
    """Asset and amount an open order keeps from being spent, with its worst-case fee at ``rate``.

    A buy holds quote at its limit (at its trigger price when it has no limit yet); a sell holds base.
    """
    with_fee = 1 + rate
    in_base = fee_in_base(order.spec)
    if order.spec.side == "sell":
        qty = order.leaves * with_fee if in_base else order.leaves
        return pair.base, round_up(qty, assets[pair.base])
    asset = assets[pair.quote]
    if order.spec.cash_order_qty is not None:
        cost = order.spec.cash_order_qty - order.exact_cost
    else:
        cost = order.leaves * (order.limit_price or order.trigger_price or ZERO)
    fee = ZERO if in_base else round_up(cost * rate, asset)
    return pair.quote, round_up(cost, asset) + fee
