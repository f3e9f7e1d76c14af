"""The dead-man's switch on the embedded exchange: armed by consent, renewed by a healthy loop, honest when it fired."""

from __future__ import annotations

import time
from functools import partial

import pytest

from core.app.dead_man import DeadMan, DeadManState
from core.domain.orders import OrderStatus
from tests.helpers.terminal import sim_exchange, terminal_on
from tests.helpers.waiting import eventually

NS = 1_000_000_000


def quick(session, timeout_s=3):
    """A switch of 3 s, renewed every half second."""
    session.dead_man = DeadMan(
        session.stores,
        session.lines,
        session.rest,
        session.journal,
        session.clock,
        session.exchange_ns,
        lambda source, text: session.stores.health.note(session.clock.wall_ns(), source, text),
        timeout_s=timeout_s,
        renew_ns=NS // 2,
        tick_s=0.1,
    )


@pytest.fixture
async def exchange():
    async with sim_exchange() as exchange:
        yield exchange


async def test_nothing_is_armed_without_being_asked(exchange, tmp_path):
    async with terminal_on(exchange, tmp_path, quick) as terminal:
        assert terminal.session.dead_man.state is DeadManState.OFF
        assert terminal.session.dead_man.seconds_left() is None
    assert exchange.received("cancel_all_orders_after") == 0


async def test_it_is_renewed_while_the_program_lives_and_orders_live_on(exchange, tmp_path):
    async with terminal_on(exchange, tmp_path, quick) as terminal:
        order = await terminal.rest_order()
        await terminal.session.dead_man.arm()
        assert [one.cl_ord_id for one in terminal.session.dead_man.would_cancel()] == [order.cl_ord_id]

        began = time.monotonic()
        await eventually(lambda: time.monotonic() - began > 4, timeout_s=10)

        assert terminal.session.dead_man.state is DeadManState.ARMED
        assert 0 < terminal.session.dead_man.seconds_left() <= 3.1
        assert terminal.session.stores.orders.get(order.cl_ord_id).status is OrderStatus.NEW
        await terminal.session.dead_man.disarm()
        assert terminal.session.dead_man.state is DeadManState.OFF
    assert exchange.received("cancel_all_orders_after") >= 5


async def test_when_it_fired_it_says_what_it_cancelled_and_is_not_armed_again(exchange, tmp_path):
    async with terminal_on(exchange, tmp_path, quick) as terminal:
        order = await terminal.rest_order()
        await terminal.session.dead_man.arm()
        exchange.faults.lose_request(method=("cancel_all_orders_after", "CancelAllOrdersAfter"), times=None)

        await eventually(lambda: terminal.session.dead_man.state is DeadManState.FIRED, timeout_s=15)
        await eventually(lambda: terminal.session.dead_man.fired, timeout_s=5)

        assert [one.cl_ord_id for one in terminal.session.dead_man.fired] == [order.cl_ord_id]
        assert terminal.session.stores.orders.get(order.cl_ord_id).status is OrderStatus.CANCELED
        notes = [e.text for e in terminal.session.stores.health.events if e.source == "dead-man"]
        assert any("FIRED" in text for text in notes)
        assert terminal.session.dead_man.seconds_left() is None


async def test_a_loop_that_stands_still_does_not_renew(exchange, tmp_path):
    # Long enough that a busy machine does not let it fire.
    async with terminal_on(exchange, tmp_path, partial(quick, timeout_s=30)) as terminal:
        await terminal.session.dead_man.arm()
        before = exchange.received("cancel_all_orders_after")

        time.sleep(1.3)  # noqa: ASYNC251 - the very thing

        assert exchange.received("cancel_all_orders_after") <= before + 1
        await eventually(lambda: exchange.received("cancel_all_orders_after") > before + 1, timeout_s=5)
        await terminal.session.dead_man.disarm()


async def test_a_restart_knows_of_it_and_does_not_renew_by_itself(exchange, tmp_path):
    async with terminal_on(exchange, tmp_path, quick) as terminal:
        terminal.session.dead_man.timeout_s = 30
        await terminal.session.dead_man.arm()
    async with terminal_on(exchange, tmp_path, quick) as terminal:
        assert terminal.session.dead_man.state is DeadManState.LEFT
        assert terminal.session.dead_man.seconds_left() > 5
        await terminal.session.dead_man.disarm()
    async with terminal_on(exchange, tmp_path, quick) as terminal:
        assert terminal.session.dead_man.state is DeadManState.OFF


async def test_it_is_paused_for_maintenance_and_armed_again_after(exchange, tmp_path, log_guard):
    log_guard.allow("core")
    async with terminal_on(exchange, tmp_path, quick) as terminal:
        await terminal.session.dead_man.arm()

        exchange.engine.set_status("maintenance")
        await eventually(lambda: terminal.session.dead_man.state is DeadManState.PAUSED, timeout_s=10)
        exchange.engine.set_status("online")

        await eventually(lambda: terminal.session.dead_man.state is DeadManState.ARMED, timeout_s=20)
        await terminal.session.dead_man.disarm()
