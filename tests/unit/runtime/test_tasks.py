import asyncio

import pytest

from core.runtime.clock import ManualClock
from core.runtime.tasks import Failure, RestartPolicy, Supervisor, cancel_and_wait
from tests.helpers.waiting import eventually

AT_ONCE = RestartPolicy(first_s=0.0, longest_s=0.0)
LOGGER = "core.runtime.tasks"


async def fail(text="broken"):
    raise ValueError(text)


async def test_a_spawned_task_has_its_name_and_gives_its_result():
    async def answer():
        return 42

    async with Supervisor() as tasks:
        task = tasks.spawn(answer(), name="asking")

        assert tasks.names == ["asking"]
        assert await task == 42
        assert task.get_name() == "asking"
    assert tasks.names == []


async def test_a_failed_task_is_logged_counted_and_told(expect_logs):
    expect_logs(LOGGER, "task failed name=doomed")
    heard: list[Failure] = []

    async with Supervisor(on_failure=heard.append) as tasks:
        result = await tasks.spawn(fail(), name="doomed")

    assert result is None
    assert tasks.failures == {"doomed": 1}
    assert [(failure.name, str(failure.error), failure.count) for failure in heard] == [
        ("doomed", "broken", 1)
    ]


async def test_one_failing_task_leaves_the_others_running(expect_logs):
    expect_logs(LOGGER, "task failed")

    async with Supervisor() as tasks:
        tasks.spawn(asyncio.sleep(60), name="patient")
        await tasks.spawn(fail(), name="doomed")

        assert tasks.names == ["patient"]


async def test_g2_a_kept_task_starts_again_until_it_ends_well(expect_logs):
    expect_logs(LOGGER, "task died, starts again name=line")
    runs: list[int] = []

    async def line():
        runs.append(1)
        if len(runs) < 4:
            raise OSError("lost")

    async with Supervisor() as tasks:
        await tasks.keep(line, name="line", policy=AT_ONCE)

    assert len(runs) == 4
    assert tasks.failures == {"line": 3}


async def test_a_kept_task_that_is_cancelled_does_not_start_again():
    runs: list[int] = []

    async def line():
        runs.append(1)
        await asyncio.sleep(60)

    async with Supervisor() as tasks:
        task = tasks.keep(line, name="line", policy=AT_ONCE)
        await eventually(lambda: runs)
        task.cancel()
        await eventually(task.done)

    assert task.cancelled()
    assert len(runs) == 1


async def test_a_kept_task_that_fails_while_stopping_does_not_start_again(expect_logs):
    expect_logs(LOGGER, "failed while it was stopped name=clumsy")
    runs: list[int] = []

    async def clumsy():
        runs.append(1)
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError("could not tidy up")

    tasks = Supervisor()
    tasks.keep(clumsy, name="clumsy", policy=AT_ONCE)
    await eventually(lambda: runs)
    late = await tasks.stop()

    assert late == []
    assert len(runs) == 1


def test_pauses_double_up_to_the_longest():
    delays = RestartPolicy(first_s=1.0, longest_s=5.0).delays()

    assert [next(delays) for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]


async def test_a_long_good_run_makes_the_next_pause_short_again(expect_logs):
    expect_logs(LOGGER, r"in_s=0\.0")
    clock = ManualClock()
    runs: list[int] = []

    async def line():
        runs.append(1)
        if len(runs) > 2:
            return
        clock.advance(s=31)
        raise OSError("lost")

    async with Supervisor(clock=clock) as tasks:
        # Were the streak not forgotten, the second pause would be an hour.
        await tasks.keep(
            line, name="line", policy=RestartPolicy(first_s=0.0, longest_s=3600.0, stable_s=30.0)
        )

    assert len(runs) == 3


async def test_stopping_names_the_tasks_that_do_not_end(expect_logs):
    expect_logs(LOGGER, "did not end in time .*names=stubborn")
    release = asyncio.Event()
    begun = asyncio.Event()

    async def stubborn():
        while not release.is_set():
            begun.set()
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    tasks = Supervisor()
    task = tasks.spawn(stubborn(), name="stubborn")
    tasks.spawn(asyncio.sleep(60), name="obedient")
    await begun.wait()
    late = await tasks.stop(timeout_s=0.05)

    assert late == ["stubborn"]
    release.set()
    await task


async def test_nothing_starts_once_the_supervisor_stops():
    tasks = Supervisor("house")
    await tasks.stop()

    with pytest.raises(RuntimeError, match="house is stopping; late was not started"):
        tasks.spawn(asyncio.sleep(1), name="late")
    with pytest.raises(RuntimeError, match="late"):
        tasks.keep(lambda: asyncio.sleep(1), name="late")


async def test_a_task_stopped_before_its_first_step_leaves_no_warning():
    tasks = Supervisor()

    tasks.spawn(asyncio.sleep(60), name="unborn")

    assert await tasks.stop() == []


async def test_a_task_may_stop_its_own_supervisor():
    tasks = Supervisor()
    tasks.spawn(asyncio.sleep(60), name="other")

    assert await tasks.spawn(tasks.stop(), name="closing") == []
    assert tasks.names == []


async def test_cancelling_nothing_returns_at_once():
    assert await cancel_and_wait([]) == []
