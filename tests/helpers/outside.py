"""The embedded exchange in a process of its own, as ``tidewire exchange`` runs it."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.helpers.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def exchange_outside(home: Path) -> AsyncIterator[Path]:
    """Run one; gives the file that says where it listens."""
    file = home / "exchange.json"
    command = ["-m", "gui", "exchange", "--seed", "7", "--port-file", str(file)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL
    )
    await eventually(lambda: file.exists() and file.read_text().endswith("\n"), timeout_s=20)
    try:
        yield file
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
