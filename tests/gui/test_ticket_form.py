"""The ticket as a hand and a keyboard meet it."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.app.risk import RiskManager
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import OrderType
from core.runtime.clock import MANUAL_START_NS, ManualClock
from gui.forms.order_form import REARM_MS, TYPES, OrderForm
from gui.symbol_link import SymbolLink
from gui.theme import DARK, LIGHT, apply_theme
from tests.helpers.account import PAIR, good_stores

ETH = Symbol("ETH/USD")


class Desk:
    """A ticket over an account, without lines: what it submits is a list."""

    def __init__(self, qtbot):
        self.stores, self.sent, self.watched = good_stores(), [], []
        self.consents = []
        self.clock = ManualClock()
        self.risk = RiskManager(self.stores, self.clock)
        session = SimpleNamespace(
            stores=self.stores,
            clock=self.clock,
            risk=self.risk,
            mode=Mode.DEMO,
            exchange_ns=lambda: MANUAL_START_NS,
            market_data=SimpleNamespace(watch=self.watch),
        )
        self.link = SymbolLink(PAIR)
        self.form = OrderForm(session, self.link, self.submit)
        qtbot.addWidget(self.form)
        self.form.show()

    def submit(self, request, consent):
        self.sent.append(request)
        self.consents.append(consent)

    def watch(self, subscription):
        self.watched.append(subscription)
        return lambda: self.watched.remove(subscription)

    def choose(self, kind):
        self.form.kind.setCurrentIndex(TYPES.index(kind))

    def type(self, qty="0.5", price="100"):
        for field, text in ((self.form.limit, price), (self.form.qty, qty)):
            field.clear()
            QTest.keyClicks(field, text)

    def click(self):
        QTest.mouseClick(self.form.send, Qt.MouseButton.LeftButton)


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot)


def test_an_empty_ticket_cannot_be_sent_and_is_not_called_wrong(desk):
    assert not desk.form.send.isEnabled()
    assert desk.form.errors.text() == ""
    assert desk.form.qty.property("invalid") is not True


def test_the_first_price_is_that_of_ones_own_side(desk):
    assert desk.form.limit.text() == "100.0"


def test_what_stands_in_the_form_is_what_is_sent(desk):
    desk.type("0.25", "99.5")
    desk.click()

    (request,) = desk.sent
    assert (request.symbol, request.side, request.order_type) == (PAIR, Side.BUY, OrderType.LIMIT)
    assert (request.qty, request.limit_price) == (Decimal("0.25"), Decimal("99.5"))


def test_the_button_says_what_it_will_do_and_with_whose_money(desk):
    desk.type("0.25", "99.5")

    assert desk.form.send.text() == f"BUY 0.25 BTC @ 99.5 · {Mode.DEMO.word}"


def test_twenty_clicks_are_one_order_until_the_button_is_armed_again(desk, qtbot):
    desk.type()
    for _ in range(20):
        desk.click()
        QTest.keyClick(desk.form, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(desk.sent) == 1

    qtbot.waitUntil(desk.form.send.isEnabled, timeout=20 * REARM_MS)
    desk.click()

    assert len(desk.sent) == 2
    assert desk.sent[0].cl_ord_id != desk.sent[1].cl_ord_id


def test_a_held_enter_key_sends_nothing(desk):
    desk.type()
    QTest.keyClick(desk.form.qty, Qt.Key.Key_Return)

    assert desk.sent == []
    assert desk.form.send.hasFocus() or not desk.form.isActiveWindow()


def test_a_wrong_value_is_named_and_mended_by_one_click(desk):
    desk.type("0.5", "100.17")
    assert "multiple of 0.1" in desk.form.errors.text()
    assert desk.form.limit.property("invalid") is True
    assert not desk.form.send.isEnabled()

    desk.form.errors.linkActivated.emit("limit_price=100.1")

    assert desk.form.limit.text() == "100.1"
    assert desk.form.send.isEnabled()


def test_x4_what_was_typed_is_never_drawn_as_markup(desk):
    desk.type("<b>9</b>")

    assert "<b>" not in desk.form.errors.text()
    assert "&lt;b>" in desk.form.errors.text()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=str)
def test_a_link_has_the_colour_of_the_theme(qapp, qtbot, theme):
    apply_theme(qapp, theme)
    desk = Desk(qtbot)
    desk.type("0.5", "100.17")
    apply_theme(qapp, DARK)

    assert theme.focus in desk.form.errors.text()


def test_without_a_live_book_the_ticket_is_locked_and_says_why(desk):
    desk.type()
    desk.stores.books.invalidate("the line was lost")
    desk.stores.books.flush()

    assert not desk.form.send.isEnabled()
    assert "book is not live" in desk.form.send.text()
    desk.click()
    assert desk.sent == []


def test_a_number_however_long_is_refused_without_harm(desk):
    desk.type("9" * 60, "9" * 37 + ".05")

    assert not desk.form.send.isEnabled()
    assert "multiple of 0.1" in desk.form.errors.text()


@pytest.mark.parametrize("kind", TYPES)
def test_each_type_shows_the_fields_it_needs_and_no_others(desk, kind):
    desk.choose(kind)
    form = desk.form

    assert form.limit.isVisible() is kind.has_limit
    assert form.trigger.isVisible() is form.distance.isVisible() is kind.has_trigger
    assert form.display.isVisible() is (kind is OrderType.ICEBERG)
    assert form.unit.isEnabled() is (kind is OrderType.MARKET)


def test_a_market_order_in_quote_currency_spends_that_amount(desk):
    desk.choose(OrderType.MARKET)
    desk.form.unit.setCurrentIndex(1)
    desk.type("50", "")
    desk.click()

    assert (desk.sent[0].qty, desk.sent[0].cash_qty) == (None, Decimal(50))


def test_the_unit_chosen_for_a_market_order_is_forgotten_by_a_limit_order(desk):
    desk.choose(OrderType.MARKET)
    desk.form.unit.setCurrentIndex(1)
    desk.choose(OrderType.LIMIT)
    desk.type("0.5")
    desk.click()

    assert (desk.sent[0].qty, desk.sent[0].cash_qty) == (Decimal("0.5"), None)


def test_a_trailing_stop_begins_with_a_distance_in_percent(desk):
    desk.choose(OrderType.TRAILING_STOP)

    assert desk.form.distance.currentText() == "pct"


def test_shares_of_the_available_pay_price_and_fee(desk):
    desk.type("1", "100")
    desk.form._take_share(100)
    desk.click()

    request = desk.sent[0]
    fee = desk.stores.balances.fee_rate(PAIR).taker
    assert request.qty * 100 * (1 + fee) <= 10_000 < (request.qty + Decimal("0.0001")) * 100 * (1 + fee)


def test_a_share_of_a_sell_is_a_share_of_what_is_owned(desk):
    desk.form.set_side(Side.SELL)
    desk.form._take_share(25)

    assert desk.form.qty.value == Decimal("2.5")


def test_another_symbol_empties_the_ticket(desk):
    desk.type("0.5", "100")
    desk.link.show_symbol(ETH)

    assert (desk.form.qty.text(), desk.form.limit.text()) == ("", "")
    assert [sub.symbol for sub in desk.watched] == [ETH]
    assert not desk.form.send.isEnabled()


def test_a_hidden_ticket_watches_nothing(desk):
    assert len(desk.watched) == 1
    desk.form.hide()

    assert desk.watched == []


def test_a_price_clicked_on_the_ladder_goes_where_the_type_has_one(desk):
    desk.form.set_price(Decimal("98.5"))
    assert desk.form.limit.text() == "98.5"
    desk.choose(OrderType.STOP_LOSS)

    desk.form.set_price(Decimal("95"))

    assert desk.form.trigger.text() == "95"


def test_what_it_costs_is_told_before_it_is_sent(desk):
    desk.type("2", "102")

    shown = dict(line.split(maxsplit=1) for line in desk.form.figures.text().splitlines())
    assert shown["Avg"].strip() == "101.5"
    assert shown["Value"].strip() == "203.000 USD"
    assert "Fee" in shown
    assert "Pay" in shown


def test_a_number_is_stepped_by_the_tick_and_stays_on_the_grid(desk):
    field = desk.form.limit
    field.setText("100.17")
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "100.2"
    QTest.keyClick(field, Qt.Key.Key_PageDown)
    assert field.text() == "99.2"


@pytest.mark.parametrize("text", ["", "abc", "0", "0.05"])
def test_stepping_down_ends_at_one_step(desk, text):
    desk.form.limit.setText(text)
    QTest.keyClick(desk.form.limit, Qt.Key.Key_Down)

    assert desk.form.limit.text() == "0.1"


def test_a_long_number_can_be_stepped(desk):
    desk.form.limit.setText("9" * 38)
    QTest.keyClick(desk.form.limit, Qt.Key.Key_Up)

    assert desk.form.limit.text() == "9" * 38 + ".1"
