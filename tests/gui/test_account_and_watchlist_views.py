"""Models under Qt's own tester, and what the views say when there is nothing, or nothing certain, to show."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.events import LineEvent
from core.domain.health import ConnectionState, Line
from core.domain.ids import Symbol
from core.processing.health_store import HealthLevel
from core.runtime.logs import LogRing
from gui.models.balances_model import BalancesModel
from gui.models.events_model import EventsModel
from gui.models.log_model import LogModel
from gui.models.watchlist_model import WatchlistModel
from gui.widgets.status_light import Shade
from tests.helpers.market import BTC, LISTED, Desk
from tests.helpers.waiting import eventually

ETH = Symbol("ETH/USD")


def cells(model, row: int) -> dict[str, str]:
    return {
        column.title: model.index(row, at).data(Qt.ItemDataRole.DisplayRole)
        for at, column in enumerate(model.columns)
    }


def row_of(model, key) -> dict[str, str]:
    row = model.row_of(key)
    assert row is not None
    return cells(model, row)


async def test_the_watchlist_model_keeps_the_rules_of_qt_while_pairs_come_go_and_sort(qtmodeltester, desk):
    model = WatchlistModel(desk.stores, desk.clock)
    qtmodeltester.check(model)

    model.set_keys([Symbol(row[0]) for row in LISTED])
    model.sort(1, Qt.SortOrder.DescendingOrder)
    model.set_keys([BTC, Symbol("XRP/USD"), ETH])
    model.told([ETH])
    model.set_keys([])

    qtmodeltester.check(model)


async def test_the_balances_model_keeps_the_rules_of_qt_while_assets_come_and_go(qtmodeltester, desk):
    model = BalancesModel(desk.stores)
    qtmodeltester.check(model)

    model.reload()
    desk.own([("USD", "100"), ("BTC", "2"), ("ADA", "5")])
    model.reload()
    model.sort(0, Qt.SortOrder.DescendingOrder)
    desk.own([("USD", "100")])
    model.reload()

    qtmodeltester.check(model)


async def test_the_event_and_log_models_keep_the_rules_of_qt_while_lines_come(qtmodeltester, desk):
    ring = LogRing()
    events, log = EventsModel(desk.stores), LogModel(ring)
    for model in (events, log):
        qtmodeltester.check(model)

    for number in range(5):
        desk.stores.health.note(desk.clock.wall_ns(), "line", f"event {number}")
        ring.append(number, 30, "core", f"text {number}")
        events.reload()
        log.poll()
    log.filter = "text 3"
    log.reload()

    assert log.rowCount() == 1
    for model in (events, log):
        qtmodeltester.check(model)


async def test_a_balance_shows_total_available_held_and_worth(window, desk):
    desk.own([("USD", "1000"), ("BTC", "2")])
    desk.flush()

    model = window.balances.model
    held = sum(order.qty - order.cum_qty for order in desk.stores.orders.open(BTC) if order.side == "sell")
    row = row_of(model, "BTC")
    assert (row["Total"], row["Available"], row["Held"]) == ("2", f"{2 - held:f}", f"{held:f}")
    assert row["USD"] == f"{2 * Decimal('61234.5'):,.2f}"
    assert "Worth" in window.balances.heading.text()


async def test_balances_say_when_they_are_not_verified_and_when_they_are_again(window, desk):
    view = window.balances

    desk.stores.health.doubt_account("the account line was lost")
    desk.flush()
    doubtful, hatched = view.heading.text(), view.model.is_hatched(view.model.row_at(0))
    problem = view.problem()
    desk.own()
    desk.flush()

    assert "Not verified" in doubtful
    assert hatched
    assert problem == "balances are not verified"
    assert "Worth" in view.heading.text()
    assert not view.model.is_hatched(view.model.row_at(0))


async def test_prices_of_assets_are_watched_even_when_pairs_are_described_after_the_balances(open_a_window):
    # The two come on different lines, in either order.
    desk = Desk()
    desk.own([("SOL", "3")])

    window = open_a_window(desk=desk)
    await eventually(lambda: not window.balances.visibleRegion().isEmpty())
    desk.describe()
    desk.quote(Symbol("SOL/USD"), Decimal("142.86"))
    desk.flush()

    assert any(sub.symbol == "SOL/USD" for sub in desk.market_data.watched)
    assert row_of(window.balances.model, "SOL")["USD"] == "428.58"


async def test_panels_of_an_empty_account_say_what_will_be_there(open_a_window):
    window = open_a_window(desk=Desk())

    for panel in (window.balances, window.orders, window.fills, window.events, window.log):
        assert panel.model.rowCount() == 0
        assert panel.table.empty_text.endswith("."), panel.title


async def test_typing_a_symbol_narrows_the_list_adds_a_new_pair_and_marks_an_unknown_one(window):
    view = window.watchlist
    changes = []
    view.symbols_changed.connect(changes.append)
    view.table.select_key("SHIB/USD")
    view.table.setFocus()
    QTest.keyClick(view.table, Qt.Key.Key_Delete)
    assert view.model.row_of("SHIB/USD") is None

    view.focus_find()
    QTest.keyClicks(view.search, "nonsense")
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    unknown = view.search.property("invalid")
    view.search.selectAll()
    QTest.keyClicks(view.search, "shib")
    QTest.keyClick(view.search, Qt.Key.Key_Return)

    assert unknown
    assert view.model.keys()[-1] == "SHIB/USD"
    assert window.link.symbol == "SHIB/USD"
    assert [len(symbols) for symbols in changes] == [11, 12]


async def test_the_headline_follows_the_linked_pair_and_its_quotes(window, desk):
    window.link.show_symbol(ETH)
    before = window.quote.last.text()
    desk.quote(ETH, Decimal("3055.25"), "1.10")
    desk.flush()

    assert window.quote.symbol.text() == "ETH/USD"
    assert (before, window.quote.last.text()) == ("3,021.17", "3,055.25")
    assert "▲ +1.10%" in window.quote.change.text()
    assert window.quote.figures.text_of("Bid") == "3,055.01"
    assert window.quote.figures.text_of("Volume") == "1.00K ETH · 3.04M USD"


async def test_the_headline_is_struck_through_while_the_line_is_not_live(window, desk):
    live = window.quote.last.font().strikeOut()

    desk.clock.advance(s=30)
    window.quote.refresh()

    assert not live
    assert window.quote.last.font().strikeOut()


@pytest.mark.parametrize(
    ("state", "shade"),
    [
        (ConnectionState.LIVE, Shade.GOOD),
        (ConnectionState.BACKOFF, Shade.BAD),
        (ConnectionState.STALE, Shade.WARN),
    ],
)
async def test_a_light_tells_the_state_of_its_line_by_shape_and_words(window, desk, state, shade):
    desk.connect(private=state)
    window.health.refresh()

    light = window.health.lights[Line.PRIVATE]
    assert light.shade is shade
    assert light.text().startswith(shade.value[0])
    assert state.value in light.toolTip()
    assert "Account" in light.accessibleName()


async def test_line_0_names_the_worst_cause_and_what_is_done(window, desk):
    desk.feed(LineEvent(Line.PUBLIC, ConnectionState.LIVE, desk.clock.mono_ns(), 1))
    desk.judge(BTC)
    window.health.refresh()

    assert desk.stores.health.shown.level is HealthLevel.DEGRADED
    assert "DEGRADED" in window.health.level.text()
    assert "BTC/USD" in window.health.cause.text()
    assert "locked" in window.health.cause.text()
    cause = window.health.cause
    cause.resize(cause.fontMetrics().horizontalAdvance(cause.text()) - 5, cause.height())
    assert "locked" not in cause.painted()
    assert cause.painted().startswith(desk.stores.health.shown.cause)
    assert "for " in cause.painted()
