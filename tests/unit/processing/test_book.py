"""One order book, message by message: Kraken's own example, the chain built on it, and what must not be believed."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from core.data.kraken.codec import Codec
from core.domain.health import BookState
from core.domain.instrument import Side
from core.domain.market import BookChange, Level
from core.processing.book import Book
from core.processing.checksum import checksum, piece
from tests.helpers.instruments import instrument
from tests.helpers.sides import BOTH_SIDES

FIXTURES = Path(__file__).parents[2] / "fixtures" / "kraken"
PAIR = instrument(price_precision=1, qty_precision=2)
BIDS = [(f"{99 - at}.0", "1.00") for at in range(10)]
ASKS = [(f"{101 + at}.0", "2.00") for at in range(10)]


def documented(name):
    """The book messages of a fixture, as the client reads them."""
    for text in json.loads((FIXTURES / name).read_text()):
        (event,) = Codec().decode(text)
        yield event


def message(bids, asks, then_bids=BIDS, then_asks=ASKS):
    """A message with the checksum of the book it should leave behind."""

    def levels(rows):
        return [Level(float(price), float(qty)) for price, qty in rows]

    right = checksum(*([piece(price) + piece(qty) for price, qty in rows] for rows in (then_asks, then_bids)))
    return BookChange(PAIR.symbol, levels(bids), levels(asks), right)


def rows(book, side):
    return [(f"{price:.1f}", f"{qty:.2f}") for price, qty in book.levels(side, 100)]


@pytest.fixture(params=BOTH_SIDES)
def sides(request):
    return request.param


@pytest.fixture
def empty(sides):
    return Book(PAIR, 10, sides)


@pytest.fixture
def book(empty):
    assert empty.apply(message(BIDS, ASKS), True) == ""
    return empty


def test_the_documented_book_is_verified_by_its_checksum_above_two_to_the_31(sides):
    (event,) = documented("ws_book_checksum_example.json")

    assert event.change.checksum > 2**31
    assert Book(instrument(), 10, sides).apply(event.change, True) == ""


def test_every_step_of_the_documented_chain_is_verified(sides):
    book = Book(instrument(), 10, sides)
    problems = [book.apply(e.change, e.snapshot) for e in documented("constructed_book_chain.json")]

    assert problems == [""] * 6


def test_b5_a_level_pushed_out_of_the_depth_does_not_come_back_as_a_ghost(book):
    better, lower = ("99.5", "5.00"), ("89.0", "7.00")
    assert book.apply(message([better], [], [better, *BIDS[:9]]), False) == ""

    # The exchange tells the new tenth level; what was tenth before is long something else.
    ended = message([("99.5", "0.00"), lower], [], [*BIDS[:9], lower])

    assert book.apply(ended, False) == ""
    assert rows(book, Side.BUY) == [*BIDS[:9], lower]


def test_a_level_of_no_quantity_is_gone(book):
    gone = message([], [("101.0", "0.00")], then_asks=ASKS[1:])

    assert book.apply(gone, False) == ""
    assert rows(book, Side.SELL) == ASKS[1:]


def test_a_checksum_that_differs_drops_the_book(book):
    change = BookChange(PAIR.symbol, [Level(98.0, 3.0)], [], 1)

    assert book.apply(change, False).startswith("checksum")
    assert (book.state, rows(book, Side.BUY)) == (BookState.OUT_OF_SYNC, [])


def test_b2_a_crossed_book_is_not_believed_although_its_checksum_is_right(book):
    crossing = ("101.0", "1.00")

    assert book.apply(message([crossing], [], [crossing, *BIDS[:9]]), False) == "the book is crossed"
    assert (book.state, rows(book, Side.BUY)) == (BookState.OUT_OF_SYNC, [])


def test_an_update_before_the_snapshot_changes_nothing(empty):
    update = message(BIDS[:1], ASKS[:1], BIDS[:1], ASKS[:1])

    assert empty.apply(update, False) == ""
    assert (empty.state, rows(empty, Side.BUY)) == (BookState.WAITING, [])


def test_after_a_failure_only_a_snapshot_makes_the_book_live_again(book):
    book.fail("a message could not be read")
    book.apply(message(BIDS[:1], ASKS[:1], BIDS[:1], ASKS[:1]), False)
    assert (book.state, rows(book, Side.BUY)) == (BookState.OUT_OF_SYNC, [])

    book.apply(message(BIDS, ASKS), True)

    assert (book.state, rows(book, Side.BUY)) == (BookState.LIVE, BIDS)


def test_a_snapshot_replaces_every_level_of_the_book_before(book):
    new_bids, new_asks = [("50.0", "1.00")], [("51.0", "1.00")]

    assert book.apply(message(new_bids, new_asks, new_bids, new_asks), True) == ""
    assert (rows(book, Side.BUY), rows(book, Side.SELL)) == (new_bids, new_asks)
    assert book.levels(Side.BUY, 1) == [(Decimal("50.0"), Decimal("1.00"))]


@pytest.mark.parametrize("number", [float, Decimal])
@pytest.mark.parametrize("side", list(Side))
def test_levels_for_drawing_are_the_exact_ones_as_floats(sides, number, side):
    book = Book(PAIR, 10, sides)
    change = message(BIDS, ASKS)
    bids, asks = (
        [Level(number(repr(level.price)), number(repr(level.qty))) for level in sent]
        for sent in (change.bids, change.asks)
    )
    assert book.apply(BookChange(PAIR.symbol, bids, asks, change.checksum), True) == ""

    prices, qtys = book.floats(side, 4)

    exact = book.levels(side, 4)
    assert prices == pytest.approx([float(price) for price, _ in exact], rel=1e-12)
    assert qtys == pytest.approx([float(qty) for _, qty in exact], rel=1e-12)
    assert len(book.floats(side, 99)[0]) == 10
