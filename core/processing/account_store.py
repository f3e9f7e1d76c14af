"""Balances as the exchange tells them, less what our open orders hold back.

The stream does not show holds, so they are computed from the open orders at the worst fee of the account.
Source: Kraken channel ``balances``; REST ``BalanceEx`` is the reference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from core.domain.account import Balance, BalanceChange, FeeRate
from core.domain.ids import Asset, LedgerId, Symbol
from core.domain.instrument import Instrument, Side
from core.domain.orders import Order
from core.processing.market_stores import InstrumentStore
from core.processing.order_store import OrderStore
from core.processing.store import Store
from core.processing.totals import Totals

ZERO = Decimal(0)

DEFAULT_TAKER_FEE = Decimal("0.0040")
"""Kraken's highest spot fee, until the account's own schedule is known."""

LEDGER_KEPT = 5_000


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


class BalanceStore(Store[Asset]):
    """Balances by asset. ``verified`` only between a snapshot and the next doubt."""

    def __init__(self, orders: OrderStore, instruments: InstrumentStore) -> None:
        super().__init__()
        self._orders = orders
        self._instruments = instruments
        self._totals = Totals()
        self._seen: dict[LedgerId, None] = {}
        self._rates: dict[Symbol, FeeRate] = {}
        self.ledger: deque[BalanceChange] = deque(maxlen=LEDGER_KEPT)
        self.verified = False

    def all(self) -> list[AccountBalance]:
        """Every asset owned, by name."""
        held = self.holds()
        return [_account_balance(balance, held) for balance in self._totals.all()]

    def told(self, assets: Iterable[Asset]) -> list[Balance]:
        """Return what the exchange told of these assets, holds not taken off."""
        return [told for asset in assets if (told := self._totals.get(asset)) is not None]

    def told_all(self) -> list[Balance]:
        """Return what the exchange told of every asset, by name, holds not taken off."""
        return self._totals.all()

    def get(self, asset: Asset) -> AccountBalance | None:
        """Return one asset, or ``None`` when nothing of it is owned."""
        balance = self._totals.get(asset)
        return _account_balance(balance, self.holds()) if balance is not None else None

    def holds(self) -> dict[Asset, Decimal]:
        """Return what open orders hold back, by asset: sells their base, buys their cost and the worst fee."""
        held: dict[Asset, Decimal] = {}
        for order in self._orders.open():
            instrument = self._instruments.get(order.symbol)
            if instrument is not None:
                asset, qty = self._hold(order, instrument)
                held[asset] = held.get(asset, ZERO) + qty
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

    def shows(self, totals: Totals) -> bool:
        """Whether these are the totals shown."""
        return totals == self._totals

    def doubt(self) -> None:
        """The private line was lost: what is shown may be old."""
        self.verified = False
        self.orders_changed()

    def _hold(self, order: Order, instrument: Instrument) -> tuple[Asset, Decimal]:
        if order.side is Side.SELL:
            return instrument.base, order.leaves
        if order.cash_qty is not None:
            return instrument.quote, order.cash_qty
        price = order.limit_price or order.terms.trigger_price.value
        cost = order.leaves * price
        return instrument.quote, cost + cost * self.fee_rate(order.symbol).taker


def _account_balance(balance: Balance, held: Mapping[Asset, Decimal]) -> AccountBalance:
    spot = [wallet.balance for wallet in balance.wallets if wallet.type == "spot"]
    # Some servers list no wallets at all: then the total is what can be traded.
    tradable = sum(spot, ZERO) if balance.wallets else balance.total
    # Holds are reckoned at the worst fee; the exchange itself never holds more than there is.
    least = min(held.get(balance.asset, ZERO), max(ZERO, tradable))
    return AccountBalance(balance.asset, balance.total, tradable, least)
