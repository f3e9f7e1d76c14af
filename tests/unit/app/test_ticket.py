from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.ticket import TicketError, TicketFields, build, parse_decimal
from core.domain.instrument import Side
from core.domain.orders import OrderType, TimeInForce, Trigger
from tests.helpers.instruments import instrument

NOW = 1_767_225_600 * 10**9
PAIR = instrument(qty_min=Decimal("0.0001"), has_index=False)
LIMIT = TicketFields(qty="0.5", limit_price="100")
MARKET = TicketFields(order_type=OrderType.MARKET, qty="0.5")


def errors(fields, pair=PAIR):
    with pytest.raises(TicketError) as caught:
        build(fields, pair, NOW)
    return caught.value.errors


def only_error(fields, pair=PAIR):
    (error,) = errors(fields, pair)
    return error


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1", "1"),
        (" 0.25 ", "0.25"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("0,5", "0.5"),
        ("12,34", "12.34"),
        ("1 234.5", "1234.5"),
        ("1\u202f234.5", "1234.5"),
    ],
)
def test_numbers_are_read_as_people_type_them(text, wanted):
    assert parse_decimal(text) == Decimal(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1e5",
        "-1",
        "+1",
        "NaN",
        "inf",
        "1.2.3",
        "1,23,456",
        "0x10",
        "١٢",
        "1_000",
        "9" * 41,
        "1,234",
    ],
)
def test_what_is_no_number_or_could_mean_two_is_not_guessed(text):
    assert parse_decimal(text) is None


def test_a_limit_order_is_built_exactly_as_typed():
    request = build(LIMIT, PAIR, NOW)

    assert (request.symbol, request.side, request.order_type) == ("BTC/USD", Side.BUY, OrderType.LIMIT)
    assert (request.qty, request.limit_price) == (Decimal("0.5"), Decimal(100))
    assert (request.cash_qty, request.trigger, request.expire_ns) == (None, None, None)


def test_every_order_built_has_an_id_of_its_own():
    assert build(LIMIT, PAIR, NOW).cl_ord_id != build(LIMIT, PAIR, NOW).cl_ord_id


def test_an_empty_ticket_names_every_field_that_lacks():
    found = errors(TicketFields())

    assert [error.field for error in found] == ["qty", "limit_price"]
    assert str(TicketError(found)) == "Enter a quantity.; Enter a price."


@pytest.mark.parametrize(
    ("side", "typed", "nearest"),
    [(Side.BUY, "100.17", "100.1"), (Side.SELL, "100.12", "100.2"), (Side.BUY, "0.04", "0.1")],
)
def test_a_price_off_the_tick_names_the_nearest_one_safe_for_the_user(side, typed, nearest):
    error = only_error(replace(LIMIT, side=side, limit_price=typed, qty="100"))

    assert (error.field, error.nearest) == ("limit_price", nearest)


def test_a_quantity_off_the_lot_names_the_nearest_smaller_one():
    assert only_error(replace(LIMIT, qty="0.123456789")).nearest == "0.12345678"


def test_a_quantity_below_the_minimum_names_the_minimum():
    assert only_error(replace(MARKET, qty="0.00001")).nearest == "0.0001"


def test_the_nearest_quantity_is_never_below_a_minimum_between_two_lots():
    pair = instrument(qty_precision=1, qty_min=Decimal("0.25"))

    assert only_error(replace(MARKET, qty="0.26"), pair).nearest == "0.3"


def test_an_order_worth_too_little_is_named():
    assert "0.5 USD in value" in only_error(replace(LIMIT, qty="0.004")).message


@pytest.mark.parametrize("field", ["qty", "limit_price"])
@pytest.mark.parametrize("text", ["0", "0.0"])
def test_nought_is_neither_a_price_nor_a_quantity(field, text):
    assert "above zero" in errors(replace(LIMIT, **{field: text}))[0].message


def test_forty_digits_are_judged_like_any_other_number():
    typed = "9" * 32 + ".12345678"

    assert build(replace(LIMIT, qty=typed), PAIR, NOW).qty == Decimal(typed)
    assert only_error(replace(LIMIT, limit_price=typed)).nearest == "9" * 32 + ".1"


def test_text_that_is_no_number_is_quoted_but_not_at_length():
    error = only_error(replace(LIMIT, qty="x" * 500))

    assert len(error.message) < 60


@pytest.mark.parametrize("kind", [kind for kind in OrderType if kind.has_trigger])
def test_an_order_with_a_trigger_needs_its_price(kind):
    assert "trigger_price" in {error.field for error in errors(replace(LIMIT, order_type=kind))}


def test_a_static_trigger_stands_on_the_tick():
    fields = replace(LIMIT, order_type=OrderType.STOP_LOSS, trigger_price="99.95")

    assert only_error(fields).field == "trigger_price"


