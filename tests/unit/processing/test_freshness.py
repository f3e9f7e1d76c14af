import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.health import ConnectionState, Freshness, Line, LineStatus
from core.domain.ids import Symbol
from core.domain.market import BookChange
from core.processing.book_store import BookStore
from core.processing.freshness import LATE_NS, LIVE_NS, MS, book_freshness, line_freshness
from tests.helpers.instruments import instrument

PAIR = Symbol("BTC/USD")
HEARD = 1_000_000_000_000
WORSE = [Freshness.LIVE, Freshness.LATE, Freshness.STALE]


def line(last_frame=HEARD):
    return LineStatus(line=Line.PUBLIC, state=ConnectionState.LIVE, last_frame=last_frame)


def view(checksum=0, *, snapshot=True):
    """An empty book: its checksum is 0."""
    store = BookStore()
    store.expect(PAIR, 10, instrument())
    if snapshot:
        store.apply(BookChange(symbol=PAIR, bids=[], asks=[], checksum=checksum), True, HEARD)
    return store.view(PAIR)


@pytest.mark.parametrize(
    ("age_ms", "wanted"),
    [
        (0, Freshness.LIVE),
        (2_500, Freshness.LIVE),
        (2_501, Freshness.LATE),
        (5_000, Freshness.LATE),
        (5_001, Freshness.STALE),
        (3_600_000, Freshness.STALE),
    ],
)
def test_a_silent_line_is_late_after_two_and_a_half_seconds_and_stale_after_five(age_ms, wanted):
    assert line_freshness(line(), HEARD + age_ms * MS) is wanted


def test_a_line_nothing_was_heard_of_is_awaited_not_stale():
    assert line_freshness(None, HEARD) is Freshness.WAITING
    assert line_freshness(line(last_frame=0), HEARD) is Freshness.WAITING


def test_a_quiet_book_on_a_live_line_is_live():
    long_quiet = HEARD + 3_600_000 * MS

    assert book_freshness(view(), line(last_frame=long_quiet), long_quiet) is Freshness.LIVE


def test_a_verified_book_is_as_old_as_its_line():
    book = view()

    assert book_freshness(book, line(), HEARD + LIVE_NS + 1) is Freshness.LATE
    assert book_freshness(book, line(), HEARD + LATE_NS + 1) is Freshness.STALE


def test_a_book_that_failed_its_checksum_is_stale_however_live_the_line():
    assert book_freshness(view(checksum=1), line(), HEARD) is Freshness.STALE


def test_a_book_without_a_snapshot_is_awaited():
    assert book_freshness(None, line(), HEARD) is Freshness.WAITING
    assert book_freshness(view(snapshot=False), line(), HEARD) is Freshness.WAITING


@given(st.integers(0, 10**11), st.integers(0, 10**11))
def test_growing_older_never_makes_a_line_fresher(age, more):
    before, after = line_freshness(line(), HEARD + age), line_freshness(line(), HEARD + age + more)

    assert WORSE.index(before) <= WORSE.index(after)
