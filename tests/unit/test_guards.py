"""The guards of conftest themselves: a guard that never barks is worse than none."""

import asyncio
import logging

import pytest

from tests.helpers.expected_logs import LogGuard
from tests.helpers.leaks import QtObjects, tasks_left
from tests.helpers.waiting import eventually

QUIET = logging.getLogger("quiet.child")


@pytest.fixture
def watching():
    guard = LogGuard()
    with guard.watching():
        yield guard


def test_an_unexpected_warning_is_told_with_its_logger(watching, expect_logs):
    expect_logs("quiet", "odd")

    QUIET.warning("odd thing=%d", 7)

    assert watching.complaint() == "unexpected log: WARNING quiet.child: odd thing=7"


def test_an_expected_warning_is_no_complaint(watching, expect_logs):
    expect_logs("quiet", "odd")
    watching.expect("quiet", r"thing=\d")

    QUIET.warning("odd thing=%d", 7)

    assert watching.complaint() == ""


def test_an_expected_warning_that_does_not_come_is_told(watching):
    watching.expect("quiet", "odd")

    assert watching.complaint() == "expected log did not occur: quiet: odd"


def test_a_logger_whose_name_only_begins_alike_does_not_count(watching, expect_logs):
    expect_logs("quiet", "odd")
    watching.expect("qui", "odd")

    QUIET.warning("odd")

    assert watching.complaint().splitlines()[0].startswith("unexpected log")


async def test_a_task_left_running_is_named():
    task = asyncio.create_task(asyncio.sleep(60), name="forgotten")

    complaint = await tasks_left()

    assert "forgotten" in complaint
    task.cancel()
    await eventually(task.done)


async def test_a_task_that_is_just_ending_is_no_leak():
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()

    assert await tasks_left() == ""


def test_a_window_and_a_timer_left_behind_are_named_and_removed(qapp):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget

    before = QtObjects.now()
    window, timer = QWidget(), QTimer()
    window.setObjectName("forgotten")
    timer.setObjectName("ticking")
    timer.start(1000)

    assert before.left_since().splitlines() == [
        "window left: QWidget 'forgotten'",
        "timer left active: QTimer 'ticking'",
    ]
    assert before.left_since() == ""


async def test_waiting_in_vain_tells_where_the_condition_stands():
    with pytest.raises(AssertionError, match=r"test_guards\.py:\d+"):
        await eventually(lambda: False, timeout_s=0.02)
