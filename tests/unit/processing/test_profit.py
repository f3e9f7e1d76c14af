"""Profit and loss: golden examples worked by hand, and what the books promise of fills and ledgers."""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import permutations

import pytest

from core.domain.account import BalanceChange
from core.domain.ids import Asset, ExecId, LedgerId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Fee, Fill
from core.domain.times import DAY_NS
from core.processing.lots import WIDE, Method
from core.processing.profit import TAIL, ProfitBooks, realised_on, totals

D = Decimal
USD, BTC, ETH, KFEE = (Asset(name) for name in ("USD", "BTC", "ETH", "KFEE"))


def fill(
    number: int, side: str, qty: str, price: str, *fees: tuple[str, Asset], pair: str = "BTC/USD"
) -> Fill:
    return Fill(
        exec_id=ExecId(f"T{number:03d}"),
        order_id=OrderId("O"),
        symbol=Symbol(pair),
        side=Side(side),
        qty=D(qty),
        price=D(price),
        cost=D(qty) * D(price),
        fees=tuple(Fee(asset, D(qty)) for qty, asset in fees),
        ts=number,
    )


def change(number: int, asset: Asset, amount: str, fee: str = "0", **fields: str) -> BalanceChange:
    told = {"type": "deposit", **fields}
    return BalanceChange(
        asset=asset,
        amount=D(amount),
        fee=D(fee),
        balance=D(0),
        ledger_id=LedgerId(f"L{number:03d}"),
        ts=number,
        **told,
    )


def books_of(*told: Fill | BalanceChange, method: Method = Method.AVERAGE, since: int = 0) -> ProfitBooks:
    books = ProfitBooks(method, since=since)
    for one in told:
        if isinstance(one, Fill):
            books.add_fill(one)
        else:
            books.add_change(one)
    return books


# The first golden example: buy 2 at 100 (fee 1), buy 1 at 130 (fee 2), sell 2 at 150 (fee 3).
#   Lots: 2 for 201, 1 for 132; together 3 for 333, 111 each. The sale brings 300 − 3 = 297.
#   Average: 297 − 222 = 75 realised; 1 for 111 is left; at 140 it has gained 29.
#   FIFO:    297 − 201 = 96 realised; 1 for 132 is left; at 140 it has gained 8.
#   LIFO:    the 132 and half of the 201 leave, 232.50: 64.50 realised; 1 for 100.50 is left, gained 39.50.
#   By every method 104 in all: 297 + 140 − 333.
FIRST = (
    fill(1, "buy", "2", "100", ("1", USD)),
    fill(2, "buy", "1", "130", ("2", USD)),
    fill(3, "sell", "2", "150", ("3", USD)),
)


@pytest.mark.parametrize(
    ("method", "realised", "left", "gained"),
    [
        (Method.AVERAGE, "75", "111", "29"),
        (Method.FIFO, "96", "132", "8"),
        (Method.LIFO, "64.5", "100.5", "39.5"),
    ],
)
def test_each_method_realises_what_was_worked_out_by_hand(method, realised, left, gained):
    position = books_of(*FIRST, method=method).position(BTC)

    assert (position.quantity, position.cost, position.average) == (D(1), D(left), D(left))
    assert (position.realised, position.unrealised(D(140))) == (D(realised), D(gained))
    assert position.realised + position.unrealised(D(140)) == D(104)
    assert (position.fees, position.fee_worth) == ({USD: D(6)}, D(6))