@pytest.mark.parametrize(
    ("kind", "side", "signed"),
    [
        (OrderType.STOP_LOSS, Side.SELL, "-2"),
        (OrderType.STOP_LOSS, Side.BUY, "2"),
        (OrderType.TAKE_PROFIT, Side.SELL, "2"),
        (OrderType.TAKE_PROFIT, Side.BUY, "-2"),
        (OrderType.TRAILING_STOP, Side.SELL, "2"),
        (OrderType.TRAILING_STOP, Side.BUY, "2"),
    ],
)
def test_a_distance_lies_on_the_side_its_type_means(kind, side, signed):
    fields = replace(MARKET, order_type=kind, side=side, trigger_price="2", trigger_price_type="pct")

    assert build(fields, PAIR, NOW).trigger == Trigger(Decimal(signed), "pct", "last")


def test_a_trailing_stop_has_a_distance_and_no_price():
    fields = replace(MARKET, order_type=OrderType.TRAILING_STOP, trigger_price="100")

    assert only_error(fields).field == "trigger_price_type"


def test_the_limit_of_a_trailing_stop_is_an_offset():
    fields = replace(
        LIMIT,
        order_type=OrderType.TRAILING_STOP_LIMIT,
        trigger_price="1",
        trigger_price_type="pct",
        limit_price="0.2",
    )
    request = build(fields, PAIR, NOW)

    assert (request.limit_price, request.limit_price_type) == (Decimal("0.2"), "quote")


def test_an_index_price_is_watched_only_where_there_is_one():
    fields = replace(MARKET, order_type=OrderType.STOP_LOSS, trigger_price="90", trigger_reference="index")

    assert only_error(fields).field == "trigger_reference"
    assert build(fields, instrument(has_index=True), NOW).trigger.reference == "index"


@pytest.mark.parametrize(
    ("shown", "nearest"),
    [("0.1", "0.33333334"), ("9", "5"), ("0.5000000001", "0.5"), ("0.333333337", "0.33333334")],
)
def test_an_iceberg_shows_between_a_fifteenth_and_all_of_it(shown, nearest):
    fields = replace(LIMIT, order_type=OrderType.ICEBERG, qty="5", display_qty=shown)

    error = only_error(fields)

    assert (error.field, error.nearest) == ("display_qty", nearest)
    assert build(replace(fields, display_qty=nearest), PAIR, NOW).display_qty == Decimal(nearest)


def test_a_market_buy_may_be_told_in_quote_currency():
    request = build(replace(MARKET, qty="50", qty_in_quote=True), PAIR, NOW)

    assert (request.qty, request.cash_qty) == (None, Decimal(50))


@pytest.mark.parametrize(
    "change", [{"side": Side.SELL}, {"order_type": OrderType.LIMIT, "limit_price": "100"}]
)
def test_nothing_else_may_be_told_in_quote_currency(change):
    assert only_error(replace(MARKET, qty="50", qty_in_quote=True, **change)).field == "qty"


def test_a_quote_amount_below_the_least_value_is_refused():
    assert "0.5 USD" in only_error(replace(MARKET, qty="0.4", qty_in_quote=True)).message


@pytest.mark.parametrize("tif", [TimeInForce.IOC, TimeInForce.FOK])
def test_post_only_contradicts_taking_at_once(tif):
    assert only_error(replace(LIMIT, post_only=True, time_in_force=tif)).field == "post_only"


def test_post_only_needs_a_limit():
    assert only_error(replace(MARKET, post_only=True)).field == "post_only"


def test_fok_is_for_limit_orders():
    assert only_error(replace(MARKET, time_in_force=TimeInForce.FOK)).field == "time_in_force"


@pytest.mark.parametrize(
    ("seconds", "good"), [(4, False), (5, True), (31 * 86_400, True), (31 * 86_400 + 1, False)]
)
def test_an_order_expires_between_five_seconds_and_thirty_one_days(seconds, good):
    fields = replace(LIMIT, time_in_force=TimeInForce.GTD, expire_s=seconds)

    if good:
        assert build(fields, PAIR, NOW).expire_ns == NOW + seconds * 10**9
    else:
        assert only_error(fields).field == "expire_s"


def test_a_close_order_is_checked_like_any_other():
    fields = replace(LIMIT, close_type=OrderType.STOP_LOSS_LIMIT, close_trigger="95", close_limit="94.9")
    close = build(fields, PAIR, NOW).conditional

    assert (close.order_type, close.trigger_price, close.limit_price) == (
        OrderType.STOP_LOSS_LIMIT,
        Decimal(95),
        Decimal("94.9"),
    )
    found = errors(replace(fields, close_trigger="95.01", close_limit=""))
    assert [error.field for error in found] == ["close_trigger", "close_limit"]
