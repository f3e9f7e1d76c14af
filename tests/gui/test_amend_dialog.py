from decimal import Decimal

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QLabel

from core.domain.ids import OrderId
from core.domain.orders import OrderStatus, OrderType, Trigger
from gui.forms.amend_dialog import AmendDialog
from tests.helpers.account import good_stores, resting


class Desk:
    def __init__(self, qtbot, report):
        self.stores, self.asked = good_stores(), []
        self.stores.orders.report(report)
        self.order = self.stores.orders.by_order_id(report.order_id)
        self.dialog = AmendDialog(self.stores, self.order, self.asked.append)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(self.dialog)

    def type(self, price=None, qty=None):
        if price is not None:
            self.dialog.price.setText(price)
        if qty is not None:
            self.dialog.qty.setText(qty)

    @property
    def ok(self):
        return self.dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)

    @property
    def words(self):
        return self.dialog.effect.text()


@pytest.fixture
def desk(qtbot):
    """A resting buy of 1 at 90, of which 0.4 is filled."""
    return Desk(qtbot, replace(resting(1), status=OrderStatus.PARTIALLY_FILLED, cum_qty=Decimal("0.4")))


def test_it_opens_with_the_terms_as_they_are_and_nothing_to_send(desk):
    assert (desk.dialog.price.text(), desk.dialog.qty.text()) == ("90", "1")
    assert (desk.words, desk.ok.isEnabled()) == ("Nothing changed.", False)


@pytest.mark.parametrize(
    ("price", "qty", "words"),
    [
        ("90", "0.8", "Keeps its place in the queue."),
        ("90", "1.2", "Loses its place in the queue."),
        ("91", "1", "Loses its place in the queue."),
        ("91", "0.5", "Loses its place in the queue."),
    ],
)
def test_it_tells_what_becomes_of_the_place_in_the_queue(desk, price, qty, words):
    desk.type(price, qty)

    assert (desk.words, desk.ok.isEnabled()) == (words, True)


@pytest.mark.parametrize(
    ("price", "qty", "words"),
    [
        ("90.05", "1", "not a multiple of the tick"),
        ("", "1", "not a multiple of the tick"),
        ("0", "1", "not a multiple of the tick"),
        ("90", "", "not valid for this pair"),
        ("90", "0.123456789", "not valid for this pair"),
        ("90", "abc", "not valid for this pair"),
        ("90", "0.4", "filled already"),
        ("90", "0.3", "filled already"),
        ("9" * 38 + ".05", "1", "not a multiple of the tick"),
    ],
)
def test_what_cannot_be_is_named_and_cannot_be_sent(desk, price, qty, words):
    desk.type(price, qty)
    desk.dialog.accept()

    assert words in desk.words
    assert not desk.ok.isEnabled()
    assert desk.asked == []


def test_only_what_changed_is_asked(desk):
    desk.type(price="91")
    desk.dialog.accept()

    (request,) = desk.asked
    assert (request.order_id, request.limit_price, request.qty) == (OrderId("O1"), Decimal(91), None)


def test_a_smaller_quantity_is_asked_as_the_new_total(desk):
    desk.type(qty="0.8")
    desk.dialog.accept()

    (request,) = desk.asked
    assert (request.qty, request.limit_price) == (Decimal("0.8"), None)


def test_a_post_only_order_stays_post_only(qtbot):
    desk = Desk(qtbot, replace(resting(1), post_only=True))
    desk.type(price="91")
    desk.dialog.accept()

    assert desk.asked[0].post_only


def test_cancelling_the_dialog_asks_nothing(desk):
    desk.type(price="91")
    desk.dialog.reject()

    assert desk.asked == []


def test_an_order_without_a_limit_has_no_price_to_change(qtbot):
    report = replace(
        resting(1), order_type=OrderType.STOP_LOSS, limit_price=None, trigger=Trigger(Decimal(80))
    )
    desk = Desk(qtbot, report)
    assert desk.dialog.price.isHidden()
    desk.type(qty="0.5")
    desk.dialog.accept()

    assert (desk.asked[0].qty, desk.asked[0].limit_price) == (Decimal("0.5"), None)


def test_names_from_outside_are_drawn_as_plain_text(desk):
    labels = [label for label in desk.dialog.findChildren(QLabel) if "BUY" in label.text()]

    assert [label.textFormat() for label in labels] == [Qt.TextFormat.PlainText]