# The second: fees in the base, in a third asset, and a pair without dollars.
#   Buy 1 BTC at 30 000, fee 0.002 BTC: 0.998 BTC for 30 000.
#   Sell 0.499 BTC at 40 000 (19 960), fee 5 KFEE that came in as a deposit and were said to have cost 0.01 each:
#     half of the lot leaves at 15 000: 4 960 realised; 5 KFEE leave for nothing: 0.05 lost.
#   Buy 4 ETH at 0.1 BTC = 0.4 BTC, fee 0.004 BTC, while a BTC is worth 50 000:
#     0.404 BTC leave for 20 200; of 0.499 for 15 000 that is 15 000 · 0.404 / 0.499 = 12 144.288577…
#     8 055.711423… more are realised; 4 ETH came in for 20 200, 5 050 each.
def test_fees_in_any_asset_and_pairs_without_dollars_come_out_as_by_hand():
    books = books_of(
        change(0, KFEE, "100"),
        fill(1, "buy", "1", "30000", ("0.002", BTC)),
        fill(2, "sell", "0.499", "40000", ("5", KFEE)),
    )
    books.tell(KFEE, D("0.01"))
    halfway = books.position(BTC)
    books.add_fill(fill(3, "buy", "4", "0.1", ("0.004", BTC), pair="ETH/BTC"), rate=D(50_000))

    bitcoin, ether, points = (books.position(asset) for asset in (BTC, ETH, KFEE))
    assert (halfway.quantity, halfway.cost, halfway.realised) == (D("0.499"), D(15_000), D(4960))
    assert (points.quantity, points.realised) == (D(95), D("-0.05"))
    assert bitcoin.quantity == D("0.095")
    assert abs(bitcoin.realised - D("13015.711422845691")) < D("1e-12")
    with localcontext(WIDE):
        assert bitcoin.realised == D(4960) + 20_200 - (15_000 - bitcoin.cost)
    assert (ether.quantity, ether.average, ether.fee_worth) == (D(4), D(5050), D(200))


# The third: a basis nobody knows. Deposit 1, buy 1 at 100, sell 1.5 at 120 (180).
#   Average: what is known leaves first: 1 for 100 against 120 realises 20; 0.5 was sold without a result.
#   FIFO: the deposit leaves first: 1 without a result, then half of the lot: 60 − 50 = 10.
#   Told that the deposit cost 80 each: average (80 + 100) / 2 = 90: 180 − 135 = 45; FIFO 180 − 80 − 50 = 50.
@pytest.mark.parametrize(
    ("method", "before", "without", "after"), [("average", "20", "0.5", "45"), ("fifo", "10", "1", "50")]
)
def test_a_transfer_has_an_unknown_basis_until_it_is_told(method, before, without, after):
    told = (change(1, BTC, "1"), fill(2, "buy", "1", "100"), fill(3, "sell", "1.5", "120"))
    books = books_of(*told, method=Method(method))

    unsure = books.position(BTC)
    incomplete = totals([unsure], lambda _: D(120)).complete
    keys = books.tell(BTC, D(80))

    sure = books.position(BTC)
    assert (unsure.realised, unsure.unsettled, unsure.quantity) == (D(before), D(without), D("0.5"))
    assert keys == ["L001"]
    assert not incomplete
    assert (sure.realised, sure.unsettled, sure.unknown) == (D(after), 0, 0)
    assert totals([sure], lambda _: D(120)).complete


def test_what_was_told_last_counts_and_new_transfers_are_told_by_themselves():
    books = books_of(change(1, BTC, "1"))

    books.tell(BTC, D(80))
    books.tell(BTC, D(90))
    books.add_change(change(2, BTC, "1"))
    keys = books.tell(BTC, D(200))

    assert keys == ["L002"]
    assert books.position(BTC).cost == D(290)


def test_whatever_the_order_and_however_often_told_the_books_are_the_same():
    told = (*FIRST, change(4, BTC, "0.5"), change(3, BTC, "-2", "0", type="trade", ref_id="T003"))
    expected = books_of(*told, method=Method.FIFO)

    for order in permutations(told):
        books = books_of(*order, *order, method=Method.FIFO)
        assert books.position(BTC) == expected.position(BTC)
        assert books.position(USD) == expected.position(USD)


def test_the_ledger_says_how_much_the_legs_of_a_fill_were():
    # The ledger rounds dollars to four decimals; the product of price and quantity does not.
    bought = fill(1, "buy", "0.00012345", "61234.5")
    legs = (
        change(1, BTC, "0.0001234500", type="trade", ref_id="T001"),
        change(2, USD, "-7.5594", "0.0302", type="trade", ref_id="T001"),
    )

    books = books_of(bought, *legs)

    assert books.position(USD).quantity == D("-7.5896")
    assert books.position(BTC).cost == D("7.5896")


