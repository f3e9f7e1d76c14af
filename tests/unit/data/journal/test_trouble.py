"""Row H2 with real trouble: a full disk, a lock held by another program, damaged and foreign files."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
from contextlib import closing, contextmanager

import pytest

from core.data.journal import journal as bounds
from core.data.journal.journal import Journal
from core.data.journal.schema import APPLICATION_ID, VERSION
from core.domain.errors import JournalUnavailable, StartError
from core.domain.orders import OrderStatus
from core.runtime.clock import MANUAL_START_NS, ManualClock
from tests.helpers.records import buy, fill, open_journal
from tests.helpers.waiting import eventually

NOW = MANUAL_START_NS
WRITER = "core.data.journal.writer"

posix = pytest.mark.skipif(os.name != "posix", reason="limits and mounts of POSIX")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "profile" / "journal.sqlite"


class Fatal(str):
    """A value that no adapter expects: the first to ask what it is dies."""

    __slots__ = ()

    def __conform__(self, protocol):
        raise RuntimeError("a fault of ours")


@contextmanager
def full_disk(path):
    """No file of this process may grow beyond the journal's log: the system refuses the write, as a disk would."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = path.with_name(path.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def lock_held(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def overwrite_with_noise(path, start=2048):
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * (size - start))


async def filled(path, fills=50):
    async with open_journal(path) as journal:
        await journal.intent(buy("first"), "default", NOW)
        for number in range(fills):
            journal.note_fill(fill(f"T{number}"))


@posix
@pytest.mark.parametrize("trouble", [full_disk, lock_held])
async def test_H2_no_order_passes_while_the_file_cannot_be_written(path, expect_logs, trouble):
    expect_logs(WRITER, "cannot be written")
    told: list[str] = []
    before, during, after = buy(), buy(), buy()
    async with open_journal(path) as journal:
        journal.on_change(told.append)
        await journal.intent(before, "default", NOW)
        with trouble(path):
            with pytest.raises(JournalUnavailable) as refusal:
                await journal.intent(during, "default", NOW)
            journal.note_fill(fill())
            with pytest.raises(JournalUnavailable):
                await journal.intent(buy(), "default", NOW)
            readable = await journal.pending_intents()
        assert refusal.value.detail == journal.failure
        assert "No new orders; cancels work" in refusal.value.user_message

        await eventually(lambda: not journal.failure)
        await journal.intent(after, "default", NOW)
        pending = [intent.request for intent in await journal.pending_intents()]
        fills = await journal.fills()

    assert [intent.request for intent in readable] == [before]
    assert pending == [before, after]
    assert fills == [fill()]
    assert len(told) >= 2
    assert told[-1] == ""


@posix
async def test_H2_a_lock_is_named_in_the_users_words(path, expect_logs):
    expect_logs(WRITER, "cannot be written")
    async with open_journal(path) as journal:
        with lock_held(path), pytest.raises(JournalUnavailable, match="another program holds it locked"):
            await journal.intent(buy(), "default", NOW)


async def test_H2_a_short_lock_is_waited_for(path):
    async with open_journal(path) as journal:
        with lock_held(path):
            asking = asyncio.create_task(journal.intent(buy(), "default", NOW), name="intent")
            await asyncio.sleep(0)

        await asking

        assert len(await journal.pending_intents()) == 1


