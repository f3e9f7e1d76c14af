"""The dashboard: every figure follows its cause (required.md, QP1 to QP13); what is wrong is read at a glance."""

import msgspec
import pytest
from PySide6.QtWidgets import QScrollArea

from core.app.budgets import Budget
from core.data.rest.breaker import BreakerState
from core.domain.events import BadDataEvent, CarrierEvent, LineEvent, SubscriptionEvent
from core.domain.health import ConnectionState, Line, LineStatus
from core.domain.ids import Symbol
from core.domain.instrument import Side
from core.domain.orders import OrderStatus
from core.domain.subscription import book, ticker
from core.processing.channel_store import ChannelState
from gui.views.health.timeline import Timeline
from tests.helpers.waiting import eventually

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")
SECOND = 1_000_000_000


@pytest.fixture
def panel(window, desk):
    window.show_health()
    window.dashboard.refresh()
    return window.dashboard


@pytest.fixture
def shown(panel):
    """Read the dashboard anew and return how a figure reads."""

    def read(name: str) -> str:
        panel.refresh()
        for grid in (panel.indicators, panel.clock, panel.own):
            if text := grid.text_of(name):
                return text
        raise KeyError(name)

    return read


def every_second(desk, messages=0):
    performance = desk.stores.performance
    performance.messages += messages
    desk.clock.advance(s=1)
    performance.tick(desk.clock.mono_ns(), queue_size=0, rss_bytes=1, cpu_percent=0.0)


async def test_qp1_the_message_rate_follows_the_messages(desk, shown):
    for _ in range(6):
        every_second(desk)
    assert shown("Messages") == "0 /s"

    for _ in range(6):
        every_second(desk, messages=120)

    assert shown("Messages") == "120 /s"


async def test_qp2_latency_follows_the_age_of_messages(desk, shown):
    desk.stores.performance.exchange_to_recv.reset()
    assert shown("Latency mean") == "–"

    desk.stores.performance.exchange_to_recv.add(40_000_000)

    assert shown("Latency mean") == "40 ms"


async def test_qp3_the_hit_rate_falls_with_every_answer_of_rest(desk, shown):
    counts = desk.stores.health.feed
    counts.stream, counts.rest = 99, 1
    assert shown("Cache hit rate") == "99.0 %"

    counts.rest = 11

    assert shown("Cache hit rate") == "90.0 %"


async def test_qp4_failovers_are_counted(desk, shown):
    assert shown("Failovers") == "0"

    desk.stores.health.feed.failovers = 3

    assert shown("Failovers") == "3"


async def test_qp5_and_qp12_a_lost_line_is_one_connection_less(desk, shown):
    health = desk.stores.health
    for line in (Line.PUBLIC, Line.PUBLIC_B, Line.PRIVATE, Line.PRIVATE_B):
        health.set_line(LineStatus(line=line, state=ConnectionState.LIVE))
    assert (shown("WebSocket"), shown("Connections")) == ("live", "4 / 4")

    health.set_line(LineStatus(line=Line.PUBLIC_B, state=ConnectionState.BACKOFF))
    assert (shown("WebSocket"), shown("Connections")) == ("live", "3 / 4")

    for line in (Line.PUBLIC, Line.PRIVATE, Line.PRIVATE_B):
        health.set_line(LineStatus(line=line, state=ConnectionState.BACKOFF))
    assert (shown("WebSocket"), shown("Connections")) == ("down", "0 / 4")


async def test_qp6_rest_is_told_in_words(desk, shown):
    for word in ("ok", "limited", "down"):
        desk.stores.health.rest = word
        assert shown("REST") == word


async def test_qp7_the_worst_breaker_is_told(desk, shown):
    assert shown("Circuit breaker") == "closed"
    before = desk.vitals()
    broken = msgspec.structs.replace(before, breakers={**before.breakers, "query": BreakerState.OPEN})
    desk.vitals = lambda: broken

    assert shown("Circuit breaker") == "open"


async def test_qp8_freshness_names_what_is_stale(desk, shown):
    carried(desk, book(BTC, 10))
    row = desk.stores.channels.get("book", BTC)
    row.heard = desk.clock.mono_ns()
    row.enter(ChannelState.LIVE, "", 1)
    desk.clock.advance(s=4)
    assert shown("Freshness") == "4.0 s"

    row.enter(ChannelState.STALE, "silent", 2)

    assert shown("Freshness") == "1 stale"


async def test_qp9_messages_are_counted_by_channel(desk, shown):
    before = int(shown("ticker").replace(",", ""))
    desk.quote(BTC, desk.stores.tickers.get(BTC).last)

    assert int(shown("ticker").replace(",", "")) == before + 1


async def test_qp10_qp11_qp13_queue_memory_and_cpu_are_those_of_the_last_second(desk, shown):
    desk.stores.performance.tick(
        desk.clock.mono_ns(), queue_size=4_321, rss_bytes=300 << 20, cpu_percent=37.4
    )

    assert shown("Queue") == "4321 / 10000"
    assert shown("Memory") == "300 MB"
    assert shown("CPU") == "37 %"


