"""Row H6: the computer gives no file handles any more, and gives them again."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.domain.errors import NotSent, OutcomeUnknown, RiskRejected
from core.domain.health import ConnectionState, Line
from core.domain.ids import new_cl_ord_id
from core.domain.orders import OrderStatus
from core.processing.health_store import HealthLevel
from tests.helpers.doomed import BTC, order, ready, session_on
from tests.helpers.outside import exchange_outside
from tests.helpers.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")


@contextmanager
def no_handles() -> Iterator[None]:
    """Let the process open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # the three that every process has
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_h6_without_file_handles_it_says_so_keeps_every_order_and_heals(tmp_path, log_guard):
    log_guard.allow("core")  # whoever cannot connect says so, as often as he tries
    async with exchange_outside(tmp_path) as endpoints:
        session = session_on(endpoints, tmp_path / "journal.sqlite")
        await session.start()
        try:
            await ready(session)
            stores, health = session.stores, session.stores.health
            resting = await session.executor.submit(order("limit", new_cl_ord_id(), session))
            await eventually(lambda: stores.orders.get(resting.cl_ord_id).status is OrderStatus.NEW)

            another = order("limit", new_cl_ord_id(), session)
            with no_handles():
                for line in session.lines.lines:
                    session.lines.connection(line).drop("cut by the test")
                await eventually(
                    lambda: "open files" in session.lines.status(Line.PUBLIC).reason, timeout_s=20
                )
                await eventually(lambda: health.shown.level is HealthLevel.BLIND, timeout_s=10)
                with pytest.raises((NotSent, RiskRejected, OutcomeUnknown)):
                    await session.executor.submit(another)
                assert stores.orders.get(resting.cl_ord_id).status is OrderStatus.NEW

            await eventually(
                lambda: all(
                    session.lines.status(line).state is ConnectionState.LIVE
                    for line in (Line.PUBLIC, Line.PRIVATE)
                ),
                timeout_s=60,
            )
            await eventually(lambda: stores.is_tradable(BTC) and not health.account_doubt, timeout_s=30)
            assert [one.cl_ord_id for one in stores.orders.open(BTC)] == [resting.cl_ord_id]
        finally:
            await session.stop()
