"""What a lost line takes with it: nothing that came over it is shown as live from then on."""

import pytest

from core.domain.events import BookEvent, LineEvent
from core.domain.health import BookState, ConnectionState, Line
from core.processing.processor import Processor
from tests.helpers.account import PAIR, book_of, good_stores

BOOK = book_of([("100", "1")], [("101", "1")])


@pytest.fixture
def stores():
    return good_stores()


@pytest.fixture
def processor(stores):
    processor = Processor(stores)
    processor.apply(Line.PUBLIC, 1, [BookEvent(True, BOOK)], 1, 1)
    return processor


def moved(state, line=Line.PUBLIC):
    return LineEvent(line, state, 2, 1, "closed")


@pytest.mark.parametrize("state", [ConnectionState.BACKOFF, ConnectionState.CLOSED])
def test_a_lost_market_line_takes_every_book_along(stores, processor, state):
    processor.apply(Line.PUBLIC, 1, [moved(state)], 2, 2)

    view = stores.books.view(PAIR)
    assert (view.state, view.reason, view.best_bid) == (BookState.WAITING, "the line was lost", None)


def test_a_new_connection_takes_them_along_although_nobody_told_of_the_loss(stores, processor):
    processor.apply(Line.PUBLIC, 2, [BookEvent(False, BOOK)], 2, 2)

    assert stores.books.view(PAIR).state is BookState.WAITING


def test_a_stale_line_keeps_its_books_for_the_frame_that_may_still_come(stores, processor):
    processor.apply(Line.PUBLIC, 1, [moved(ConnectionState.STALE)], 2, 2)

    assert stores.books.view(PAIR).state is BookState.LIVE
