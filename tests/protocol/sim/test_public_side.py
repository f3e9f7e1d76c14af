"""Paper's own reading of the public side, against the documented messages."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from core.sim import wire
from core.sim.instruments import PAIRS
from core.sim.model import PairSpec
from core.sim.public_book import OutOfStep, PublicBook
from core.sim.reference import listed
from tests.protocol.fixtures import frames


def pair(symbol: str = "BTC/USD") -> PairSpec:
    return next(one for one in PAIRS if one.symbol == symbol)


def rows(name: str) -> list[dict[str, object]]:
    return [wire.decode(frame)["data"][0] for frame in frames(name)]  # type: ignore[index,call-overload]


def test_the_documented_chain_of_book_messages_keeps_its_checksum():
    snapshot, *updates = rows("constructed_book_chain")
    book = PublicBook(pair(), 10)

    book.replace(snapshot)
    changes = [book.update(row) for row in updates]

    assert changes[0] == [(False, 452852, 500_000)]
    assert len(book.side(True)) <= 10
    assert len(book.side(False)) <= 10


def test_a_wrong_digit_is_found():
    snapshot, update, *_ = rows("constructed_book_chain")
    book = PublicBook(pair(), 10)
    book.replace(snapshot)
    update["asks"][0]["qty"] = Decimal("0.00500001")  # type: ignore[index]

    with pytest.raises(OutOfStep):
        book.update(update)


@pytest.mark.parametrize("level", [{}, {"price": "x", "qty": "1"}, {"price": None, "qty": 1}, 7])
def test_a_level_that_is_none_is_out_of_step(level):
    with pytest.raises(OutOfStep):
        PublicBook(pair(), 10).replace({"bids": [level], "asks": [], "checksum": 0})


def test_what_falls_out_of_the_depth_is_told_as_gone():
    book = PublicBook(pair(), 2)
    first = _signed({"bids": [_level(10, 1), _level(9, 1)], "asks": []})
    book.replace(first)

    changes = book.update(_signed({"bids": [_level(11, 1)], "asks": []}, [_level(11, 1), _level(10, 1)]))

    assert changes == [(True, 110, 100_000_000), (True, 90, 0)]
    assert [ticks for ticks, _ in book.side(True)] == [110, 100]


def test_pairs_and_assets_are_read_with_their_three_names():
    assets, pairs = (json.loads(frames(name)[0])["result"] for name in ("rest_Assets", "rest_AssetPairs"))

    known = listed(assets, pairs)

    found = known.pairs["BTC/USD"]
    assert (found.base, found.quote, found.rest_id, found.altname) == ("BTC", "USD", "XXBTZUSD", "XBTUSD")
    assert (found.price_increment, found.qty_increment, found.qty_min) == (
        Decimal("0.1"),
        Decimal("1E-8"),
        Decimal("0.0001"),
    )
    assert known.assets["BTC"].rest_id == "XXBT"
    assert known.status["BTC/USD"] == "online"


def test_what_cannot_be_read_is_left_out():
    asset = {"XXBT": {"altname": "XBT", "decimals": 10}, "ZUSD": {"altname": "USD"}, "ODD": 5}
    good = {"base": "XXBT", "quote": "ZUSD", "pair_decimals": 1, "lot_decimals": 8, "ordermin": "0.1"}

    for harm in ({"base": "GONE"}, {"pair_decimals": "one"}, {"ordermin": "much"}):
        assert listed(asset, {"XXBTZUSD": good | harm, "ODD": 3}).pairs == {}
    assert list(listed(asset, {"XXBTZUSD": good}).pairs) == ["BTC/USD"]


@pytest.mark.parametrize("one", [1, "1", Decimal("1.0")], ids=repr)
def test_decimals_may_be_told_in_any_way_and_what_is_unset_be_null(one):
    asset = {"XXBT": {"altname": "XBT", "decimals": one}, "ZUSD": {"altname": None, "decimals": one}}
    row = {
        "base": "XXBT",
        "quote": "ZUSD",
        "pair_decimals": one,
        "lot_decimals": one,
        "status": None,
        "wsname": None,
    }

    known = listed(asset, {"XXBTZUSD": row})

    (pair,) = known.pairs.values()
    assert (pair.price_precision, pair.qty_precision, pair.wsname) == (1, 1, "")
    assert known.assets["BTC"].precision == 1
    assert list(known.status.values()) == ["online"]


def _level(price: int, qty: int) -> dict[str, object]:
    return {"price": Decimal(price), "qty": Decimal(qty)}


def _signed(row, bids=None):
    pieces = [f"{level['price'] * 10}{level['qty'] * 100_000_000}" for level in bids or row["bids"]]
    return row | {"checksum": wire.checksum([], pieces)}
