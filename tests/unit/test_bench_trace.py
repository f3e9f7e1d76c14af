"""The traces the benchmarks run on are what Kraken would send: a naive client can follow them to the last checksum."""

import json
import zlib
from decimal import Decimal

import pytest

from tests.bench.mixed import mixed_trace
from tests.bench.trace import book_trace


class NaiveBook:
    """Kraken's rules for a book, word by word, without a thought for speed."""

    def __init__(self, depth):
        self.depth = depth
        self.sides = {"bids": {}, "asks": {}}

    def apply(self, frame):
        [change] = frame["data"]
        for name, side in self.sides.items():
            if frame["type"] == "snapshot":
                side.clear()
            for level in change[name]:
                side[level["price"]] = level["qty"]
            kept = [price for price in sorted(side, reverse=name == "bids") if side[price]][: self.depth]
            self.sides[name] = {price: side[price] for price in kept}
        return self.checksum() == change["checksum"]

    def checksum(self):
        levels = [*list(self.sides["asks"].items())[:10], *list(self.sides["bids"].items())[:10]]
        return zlib.crc32("".join(stripped(price) + stripped(qty) for price, qty in levels).encode())

    def top(self):
        return tuple(
            [(float(price), float(qty)) for price, qty in self.sides[name].items()] for name in self.sides
        )


def stripped(number):
    return format(number, "f").replace(".", "").lstrip("0")


def parsed(raw):
    return json.loads(raw, parse_float=Decimal)


@pytest.mark.parametrize("depth", [10, 100, 1000])
def test_every_message_of_a_book_trace_leads_to_its_checksum(depth):
    trace = book_trace(depth, 400)
    book = NaiveBook(depth)

    assert all(book.apply(parsed(raw)) for raw in trace.frames)
    assert book.top() == trace.end
    assert len(trace.end[0]) == len(trace.end[1]) == depth


def test_a_message_changes_about_two_levels():
    trace = book_trace(100, 4000)

    changes = [parsed(raw)["data"][0] for raw in trace.frames[1:]]
    levels = sum(len(change["bids"]) + len(change["asks"]) for change in changes)
    assert 2.0 <= levels / len(changes) <= 2.6


def test_the_same_seed_makes_the_same_bytes():
    assert book_trace(10, 50) == book_trace(10, 50)
    assert mixed_trace(200) == mixed_trace(200)
    assert book_trace(10, 50, seed=1).frames != book_trace(10, 50, seed=2).frames


def test_every_book_of_the_mixture_leads_to_its_checksum():
    trace = mixed_trace(2000)
    books = {symbol: NaiveBook(depth) for symbol, depth in trace.depths.items()}

    frames = [parsed(raw) for raw in trace.setup + trace.frames]

    updates = [frame for frame in frames if frame["channel"] == "book"]
    assert all(books[frame["data"][0]["symbol"]].apply(frame) for frame in updates)
    assert {symbol: book.top() for symbol, book in books.items()} == trace.ends
    assert {frame["channel"] for frame in frames} == {"instrument", "book", "ticker", "trade", "heartbeat"}
    assert frames[-1]["channel"] == "trade"