def test_an_exchange_of_the_ledger_without_a_fill_is_worth_the_dollars_of_its_other_leg():
    legs = (
        change(1, USD, "-200", "1", type="conversion", ref_id="C1"),
        change(2, ETH, "4", type="conversion", ref_id="C1"),
    )

    position = books_of(*legs).position(ETH)

    assert (position.known, position.cost) == (D(4), D(201))


def test_a_withdrawal_takes_its_cost_along_and_only_its_fee_is_lost():
    books = books_of(fill(1, "buy", "2", "100"), change(2, BTC, "-1", "0.1", type="withdrawal"))

    position = books.position(BTC)

    assert (position.quantity, position.cost, position.realised) == (D("0.9"), D(90), D(-10))


def test_coins_moved_within_the_account_keep_their_basis():
    away = change(2, ETH, "-3", type="transfer", subtype="spottostaking")
    back = change(3, ETH, "3", type="transfer", subtype="stakingfromspot")
    books = books_of(fill(1, "buy", "4", "100", pair="ETH/USD"), away)

    between = books.position(ETH)
    books.add_change(back)

    assert (between.quantity, between.known, between.realised) == (D(1), D(4), 0)
    after = books.position(ETH)
    assert (after.quantity, after.cost, after.unknown) == (D(4), D(400), 0)


def test_what_is_sold_before_it_is_known_to_be_there_has_no_result_and_is_made_up_later():
    books = books_of(fill(2, "sell", "1", "120"))

    short = books.position(BTC)
    books.correct("opening", BTC, D(3), 0)

    assert (short.quantity, short.unknown, short.realised, short.unsettled) == (-1, -1, 0, 1)
    assert (books.position(BTC).quantity, books.position(BTC).unsettled) == (2, 1)


def test_the_session_counts_from_its_beginning():
    sold = (fill(1, "buy", "3", "100"), fill(2, "sell", "1", "110"), fill(3, "sell", "1", "130"))

    position = books_of(*sold, since=3).position(BTC)

    assert (position.realised, position.realised_session) == (D(40), D(30))


def test_a_day_counts_from_midnight_and_only_while_it_lasts():
    late, early = DAY_NS - 1, DAY_NS
    books = books_of(
        fill(1, "buy", "4", "100"), fill(late, "sell", "1", "110"), fill(early, "sell", "1", "70")
    )
    positions = [books.position(asset) for asset in books.assets()]

    assert [realised_on(day, positions) for day in (0, 1, 2)] == [0, D(-30), 0]


def test_a_fill_without_the_worth_of_its_quote_has_no_result_until_that_is_known():
    swap = fill(2, "buy", "4", "0.1", pair="ETH/BTC")
    books = books_of(fill(1, "buy", "1", "30000"), swap)
    unsure = books.position(BTC)

    books.add_fill(swap, rate=D(50_000))
    books.add_fill(swap)

    assert (unsure.realised, unsure.unsettled) == (0, D("0.4"))
    assert not books_of(swap).knows_worth(swap.exec_id)
    assert books.knows_worth(swap.exec_id)
    assert (books.position(BTC).realised, books.position(ETH).average) == (D(8000), D(5000))


def test_long_histories_come_out_the_same_when_told_bit_by_bit_and_when_an_old_fill_turns_up():
    count = 5 * TAIL
    history = [
        fill(n, "sell" if n % 3 == 2 else "buy", f"0.{n % 7 + 1}", f"{100 + n % 13}", ("0.01", USD))
        for n in range(count)
    ]
    books = books_of(*history[1:300])
    books.position(BTC)
    for one in history[300:]:
        books.add_fill(one)
        books.position(BTC)
    books.add_fill(history[0])

    assert books.position(BTC) == books_of(*history).position(BTC)
