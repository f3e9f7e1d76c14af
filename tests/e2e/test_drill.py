"""Every fire drill against the real exchange: found in time, orders safe, healed."""

from __future__ import annotations

import pytest

from core.app.drill import SCENARIOS, FireDrill
from core.domain.instrument import Side
from core.processing.health_store import HealthLevel
from tests.helpers.recorded import BTC, recorded_terminal
from tests.helpers.waiting import eventually

QUICK = [one for one in SCENARIOS if not one.asks_order]


@pytest.mark.parametrize("scenario", QUICK, ids=lambda one: one.key)
async def test_a_drill_is_found_in_time_and_heals(tmp_path, scenario, log_guard):
    for name in ("core.app", "core.data", "asyncio"):
        log_guard.allow(name)
    async with recorded_terminal(tmp_path) as live:
        await live.ready()
        session = live.session
        await eventually(lambda: session.stores.health.shown.level is HealthLevel.SAFE, timeout_s=10)
        drill = FireDrill(live.exchange.faults, session.stores, session.clock, session.reconcile)

        done = await drill.run(scenario, BTC)

        seen = f"found {done.found_s} healed {done.healed_s} unlocked {done.unlocked} {done.troubles}"
        assert done.in_time, seen
        assert done.score == 100, seen


async def test_late_answers_leave_one_order_and_the_drill_says_what_the_user_did(tmp_path, log_guard):
    log_guard.allow("core")
    scenario = next(one for one in SCENARIOS if one.asks_order)
    async with recorded_terminal(tmp_path) as live:
        await live.ready()
        session = live.session
        drill = session.drill = FireDrill(
            live.exchange.faults, session.stores, session.clock, session.reconcile
        )
        running = session._tasks.spawn(drill.run(scenario, BTC), name="drill")

        await eventually(lambda: drill.running)
        session.note_input("submit buy 0.01 BTC/USD market")
        await live.order(Side.BUY, "0.01")
        drill.end_early()
        done = await running

        assert done.was_exercised
        assert done.score == 100, done
        assert len(session.stores.orders.all()) == 1
        assert done.inputs == ["submit buy 0.01 BTC/USD market"]
