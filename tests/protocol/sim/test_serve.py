"""``tidewire exchange`` as other programs meet it: one line, a port file, a clean end."""

import asyncio
import json
import os
import signal
import stat
import sys
from pathlib import Path

import httpx
import pytest

from tests.helpers.waiting import eventually

START = """
import asyncio, pathlib, sys
from core.sim.serve import serve
asyncio.run(serve(4, pathlib.Path(sys.argv[1])))
"""
KEYS = {"public_ws", "private_ws", "l3_ws", "public_rest", "private_rest", "key", "secret"}


@pytest.mark.skipif(os.name == "nt", reason="signals of other processes are a POSIX matter")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_exchange_tells_where_it_is_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    port_file = tmp_path / "exchange.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        START,
        str(port_file),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        where = json.loads(line)
        await eventually(port_file.exists)
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(where["public_rest"] + "/0/public/SystemStatus")

        assert set(where) == KEYS
        assert json.loads(port_file.read_text()) == where
        assert stat.S_IMODE(port_file.stat().st_mode) == 0o600
        assert answer.json()["result"]["status"] == "online"

        process.send_signal(number)
        _, complaints = await asyncio.wait_for(process.communicate(), 15)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, complaints) == (0, b"")
    assert not port_file.exists()
