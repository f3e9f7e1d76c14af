"""Order books: decode, apply, cut to depth and, on our side always, compare the checksum of every message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tests.bench.measure import Goal, Preparation, Row, Verify, Work, paired_rates
from tests.bench.ours import OurTerminal
from tests.bench.peers import CcxtBook, KrakenSdkBook, RustBook, Top
from tests.bench.trace import BookTrace, book_trace

DEPTHS = (10, 100, 1000)
MESSAGES = 20_000
# python-kraken-sdk sorts the whole side for each level: at depth 1,000 it would take minutes otherwise.
SDK_MESSAGES = {10: 10_000, 100: 4_000, 1000: 800}


class PeerBook(Protocol):
    def run(self, frames: list[bytes]) -> None: ...

    def top(self, count: int) -> Top: ...

    def close(self) -> None: ...


def ours(traces: Sequence[BookTrace]) -> Preparation:
    def prepare() -> Work:
        ready = [(OurTerminal.for_book(trace), trace) for trace in traces]

        def work() -> Verify:
            for terminal, trace in ready:
                terminal.run_books(trace.frames)
            return verify

        def verify() -> None:
            for terminal, trace in ready:
                must_end(trace, terminal.top(trace.pair.symbol, 10))

        return work

    return prepare


def peer(kind: Callable[[BookTrace], PeerBook], traces: Sequence[BookTrace]) -> Preparation:
    def prepare() -> Work:
        ready = [(kind(trace), trace) for trace in traces]

        def work() -> Verify:
            for book, trace in ready:
                book.run(trace.frames)
            return verify

        def verify() -> None:
            for book, trace in ready:
                must_end(trace, book.top(10))
                book.close()

        return work

    return prepare


def must_end(trace: BookTrace, top: Top) -> None:
    """A fast wrong book is worth nothing: both sides must show the exchange's ten best levels."""
    if top != (trace.end[0][:10], trace.end[1][:10]):
        raise AssertionError(f"depth {trace.depth}: the book ended as {top}, not as {trace.end}")


def against(
    kind: Callable[[BookTrace], PeerBook], counts: dict[int, int]
) -> list[tuple[float, float | None]]:
    """Return rates of messages per second over the traces of all these depths together."""
    traces = [book_trace(depth, count) for depth, count in counts.items()]
    total = sum(len(trace.frames) for trace in traces)
    return paired_rates(total, ours(traces), peer(kind, traces))


def sdk_row(depth: int, goal: float) -> Row:
    return Row(
        f"book_d{depth}",
        "messages/s",
        Goal(goal),
        lambda: against(KrakenSdkBook, {depth: SDK_MESSAGES[depth]}),
    )


ROWS = [
    sdk_row(10, 7.0),
    sdk_row(100, 25.0),
    sdk_row(1000, 150.0),
    Row("book_vs_ccxt", "messages/s", Goal(5.0), lambda: against(CcxtBook, dict.fromkeys(DEPTHS, MESSAGES))),
    Row("book_vs_rust", "messages/s", Goal(1.0), lambda: against(RustBook, dict.fromkeys(DEPTHS, MESSAGES))),
]
