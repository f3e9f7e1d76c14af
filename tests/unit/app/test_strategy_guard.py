"""A step that does not end is broken off inside, and nothing outside of it is ever hit."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from core.app.strategy_guard import HeldTheLoop, StepGuard, guarded
from core.runtime.clock import NS_PER_MS, SystemClock


@pytest.fixture
def guard():
    guard = StepGuard(SystemClock(), 100 * NS_PER_MS)
    guard.start()
    yield guard
    guard.stop()


def spin(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


async def test_an_endless_loop_is_broken_off(guard):
    async def loops():
        await asyncio.sleep(0)
        spin(60)

    began = time.monotonic()
    with pytest.raises(HeldTheLoop):
        await guarded(loops(), guard)

    assert time.monotonic() - began < 1


async def test_a_broad_except_does_not_save_it(guard):
    async def hides():
        while True:
            with contextlib.suppress(Exception):
                spin(60)

    with pytest.raises(HeldTheLoop):
        await guarded(hides(), guard)


async def test_a_step_that_slept_in_the_system_is_caught_when_it_returns(guard):
    async def sleeps():
        time.sleep(0.3)  # noqa: ASYNC251 - the very thing

    with pytest.raises(HeldTheLoop):
        await guarded(sleeps(), guard)


async def test_long_waiting_is_no_holding(guard):
    async def waits():
        for _ in range(3):
            await asyncio.sleep(0.06)
        return "done"

    assert await guarded(waits(), guard) == "done"


async def test_what_it_raises_returns_and_is_thrown_passes_through(guard):
    async def fails():
        await asyncio.sleep(0)
        raise KeyError("x")

    async def is_cancelled():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "cleaned"

    with pytest.raises(KeyError):
        await guarded(fails(), guard)
    task = asyncio.ensure_future(guarded(is_cancelled(), guard))
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "cleaned"


async def test_steps_that_end_at_their_limit_never_leave_anything_behind(guard):
    async def close_to_the_limit():
        spin(0.1)

    for _ in range(20):
        with contextlib.suppress(HeldTheLoop):
            await guarded(close_to_the_limit(), guard)
        spin(0.02)  # what is raised too late would strike here
