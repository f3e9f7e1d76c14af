"""What the account owns. Source: Kraken channel ``balances`` and REST ``BalanceEx``."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from core.domain.ids import Asset, LedgerId, Symbol


class Wallet(msgspec.Struct, frozen=True):
    """Part of a balance, by place: ``spot``/``main`` can be traded, ``earn`` cannot."""

    type: str
    id: str
    balance: Decimal


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """Total of one asset over all wallets; holds for open orders are not subtracted."""

    asset: Asset
    total: Decimal
    wallets: tuple[Wallet, ...] = ()
    ts: int = 0


class BalanceChange(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger entry. ``amount`` is signed without ``fee``; ``balance`` is the new total; ``ledger_id`` the key."""

    asset: Asset
    amount: Decimal
    fee: Decimal
    balance: Decimal
    ledger_id: LedgerId
    ref_id: str = ""
    type: str = ""
    subtype: str = ""
    category: str = ""
    wallet_type: str = ""
    wallet_id: str = ""
    ts: int = 0


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One asset with what open orders hold of it. Available is total + credit - credit_used - held. ``BalanceEx``."""

    asset: Asset
    total: Decimal
    held: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    credit_used: Decimal = Decimal(0)


class FeeRate(msgspec.Struct, frozen=True, kw_only=True):
    """Fees of one pair at the account's volume, as fractions of the cost (0.0026 is 0.26 %). ``TradeVolume``."""

    symbol: Symbol
    maker: Decimal
    taker: Decimal
