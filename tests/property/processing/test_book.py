from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.health import BookState
from core.domain.instrument import Instrument, Side
from core.domain.market import BookChange, Level
from core.processing.book import Book
from core.processing.checksum import checksum, piece
from tests.helpers.instruments import instrument
from tests.helpers.sides import BOTH_SIDES

DEPTH = 10


class NaiveBook:
    """The same book the slow and obvious way: dictionaries of decimals, sorted for every question."""

    def __init__(self, pair: Instrument) -> None:
        self.pair = pair
        self.bids: dict[Decimal, Decimal] = {}
        self.asks: dict[Decimal, Decimal] = {}

    def apply(self, bids, asks):
        for side, changes, best_first in ((self.bids, bids, True), (self.asks, asks, False)):
            for price, qty in changes:
                side.pop(price, None)
                if qty:
                    side[price] = qty
            for price in sorted(side, reverse=best_first)[DEPTH:]:
                del side[price]

    def rows(self, side):
        levels = self.bids if side is Side.BUY else self.asks
        return sorted(levels.items(), reverse=side is Side.BUY)

    def crc(self):
        price, qty = self.pair.price_precision, self.pair.qty_precision
        return checksum(
            *(
                [piece(f"{p:.{price}f}") + piece(f"{q:.{qty}f}") for p, q in self.rows(side)[:10]]
                for side in (Side.SELL, Side.BUY)
            )
        )


def of_ticks(ticks, digits):
    return Decimal(ticks).scaleb(-digits)


GRIDS = st.tuples(st.integers(0, 10), st.integers(0, 10))
BID_TICKS, ASK_TICKS = st.integers(1, 60), st.integers(61, 120)
QTY_TICKS = st.sampled_from([0, 0, 1, 2, 10, 99, 12_345, 99_999_999])


def side_of(prices):
    return st.lists(st.tuples(prices, QTY_TICKS), max_size=6)


@pytest.mark.parametrize("sides", BOTH_SIDES)
@given(
    grid=GRIDS,
    messages=st.lists(st.tuples(side_of(BID_TICKS), side_of(ASK_TICKS)), min_size=1, max_size=25),
    exact=st.booleans(),
)
@settings(max_examples=300)
def test_the_book_is_that_of_a_naive_model_after_every_message(sides, grid, messages, exact):
    pair = instrument(price_precision=grid[0], qty_precision=grid[1])
    book, model = Book(pair, DEPTH, sides), NaiveBook(pair)
    number = Decimal if exact else float

    for at, (bids, asks) in enumerate(messages):
        bids, asks = (
            [(of_ticks(price, grid[0]), of_ticks(qty, grid[1])) for price, qty in side]
            for side in (bids, asks)
        )
        model.apply(bids, asks)
        change = BookChange(
            pair.symbol,
            [Level(number(str(price)), number(str(qty))) for price, qty in bids],
            [Level(number(str(price)), number(str(qty))) for price, qty in asks],
            model.crc(),
        )

        assert book.apply(change, at == 0) == ""
        for side in (Side.BUY, Side.SELL):
            assert book.levels(side, DEPTH) == model.rows(side)


@pytest.mark.parametrize("sides", BOTH_SIDES)
@given(
    price=st.integers(1, 10**15 - 1),
    qty=st.integers(1, 10**15 - 1),
    digits=st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
@settings(max_examples=1_000)
def test_every_number_of_fifteen_digits_survives_the_way_through_a_double(sides, price, qty, digits):
    pair = instrument(price_precision=digits[0], qty_precision=digits[1])
    book, model = Book(pair, DEPTH, sides), NaiveBook(pair)
    exact_price, exact_qty = of_ticks(price, digits[0]), of_ticks(qty, digits[1])
    model.apply([(exact_price, exact_qty)], [])

    problem = book.apply(
        BookChange(pair.symbol, [Level(float(exact_price), float(exact_qty))], [], model.crc()), True
    )

    assert problem == ""
    assert book.levels(Side.BUY, 1) == [(exact_price, exact_qty)]


@pytest.mark.parametrize("sides", BOTH_SIDES)
@given(
    digits=st.tuples(st.integers(0, 18), st.integers(0, 18)),
    price=st.integers(1, 10**30),
    qty=st.integers(1, 10**30),
)
def test_numbers_of_any_length_are_kept_when_decoded_exactly(sides, digits, price, qty):
    pair = instrument(price_precision=digits[0], qty_precision=digits[1])
    book, model = Book(pair, DEPTH, sides), NaiveBook(pair)
    level = (of_ticks(price, digits[0]), of_ticks(qty, digits[1]))
    model.apply([], [level])

    assert book.apply(BookChange(pair.symbol, [], [Level(*level)], model.crc()), True) == ""
    assert book.levels(Side.SELL, 1) == [level]


@pytest.mark.parametrize("sides", BOTH_SIDES)
@given(
    levels=st.lists(
        st.tuples(BID_TICKS, st.integers(1, 10**6)), min_size=1, max_size=10, unique_by=lambda level: level[0]
    ),
    at=st.integers(0, 9),
    off=st.integers(1, 9),
)
def test_one_wrong_digit_under_the_checksum_always_drops_the_book(sides, levels, at, off):
    pair = instrument(price_precision=1, qty_precision=3)
    book, model = Book(pair, DEPTH, sides), NaiveBook(pair)
    rows = [(of_ticks(price, 1), of_ticks(qty, 3)) for price, qty in levels]
    model.apply(rows, [])
    at %= len(rows)
    rows[at] = (rows[at][0], rows[at][1] + of_ticks(off, 3))

    problem = book.apply(
        BookChange(pair.symbol, [Level(float(p), float(q)) for p, q in rows], [], model.crc()), True
    )

    assert "checksum" in problem
    assert book.state is BookState.OUT_OF_SYNC
    assert book.levels(Side.BUY, DEPTH) == []
