"""The profit panel: figures worked by hand on screen, what is unknown in words, and the basis said by the user."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar

from core.domain.ids import Asset, Symbol
from core.domain.instrument import Side
from core.processing.lots import Method
from gui.main_window import MainWindow
from gui.models.profit_model import ProfitModel
from tests.helpers.market import Desk
from tests.helpers.waiting import eventually

D = Decimal
BTC, ETH = Asset("BTC"), Asset("ETH")


def cells(window: MainWindow, asset: str) -> dict[str, str]:
    model = window.profit.model
    row = model.row_of(Asset(asset))
    assert row is not None
    return {column.title: model.index(row, at).data() for at, column in enumerate(model.columns)}


@pytest.fixture
def desk() -> Desk:
    """Bought 1 at 100 and 1 at 200, sold half a coin at 300, now at 250; fees a quarter of a percent."""
    desk = Desk()
    desk.describe()
    desk.quote(Symbol("BTC/USD"), D(250))
    desk.own([("USD", "1000"), ("BTC", "1.5"), ("ETH", "3")])
    desk.connect()
    for number, (side, qty, price) in enumerate(
        ((Side.BUY, "1", "100"), (Side.BUY, "1", "200"), (Side.SELL, "0.5", "300")), start=1
    ):
        order = desk.place(side, qty, price)
        desk.clock.advance(s=10)
        desk.fill(order, qty, price, number=number)
    return desk


@pytest.fixture
async def shown(window: MainWindow, desk: Desk) -> MainWindow:
    desk.flush()
    window.docks.show("P&L")
    await eventually(lambda: not window.profit.visibleRegion().isEmpty())
    return window


async def test_a_position_shows_what_it_cost_is_worth_and_brought(shown):
    # Two coins for 100.25 and 200.50, 150.375 each; half of one for 150 − 0.375.
    row = cells(shown, "BTC")

    assert (row["Qty"], row["Avg cost"], row["Mark"]) == ("1.5", "150.4", "250.0")
    assert (row["Unrealised"], row["Realised"], row["Session"]) == ("+149.44", "+74.44", "+74.44")
    assert (row["Fees"], row["Basis"]) == ("1.12", "known")
    assert shown.profit.sums.text_of("Realised") == "+74.44"


async def test_another_method_gives_other_figures_at_once(shown, desk):
    box = shown.profit.method
    QTest.keyClick(box, Qt.Key.Key_Down)

    assert box.currentText() == "FIFO"
    assert desk.profit.method is Method.FIFO
    row = cells(shown, "BTC")
    # Half of the first coin left: 149.625 − 50.125; left are 50.125 + 200.50 for one and a half coins.
    assert (row["Realised"], row["Unrealised"], row["Avg cost"]) == ("+99.50", "+124.38", "167.1")


async def test_an_unknown_basis_is_said_in_words_until_the_user_tells_it(shown, desk):
    view = shown.profit
    before, warned = cells(shown, "ETH"), view.note.text()
    assert not view.price.isEnabled()
    view.table.select_key(ETH)
    desk.quote(Symbol("ETH/USD"), D(3000))

    QTest.keyClicks(view.price, "2900.5")
    QTest.keyClick(view.price, Qt.Key.Key_Return)

    after = cells(shown, "ETH")
    assert (before["Avg cost"], before["Unrealised"], before["Basis"]) == (
        "basis unknown",
        "unknown",
        "basis unknown",
    )
    assert warned == "USD: sums are partial"
    assert (after["Avg cost"], after["Unrealised"], after["Basis"]) == ("2,900.50", "+298.50", "known")
    assert view.note.text() == "USD"
    assert "basis of ETH 2900.5" in desk.inputs


async def test_what_is_no_price_is_marked_and_cannot_be_set(shown):
    view = shown.profit
    view.table.select_key(ETH)

    QTest.keyClicks(view.price, "-5")

    assert view.price.property("invalid")
    assert not view.say.isEnabled()
    QTest.keyClick(view.price, Qt.Key.Key_Return)
    assert cells(shown, "ETH")["Basis"] == "basis unknown"


async def test_figures_that_know_only_a_part_are_marked(shown, desk):
    desk.own([("USD", "1000"), ("BTC", "2.5"), ("ETH", "3")])
    desk.flush()
    assert cells(shown, "BTC")["Qty"] == "1.5"  # a ledger entry may be on its way
    desk.clock.advance(s=6)
    shown.profit.every_second()

    row = cells(shown, "BTC")
    assert (row["Qty"], row["Avg cost"], row["Unrealised"]) == ("2.5", "? 150.4", "? +149.44")
    assert row["Basis"] == "basis partly known"
    assert "basis of 1" in shown.profit.model.index(0, 2).data(Qt.ItemDataRole.ToolTipRole)


async def test_figures_are_hatched_while_the_account_is_not_verified(shown, desk):
    desk.stores.health.doubt_account("the account line was lost")
    desk.flush()

    model = shown.profit.model
    assert model.is_hatched(model.row_at(0))
    assert shown.profit.problem()


async def test_the_tab_says_its_name_and_the_columns_that_matter_fit_a_small_screen(shown):
    texts = [tabs.tabText(at) for tabs in shown.findChildren(QTabBar) for at in range(tabs.count())]

    assert "P&&L" in texts  # one of them is drawn
    assert {"Asset", "Qty", "Avg cost", "Unrealised", "Session", "Realised"} <= set(
        shown.profit.table.shown_titles
    )
    assert not shown.profit.table.horizontalScrollBar().isVisible()
    assert shown.profit.sums.sizeHint().width() <= shown.profit.width()


async def test_the_model_keeps_the_rules_of_qt_while_assets_come(qtmodeltester, desk):
    model = ProfitModel(desk.profit, desk.stores)
    qtmodeltester.check(model)

    desk.flush()
    model.reload()
    model.sort(4, Qt.SortOrder.DescendingOrder)
    desk.profit.tell(ETH, D(1))
    model.reload()

    assert model.rowCount() == 2
    qtmodeltester.check(model)
