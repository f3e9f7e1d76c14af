"""What cannot be trusted is hatched, struck through and says why; what can is neither."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import Symbol
from core.domain.market import Depth
from core.domain.subscription import candles, trades
from core.processing.channel_store import ChannelState
from gui.widgets.stale import StaleCover
from tests.helpers.waiting import eventually
from tests.helpers.window import settled

D = Decimal
BTC = Symbol("BTC/USD")


def lose_line(desk, reason: str = "closed by the exchange") -> None:
    desk.stores.health.set_line(
        LineStatus(
            line=Line.PUBLIC, state=ConnectionState.BACKOFF, reason=reason, last_frame=desk.clock.mono_ns()
        )
    )


def cover(panel) -> StaleCover:
    return panel.findChild(StaleCover)


@pytest.fixture
async def shown(window):
    await settled(window)
    return window


async def test_a_live_desk_has_no_cover(shown):
    await eventually(lambda: shown.chart.age.text() != "")

    for panel in (shown.quote, *shown.panels):
        assert cover(panel).reason == "", panel.title


@pytest.mark.parametrize("name", ["chart", "tape", "quote"])
async def test_a_lost_line_hatches_and_strikes_through_and_heals(shown, desk, name):
    panel = getattr(shown, name)
    before = panel.grab().toImage()

    lose_line(desk)
    await eventually(lambda: cover(panel).isVisible())

    assert "closed by the exchange" in cover(panel).reason
    assert cover(panel).size() == panel.size()
    assert panel.grab().toImage() != before
    desk.connect()
    await eventually(lambda: not cover(panel).isVisible())


async def test_numbers_are_struck_only_while_stale(shown, desk):
    texts = (shown.quote.last, shown.quote.change)
    assert not any(text.font().strikeOut() for text in texts)

    lose_line(desk)
    await eventually(lambda: all(text.font().strikeOut() for text in texts))
    assert not shown.chart.age.font().strikeOut()  # the age of old data is true
    desk.connect()

    await eventually(lambda: not any(text.font().strikeOut() for text in texts))


async def test_a_line_that_only_fell_silent_is_stale_too(shown, desk):
    desk.clock.advance(s=6)

    await eventually(lambda: "silent" in cover(shown.chart).reason)


async def test_the_cover_lets_the_mouse_through_and_follows_the_size(shown, desk):
    lose_line(desk)
    await eventually(lambda: cover(shown.chart).isVisible())

    shown.resize(1500, 820)
    await settled(shown)

    assert cover(shown.chart).size() == shown.chart.size()
    assert shown.chart.childAt(shown.chart.canvas.geometry().center()) is not cover(shown.chart)


async def test_each_panel_tells_the_age_of_its_own_data(shown, desk):
    for sub in (trades(BTC), candles(BTC, 1)):
        desk.stores.channels.carried(sub, Line.PUBLIC, desk.clock.mono_ns())
    desk.print_trades(count=1)
    desk.clock.advance(s=3)
    desk.chart(count=1)
    desk.clock.advance(s=1)

    await eventually(lambda: shown.tape.age.text() == "4s")
    assert shown.chart.age.text() == "1s"


async def test_a_channel_that_was_found_broken_is_stale_although_its_line_lives(shown, desk):
    now = desk.clock.mono_ns()
    desk.stores.channels.carried(trades(BTC), Line.PUBLIC, now)
    row = desk.stores.channels.get("trade", BTC)

    row.enter(ChannelState.STALE, "silent, while the exchange has moved on", now)
    await eventually(lambda: "moved on" in cover(shown.tape).reason)
    assert cover(shown.chart).reason == ""
    row.enter(ChannelState.QUIET, "nothing was missed", now)

    await eventually(lambda: cover(shown.tape).reason == "")


async def test_a_book_that_lost_its_way_hatches_the_depth_chart(shown, desk):
    shown.docks.show("Depth")
    await eventually(lambda: shown.depth_chart.isVisible())

    desk.stores.books.distrust(BTC, "a message was lost", desk.clock.mono_ns())

    await eventually(lambda: "a message was lost" in cover(shown.depth_chart).reason)
    assert cover(shown.chart).reason == ""


async def test_a_book_told_by_rest_is_shown_and_cannot_be_clicked(shown, desk):
    desk.stores.books.invalidate("both lines are down")
    await eventually(lambda: shown.ladder.canvas.price_at(1) is None)
    nothing = shown.ladder.canvas.grab().toImage()
    instrument = desk.stores.instruments.get(BTC)
    levels = [((D(61234) - at, D(1)), (D(61235) + at, D(2))) for at in range(20)]
    bids, asks = zip(*levels, strict=True)

    desk.stores.depths.tell(Depth(BTC, bids, asks), instrument, desk.clock.mono_ns())

    await eventually(lambda: shown.ladder.canvas.grab().toImage() != nothing)
    assert shown.ladder.canvas.price_at(1) is None
    assert not desk.stores.is_tradable(BTC)
    desk.stores.depths.drop(BTC)
    await eventually(lambda: shown.ladder.canvas.grab().toImage() == nothing)
