import json
import time
from decimal import Decimal

import pytest

from core.data.kraken.answers import Answer
from core.data.kraken.codec import Codec
from core.domain.errors import DecodeError
from core.domain.events import (
    BadDataEvent,
    BalanceEvent,
    BookEvent,
    CandleEvent,
    ExecutionEvent,
    InstrumentEvent,
    QueueEvent,
    SystemStatusEvent,
    TickerEvent,
    TradeEvent,
)
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.orders import OrderStatus, OrderType, TimeInForce
from core.domain.times import parse_ns

BTC = Symbol("BTC/USD")
LEVELS = '"bids":[{"price":45283.4,"qty":0.00000000},{"price":45276.1,"qty":0.25000000}],"asks":[]'
BOOK = (
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD",'
    + LEVELS
    + ',"checksum":4149454670,"timestamp":"2024-01-08T12:30:01.000000Z"}]}'
)
TICKER = (
    '{"channel":"ticker","type":"update","data":[{"symbol":"ALGO/USD","bid":0.10025,"bid_qty":740.00000000,'
    '"ask":0.10035,"ask_qty":740.0,"last":0.10035,"volume":997038.98383185,"vwap":0.10148,"low":0.09979,'
    '"high":0.10285,"change":-0.00017,"change_pct":-0.17,"trades":1524,"timestamp":"2026-01-05T09:04:32.742648Z"}]}'
)
TRADE = (
    '{"channel":"trade","type":"update","data":[{"symbol":"MATIC/USD","side":"sell","price":0.5117,'
    '"qty":41.25000000,"ord_type":"market","trade_id":4665848,"timestamp":"2026-01-05T07:49:37.708706Z"}]}'
)
CANDLE = (
    '{"channel":"ohlc","type":"update","timestamp":"2023-10-04T16:26:30.524394914Z","data":[{"symbol":"MATIC/USD",'
    '"open":0.5624,"high":0.5628,"low":0.5622,"close":0.5627,"trades":12,"volume":30927.68066226,"vwap":0.5626,'
    '"interval_begin":"2023-10-04T16:25:00.000000000Z","interval":5,"timestamp":"2023-10-04T16:30:00.000000Z"}]}'
)
PAIR = {
    "symbol": "BTC/USD",
    "base": "BTC",
    "quote": "USD",
    "status": "online",
    "qty_precision": 8,
    "qty_increment": 1e-08,
    "price_precision": 1,
    "cost_precision": 5,
    "marginable": True,
    "has_index": True,
    "cost_min": "0.5",
    "tick_size": 0.1,
    "price_increment": 0.1,
    "qty_min": 0.0001,
}
BAD_NUMBERS = [
    "1e999999",
    "-1",
    "1e-999999",
    "1" * 5000,
    "NaN",
    "Infinity",
    "[]",
    "null",
    "1e31",
    "0." + "1" * 45,
]


@pytest.fixture
def codec():
    return Codec()


def instruments(*pairs, assets=()):
    data = {"assets": list(assets), "pairs": list(pairs)}
    return json.dumps({"channel": "instrument", "type": "snapshot", "data": data})


def execution(**fields):
    row = {
        "order_id": "OAAAAA-BBBBB-CCCCCC",
        "exec_type": "new",
        "timestamp": "2026-01-05T10:00:00.5Z",
        **fields,
    }
    return json.dumps({"channel": "executions", "type": "update", "data": [row], "sequence": 7})


def only(events):
    assert len(events) == 1
    return events[0]


def test_a_book_message_becomes_a_change_with_its_levels_in_the_order_sent(codec):
    event = only(codec.decode(BOOK.encode()))

    assert isinstance(event, BookEvent)
    assert not event.snapshot
    assert event.change.symbol == BTC
    assert [(level.price, level.qty) for level in event.change.bids] == [(45283.4, 0.0), (45276.1, 0.25)]
    assert event.change.checksum == 4149454670


def test_the_order_of_keys_does_not_matter(codec):
    turned = BOOK.replace('"channel":"book",', "").replace("}]}", '}],"channel":"book"}')

    assert codec.decode(turned.encode()) == codec.decode(BOOK.encode())


def test_a_frame_may_come_as_text_or_as_bytes_of_any_kind(codec):
    wanted = codec.decode(BOOK.encode())

    assert codec.decode(BOOK) == wanted
    assert codec.decode(bytearray(BOOK.encode())) == wanted


def test_a_pair_set_exact_is_read_with_every_digit(codec):
    text = BOOK.replace("45276.1", "45276.10000000000000000001")

    codec.set_exact(BTC)
    change = only(codec.decode(text.encode())).change

    assert str(change.bids[1].price) == "45276.10000000000000000001"
    assert str(change.bids[0].qty) == "0E-8"


