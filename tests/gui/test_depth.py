"""The depth chart: what it draws is the book, and what it says of a size is walked through it exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.subscription import book
from tests.helpers import pointer
from tests.helpers.waiting import eventually
from tests.helpers.window import settled

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")


@pytest.fixture
async def depth(window):
    window.docks.show("Depth")
    await eventually(lambda: window.depth_chart.canvas.mid is not None)
    await settled(window)
    return window.depth_chart


async def test_the_curves_are_the_sums_of_the_book(depth, desk):
    view = desk.stores.books.view(BTC)

    for side, curve in ((Side.BUY, depth.canvas.bids), (Side.SELL, depth.canvas.asks)):
        assert curve.totals.tolist() == pytest.approx([float(q) for q in view.cumulative(side, 100)])
    assert curve.prices.tolist() == pytest.approx([float(price) for price, _ in view.asks(100)])


async def test_a_typed_size_tells_average_and_slippage_of_both_sides(depth, desk):
    view = desk.stores.books.view(BTC)
    QTest.keyClicks(depth.tried, "12")

    for side, touch in ((Side.BUY, view.best_ask[0]), (Side.SELL, view.best_bid[0])):
        walk = view.walk(side, Decimal(12))
        slippage = abs(walk.avg - touch) / touch * 10_000
        assert f"{walk.avg:,.1f} {slippage:.2f} bps" in depth.costs.text()
        assert (side, walk.worst) in [mark[:2] for mark in depth.canvas.marks]


async def test_a_size_the_book_does_not_hold_says_how_much_it_does(depth):
    QTest.keyClicks(depth.tried, "100000")

    assert depth.costs.text().count("only") == 2
    assert depth.costs.text().count("in the book") == 2


@pytest.mark.parametrize("text", ["x", "-3", "0", "."])
async def test_a_size_that_is_none_is_marked_and_tells_nothing(depth, text):
    QTest.keyClicks(depth.tried, text)

    assert depth.tried.property("invalid")
    assert depth.canvas.marks == ()
    assert "bps" not in depth.costs.text()


async def test_the_pointer_reads_what_lies_between_it_and_the_mid(depth, desk):
    canvas, view = depth.canvas, desk.stores.books.view(BTC)
    price = view.asks(100)[40][0]

    where = QPoint(round(canvas.x_of(float(price))) + 1, canvas.height() // 2)
    pointer.move(canvas, where - QPoint(9, 0))
    pointer.move(canvas, where)

    shown = Decimal(repr(canvas.price_at(where.x())))
    within = sum(qty for p, qty in view.asks(100) if p <= shown)
    assert depth.readout.text_of("Asks").split()[0] == f"{within:,.4f}"[: len(f"{within:,.4f}")]
    assert depth.readout.text_of("Levels") == str(sum(1 for p, _ in view.asks(100) if p <= shown))


async def test_keys_zoom_into_the_middle_and_out_again(depth):
    canvas = depth.canvas
    canvas.setFocus()
    whole = canvas.reach

    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.reach < whole
    QTest.keyClick(canvas, Qt.Key.Key_Home)

    assert canvas.reach == whole


async def test_a_book_that_is_not_live_has_no_curves_and_no_costs(depth, desk):
    QTest.keyClicks(depth.tried, "12")
    desk.stores.books.distrust(BTC, "a message was lost", desk.clock.mono_ns())
    desk.flush()

    assert depth.canvas.mid is None
    assert depth.canvas.marks == ()
    assert "bps" not in depth.costs.text()
    assert depth.readout.figures == ()
    assert depth.problem()


async def test_the_book_is_watched_only_while_the_panel_is_seen(depth, window, desk):
    assert desk.market_data.watched[book(BTC, 100)] == 3  # ladder, ticket, depth

    window.docks.show("Chart")
    await eventually(lambda: desk.market_data.watched[book(BTC, 100)] == 2)


async def test_another_symbol_forgets_the_size(depth, window, desk):
    QTest.keyClicks(depth.tried, "12")

    window.link.show_symbol(ETH)

    assert depth.tried.text() == ""
    assert depth.canvas.mid is None
    desk.show_book(ETH)
    desk.flush()
    assert depth.canvas.mid == pytest.approx(3021.17, rel=1e-3)
