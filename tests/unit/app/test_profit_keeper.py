"""The keeper of the profit books: true to what the exchange says is owned, over restarts and lost lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from core.app.profit_keeper import ProfitKeeper
from core.domain.account import Balance, BalanceChange, Wallet
from core.domain.events import BalanceEvent
from core.domain.health import Line
from core.domain.ids import Asset, ExecId, LedgerId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Fee, Fill
from core.domain.times import NS
from core.processing.lots import Method
from tests.helpers.market import Desk

D = Decimal
BTC, ETH, USD = Asset("BTC"), Asset("ETH"), Asset("USD")


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.clock.advance(s=1_000)
    desk.describe()
    return desk


class Account:
    """Tells a desk what its account does, as the private channels would."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.number = 1
        self.owned: dict[Asset, Decimal] = {}

    def snapshot(self, **owned: str) -> None:
        self.owned = {Asset(asset): D(total) for asset, total in owned.items()}
        rows = [
            Balance(asset=asset, total=total, wallets=(Wallet("spot", "main", total),))
            for asset, total in self.owned.items()
        ]
        self.number = 1
        self.desk.feed(BalanceEvent(True, 1, rows, []), line=Line.PRIVATE)
        self.desk.flush()

    def entry(self, asset: Asset, amount: str, fee: str = "0", **fields: str) -> BalanceChange:
        self.number += 1
        self.owned[asset] = self.owned.get(asset, D(0)) + D(amount) - D(fee)
        told = {"type": "deposit", **fields}
        row = BalanceChange(
            asset=asset,
            amount=D(amount),
            fee=D(fee),
            balance=self.owned[asset],
            ledger_id=LedgerId(f"L{self.desk.clock.wall_ns()}-{self.number}"),
            wallet_type="spot",
            wallet_id="main",
            ts=self.desk.clock.wall_ns(),
            **told,
        )
        self.desk.feed(BalanceEvent(False, self.number, [], [row]), line=Line.PRIVATE)
        self.desk.flush()
        return row

    def fill(self, side: str, qty: str, price: str, pair: str = "BTC/USD", *, ago_s: int = 0) -> Fill:
        self.number += 1
        ts = self.desk.clock.wall_ns() - ago_s * NS
        fill = Fill(
            exec_id=ExecId(f"T{ts}"),
            order_id=OrderId("O"),
            symbol=Symbol(pair),
            side=Side(side),
            qty=D(qty),
            price=D(price),
            cost=D(qty) * D(price),
            fees=(Fee(Asset(pair.partition("/")[2]), D(0)),),
            ts=ts,
        )
        self.number -= 1
        self.desk.stores.fills.add(fill)
        self.desk.flush()
        return fill

    def settle(self, fill: Fill) -> None:
        base, _, quote = fill.symbol.partition("/")
        sign = fill.side.sign
        for asset, amount in ((base, sign * fill.qty), (quote, -sign * fill.cost)):
            self.entry(Asset(asset), str(amount), type="trade", ref_id=fill.exec_id)

    def trade(self, *of: str) -> Fill:
        """A fill, and a moment later its ledger entries."""
        self.desk.clock.advance(s=1)
        fill = self.fill(*of)
        self.settle(fill)
        return fill


@pytest.fixture
def account(desk: Desk) -> Account:
    return Account(desk)


def agree(desk: Desk) -> bool:
    told = {balance.asset: balance.total for balance in desk.stores.balances.told_all()}
    return all(desk.profit.position(asset).quantity == total for asset, total in told.items())


def test_what_was_there_before_has_an_unknown_basis_and_quantities_are_those_of_the_balances(desk, account):
    account.snapshot(USD="10000", BTC="1.5")
    account.trade("buy", "0.5", "1000")
    account.trade("sell", "0.25", "1200")

    position = desk.profit.position(BTC)
    assert agree(desk)
    assert (position.quantity, position.known, position.unknown) == (D("1.75"), D("0.25"), D("1.5"))
    assert position.realised == position.realised_session == D(50)


def test_a_fill_ahead_of_its_ledger_entries_is_no_difference(desk, account):
    account.snapshot(USD="10000", BTC="1")
    desk.clock.advance(s=1)
    fill = account.fill("buy", "0.5", "1000")
    desk.clock.advance(s=2)
    desk.profit.look()
    account.settle(fill)
    desk.clock.advance(s=20)
    desk.profit.look()

    assert agree(desk)
    assert desk.profit.position(BTC).unknown == 1


def test_a_deposit_nobody_told_of_becomes_an_entry_once_the_difference_lasts(desk, account):
    account.snapshot(USD="10000", BTC="1")
    account.trade("buy", "1", "1000")
    desk.clock.advance(s=60)
    account.snapshot(USD="9000", BTC="5")

    desk.profit.look()
    at_once = desk.profit.position(BTC).quantity
    desk.clock.advance(s=6)
    desk.profit.look()

    assert at_once == 2
    assert agree(desk)
    assert desk.profit.position(BTC).unknown == 4
    assert any("BTC moved while nobody listened" in event.text for event in desk.stores.health.events)


def test_the_first_coins_of_an_asset_are_no_difference_while_their_ledger_entries_are_on_the_way(
    desk, account
):
    account.snapshot(USD="10000")
    desk.clock.advance(s=1)
    fill = account.fill("buy", "0.5", "1000", "ETH/USD")
    account.entry(USD, "1")
    between = desk.profit.position(ETH)
    account.settle(fill)

    assert (between.quantity, between.cost) == (D("0.5"), D(500))
    assert desk.profit.position(ETH) == between
    assert agree(desk)


