"""The pre-flight of a live session against real sockets: locked, checked, open (product S6)."""

from __future__ import annotations

import pytest

from core.app.preflight import LOCK, CheckState
from core.domain.errors import RiskRejected
from core.domain.mode import Mode
from core.processing.health_store import HealthStore
from tests.helpers.terminal import sim_exchange, terminal_on
from tests.helpers.waiting import eventually


async def test_live_trading_is_locked_until_every_check_has_passed(tmp_path, expect_logs):
    expect_logs("core.app.live_guard", "address list")
    seen = []

    def prepare(session):
        seen.append(set(session.stores.health.locks))
        seen.append({check.state for check in session.preflight.checks()})

    async with sim_exchange() as exchange, terminal_on(exchange, tmp_path, prepare, mode=Mode.LIVE) as desk:
        session = desk.session
        health: HealthStore = session.stores.health
        assert seen == [{"live", "key", LOCK}, {CheckState.WAITING}]

        await eventually(lambda: session.preflight.is_done, timeout_s=10)

        assert {check.name: check.state for check in session.preflight.checks()} == dict.fromkeys(
            (
                "key",
                "clock",
                "market lines",
                "account lines",
                "instruments",
                "open orders",
                "balances",
                "exchange",
            ),
            CheckState.PASSED,
        )
        assert set(health.locks) == {"live"}
        with pytest.raises(RiskRejected):
            await desk.rest_order()
        assert session.live.confirm("LIVE")
        await desk.rest_order()


async def test_a_check_that_fails_keeps_the_lock_and_a_reason_opens_it_and_is_journalled(
    tmp_path, expect_logs
):
    expect_logs("core.app.live_guard", "address list")
    async with sim_exchange() as exchange:
        exchange.engine.set_status("post_only")
        async with terminal_on(exchange, tmp_path, mode=Mode.LIVE) as desk:
            preflight, health = desk.session.preflight, desk.session.stores.health
            states = {check.name: check for check in preflight.checks()}
            assert states["exchange"].state is CheckState.FAILED
            assert "post_only" in states["exchange"].text
            preflight.look()
            assert LOCK in health.locks

            assert not preflight.trade_anyway("  just  ")
            assert LOCK in health.locks
            assert preflight.trade_anyway("only resting orders today")
            assert LOCK not in health.locks
            notes = [entry.text for entry in health.events if "only resting orders today" in entry.text]
            assert notes
            assert "exchange" in notes[0]
