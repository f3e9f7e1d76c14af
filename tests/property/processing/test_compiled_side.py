"""The compiled side of a book against the one in Python: same levels in, same everything out, good or bad."""

import random
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.market import Level
from core.processing.book_side import COMPILED, BookSide, Digits, MisfitError, make_side
from tests.helpers.instruments import instrument
from tests.helpers.sides import needs_compiled

pytestmark = needs_compiled

GRIDS = st.tuples(st.integers(0, 10), st.integers(0, 10))
TICKS = st.integers(1, 40)
QTYS = st.sampled_from([0, 0, 1, 2, 10, 99, 12_345, 99_999_999, 10**15 - 1])
# What no book can hold, what lies off the grid of the pair, and whole numbers as some senders write them.
ODD = st.sampled_from([-1.0, -0.0, 0.0, 1e-12, 0.5, 1e15, 2e15, 1e30, 7, 0, float("nan"), float("inf")])


def pair_of_sides(grid, depth, negated):
    pair = instrument(price_precision=grid[0], qty_precision=grid[1])
    digits = Digits(pair, negated=negated, exact=False)
    return BookSide(digits, depth), make_side(digits, depth)


def done(side, levels):
    """Whether the best ten may have changed, or why the levels do not fit."""
    try:
        return side.apply(levels)
    except MisfitError as misfit:
        side.clear()
        return misfit.reason


def state(side):
    return side.count, side.touch, side.text, side.best(10_000)


def must_agree(plain, compiled, levels):
    before = compiled.version
    assert done(compiled, levels) == done(plain, levels)
    assert state(compiled) == state(plain)
    assert compiled.version > before


@given(
    grid=GRIDS,
    negated=st.booleans(),
    depth=st.sampled_from([10, 12, 25]),
    messages=st.lists(st.lists(st.tuples(TICKS, QTYS), max_size=12), max_size=30),
)
@settings(max_examples=400)
def test_both_hold_the_same_after_every_message(grid, negated, depth, messages):
    plain, compiled = pair_of_sides(grid, depth, negated)
    for message in messages:
        levels = [Level(price / 10 ** grid[0], qty / 10 ** grid[1]) for price, qty in message]
        must_agree(plain, compiled, levels)


@given(
    grid=GRIDS,
    negated=st.booleans(),
    messages=st.lists(
        st.lists(st.builds(Level, ODD | TICKS.map(float), ODD | st.just(1.0)), max_size=6), max_size=8
    ),
)
@settings(max_examples=600)
def test_both_refuse_the_same_for_the_same_reason(grid, negated, messages):
    plain, compiled = pair_of_sides(grid, 10, negated)
    for levels in messages:
        must_agree(plain, compiled, levels)


def test_both_agree_over_a_long_day_in_a_deep_book():
    rng = random.Random(7)
    plain, compiled = pair_of_sides((2, 8), 1000, negated=True)
    for _ in range(3_000):
        ticks = [int(rng.expovariate(1 / 300)) + 100_000 for _ in range(rng.choice([1, 1, 2, 5, 40]))]
        levels = [Level(tick / 100, rng.choice([0.0, rng.randrange(1, 10**12) / 1e8])) for tick in ticks]
        must_agree(plain, compiled, levels)
    assert compiled.count > 500


@pytest.mark.parametrize("level", [Level("1", 1.0), Level(1.0, None), object()])
def test_what_is_no_level_is_an_error_and_not_a_crash(level):
    _, compiled = pair_of_sides((1, 1), 10, negated=False)
    with pytest.raises((TypeError, AttributeError)):
        compiled.apply([Level(1.0, 1.0), level])
    with pytest.raises(TypeError):
        compiled.apply((Level(1.0, 1.0),))
    with pytest.raises((TypeError, OverflowError)):
        compiled.best("all")
    with pytest.raises(TypeError):
        COMPILED.Side(1.0, 1.0)


def test_asked_for_more_or_fewer_levels_than_there_are_it_gives_what_it_has():
    _, compiled = pair_of_sides((1, 1), 10, negated=False)
    compiled.apply([Level(1.0, 5.0), Level(2.0, 6.0)])
    assert compiled.best(1) == ([2.0], [6.0])
    assert compiled.best(9) == ([2.0, 1.0], [6.0, 5.0])
    assert compiled.best(0) == compiled.best(-3) == ([], [])


@given(st.binary(max_size=400), st.integers(0, 2**32 - 1))
def test_the_checksum_is_that_of_zlib(data, start):
    assert COMPILED.crc32(data) == crc32(data)
    assert COMPILED.crc32(data, start) == crc32(data, start)
