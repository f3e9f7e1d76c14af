"""What is owned, as one account channel tells it: totals in a snapshot, then ledger entries in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from core.domain.account import Balance, BalanceChange, Wallet
from core.domain.ids import Asset

ZERO = Decimal(0)


class Totals:
    """Balances by asset. Two that were told the same entries are equal, whatever their snapshots were."""

    def __init__(self) -> None:
        self._balances: dict[Asset, Balance] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Totals) and self._owned() == other._owned()

    __hash__ = None  # type: ignore[assignment]

    def all(self) -> list[Balance]:
        """Every asset told of, by name."""
        return [balance for _, balance in sorted(self._balances.items())]

    def get(self, asset: Asset) -> Balance | None:
        """Return one asset, or ``None`` when nothing was told of it."""
        return self._balances.get(asset)

    def replace(self, balances: Sequence[Balance], *, keep: bool = False) -> None:
        """Begin anew from a snapshot, or (``keep``) take the next part of one that came in several frames."""
        kept = self._balances if keep else {}
        self._balances = {**kept, **{balance.asset: balance for balance in balances}}

    def add(self, changes: Iterable[BalanceChange]) -> None:
        """Merge ledger entries; the balance told is the new total of its wallet."""
        for change in changes:
            self._merge(change)

    def _merge(self, change: BalanceChange) -> None:
        known = self._balances.get(change.asset)
        where = (change.wallet_type or "spot", change.wallet_id or "main")
        others = [w for w in (known.wallets if known else ()) if (w.type, w.id) != where]
        # Kraken does not say whether the balance is the wallet's or the account's. With one wallet it is both.
        if others:
            before = (
                sum((w.balance for w in known.wallets if (w.type, w.id) == where), ZERO) if known else ZERO
            )
            mine = before + change.amount - change.fee
        else:
            mine = change.balance
        wallets = (*others, Wallet(where[0], where[1], mine))
        total = sum((w.balance for w in wallets), ZERO)
        self._balances[change.asset] = Balance(asset=change.asset, total=total, wallets=wallets, ts=change.ts)

    def _owned(self) -> dict[Asset, Decimal]:
        return {asset: balance.total for asset, balance in self._balances.items() if balance.total}
