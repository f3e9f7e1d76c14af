"""Row G3 of the fault catalogue: a dialog is open while the market trades, and nothing waits for it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core.domain.ids import Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.orders import CancelRequest, OrderRequest, OrderStatus, OrderType
from core.processing.health_store import HealthLevel
from tests.helpers.desk import Desk, open_desk
from tests.helpers.dialogs import visible
from tests.helpers.waiting import eventually

DIALOGS = ("preferences", "scaled", "guide", "layouts", "dead_man")
GUI = Path(__file__).parents[2] / "gui"
NESTING = {"exec", "exec_", "processEvents"}
"""Methods that run the loop within a handler of the loop."""

ASKING = {
    *("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"),
    *("getText", "getItem", "getInt", "getDouble", "getColor", "getFont"),
    *("question", "information", "warning", "critical", "about"),
}
"""Static methods of Qt's dialogs that do it, too."""

ASKERS = {"QFileDialog", "QInputDialog", "QColorDialog", "QFontDialog", "QMessageBox"}


def nested_loops(source: str) -> list[int]:
    """Return the lines that run a loop within the loop."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
        if node.func.attr in NESTING or (owner in ASKERS and node.func.attr in ASKING):
            found.append(node.lineno)
    return found


def test_g3_no_part_of_the_window_runs_a_loop_within_the_loop():
    found = {
        str(path.relative_to(GUI)): lines
        for path in GUI.rglob("*.py")
        if (lines := nested_loops(path.read_text(encoding="utf-8")))
    }

    assert found == {}
    assert nested_loops("dialog.exec()\nQMessageBox.question(self)\ndialog.open()\nlog.warning('x')") == [
        1,
        2,
    ]


@pytest.mark.qt
async def test_g3_the_market_and_orders_go_on_while_dialogs_are_open(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        for number, command in enumerate(DIALOGS, 2):
            desk.window.actions_by_name[command].trigger()
            await eventually(lambda: visible(desk.window))
            await flows_on(desk, number)
            for dialog in visible(desk.window):
                dialog.reject()
            await eventually(lambda: not visible(desk.window))
        assert desk.session.stores.health.shown.level is HealthLevel.SAFE


async def flows_on(desk: Desk, number: int) -> None:
    """See that books move, frames are painted, and an order goes out and is cancelled, the dialog being open."""
    stores, dialogs = desk.session.stores, visible(desk.window)
    before, frames = dict(stores.health.messages), desk.frame_clock.frames
    order = await desk.session.executor.submit(far_below(desk, number))
    await eventually(lambda: stores.orders.get(order.cl_ord_id).status is OrderStatus.NEW)
    known = stores.orders.get(order.cl_ord_id)
    await desk.session.executor.cancel(CancelRequest(order_id=known.order_id, cl_ord_id=known.cl_ord_id))
    await eventually(lambda: stores.orders.get(order.cl_ord_id).status is OrderStatus.CANCELED)
    await eventually(lambda: stores.health.messages["book"] > before["book"])
    await eventually(lambda: desk.frame_clock.frames > frames)
    assert visible(desk.window) == dialogs, "closed before anybody answered"


def far_below(desk: Desk, number: int) -> OrderRequest:
    """An order that rests; no two of them are equal, for the second would be taken for a slip of the hand."""
    symbol = Symbol("BTC/USD")
    view, instrument = desk.session.stores.books.view(symbol), desk.session.stores.instruments.get(symbol)
    assert view is not None
    assert view.best_bid is not None
    assert instrument is not None
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=symbol,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=instrument.qty_min * number,
        limit_price=instrument.quantize_price(view.best_bid[0] * 97 / 100, Side.BUY),
    )