def test_other_pairs_stay_quick_beside_an_exact_one(codec):
    codec.set_exact(Symbol("SHIB/USD"))

    change = only(codec.decode(BOOK.encode())).change

    assert type(change.bids[0].price) is float


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_a_book_level_with_an_impossible_number_is_refused_in_both_ways_of_reading(codec, number):
    exact = Codec()
    exact.set_exact(BTC)
    text = BOOK.replace("45276.1", number).encode()

    with pytest.raises(DecodeError):
        exact.decode(text)
    if number not in ("1e-999999", "0." + "1" * 45):  # a double holds these; the checksum then disagrees
        with pytest.raises(DecodeError):
            codec.decode(text)


@pytest.mark.parametrize("number", [n for n in BAD_NUMBERS if n != "null"])
@pytest.mark.parametrize(
    ("text", "digits"),
    [(TICKER, "0.10025"), (TRADE, "0.5117"), (CANDLE, "0.5628")],
    ids=["ticker", "trade", "ohlc"],
)
def test_market_data_with_an_impossible_number_are_refused_quickly(codec, text, digits, number):
    raw = text.replace(digits, number).encode()
    started = time.perf_counter()

    with pytest.raises(DecodeError):
        codec.decode(raw)

    assert time.perf_counter() - started < 0.02


def test_a_ticker_keeps_the_digits_of_the_wire_and_may_fall_during_the_day(codec):
    event = only(codec.decode(TICKER.encode()))

    assert isinstance(event, TickerEvent)
    ticker = event.tickers[0]
    assert str(ticker.bid_qty) == "740.00000000"
    assert ticker.change_pct == Decimal("-0.17")
    assert ticker.trades == 1524


def test_a_ticker_without_a_trade_has_no_last_price(codec):
    event = only(codec.decode(TICKER.replace('"last":0.10035,', "").encode()))

    assert event.tickers[0].last is None


def test_a_trade_names_the_side_of_the_taker(codec):
    event = only(codec.decode(TRADE.encode()))

    assert isinstance(event, TradeEvent)
    assert event.trades[0].side is Side.SELL
    assert event.trades[0].ts == parse_ns("2026-01-05T07:49:37.708706Z")


def test_a_trade_of_unknown_side_or_with_an_id_beyond_63_bits_is_refused(codec):
    for wrong in (TRADE.replace("sell", "short"), TRADE.replace("4665848", str(2**64))):
        with pytest.raises(DecodeError):
            codec.decode(wrong.encode())


def test_a_candle_is_known_by_the_start_of_its_interval(codec):
    event = only(codec.decode(CANDLE.encode()))

    assert isinstance(event, CandleEvent)
    candle = event.candles[0]
    assert candle.begin == parse_ns("2023-10-04T16:25:00Z")
    assert (candle.interval, candle.high, candle.trades) == (5, Decimal("0.5628"), 12)


def test_a_candle_without_vwap_takes_its_close(codec):
    event = only(codec.decode(CANDLE.replace('"vwap":0.5626', '"vwap":null').encode()))

    assert event.candles[0].vwap == Decimal("0.5627")


def test_a_level3_delete_may_come_without_a_quantity(codec):
    frame = (
        '{"channel":"level3","type":"update","data":[{"checksum":2841398499,"symbol":"MATIC/USD","bids":[],"asks":'
        '[{"event":"delete","order_id":"OOIATY-6EIWY-ACVIUN","limit_price":0.5636,'
        '"timestamp":"2023-10-06T18:21:00.097010033Z"}]}]}'
    )

    event = only(codec.decode(frame.encode()))

    assert isinstance(event, QueueEvent)
    assert event.change.asks[0].event == "delete"
    assert event.change.asks[0].order_qty is None


def test_an_instrument_takes_numbers_in_exponent_form_and_a_cost_minimum_as_text(codec):
    event = only(
        codec.decode(instruments(PAIR, assets=[{"id": "BTC", "precision": 10, "precision_display": 5}]))
    )

    assert isinstance(event, InstrumentEvent)
    assert event.snapshot
    assert event.instruments[0].qty_increment == Decimal("1e-8")
    assert event.instruments[0].cost_min == Decimal("0.5")
    assert event.assets[0].asset == "BTC"


@pytest.mark.parametrize(
    "flaw",
    [
        {"price_increment": 0},
        {"price_precision": 10**9},
        {"qty_precision": -1},
        {"qty_min": -1},
        {"price_increment": None},
        {"base": 5},
    ],
)
def test_one_senseless_pair_does_not_cost_the_others(codec, flaw):
    good, bad = {**PAIR, "symbol": "ETH/USD", "base": "ETH"}, {**PAIR, **flaw}

    event, complaint = codec.decode(instruments(bad, good))

    assert [pair.symbol for pair in event.instruments] == ["ETH/USD"]
    assert isinstance(complaint, BadDataEvent)
    assert complaint.symbol == BTC


