import json
from decimal import Decimal

import pytest

from core.data.kraken.numbers import number, plain
from core.data.kraken.requests import encode, encode_subscribe, encode_unsubscribe
from core.domain.errors import NotSent
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import (
    AmendRequest,
    BatchAddRequest,
    BatchCancelRequest,
    CancelAllAfterRequest,
    CancelRequest,
    OrderRequest,
    OrderType,
    TimeInForce,
)
from core.domain.subscription import EXECUTIONS, ticker
from core.domain.times import parse_ns

BTC = Symbol("BTC/USD")


def order(**fields):
    plain_order = {
        "cl_ord_id": ClOrdId("6d1b345e-2821-40e2-ad83-4ecb18a06876"),
        "symbol": BTC,
        "side": Side.BUY,
        "order_type": OrderType.LIMIT,
        "qty": Decimal(1),
        "limit_price": Decimal(28440),
    }
    return OrderRequest(**{**plain_order, **fields})


def params(command, deadline_ns=None):
    return json.loads(encode(command, 1, "token", deadline_ns), parse_float=Decimal)["params"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("28440", "28440.0"),
        ("1E+3", "1000.0"),
        ("1E-8", "0.00000001"),
        ("0.10", "0.10"),
        ("-2.0", "-2.0"),
        ("5.1E-7", "0.00000051"),
    ],
)
def test_numbers_leave_in_plain_notation_with_a_point(value, text):
    assert bytes(number(Decimal(value))).decode() == text


def test_digits_beyond_those_of_a_double_are_all_written():
    limit, qty = "9007199254740993.1", "0.1000000000000000055"
    command = order(limit_price=Decimal(limit), qty=Decimal(qty))

    written = encode(command, 1, "token")

    assert f'"limit_price":{limit},'.encode() in written
    assert f'"order_qty":{qty},'.encode() in written


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e31", "1e-31", "1." + "1" * 40])
def test_a_number_no_exchange_would_take_is_not_written(value):
    with pytest.raises(ValueError, match="not a number"):
        plain(Decimal(value))


def test_an_order_that_cannot_be_written_is_not_sent():
    with pytest.raises(NotSent):
        encode(order(qty=Decimal("NaN")), 1, "token")


def test_a_deadline_is_told_to_the_millisecond_and_an_expiry_to_the_second():
    command = order(time_in_force=TimeInForce.GTD, expire_ns=parse_ns("2026-02-01T10:00:00.5Z"))

    written = params(command, parse_ns("2026-01-05T10:00:00.123456Z"))

    assert written["deadline"] == "2026-01-05T10:00:00.123Z"
    assert written["expire_time"] == "2026-02-01T10:00:00Z"


def test_a_cash_order_carries_no_base_quantity():
    written = params(order(order_type=OrderType.MARKET, qty=None, cash_qty=Decimal(50), limit_price=None))

    assert written["cash_order_qty"] == Decimal("50.0")
    assert "order_qty" not in written
    assert "limit_price" not in written


def test_a_cancel_prefers_the_exchanges_id_and_names_one_order():
    both = CancelRequest(order_id=OrderId("OAAAAA-BBBBB-CCCCCC"), cl_ord_id=ClOrdId("x"))

    assert params(both) == {"order_id": ["OAAAAA-BBBBB-CCCCCC"], "token": "token"}


@pytest.mark.parametrize(
    "command",
    [
        CancelRequest(),
        CancelAllAfterRequest(86_400),
        CancelAllAfterRequest(-1),
        BatchAddRequest(BTC, (order(),)),
        BatchAddRequest(BTC, (order(), order(symbol=Symbol("ETH/USD")))),
        BatchCancelRequest((OrderId("1"),)),
        BatchCancelRequest((OrderId("1"), OrderId("2")), (ClOrdId("x"), ClOrdId("y"))),
    ],
)
def test_a_command_the_exchange_would_not_take_is_not_sent(command):
    with pytest.raises(NotSent):
        encode(command, 1, "token")


def test_an_amend_says_only_what_changes():
    command = AmendRequest(order_id=OrderId("O"), limit_price=Decimal(5))

    assert params(command) == {"order_id": "O", "limit_price": Decimal("5.0"), "token": "token"}


def test_the_token_goes_to_private_channels_only():
    assert b"token" not in encode_subscribe([ticker(BTC)], "secret", 1)
    assert b'"token":"secret"' in encode_subscribe([EXECUTIONS], "secret", 1)
    assert b'"token":"secret"' in encode_unsubscribe([EXECUTIONS], "secret", 1)


def test_what_makes_a_subscription_is_repeated_to_end_it():
    ended = json.loads(encode_unsubscribe([ticker(BTC)], None, 1))["params"]

    assert ended == {"channel": "ticker", "symbol": ["BTC/USD"], "event_trigger": "bbo"}
