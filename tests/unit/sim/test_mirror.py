"""Orders on paper in a real book: their place in the queue, and what fills them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.sim.mirror import GRACE_NS, REFILL_NS
from core.sim.model import SimOrder
from tests.helpers.sim_engine import SYMBOL, Bench

BID, ASK = 640_000, 640_010
LOT = 100_000_000


class Paper(Bench):
    """An engine without a market of its own whose BTC/USD follows a real book: 2 BTC bid, 3 BTC asked."""

    def __init__(self) -> None:
        super().__init__()
        self.mirror = self.engine.mirror(SYMBOL)
        self.engine.listeners.book.append(lambda symbol, side, price: self.mirror.heard(side, price))
        self.mirror.replace(
            [(BID, 2 * LOT), (BID - 10, 5 * LOT)], [(ASK, 3 * LOT), (ASK + 10, 4 * LOT)], self.now_ns
        )

    def shows(self, is_buy: bool, ticks: int, qty: float) -> None:
        self.mirror.update([(is_buy, ticks, round(qty * LOT))], self.now_ns)

    def sold(self, ticks: int, qty: float) -> None:
        """The real tape prints a trade whose taker sold."""
        self.mirror.printed(False, ticks, round(qty * LOT), "market", self.now_ns)

    def pass_time(self, ns: int) -> None:
        self.now_ns += ns
        self.mirror.look(self.now_ns)

    def filled(self, order: SimOrder) -> Decimal:
        found = self.engine.order("ann", order.order_id)
        assert found is not None
        return found.cum_qty


@pytest.fixture
def paper() -> Paper:
    return Paper()


def joined(paper: Paper, qty: str = "1") -> SimOrder:
    return paper.add("ann", "buy", qty, "64000")


def test_an_order_waits_until_trades_have_eaten_what_stood_before_it(paper):
    order = joined(paper)

    paper.sold(BID, 1.5)
    assert paper.filled(order) == 0

    paper.sold(BID, 0.9)
    assert paper.filled(order) == Decimal("0.4")


def test_a_trade_that_both_channels_tell_counts_once_whichever_comes_first(paper):
    order = joined(paper)

    paper.sold(BID, 1)
    paper.shows(True, BID, 1)
    paper.pass_time(2 * GRACE_NS)
    paper.shows(True, BID, 0.5)
    paper.sold(BID, 0.5)
    paper.pass_time(2 * GRACE_NS)
    assert paper.filled(order) == 0

    paper.sold(BID, 0.5)
    assert paper.filled(order) == 0
    paper.sold(BID, 0.1)
    assert paper.filled(order) == Decimal("0.1")


def test_volume_that_comes_later_stands_behind(paper):
    order = joined(paper)
    paper.shows(True, BID, 9)

    paper.sold(BID, 2.5)

    assert paper.filled(order) == Decimal("0.5")


def test_cancels_are_spread_over_the_queue_before_and_behind(paper):
    order = joined(paper)
    paper.shows(True, BID, 4)  # two before, two behind
    paper.shows(True, BID, 2)  # two are gone, nobody traded
    paper.pass_time(2 * GRACE_NS)

    paper.sold(BID, 1.25)

    assert paper.filled(order) == Decimal("0.25")


def test_a_print_at_a_worse_price_fills_first(paper):
    order = joined(paper)

    paper.sold(BID - 10, 0.6)

    assert paper.filled(order) == Decimal("0.6")
    assert [fill.price for fill in paper.engine.fills("ann")] == [Decimal(64000)]


def test_one_print_is_shared_by_all_orders_it_reaches(paper):
    better = [paper.add("ann", "buy", "1", "64000.5") for _ in range(2)]
    paper.shows(True, BID, 0.5)
    paper.pass_time(2 * GRACE_NS)
    queued = [joined(paper), joined(paper)]

    paper.sold(BID, 3)

    assert [paper.filled(order) for order in better + queued] == [1, 1, Decimal("0.5"), 0]


def test_a_quote_that_reaches_an_order_fills_it_once(paper):
    order = joined(paper)

    paper.mirror.update(
        [(True, BID, 0), (True, BID - 10, 0), (False, BID - 5, round(0.3 * LOT))], paper.now_ns
    )
    paper.shows(False, BID - 5, 0.3)
    paper.pass_time(2 * REFILL_NS)

    assert paper.filled(order) == Decimal("0.3")


def test_a_taker_walks_the_real_book_and_pays_the_taker_fee(paper):
    order = paper.add("ann", "buy", "4")

    fills = paper.engine.fills("ann")[::-1]
    assert paper.filled(order) == 4
    assert [(fill.price, fill.qty, fill.liquidity) for fill in fills] == [
        (Decimal(64001), Decimal(3), "t"),
        (Decimal(64002), Decimal(1), "t"),
    ]
    assert fills[0].fee == (fills[0].cost * Decimal("0.0040")).quantize(Decimal("0.0001"))


def test_what_a_taker_took_stays_taken_until_others_had_time_to_fill_it_up(paper):
    paper.add("ann", "buy", "3")
    paper.shows(False, ASK, 3)  # the real book knows nothing of it

    second = paper.add("ann", "buy", "1")
    assert second.avg_price == Decimal(64002)

    paper.pass_time(2 * REFILL_NS)
    third = paper.add("ann", "buy", "1")
    assert third.avg_price == Decimal(64001)


def test_blind_nothing_trades_and_orders_come_back_at_the_end_of_their_queue(paper):
    order = joined(paper)
    paper.sold(BID, 1.9)

    paper.mirror.blind()
    paper.sold(BID, 50)
    taker = paper.add("ann", "buy", "1")
    assert (paper.filled(order), paper.filled(taker)) == (0, 0)

    paper.mirror.replace([(BID, 2 * LOT)], [(ASK, 3 * LOT)], paper.now_ns)
    paper.sold(BID, 2)
    assert paper.filled(order) == 0
    paper.sold(BID, 1)
    assert paper.filled(order) == 1


def test_a_print_wakes_a_stop_that_then_takes_from_the_real_book(paper):
    stop = paper.add("ann", "sell", "1", trigger="63999", order_type="stop-loss")

    paper.sold(BID - 10, 0.1)

    assert paper.filled(stop) == 1
    assert paper.engine.fills("ann")[0].price == Decimal(64000)


def test_the_market_stays_as_shown_where_none_of_ours_stands(paper):
    paper.sold(BID, 0.7)
    paper.shows(True, BID - 10, 1)
    paper.shows(True, BID - 20, 6)
    paper.shows(True, BID, 0)

    assert paper.engine.book(SYMBOL, 5)[0] == [(Decimal(63999), Decimal(1)), (Decimal(63998), Decimal(6))]
