"""No text in the ticket ever makes an order that the exchange would refuse for its size, and advice always helps."""

from decimal import Decimal

from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.app.ticket import TicketError, TicketFields, build, parse_decimal
from core.domain.instrument import Side
from core.domain.orders import OrderType, TimeInForce
from tests.helpers.instruments import instrument

NOW = 1_767_225_600 * 10**9
KINDS = [kind for kind in OrderType if kind is not OrderType.SETTLE_POSITION]

NUMBERS = (
    st.decimals(0, 10**6, places=2).map(lambda value: f"{value:f}")
    | st.decimals(0, 1, places=9).map(lambda value: f"{value:f}")
    | st.from_regex(r"[0-9]{1,38}\.[0-9]{0,9}", fullmatch=True)
    | st.sampled_from(["", "0", "1,234", "1,234.5", "0,5", "abc", "-3", "1e5", "NaN", "9" * 60])
)
STEPS = st.sampled_from(
    [Decimal(text) for text in ("0.1", "0.01", "0.5", "0.25", "1", "5", "0.00000001", "0.0005")]
)


@st.composite
def pairs(draw):
    tick, lot = draw(STEPS), draw(STEPS)
    return instrument(
        price_precision=-tick.as_tuple().exponent,
        qty_precision=-lot.as_tuple().exponent,
        price_increment=tick,
        qty_increment=lot,
        qty_min=draw(st.decimals("0.00001", 10, places=5)),
        cost_min=draw(st.sampled_from([Decimal("0.5"), Decimal(5), Decimal("0.00002")])),
        has_index=draw(st.booleans()),
    )


@st.composite
def tickets(draw):
    """A pair and what stands in the form: most values on the grid, every other ticket with anything at all."""
    pair = draw(pairs())
    careful = draw(st.booleans())

    def near(step):
        on_grid = st.integers(1, 10**7).map(lambda steps: f"{steps * step:f}")
        off_grid = st.integers(0, 10**7).map(lambda steps: f"{steps * step + step / 2:f}")
        return draw(on_grid if careful else on_grid | off_grid | NUMBERS)

    def either(plain, *strange):
        return plain if careful else draw(st.sampled_from([plain, *strange]))

    kind = draw(st.sampled_from(KINDS))
    trails = kind in (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)
    fields = TicketFields(
        side=draw(st.sampled_from(Side)),
        order_type=kind,
        qty=near(pair.qty_increment),
        qty_in_quote=either(False, True),
        limit_price=near(pair.price_increment),
        trigger_price=near(pair.price_increment),
        trigger_price_type=draw(st.sampled_from(["pct", "quote"] if trails else ["static", "pct", "quote"])),
        trigger_reference=either("last", "index"),
        time_in_force=either(TimeInForce.GTC, *TimeInForce),
        expire_s=either(3600, -1, 4, 5, 31 * 86_400, 10**8),
        post_only=either(False, True),
        display_qty=near(pair.qty_increment),
        close_type=either(None, OrderType.LIMIT, OrderType.STOP_LOSS),
        close_trigger=near(pair.price_increment),
        close_limit=near(pair.price_increment),
    )
    return fields, pair


def outcome(fields, pair):
    """The order, or None and what is wrong."""
    try:
        return build(fields, pair, NOW), []
    except TicketError as wrong:
        return None, wrong.errors


@given(tickets())
def test_what_the_ticket_builds_is_on_the_grid_and_above_the_minima(ticket):
    fields, pair = ticket
    request, _ = outcome(fields, pair)
    event("an order" if request else "refused")
    if request is None:
        return

    assert (request.qty is None) is not (request.cash_qty is None)
    if request.qty is not None:
        assert request.qty % pair.qty_increment == 0
        assert request.qty >= pair.qty_min
    if request.cash_qty is not None:
        assert request.cash_qty >= pair.cost_min
    if request.limit_price is not None:
        assert request.limit_price > 0
        assert request.limit_price % pair.price_increment == 0
    if request.limit_price is not None and request.order_type is not OrderType.TRAILING_STOP_LIMIT:
        assert request.qty * request.limit_price >= pair.cost_min
    if request.display_qty is not None:
        assert request.qty / 15 <= request.display_qty <= request.qty
    if request.trigger is not None and request.trigger.price_type == "static":
        assert request.trigger.price % pair.price_increment == 0
    assert not (request.post_only and request.time_in_force in (TimeInForce.IOC, TimeInForce.FOK))


@given(tickets())
def test_taking_the_nearest_value_offered_mends_that_field(ticket):
    fields, pair = ticket
    _, wrong = outcome(fields, pair)
    for error in wrong:
        if error.nearest:
            _, still = outcome(replace(fields, **{error.field: error.nearest}), pair)
            left = [one.message for one in still if one.field == error.field]
            # What depends on a second field is judged only once this one is valid by itself.
            assert all("in value" in message for message in left)


@given(st.text(max_size=60))
def test_any_text_is_a_plain_number_or_none(text):
    value = parse_decimal(text)

    assert value is None or (value.is_finite() and value >= 0)


@given(st.text(alphabet="0123456789.,  \u202f-+eE_", max_size=20))
def test_a_number_read_is_its_digits_in_order(text):
    value = parse_decimal(text)

    if value is not None:
        digits = "".join(char for char in text if char.isdigit())
        assert "".join(map(str, value.as_tuple().digits)).lstrip("0") == digits.lstrip("0")
