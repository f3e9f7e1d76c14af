import asyncio
import threading
import time
import weakref

import pytest

from core.runtime.clock import SystemClock
from core.runtime.watchdog import Watchdog, stall_text
from tests.helpers.waiting import eventually


def hold_the_loop(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(100))


@pytest.fixture
async def told():
    found = []
    watchdog = Watchdog(SystemClock(), lambda lost, culprit: found.append((lost, culprit)))
    watchdog.start()
    yield found
    watchdog.stop()


async def test_g1_a_loop_that_is_held_is_noticed_with_the_culprits_name(told):
    await asyncio.sleep(0.15)
    hold_the_loop(0.6)
    await eventually(lambda: told)

    (lost, culprit), *_ = told
    assert 300_000_000 <= lost <= 5_000_000_000
    assert "hold_the_loop" in culprit
    assert "test_watchdog.py" in culprit


async def test_a_loop_that_turns_is_left_alone(told):
    for _ in range(8):
        await asyncio.sleep(0.05)

    assert told == []


async def test_no_value_of_a_variable_is_told(told):
    secret = "a value that must not be told"
    hold_the_loop(0.6)
    await eventually(lambda: told)

    assert secret not in str(told)


def test_the_words_for_it():
    assert stall_text(1_234_000_000, "a.py:1 b") == "the program stood still for 1234 ms in a.py:1 b"


class Mortal:
    """Like a painter: it must end with the function that made it, on the thread that did."""


LOOKS = 200


def test_what_a_function_made_ends_with_it_though_it_is_looked_at():
    watchdog = Watchdog(SystemClock(), lambda lost, culprit: None)
    looking = threading.Thread(target=lambda: [watchdog._culprit() for _ in range(LOOKS)])
    ended, late = set(), 0

    def paint():
        painter = Mortal()
        weakref.finalize(painter, lambda: ended.add(threading.get_ident()))
        sum(range(2_000))
        return weakref.ref(painter)

    looking.start()
    while looking.is_alive():
        late += paint()() is not None
    looking.join()

    assert late == 0
    assert ended == {threading.get_ident()}