async def test_what_could_not_be_understood_is_counted(desk, shown):
    assert shown("Invalid") == "0"

    desk.feed(BadDataEvent("ohlc", "no JSON"))

    assert shown("Invalid") == "1"


def carried(desk, sub, line=Line.PUBLIC):
    desk.feed(CarrierEvent(sub, line), SubscriptionEvent(sub, True), line=line)


async def test_the_matrix_has_a_row_for_every_channel_the_doubtful_ones_first(desk, panel):
    carried(desk, ticker(BTC))
    carried(desk, book(ETH, 10))
    desk.stores.channels.get("book", ETH).enter(ChannelState.STALE, "silent", 1)
    panel.refresh()

    model = panel.channels
    rows = [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]

    assert rows[0] == ["book 10", "ETH/USD", "× stale"]
    assert ["ticker", "BTC/USD", "… subscribing"] in rows


async def test_the_verdict_is_line_0(desk, panel):
    desk.stores.health.told_of_journal("the disk is full")
    desk.judge()
    panel.refresh()

    assert panel.verdict.text().startswith("REDUCE-ONLY: journal: the disk is full")


async def test_an_allowance_shows_what_is_used_and_what_comes_next(desk, panel):
    (gauge,) = panel.budgets.gauges

    assert (gauge.name, gauge.figures, gauge.remark) == ("REST calls", "3 / 15", "a query 1")
    assert gauge.colour == "good"

    full = msgspec.structs.replace(desk.vitals(), budgets=[Budget("REST calls", 14, 15, "a query 1")])
    desk.vitals = lambda: full
    panel.refresh()

    assert panel.budgets.gauges[0].colour == "danger"


async def test_orders_whose_state_is_not_known_are_listed(desk, panel):
    request = desk.intend(Side.BUY, "0.1", "60000")
    desk.stores.orders.infer(request.cl_ord_id, OrderStatus.IN_DOUBT, "no answer")
    desk.clock.advance(s=7)
    panel.refresh()

    assert "BTC/USD buy: unknown for 7.0 s" in panel.risk.text()


async def test_the_timeline_tells_a_lines_state_and_cause_under_the_pointer(desk, panel, window):
    desk.stores.health.lanes.clear()
    wall = desk.clock.wall_ns()
    desk.feed(LineEvent(Line.PUBLIC, ConnectionState.BACKOFF, 1, 1, "closed 1006"))
    timeline: Timeline = panel.timeline
    timeline.refresh(wall + 60 * SECOND)

    told = timeline._told_at(timeline.width() - 10, timeline._row() + 3)

    assert "public: backoff since" in told
    assert "closed 1006" in told


async def test_h_and_a_click_on_line_0_open_the_panel(window, qtbot):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    window.docks.show("Chart")
    QTest.keyClick(window.chart, Qt.Key.Key_H)
    assert not window.dashboard.visibleRegion().isEmpty()

    window.docks.show("Chart")
    assert window.dashboard.visibleRegion().isEmpty()
    QTest.mouseClick(window.health.cause, Qt.MouseButton.LeftButton)
    assert not window.dashboard.visibleRegion().isEmpty()


async def test_the_timeline_tells_of_own_orders_under_the_pointer_and_draws_them_over_every_lane(desk, panel):
    order = next(o for o in desk.stores.orders.all() if o.limit_price is not None)
    timeline: Timeline = panel.timeline
    timeline.refresh(order.created_ns + 5 * 60 * SECOND)
    x = timeline._x(timeline._lane_rect(0), order.created_ns)
    lane = timeline._lane_rect(1)

    told = timeline._told_at(x, 4)
    picture = timeline.grab().toImage()
    beside = picture.pixelColor(x - 40, lane.top() + 2)

    assert str(order.symbol) in told
    assert picture.pixelColor(x, lane.top() + 2) != beside


async def test_the_split_of_an_answers_way_says_how_far_it_can_be_wrong(desk, panel):
    performance = desk.stores.performance
    performance.uplink.reset()
    rows = {row.name.strip(): row for row in panel.latencies._latencies}
    assert rows["up the line"].error_text == ""

    performance.uplink.add(12_000_000)
    performance.split_error_ns = 2_310_000

    assert rows["up the line"].error_text == "±2.4 ms"
    assert rows["in the engine"].error_text == ""
    panel.latencies.refresh()
    assert "±2.4 ms" in panel.latencies.accessibleDescription()


async def test_the_page_ends_where_its_figures_end(panel):
    area = panel.findChild(QScrollArea)
    page = area.widget()
    await eventually(lambda: page.height() >= panel.own.geometry().bottom())

    assert page.height() - panel.own.geometry().bottom() < 20
    assert panel.own.height() == panel.own.heightForWidth(panel.own.width())
