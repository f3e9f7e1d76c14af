"""Balances, fills, quotes, events and log lines as they stand in their tables."""

import logging
from decimal import Decimal

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from core.domain.account import Balance, Wallet
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import Asset, Symbol
from core.domain.instrument import AssetInfo
from core.domain.market import Candle, Ticker
from core.domain.orders import Fee
from core.processing.health_store import EVENTS_KEPT
from core.runtime.clock import ManualClock
from core.runtime.logs import RING_LINES, LogRing
from gui.formats import MISSING
from gui.models.balances_model import BalancesModel
from gui.models.events_model import EventsModel
from gui.models.fills_model import FillsModel
from gui.models.log_model import ROWS_SHOWN, LogModel
from gui.models.watchlist_model import WatchlistModel
from gui.theme import active
from tests.helpers.account import PAIR, good_stores
from tests.helpers.reports import fill

BTC, ETH, USD, XXX = (Asset(name) for name in ("BTC", "ETH", "USD", "XXX"))


@pytest.fixture
def stores(qapp):
    return good_stores()


def cell(model, title, row=0, role=Qt.ItemDataRole.DisplayRole):
    at = next(at for at, column in enumerate(model.columns) if column.title == title)
    return model.index(row, at).data(role)


def quoted(stores, now=1, **fields):
    stores.tickers.apply([Ticker(symbol=PAIR, **{name: Decimal(text) for name, text in fields.items()})], now)


def owned(stores, **totals):
    stores.balances.apply_snapshot(
        [Balance(asset=Asset(name), total=Decimal(total)) for name, total in totals.items()]
    )


def balances(stores):
    model = BalancesModel(stores)
    model.reload()
    return model


def row_of(model, asset):
    return model.keys().index(asset)


def test_balances_are_valued_at_the_last_price_in_dollars(stores):
    owned(stores, BTC="2", USD="100")
    quoted(stores, last="150")
    model = balances(stores)

    assert cell(model, "USD", row_of(model, BTC)) == "300.00"
    assert cell(model, "USD", row_of(model, USD)) == "100.00"
    assert cell(model, "Share", row_of(model, BTC)) == "75.0%"
    assert (model.total_value, model.unvalued) == (Decimal(400), [])


def test_what_nobody_quotes_is_not_valued_and_is_named(stores):
    owned(stores, XXX="7", USD="0")
    model = balances(stores)

    assert (model.unvalued, model.total_value) == ([XXX], 0)
    assert (cell(model, "USD", row_of(model, XXX)), cell(model, "Share", row_of(model, XXX))) == (
        MISSING,
        MISSING,
    )
    assert cell(model, "Share", row_of(model, USD)) == MISSING


def test_amounts_have_the_decimals_of_their_asset_and_all_of_them_in_the_hint(stores):
    stores.instruments.apply([], [AssetInfo(asset=BTC, precision=10, precision_display=5)], snapshot=False)
    owned(stores, BTC="1.23456789", ETH="1.23456789")
    model = balances(stores)

    assert cell(model, "Total", row_of(model, BTC)) == "1.23456"
    assert cell(model, "Total", row_of(model, ETH)) == "1.23456789"
    assert cell(model, "Total", row_of(model, BTC), Qt.ItemDataRole.ToolTipRole) == "1.23456789 BTC"


def test_what_is_in_earn_is_not_available(stores):
    wallets = (Wallet("spot", "main", Decimal(1)), Wallet("earn", "flex", Decimal(4)))
    stores.balances.apply_snapshot([Balance(asset=BTC, total=Decimal(5), wallets=wallets)])
    model = balances(stores)

    assert [cell(model, title) for title in ("Total", "Available", "Held")] == ["5", "1", "0"]


def test_unverified_balances_are_hatched(stores):
    model = balances(stores)
    assert not model.is_hatched(model.row_at(0))

    stores.health.doubt_account("the account line was lost")

    assert model.is_hatched(model.row_at(0))


def test_fills_stand_newest_first_with_side_role_and_fee(stores):
    stores.fills.add(fill(1, fees=(Fee(USD, Decimal("0.26")), Fee(XXX, Decimal("1E-7"))), liquidity="t"))
    stores.fills.add(fill(2, liquidity="m"))
    model = FillsModel(stores)
    model.reload()

    assert model.keys() == ["T2", "T1"]
    assert [cell(model, "Role", row) for row in (0, 1)] == ["maker", "taker"]
    assert [cell(model, "Fee", row) for row in (0, 1)] == [MISSING, "0.26 USD, 0.0000001 XXX"]
    assert [cell(model, title) for title in ("Side", "Qty", "Price", "Cost")] == [
        "▲ BUY",
        "0.25",
        "100.0",
        "25",
    ]


def test_a_fill_of_a_pair_that_is_gone_still_reads(stores):
    stores.fills.add(replace(fill(1), symbol=Symbol("OLD/USD")))
    model = FillsModel(stores)
    model.reload()

    assert (cell(model, "Symbol"), cell(model, "Price")) == ("OLD/USD", "100.00000000")


def test_events_stand_newest_first_and_on_one_line(stores):
    model = EventsModel(stores)
    for number in range(3):
        stores.health.note(number + 1, "line", f"event\n{number}")
    model.reload()

    assert [cell(model, "Event", row) for row in range(3)] == ["event 2", "event 1", "event 0"]


