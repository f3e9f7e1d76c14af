from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.ws.allocation import PROVEN_NS, Allocation, Move
from core.domain.health import Line
from core.domain.ids import Symbol
from core.domain.subscription import INSTRUMENTS, book, candles, ticker, trades

A, B = Line.PUBLIC, Line.PUBLIC_B
BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")


@pytest.fixture
def allocation():
    allocation = Allocation([A, B])
    allocation.up(A, 0)
    allocation.up(B, 0)
    return allocation


def test_qa2_tickers_are_spread_over_both_lines(allocation):
    for number in range(10):
        allocation.want(ticker(Symbol(f"C{number}/USD")))

    assert Counter(allocation.carriers.values()) == {A: 5, B: 5}


@pytest.mark.parametrize("sub", [book(BTC, 10), candles(BTC, 1), trades(BTC)])
def test_qa3_books_candles_and_trades_prefer_the_second_line(allocation, sub):
    assert allocation.want(sub) == [Move(B, sub, True)]


def test_wanted_twice_is_asked_once(allocation):
    allocation.want(book(BTC, 10))

    assert allocation.want(book(BTC, 10)) == []


def test_qa4_a_lost_lines_channels_move_in_the_order_of_their_priority(allocation):
    for sub in (trades(BTC), book(BTC, 10), ticker(ETH), ticker(BTC)):
        allocation.want(sub)

    moves = allocation.down(B)

    assert [move.sub for move in moves] == [ticker(BTC), book(BTC, 10), trades(BTC)]
    assert {move.line for move in moves} == {A}


def test_the_old_carrier_counts_until_the_new_one_has_delivered(allocation):
    allocation.want(book(BTC, 10))
    allocation.down(B)
    assert allocation.carriers[book(BTC, 10)] is B

    assert allocation.delivered(book(BTC, 10), A) == [Move(B, book(BTC, 10), False)]
    assert allocation.carriers[book(BTC, 10)] is A


def test_a_line_that_is_back_carries_its_own_again_only_once_it_is_proven(allocation):
    allocation.want(book(BTC, 10))
    allocation.down(B)
    allocation.delivered(book(BTC, 10), A)
    allocation.up(B, 1_000)

    assert allocation.settle(1_000 + PROVEN_NS - 1) == []
    assert allocation.settle(1_000 + PROVEN_NS) == [Move(B, book(BTC, 10), True)]


def test_with_both_lines_lost_the_first_one_back_takes_everything(allocation):
    allocation.want(book(BTC, 10))
    allocation.want(INSTRUMENTS)
    allocation.down(A)
    allocation.down(B)

    moves = allocation.up(A, 5)

    assert moves == [Move(A, book(BTC, 10), True)]
    assert allocation.carriers[INSTRUMENTS] is A


def test_what_moves_to_a_line_that_is_lost_meanwhile_moves_on(allocation):
    allocation.want(book(BTC, 10))
    allocation.down(B)
    allocation.down(A)

    assert allocation.up(B, 9) == []
    assert allocation.carriers[book(BTC, 10)] is B
    assert allocation.incoming == {}


def test_dropped_while_it_moves_is_ended_on_both(allocation):
    allocation.want(book(BTC, 10))
    allocation.down(B)

    assert set(allocation.drop(book(BTC, 10))) == {
        Move(B, book(BTC, 10), False),
        Move(A, book(BTC, 10), False),
    }
    assert not allocation.in_transit


def test_one_line_alone_carries_everything():
    allocation = Allocation([A])
    allocation.want(book(BTC, 10))
    allocation.want(ticker(BTC))
    allocation.up(A, 0)

    assert allocation.down(A) == []
    assert allocation.settle(10**12) == []


STEPS = st.sampled_from(["up A", "up B", "down A", "down B", "deliver", "settle", "want", "drop"])
SUBS = [book(BTC, 10), book(ETH, 10), ticker(BTC), ticker(ETH), trades(BTC), INSTRUMENTS]


@given(st.lists(st.tuples(STEPS, st.sampled_from(SUBS)), max_size=60))
def test_what_lines_are_asked_for_is_what_they_carry_or_are_to_carry(steps):
    """Replaying the moves gives, for every channel, its carrier and the line it moves to: nothing is forgotten."""
    allocation, asked, now = Allocation([A, B]), set(), 0
    for step, sub in steps:
        now += PROVEN_NS
        line = B if step.endswith("B") else A
        moves = {
            "up A": lambda: allocation.up(line, now),  # noqa: B023
            "up B": lambda: allocation.up(line, now),  # noqa: B023
            "down A": lambda: allocation.down(line),  # noqa: B023
            "down B": lambda: allocation.down(line),  # noqa: B023
            "deliver": lambda: allocation.delivered(sub, allocation.incoming.get(sub, A)),  # noqa: B023
            "settle": lambda: allocation.settle(now),  # noqa: B023
            "want": lambda: allocation.want(sub),  # noqa: B023
            "drop": lambda: allocation.drop(sub),  # noqa: B023
        }[step]()
        for move in moves:
            (asked.add if move.want else asked.discard)((move.line, move.sub))
        carried = {(line, sub) for sub, line in allocation.carriers.items()}
        moving = {(line, sub) for sub, line in allocation.incoming.items()}
        assert asked == carried | moving