async def test_H2_a_lock_at_the_start_is_no_end(path, expect_logs):
    expect_logs(WRITER, "locked")
    await filled(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
    with lock_held(path):
        async with open_journal(path) as journal:
            locked = journal.failure
            with pytest.raises(JournalUnavailable):
                await journal.intent(buy(), "default", NOW)

    async with open_journal(path) as journal:
        assert "locked" in locked
        assert journal.failure == ""


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", disk], check=False).returncode:
        pytest.skip("this machine does not let tests mount a disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


def fill_up(disk):
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return ballast


async def submit_many(journal, count):
    for _ in range(count):
        await journal.intent(buy(), "default", NOW)


async def test_H2_a_disk_that_is_really_full_is_named_and_survived(small_disk, expect_logs):
    expect_logs(WRITER, "the disk is full")
    async with open_journal(small_disk / "profile" / "journal.sqlite") as journal:
        await journal.intent(buy("first"), "default", NOW)
        ballast = fill_up(small_disk)
        with pytest.raises(JournalUnavailable, match="the disk is full"):
            await submit_many(journal, 100)
        ballast.unlink()
        await eventually(lambda: not journal.failure)
        await journal.intent(buy("last"), "default", NOW)

        ids = [intent.request.cl_ord_id for intent in await journal.pending_intents()]

    assert (ids[0], ids[-1]) == ("first", "last")


@pytest.mark.parametrize("start", [0, 2048])
async def test_H2_a_damaged_file_is_kept_and_no_order_passes(path, expect_logs, start):
    expect_logs(WRITER, "it is damaged|journal is damaged")
    await filled(path)
    overwrite_with_noise(path, start)
    before = path.read_bytes()

    async with open_journal(path) as journal:
        with pytest.raises(JournalUnavailable, match="damaged"):
            await journal.intent(buy(), "default", NOW)
        journal.outcome("first", OrderStatus.REJECTED, "", NOW)
        journal.note_fill(fill())
        await journal.flush()

        assert path.read_bytes() == before
        path.rename(path.with_name("aside"))
        await eventually(lambda: not journal.failure)
        await journal.intent(buy(), "default", NOW)

    assert path.with_name("aside").read_bytes() == before


async def test_H2_damage_while_running_stops_new_orders(path, expect_logs):
    expect_logs(WRITER, "damaged")
    expect_logs(WRITER, "notes unwritten")
    many = 12_000  # more than SQLite keeps in memory
    await filled(path, fills=many)
    async with open_journal(path) as journal:
        overwrite_with_noise(path, 4096)
        for number in range(many, 2 * many, 100):
            journal.note_fill(fill(f"T{number}"))
        await journal.flush()

        with pytest.raises(JournalUnavailable, match="damaged"):
            await journal.intent(buy(), "default", NOW)
        with pytest.raises(JournalUnavailable, match="damaged"):
            await journal.fills()


async def test_a_deleted_file_is_noticed_before_an_order_leaves(path, expect_logs):
    expect_logs(WRITER, "moved or deleted")
    async with open_journal(path) as journal:
        await journal.intent(buy(), "default", NOW)
        for file in path.parent.iterdir():
            file.unlink()

        with pytest.raises(JournalUnavailable):
            await journal.intent(buy(), "default", NOW)
        await eventually(lambda: not journal.failure)
        await journal.intent(buy("fresh"), "default", NOW)

        assert [intent.request.cl_ord_id for intent in await journal.pending_intents()] == ["fresh"]


async def test_a_folder_in_the_way_is_trouble_not_an_end(path, expect_logs):
    expect_logs(WRITER, "cannot be written")
    path.mkdir(parents=True)

    async with open_journal(path) as journal:
        with pytest.raises(JournalUnavailable):
            await journal.intent(buy(), "default", NOW)
        with pytest.raises(JournalUnavailable):
            await journal.pending_intents()


async def test_a_database_of_another_program_is_left_alone(path, expect_logs):
    expect_logs(WRITER, "another program")
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()

    async with open_journal(path) as journal:
        assert "another program" in journal.failure

    assert path.read_bytes() == before


async def test_a_journal_of_a_newer_program_is_refused_and_left_alone(path, expect_logs):
    expect_logs(WRITER, "newer version")
    await filled(path)
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        assert newer.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    before = path.read_bytes()

    with pytest.raises(StartError) as refusal:
        async with open_journal(path):
            pass

    assert "written by a newer version" in refusal.value.user_message
    assert str(path) in refusal.value.user_message
    assert path.read_bytes() == before


async def test_what_waits_for_a_broken_disk_is_bounded_and_fills_outlast_the_rest(path, expect_logs):
    expect_logs(WRITER, "locked")
    expect_logs("core.data.journal.journal", "drops notes")
    async with open_journal(path) as journal:
        with lock_held(path):
            for number in range(bounds.MAX_NOTES + 5):
                journal.note_event("line", str(number), NOW)
            journal.note_fill(fill())
            await eventually(lambda: journal.failure)
            assert (journal.dropped, journal.waiting) == (5, bounds.MAX_NOTES + 1)

        await eventually(lambda: journal.waiting == 0, timeout_s=20)
        assert await journal.fills() == [fill()]


async def test_closing_a_broken_journal_says_what_was_lost(path, expect_logs):
    expect_logs(WRITER, "locked")
    expect_logs(WRITER, "notes unwritten count=1")
    async with open_journal(path):
        pass
    with lock_held(path):
        async with open_journal(path) as journal:
            journal.note_fill(fill())
            await eventually(lambda: journal.failure)


async def test_H2_a_disk_that_does_not_answer_holds_no_order_for_long(path):
    async with open_journal(path):
        pass
    late = buy()
    journal = Journal(path, ManualClock(), busy_s=20, intent_s=0.05)
    await journal.open()
    with lock_held(path):
        with pytest.raises(JournalUnavailable, match="does not answer"):
            await journal.intent(late, "default", NOW)
        slow = journal.failure
        with pytest.raises(JournalUnavailable, match="does not answer"):
            await journal.intent(buy(), "default", NOW)

    await eventually(lambda: not journal.failure)
    assert slow
    assert await journal.pending_intents() == []
    await journal.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_writer_that_dies_says_so_and_leaves_nobody_waiting(path, expect_logs):
    expect_logs(WRITER, "ended unexpectedly")
    expect_logs(WRITER, "notes unwritten")
    async with open_journal(path) as journal:
        journal.note_event("odd", Fatal("x"), NOW)

        await eventually(lambda: "restart" in journal.failure)
        with pytest.raises(JournalUnavailable):
            await journal.intent(buy(), "default", NOW)
        await journal.flush()


async def test_what_a_later_program_wrote_in_an_old_table_is_told_not_guessed(path):
    await filled(path)
    with closing(sqlite3.connect(path)) as later:
        later.execute("UPDATE orders SET request = replace(request, 'limit', 'hunch')")
        later.commit()

    async with open_journal(path) as journal:
        with pytest.raises(JournalUnavailable, match="cannot be understood"):
            await journal.pending_intents()