def test_a_full_event_log_drops_the_oldest_rows(stores):
    model = EventsModel(stores)
    for number in range(EVENTS_KEPT):
        stores.health.note(number, "line", "event")
    model.reload()
    stores.health.note(EVENTS_KEPT, "line", "the newest")
    model.reload()

    assert model.rowCount() == EVENTS_KEPT
    assert cell(model, "Event") == "the newest"


def watchlist(stores, clock=None):
    model = WatchlistModel(stores, clock or ManualClock())
    model.set_keys([PAIR])
    return model


def test_a_quote_tells_price_change_spread_and_turnover(stores):
    quoted(stores, bid="99.9", ask="100.1", last="100", change_pct="-1.5", volume="2000000", vwap="100")
    model = watchlist(stores)

    told = [cell(model, title) for title in ("Last", "24h", "Spr", "Vol", "Bid", "Ask")]
    assert told == ["100.0", "-1.50%", "20.0", "200M", "99.9", "100.1"]


def test_a_pair_without_a_quote_is_all_dashes(stores):
    model = watchlist(stores)

    assert {cell(model, title) for title in ("Last", "24h", "Spr", "Vol", "Bid", "Ask", "Age")} == {MISSING}
    assert not model.is_hatched(model.row_at(0))


def test_a_spread_of_an_empty_side_is_no_spread(stores):
    quoted(stores, bid="0", ask="100")

    assert cell(watchlist(stores), "Spr") == MISSING


def test_a_pair_that_is_not_listed_says_so(stores):
    model = WatchlistModel(stores, ManualClock())
    model.set_keys([Symbol("FOO/BAR")])

    assert cell(model, "Symbol", role=Qt.ItemDataRole.ToolTipRole) == "not listed by the exchange"


def test_prices_are_grey_and_hatched_while_the_line_is_silent(stores):
    clock = ManualClock()
    quoted(stores, now=clock.mono_ns(), last="100")
    status = LineStatus(line=Line.PUBLIC, state=ConnectionState.LIVE, last_frame=clock.mono_ns())
    stores.health.set_line(status)
    model = watchlist(stores, clock)
    colour = Qt.ItemDataRole.ForegroundRole
    assert (cell(model, "Last", role=colour), cell(model, "Age")) == (active().colour("text"), "now")

    clock.advance(s=4)

    assert model.is_hatched(model.row_at(0))
    assert (cell(model, "Last", role=colour), cell(model, "Age")) == (active().colour("muted"), "4s")


def test_the_trend_is_that_of_the_hourly_closes_and_the_last_price(stores):
    def candle(hour, close):
        price = Decimal(close)
        fields = dict.fromkeys(("open", "high", "low", "close", "vwap", "volume"), price)
        return Candle(symbol=PAIR, interval=60, begin=hour * 3600 * 10**9, trades=1, **fields)

    quoted(stores, last="100")
    model = watchlist(stores)
    assert cell(model, "Day") == ""
    stores.candles.add_history([candle(hour, 90 + hour) for hour in range(3)])
    model.trend_changed(frozenset({(PAIR, 60), (PAIR, 1)}))
    assert cell(model, "Day") == "rising"
    assert list(model.row_at(0).trend) == [90, 91, 92, 100]

    quoted(stores, last="80")

    assert cell(model, "Day") == "falling"


def log_model(lines):
    ring = LogRing()
    for level, text in lines:
        ring.append(1, level, "core.test", text)
    model = LogModel(ring)
    model.poll()
    return ring, model


def texts(model):
    return [cell(model, "Text", row) for row in range(model.rowCount())]


LINES = [(logging.DEBUG, "quiet"), (logging.INFO, "Order sent"), (logging.WARNING, "late\nline")]


def test_log_lines_stand_newest_first_and_the_quiet_ones_are_hidden(qapp):
    _, model = log_model(LINES)
    assert texts(model) == ["late line", "Order sent"]

    model.least = logging.DEBUG
    model.reload()

    assert texts(model) == ["late line", "Order sent", "quiet"]


def test_log_lines_are_found_by_words_in_any_case(qapp):
    _, model = log_model(LINES)
    model.filter = "oRDER"
    model.reload()

    assert texts(model) == ["Order sent"]


def test_new_lines_are_taken_in_once(qapp):
    ring, model = log_model(LINES)
    assert not model.poll()
    ring.append(2, logging.ERROR, "core.test", "broken")

    assert model.poll()
    assert texts(model)[0] == "broken"


def test_the_log_view_is_bounded_however_much_is_written(qapp):
    ring, model = log_model([])
    for _ in range(3):
        for number in range(RING_LINES // 2 + 10):
            ring.append(number, logging.INFO, "core.test", f"line {number}")
        model.poll()

    assert model.rowCount() == ROWS_SHOWN
    assert len(model._lines) == RING_LINES
    assert texts(model)[0] == f"line {RING_LINES // 2 + 9}"


@pytest.mark.parametrize(
    ("level", "name"), [(logging.ERROR, "danger"), (logging.WARNING, "warning"), (logging.INFO, "text")]
)
def test_severity_is_a_colour_beside_the_word(qapp, level, name):
    _, model = log_model([(level, "text")])

    assert cell(model, "Text", role=Qt.ItemDataRole.ForegroundRole) == active().colour(name)
    assert cell(model, "Level") == logging.getLevelName(level)
