"""The whole way of a market-data message against nothing but parsing the same bytes with the standard library."""

from __future__ import annotations

import json

from tests.bench.measure import Goal, Row, Verify, Work, paired_rates
from tests.bench.mixed import MixedTrace, mixed_trace
from tests.bench.ours import OurTerminal

MESSAGES = 40_000


def measure() -> list[tuple[float, float | None]]:
    trace = mixed_trace(MESSAGES)

    def ours() -> Work:
        terminal = OurTerminal.for_mixture(trace)

        def work() -> Verify:
            terminal.run(trace.frames)
            return lambda: must_end(trace, terminal)

        return work

    def reference() -> Work:
        def work() -> Verify:
            for raw in trace.frames:
                json.loads(raw)
            return lambda: None

        return work

    return paired_rates(len(trace.frames), ours, reference)


def must_end(trace: MixedTrace, terminal: OurTerminal) -> None:
    """Every book must stand as the exchange's does, every trade must have arrived."""
    for symbol, (bids, asks) in trace.ends.items():
        if terminal.top(symbol, 10) != (bids[:10], asks[:10]):
            raise AssertionError(f"the book of {symbol} ended wrong")
    for symbol, trade_id in trace.last_trade_ids.items():
        recent = terminal.stores.trades.recent(symbol)
        if recent[-1].trade_id != trade_id:
            raise AssertionError(f"the trades of {symbol} end at {recent[-1].trade_id}, not at {trade_id}")


ROWS = [Row("pipeline", "messages/s", Goal(1.0), measure)]
