"""Row H1 with a real kill -9, and a program that dies without saying goodbye."""

import asyncio
import subprocess
import sys

import pytest

from core.runtime.clock import SystemClock
from tests.helpers.records import fill, open_journal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "profile" / "journal.sqlite"


KILLED = """
import asyncio, sys
from pathlib import Path
from tests.helpers.records import buy, fill, open_journal
from core.runtime.clock import SystemClock

async def main():
    async with open_journal(Path(sys.argv[1]), SystemClock()) as journal:
        while True:
            requests = [buy() for _ in range(5)]
            await asyncio.gather(*(journal.intent(one, "default", 1) for one in requests))
            journal.note_fill(fill(requests[0].cl_ord_id))
            sys.stdout.write("".join(one.cl_ord_id + "\\n" for one in requests))
            sys.stdout.flush()

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 40, 203])
async def test_H1_after_kill_9_every_confirmed_intent_is_found(path, lines):
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, path, stdout=subprocess.PIPE)
    assert child.stdout is not None

    printed = [await child.stdout.readline() for _ in range(lines)]
    child.kill()
    printed += (await child.stdout.read()).splitlines()
    await child.wait()

    async with open_journal(path, SystemClock()) as journal:
        found = {intent.request.cl_ord_id for intent in await journal.pending_intents()}
    confirmed = {line.decode().strip() for line in printed if len(line.strip()) == 36}
    assert len(confirmed) >= lines
    assert confirmed <= found


CRASHED = """
import asyncio, sys
from pathlib import Path
from tests.helpers.records import fill, open_journal

async def main():
    journal = await open_journal(Path(sys.argv[1])).__aenter__()
    journal.note_fill(fill())
    raise RuntimeError("nobody closes the journal")

asyncio.run(main())
"""


async def test_a_program_that_dies_without_closing_still_ends_and_writes_its_last_notes(path):
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CRASHED, path, stderr=subprocess.PIPE)
    _, said = await asyncio.wait_for(child.communicate(), 20)

    async with open_journal(path) as journal:
        assert b"nobody closes" in said
        assert await journal.fills() == [fill()]
