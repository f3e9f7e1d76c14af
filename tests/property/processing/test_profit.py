"""The books against a second, naive way of keeping them: single units, each with a cost of its own, in fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import BalanceChange
from core.domain.ids import Asset, ExecId, LedgerId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Fee, Fill
from core.processing.lots import Method
from core.processing.profit import ProfitBooks

BTC, USD = Asset("BTC"), Asset("USD")
NEAR = Fraction(1, 10**18)

cents = st.integers(1, 99_999_999).map(lambda n: Decimal(n).scaleb(-4))
moves = st.one_of(
    st.tuples(st.just("buy"), st.integers(1, 9), cents, cents),
    st.tuples(st.just("sell"), st.integers(1, 9), cents, cents),
    st.tuples(st.just("deposit"), st.integers(1, 9), st.none() | cents, st.just(Decimal(0))),
    st.tuples(st.just("withdrawal"), st.integers(1, 9), st.none(), st.just(Decimal(0))),
)
Move = tuple[str, int, Decimal | None, Decimal]


class Naive:
    """One list entry a unit."""

    def __init__(self, method: Method) -> None:
        self.method = method
        self.units: list[Fraction | None] = []
        self.realised = Fraction(0)
        self.unsettled = 0

    def take(self) -> Fraction | None:
        if self.method is Method.FIFO:
            return self.units.pop(0)
        if self.method is Method.LIFO:
            return self.units.pop()
        known = [unit for unit in self.units if unit is not None]
        at = next((n for n, unit in enumerate(self.units) if unit is not None), 0)
        self.units.pop(at)
        if not known:
            return None
        mean = sum(known) / len(known)
        self.units = [None if unit is None else mean for unit in self.units]
        return mean

    def move(self, kind: str, qty: int, price: Decimal | None, fee: Decimal) -> None:
        if kind in ("buy", "deposit"):
            cost = None if price is None else Fraction(price) + Fraction(fee) / qty
            self.units += [cost] * qty
            return
        for _ in range(qty):
            cost = self.take()
            if kind == "withdrawal":
                continue
            if cost is None:
                self.unsettled += 1
            else:
                self.realised += Fraction(price or 0) - Fraction(fee) / qty - cost


def possible(history: list[Move]) -> list[Move]:
    """Leave out what would take more than there is."""
    held, kept = 0, []
    for move in history:
        after = held + move[1] * (1 if move[0] in ("buy", "deposit") else -1)
        if after >= 0:
            held = after
            kept.append(move)
    return kept


def tell(books: ProfitBooks, number: int, move: Move) -> None:
    kind, qty, price, fee = move
    if kind in ("buy", "sell"):
        assert price is not None
        fill = Fill(
            exec_id=ExecId(f"T{number}"),
            order_id=OrderId("O"),
            symbol=Symbol("BTC/USD"),
            side=Side(kind),
            qty=Decimal(qty),
            price=price,
            cost=price * qty,
            fees=(Fee(USD, fee),),
            ts=number,
        )
        books.add_fill(fill)
        return
    sign = 1 if kind == "deposit" else -1
    key = LedgerId(f"L{number}")
    change = BalanceChange(
        asset=BTC,
        amount=Decimal(sign * qty),
        fee=Decimal(0),
        balance=Decimal(0),
        ledger_id=key,
        type=kind,
        ts=number,
    )
    books.add_change(change)
    if price is not None:
        books.tell_one(BTC, key, price)


@given(st.lists(moves, max_size=40), st.sampled_from(Method), st.randoms(use_true_random=False))
def test_books_told_in_any_order_agree_with_single_units(history, method, random):
    history = possible(history)
    naive, books = Naive(method), ProfitBooks(method)
    for move in history:
        naive.move(*move)
    numbered = list(enumerate(history))
    random.shuffle(numbered)
    for number, move in numbered + numbered[:5]:
        tell(books, number, move)
        if random.random() < 0.2:
            books.position(BTC)

    position = books.position(BTC)
    known = [unit for unit in naive.units if unit is not None]
    assert position.quantity == len(naive.units) == sum(entry.qty for entry in books.entries(BTC))
    assert (position.known, position.unknown) == (len(known), len(naive.units) - len(known))
    assert sum(lot.qty for lot in position.lots) == position.quantity
    assert position.unsettled == naive.unsettled
    assert abs(Fraction(position.cost) - sum(known)) < NEAR
    assert abs(Fraction(position.realised) - naive.realised) < NEAR


amounts = st.decimals(min_value="1e-10", max_value="1e12", places=10)


@given(st.lists(st.tuples(st.booleans(), amounts, cents), max_size=30), st.sampled_from(Method))
def test_lots_add_up_to_entries_to_the_last_digit_and_no_money_is_lost(trades, method):
    books = ProfitBooks(method)
    spent = Fraction(0)
    for number, (buys, qty, price) in enumerate(trades):
        books.correct(f"C{number}", BTC, qty, number)
        fill = Fill(
            exec_id=ExecId(f"T{number}"),
            order_id=OrderId("O"),
            symbol=Symbol("BTC/USD"),
            side=Side.BUY if buys else Side.SELL,
            qty=qty,
            price=price,
            cost=price * qty,
            ts=number,
        )
        books.add_fill(fill)
        books.tell_one(BTC, f"C{number}", price)
        spent += Fraction(fill.cost) * (1 if buys else -1) + Fraction(price) * Fraction(qty)

    position = books.position(BTC)
    entries = books.entries(BTC)
    assert Fraction(position.quantity) == sum(Fraction(entry.qty) for entry in entries)
    assert Fraction(position.quantity) == sum(Fraction(lot.qty) for lot in position.lots)
    assert Fraction(position.cost) == sum(Fraction(lot.cost or 0) for lot in position.lots)
    assert not position.unknown
    # What was paid less what was taken in is what the lots cost less what was gained on the way: to the last digit.
    assert Fraction(position.cost) - Fraction(position.realised) == spent
