"""Orders under the hand: one action cancels, and a row is what it says."""

from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from core.domain.ids import OrderId
from core.domain.orders import OrderReport, OrderStatus, order_from_request
from core.runtime.clock import ManualClock
from gui.views.orders_view import CANCEL_COLUMN, OrdersView
from tests.helpers.account import accepted, good_stores, resting
from tests.helpers.records import buy


class Desk:
    def __init__(self, qtbot):
        self.clock, self.stores = ManualClock(), good_stores()
        self.cancelled, self.amended = [], []
        session = SimpleNamespace(stores=self.stores, clock=self.clock)
        self.view = OrdersView(session, lambda order: self.cancelled.append(order.order_id))
        self.view.amend_wished.connect(lambda order: self.amended.append(order.order_id))
        qtbot.addWidget(self.view)
        self.view.resize(900, 300)
        self.view.show()

    def hold(self, *reports):
        for report in reports:
            self.stores.orders.report(report)
        self.stores.orders.flush()

    def end(self, number):
        self.hold(
            OrderReport(order_id=OrderId(f"O{number}"), exec_type="canceled", status=OrderStatus.CANCELED)
        )

    def click(self, key, column):
        table = self.view.table
        place = table.visualRect(self.view.model.index(self.view.model.row_of(key), column)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def select(self, *keys):
        self.view.table.clearSelection()
        mode = self.view.table.selectionModel()
        for key in keys:
            index = self.view.model.index(self.view.model.row_of(key), 0)
            mode.select(index, mode.SelectionFlag.Select | mode.SelectionFlag.Rows)

    @property
    def count(self):
        return self.view._count.text()


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot)
    made.hold(resting(1), resting(2), resting(3))
    return made


def test_orders_appear_and_go_as_they_open_and_end(desk):
    assert desk.view.model.rowCount() == 3
    desk.end(2)

    assert set(desk.view.model.keys()) == {"O1", "O3"}


def test_the_cross_cancels_that_order_at_once(desk):
    desk.click("O2", CANCEL_COLUMN)

    assert desk.cancelled == ["O2"]


def test_a_click_elsewhere_cancels_nothing(desk):
    desk.click("O2", 2)

    assert desk.cancelled == []


def test_every_chosen_order_is_cancelled(desk):
    desk.select("O1", "O3")
    desk.view.cancel_selected()

    assert sorted(desk.cancelled) == ["O1", "O3"]


def test_an_order_that_ended_has_no_cross_and_is_not_cancelled_again(desk):
    desk.view._all.setChecked(True)
    desk.end(2)
    assert desk.view.model.rowCount() == 3
    desk.click("O2", CANCEL_COLUMN)
    desk.select("O2")
    desk.view.cancel_selected()

    assert desk.cancelled == []
    assert desk.view.model.index(desk.view.model.row_of("O2"), CANCEL_COLUMN).data() == ""


def test_enter_asks_to_amend_the_one_chosen_order(desk):
    desk.select("O1")
    QTest.keyClick(desk.view, Qt.Key.Key_Return)
    assert desk.amended == ["O1"]

    desk.select("O1", "O2")
    QTest.keyClick(desk.view, Qt.Key.Key_Return)

    assert desk.amended == ["O1"]


def test_an_order_the_exchange_does_not_know_yet_cannot_be_amended(desk):
    request = buy()
    desk.stores.orders.add(order_from_request(request, desk.clock.wall_ns()))
    desk.stores.orders.flush()
    desk.select(request.cl_ord_id)
    QTest.keyClick(desk.view, Qt.Key.Key_Return)
    assert desk.amended == []

    desk.hold(accepted(request))
    QTest.keyClick(desk.view, Qt.Key.Key_Return)

    assert desk.amended == ["OAAAAA-BBBBB-CCCCCC"]


def test_an_order_on_its_way_can_be_cancelled(desk):
    request = buy()
    desk.stores.orders.add(order_from_request(request, desk.clock.wall_ns()))
    desk.stores.orders.flush()
    desk.click(request.cl_ord_id, CANCEL_COLUMN)

    assert desk.cancelled == [None]


def test_a_selection_stays_with_its_order_while_others_come_and_go(desk):
    desk.select("O2")
    desk.hold(resting(4), resting(5))
    desk.end(1)
    desk.view.cancel_selected()

    assert desk.cancelled == ["O2"]


def test_the_number_of_open_orders_is_told(desk):
    assert desk.count.startswith("3 ")
    for number in (1, 2, 3):
        desk.end(number)

    assert desk.count == "No open orders"


def test_milliseconds_count_while_an_order_is_on_its_way_and_stop_when_it_arrived(desk, qtbot):
    request = buy()
    desk.stores.orders.add(order_from_request(request, desk.clock.wall_ns()))
    desk.stores.orders.flush()
    assert desk.view._sending.isActive()

    desk.hold(accepted(request))

    qtbot.waitUntil(lambda: not desk.view._sending.isActive())


def test_the_count_goes_on_although_other_orders_change_all_the_time(desk, qtbot):
    desk.stores.orders.add(order_from_request(buy(), desk.clock.wall_ns()))
    desk.stores.orders.flush()
    left = desk.view._sending.remainingTime()
    qtbot.waitUntil(lambda: desk.view._sending.remainingTime() < left)
    before = desk.view._sending.remainingTime()
    desk.hold(replace(resting(1), ts=9))

    assert desk.view._sending.remainingTime() <= before


def test_a_hidden_table_counts_nothing(desk):
    desk.stores.orders.add(order_from_request(buy(), desk.clock.wall_ns()))
    desk.stores.orders.flush()
    desk.view.hide()

    assert not desk.view._sending.isActive()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_offers_what_the_chosen_orders_allow(desk):
    desk.select("O1", "O2")
    desk.view.table.customContextMenuRequested.emit(desk.view.rect().center())
    (menu,) = desk.view.findChildren(QMenu)
    enabled = [action.isEnabled() for action in menu.actions()]
    menu.actions()[1].trigger()
    menu.close()

    assert enabled == [False, True, True]
    assert sorted(desk.cancelled) == ["O1", "O2"]
