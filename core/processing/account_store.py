"""Balances as the exchange tells them, less what our open orders hold back.

The stream does not show holds, so they are computed from the open orders at the worst fee of the account.
Source: Kraken channel ``balances``; REST ``BalanceEx`` is the reference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from core.domain.account import Balance, BalanceChange, FeeRate
from core.domain.ids import Asset, LedgerId, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import Order, OrderType
from core.domain.times import NS
from core.processing.book_store import BookStore
from core.processing.market_stores import InstrumentStore, TickerStore, TradeStore
from core.processing.order_store import Changes, OrderKey, OrderStore
from core.processing.reference import References
from core.processing.store import Store
from core.processing.totals import Totals

ZERO = Decimal(0)

DEFAULT_TAKER_FEE = Decimal("0.0040")
"""Kraken's highest spot fee, until the account's own schedule is known."""

LEDGER_KEPT = 5_000

EARLY_NS, ENTRY_NS = 5 * NS, 5 * NS
"""Fill and ledger entry come by different channels: the entry at most this much earlier, or later."""


class AccountBalance(msgspec.Struct, frozen=True):
    """One asset: ``total`` over all wallets, ``spot`` what can be traded, ``held`` for open orders."""

    asset: Asset
    total: Decimal
    spot: Decimal
    held: Decimal

    @property
    def available(self) -> Decimal:
        """What a new order may use."""
        return self.spot - self.held


class _Holding(NamedTuple):
    """What one open order holds, as long as it is this very value; no asset while only the market tells."""

    order: Order
    instrument: Instrument | None
    asset: Asset | None
    qty: Decimal


class BalanceStore(Store[Asset]):
    """Balances by asset. ``verified`` only between a snapshot and the next doubt."""

    def __init__(
        self,
        orders: OrderStore,
        instruments: InstrumentStore,
        books: BookStore,
        trades: TradeStore,
        tickers: TickerStore,
    ) -> None:
        super().__init__()
        self._orders = orders
        self._instruments = instruments
        self._books = books
        self._trades = trades
        self._tickers = tickers
        self._totals = Totals()
        self._seen: dict[LedgerId, None] = {}
        self._rates: dict[Symbol, FeeRate] = {}
        self._changes = Changes()
        self._held_of = (0, -1, -1)
        self._held: dict[Asset, dict[OrderKey, Decimal]] = {}
        self._holding: dict[OrderKey, _Holding] = {}
        self._floating: dict[OrderKey, tuple[Order, Instrument]] = {}
        self._rates_version = 0
        self.ledger: deque[BalanceChange] = deque(maxlen=LEDGER_KEPT)
        self.verified = False
        self._moved: dict[Asset, int] = {}
        self._owed: dict[Asset, int] = {}

    def all(self) -> list[AccountBalance]:
        """Every asset owned, by name."""
        held = self.holds()
        return [_account_balance(balance, held.get(balance.asset, ZERO)) for balance in self._totals.all()]

    def told(self, assets: Iterable[Asset]) -> list[Balance]:
        """Return what the exchange told of these assets, holds not taken off."""
        return [told for asset in assets if (told := self._totals.get(asset)) is not None]

    def told_all(self) -> list[Balance]:
        """Return what the exchange told of every asset, by name, holds not taken off."""
        return self._totals.all()

    def get(self, asset: Asset) -> AccountBalance | None:
        """Return one asset, or ``None`` when nothing of it is owned."""
        balance = self._totals.get(asset)
        return _account_balance(balance, self._held_of_asset(asset)) if balance is not None else None

    def holds(self) -> dict[Asset, Decimal]:
        """Return what open orders hold back, by asset: sells their base, buys their cost and the worst fee."""
        self._reckon()
        held = {asset: sum(qtys.values(), ZERO) for asset, qtys in self._held.items()}
        for order, instrument in self._floating.values():
            asset, qty = self.hold(order, instrument)
            held[asset] = held.get(asset, ZERO) + qty
        return held

    def _held_of_asset(self, asset: Asset) -> Decimal:
        self._reckon()
        held = sum(self._held.get(asset, {}).values(), ZERO)
        for order, instrument in self._floating.values():
            held_asset, qty = self.hold(order, instrument)
            held += qty if held_asset == asset else ZERO
        return held

    def fee_rate(self, symbol: Symbol) -> FeeRate:
        """Return the account's fees for a pair; Kraken's highest while they are not known."""
        known = self._rates.get(symbol)
        return known or FeeRate(symbol=symbol, maker=DEFAULT_TAKER_FEE, taker=DEFAULT_TAKER_FEE)

    def fee_rates(self) -> list[FeeRate]:
        """Return the fee schedule as far as it is known."""
        return list(self._rates.values())

    def set_fee_rates(self, rates: Sequence[FeeRate]) -> None:
        """Take over the account's fee schedule."""
        self._rates = {rate.symbol: rate for rate in rates}
        self._rates_version += 1
        self.orders_changed()

    def apply_snapshot(self, balances: Sequence[Balance], *, replace: bool = True) -> None:
        """Replace everything, or add the next part of a snapshot that came in several frames."""
        self.orders_changed()
        self._totals.replace(balances, keep=not replace)
        self.orders_changed()
        self.verified = True

    def apply_changes(self, changes: Sequence[BalanceChange]) -> None:
        """Merge ledger entries, each once; the balance told is the new total of its wallet."""
        for change in changes:
            if change.ledger_id in self._seen:
                continue
            self._seen[change.ledger_id] = None
            if len(self._seen) > LEDGER_KEPT:
                del self._seen[next(iter(self._seen))]
            self._totals.add([change])
            self.ledger.append(change)
            self.touch(change.asset)

    def orders_changed(self) -> None:
        """Open orders changed, and with them what is held."""
        for balance in self._totals.all():
            self.touch(balance.asset)

    def filled(self, asset: Asset, now: int) -> None:
        """A fill moved this asset, heard of at monotonic ``now``: the account channel owes an entry."""
        if self._moved.get(asset, 0) < now - EARLY_NS:
            self._owed.setdefault(asset, now)

    def moved(self, changes: Sequence[BalanceChange], now: int) -> None:
        """The account channel told entries at monotonic ``now``, new or not."""
        for change in changes:
            self._moved[change.asset] = now
            self._owed.pop(change.asset, None)

    def overdue(self, now: int) -> list[Asset]:
        """Assets that fills moved and of which the account channel has not said a word for too long."""
        return [asset for asset, since in self._owed.items() if now - since >= ENTRY_NS]

    def forgive(self) -> None:
        """Nothing is owed any more: everything is told anew."""
        self._owed.clear()

    def shows(self, totals: Totals) -> bool:
        """Whether these are the totals shown."""
        return totals == self._totals

    def doubt(self) -> None:
        """The private line was lost: what is shown may be old."""
        self.verified = False
        self.orders_changed()

    def _reckon(self) -> None:
        """Read those orders again that changed, or all of them where anything else their holds follow from did."""
        changes = self._orders.changes
        now = (changes.version, self._instruments.version, self._rates_version)
        if now == self._held_of and changes is self._changes:
            return
        same = changes is self._changes and now[1:] == self._held_of[1:]
        keys: Iterable[OrderKey] | None = changes.since(self._held_of[0]) if same else None
        self._held_of, self._changes = now, changes
        if keys is None:
            self._held, self._holding, self._floating = {}, {}, {}
            keys = [key for key, _ in self._orders.open_items()]
        for key in keys:
            self._read(key)

    def _read(self, key: OrderKey) -> None:
        """Note what an order holds now, instead of what it held."""
        old = self._holding.pop(key, None)
        if old is not None:
            self._floating.pop(key, None)
            if old.asset is not None:
                del self._held[old.asset][key]
                if not self._held[old.asset]:
                    del self._held[old.asset]
        order = self._orders.open_by_key(key)
        if order is None:
            return
        new = self._holding[key] = self._holding_of(order)
        if new.asset is not None:
            self._held.setdefault(new.asset, {})[key] = new.qty
        elif new.instrument is not None:
            self._floating[key] = (order, new.instrument)

    def _holding_of(self, order: Order) -> _Holding:
        instrument = self._instruments.get(order.symbol)
        floats = order.side is Side.BUY and order.cash_qty is None and _own_price(order) is None
        if instrument is None or floats:
            return _Holding(order, instrument, None, ZERO)
        return _Holding(order, instrument, *self.hold(order, instrument))

    @property
    def _market(self) -> References:
        # Made when asked: a store that takes over another keeps the stores it reads, and nothing else.
        return References(self._books, self._trades, self._tickers)

    def hold(self, order: Order, instrument: Instrument) -> tuple[Asset, Decimal]:
        """Return what one open order holds back: an asset and how much of it, at the worst fee."""
        if order.side is Side.SELL:
            return instrument.base, order.leaves
        if order.cash_qty is not None:
            cost = order.cash_qty
        else:
            # A market order whose end is not known yet may still spend what the market asks.
            price = _own_price(order) or self._market.touch(order.symbol, Side.BUY) or ZERO
            cost = order.leaves * price
        return instrument.quote, cost + cost * self.fee_rate(order.symbol).taker


def _own_price(order: Order) -> Decimal | None:
    """Return the price an order carries itself, ``None`` where only the market tells."""
    if order.limit_price is not None and order.order_type is not OrderType.TRAILING_STOP_LIMIT:
        return order.limit_price
    is_static = order.trigger is not None and order.trigger.price_type == "static"
    return order.terms.trigger_price.value if is_static else None


def _account_balance(balance: Balance, held: Decimal) -> AccountBalance:
    spot = [wallet.balance for wallet in balance.wallets if wallet.type == "spot"]
    # Some servers list no wallets at all: then the total is what can be traded.
    tradable = sum(spot, ZERO) if balance.wallets else balance.total
    # Holds are reckoned at the worst fee; the exchange itself never holds more than there is.
    least = min(held, max(ZERO, tradable))
    return AccountBalance(balance.asset, balance.total, tradable, least)