def test_a_status_frame_may_have_more_keys_than_documented(codec):
    frame = (
        '{"channel":"status","data":[{"api_version":"v2","connection_id":13834774380200032777,"system":"cancel_only",'
        '"version":"2.0.0","upcoming_maintenance":[],"emergency":[]}],"type":"update"}'
    )

    assert codec.decode(frame) == [SystemStatusEvent("cancel_only", "2.0.0")]


def test_a_heartbeat_and_an_unknown_channel_say_nothing(codec):
    assert codec.decode('{"channel":"heartbeat"}') == []
    assert codec.decode('{"channel":"horoscope","type":"update","data":[1]}') == []


def test_a_fill_keeps_all_that_is_known_of_it(codec):
    frame = execution(
        exec_type="trade",
        order_status="partially_filled",
        exec_id="TGBB7L-HT5LX-J3BZ4A",
        trade_id=62887576,
        symbol="BTC/USD",
        side="sell",
        last_qty=0.005,
        last_price=26599.9,
        liquidity_ind="t",
        cost=132.9995,
        cum_qty=0.005,
        cum_cost=132.9995,
        fees=[{"asset": "USD", "qty": 0.3458}],
        cl_ord_id="0835958D-C526-4AD8-AEA8-AF54836DE47E",
    )

    event = only(codec.decode(frame))

    assert isinstance(event, ExecutionEvent)
    assert event.sequence == 7
    report = event.reports[0]
    assert report.fill is not None
    assert report.status is OrderStatus.PARTIALLY_FILLED
    assert report.cl_ord_id == "0835958d-c526-4ad8-aea8-af54836de47e"
    assert report.fill.qty == Decimal("0.005")
    assert report.fill.fees[0].qty == Decimal("0.3458")
    assert (report.fill.trade_id, report.fill.liquidity) == (62887576, "t")


def test_a_trade_without_its_essentials_still_tells_what_is_executed(codec):
    report = only(codec.decode(execution(exec_type="trade", cum_qty=0.5))).reports[0]

    assert report.fill is None
    assert report.cum_qty == Decimal("0.5")


def test_words_nobody_knows_become_nothing_and_the_report_lives_on(codec):
    frame = execution(
        exec_type="transmogrified", order_status="odd", order_type="wish", side="up", time_in_force="AON"
    )

    report = only(codec.decode(frame)).reports[0]

    assert report.exec_type == "transmogrified"
    assert (report.status, report.order_type, report.side, report.time_in_force) == (None, None, None, None)


def test_an_order_description_is_read_in_full(codec):
    frame = execution(
        exec_type="pending_new",
        order_status="pending_new",
        symbol="BTC/USD",
        side="buy",
        order_type="stop-loss-limit",
        order_qty=1.5,
        limit_price=26500.0,
        time_in_force="GTD",
        expire_time="2026-02-01T00:00:00Z",
        triggers={"reference": "index", "price": -2.0, "price_type": "pct", "status": "triggered"},
        post_only=True,
        ratecounter=3.5,
    )

    report = only(codec.decode(frame)).reports[0]

    assert report.order_type is OrderType.STOP_LOSS_LIMIT
    assert report.time_in_force is TimeInForce.GTD
    assert report.expire_ns == parse_ns("2026-02-01T00:00:00Z")
    assert report.trigger is not None
    assert (report.trigger.price, report.trigger.price_type) == (Decimal("-2.0"), "pct")
    assert report.triggered is True
    assert report.rate_count == Decimal("3.5")


@pytest.mark.parametrize("field", ["order_qty", "cum_qty", "cum_cost", "display_qty"])
def test_a_report_with_a_negative_quantity_is_refused(codec, field):
    with pytest.raises(DecodeError):
        codec.decode(execution(**{field: -1}))


def test_an_unreadable_time_is_told_as_none_and_costs_nothing_else(codec):
    assert only(codec.decode(execution(timestamp="yesterday"))).reports[0].ts == 0


