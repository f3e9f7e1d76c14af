"""Alerts as the user meets them: banner, note, sound, panel."""

from __future__ import annotations

import pytest

from core.app.alert_rules import Severity
from core.processing.health_store import Alarm
from gui.sounds import FOLDER
from tests.helpers.waiting import eventually


class Played:
    """Remembers what it was asked to play."""

    word = "sound"

    def __init__(self) -> None:
        self.names: list[str] = []

    def play(self, name: str) -> None:
        self.names.append(name)

    def stop(self) -> None:
        """Nothing is heard."""


@pytest.fixture
def played(window, desk) -> Played:
    window.delivery.speaker = Played()
    window.docks.show("Alerts")
    return window.delivery.speaker


def look(desk, seconds: float = 0.0) -> None:
    desk.clock.advance(ms=round(seconds * 1000))
    desk.alerting.look()
    desk.alerting.flush()


async def test_an_order_alarm_is_heard_shown_and_listed_with_what_to_do(window, desk, played):
    await eventually(lambda: window.alerts_panel.rules.rowCount() > 5)
    desk.stores.health.alarm(Alarm(desk.clock.wall_ns(), "duplicate", "two orders at the exchange"))

    look(desk)

    assert played.names == ["alarm"]
    assert window.banner.isVisible()
    assert "two orders at the exchange. Look at the orders named" in window.banner.text.text()
    log = window.alerts_panel.deliveries
    assert log.rowCount() == 1
    assert "banner" in log.index(0, 2).data()


async def test_the_banner_goes_when_it_is_over(window, desk, played):
    desk.stores.health.alarm(Alarm(desk.clock.wall_ns(), "duplicate", "two orders"))
    look(desk)

    desk.stores.health.acknowledge()
    look(desk, 0.1)
    look(desk, 4)

    assert not window.banner.isVisible()


async def test_a_muted_rule_is_neither_heard_nor_shown(window, desk, played):
    panel = window.alerts_panel
    panel.rule_table.select_key("order-alarm")
    panel.mute_short.click()

    desk.stores.health.alarm(Alarm(desk.clock.wall_ns(), "duplicate", "two orders"))
    look(desk)

    assert played.names == []
    assert not window.banner.isVisible()
    assert panel.deliveries.index(0, 2).data() == "muted"


async def test_the_test_button_fires_the_chosen_rule(window, desk, played):
    panel = window.alerts_panel
    assert not panel.test.isEnabled()
    panel.rule_table.select_key("blind")

    panel.test.click()

    assert played.names == ["alarm"]
    assert "TEST" in window.banner.text.text()
    window.banner.seen.click()
    assert not window.banner.isVisible()


def test_there_is_a_sound_for_every_urgency_and_for_fills():
    names = {path.stem for path in FOLDER.glob("*.wav")}

    assert names == {"fill", *(severity.word for severity in Severity)}
