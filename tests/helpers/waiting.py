"""Waiting for something to become true, instead of for some time to pass."""

import asyncio
import time
from collections.abc import Callable

POLL_S = 0.005


async def eventually(condition: Callable[[], object], timeout_s: float = 5.0) -> None:
    """Return as soon as the condition is truthy; AssertionError when it is not within the time.

    Runs the loop in between, so it serves on the stock and on the Qt loop alike.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {_source(condition)}")
        await asyncio.sleep(POLL_S)


def _source(condition: Callable[[], object]) -> str:
    code = getattr(condition, "__code__", None)
    if code is None:
        return repr(condition)
    return f"{code.co_qualname} ({code.co_filename}:{code.co_firstlineno})"
