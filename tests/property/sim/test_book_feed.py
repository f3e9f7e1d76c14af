"""Whatever happens in the engine's book, a client that follows the rules holds the same top of it."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.sim import wire
from core.sim.book_feed import BookFeed
from core.sim.level3_feed import Level3Feed
from core.sim.model import L3Change

DEPTH = 10
changes = st.tuples(st.sampled_from(["buy", "sell"]), st.integers(0, 24), st.integers(0, 3))
slices = st.lists(st.lists(changes, max_size=12), max_size=12)


def price_of(side: str, step: int) -> Decimal:
    return Decimal(99 - step if side == "buy" else 101 + step)


class NaiveClient:
    """Applies frames exactly as Kraken's documentation says and nothing else."""

    def __init__(self, frame: str, *, eager: bool) -> None:
        self.eager = eager
        self.sides: dict[str, dict[Decimal, str]] = {"bids": {}, "asks": {}}
        self.apply(frame)

    def apply(self, frame: str) -> None:
        data: Any = json.loads(frame, parse_float=str)["data"][0]
        for name, held in self.sides.items():
            for row in data[name]:
                held.pop(Decimal(row["price"]), None)
                if Decimal(row["qty"]):
                    held[Decimal(row["price"])] = row["qty"]
                if self.eager:
                    self.truncate(name)
            self.truncate(name)
        assert data["checksum"] == wire.checksum(self.pieces("asks"), self.pieces("bids"))

    def truncate(self, name: str) -> None:
        held = self.sides[name]
        for price in sorted(held, reverse=name == "bids")[DEPTH:]:
            del held[price]

    def pieces(self, name: str) -> list[str]:
        held = self.sides[name]
        return [
            wire.stripped(f"{price:.1f}") + wire.stripped(held[price])
            for price in sorted(held, reverse=name == "bids")[:10]
        ]


@given(changes_by_slice=slices, eager=st.booleans())
def test_a_client_that_truncates_holds_the_true_top_of_the_book(
    changes_by_slice: list[list[tuple[str, int, int]]], eager: bool
) -> None:
    """Eager clients truncate after every level, others after the whole message."""
    true: dict[str, dict[Decimal, Decimal]] = {"buy": {}, "sell": {}}
    feed = BookFeed("A/B", 1, 2, [], [])
    feed.open(DEPTH)
    client = NaiveClient(feed.snapshot(DEPTH, 0), eager=eager)

    for one_slice in changes_by_slice:
        for side, step, qty in one_slice:
            feed.change(side, price_of(side, step), Decimal(qty))
            true[side][price_of(side, step)] = Decimal(qty)
        for frame in feed.updates(0).values():
            client.apply(frame)
        for side, name in (("buy", "bids"), ("sell", "asks")):
            best = sorted((price for price, qty in true[side].items() if qty), reverse=side == "buy")[:DEPTH]
            assert client.sides[name] == {price: f"{true[side][price]:.2f}" for price in best}


orders = st.tuples(
    st.sampled_from(["buy", "sell"]),
    st.integers(0, 14),
    st.sampled_from(["add", "modify", "delete"]),
    st.integers(0, 99),
)


@given(changes_by_slice=st.lists(st.lists(orders, max_size=12), max_size=12))
def test_a_level3_client_holds_the_true_queues(
    changes_by_slice: list[list[tuple[str, int, str, int]]],
) -> None:
    true: dict[str, dict[Decimal, dict[str, Decimal]]] = {"buy": {}, "sell": {}}
    feed = Level3Feed("A/B", 1, 2, [], [])
    feed.open(DEPTH)
    held: dict[str, dict[Decimal, dict[str, str]]] = {"buy": {}, "sell": {}}
    number = 0

    for one_slice in changes_by_slice:
        for side, step, event, pick in one_slice:
            price = price_of(side, step)
            queue = true[side].setdefault(price, {})
            if event == "add":
                number += 1
                order_id, qty = f"O{number}", Decimal(number % 7 + 1)
            elif queue:
                order_id, qty = list(queue)[pick % len(queue)], Decimal(pick + 1)
            else:
                continue
            if event == "delete":
                del queue[order_id]
            else:
                queue[order_id] = qty
            feed.change(L3Change(side, event, order_id, price, qty, number))
        for frame in feed.updates(0).values():
            follow(held, frame)
        for side in held:
            best = sorted((price for price, queue in true[side].items() if queue), reverse=side == "buy")[
                :DEPTH
            ]
            assert held[side] == {
                price: {order_id: f"{qty:.2f}" for order_id, qty in true[side][price].items()}
                for price in best
            }


def follow(held: dict[str, dict[Decimal, dict[str, str]]], frame: str) -> None:
    """Apply one level 3 update as documented, queue order included, and check its checksum."""
    data: Any = json.loads(frame, parse_float=str)["data"][0]
    pieces: dict[str, list[str]] = {}
    for side, name in (("buy", "bids"), ("sell", "asks")):
        levels = held[side]
        for row in data[name]:
            queue = levels.setdefault(Decimal(row["limit_price"]), {})
            if row["event"] == "delete":
                del queue[row["order_id"]]
            else:
                assert (row["event"] == "modify") == (row["order_id"] in queue)
                queue[row["order_id"]] = row["order_qty"]
            if not queue:
                del levels[Decimal(row["limit_price"])]
        best = sorted(levels, reverse=side == "buy")
        for price in best[DEPTH:]:
            del levels[price]
        pieces[name] = [
            wire.stripped(f"{price:.1f}") + wire.stripped(qty)
            for price in best[:10]
            for qty in levels[price].values()
        ]
    assert data["checksum"] == wire.checksum(pieces["asks"], pieces["bids"])
