"""One check of a new order at the gate: book and orders just changed, fifty open orders, known habits; 99th percentile.

Processor time, so that a busy machine does not count as a slow check.
"""

from __future__ import annotations

import time
from decimal import Decimal

from core.app.risk import RiskManager
from core.domain.account import Balance
from core.domain.events import PongEvent
from core.domain.health import Line
from core.domain.ids import Asset, OrderId, Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.orders import OrderReport, OrderRequest, OrderStatus, OrderType
from core.processing.stores import Stores
from core.runtime.clock import SystemClock
from tests.bench.measure import ROUNDS, Goal, Row
from tests.bench.ours import OurTerminal
from tests.bench.trace import BTC, book_trace

CHECKS = 2_000
DEPTH = 100
OPEN_ORDERS = 50
LIMIT_US = 200.0
SYMBOL = Symbol(BTC.symbol)


def measure() -> list[tuple[float, float | None]]:
    trace = book_trace(DEPTH, CHECKS)
    times = []
    for _ in range(ROUNDS):
        terminal = OurTerminal.for_book(trace)
        terminal.run_books(trace.frames[:1])
        risk = desk(terminal.stores)
        lasted = sorted(
            _check(terminal, risk, frame, number) for number, frame in enumerate(trace.frames[1:])
        )
        times.append((lasted[len(lasted) * 99 // 100] / 1_000, None))
    return times


def desk(stores: Stores) -> RiskManager:
    """An account that may trade, with open orders far from the market."""
    owned = [Balance(asset=Asset(asset), total=Decimal(10_000_000)) for asset in ("USD", "BTC")]
    stores.balances.apply_snapshot(owned)
    stores.performance.pong(PongEvent(Line.PUBLIC, 20_000_000, 0, 0, 10_000_000))
    stores.health.system = "online"
    stores.health.verified_account()
    for number in range(OPEN_ORDERS):
        stores.orders.report(resting(number))
    risk = RiskManager(stores, SystemClock())
    for _ in range(OPEN_ORDERS):
        risk.habits.learn(SYMBOL, Decimal("0.01"), rested=True)
    return risk


def resting(number: int, ts: int = 0) -> OrderReport:
    return OrderReport(
        order_id=OrderId(f"O{number}"),
        exec_type="new",
        status=OrderStatus.NEW,
        symbol=SYMBOL,
        side=Side.BUY if number % 2 else Side.SELL,
        order_type=OrderType.LIMIT,
        qty=Decimal("0.01"),
        limit_price=Decimal(1_000 + number if number % 2 else 900_000 + number),
        ts=ts,
    )


def _check(terminal: OurTerminal, risk: RiskManager, frame: bytes, number: int) -> int:
    terminal.run_books([frame])
    terminal.stores.orders.report(resting(number % OPEN_ORDERS, ts=number))
    side = Side.BUY if number % 2 else Side.SELL
    market = number % 3 == 0
    view = terminal.stores.books.view(SYMBOL)
    assert view is not None
    touch = view.best_bid if side is Side.BUY else view.best_ask
    assert touch is not None
    request = OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=SYMBOL,
        side=side,
        order_type=OrderType.MARKET if market else OrderType.LIMIT,
        qty=Decimal("0.01"),
        limit_price=None if market else touch[0],
    )
    started = time.thread_time_ns()
    findings = risk.assess(request)
    lasted = time.thread_time_ns() - started
    if any(finding.severity > 2 and finding.field != "qty" for finding in findings):
        raise AssertionError(f"an ordinary order was blocked: {findings}")
    return lasted


ROWS = [Row("risk_check_p99", "µs", Goal(LIMIT_US, at_least=False), measure)]
