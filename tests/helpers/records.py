"""Orders, reports and fills as tests need them, and a journal opened for the length of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.data.journal.journal import Journal
from core.domain.ids import Asset, ClOrdId, ExecId, OrderId, Symbol, new_cl_ord_id
from core.domain.instrument import Side
from core.domain.orders import Fee, Fill, OrderReport, OrderRequest, OrderType
from core.runtime.clock import MANUAL_START_NS, ManualClock, SystemClock

SYMBOL = Symbol("BTC/USD")
ORDER_ID = OrderId("OAAAAA-BBBBB-CCCCCC")


def buy(cl_ord_id: str = "", **fields: Any) -> OrderRequest:
    """A limit buy of 0.5 BTC at 100."""
    given = {"qty": Decimal("0.5"), "limit_price": Decimal("100"), "order_type": OrderType.LIMIT, **fields}
    return OrderRequest(
        cl_ord_id=ClOrdId(cl_ord_id) if cl_ord_id else new_cl_ord_id(), symbol=SYMBOL, side=Side.BUY, **given
    )


def report(exec_type: str, order_id: str = ORDER_ID, **fields: Any) -> OrderReport:
    """What the exchange says of one order."""
    return OrderReport(order_id=OrderId(order_id), exec_type=exec_type, **fields)


def fill(exec_id: str = "TAAAAA", qty: str = "0.5", **fields: Any) -> Fill:
    """An execution at 100 with a fee of 0.1 USD."""
    amount = Decimal(qty)
    given = {
        "order_id": ORDER_ID,
        "fees": (Fee(Asset("USD"), Decimal("0.1")),),
        "ts": MANUAL_START_NS,
        **fields,
    }
    return Fill(
        exec_id=ExecId(exec_id),
        symbol=SYMBOL,
        side=Side.BUY,
        qty=amount,
        price=Decimal(100),
        cost=amount * 100,
        **given,
    )


@asynccontextmanager
async def open_journal(path: Path, clock: ManualClock | SystemClock | None = None) -> AsyncIterator[Journal]:
    """A journal impatient enough for tests: locks are waited for 50 ms, trouble is looked at every 50 ms."""
    journal = Journal(path, clock or ManualClock(), busy_s=0.05, probe_s=0.05)
    await journal.open()
    try:
        yield journal
    finally:
        await journal.close()
