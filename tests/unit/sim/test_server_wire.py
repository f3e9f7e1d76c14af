"""Numbers, times and JSON as the exchange writes and reads them."""

from decimal import Decimal

import pytest

from core.sim import wire


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        ("62803", 1, "62803.0"),
        ("0.00000051", 8, "0.00000051"),
        ("0E-8", 8, "0.00000000"),
        ("1E+3", 2, "1000.00"),
        ("5", 0, "5"),
        ("-0.005", 4, "-0.0050"),
    ],
)
def test_a_number_has_the_decimals_of_its_pair(value: str, decimals: int, text: str) -> None:
    assert wire.encode([wire.fixed(Decimal(value), decimals)]) == f"[{text}]"


def test_an_amount_is_never_rounded() -> None:
    assert wire.exact_text(Decimal("1.123456789"), 4) == "1.123456789"
    assert wire.exact_text(Decimal("1.5"), 4) == "1.5000"
    assert wire.exact_text(Decimal("0E-10"), 4) == "0.0000"


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.00000001", "1e-08"), ("0.00005", "5e-05"), ("0.0001", "0.0001"), ("4", "4.0"), ("0.5", "0.5")],
)
def test_instrument_numbers_are_in_their_shortest_form(value: str, text: str) -> None:
    assert wire.encode([wire.short(Decimal(value))]) == f"[{text}]"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nonsense",
        '{"a":1e999999}',
        '{"a":' + "9" * 5000 + "}",
        '{"a":NaN}',
        '{"a":Infinity}',
        "[" * 100_000,
        "[" * 12 + "1" + "]" * 12,
        '{"a":"\\ud800"}',
        '{"\\uDfff":1}',
    ],
)
def test_broken_or_absurd_json_is_malformed(text: str) -> None:
    with pytest.raises(wire.Malformed):
        wire.decode(text)


def test_numbers_are_read_exactly() -> None:
    read = wire.decode('{"price":0.1,"qty":12,"tiny":1e-08,"pair":"\\ud83d\\ude00"}')

    assert read == {"price": Decimal("0.1"), "qty": 12, "tiny": Decimal("1E-8"), "pair": "😀"}


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2024-01-08T12:26:39.526146327Z", 1704716799_526146327),
        ("2022-06-13T08:09:10.123456Z", 1655107750_123456000),
        ("2024-07-21T09:53:59.05Z", 1721555639_050000000),
        ("2023-09-21T15:49:29+00:00", 1695311369_000000000),
    ],
)
def test_times_are_read_to_the_nanosecond(text: str, ns: int) -> None:
    assert wire.parse_rfc3339(text) == ns


@pytest.mark.parametrize(
    "text", ["", "now", "2024-01-08", "2024-13-08T00:00:00Z", "2024-01-08T00:00:00+02:00"]
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|month"):
        wire.parse_rfc3339(text)


def test_times_are_written_with_the_digits_each_channel_uses() -> None:
    ns = 1704716799_000146327

    assert wire.rfc3339_ns(ns) == "2024-01-08T12:26:39.000146327Z"
    assert wire.rfc3339_us(ns) == "2024-01-08T12:26:39.000146Z"
    assert wire.rfc3339_s(ns) == "2024-01-08T12:26:39Z"
    assert wire.encode([wire.unix_text(ns)]) == "[1704716799.0001]"
