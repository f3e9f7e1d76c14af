"""The published checksum examples through the exchange's own book feeds, byte for byte."""

import json
from decimal import Decimal
from typing import Any

from core.sim import wire
from core.sim.book_feed import BookFeed
from core.sim.level3_feed import Level3Feed
from core.sim.model import L3Change
from tests.protocol.fixtures import frames

PRICE_DECIMALS, QTY_DECIMALS = 1, 8
CHAIN = "constructed_book_chain"


def read(frame: str) -> Any:
    return json.loads(frame, parse_float=Decimal)["data"][0]


def levels(rows: list[dict[str, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    return [(row["price"], row["qty"]) for row in rows]


def feed_of(frame: str) -> BookFeed:
    data = read(frame)
    feed = BookFeed("BTC/USD", PRICE_DECIMALS, QTY_DECIMALS, levels(data["bids"]), levels(data["asks"]))
    feed.open(10)
    return feed


def without_time(frame: str) -> str:
    """The fixture of the guide has no time stamp; ours has one behind the checksum."""
    head, _, _ = frame.partition(',"timestamp"')
    return head.removesuffix("}]}") + "}]}"


def test_book_snapshot_of_the_guide_is_written_byte_for_byte() -> None:
    (published,) = frames("ws_book_checksum_example")

    assert without_time(feed_of(published).snapshot(10, 0)) == published


def test_constructed_chain_of_updates_is_written_byte_for_byte() -> None:
    snapshot, *updates = frames(CHAIN)
    feed = feed_of(snapshot)
    # 45299.5 is cancelled while out of range, between the third and the fourth update.
    silent = {4: ("sell", Decimal("45299.5"), Decimal(0))}

    for step, published in enumerate(updates, start=1):
        data = read(published)
        if step in silent:
            feed.change(*silent[step])
        for side, rows in (("buy", data["bids"]), ("sell", data["asks"])):
            for row in rows:
                feed.change(side, row["price"], row["qty"])
        written = feed.updates(wire.parse_rfc3339(data["timestamp"]))[10]

        assert read(written)["checksum"] == data["checksum"], f"step {step}"
        if step != 5:  # the chain sends one price twice there; we say the last word once
            assert written == published, f"step {step}"


def test_level3_snapshot_of_the_guide_has_its_checksum_and_orders() -> None:
    (published,) = frames("ws_level3_checksum_example")
    data = read(published)

    def queues(rows: list[dict[str, Any]]) -> list[tuple[Decimal, list[tuple[str, Decimal, int]]]]:
        by_price: dict[Decimal, list[tuple[str, Decimal, int]]] = {}
        for row in rows:
            entry = (row["order_id"], row["order_qty"], wire.parse_rfc3339(row["timestamp"]))
            by_price.setdefault(row["limit_price"], []).append(entry)
        return list(by_price.items())

    feed = Level3Feed("BTC/USD", PRICE_DECIMALS, QTY_DECIMALS, queues(data["bids"]), queues(data["asks"]))
    feed.open(10)
    written = feed.snapshot(10, 0)

    assert read(written)["checksum"] == 1063832831
    for side in ("bids", "asks"):
        wanted = published.partition(f'"{side}":')[2].partition("]")[0]
        assert wanted in written


def test_level3_update_speaks_of_orders_as_the_documentation_does() -> None:
    published = read(frames("ws_level3")[3])
    first = published["asks"][0]
    second_price = published["asks"][1]["limit_price"]
    waiting = [
        (row["order_id"], row["order_qty"], wire.parse_rfc3339(row["timestamp"]))
        for row in published["asks"][1:]
    ]
    near = [(first["limit_price"], [(first["order_id"], first["order_qty"], 0)])]
    middle = [(Decimal("0.5636") + Decimal(n) / 100000, [(f"O{n}", Decimal(1), 0)]) for n in range(1, 10)]
    feed = Level3Feed("MATIC/USD", 5, 8, [], [*near, *middle, (second_price, waiting)])
    feed.open(10)

    feed.change(
        L3Change(
            "sell",
            "delete",
            first["order_id"],
            first["limit_price"],
            first["order_qty"],
            wire.parse_rfc3339(first["timestamp"]),
        )
    )
    written = read(feed.updates(0)[10])

    assert [set(row) for row in written["asks"]] == [set(row) for row in published["asks"]]
    assert [(row["event"], row["order_id"]) for row in written["asks"]] == [
        (row["event"], row["order_id"]) for row in published["asks"]
    ]
