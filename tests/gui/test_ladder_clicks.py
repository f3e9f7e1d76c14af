"""A click on the ladder means the price that stood there when it was painted, however fast the market is.

What is on screen is noted row by row as it is painted, for a repaint of one row leaves the others as they were.
``make clicks N=10000`` clicks that often.
"""

from __future__ import annotations

import os
from decimal import Decimal
from random import Random

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.domain.instrument import Side
from gui.views.ladder_painter import LadderPainter
from tests.helpers.market import BTC
from tests.helpers.pointer import move
from tests.helpers.waiting import eventually

CLICKS = int(os.environ.get("CLICKS", "400"))
MIDDLE = Decimal("61234.5")


class NotingPainter(LadderPainter):
    """Paints as ever and notes which price stands on which line of the screen."""

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.on_screen: dict[int, Decimal] = {}
        self.count = 0

    def paint(self, painter, rows, lines, *rest):
        self.count += 1
        self.on_screen.update({line: (rows.top - line) * rows.step for line in lines})
        super().paint(painter, rows, lines, *rest)


@pytest.fixture
async def ladder(window, desk):
    canvas = window.ladder.canvas
    canvas._painter = noting = NotingPainter(canvas._font, canvas._bold, canvas._row_height)
    canvas.update()
    await eventually(lambda: len(noting.on_screen) >= canvas.rows)
    return window.ladder


def wander(desk, random: Random) -> None:
    """The market jumps: sometimes told at once, sometimes only in the stores when something is painted."""
    jump = random.choice((0, 1, -1, 3, -8, 40, -60, 400))
    desk.quote(BTC, MIDDLE + jump)
    desk.show_book(BTC)


def stir(ladder, random: Random) -> None:
    """What a hand does on the way to a click."""
    canvas = ladder.canvas
    match random.randrange(7):
        case 0:
            canvas.recentre()
        case 1:
            canvas._scroll(random.choice((-5, -1, 1, 5)))
        case 2:
            QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
            canvas.clearFocus()
        case 3:
            at = QPointF(5, 5)
            QApplication.sendEvent(canvas, QEnterEvent(at, at, at))
        case 4:
            canvas.set_group(random.choice((1, 2, 5)))
        case _:
            move(canvas, QPoint(random.randrange(canvas.width()), random.randrange(canvas.height())))


def paint(window) -> None:
    """Paint what is to be painted, and nothing else."""
    QApplication.sendPostedEvents(window, QEvent.Type.UpdateRequest)


async def test_every_click_carries_the_price_painted_under_it(ladder, desk, window):
    random, canvas, noting = Random(7), ladder.canvas, ladder.canvas._painter
    clicked: list[tuple[Side, Decimal]] = []
    canvas.price_clicked.connect(lambda side, price: clicked.append((side, price)))
    wrong = []
    for number in range(CLICKS):
        stir(ladder, random)
        if random.random() < 0.5:
            paint(window)
        wander(desk, random)
        if random.random() < 0.6:
            desk.flush()
        elif random.random() < 0.5:  # one row was to be repainted when the market went on
            canvas.update(
                0, random.randrange(canvas.rows) * canvas._row_height, canvas.width(), canvas._row_height
            )
        if random.random() < 0.7:
            paint(window)
        if random.random() < 0.3:
            wander(desk, random)  # after the painting, before the click
        line, left = random.randrange(canvas.rows), random.random() < 0.5
        at = QPoint(5 if left else canvas.width() - 5, line * canvas._row_height + canvas._row_height // 2)
        before = len(clicked)
        painted = noting.on_screen.get(line)
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
        for _, price in clicked[before:]:
            if price != painted:
                wrong.append((number, price, painted))

    assert wrong == []
    assert len(clicked) > CLICKS * 0.9
