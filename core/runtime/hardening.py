"""Keeps what is in memory out of files: no core dumps, no attaching by other programs, new files for their owner alone.

Called once, first thing. Where a system knows none of this, nothing happens.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

OWNER_ALONE = 0o077
PR_SET_DUMPABLE, PR_GET_DUMPABLE = 4, 3
"""Numbers of Linux's prctl(2)."""


def keep_memory_private() -> None:
    """Forbid core files for this process and its children, make it non-dumpable on Linux, and tighten the umask."""
    os.umask(OWNER_ALONE)
    with contextlib.suppress(ImportError):  # Windows writes no core files
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":
        _prctl(PR_SET_DUMPABLE, 0)


def is_dumpable() -> bool:
    """Whether the kernel would write this process's memory into a file, or let another program of the user read it."""
    return sys.platform == "linux" and _prctl(PR_GET_DUMPABLE, 0) != 0


def _prctl(option: int, value: int) -> int:
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0))
