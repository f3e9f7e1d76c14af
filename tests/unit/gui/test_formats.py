import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.app.ticket import parse_decimal
from core.domain.times import parse_ns
from gui import formats

S = 10**9
MS = 10**6
ANY = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
    lambda value: value.as_tuple().exponent >= -30 and value.adjusted() <= 39
)


@pytest.mark.parametrize(
    ("value", "digits", "wanted"),
    [
        ("1234.5", 2, "1,234.50"),
        ("0.125", 2, "0.12"),
        ("0.135", 2, "0.14"),
        ("-0.001", 2, "0.00"),
        ("-1234567.891", 1, "-1,234,567.9"),
        ("1E+3", 0, "1,000"),
        ("5.1E-7", 8, "0.00000051"),
    ],
)
def test_fixed_writes_exactly_so_many_decimals(value, digits, wanted):
    assert formats.fixed(Decimal(value), digits) == wanted


def test_a_sign_is_written_before_what_is_above_nought_only():
    written = [formats.fixed(Decimal(text), 1, sign=True) for text in ("2", "0", "0.01", "-2")]

    assert written == ["+2.0", "0.0", "0.0", "-2.0"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("0.123456789", "0.12345678"),
        ("1.50", "1.5"),
        ("1000", "1,000"),
        ("-0.000000001", "0"),
        ("100", "100"),
    ],
)
def test_a_quantity_is_cut_and_loses_its_trailing_zeros(value, wanted):
    assert formats.qty(Decimal(value), 8) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("0", "0.00"),
        ("0.01234", "0.0123"),
        ("12.345", "12.34"),
        ("999", "999.00"),
        ("1234", "1.23K"),
        ("12345", "12.34K"),
        ("99999", "100K"),
        ("123456", "123K"),
        ("999999", "1.00M"),
        ("999999999", "1.00B"),
        ("-1234567", "-1.23M"),
        ("1.5E12", "1.50T"),
        ("999.999", "1.00K"),
    ],
)
def test_a_size_has_three_or_four_digits_and_a_letter(value, wanted):
    assert formats.compact(Decimal(value)) == wanted


@given(st.decimals(1, Decimal("9e14"), places=3))
def test_no_size_below_a_thousand_trillions_is_wider_than_six_characters(value):
    assert len(formats.compact(value)) <= 6


@pytest.mark.parametrize(
    "write", [formats.compact, formats.percent, formats.bps, lambda value: formats.fixed(value, 2)]
)
def test_what_is_not_known_is_a_dash(write):
    assert write(None) == formats.qty(None, 2) == formats.MISSING


def test_percentages_carry_their_sign():
    assert formats.percent(Decimal("1.005")) == "+1.00%"
    assert formats.percent(Decimal(-3)) == "-3.00%"


@pytest.mark.parametrize(("value", "wanted"), [("12.34", "12.3"), ("0.456", "0.46"), ("-2", "-2.0")])
def test_basis_points_have_one_decimal_or_two_below_one(value, wanted):
    assert formats.bps(Decimal(value)) == wanted


@given(ANY, st.integers(1, 30))
def test_what_is_written_with_decimals_is_read_back_as_the_same_number(value, digits):
    rounded = abs(value).quantize(Decimal(1).scaleb(-digits), context=formats._WIDE)
    text = formats.fixed(rounded, digits)

    read = parse_decimal(text)
    too_long = sum(char.isdigit() for char in text) > 40
    assert read == (None if too_long else rounded)


@given(st.decimals(0, 10**12, places=8))
def test_what_is_written_without_commas_is_read_back_as_the_same_number(value):
    assert parse_decimal(formats.fixed(value, 8, group=False)) == value


@given(st.decimals(0, 10**12, places=8))
def test_a_quantity_is_read_back_unless_its_comma_could_mean_two_things(value):
    text = formats.qty(value, 8)

    assert parse_decimal(text) == (None if text.count(",") == 1 and "." not in text else value)


@given(ANY, st.integers(0, 30))
def test_a_quantity_written_is_never_larger_than_it_is(value, digits):
    assert abs(Decimal(formats.qty(value, digits).replace(",", ""))) <= abs(value)


@pytest.mark.parametrize(
    ("ns", "wanted"),
    [
        (-5, "0 ms"),
        (320 * MS, "320 ms"),
        (4 * S + 150 * MS, "4.1 s"),
        (59 * S, "59 s"),
        (185 * S, "3m 05s"),
        (2 * 3600 * S + 600 * S, "2h 10m"),
        (49 * 3600 * S, "49h 00m"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(ns, wanted):
    assert formats.duration(ns) == wanted


@pytest.mark.parametrize(
    ("ns", "wanted"), [(0, "now"), (-3 * S, "now"), (4 * S, "4s"), (180 * S, "3m"), (7200 * S, "2h")]
)
def test_an_age_is_short(ns, wanted):
    assert formats.age(ns) == wanted


def test_latencies_are_told_in_milliseconds():
    assert [formats.millis(ns) for ns in (1_500_000, 12_300_000)] == ["1.5 ms", "12 ms"]


@pytest.fixture(params=["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    formats._time_of_day.cache_clear()
    yield request.param
    monkeypatch.undo()
    time.tzset()
    formats._time_of_day.cache_clear()


def test_times_are_shown_as_on_the_clock_on_the_wall(zone):
    ns = parse_ns("2026-01-05T22:33:05.709993Z")
    wanted = {"UTC": "22:33:05", "Asia/Tokyo": "07:33:05", "America/Los_Angeles": "14:33:05"}[zone]

    assert formats.clock_time(ns) == wanted
    assert formats.clock_time(ns, millis=True) == f"{wanted}.709"
    assert f"{wanted}.709" in formats.moment(ns)


def test_no_time_is_a_dash():
    assert formats.clock_time(0) == formats.moment(0) == formats.MISSING


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.usefixtures("zone")
def test_any_time_the_exchange_can_name_can_be_shown(text):
    ns = parse_ns(text)

    assert formats.clock_time(ns)
    assert formats.moment(ns)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("EOrder:Insufficient funds", "EOrder:Insufficient funds"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("one\r\ntwo\tthree", "one  two three"),
        ("gold\u202edlog", "golddlog"),
        ("a\u2066b\u200fc\x00d\x1be", "abcde"),
        ("Größe ≥ 5 €", "Größe ≥ 5 €"),
        ("\ud800lone", "lone"),
    ],
)
def test_outside_text_becomes_one_harmless_line(text, wanted):
    assert formats.plain(text) == wanted


@given(st.text(max_size=2000))
def test_outside_text_is_bounded_and_never_breaks_a_line_or_turns_around(text):
    shown = formats.plain(text)

    assert len(shown) <= formats.MAX_TEXT
    assert len(shown.splitlines()) <= 1
    assert not formats._BIDI & set(shown)
    assert formats.plain(shown) == shown


def test_a_very_long_text_costs_no_more_than_a_page():
    assert formats.plain("x" * 10_000_000) == "x" * formats.MAX_TEXT


def test_amounts_below_each_other_have_the_decimals_of_the_longest():
    amounts = [Decimal("15307.4"), Decimal("61.22960"), None, Decimal(3)]

    assert formats.column(amounts, 8) == ["15,307.4000", "61.2296", "–", "3.0000"]
    assert formats.column([Decimal(1), Decimal(20)], 4) == ["1", "20"]
    assert formats.column([Decimal("0.129"), Decimal(1)], 2) == ["0.12", "1.00"]
    assert formats.column([], 2) == []
