"""Whatever can be wished can be written and read back, and no line at all breaks the reader."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.app.order_grammar import parse
from core.app.order_wishes import CancelWish, FlattenWish, OrderWish, ShowWish, write
from core.app.order_words import CLOSES, TERMS, TYPES, VERBS, GrammarError
from core.app.ticket import TicketFields
from core.domain.instrument import Side
from core.domain.orders import OrderType, TimeInForce

PAIRS = ("BTC/USD", "ETH/USD", "ETH/BTC", "USDT/USD", "1INCH/USD", "USD/EUR", "SHIB/USD")
symbols = st.sampled_from(PAIRS)
numbers = st.decimals(0, 10**9, places=8).map(lambda value: f"{value.normalize():f}")
TRAILING = (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)


@st.composite
def tickets(draw):
    """Fields as a person could have meant them: nothing that the type does not use."""
    kind = draw(st.sampled_from([kind for kind in OrderType if kind is not OrderType.SETTLE_POSITION]))
    close = draw(st.none() | st.sampled_from(sorted(CLOSES)))
    tif = draw(st.sampled_from(TimeInForce))
    relative = ["pct", "quote"] if kind in TRAILING else ["static", "pct", "quote"]
    return TicketFields(
        side=draw(st.sampled_from(Side)),
        order_type=kind,
        qty=draw(numbers),
        qty_in_quote=draw(st.booleans()),
        limit_price=draw(numbers) if kind.has_limit else "",
        trigger_price=draw(numbers) if kind.has_trigger else "",
        trigger_price_type=draw(st.sampled_from(relative)) if kind.has_trigger else "static",
        trigger_reference=draw(st.sampled_from(["last", "index"])) if kind.has_trigger else "last",
        time_in_force=tif,
        start_s=draw(st.integers(0, 10**6)),
        expire_s=draw(st.integers(0, 10**6)) if tif is TimeInForce.GTD else 3600,
        post_only=draw(st.booleans()),
        reduce_only=draw(st.booleans()),
        stp_type=draw(st.sampled_from(["", "cancel_newest", "cancel_oldest", "cancel_both"])),
        display_qty=draw(numbers) if kind is OrderType.ICEBERG else "",
        close_type=close,
        close_trigger=draw(numbers) if close is not None and close.has_trigger else "",
        close_limit=draw(numbers) if close is not None and close.has_limit else "",
    )


wishes = (
    st.builds(OrderWish, symbols, tickets())
    | st.builds(CancelWish, st.none() | symbols)
    | st.builds(FlattenWish, symbols)
    | st.builds(ShowWish, symbols)
)


@given(wishes, symbols, st.sampled_from([str, str.upper, str.title]))
def test_what_is_written_is_read_back_whatever_pair_is_shown(wish, shown, spelt):
    assert parse(spelt(write(wish)), PAIRS, shown) == wish


@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from([*VERBS, *TYPES, *TERMS, *PAIRS, "btc", "usd", "all", "$5", "5usd", "1%", "2h"])
        | numbers
        | st.text(max_size=6),
        max_size=12,
    ).map(" ".join)
)
def test_any_line_is_a_wish_or_an_error_that_names_a_place_in_it(text):
    wish, wrong = outcome(text)

    if wish is not None:
        assert parse(write(wish), PAIRS, "BTC/USD") == wish
    if wrong is not None:
        assert wrong.message
        assert text[wrong.at :].startswith(wrong.word)
        assert wrong.incomplete == (not wrong.word)


def outcome(text):
    """The wish, or None and what is wrong."""
    try:
        return parse(text, PAIRS, "BTC/USD"), None
    except GrammarError as wrong:
        return None, wrong
