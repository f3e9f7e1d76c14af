"""The market's own orders do not pile up, however long it runs."""

from core.sim.engine import Engine
from core.sim.instruments import PAIRS
from tests.helpers.sim_engine import START_NS

SYMBOL = "USDT/USD"
"""Its price hardly moves: what joins at the touch stays there."""

STEP_NS, STEPS = 500_000_000, 180
SPEED = 40.0
"""An hour of a demo in a minute and a half."""


def test_a_market_that_has_run_for_an_hour_holds_little_more_than_one_that_began():
    now = [START_NS]
    pairs = [pair for pair in PAIRS if pair.symbol == SYMBOL]
    engine = Engine(now=lambda: now[0], seed=3, pairs=pairs, speed=SPEED)
    book = engine._floor.venue(SYMBOL).book
    levels = len(book.bids.keys)

    for _ in range(STEPS):
        now[0] += STEP_NS
        engine.advance()

    for side in (book.bids, book.asks):
        assert side.orders == sum(len(level.queue) for level in side.levels.values())
        assert side.orders <= 2.6 * levels
        assert len(side.keys) > 0.85 * levels
