"""Kraken clients written by others take the embedded exchange for Kraken."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from core.sim.exchange import SimExchange
from core.sim.serve import endpoints_line
from tests.protocol import peers_venv

CLIENT = Path(__file__).parent / "peers" / "sdk_client.py"


@pytest.fixture(scope="module")
def peer_python() -> Path:
    return peers_venv.python()


async def run_client(python: Path, exchange: SimExchange) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        str(python),
        str(CLIENT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, complaints = await process.communicate(endpoints_line(exchange).encode() + b"\n")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complaints.decode()[-3000:]
    result: dict[str, Any] = json.loads(out)
    return result


@pytest.mark.timeout(300)  # the first run installs the client
async def test_python_kraken_sdk_reads_books_and_trades(peer_python: Path) -> None:
    async with SimExchange(seed=3, speed=20.0, open_path=True) as exchange:
        seen = await run_client(peer_python, exchange)

    for book in seen["books"]:
        assert not book["invalid"]
        assert sum(book["valid"].values()) >= 400
    assert seen["websocket"]["reports"] == ["pending_new", "new", "canceled"]
    assert seen["websocket"]["answers"] == [["add_order", True], ["cancel_order", True]]
    assert seen["rest"] == {"status": "open", "cancelled": 1, "ended": "canceled", "usd": "100000.0000"}
