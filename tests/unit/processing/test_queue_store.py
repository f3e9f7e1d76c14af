import json
from decimal import Decimal
from pathlib import Path

import pytest

from core.domain.effects import ResyncQueue
from core.domain.health import BookState
from core.domain.ids import OrderId, Symbol
from core.domain.instrument import Side
from core.domain.market import QueueChange, QueueOrder
from core.processing.queue_store import QueueStore
from tests.helpers.instruments import instrument

PAIR = Symbol("BTC/USD")
FIXTURE = Path(__file__).parents[2] / "fixtures" / "kraken" / "ws_level3_checksum_example.json"


def naive_crc(rows_by_side):
    """The checksum of rows (price text, qty text) in queue order, asks first, as the guide builds it."""
    from zlib import crc32

    text = "".join(
        value.replace(".", "").lstrip("0") for rows in rows_by_side for row in rows for value in row
    )
    return crc32(text.encode())


def row(name, price, qty="1", event="add"):
    return QueueOrder(
        order_id=OrderId(name), limit_price=Decimal(price), order_qty=qty and Decimal(qty), event=event
    )


def texts(rows):
    return [(f"{Decimal(price):.1f}", f"{Decimal(qty):.8f}") for price, qty in rows]


def change(bids=(), asks=(), *, after):
    """A message; ``after`` are the asks and bids (price, qty) that should stand when it is applied."""
    return QueueChange(
        symbol=PAIR, bids=list(bids), asks=list(asks), checksum=naive_crc([texts(side) for side in after])
    )


@pytest.fixture
def store():
    made = QueueStore()
    made.expect(PAIR, 10, instrument())
    return made


@pytest.fixture
def live(store):
    """Two asks at 101, one at 102; two bids at 100."""
    snapshot = change(
        [row("b1", 100, "5"), row("b2", 100, "6")],
        [row("a1", 101, "1"), row("a2", 101, "2"), row("a3", 102, "3")],
        after=([(101, 1), (101, 2), (102, 3)], [(100, 5), (100, 6)]),
    )
    assert store.apply(snapshot, snapshot=True) is None
    return store


def test_the_documented_level_3_book_is_verified(store):
    (text,) = json.loads(FIXTURE.read_text())
    data = json.loads(text, parse_float=Decimal)["data"][0]
    bids, asks = (
        [QueueOrder(OrderId(one["order_id"]), one["limit_price"], one["order_qty"]) for one in data[side]]
        for side in ("bids", "asks")
    )

    wish = store.apply(QueueChange(PAIR, bids, asks, data["checksum"]), snapshot=True)

    assert wish is None
    assert store.get(PAIR).state is BookState.LIVE
    assert len(store.get(PAIR).prices(Side.BUY)) > 1


def test_orders_stand_best_price_first_and_in_the_order_they_came(live):
    book = live.get(PAIR)

    assert (book.prices(Side.SELL), book.prices(Side.BUY)) == ([Decimal(101), Decimal(102)], [Decimal(100)])
    assert book.queue(Side.SELL, Decimal(101)) == [("a1", Decimal(1)), ("a2", Decimal(2))]
    assert book.queue(Side.SELL, Decimal(999)) == []


def test_the_place_in_the_queue_is_what_stands_before_an_order(live):
    book = live.get(PAIR)

    assert book.ahead_of(OrderId("b1")) == (0, 0)
    assert book.ahead_of(OrderId("b2")) == (1, 5)
    assert book.ahead_of(OrderId("unknown")) is None


def test_a_smaller_order_keeps_its_place(live):
    message = change(
        [row("b1", 100, "4", "modify")], after=([(101, 1), (101, 2), (102, 3)], [(100, 4), (100, 6)])
    )

    assert live.apply(message, snapshot=False) is None
    assert live.get(PAIR).ahead_of(OrderId("b1")) == (0, 0)


def test_a_larger_order_goes_to_the_end(live):
    message = change(
        [row("b1", 100, "9", "modify")], after=([(101, 1), (101, 2), (102, 3)], [(100, 6), (100, 9)])
    )

    assert live.apply(message, snapshot=False) is None
    assert live.get(PAIR).ahead_of(OrderId("b1")) == (1, 6)


def test_an_order_that_moves_leaves_no_ghost_at_its_old_price(live):
    message = change(
        asks=[row("a3", 103, "3", "modify")], after=([(101, 1), (101, 2), (103, 3)], [(100, 5), (100, 6)])
    )

    assert live.apply(message, snapshot=False) is None
    assert live.get(PAIR).prices(Side.SELL) == [Decimal(101), Decimal(103)]


def test_a_deleted_order_is_gone_and_deleting_it_again_changes_nothing(live):
    after = ([(101, 2), (102, 3)], [(100, 5), (100, 6)])
    for _ in range(2):
        message = change(asks=[row("a1", 101, None, "delete")], after=after)
        assert live.apply(message, snapshot=False) is None

    assert live.get(PAIR).ahead_of(OrderId("a2")) == (0, 0)


def test_levels_beyond_the_depth_fall_out(store):
    asks = [row(f"a{price}", price) for price in range(101, 113)]
    message = change(asks=asks, after=([(price, 1) for price in range(101, 111)], []))

    assert store.apply(message, snapshot=True) is None
    book = store.get(PAIR)
    assert book.prices(Side.SELL)[-1] == 110
    assert book.ahead_of(OrderId("a112")) is None


def test_a_wrong_checksum_is_answered_by_one_wish_and_no_place_is_told(live):
    wrong = QueueChange(PAIR, [], [], 1)

    wish = live.apply(wrong, snapshot=False)

    assert isinstance(wish, ResyncQueue)
    assert live.get(PAIR).state is BookState.OUT_OF_SYNC
    assert live.get(PAIR).ahead_of(OrderId("b2")) is None
    assert live.apply(wrong, snapshot=False) is None


def test_a_crossed_book_with_the_right_checksum_is_not_believed(live):
    message = change(
        [row("b9", 102, "1")], after=([(101, 1), (101, 2), (102, 3)], [(102, 1), (100, 5), (100, 6)])
    )

    wish = live.apply(message, snapshot=False)

    assert wish is not None
    assert "not below" in wish.reason
    assert live.get(PAIR).state is BookState.OUT_OF_SYNC


def test_updates_before_the_snapshot_change_nothing(store):
    assert store.apply(change([row("b1", 100)], after=([], [(100, 1)])), snapshot=False) is None
    assert store.get(PAIR).state is BookState.WAITING
    assert store.get(PAIR).prices(Side.BUY) == []


def test_a_snapshot_with_a_wrong_checksum_asks_again(store):
    assert isinstance(store.apply(QueueChange(PAIR, [], [], 1), snapshot=True), ResyncQueue)


def test_a_lost_line_empties_every_book(live):
    live.invalidate()

    assert live.get(PAIR).state is BookState.WAITING
    assert live.get(PAIR).prices(Side.BUY) == []


def test_a_live_book_that_lost_a_message_is_given_up_once(live):
    assert live.distrust(PAIR, "a frame could not be read") == ResyncQueue(PAIR, "a frame could not be read")
    assert live.distrust(PAIR, "a frame could not be read") is None
    assert live.distrust(Symbol("X/Y"), "why") is None


def test_a_pair_nobody_watches_has_no_book(live):
    assert live.symbols() == (PAIR,)
    live.drop(PAIR)
    live.drop(PAIR)

    assert (live.get(PAIR), live.symbols()) == (None, ())
    assert live.apply(change(after=([], [])), snapshot=True) is None
