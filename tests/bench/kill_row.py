"""The kill switch in a storm: from the click to the moment the exchange has the cancel in hand.

The exchange is another process, on real sockets, and sends 5,000 messages a second more than its market's own; the
terminal is whole, window included. Each click is put into the event queue by a thread, at a moment that knows nothing
of what the loop is doing, so what the click waits for there is counted. So is the wait in the exchange's own loop.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton

from core.app.venue import Venue, open_venue
from core.domain.ids import Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.mode import Mode
from core.domain.orders import OrderRequest, OrderStatus, OrderType
from core.domain.subscription import book
from core.runtime.clock import SystemClock
from core.runtime.paths import HOME_VARIABLE
from gui.qt_loop import QtLoop
from gui.theme import apply_theme
from tests.bench.measure import Goal, Row
from tests.helpers.desk import Desk, open_desk
from tests.helpers.storm import Storm, stormy_exchange
from tests.helpers.waiting import eventually

RATE = 5_000
KILLS = 200
EVERY_S = 0.5
"""An order and its end by cancel-all cost its pair two points; between two of them as many are forgiven."""

MOST_S = 0.050
SYMBOLS = (Symbol("BTC/USD"), Symbol("ETH/USD"))
LIMIT_MS = 50.0
NS_PER_MS = 1_000_000


async def kills(home: Path) -> list[float]:
    """Return what each kill took, ms."""
    async with stormy_exchange(home) as storm, open_desk(venue_at=stormy(storm)) as desk:
        await desk.ready()
        for symbol in SYMBOLS:
            desk.session.market_data.watch(book(symbol, 10))
        desk.window.show_limits()
        limits = desk.session.stores.risk.limits
        desk.session.risk.set_limits(replace(limits, submits=KILLS))
        await eventually(lambda: all(map(desk.session.stores.is_tradable, SYMBOLS)), 30)
        messages = desk.session.stores.health.messages
        told = messages["ticker"]
        storming = asyncio.create_task(storm.blow(RATE, KILLS * EVERY_S), name="storm")
        clicks = [await one_kill(desk, SYMBOLS[number % 2]) for number in range(KILLS)]
        if storming.done():
            raise AssertionError("the storm was over before the last kill")
        sent = await storming
        await eventually(lambda: messages["ticker"] - told >= sent, 20)
    return [(arrival(storm, click) - click) / NS_PER_MS for click in clicks]


def stormy(storm: Storm) -> AbstractAsyncContextManager[Venue]:
    return open_venue(
        Mode.DEMO,
        clock=SystemClock(),
        seed=7,
        speed=1.0,
        endpoints_file=storm.endpoints_file,
        profile="default",
    )


async def one_kill(desk: Desk, symbol: Symbol) -> int:
    """Rest an order, click, see it cancelled and the switch on, let go of it; return when the click was made."""
    began, stores = time.monotonic(), desk.session.stores
    await eventually(lambda: stores.is_tradable(symbol), 5)
    order = await desk.session.executor.submit(far_away(desk, symbol))
    await eventually(lambda: stores.orders.get(order.cl_ord_id).status is OrderStatus.NEW)
    click = await asyncio.to_thread(pressed, desk.window.limits.kill)
    await eventually(lambda: stores.orders.get(order.cl_ord_id).status is OrderStatus.CANCELED)
    if not stores.risk.killed:
        raise AssertionError("the switch is not on")
    await eventually(lambda: not desk.window.commands._bridge.running)
    desk.window.commands.release()
    await asyncio.sleep(max(0.0, began + EVERY_S * 0.95 - time.monotonic()))
    return click


def far_away(desk: Desk, symbol: Symbol) -> OrderRequest:
    view, instrument = desk.session.stores.books.view(symbol), desk.session.stores.instruments.get(symbol)
    assert view is not None
    assert view.best_bid is not None
    assert instrument is not None
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=symbol,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=instrument.qty_min * 10 + instrument.qty_increment * random.randrange(100),
        limit_price=instrument.quantize_price(view.best_bid[0] * Decimal("0.97"), Side.BUY),
    )


def pressed(button: QPushButton) -> int:
    """Click it from a thread that waits for nothing; return the monotonic ns before."""
    time.sleep(random.random() * MOST_S)
    began = time.monotonic_ns()
    at, left, none = QPointF(5, 5), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for kind, held in (
        (QEvent.Type.MouseButtonPress, left),
        (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
    ):
        QCoreApplication.postEvent(button, QMouseEvent(kind, at, at, left, held, none))
    return began


def arrival(storm: Storm, click: int) -> int:
    """Return when the first cancel-all after a click came in."""
    return next(at for at in storm.cancels_ns if at >= click)


@contextmanager
def home_in(folder: str) -> Iterator[None]:
    """Let the program live in this folder."""
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = folder
    try:
        yield
    finally:
        os.environ.pop(HOME_VARIABLE)
        if before is not None:
            os.environ[HOME_VARIABLE] = before


def measure() -> list[tuple[float, float | None]]:
    app = QApplication.instance() or QApplication(["bench"])
    app.setQuitOnLastWindowClosed(False)
    apply_theme(app)
    with (
        tempfile.TemporaryDirectory() as home,
        home_in(home),
        asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner,
    ):
        times = sorted(runner.run(kills(Path(home))))
    return [(times[(len(times) * 99 - 1) // 100], None)]


ROWS = [Row("kill_to_wire_p99", "ms", Goal(LIMIT_MS, at_least=False), measure)]
