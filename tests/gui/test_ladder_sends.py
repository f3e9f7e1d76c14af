"""What one-click orders send while the ladder moves: the price painted, and nothing on a row that just meant another.

Real presses on the real ladder of a real window; the clock stands still between them. ``make clicks N=10000`` clicks
that often.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.domain.orders import OrderStatus
from core.runtime.clock import NS_PER_MS
from gui.main_window import MainWindow
from tests.gui.test_ladder_clicks import MIDDLE, NotingPainter, paint, stir
from tests.helpers.market import BTC, Desk
from tests.helpers.pointer import move
from tests.helpers.waiting import eventually

CLICKS = int(os.environ.get("CLICKS", "120"))
SETTLED_NS = 150 * NS_PER_MS
"""As the product page has it."""

CALM_MS = 30_000
"""On a calm tape the touch moves a tick about this often; sizes change all the time."""

JUMPS = (0, 0, 1, -1, 2, -3, 8, -12, 40, -60)


@dataclass
class Hand:
    """Clicks rows of an armed ladder, and keeps what each row meant when."""

    window: MainWindow
    desk: Desk
    random: Random
    middle: Decimal = MIDDLE
    sides: list[tuple[int, Decimal, Decimal]] = field(default_factory=list)
    rows: dict[int, list[tuple[int, Decimal]]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> int:
        return self.desk.clock.mono_ns()

    def wait(self, milliseconds: float) -> None:
        self.desk.clock.advance(int(milliseconds * NS_PER_MS))

    def market(self, jump: int, *, told: bool) -> None:
        """The market goes elsewhere, and the window is told or not yet."""
        self.middle = max(MIDDLE - 300, min(MIDDLE + 300, self.middle + jump))
        self.desk.quote(BTC, self.middle)
        self.desk.show_book(BTC)
        if told:
            self.desk.flush()
            self.look()

    def paint(self) -> None:
        painter = self.window.ladder.canvas._painter
        before = painter.count
        paint(self.window)
        if painter.count > before:  # what came and went untold between two paintings nobody can have seen
            self.look()

    def look(self) -> None:
        """Note where the touch is and what stands on the rows."""
        view = self.desk.stores.books.view(BTC)
        self.sides.append((self.now, view.best_bid[0], view.best_ask[0]))
        for line, price in self.window.ladder.canvas._painter.on_screen.items():
            history = self.rows.setdefault(line, [])
            if not history or history[-1][1] != price:
                history.append((self.now, price))

    def has_flipped(self, line: int, price: Decimal) -> bool:
        """Whether in the last 150 ms another price stood on the row, or its price on another side."""
        self.look()
        since = self.now - SETTLED_NS
        before = [one for one in self.sides if one[0] <= since][-1:]
        self.sides = before + [one for one in self.sides if one[0] > since]
        return self.rows[line][-1][0] > since or len({_side(price, *one[1:]) for one in self.sides}) > 1

    async def click(self, line: int) -> None:
        """Press on a row. What leaves must carry the price painted there, from a row that stood still."""
        window, sent = self.window, self.desk.executor.submitted
        canvas, before = window.ladder.canvas, len(sent)
        window.toast.hide()
        window.ticket._arm()  # the last send was longer ago than its button stays locked
        at = QPoint(self.random.choice((5, canvas.width() - 5)), line * canvas._row_height + 5)
        painted = canvas._painter.on_screen[line]
        flipped = self.has_flipped(line, painted)
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
        await eventually(lambda: not window.commands._bridge.running)
        self.look()  # the loop has painted, too
        for request in sent[before:]:
            self.desk.report(request, exec_type="canceled", status=OrderStatus.CANCELED)
            assert request.limit_price == painted
            assert not flipped, f"{painted} was sent, but its row had just meant another"
        told = "just changed" in window.toast.text() and window.toast.isVisible()
        self.seen["clicks"] += 1
        self.seen["sent"] += len(sent) - before
        self.seen["flipped"] += flipped
        self.seen["refused"] += told


@pytest.fixture
async def hand(window, desk):
    window.ladder.canvas._painter = noting = NotingPainter(*_fonts(window.ladder.canvas))
    for order in desk.stores.orders.open(BTC):
        desk.report(order, exec_type="canceled", status=OrderStatus.CANCELED)
    window.ladder.canvas.update()
    window.ticket.qty.setText("0.001")
    await eventually(lambda: len(noting.on_screen) >= window.ladder.canvas.rows)
    hand = Hand(window, desk, Random(11))
    hand.market(0, told=True)
    hand.paint()
    hand.wait(1_000)
    window.arming.toggle()
    assert window.arming.is_armed
    return hand


def _fonts(canvas):
    return canvas._font, canvas._bold, canvas._row_height


def _side(price: Decimal, bid: Decimal, ask: Decimal) -> int:
    return int(price >= ask) - int(price <= bid)


def rush(hand: Hand) -> None:
    """A few moments of a fast market, with a hand that recentres, scrolls and groups meanwhile."""
    random = hand.random
    for _ in range(random.randrange(4)):
        if random.random() < 0.5:
            stir(hand.window.ladder, random)
        if random.random() < 0.7:
            hand.market(random.choice(JUMPS), told=random.random() < 0.6)
        if random.random() < 0.7:
            hand.paint()
        hand.wait(random.choice((1, 16, 40, 149, 151, 300)))


async def test_in_a_rush_an_order_carries_the_price_painted_and_none_leaves_from_a_row_that_flipped(hand):
    random, canvas = hand.random, hand.window.ladder.canvas
    for _ in range(CLICKS):
        hand.wait(3_000)  # what the last order left behind, a repetition for example, is over
        hand.window.arming.used()
        hand.desk.connect()
        rush(hand)
        await hand.click(random.randrange(canvas.rows))

    sys.stdout.write(f"rush: {dict(hand.seen)}\n")
    assert hand.seen["sent"] > CLICKS * 0.3, hand.seen
    assert hand.seen["refused"] > CLICKS * 0.1, hand.seen


async def test_on_a_calm_tape_hardly_a_click_is_refused(hand):
    random, canvas = hand.random, hand.window.ladder.canvas
    move(canvas, QPoint(60, 60))
    tick = hand.desk.instrument().price_increment
    next_step = random.expovariate(1 / CALM_MS)
    for _ in range(CLICKS):
        pause = random.uniform(2_500, 4_000)  # longer than two equal orders need between them
        hand.wait(pause)
        next_step -= pause
        stepped = next_step < 0
        hand.market(0 if not stepped else random.choice((-1, 1)) * tick, told=True)
        if stepped:
            next_step = random.expovariate(1 / CALM_MS)
            hand.wait(random.uniform(0, pause))
        hand.paint()
        hand.window.arming.used()
        hand.desk.connect()
        await hand.click(random.randrange(canvas.rows))

    sys.stdout.write(f"calm tape: {dict(hand.seen)}\n")
    assert hand.seen["refused"] < CLICKS * 0.001, hand.seen
    assert hand.seen["sent"] > CLICKS * 0.9, hand.seen
