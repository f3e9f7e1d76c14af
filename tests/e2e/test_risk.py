"""Confirmation by risk and the kill switch, on the embedded exchange with real sockets."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.errors import RiskRejected
from core.domain.ids import new_cl_ord_id
from core.domain.instrument import Side
from core.domain.orders import OrderRequest, OrderStatus, OrderType
from core.runtime.paths import find_paths
from gui.widgets.hold_button import HOLD_MS
from tests.helpers.desk import Desk, open_desk
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.qt


def resting(desk: Desk, qty: str = "0.01") -> OrderRequest:
    symbol = desk.window.link.symbol
    instrument = desk.session.stores.instruments.get(symbol)
    bid = desk.session.stores.books.view(symbol).best_bid[0]
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=symbol,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=Decimal(qty),
        limit_price=instrument.quantize_price(bid * Decimal("0.97"), Side.BUY),
    )


def written_events() -> list[tuple[str, str]]:
    path = find_paths().journal_file("demo")
    with closing(sqlite3.connect(path)) as file:
        return file.execute("SELECT kind, text FROM events WHERE kind = 'risk' ORDER BY id").fetchall()


async def test_a_large_order_must_be_held_and_what_was_agreed_to_is_in_the_journal(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        ticket, stores = desk.window.ticket, desk.session.stores
        dollars = stores.references.price(desk.window.link.symbol)
        ticket.limit.set_value(resting(desk).limit_price)
        QTest.keyClicks(ticket.qty, f"{Decimal(40_000) / dollars:.4f}")
        await eventually(lambda: "worth" in ticket.consent.text.text())
        QTest.mouseClick(ticket.send, Qt.MouseButton.LeftButton)
        assert stores.orders.all() == []

        QTest.mousePress(ticket.send, Qt.MouseButton.LeftButton)
        await eventually(
            lambda: [order.status for order in stores.orders.all()] == [OrderStatus.NEW],
            timeout_s=10 + HOLD_MS / 1_000,
        )
        QTest.mouseRelease(ticket.send, Qt.MouseButton.LeftButton)

        assert any("confirmed buy" in event.text for event in stores.health.events)
        assert desk.session.risk.budget.share(desk.window.link.symbol) > 0
    assert any("notional by hold" in text for _, text in written_events())


async def test_what_is_denied_reaches_no_socket_and_stands_in_log_and_journal(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        executor, stores = desk.session.executor, desk.session.stores

        with pytest.raises(RiskRejected, match="To be confirmed: worth"):
            await executor.submit(resting(desk, qty="0.9"))
        with pytest.raises(RiskRejected, match="Not enough USD"):
            await executor.submit(resting(desk, qty="900"))

        assert stores.orders.all() == []
        denied = [event.text for event in stores.health.events if event.source == "risk"]
        assert [text.split("(")[1].split(")")[0] for text in denied] == ["notional", "funds"]
        desk.window.show_limits()
        await eventually(lambda: "2 denied" in desk.window.limits.state.text())
    assert [text for _, text in written_events()] == denied


async def test_the_kill_switch_cancels_at_the_exchange_and_lets_nothing_new_out(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        executor, stores = desk.session.executor, desk.session.stores
        order = await executor.submit(resting(desk))
        await eventually(lambda: stores.orders.get(order.cl_ord_id).status is OrderStatus.NEW)

        desk.window.show_limits()
        await eventually(lambda: desk.window.limits.kill.isVisible())
        QTest.mouseClick(desk.window.limits.kill, Qt.MouseButton.LeftButton)
        await eventually(
            lambda: stores.orders.get(order.cl_ord_id).status is OrderStatus.CANCELED, timeout_s=10
        )
        with pytest.raises(RiskRejected, match="kill switch"):
            await executor.submit(resting(desk, qty="0.011"))
        await eventually(lambda: stores.health.shown.cause.startswith("kill switch"))

        QTest.mouseClick(desk.window.limits.release, Qt.MouseButton.LeftButton)
        again = await executor.submit(resting(desk, qty="0.012"))

        await eventually(lambda: stores.orders.get(again.cl_ord_id).status is OrderStatus.NEW)


async def test_a_flood_of_orders_is_stopped_at_the_eleventh(qtbot):
    async with open_desk() as desk:
        await desk.ready()
        sent = [resting(desk, qty=f"0.01{number:02}") for number in range(12)]

        for request in sent[:10]:
            await desk.session.executor.submit(request)
        with pytest.raises(RiskRejected, match="kill switch"):
            await desk.session.executor.submit(sent[10])

        assert len(desk.session.stores.orders.all()) == 10
        tally = await desk.session.executor.cancel_all()
        assert (tally.asked, tally.failed) == (10, 0)
