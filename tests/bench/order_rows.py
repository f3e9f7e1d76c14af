"""What an order costs on its way out, and what the journal costs.

An intent is on disk before its frame is written; the clock runs from the call behind the button to the frame on its
way into the socket. The embedded exchange with its whole market shares the loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from core.data.journal.journal import Journal
from core.data.journal.schema import MIGRATIONS
from core.domain.account import Balance
from core.domain.ids import Asset, ExecId, OrderId, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.orders import Fee, Fill, OrderRequest, OrderType, TimeInForce
from core.runtime.clock import SystemClock
from gui.qt_loop import QtLoop
from tests.bench.measure import ROUNDS, Goal, Row
from tests.helpers.terminal import BTC, Terminal, sim_exchange, terminal_on

ORDERS = 120
PAUSE_S = 0.4
"""An order counts one at Kraken, and about two and a half of them are forgiven a second."""

STEP = Decimal("0.0001")
NOTES = 3_000
TABLES = ("fills", "balances", "events")
START_NS = 1_767_225_600_000_000_000


class Wire:
    """Takes the place of a recorder: notes when each order's frame is written."""

    def __init__(self) -> None:
        self.written: dict[bytes, int] = {}

    def sent(self, line: object, epoch: int, mono_ns: int, wall_ns: int, frame: bytes) -> None:
        """A frame goes into its socket."""
        if b"add_order" in frame:
            self.written[frame] = time.perf_counter_ns()

    def took(self, *_: object) -> None:
        """What comes in is not of interest."""


async def click_to_wire() -> list[tuple[float, float | None]]:
    with tempfile.TemporaryDirectory() as home:
        async with sim_exchange() as exchange, terminal_on(exchange, Path(home)) as terminal:
            limits = replace(terminal.session.stores.risk.limits, submits=ORDERS)
            terminal.session.risk.set_limits(limits)
            times = [await one_order(terminal, number) for number in range(ORDERS)]
    times.sort()
    return [(times[len(times) * 99 // 100], None)]


async def one_order(terminal: Terminal, number: int) -> float:
    """Place an order that trades now or never, far from the market; return the ms until its frame was written."""
    session, wire = terminal.session, Wire()
    price = terminal.instrument.quantize_price(terminal.bid * (Decimal("0.99") - number * STEP), Side.BUY)
    request = OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=BTC,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=Decimal("0.01"),
        limit_price=price,
        time_in_force=TimeInForce.IOC,
    )
    session.lines.recorder = wire  # type: ignore[assignment]  # it is asked for these two only
    began = time.perf_counter_ns()
    await session.executor.submit(request)
    session.lines.recorder = None
    (written,) = wire.written.values()
    await asyncio.sleep(PAUSE_S)
    return (written - began) / 1_000_000


def measure_clicks() -> list[tuple[float, float | None]]:
    app = QApplication.instance() or QApplication(["bench"])
    with asyncio.Runner(loop_factory=lambda: QtLoop(app)) as runner:
        return runner.run(click_to_wire())


def fill(number: int) -> Fill:
    return Fill(
        exec_id=ExecId(f"T{number:06d}"),
        order_id=OrderId(f"O{number:06d}"),
        symbol=BTC,
        side=Side.BUY,
        qty=Decimal("0.01234567"),
        price=Decimal("61234.5"),
        cost=Decimal("755.9808"),
        fees=(Fee(Asset("USD"), Decimal("1.96555")),),
        liquidity="t",
        trade_id=number,
        ts=START_NS + number,
    )


async def journalled(path: Path) -> float:
    """Return rows a second, from the first note until all are on disk: a fill, a balance and an event each time."""
    clock = SystemClock()
    journal = Journal(path, clock)
    await journal.open()
    made = [(fill(number), Balance(asset=Asset("USD"), total=Decimal(number))) for number in range(NOTES)]
    try:
        began = time.perf_counter()
        for number, (one, balance) in enumerate(made):
            journal.note_fill(one)
            journal.note_balances([balance], START_NS + number)
            journal.note_event("order", "accepted", START_NS + number)
        await journal.flush()
        took_s = time.perf_counter() - began
    finally:
        await journal.close()
    return len(made) * len(TABLES) / took_s


def plain(journal: Path, path: Path) -> float:
    """Return rows a second of the very same rows, ready made, by an executemany a table in one transaction."""
    with closing(sqlite3.connect(path)) as connection, closing(sqlite3.connect(journal)) as source:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        for statement in (statement for statements in MIGRATIONS for statement in statements):
            connection.execute(statement)
        connection.commit()
        ready = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
        count = sum(len(rows) for rows in ready.values())
        if count < NOTES * len(TABLES):
            raise AssertionError(f"the journal holds only {count} rows")
        began = time.perf_counter()
        with connection:
            for table, rows in ready.items():
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        return count / (time.perf_counter() - began)


def measure_rows() -> list[tuple[float, float | None]]:
    pairs: list[tuple[float, float | None]] = []
    for number in range(ROUNDS + 1):
        with tempfile.TemporaryDirectory() as home:
            journal = Path(home, "journal.db")
            mine = asyncio.run(journalled(journal))
            theirs = plain(journal, Path(home, "plain.db"))
        if number:
            pairs.append((mine, theirs))
    return pairs


ROWS = [
    Row("click_to_wire_p99", "ms", Goal(10.0, at_least=False), measure_clicks),
    Row("journal_rows", "rows/s", Goal(0.5), measure_rows),
]
