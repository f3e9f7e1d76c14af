"""The ticket asks by risk: nothing within the limits, a held button beyond, the quantity typed again far beyond."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.ids import Symbol
from core.domain.limits import Band, Finding, Reason, Severity
from gui.forms.consent_dialog import ConsentDialog
from gui.widgets.hold_button import HOLD_MS
from tests.gui.test_ticket_form import Desk
from tests.helpers.account import PAIR
from tests.helpers.instruments import instrument


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot)
    for _ in range(5):
        made.risk.habits.learn(PAIR, Decimal("0.5"))
    return made


def press(desk):
    QTest.mousePress(desk.form.send, Qt.MouseButton.LeftButton)


def release(desk):
    QTest.mouseRelease(desk.form.send, Qt.MouseButton.LeftButton)


def test_within_the_limits_one_click_sends_and_nothing_is_asked(desk):
    desk.type("1", "100")
    assert not desk.form.consent.isVisible()

    desk.click()

    assert len(desk.sent) == 1
    assert desk.consents[0].given == {}


def test_an_unusual_size_is_named_and_a_click_does_not_send_it(desk):
    desk.type("6", "100")

    assert "12× your median size" in desk.form.consent.text.text()
    assert "BUY BTC/USD · worst 100 · 6 % of available" in desk.form.consent.text.text()
    assert desk.form.send.text().startswith("HOLD · BUY 6 BTC @ 100.0")
    desk.click()
    assert desk.sent == []


def test_holding_the_button_sends_once_with_what_was_agreed_to(desk, qtbot):
    desk.type("6", "100")
    press(desk)
    qtbot.waitUntil(lambda: len(desk.sent) == 1, timeout=10 * HOLD_MS)
    release(desk)

    assert len(desk.sent) == 1
    assert desk.consents[0].given == {Reason.SIZE: Severity.HOLD}


def test_letting_go_early_sends_nothing(desk, qtbot):
    desk.type("6", "100")
    press(desk)
    assert desk.form.send.is_held

    release(desk)

    assert not desk.form.send.is_held
    assert desk.sent == []


def test_ctrl_enter_must_be_held_as_well(desk, qtbot):
    desk.type("6", "100")
    QTest.keyPress(desk.form, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(desk.sent) == 1, timeout=10 * HOLD_MS)

    assert desk.consents[0].given == {Reason.SIZE: Severity.HOLD}


def test_far_beyond_the_limits_the_quantity_is_typed_again(desk):
    desk.type("50", "100")
    form = desk.form
    assert form.consent.typed.isVisible()
    assert not form.send.isEnabled()

    QTest.keyClicks(form.consent.typed, "5")
    assert not form.send.isEnabled()
    QTest.keyClicks(form.consent.typed, "0")
    desk.click()

    assert [request.qty for request in desk.sent] == [Decimal(50)]
    assert desk.consents[0].given == {Reason.SIZE: Severity.TYPE}
    assert form.consent.typed.text() == ""


def test_a_quantity_typed_for_another_order_counts_for_nothing(desk):
    desk.type("50", "100")
    QTest.keyClicks(desk.form.consent.typed, "50")
    desk.type("60", "100")

    assert desk.form.consent.typed.text() == ""
    assert not desk.form.send.isEnabled()


def test_what_is_blocked_cannot_be_sent_and_is_named_in_red(desk):
    desk.type("0.5", "1000")

    assert "890 % through the market" in desk.form.consent.text.text()
    assert desk.form.consent.text.property("role") == "error"
    assert not desk.form.consent.typed.isVisible()
    assert desk.form.send.text().startswith("blocked")
    desk.click()
    assert desk.sent == []


def test_a_market_that_moved_under_the_finger_is_not_agreed_to(desk, qtbot):
    desk.type("6", "100")
    press(desk)
    desk.risk.set_limits(desk.stores.risk.limits.with_band("notional", Band(1, 100_000, 1_000_000)))
    qtbot.waitUntil(lambda: not desk.form.send.is_held, timeout=10 * HOLD_MS)
    release(desk)

    assert desk.sent == []


def test_a_click_right_after_the_pair_changed_is_stopped(desk, qtbot):
    desk.stores.instruments.apply([instrument("ETH/USD")], [], snapshot=False)
    desk.link.show_symbol(Symbol("ETH/USD"))
    desk.link.show_symbol(PAIR)
    desk.type("0.5", "100")
    desk.click()
    assert "The pair changed to BTC/USD 0.0 s ago" in desk.form.consent.text.text()
    assert desk.sent == []

    desk.clock.advance(ms=500)
    qtbot.waitUntil(desk.form.send.isEnabled, timeout=5_000)
    desk.click()

    assert len(desk.sent) == 1


def test_the_kill_switch_locks_the_ticket_and_says_so(desk):
    desk.type("0.5", "100")
    desk.risk.kill("pulled by hand")
    desk.stores.flush_all()

    assert desk.form.send.text().startswith("kill switch")
    assert not desk.form.send.isEnabled()
    desk.risk.acknowledge()
    desk.stores.flush_all()
    assert desk.form.send.isEnabled()


def finding(severity):
    return Finding(Reason.NOTIONAL, severity, "worth 90,000 USD")


def test_an_amend_is_asked_about_in_a_dialog_whose_button_is_held(qtbot):
    agreed = []
    dialog = ConsentDialog("Amend BTC/USD", Decimal(1), [finding(Severity.HOLD)], agreed.append)
    qtbot.addWidget(dialog)
    dialog.open()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert agreed == []

    dialog = ConsentDialog("Amend BTC/USD", Decimal(1), [finding(Severity.HOLD)], agreed.append)
    qtbot.addWidget(dialog)
    dialog.open()
    QTest.mousePress(dialog.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(agreed), timeout=10 * HOLD_MS)

    assert [consent.given for consent in agreed] == [{Reason.NOTIONAL: Severity.HOLD}]


def test_a_dialog_far_beyond_the_limits_wants_the_quantity(qtbot):
    agreed = []
    dialog = ConsentDialog("Amend BTC/USD", Decimal("1.5"), [finding(Severity.TYPE)], agreed.append)
    qtbot.addWidget(dialog)
    dialog.open()
    assert not dialog.send.isEnabled()

    QTest.keyClicks(dialog.bar.typed, "1.50")
    QTest.mouseClick(dialog.send, Qt.MouseButton.LeftButton)

    assert [consent.given for consent in agreed] == [{Reason.NOTIONAL: Severity.TYPE}]
