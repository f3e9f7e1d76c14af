"""Price alerts: when they tell, that they tell once, and that none is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.app.price_alerts import MOST_ALERTS, PriceAlerts
from core.domain.errors import SettingsError
from core.domain.events import TradeEvent
from core.domain.health import Line
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.market import Trade
from core.domain.subscription import ticker
from tests.helpers.market import Desk

D = Decimal
BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.describe()
    desk.quote(BTC, D("61000"))
    return desk


@pytest.fixture
def told(desk):
    crossings = []
    desk.alerts.tell(crossings.append)
    return crossings


def printed(*prices: str, snapshot: bool = False) -> TradeEvent:
    trades = [
        Trade(symbol=BTC, side=Side.BUY, price=D(price), qty=D(1), trade_id=at + 1)
        for at, price in enumerate(prices)
    ]
    return TradeEvent(snapshot, trades)


@pytest.mark.parametrize(
    ("price", "short", "beyond"), [("61500", "61499.9", "61500"), ("60500", "60500.1", "60400")]
)
def test_an_alert_tells_once_when_the_price_reaches_it_from_where_it_was(desk, told, price, short, beyond):
    desk.alerts.add(BTC, D(price))

    desk.quote(BTC, D(short))
    assert told == []
    desk.quote(BTC, D(beyond))
    desk.quote(BTC, D(beyond))

    assert [crossing.last for crossing in told] == [D(beyond).quantize(D("0.1"))]
    assert desk.alerts.all() == []
    assert told[0].text in [event.text for event in desk.stores.health.events]


def test_a_spike_within_one_batch_of_prints_is_not_missed(desk, told):
    desk.alerts.add(BTC, D("61500"))

    desk.feed(printed("61000", "61700", "61001"))

    assert [crossing.last for crossing in told] == [D("61700")]


def test_prints_of_a_snapshot_are_past_and_cross_nothing(desk, told):
    desk.alerts.add(BTC, D("61500"))

    desk.feed(printed("61700", snapshot=True))

    assert told == []


def test_a_moved_alert_waits_from_the_side_it_is_on_now(desk, told):
    alert = desk.alerts.add(BTC, D("61500"))

    desk.alerts.move(alert.number, D("60000"))
    desk.quote(BTC, D("61600"))
    assert told == []
    desk.quote(BTC, D("59990"))

    assert len(told) == 1
    assert "fell to" in told[0].text


def test_an_alert_before_the_first_quote_learns_its_direction_from_it(desk, told):
    desk.alerts.add(ETH, D("3000"))

    desk.quote(ETH, D("2900"))
    assert told == []
    desk.quote(ETH, D("3001"))

    assert len(told) == 1


def test_the_ticker_stays_subscribed_as_long_as_an_alert_waits(desk):
    first = desk.alerts.add(ETH, D("3000"))
    second = desk.alerts.add(ETH, D("3100"))
    assert desk.market_data.watched[ticker(ETH)] == 1

    desk.alerts.remove(first.number)
    assert desk.market_data.watched[ticker(ETH)] == 1
    desk.alerts.remove(second.number)

    assert desk.market_data.watched[ticker(ETH)] == 0


def test_alerts_are_found_again_and_one_crossed_meanwhile_tells_at_once(desk, tmp_path):
    file = tmp_path / "alerts.json"
    desk.alerts.keep_in(file)
    desk.alerts.add(BTC, D("61500"))
    desk.alerts.add(BTC, D("70000.5"))

    later = PriceAlerts(desk.stores, desk.market_data, desk.clock)
    crossings = []
    later.tell(crossings.append)
    later.keep_in(file)
    assert [alert.price for alert in later.all()] == [D("61500"), D("70000.5")]
    later.listen(Line.PUBLIC, [printed("62000")])

    assert [crossing.alert.price for crossing in crossings] == [D("61500")]
    again = PriceAlerts(desk.stores, desk.market_data, desk.clock)
    again.keep_in(file)
    assert [alert.price for alert in again.all()] == [D("70000.5")]


@pytest.mark.parametrize("content", ["{", "[1]", '[{"number":1,"symbol":"A/B","price":"-1"}]', "x" * 300_000])
def test_a_spoiled_file_is_set_aside_and_said(desk, tmp_path, content):
    file = tmp_path / "alerts.json"
    file.write_text(content)

    desk.alerts.keep_in(file)
    desk.alerts.add(BTC, D("61500"))

    assert (tmp_path / "alerts.json.unreadable").read_text() == content
    assert "61500" in file.read_text()
    assert any("set aside" in event.text for event in desk.stores.health.events)


def test_a_price_that_is_none_and_one_alert_too_many_are_refused(desk):
    with pytest.raises(ValueError, match="not a price"):
        desk.alerts.add(BTC, D(0))
    for at in range(MOST_ALERTS):
        desk.alerts.add(BTC, D(62000 + at))
    with pytest.raises(SettingsError):
        desk.alerts.add(BTC, D("1"))

    assert len(desk.alerts.all()) == MOST_ALERTS