def test_a_fill_found_late_explains_what_was_taken_for_unknown(desk, account):
    account.snapshot(USD="10000", BTC="1")
    before = desk.profit.position(BTC).unknown
    account.fill("buy", "0.25", "1000", ago_s=30)

    position = desk.profit.position(BTC)
    assert before == 1
    assert agree(desk)
    assert (position.unknown, position.known, position.cost) == (D("0.75"), D("0.25"), D(250))


def test_a_pair_without_dollars_is_valued_at_the_moment_of_the_fill(desk, account):
    desk.quote(Symbol("BTC/USD"), D(50_000))
    account.snapshot(BTC="1")

    account.trade("buy", "4", "0.1", "ETH/BTC")
    desk.quote(Symbol("BTC/USD"), D(60_000))

    assert desk.profit.position(ETH).average == D(5000)


def test_the_price_of_a_quote_nobody_watched_is_subscribed_and_then_used(desk, account):
    account.snapshot(BTC="1")
    account.trade("buy", "4", "0.1", "ETH/BTC")
    unsure = desk.profit.position(ETH).known

    assert any(sub.symbol == "BTC/USD" for sub in desk.market_data.watched)
    desk.quote(Symbol("BTC/USD"), D(50_000))
    desk.profit.look()

    assert unsure == 0
    assert desk.profit.position(ETH).cost == D(20_000)


async def after_a_restart(desk: Desk, file: Path, fills: list[Fill]) -> ProfitKeeper:
    again = Desk()
    again.clock.advance(s=5_000)
    keeper = ProfitKeeper(again.stores, again.market_data, again.clock, again.exchange_ns)
    keeper.keep_in(file)
    await keeper.restore(fills)
    return keeper


async def test_method_bases_rates_and_transfers_survive_a_restart(desk, account, tmp_path):
    file = tmp_path / "profit.jsonl"
    desk.profit.keep_in(file)
    desk.quote(Symbol("BTC/USD"), D(50_000))
    account.snapshot(USD="100000", BTC="1")
    account.entry(BTC, "2")
    told = desk.profit.tell(BTC, D(40_000))
    account.trade("sell", "0.5", "50000")
    account.trade("buy", "4", "0.1", "ETH/BTC")
    desk.clock.advance(s=1)
    account.entry(BTC, "1")
    desk.profit.use(Method.LIFO)

    keeper = await after_a_restart(desk, file, desk.stores.fills.all())

    assert told == 2
    assert keeper.method is Method.LIFO
    for asset in (BTC, ETH, USD):
        before, after = desk.profit.position(asset), keeper.position(asset)
        assert (after.lots, after.realised, after.unsettled) == (
            before.lots,
            before.realised,
            before.unsettled,
        )
    assert keeper.position(BTC).realised == D(5000 + 4000)
    assert keeper.position(BTC).realised_session == 0


async def test_a_line_cut_off_by_a_crash_costs_that_line_alone(desk, account, tmp_path):
    file = tmp_path / "profit.jsonl"
    desk.profit.keep_in(file)
    account.snapshot(BTC="1")
    with file.open("ab") as torn:
        torn.write(b'{"type":"basis","ass')

    once = Desk()
    once.profit.keep_in(file)
    once.profit.use(Method.FIFO)
    keeper = await after_a_restart(desk, file, [])

    assert any("could not be read" in event.text for event in once.stores.health.events)
    assert keeper.method is Method.FIFO
    assert keeper.position(BTC).quantity == 1


def test_the_books_of_an_exchange_that_is_gone_are_set_aside(desk, account, tmp_path):
    file = tmp_path / "profit.jsonl"
    desk.profit.keep_in(file)
    account.snapshot(BTC="1")

    fresh = Desk()
    fresh.profit.keep_in(file, anew=True)

    assert fresh.profit.positions() == []
    assert (tmp_path / "previous-profit.jsonl").exists()


def test_a_file_that_cannot_be_written_is_said_once_and_nothing_else_is_lost(
    desk, account, tmp_path, expect_logs
):
    expect_logs("core.app.profit_keeper", "profit not kept")
    desk.profit.keep_in(tmp_path / "missing" / "profit.jsonl")

    account.snapshot(BTC="1", ETH="2")

    assert sum("kept until you quit only" in event.text for event in desk.stores.health.events) == 1
    assert agree(desk)


def test_a_basis_must_be_a_price(desk):
    for wrong in (D(-1), D("NaN"), D("Infinity")):
        with pytest.raises(ValueError, match="not a price"):
            desk.profit.tell(BTC, wrong)


def test_after_the_stores_went_back_the_books_are_those_of_that_moment(desk, account):
    account.snapshot(USD="10000", BTC="1")
    account.trade("buy", "1", "1000")
    past = Desk()
    Account(past).snapshot(USD="5", BTC="3")
    desk.stores.fills.take_over(past.stores.fills)
    desk.stores.balances.take_over(past.stores.balances)

    desk.profit.begin_anew()

    assert [position.quantity for position in desk.profit.positions()] == [D(3), D(5)]
    assert desk.profit.position(BTC).known == 0
