"""The checksum against Kraken's own example, the chain built on it, and the slow way of computing it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.processing.checksum import TOP, checksum, piece

FIXTURES = Path(__file__).parents[2] / "fixtures" / "kraken"
POLYNOMIAL = 0xEDB88320


def naive_crc(text: str) -> int:
    """CRC-32 bit by bit, as the standard writes it."""
    register = 0xFFFFFFFF
    for byte in text.encode("ascii"):
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (POLYNOMIAL if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def naive_piece(text: str) -> str:
    digits = [char for char in text if char != "."]
    while digits and digits[0] == "0":
        digits = digits[1:]
    return "".join(digits)


def frames(name):
    """The frames of a fixture, numbers kept as they stand on the wire."""
    texts = json.loads((FIXTURES / name).read_text())
    return [json.loads(text, parse_float=str, parse_int=str)["data"][0] for text in texts]


def crc_of(asks, bids):
    return checksum(*([piece(p) + piece(q) for p, q in side[:TOP]] for side in (asks, bids)))


def applied(levels, changes, *, best_first):
    """A side after a message: the plain rules of the guide on text."""
    held = dict(levels)
    for price, qty in changes:
        held.pop(price, None)
        if Decimal(qty):
            held[price] = qty
    return sorted(held.items(), key=lambda level: Decimal(level[0]), reverse=best_first)[:TOP]


def levels(rows):
    return [(row["price"], row["qty"]) for row in rows]


def test_the_documented_book_has_the_documented_checksum():
    (book,) = frames("ws_book_checksum_example.json")

    assert crc_of(levels(book["asks"]), levels(book["bids"])) == int(book["checksum"]) == 3310070434


def test_every_step_of_the_documented_chain_has_its_checksum():
    asks, bids, seen = [], [], []
    for frame in frames("constructed_book_chain.json"):
        asks = applied(asks, levels(frame["asks"]), best_first=False)
        bids = applied(bids, levels(frame["bids"]), best_first=True)
        seen.append((crc_of(asks, bids), int(frame["checksum"])))

    assert len(seen) == 6
    assert all(ours == theirs for ours, theirs in seen)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("45285.2", "452852"),
        ("0.00100000", "100000"),
        ("0.00000051", "51"),
        ("0.00000000", ""),
        ("100", "100"),
        ("000.500", "500"),
    ],
)
def test_a_number_loses_its_point_and_its_leading_zeros_only(text, wanted):
    assert piece(text) == wanted


def test_an_empty_book_still_has_a_checksum():
    assert checksum([], []) == 0


PIECES = st.lists(st.from_regex(r"[1-9][0-9]{0,14}", fullmatch=True), max_size=TOP)


@given(PIECES, PIECES)
def test_the_checksum_is_the_standard_crc_of_asks_before_bids(asks, bids):
    assert checksum(asks, bids) == naive_crc("".join(asks) + "".join(bids))


@given(st.decimals(0, 10**9, places=8))
def test_a_piece_is_what_the_guide_says_of_any_printed_number(value):
    text = f"{value:.8f}"

    assert piece(text) == naive_piece(text)
