"""The command palette by keyboard alone: commands by some of their letters, orders previewed before Enter."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.domain.instrument import Side
from core.domain.orders import OrderType
from core.domain.subscription import book
from gui.forms.command_palette import CommandPalette
from gui.forms.consent_dialog import ConsentDialog
from gui.fuzzy import best
from tests.helpers.waiting import eventually

CONTROL = Qt.KeyboardModifier.ControlModifier
D = Decimal


@pytest.fixture
async def palette(window) -> CommandPalette:
    QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    found = window.findChild(CommandPalette)
    await eventually(lambda: found.isVisible() and found.line.hasFocus())
    return found


def write(palette: CommandPalette, text: str) -> None:
    palette.line.clear()
    QTest.keyClicks(palette.line, text)


def enter(palette: CommandPalette) -> None:
    QTest.keyClick(palette.line, Qt.Key.Key_Return)


def rows(palette: CommandPalette) -> list[str]:
    return [palette.list.item(at).text() for at in range(palette.list.count())]


def test_letters_find_titles_by_the_beginnings_of_their_words():
    titles = [
        "Reset layout",
        "Recentre the ladder",
        "Let orders pass again",
        "Health",
        "Cancel all orders everywhere",
    ]
    items = [(title, title) for title in titles]

    assert best("rl", items, 3)[0] == "Reset layout"
    assert best("cae", items, 3)[0] == "Cancel all orders everywhere"
    assert best("heal", items, 3) == ["Health"]
    assert best("zzz", items, 3) == []
    assert best("", items, 2) == titles[:2]


async def test_an_order_is_previewed_with_cost_and_fee_and_sent_once_by_enter(palette, window, desk):
    write(palette, "buy 0.01 btc/usd limit 60000 post")

    assert "BUY BTC/USD" in palette.head.text()
    assert "post only" in palette.head.text()
    assert "DEMO" in palette.head.text()
    assert "600" in palette.figures.text()
    assert "Fee" in palette.figures.text()
    assert desk.executor.submitted == []
    enter(palette)
    enter(palette)

    await eventually(lambda: desk.executor.submitted)
    (order,) = desk.executor.submitted
    assert (order.side, order.order_type) == (Side.BUY, OrderType.LIMIT)
    assert (order.qty, order.limit_price, order.post_only) == (D("0.01"), D(60000), True)
    await eventually(lambda: window.findChild(CommandPalette) is None)


async def test_an_order_of_another_pair_is_previewed_on_its_own_book_which_is_let_go_again(palette, desk):
    before = dict(desk.market_data.watched)
    write(palette, "buy 1 eth/usd market")
    assert desk.market_data.watched[book("ETH/USD", 100)] == 1
    assert "Not now" in palette.figures.text()
    enter(palette)
    assert palette.isVisible()

    write(palette, "health")

    assert dict(desk.market_data.watched) == before
    assert desk.executor.submitted == []


async def test_a_wrong_word_is_named_and_enter_does_nothing(palette, desk):
    write(palette, "buy 0.01 btc/usd lmit 60000")

    assert "lmit" in palette.error.text()
    assert palette.line.property("invalid") is True
    assert rows(palette) == []
    enter(palette)
    assert palette.isVisible()
    assert desk.executor.submitted == []


async def test_an_unfinished_order_says_what_is_missing_and_is_not_marked_wrong(palette):
    write(palette, "buy 0.01 btc/usd")

    assert "Still missing: a type" in palette.error.text()
    assert palette.line.property("invalid") is not True


async def test_what_the_ticket_would_refuse_is_told_with_its_reason(palette, desk):
    write(palette, "buy 0.00001 btc/usd limit 60000.05")

    assert "At least 0.00005 BTC" in palette.figures.text()
    assert "multiple of 0.1" in palette.figures.text()
    enter(palette)
    assert desk.executor.submitted == []


async def test_an_amount_of_dollars_shows_what_it_becomes(palette):
    write(palette, "buy $500 btc/usd limit 60000")

    assert "500 USD → 0.00833333 BTC" in palette.figures.text()


async def test_an_unusual_order_is_asked_about_before_it_leaves(palette, window, desk):
    write(palette, "buy 2 btc/usd limit 61000")
    assert "△" in palette.figures.text() or "▲" in palette.figures.text()
    desk.executor.refuse_unusual = True
    enter(palette)

    await eventually(lambda: desk.executor.submitted or window.findChild(ConsentDialog))


async def test_a_key_held_down_does_not_send(palette, desk):
    write(palette, "buy 0.01 btc/usd limit 60000")
    pressed, none = QKeyEvent.Type.KeyPress, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(palette.line, QKeyEvent(pressed, Qt.Key.Key_Return, none, "\r", True))

    assert palette.isVisible()
    assert desk.executor.submitted == []


async def test_a_command_is_found_chosen_with_arrows_and_done(palette, window):
    write(palette, "theme")
    shown = rows(palette)
    QTest.keyClick(palette.line, Qt.Key.Key_Down)
    chosen = palette.list.currentItem().text()

    assert [row.split("  ")[0] for row in shown] == ["Theme dark", "Theme light", "Theme high contrast"]
    assert chosen.startswith("Theme light")
    QTest.keyClick(palette.line, Qt.Key.Key_Escape)
    await eventually(lambda: window.findChild(CommandPalette) is None)


async def test_a_pair_and_commands_are_done(palette, window, desk):
    write(palette, "eth/usd")
    enter(palette)
    assert window.link.symbol == "ETH/USD"
    await eventually(lambda: window.findChild(CommandPalette) is None)

    window.activateWindow()
    await eventually(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    again = window.findChild(CommandPalette)
    write(again, "cancel all")
    assert "open orders on all pairs" in again.head.text()
    enter(again)
    await eventually(lambda: desk.executor.cancelled_all == [None])


async def test_a_resting_order_stands_on_the_ladder_as_a_ghost_until_it_is_sent(palette, window):
    canvas = window.ladder.canvas
    bid = canvas.view.best_bid[0]
    canvas.repaint()
    bare = canvas.grab().toImage()

    write(palette, f"buy 0.01 limit {bid - 5}")
    assert canvas.grab().toImage() != bare
    QTest.keyClick(palette.line, Qt.Key.Key_Escape)

    assert canvas.grab().toImage() == bare
