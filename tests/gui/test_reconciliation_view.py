"""Journal, stream and REST side by side on screen; sealing from the menu."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from PySide6.QtWidgets import QDialogButtonBox

from core.app.account_audit import Audited
from core.domain.audit import BreakKind, Journalled, Told
from core.domain.ids import Asset, OrderId
from core.domain.instrument import Side
from core.domain.orders import Fee, Order, OrderStatus, OrderType, Term, Terms
from core.processing.reconciliation import compare
from gui.forms.seal_dialog import SealDialog
from gui.models.reconciliation_model import SHORT
from tests.helpers.market import BTC
from tests.helpers.records import ORDER_ID, fill
from tests.helpers.waiting import eventually

D = Decimal
USD = Asset("USD")


def told(at, qty="0.0250", usd="182417.4419", fee="0.1"):
    order = Order(
        symbol=BTC,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        terms=Terms(qty=Term(1, D(qty)), limit_price=Term(1, D("60475.3"))),
        reported=OrderStatus.NEW,
        order_id=ORDER_ID,
    )
    one = fill(ts=at - 200 * 10**9, fees=(Fee(USD, D(fee)),))
    return Told(at=at, orders={OrderId(ORDER_ID): order}, fills=(one,), balances={USD: D(usd)})


def show(window, desk, journal, stream, rest):
    kept = Journalled(told=journal)
    found = tuple(one for one in compare(kept, stream, rest) if not one.kind.is_notice)
    desk.audit.result = Audited(
        at=desk.clock.wall_ns(),
        fills_at=desk.clock.wall_ns(),
        breaks=found,
        journal=kept,
        stream=stream,
        rest=rest,
    )
    window.docks.show("Reconciliation")
    window.bookkeeping.panel.refresh()
    return window.bookkeeping.panel


def cells(panel):
    model = panel.model
    return [
        [model.index(row, at).data() for at in range(model.columnCount())] for row in range(model.rowCount())
    ]


async def test_what_all_three_say_alike_has_a_green_tick_and_its_word(window, desk):
    same = told(desk.clock.wall_ns())

    panel = show(window, desk, same, same, same)

    assert panel.state.text().startswith("✓ equal")
    assert panel.state.property("role") == "good"
    assert [row[0] for row in cells(panel)] == ["✓ equal"] * 3
    assert cells(panel)[0][4:] == ["0/0.0250"] * 3


async def test_each_difference_is_named_first_with_what_each_side_says(window, desk):
    now = desk.clock.wall_ns()

    panel = show(window, desk, told(now), told(now), told(now, qty="0.0125", usd="182416", fee="7"))

    assert panel.state.text().startswith("✗ 3 differ")
    found = {row[0]: row[4:] for row in cells(panel)}
    assert found["✗ qty differs"] == ["0.0250", "0.0250", "0.0125"]
    assert found["✗ total differs"] == ["182417.4419", "182417.4419", "182416"]
    assert found["✗ fee differs"] == ["0.1 USD", "0.1 USD", "7 USD"]


def test_every_kind_of_break_has_a_name_that_fits():
    assert set(SHORT) == set(BreakKind)


async def test_a_comparison_that_failed_has_no_tick(window, desk):
    same = told(desk.clock.wall_ns())
    panel = show(window, desk, same, same, same)

    desk.audit.result = msgspec.structs.replace(desk.audit.result, problem="no answer")
    panel.refresh()

    assert panel.state.text().startswith("? not compared: no answer")
    assert panel.state.property("role") == "warning"


async def test_the_menu_asks_which_day_to_seal_and_says_when_there_is_no_journal(window, tmp_path, desk):
    window.actions_by_name["seal"].trigger()
    dialog = window.findChild(SealDialog)
    dialog.file.setText(str(tmp_path / "day.sealed"))

    dialog.buttons.button(QDialogButtonBox.StandardButton.Save).click()

    await eventually(lambda: "There is no journal" in window.toast.text())
    assert not (tmp_path / "day.sealed").exists()
