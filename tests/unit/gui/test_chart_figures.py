"""The chart's arithmetic: averages, the copy of the store, pixels and labels."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ids import Symbol
from core.domain.market import Candle
from core.domain.times import NS
from core.processing.market_stores import CandleStore
from gui.views.chart_axes import PriceAxis, nice_step
from gui.views.chart_lines import spread
from gui.views.chart_series import BEGIN, CLOSE, ChartSeries, Scale, candle_array
from gui.views.indicators import Kind, Study, ema, session_start, session_vwap, sma, study_named

BTC = Symbol("BTC/USD")
HOUR = 3600


def candle(minute: int, close: str = "100", volume: str = "1", vwap: str = "100") -> Candle:
    price = Decimal(close)
    return Candle(
        symbol=BTC,
        interval=1,
        begin=minute * 60 * NS,
        open=price,
        high=price,
        low=price,
        close=price,
        vwap=Decimal(vwap),
        volume=Decimal(volume),
        trades=1,
    )


def test_averages_begin_when_they_have_all_their_bars():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])

    assert np.isnan(sma(values, 3)[:2]).all()
    assert sma(values, 3)[2:].tolist() == [2.0, 3.0, 4.0]
    assert np.isnan(ema(values, 3)[:2]).all()
    assert ema(values, 3)[2:].tolist() == [2.0, 3.0, 4.0]
    assert np.isnan(sma(values, 6)).all()
    assert np.isnan(ema(values, 6)).all()


def test_the_vwap_weighs_by_volume_and_begins_anew_with_each_utc_day():
    day = 86_400 // 60
    bars = candle_array(
        [
            candle(day - 2, volume="1", vwap="100"),
            candle(day - 1, volume="3", vwap="200"),
            candle(day, volume="2", vwap="50"),
            candle(day + 1, volume="2", vwap="70"),
        ]
    )

    assert session_vwap(bars, 1).tolist() == [100.0, 175.0, 50.0, 60.0]
    assert session_start(bars, 1) == 86_400
    assert session_start(bars[:2], 1) == bars[0, BEGIN]


def test_a_bar_without_volume_has_no_vwap_of_its_own():
    bars = candle_array([candle(1, volume="0"), candle(2, volume="2", vwap="7")])

    values = session_vwap(bars, 1)

    assert np.isnan(values[0])
    assert values[1] == 7.0


@pytest.mark.parametrize("study", [Study(Kind.EMA, 20), Study(Kind.SMA, 200), Study(Kind.VWAP)])
def test_a_study_is_found_by_the_name_it_was_saved_under(study):
    assert study_named(study.name) == study


@pytest.mark.parametrize("name", ["", "EMA", "EMA 0", "EMA x", "SMA 99999", "RSI 14", "VWAP 3"])
def test_a_name_nobody_gave_is_no_study(name):
    assert study_named(name) is None


def test_the_floats_follow_the_store_and_say_when_closed_bars_changed():
    store, series = CandleStore(), ChartSeries()

    def read() -> bool:
        return series.read(BTC, 1, store.version(BTC, 1), store.series(BTC, 1))

    store.add_history([candle(1, "10"), candle(2, "20")])
    assert read()
    store.apply([candle(2, "21", volume="9")])
    assert not read()
    assert series.bars[:, CLOSE].tolist() == [10.0, 21.0]
    store.apply([candle(3, "30")])
    assert read()
    store.apply([candle(1, "11")])
    assert read()
    assert series.bars[:, CLOSE].tolist() == [11.0, 21.0, 30.0]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=60))
def test_the_floats_are_always_what_the_store_holds(changes):
    store, series = CandleStore(), ChartSeries()

    for minute, close in changes:
        store.apply([candle(minute, str(close))])
        series.read(BTC, 1, store.version(BTC, 1), store.series(BTC, 1))

    assert np.array_equal(series.bars, candle_array(store.series(BTC, 1)))


@given(
    st.lists(st.floats(-500, 1500), max_size=30),
    st.floats(1, 30),
)
def test_labels_keep_their_order_never_overlap_and_stay_inside(heights, size):
    top, bottom = 0.0, 30 * 30.0

    middles = spread(heights, size, top, bottom)

    in_order = [middles[at] for at in sorted(range(len(heights)), key=lambda at: heights[at])]
    assert all(below - above >= size - 1e-6 for above, below in pairwise(in_order))
    assert all(top + size / 2 - 1e-6 <= middle <= bottom - size / 2 + 1e-6 for middle in middles)


def test_labels_that_have_room_stay_at_their_lines():
    assert spread([100.0, 50.0, 200.0], 16, 0, 300) == [100.0, 50.0, 200.0]


@given(st.floats(1e-6, 1e6), st.booleans())
def test_a_price_is_found_again_at_its_pixel(price, logarithmic):
    bottom, top = (-8.0, 8.0) if logarithmic else (0.0, 2e6)
    scale = Scale(0, 10, bottom, top, 800, 400, logarithmic)

    assert scale.price_at(float(scale.y(price))) == pytest.approx(price, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(61_000, 61_800, "61,200"), (0.000017, 0.000018, "0.0000174"), (0.5, 0.6, "0.52"), (1, 9, "2")],
)
def test_axis_texts_have_the_digits_their_steps_need(qapp, low, high, text):
    axis = PriceAxis("right")

    ((step, values),) = axis.tickValues(low, high, 300)
    shown = axis.tickStrings(values, 1, step)

    assert text in shown
    assert len(set(shown)) == len(values) >= 3
    assert [float(price.replace(",", "")) for price in shown] == pytest.approx(values, rel=1e-9)


def test_steps_are_even():
    assert [nice_step(span, 5) for span in (1, 10, 12, 100, 0.013)] == pytest.approx([0.2, 2, 2.5, 20, 0.005])
