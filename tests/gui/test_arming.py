"""One-click orders on the ladder: only armed, only on a price that stood still, only when nothing is unusual."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.ids import Symbol
from core.domain.instrument import Side
from gui.arming import IDLE_NS
from gui.views.ladder_meaning import SETTLED_NS, LadderMeaning
from tests.helpers.waiting import eventually

BID = Decimal("61000")


@pytest.fixture
async def armed(window, desk):
    """A window whose ladder is armed, with a small quantity in the ticket and a market that stood still."""
    window.ticket.qty.setText("0.01")
    desk.clock.advance(s=1)
    window.ladder._changed(frozenset([window.link.symbol]))
    desk.clock.advance(s=1)
    QTest.keyClick(window.ladder.canvas, Qt.Key.Key_L)
    await eventually(lambda: window.arming.is_armed)
    return window


def click(window, side=Side.BUY, price=BID):
    window.ladder.price_clicked.emit(side, price)


async def test_locked_a_click_only_fills_the_ticket(window, desk):
    click(window)

    assert desk.executor.submitted == []
    assert window.ticket.limit.value == BID
    assert window.ladder.arm.text() == "○ L"


async def test_armed_a_click_sends_the_tickets_quantity_at_the_price_painted(armed, desk):
    assert armed.ladder.arm.text() == "● ARMED"
    click(armed)

    await eventually(lambda: desk.executor.submitted)
    (request,) = desk.executor.submitted
    assert (request.side, request.qty, request.limit_price) == (Side.BUY, Decimal("0.01"), BID)


async def test_armed_an_unusual_order_stays_in_the_ticket_to_be_confirmed(armed, desk):
    armed.ticket.qty.setText("0.6")
    click(armed)

    assert desk.executor.submitted == []
    assert armed.ticket.send.must_hold
    assert "look at the ticket" in armed.toast.text()


async def test_a_price_that_just_changed_sides_is_not_sent(armed, desk):
    ask = desk.stores.books.view(armed.link.symbol).best_ask[0]
    armed.ladder._meaning.note(BID - 2, BID - 1, desk.clock.mono_ns())
    click(armed, Side.BUY, min(BID, ask))

    assert desk.executor.submitted == []
    assert "changed sides" in armed.toast.text()


async def test_it_locks_when_idle(armed, desk):
    desk.clock.advance(IDLE_NS - 1)
    armed.arming.look()
    assert armed.arming.is_armed

    desk.clock.advance(1)
    armed.arming.look()

    assert not armed.arming.is_armed
    assert "idle" in armed.toast.text()


async def test_it_locks_when_the_book_is_lost_the_pair_changes_or_the_switch_is_pulled(armed, desk):
    desk.stores.books.invalidate("the line was lost")
    armed.arming.look()
    assert not armed.arming.is_armed
    armed.arming.toggle()
    assert not armed.arming.is_armed, "it cannot be armed without a book"


async def test_it_locks_when_the_pair_changes(armed):
    armed.link.show_symbol(Symbol("ETH/USD"))

    assert not armed.arming.is_armed


async def test_it_locks_with_the_kill_switch_and_when_the_window_is_left(armed, desk):
    desk.risk.kill("pulled by hand")
    armed.arming.look()
    assert not armed.arming.is_armed
    desk.risk.acknowledge()
    armed.arming.toggle()
    assert armed.arming.is_armed

    armed.arming._state_changed(Qt.ApplicationState.ApplicationInactive)

    assert not armed.arming.is_armed
    assert armed.arming.reason == "the window was left"


async def test_a_letter_typed_into_a_field_arms_nothing(window):
    window.watchlist.focus_find()
    field = window.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "l")

    assert not window.arming.is_armed


def test_a_row_is_settled_after_150_ms_on_its_side():
    meaning, price = LadderMeaning(), Decimal(100)
    assert not meaning.is_settled(price, 0)
    meaning.note(Decimal(100), Decimal(101), 0)
    assert meaning.is_settled(price, 0)

    meaning.note(Decimal(98), Decimal(99), 10)

    assert not meaning.is_settled(price, 10 + SETTLED_NS - 1)
    assert meaning.is_settled(price, 10 + SETTLED_NS)
