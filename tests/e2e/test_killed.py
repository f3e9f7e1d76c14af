"""Row H1 for real: a process with a journal on disk is killed with its order on the way; another one takes over."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from core.domain.orders import OrderStatus
from tests.helpers.doomed import ready, session_on
from tests.helpers.outside import ROOT, exchange_outside
from tests.helpers.waiting import eventually


@pytest.fixture
async def endpoints(tmp_path: Path) -> AsyncIterator[Path]:
    async with exchange_outside(tmp_path) as file:
        yield file


async def killed(endpoints: Path, journal: Path, point: str, kind: str) -> str:
    """Run a terminal that dies with its order; return the order's id."""
    cl_ord_id = str(uuid4())
    what = ["-m", "tests.helpers.doomed", str(endpoints), str(journal), point, kind, cl_ord_id]
    process = await asyncio.create_subprocess_exec(sys.executable, *what, cwd=ROOT, stderr=PIPE)
    _, told = await process.communicate()
    assert process.returncode == -signal.SIGKILL, told.decode()
    return cl_ord_id


@pytest.mark.parametrize(("kind", "status"), [("market", OrderStatus.FILLED), ("limit", OrderStatus.NEW)])
async def test_h1_killed_with_the_order_at_the_exchange_the_next_start_finds_it_once(
    endpoints, tmp_path, kind, status, expect_logs
):
    journal = tmp_path / "journal.sqlite"
    cl_ord_id = await killed(endpoints, journal, "after", kind)

    session = session_on(endpoints, journal)
    await session.start()
    try:
        await ready(session)
        orders = session.stores.orders
        await eventually(lambda: orders.get(cl_ord_id).status is status, timeout_s=20)

        assert [order.cl_ord_id for order in orders.all()] == [cl_ord_id]
        assert len(session.stores.fills.all()) >= (kind == "market")
        assert sum(fill.qty for fill in session.stores.fills.all()) == orders.get(cl_ord_id).cum_qty
    finally:
        await session.stop()


async def test_h1_killed_before_the_order_left_the_next_start_has_it_in_doubt_and_sends_nothing(
    endpoints, tmp_path
):
    journal = tmp_path / "journal.sqlite"
    cl_ord_id = await killed(endpoints, journal, "before", "market")

    session = session_on(endpoints, journal)
    await session.start()
    try:
        await ready(session)

        assert session.stores.orders.get(cl_ord_id).status is OrderStatus.IN_DOUBT
        assert session.stores.fills.all() == []
    finally:
        await session.stop()
