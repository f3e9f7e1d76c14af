"""A subscription lives exactly as long as somebody looks."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.market_data import MarketData
from core.domain.health import BookState
from core.domain.ids import Symbol
from core.domain.subscription import INSTRUMENTS, book, candles, level3, ticker
from core.processing.stores import Stores
from tests.helpers.instruments import instrument

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")


class Lines:
    """What is subscribed now, and how often anew."""

    def __init__(self):
        self.now = []
        self.again = []

    def subscribe(self, subscription):
        assert subscription not in self.now, "subscribed twice"
        self.now.append(subscription)

    def unsubscribe(self, subscription):
        self.now.remove(subscription)

    def resubscribe(self, subscription):
        self.again.append(subscription)


class Desk:
    def __init__(self):
        self.lines, self.stores = Lines(), Stores.create()
        self.data = MarketData(self.lines, self.stores)

    def describe(self, *pairs):
        self.stores.instruments.apply(pairs, [], snapshot=False)
        self.data.instruments_changed()

    @property
    def now(self):
        return set(self.lines.now)


@pytest.fixture
def desk():
    made = Desk()
    made.describe(instrument(BTC), instrument(ETH))
    return made


def test_two_who_look_at_the_same_share_one_subscription(desk):
    first, second = desk.data.watch(ticker(BTC)), desk.data.watch(ticker(BTC))
    assert desk.lines.now == [ticker(BTC)]
    first()
    assert desk.now == {ticker(BTC)}

    second()

    assert desk.now == set()


def test_letting_go_twice_is_harmless(desk):
    first, second = desk.data.watch(ticker(BTC)), desk.data.watch(ticker(BTC))
    first()
    first()
    assert desk.now == {ticker(BTC)}

    second()

    assert desk.now == set()


def test_a_pair_waits_until_the_exchange_has_described_it():
    desk = Desk()
    desk.data.watch(INSTRUMENTS, book(BTC, 10))
    assert desk.now == {INSTRUMENTS}

    desk.describe(instrument(BTC))

    assert desk.now == {INSTRUMENTS, book(BTC, 10)}
    assert desk.stores.books.view(BTC).state is BookState.WAITING


def test_a_pair_let_go_before_it_was_described_is_never_subscribed():
    desk = Desk()
    desk.data.watch(book(BTC, 10))()
    desk.describe(instrument(BTC))

    assert desk.now == set()


def test_the_deepest_wish_wins_and_goes_with_the_one_who_had_it(desk):
    desk.data.watch(book(BTC, 10))
    deep = desk.data.watch(book(BTC, 100))
    assert desk.now == {book(BTC, 100)}
    desk.data.watch(book(BTC, 25))
    assert desk.now == {book(BTC, 100)}

    deep()

    assert desk.now == {book(BTC, 25)}


def test_candles_of_several_intervals_live_side_by_side(desk):
    desk.data.watch(candles(BTC, 1))
    desk.data.watch(candles(BTC, 60))

    assert desk.now == {candles(BTC, 1), candles(BTC, 60)}


def test_a_book_nobody_watches_is_forgotten(desk):
    end = desk.data.watch(book(BTC, 10), level3(BTC, 10))
    assert desk.stores.queues.get(BTC) is not None
    end()

    assert desk.stores.books.view(BTC) is None
    assert desk.stores.queues.get(BTC) is None


def test_changed_decimals_subscribe_the_book_anew(desk):
    desk.data.watch(book(BTC, 10), ticker(BTC))
    desk.describe(replace(instrument(BTC), price_precision=2, price_increment=Decimal("0.01")))

    assert desk.now == {book(BTC, 10), ticker(BTC)}
    assert desk.stores.books.view(BTC).instrument.price_precision == 2


def test_a_changed_state_of_a_pair_disturbs_no_book(desk):
    desk.data.watch(book(BTC, 10))
    view = desk.stores.books.view(BTC)
    desk.describe(replace(instrument(BTC), status="cancel_only"))

    assert desk.stores.books.view(BTC) is view


def test_a_fresh_snapshot_is_asked_for_that_book_alone(desk):
    desk.data.watch(book(BTC, 10), level3(BTC, 10), book(ETH, 10))
    desk.data.resync("book", BTC)

    assert desk.lines.again == [book(BTC, 10)]


def test_pairs_the_exchange_does_not_list_are_named_once_it_has_listed_any():
    desk = Desk()
    end = desk.data.watch(ticker(Symbol("FOO/BAR")), ticker(BTC), INSTRUMENTS)
    assert desk.data.unknown() == []
    desk.describe(instrument(BTC))
    assert desk.data.unknown() == ["FOO/BAR"]

    end()

    assert desk.data.unknown() == []


def test_g4_a_thousand_switches_leave_nothing_behind(desk):
    end = desk.data.watch(book(BTC, 10))
    for number in range(1000):
        after = desk.data.watch(book((BTC, ETH)[number % 2], (10, 25, 100)[number % 3]))
        end()
        end = after
    end()

    assert desk.now == set()
    assert desk.stores.books.symbols() == []
