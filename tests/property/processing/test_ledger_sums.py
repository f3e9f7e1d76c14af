"""The ledger adds up: after every event each asset stands at the sum of its entries, which is the account's balance.

The other side counts whole units of the tenth decimal and shares nothing with the books. ``make ledger N=100000`` runs
longer.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from random import Random

import pytest

from core.domain.account import BalanceChange
from core.domain.ids import Asset, ExecId, LedgerId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Fee, Fill
from core.processing.lots import Method
from core.processing.profit import ProfitBooks

EVENTS = int(os.environ.get("LEDGER", "400"))
DECIMALS = 10
LEDGER_DIGITS = {"USD": 4, "EUR": 4, "BTC": 10, "ETH": 10, "XRP": 8, "KFEE": 2}
PAIRS = ("BTC/USD", "ETH/USD", "ETH/BTC", "XRP/EUR", "BTC/EUR")
RETOLD = 200


class Account:
    """The exchange's side: balances in units of the tenth decimal, entries as they are told."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._number = 0
        self.units: Counter[str] = Counter()

    def balance(self, asset: str) -> Decimal:
        return Decimal(self.units[asset]).scaleb(-DECIMALS)

    def event(self, books: ProfitBooks) -> tuple[set[str], list[Callable[[], None]]]:
        """Let something happen. Returns the assets it touches and everything there is to tell of it."""
        self._number += 1
        kinds = (self._trade, self._trade, self._trade, self._transfer, self._staking, self._reward)
        changes, fill = self._random.choice(kinds)()
        told = [partial(books.add_change, change) for change in changes]
        told += [partial(books.add_fill, fill)] if fill is not None else []
        return {change.asset for change in changes}, told

    def _trade(self) -> tuple[list[BalanceChange], Fill]:
        random, pair = self._random, self._random.choice(PAIRS)
        base, quote = pair.split("/")
        side, price = random.choice(list(Side)), self._amount(quote, 6)
        qty = self._amount(base)
        fee_asset = random.choice((quote, quote, base, "KFEE"))
        fee = self._amount(fee_asset, 3) if random.random() < 0.9 else Decimal(0)
        fill = Fill(
            exec_id=ExecId(f"T{self._number}"),
            order_id=OrderId(f"O{self._number}"),
            symbol=Symbol(pair),
            side=side,
            qty=qty,
            price=price,
            cost=price * qty,
            fees=(Fee(Asset(fee_asset), fee),) if fee else (),
            ts=self._number,
        )
        # The ledger rounds what the fill tells in full.
        paid = round(price * qty, LEDGER_DIGITS[quote])
        legs = {base: side.sign * qty, quote: -side.sign * paid, fee_asset: Decimal(0)}
        named = {
            asset: self._change(
                asset, amount, fee if asset == fee_asset else Decimal(0), "trade", fill.exec_id
            )
            for asset, amount in legs.items()
            if amount or (asset == fee_asset and fee)
        }
        if base not in named or quote not in named:
            named.setdefault(base, self._change(base, Decimal(0), Decimal(0), "trade", fill.exec_id))
            named.setdefault(quote, self._change(quote, Decimal(0), Decimal(0), "trade", fill.exec_id))
        return list(named.values()), fill

    def _transfer(self) -> tuple[list[BalanceChange], None]:
        asset = self._random.choice(list(LEDGER_DIGITS))
        kind = self._random.choice(("deposit", "withdrawal"))
        amount = self._amount(asset) * (1 if kind == "deposit" else -1)
        return [self._change(asset, amount, self._amount(asset, 4), kind)], None

    def _staking(self) -> tuple[list[BalanceChange], None]:
        asset, ref = self._random.choice(("BTC", "ETH")), f"S{self._number}"
        amount = self._amount(asset)
        return [
            self._change(asset, -amount, Decimal(0), "transfer", ref, subtype="spottostaking"),
            self._change(asset, amount, Decimal(0), "transfer", ref, subtype="stakingfromspot"),
        ], None

    def _reward(self) -> tuple[list[BalanceChange], None]:
        asset = self._random.choice(("BTC", "ETH"))
        return [self._change(asset, self._amount(asset, 2), Decimal(0), "staking")], None

    def _amount(self, asset: str, digits: int = 9) -> Decimal:
        return Decimal(self._random.randrange(1, 10**digits)).scaleb(-LEDGER_DIGITS[asset])

    def _change(
        self, asset: str, amount: Decimal, fee: Decimal, kind: str, ref: str = "", subtype: str = ""
    ) -> BalanceChange:
        self.units[asset] += int((amount - fee).scaleb(DECIMALS))
        return BalanceChange(
            asset=Asset(asset),
            amount=amount,
            fee=fee,
            balance=self.balance(asset),
            ledger_id=LedgerId(f"L{self._number} {asset} {subtype}"),
            ref_id=ref,
            type=kind,
            subtype=subtype,
            ts=self._number,
        )


@pytest.mark.parametrize("method", list(Method))
def test_the_sum_of_the_ledger_is_the_balance_of_every_asset_at_every_time(method):
    random = Random(f"ledger {method}")
    account, books = Account(random.getrandbits(32)), ProfitBooks(method)
    earlier: list[Callable[[], None]] = []
    for _ in range(EVENTS):
        touched, told = account.event(books)
        random.shuffle(told)
        for tell in [*told, *random.choices(earlier, k=min(2, len(earlier)))]:
            tell()
        earlier = [*earlier[-RETOLD:], *told]
        for asset in touched:
            assert books.position(Asset(asset)).quantity == account.balance(asset), asset

    for asset in LEDGER_DIGITS:
        entries = books.entries(Asset(asset))
        assert sum((entry.qty for entry in entries), Decimal(0)) == account.balance(asset)
        assert sum(lot.qty for lot in books.position(Asset(asset)).lots) + books.position(
            Asset(asset)
        ).moving == account.balance(asset)
