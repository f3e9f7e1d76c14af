from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.domain.ids import Asset, Symbol
from core.domain.instrument import AssetInfo, Side
from core.domain.market import Candle, Ticker, Trade
from core.processing.market_stores import (
    CANDLES_KEPT,
    MINUTE_NS,
    TRADES_KEPT,
    CandleStore,
    InstrumentStore,
    TickerStore,
    TradeStore,
)
from tests.helpers.instruments import instrument

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")
START = 1_767_225_600 * 10**9
SERIES = (BTC, 1)


def trade(number, symbol=BTC):
    return Trade(symbol=symbol, side=Side.BUY, price=Decimal(100), qty=Decimal(1), trade_id=number)


def candle(minute, trades=1, close="100", symbol=BTC, interval=1):
    price = Decimal(close)
    return Candle(
        symbol=symbol,
        interval=interval,
        begin=START + minute * interval * MINUTE_NS,
        open=price,
        high=price,
        low=price,
        close=price,
        vwap=price,
        volume=Decimal(trades),
        trades=trades,
    )


def told_by(store):
    told = []
    store.observe(told.append)
    return told


def ids(store, symbol=BTC):
    return [trade.trade_id for trade in store.recent(symbol)]


def minutes(store):
    return [(candle.begin - START) // MINUTE_NS for candle in store.series(*SERIES)]


def test_a_snapshot_of_instruments_replaces_all_and_tells_of_those_that_are_gone():
    store = InstrumentStore()
    store.apply([instrument("BTC/USD"), instrument("ETH/USD")], [], snapshot=True)
    store.flush()
    told = told_by(store)

    store.apply([instrument("ETH/USD")], [], snapshot=True)
    store.flush()

    assert (store.symbols(), store.get(BTC)) == ((ETH,), None)
    assert told == [frozenset({BTC, ETH})]


def test_an_update_of_instruments_replaces_only_what_it_names():
    store = InstrumentStore()
    usd = AssetInfo(asset=Asset("USD"), precision=4, precision_display=2)
    store.apply([instrument("BTC/USD"), instrument("ETH/USD")], [usd], snapshot=True)

    store.apply([replace(instrument("BTC/USD"), status="cancel_only")], [], snapshot=False)

    assert store.get(BTC).status == "cancel_only"
    assert store.get(ETH).status == "online"
    assert store.asset(Asset("USD")) is usd


def test_a_ticker_is_replaced_with_the_time_it_came():
    store = TickerStore()
    assert (store.get(BTC), store.received(BTC)) == (None, None)
    first, second = Ticker(symbol=BTC, last=Decimal(1)), Ticker(symbol=BTC, last=Decimal(2))
    store.apply([first], 10)
    store.apply([second], 20)

    assert (store.get(BTC), store.received(BTC)) == (second, 20)


def test_prints_repeated_by_a_snapshot_are_counted_and_kept_once():
    store = TradeStore()
    store.apply([trade(number) for number in (1, 2, 3)], 10)

    store.apply([trade(number) for number in (2, 3, 4)], 20)

    assert ids(store) == [1, 2, 3, 4]
    assert (store.repeated, store.count(BTC), store.received(BTC)) == (2, 4, 20)


def test_prints_out_of_order_are_put_in_order():
    store = TradeStore()
    store.apply([trade(number) for number in (1, 4, 3, 2, 6, 5)], 10)

    assert ids(store) == [1, 2, 3, 4, 5, 6]
    assert (store.repeated, store.count(BTC)) == (0, 6)


def test_a_full_tape_drops_its_oldest_print_even_for_a_late_one():
    store = TradeStore()
    store.apply([trade(2 * number) for number in range(TRADES_KEPT)], 10)

    store.apply([trade(2 * TRADES_KEPT - 5)], 20)

    assert len(store.recent(BTC)) == TRADES_KEPT
    assert ids(store) == sorted(ids(store))
    assert 2 * TRADES_KEPT - 5 in ids(store)
    assert ids(store)[0] == 2


def test_a_print_older_than_a_full_tape_is_a_repeated_one():
    store = TradeStore()
    store.apply([trade(number) for number in range(10, 10 + TRADES_KEPT)], 10)

    store.apply([trade(3)], 20)

    assert (ids(store)[0], store.repeated) == (10, 1)


def test_tapes_of_two_pairs_are_apart():
    store = TradeStore()
    store.apply([trade(7), trade(7, ETH)], 10)

    assert (ids(store), ids(store, ETH), store.repeated) == ([7], [7], 0)
    assert (store.recent(Symbol("X/Y")), store.count(Symbol("X/Y"))) == ((), 0)


def test_history_and_stream_make_one_series_without_doubles():
    store = CandleStore()
    store.apply([candle(5, trades=3)])
    store.add_history([candle(minute) for minute in range(3, 6)])

    assert minutes(store) == [3, 4, 5]
    assert store.series(*SERIES)[-1].trades == 3


def test_of_a_candle_both_know_the_one_with_more_trades_wins():
    store = CandleStore()
    store.apply([candle(1, trades=3, close="30")])
    store.add_history([candle(1, trades=9, close="90")])
    store.add_history([candle(1, trades=2, close="20")])

    assert [row.close for row in store.series(*SERIES)] == [Decimal(90)]


def test_the_stream_replaces_the_running_candle_whatever_it_counts():
    store = CandleStore()
    store.apply([candle(1, trades=9, close="90")])
    store.apply([candle(1, trades=2, close="20")])

    assert [row.close for row in store.series(*SERIES)] == [Decimal(20)]


def test_a_new_last_candle_keeps_the_version_and_an_older_change_raises_it():
    store = CandleStore()
    store.apply([candle(1), candle(2)])
    before = store.version(*SERIES)
    store.apply([candle(2, trades=5)])
    store.apply([candle(3)])
    assert store.version(*SERIES) == before

    store.add_history([candle(0)])

    assert store.version(*SERIES) == before + 1


def test_a_hole_in_the_stream_is_told_once():
    store = CandleStore()

    assert store.apply([candle(1)]) == []
    assert store.apply([candle(2)]) == []
    assert store.apply([candle(9)]) == [SERIES]
    assert store.apply([candle(10)]) == []


def test_after_an_interruption_each_series_asks_with_its_next_candle_only():
    store = CandleStore()
    store.apply([candle(1), candle(1, interval=5)])
    store.interrupted()

    assert store.apply([candle(2)]) == [SERIES]
    assert store.apply([candle(3)]) == []
    assert store.apply([candle(2, interval=5)]) == [(BTC, 5)]


def test_a_series_is_bounded_and_drops_its_oldest_candles():
    store = CandleStore()
    store.apply(candle(minute) for minute in range(CANDLES_KEPT))
    version = store.version(*SERIES)

    store.apply([candle(CANDLES_KEPT)])

    assert len(store.series(*SERIES)) == CANDLES_KEPT
    assert minutes(store)[0] == 1
    assert store.version(*SERIES) > version


@pytest.mark.parametrize("order", [(3, 1, 2), (2, 3, 1), (1, 2, 3)])
def test_candles_stand_in_order_whatever_order_they_come_in(order):
    store = CandleStore()
    store.apply(candle(minute) for minute in order)

    assert minutes(store) == [1, 2, 3]
