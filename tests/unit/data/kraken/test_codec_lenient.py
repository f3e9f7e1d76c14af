"""What a careful server never sends and another one does: nothing that counts is lost over a type or an ornament."""

import json
import re
from decimal import Decimal

import pytest

from core.data.kraken.answers import Answer
from core.data.kraken.codec import Codec
from core.domain.errors import DecodeError
from core.domain.events import BadDataEvent
from core.domain.ids import Symbol
from tests.protocol.fixtures import frames

CHANNELS = (
    "ws_book",
    "ws_ticker",
    "ws_trade",
    "ws_ohlc",
    "ws_level3",
    "ws_instrument",
    "ws_executions",
    "ws_balances",
)
NUMBER = re.compile(r"(?<=:)-?\d[\d.]*(?:[eE][-+]?\d+)?(?=[,}\]])")
BOOK = (
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD",'
    '"bids":[{"price":1.5,"qty":%s}],"asks":[],"checksum":1}]}'
)


@pytest.fixture
def codec() -> Codec:
    return Codec()


def data_frames() -> list[str]:
    return [
        frame
        for name in CHANNELS
        for frame in frames(name)
        if "method" not in (told := json.loads(frame)) and told
    ]


@pytest.mark.parametrize("frame", data_frames())
def test_numbers_sent_as_text_mean_the_same(codec, frame):
    as_text = NUMBER.sub(lambda found: f'"{found[0]}"', frame)

    assert as_text != frame or not NUMBER.search(frame)
    assert codec.decode(as_text) == codec.decode(frame)


WHOLE = re.compile(r'"(interval|trades|trade_id|sequence|checksum|price_precision)":(\d+)(?=[,}])')


@pytest.mark.parametrize("frame", data_frames())
def test_whole_numbers_may_have_a_point(codec, frame):
    assert codec.decode(WHOLE.sub(r'"\1":\2.0', frame)) == codec.decode(frame)


def test_a_book_of_an_exact_pair_is_exact_from_text_too(codec):
    codec.set_exact(Symbol("BTC/USD"))
    frame = BOOK % "0.00000051"

    assert codec.decode(NUMBER.sub(lambda found: f'"{found[0]}"', frame)) == codec.decode(frame)
    assert codec.decode(frame)[0].change.bids[0].qty == Decimal("0.00000051")


@pytest.mark.parametrize("odd", ['"NaN"', '"inf"', '"-1"', '""', '"one"', "true", "null", '"1e31"'])
def test_text_that_is_no_number_of_a_book_is_refused_still(codec, odd):
    with pytest.raises(DecodeError) as refusal:
        codec.decode(BOOK % odd)

    assert codec.blame(BOOK % odd, refusal.value) == BadDataEvent(
        "book", refusal.value.detail, Symbol("BTC/USD")
    )


@pytest.mark.parametrize(
    "error",
    [
        '["EOrder:Insufficient funds"]',
        '["EOrder:Insufficient funds","EGeneral:Other"]',
        '"EOrder:Insufficient funds"',
    ],
)
def test_the_reason_of_a_failure_may_be_a_list_as_in_rest(codec, error):
    answer = codec.decode('{"method":"add_order","req_id":7,"success":false,"error":' + error + "}")

    assert (answer.req_id, answer.success, answer.error) == (7, False, "EOrder:Insufficient funds")


@pytest.mark.parametrize("result", ['"refused"', "false", "7", "null", "{}", "[]"])
def test_what_a_failure_says_beside_its_reason_may_be_anything(codec, result):
    answer = codec.decode(
        '{"method":"add_order","req_id":7,"success":false,"error":"EOrder:Unknown order","result":'
        + result
        + "}"
    )

    assert (answer.req_id, answer.error) == (7, "EOrder:Unknown order")


@pytest.mark.parametrize(
    "odd",
    [
        '"time_in":1695828271.5',
        '"time_in":null,"time_out":null',
        '"result":{"channel":"book","symbol":"BTC/USD","warnings":"deprecated"}',
        '"result":{"channel":"book","symbol":"BTC/USD","warnings":[1,null]}',
        '"result":{"channel":"book","symbol":"BTC/USD","triggerTime":0}',
    ],
)
def test_an_odd_ornament_costs_no_answer(codec, odd):
    answer = codec.decode('{"method":"subscribe","req_id":7,"success":true,' + odd + "}")

    assert isinstance(answer, Answer)
    assert (answer.req_id, answer.success, answer.time_in, answer.warnings, answer.trigger_ns) == (
        7,
        True,
        0,
        (),
        0,
    )


def test_the_number_of_a_request_may_come_back_as_text(codec):
    assert codec.decode('{"method":"pong","req_id":"7"}').req_id == 7


@pytest.mark.parametrize("name", ["ws_executions", "ws_balances"])
def test_a_time_told_as_a_number_costs_no_report(codec, name):
    for frame in frames(name):
        if "method" not in json.loads(frame):
            odd = re.sub(r'"timestamp":"[^"]*"', '"timestamp":1695378785.7', frame)
            (told,) = codec.decode(odd)

            assert (
                len(told.reports if name == "ws_executions" else told.balances + told.changes) > 0
                or '"data":[]' in odd
            )


@pytest.mark.parametrize("name", ["ws_book_checksum_example", "ws_ticker", "ws_trade", "ws_level3"])
def test_a_time_that_is_not_told_may_be_null(codec, name):
    for frame in frames(name):
        if "method" not in json.loads(frame):
            bare = re.sub(r'"timestamp":"[^"]*"', '"timestamp":null', frame)

            assert not isinstance(codec.decode(bare)[0], BadDataEvent)


@pytest.mark.parametrize("time", ["yesterday", "2026-13-05T07:49:37Z", "0001-01-01T00:00:00+99:00", ""])
def test_a_print_whose_time_cannot_be_read_is_shown_without_one(codec, time):
    frame = next(one for one in frames("ws_trade") if "method" not in json.loads(one))

    (told,) = codec.decode(re.sub(r'"timestamp":"[^"]*"', f'"timestamp":"{time}"', frame))

    assert {trade.ts for trade in told.trades} == {0}