def test_balances_are_totals_in_a_snapshot_and_ledger_rows_in_an_update(codec):
    snapshot = (
        '{"channel":"balances","data":[{"asset":"MATIC","asset_class":"currency","balance":500,"wallets":[{"type":'
        '"spot","id":"main","balance":300},{"type":"earn","id":"flex","balance":200}]}],"type":"snapshot","sequence":1}'
    )
    update = (
        '{"channel":"balances","type":"update","data":[{"ledger_id":"A5KS77-LQRMP-SMMN4B","ref_id":"AGBB7L",'
        '"timestamp":"2023-09-22T10:33:05.710082Z","type":"trade","subtype":null,"asset":"USD","category":"trade",'
        '"wallet_type":"spot","wallet_id":"main","amount":-132.9995,"fee":0.3458,"balance":500}],"sequence":2}'
    )

    first, second = only(codec.decode(snapshot)), only(codec.decode(update))

    assert isinstance(first, BalanceEvent)
    assert first.balances[0].wallets[1].balance == 200
    assert second.changes[0].amount == Decimal("-132.9995")
    assert second.changes[0].subtype == ""


def test_a_balance_update_without_its_ledger_id_is_refused(codec):
    frame = (
        '{"channel":"balances","type":"update","data":[{"asset":"USD","amount":1,"balance":2}],"sequence":2}'
    )

    with pytest.raises(DecodeError):
        codec.decode(frame)


def test_a_refused_private_subscription_is_an_answer_although_it_names_a_channel(codec):
    frame = (
        '{"channel":"executions","error":"ESession:Invalid session","method":"subscribe","status":"error",'
        '"success":false,"req_id":3}'
    )

    answer = codec.decode(frame)

    assert isinstance(answer, Answer)
    assert (answer.method, answer.req_id, answer.success) == ("subscribe", 3, False)
    assert answer.error == "ESession:Invalid session"


@pytest.mark.parametrize("success", ['"success":"true",', '"success":1,', '"success":null,', ""])
def test_anything_but_true_is_a_failure(codec, success):
    answer = codec.decode('{"method":"add_order",' + success + '"req_id":1,"result":{"order_id":"O"}}')

    assert not answer.success
    assert answer.error == "no reason given"


@pytest.mark.parametrize(
    "tail", ['"result":{"count":3}', '"orders_cancelled":3', '"result":null,"orders_cancelled":3']
)
def test_both_forms_of_a_batch_cancel_answer_tell_the_count(codec, tail):
    assert codec.decode('{"method":"batch_cancel","success":true,' + tail + "}").count == 3


def test_a_partly_refused_batch_keeps_its_rows(codec):
    answer = codec.decode(
        '{"method":"batch_add","req_id":1,"success":false,"result":[{"order_id":"ORDERX-IDXXX-XXXXX1"},'
        '{"error":"EOrder:Insufficient funds","order_userref":2}]}'
    )

    assert [(row.order_id, row.error) for row in answer.rows] == [
        ("ORDERX-IDXXX-XXXXX1", ""),
        (None, "EOrder:Insufficient funds"),
    ]


def test_a_time_with_seven_digits_and_no_zone_is_understood(codec):
    answer = codec.decode(
        '{"method":"pong","req_id":1,"time_in":"2022-06-13T08:09:10.7890123","time_out":"soon"}'
    )

    assert answer.success
    assert answer.time_in == parse_ns("2022-06-13T08:09:10.7890123Z")
    assert answer.time_out == 0


def test_a_malformed_request_and_the_proxys_own_error_are_answers_without_an_id(codec):
    for frame in (
        '{"error":"Malformed request","method":"error","success":false}',
        '{"Error":"Exceeded msg rate"}',
    ):
        answer = codec.decode(frame)

        assert answer.method == "error"
        assert answer.req_id is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"CloudFlare WebSocket proxy restarting",
        b"<html></html>",
        b'{"channel":5}',
        b'{"channel":"book"}',
        b'{"channel":"book","type":"update","data":{}}',
        b'{"channel":"book","type":"later","data":[]}',
        BOOK.encode().replace(b"BTC/USD", b"BT\xff"),
        b'{"channel":"book","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000,
        b"[" * 100_000,
    ],
    ids=lambda raw: raw[:30],
)
def test_rubbish_is_refused_within_twenty_milliseconds(codec, raw):
    started = time.perf_counter()

    with pytest.raises(DecodeError):
        codec.decode(raw)

    assert time.perf_counter() - started < 0.02


def test_of_two_equal_keys_the_last_one_counts(codec):
    frame = TRADE.replace('"price":0.5117', '"price":9,"price":0.5117')

    assert codec.decode(frame) == codec.decode(TRADE)


def test_what_is_wrong_with_a_frame_is_told_with_channel_and_pair(codec):
    raw = BOOK.replace("45276.1", "-1").encode()
    with pytest.raises(DecodeError) as refusal:
        codec.decode(raw)

    event = codec.blame(raw, refusal.value)

    assert (event.channel, event.symbol) == ("book", BTC)
    assert len(event.reason) <= 200
