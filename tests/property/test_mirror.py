"""Whatever a real market does, in whatever order its two channels tell: paper never invents a fill."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.sim.mirror import GRACE_NS, REFILL_NS
from tests.helpers.sim_engine import SYMBOL, Bench

MID, UNIT, REACH = 640_000, 1_000_000, 4
BIDS, ASKS = range(MID - REACH, MID), range(MID + 1, MID + 1 + REACH)

quantities = st.integers(0, 9)
steps = st.one_of(
    st.tuples(st.just("show"), st.booleans(), st.integers(0, REACH - 1), quantities),
    st.tuples(st.just("print"), st.booleans(), st.integers(0, REACH - 1), st.integers(1, 9)),
    st.tuples(st.just("rest"), st.booleans(), st.integers(0, REACH - 1), st.integers(1, 5)),
    st.tuples(st.just("take"), st.booleans(), st.just(0), st.integers(1, 5)),
    st.tuples(st.just("wait"), st.booleans(), st.just(0), st.integers(1, 4)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=40))
def test_fills_come_from_prints_and_the_book_is_again_what_is_shown(script):
    bench = Bench()
    mirror = bench.engine.mirror(SYMBOL)
    bench.engine.listeners.book.append(lambda symbol, side, price: mirror.heard(side, price))
    shown = {(True, ticks): 5 for ticks in BIDS} | {(False, ticks): 5 for ticks in ASKS}
    mirror.replace(*_sides(shown), bench.now_ns)
    printed = taken = 0

    for kind, is_buy, index, number in script:
        bench.now_ns += 1_000_000
        ticks = (BIDS[-1 - index] if is_buy else ASKS[index]) if kind != "print" else 0
        if kind == "show":
            shown[is_buy, ticks] = number
            mirror.update([(is_buy, ticks, number * UNIT)], bench.now_ns)
        elif kind == "print":
            ticks = ASKS[index] if is_buy else BIDS[-1 - index]
            printed += number
            mirror.printed(is_buy, ticks, number * UNIT, "limit", bench.now_ns)
        elif kind == "rest":
            price = str(Decimal(ticks) / 10)
            bench.add("ann", "buy" if is_buy else "sell", f"0.0{number}", price, post_only=True)
        elif kind == "take":
            bench.add("bob", "buy" if is_buy else "sell", f"0.0{number}")
            taken += number
        else:
            bench.now_ns += number * GRACE_NS
            mirror.look(bench.now_ns)

    made = sum(fill.qty for fill in bench.engine.fills("ann"))
    assert made <= Decimal(printed + taken) / 100
    assert sum(fill.qty for fill in bench.engine.fills("bob")) <= Decimal(taken) / 100
    assert all(one.leaves > 0 for one in bench.engine.open_orders("ann"))

    bench.engine.cancel_all("ann")
    for _ in range(3):
        bench.now_ns += REFILL_NS
        mirror.look(bench.now_ns)
    mirror.update([(is_buy, ticks, number * UNIT) for (is_buy, ticks), number in shown.items()], bench.now_ns)
    bids, asks = bench.engine.book(SYMBOL, 20)
    assert (bids, asks) == tuple(_decimal(side) for side in _sides(shown))


def _sides(shown):
    bids = [(ticks, shown[True, ticks] * UNIT) for ticks in reversed(BIDS) if shown[True, ticks]]
    asks = [(ticks, shown[False, ticks] * UNIT) for ticks in ASKS if shown[False, ticks]]
    return bids, asks


def _decimal(side):
    return [(Decimal(ticks) / 10, Decimal(lots) / 100_000_000) for ticks, lots in side]
