"""Row L10 of the fault catalogue: thousands of messages a second on real sockets, shown in the real window.

The exchange is another process. STORM_S=60 (``make storm N=60``) blows for so many seconds and prints its figures.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from core.app.venue import open_venue
from core.domain.health import BookState, ConnectionState
from core.domain.ids import Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import CancelRequest, OrderRequest, OrderStatus, OrderType
from core.processing.channel_store import ChannelState
from core.processing.health_store import HealthLevel
from core.runtime.clock import SystemClock
from tests.helpers.desk import Desk, open_desk
from tests.helpers.storm import stormy_exchange
from tests.helpers.waiting import eventually

pytestmark = [pytest.mark.qt]

BTC = Symbol("BTC/USD")
RATE = 5_000
STORM_S = float(os.environ.get("STORM_S", "3"))
ORDERS = 4
"""Fewer than what stops a trader who sends too many in ten seconds."""

GROWTH_BYTES = 64 << 20
RED_LINES = {ConnectionState.STALE, ConnectionState.BACKOFF, ConnectionState.CONNECTING}
RED_CHANNELS = {ChannelState.STALE, ChannelState.RESYNCING, ChannelState.REFUSED}


class Watch:
    """Looks at everything that could turn red, all the time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.red: set[str] = set()
        self.rate_ps = 0.0
        self.queue = 0
        self.behind_ns = 0
        self.acks_ms: list[float] = []

    def look(self) -> bool:
        session, stores = self._desk.session, self._desk.session.stores
        self.red |= {
            f"{status.line.name} {status.state.name}"
            for status in map(session.lines.status, session.lines.lines)
            if status.state in RED_LINES
        }
        self.red |= {
            f"{row.sub.channel} {row.sub.symbol} {row.state.value} {row.reason}"
            for row in stores.channels.all()
            if row.state in RED_CHANNELS
        }
        if stores.health.account_doubt:
            self.red.add(stores.health.account_doubt)
        if stores.health.shown.level is HealthLevel.BLIND:
            self.red.add(stores.health.shown.cause)
        self.rate_ps = max(self.rate_ps, stores.performance.messages_per_s)
        self.queue = max(self.queue, session.lines.inbox.size)
        self.behind_ns = max(self.behind_ns, stores.performance.behind_ns)
        return False


async def order_and_cancel(desk: Desk, watch: Watch, qty: Decimal) -> None:
    """A limit order goes out, rests, and is cancelled, each within a second or two."""
    stores, executor = desk.session.stores, desk.session.executor
    await eventually(lambda: watch.look() or stores.is_tradable(BTC), 20)
    view, instrument = stores.books.view(BTC), stores.instruments.get(BTC)
    price = instrument.quantize_price(view.best_bid[0] * 97 / 100, Side.BUY)
    began = time.perf_counter()
    order = await executor.submit(
        OrderRequest(
            cl_ord_id=new_cl_ord_id(),
            symbol=BTC,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            qty=qty,
            limit_price=price,
        )
    )

    def known():
        return stores.orders.get(order.cl_ord_id)

    await eventually(lambda: watch.look() or known().status is OrderStatus.NEW, 5)
    watch.acks_ms.append((time.perf_counter() - began) * 1e3)
    await executor.cancel(CancelRequest(order_id=known().order_id, cl_ord_id=order.cl_ord_id))
    await eventually(lambda: watch.look() or known().status is OrderStatus.CANCELED, 5)


def shown(desk: Desk, name: str) -> str:
    """How a figure of the dashboard reads now."""
    dashboard = desk.window.dashboard
    dashboard.refresh()
    return next(text for grid in (dashboard.indicators, dashboard.own) if (text := grid.text_of(name)))


def green(desk: Desk) -> bool:
    stores = desk.session.stores
    books = [stores.books.view(symbol) for symbol in stores.books.symbols()]
    return (
        stores.health.shown.level is HealthLevel.SAFE
        and all(view is not None and view.state is BookState.LIVE for view in books)
        and all(row.trusted for row in stores.channels.all())
    )


@pytest.mark.timeout(STORM_S * 4 + 90)
async def test_l10_a_storm_of_5000_messages_a_second_turns_nothing_red_and_lets_orders_pass(qtbot, tmp_path):
    async with stormy_exchange(tmp_path) as storm, open_desk(venue_at=of(storm.endpoints_file)) as desk:
        await desk.ready()
        desk.window.show_health()
        await eventually(lambda: green(desk), 30)
        stores, watch = desk.session.stores, Watch(desk)
        epochs = [desk.session.lines.status(line).epoch for line in desk.session.lines.lines]
        told, rss, began = stores.health.messages["ticker"], stores.performance.rss_bytes, time.monotonic()
        blowing = asyncio.create_task(storm.blow(RATE, STORM_S), name="storm")

        for number in range(1, ORDERS + 1):
            await order_and_cancel(desk, watch, Decimal(number) / 100)
        await eventually(lambda: watch.look() or blowing.done(), STORM_S * 3)
        told_rate = shown(desk, "Messages")
        sent, took_s = blowing.result(), time.monotonic() - began
        assert told_rate == f"{stores.performance.messages_per_s:.0f} /s"
        assert shown(desk, "Loop lag p99") not in {"", "–"}
        await eventually(lambda: watch.look() or stores.health.messages["ticker"] - told >= sent, 20)

        assert sent == RATE * STORM_S
        report(desk, watch, took_s)
        assert watch.red == set()
        assert [desk.session.lines.status(line).epoch for line in desk.session.lines.lines] == epochs
        for symbol in stores.books.symbols():
            view = stores.books.view(symbol)
            assert (view.checksum_failed, view.resyncs) == (0, 0)
            assert view.checksum_ok > 0
        await eventually(lambda: green(desk), 10)
        assert stores.performance.rss_bytes - rss < GROWTH_BYTES


def of(endpoints_file: Path):
    """The wild exchange as the program opens one that somebody else runs."""
    return open_venue(
        Mode.DEMO,
        clock=SystemClock(),
        seed=7,
        speed=1.0,
        endpoints_file=endpoints_file,
        profile="default",
    )


def report(desk: Desk, watch: Watch, took_s: float) -> None:
    """Print the figures of the run."""
    lag = desk.session.stores.performance.loop_lag
    sys.stderr.write(
        f"\nstorm of {took_s:.1f} s: shown {watch.rate_ps:.0f} messages/s at most, queue {watch.queue} and "
        f"{watch.behind_ns / 1e6:.0f} ms behind at most, "
        f"loop lag p99 {lag.percentile(99) / 1e6:.1f} ms, max {lag.maximum / 1e6:.0f} ms, "
        f"order to acknowledgement {max(watch.acks_ms):.0f} ms at most\n"
    )
