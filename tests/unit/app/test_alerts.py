"""When an alert is told, that it is told once, and what it says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.app.alert_rules import RULES, Rule, Severity
from core.app.alerts import Alert, AlertEngine
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import ExecId, OrderId, Symbol
from core.domain.instrument import Side
from core.domain.orders import Fill
from core.processing.stores import Stores
from core.runtime.clock import ManualClock

D = Decimal


class Scene:
    """An engine on one rule that a test sets true and false, and everything it delivers."""

    def __init__(self, **terms) -> None:
        self.wrong = ""
        self.clock = ManualClock()
        self.stores = Stores.create()
        self.stores.health.verified_account()
        terms = {"hold_s": 2, "clear_s": 3, "cooldown_s": 30, "severity": Severity.NOTICE, **terms}
        rule = Rule(key="r", title="Rule", action="Do this", check=lambda stores: self.wrong, **terms)
        self.engine = AlertEngine(self.stores, self.clock, [rule])
        self.told: list[Alert] = []
        self.engine.deliver = self.deliver
        self.engine.look()

    def deliver(self, alert: Alert) -> str:
        self.told.append(alert)
        return "sound"

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.clock.advance(ms=100)
            self.engine.look()

    def fill(self, number: int, qty: str = "0.1") -> None:
        self.stores.fills.add(
            Fill(
                exec_id=ExecId(f"E{number}"),
                order_id=OrderId("O"),
                symbol=Symbol("BTC/USD"),
                side=Side.BUY,
                qty=D(qty),
                price=D(60000),
                cost=D(6000),
                ts=number,
            )
        )


def test_a_rule_is_told_once_after_it_has_held_and_names_its_action():
    scene = Scene()
    scene.wrong = "the line is down"

    scene.wait(1.8)
    assert scene.told == []
    scene.wait(10)

    (alert,) = scene.told
    assert alert.words == "Rule: the line is down. Do this"
    assert alert.sound == "notice"


def test_flapping_is_one_alert():
    scene = Scene(cooldown_s=0)
    for _ in range(5):
        scene.wrong = "down"
        scene.wait(2.5)
        scene.wrong = ""
        scene.wait(1)

    assert len(scene.told) == 1
    assert scene.engine.state("r").is_raised
    scene.wait(3)
    assert not scene.engine.state("r").is_raised


def test_within_the_cooldown_it_is_only_logged():
    scene = Scene(cooldown_s=60)
    for _ in range(2):
        scene.wrong = "down"
        scene.wait(3)
        scene.wrong = ""
        scene.wait(4)

    assert len(scene.told) == 1
    assert [entry.how for entry in scene.engine.log] == ["sound", "not told again so soon"]


def test_what_goes_on_is_told_once_more_and_louder():
    scene = Scene(escalate_s=10, severity=Severity.WARNING)
    scene.wrong = "down"

    scene.wait(60)

    assert [alert.severity for alert in scene.told] == [Severity.WARNING, Severity.ALARM]


def test_a_muted_rule_is_logged_only_and_speaks_again_afterwards():
    scene = Scene(cooldown_s=0)
    scene.engine.mute("r", 10)
    scene.wrong = "down"
    scene.wait(3)
    assert scene.told == []
    assert scene.engine.log[-1].how == "muted"
    scene.wrong = ""
    scene.wait(10)

    scene.wrong = "down again"
    scene.wait(3)

    assert [alert.text for alert in scene.told] == ["down again"]


def test_a_test_is_delivered_even_when_muted_and_says_that_it_is_one():
    scene = Scene()
    scene.engine.mute("r", 100)

    scene.engine.test("r")

    assert scene.told[0].is_test
    assert "only a test" in scene.told[0].words


def test_partial_fills_within_300_ms_make_one_sound():
    scene = Scene()
    for number in range(4):
        scene.fill(number)
        scene.wait(0.2)
    assert [alert.sound for alert in scene.told] == ["fill"]

    scene.wait(1)
    scene.fill(9, "0.5")
    scene.wait(0.1)

    assert len(scene.told) == 2
    assert "0.5 BTC/USD" in scene.told[1].text


def test_fills_of_an_earlier_run_make_no_sound_but_those_found_after_an_outage_do():
    scene = Scene()
    scene.stores.health.doubt_account("the account was not compared yet")
    engine = AlertEngine(scene.stores, scene.clock, [])
    engine.deliver = scene.deliver
    engine.look()
    scene.fill(1)
    engine.look()
    scene.stores.health.verified_account()
    engine.look()
    assert scene.told == []

    scene.stores.health.doubt_account("the account line was lost")
    scene.fill(2)
    engine.look()

    assert len(scene.told) == 1


def test_every_rule_says_what_to_do():
    assert all(rule.action.endswith(".") and rule.title for rule in RULES)
    assert len({rule.key for rule in RULES}) == len(RULES)


def test_a_lost_account_line_is_told_with_its_reason():
    clock, stores = ManualClock(), Stores.create()
    for line in (Line.PRIVATE, Line.PRIVATE_B):
        status = LineStatus(line=line, state=ConnectionState.BACKOFF, reason="closed 1006")
        stores.health.set_line(status)
    engine = AlertEngine(stores, clock)
    told: list[Alert] = []
    engine.deliver = lambda alert: told.append(alert) or "told"

    for _ in range(20):
        clock.advance(ms=100)
        engine.look()

    assert [(alert.key, alert.text) for alert in told] == [("account", "account line backoff closed 1006")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_no_rule_complains_about_a_terminal_that_has_just_started(rule):
    assert rule.check(Stores.create()) == ""


def test_one_line_down_is_told_only_while_another_one_of_its_side_goes_on():
    scene = Scene()
    rule = next(rule for rule in RULES if rule.key == "line")

    def set_lines(**states: ConnectionState) -> str:
        for name, state in states.items():
            scene.stores.health.set_line(LineStatus(line=Line[name], state=state))
        return rule.check(scene.stores)

    live, down = ConnectionState.LIVE, ConnectionState.BACKOFF
    assert set_lines(PUBLIC=live, PUBLIC_B=live, PRIVATE=live, PRIVATE_B=live) == ""
    assert set_lines(PUBLIC_B=down) == "public B down"
    assert set_lines(PUBLIC=down) == ""
    assert set_lines(PRIVATE=down) == "private down"
    assert set_lines(PRIVATE_B=down) == ""
