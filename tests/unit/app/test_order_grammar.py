"""What a typed line is read as, and that a word that is not understood is named."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.app.order_grammar import parse, request_of
from core.app.order_wishes import CancelWish, FlattenWish, OrderWish, ShowWish
from core.app.order_words import GrammarError
from core.app.ticket import TicketError, TicketFields
from core.domain.instrument import Side
from core.domain.orders import OrderType, TimeInForce
from tests.helpers.instruments import instrument

PAIRS = ("BTC/USD", "ETH/USD", "ETH/BTC", "USDT/USD", "1INCH/USD")
NOW = 1_767_225_600 * 10**9
LIMIT = TicketFields(qty="0.1", limit_price="60000")


def read(text: str):
    return parse(text, PAIRS, "BTC/USD")


@pytest.mark.parametrize(
    ("text", "symbol", "fields"),
    [
        ("buy 0.1 btc/usd limit 60000 post", "BTC/USD", replace(LIMIT, post_only=True)),
        ("BUY BTC/USD 0.1 @60,000.00", "BTC/USD", replace(LIMIT, limit_price="60000.00")),
        ("buy 0.1 limit 60000", "BTC/USD", LIMIT),
        ("buy 0.1 eth @ 60000", "ETH/USD", LIMIT),
        ("buy 0.1 btcusd limit 60000 ioc", "BTC/USD", replace(LIMIT, time_in_force=TimeInForce.IOC)),
        ("buy 0.1 eth-btc limit 60000", "ETH/BTC", LIMIT),
        ("buy 0.1 1inch/usd limit 60000", "1INCH/USD", LIMIT),
        ("buy $500 btc/usd limit 60000", "BTC/USD", replace(LIMIT, qty="500", qty_in_quote=True)),
        ("buy 500usd eth limit 60000", "ETH/USD", replace(LIMIT, qty="500", qty_in_quote=True)),
        ("buy 500 usd limit 60000", "BTC/USD", replace(LIMIT, qty="500", qty_in_quote=True)),
        ("buy 0.1btc limit 60000", "BTC/USD", LIMIT),
        (
            "buy 0.1 limit 60000 for 2h",
            "BTC/USD",
            replace(LIMIT, time_in_force=TimeInForce.GTD, expire_s=7200),
        ),
        ("buy 0.1 limit 60000 in 90", "BTC/USD", replace(LIMIT, start_s=90)),
        (
            "buy 0.1 limit 60000 stp both reduce",
            "BTC/USD",
            replace(LIMIT, stp_type="cancel_both", reduce_only=True),
        ),
        (
            "sell 1 btc/usd stop-loss-limit 58000 limit 57900 index",
            "BTC/USD",
            TicketFields(
                side=Side.SELL,
                order_type=OrderType.STOP_LOSS_LIMIT,
                qty="1",
                trigger_price="58000",
                limit_price="57900",
                trigger_reference="index",
            ),
        ),
        (
            "sell 1 trail 1.5%",
            "BTC/USD",
            TicketFields(
                side=Side.SELL,
                order_type=OrderType.TRAILING_STOP,
                qty="1",
                trigger_price="1.5",
                trigger_price_type="pct",
            ),
        ),
        (
            "sell 1 trail 250",
            "BTC/USD",
            TicketFields(
                side=Side.SELL,
                order_type=OrderType.TRAILING_STOP,
                qty="1",
                trigger_price="250",
                trigger_price_type="quote",
            ),
        ),
        (
            "buy 0.1 iceberg 60000 show 0.02 close stop-loss-limit 58000 limit 57900",
            "BTC/USD",
            replace(
                LIMIT,
                order_type=OrderType.ICEBERG,
                display_qty="0.02",
                close_type=OrderType.STOP_LOSS_LIMIT,
                close_trigger="58000",
                close_limit="57900",
            ),
        ),
    ],
)
def test_an_order_is_read_as_the_ticket_would_hold_it(text, symbol, fields):
    assert read(text) == OrderWish(symbol, fields)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("cancel btc/usd", CancelWish("BTC/USD")),
        ("cancel ALL", CancelWish(None)),
        ("flatten eth/usd", FlattenWish("ETH/USD")),
        ("eth/btc", ShowWish("ETH/BTC")),
        ("eth", ShowWish("ETH/USD")),
    ],
)
def test_commands_and_a_bare_pair_are_understood(text, wish):
    assert read(text) == wish


@pytest.mark.parametrize(
    ("text", "word", "told"),
    [
        ("buy 0.1 btc/usd lmit 60000", "lmit", "Did you mean limit?"),
        ("buy 0.1 btc/usd limit 60000 pots", "pots", "Did you mean post?"),
        ("buy 0.1 btc/eur limit 60000", "btc/eur", "no pair that is traded here"),
        ("buy 0.1 0.2 btc/usd market", "0.2", "second quantity"),
        ("buy 0.1 btc/usd eth/usd market", "eth/usd", "second pair"),
        ("buy 1,234 btc/usd market", "1,234", "could mean two"),
        ("buy 0.1 btc/usd limit sixty", "sixty", "not a number"),
        ("buy $5 eth/btc market", "$5", "neither ETH nor BTC"),
        ("buy 0.1 market limit 60000", "limit", "no limit price"),
        ("buy 0.1 limit 60000 market", "market", "said before"),
        ("buy 0.1 limit 60000 ioc fok", "fok", "said before"),
        ("buy 0.1 limit 60000 show 0.01", "show", "does not belong to a limit order"),
        ("buy 0.1 limit 60000 index", "index", "does not belong to a limit order"),
        ("buy 0.1 limit 60000 by", "by", "does not stand here"),
        ("buy 0.1 limit 60000 for ever", "ever", "no span of time"),
        ("buy 0.1 limit 60000 close market", "market", "cannot close"),
        ("cancel btc/usd now", "now", "Nothing may follow"),
        ("by 0.1 btc/usd limit 60000", "by", "not understood"),
        ("bay", "bay", "Did you mean buy?"),
    ],
)
def test_a_word_that_does_not_fit_is_named_with_its_place(text, word, told):
    with pytest.raises(GrammarError) as wrong:
        read(text)

    assert wrong.value.word == word
    assert text[wrong.value.at :].startswith(word)
    assert told in wrong.value.message
    assert word in wrong.value.message or "limit price" in wrong.value.message
    assert not wrong.value.incomplete


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "an order"),
        ("buy", "a quantity"),
        ("buy btc/usd", "a quantity"),
        ("buy 0.1", "a type"),
        ("buy 0.1 limit", "a limit price"),
        ("sell 0.1 stop-loss-limit 58000", "limit and a price"),
        ("sell 0.1 iceberg 58000", "show"),
        ("sell 0.1 limit 58000 for", "how long"),
        ("cancel", "a pair, or all"),
    ],
)
def test_an_unfinished_line_says_what_comes_next(text, expected):
    with pytest.raises(GrammarError) as unfinished:
        read(text)

    assert unfinished.value.incomplete
    assert expected in unfinished.value.message


def test_an_amount_of_quote_with_a_limit_becomes_what_it_buys_at_most():
    wish = read("buy $500 btc/usd limit 60000 post")

    request = request_of(wish, instrument(symbol="BTC/USD", qty_min=Decimal("0.0001")), NOW)

    assert request.cash_qty is None
    assert request.qty == Decimal("0.00833333")
    assert request.qty * 60000 <= 500


def test_an_amount_of_quote_at_the_market_stays_one_for_a_buy_and_is_refused_for_a_sale():
    pair = instrument(symbol="BTC/USD")

    assert request_of(read("buy $500 market"), pair, NOW).cash_qty == 500
    with pytest.raises(TicketError, match="market buys only"):
        request_of(read("sell $500 market"), pair, NOW)
