"""The journal's one writer: a thread that owns the connection, commits intents at once and notes in batches.

Trouble is never fatal: intents are refused, notes wait in memory, and the file is tried again every few seconds. Knows
no event loop; what it has to tell it tells through the callbacks it was given, on its own thread.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import sqlite3
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec

from core.data.journal.items import Flush, Intents, Item, Noted, Stop, Told
from core.data.journal.order_rows import is_used, put_intent
from core.data.journal.rows import put_event
from core.data.journal.schema import BUSY_S, DamagedJournal, describe, is_damage, open_to_write
from core.domain.errors import JournalUnavailable, RiskRejected, StartError, TerminalError
from core.runtime.clock import Clock

log = logging.getLogger(__name__)

BATCH_S = 0.05
"""Notes wait this long for company: one commit for all of them."""

BATCH_NOTES = 40
"""Notes in one commit: about 3 ms, the longest an intent waits behind them."""

PROBE_S = 3.0
"""Between two attempts to use a journal that failed."""

IDLE_S = 1.0
"""How often an idle writer looks whether the program ended without closing it."""

WAL_BYTES = 4 << 20
"""The log is folded into the file beyond this size, when no order waits."""

_BAD_VALUE = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
)
"""A value that cannot be written, whatever the file's state: it is given up, so that it stops nothing else."""


class Writer:
    """Give it items with ``put``, from any thread."""

    def __init__(
        self, path: Path, clock: Clock, told: Told, *, busy_s: float = BUSY_S, probe_s: float = PROBE_S
    ) -> None:
        self._path = path
        self._clock = clock
        self._told = told
        self._busy_s = busy_s
        self._probe_s = probe_s
        self._queue: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal")
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._checked_inode = 0
        self._damaged_inode = 0
        self._failure = ""
        self._tried_s = 0.0
        self._intents: list[Intents] = []
        self._notes: deque[Noted] = deque()
        self._noted_s = 0.0
        self._flushes: list[Flush] = []
        self._stopping = False
        # Held for an instant: between the writer's last look and its end nothing may slip into the queue.
        self._door = threading.Lock()
        self._is_closed = False

    def start(self) -> None:
        """Start the thread, which opens the file."""
        self._thread.start()

    def put(self, item: Item) -> bool:
        """Queue an item. Never waits; False when nobody will look at it any more."""
        with self._door:
            if self._is_closed:
                return False
            self._queue.put(item)
            return True

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; False when it has not within the time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # Everything below runs on the writer's thread.

    def _run(self) -> None:
        died = True
        try:
            refused = self._open_first()
            self._told.opened(refused)
            while refused is None and not self._stopping:
                self._collect()
                self._work()
            if self._failure and self._notes:
                self._probe()  # the last chance
            died = False
        finally:
            # An error of ours goes on to the thread's excepthook; until then orders must know that nobody writes.
            if died:
                self._fail("its writer ended unexpectedly; restart Tidewire")
                self._told.opened(None)
            self._finish()

    def _open_first(self) -> StartError | None:
        try:
            self._ready()
        except StartError as newer:
            return newer
        return None

    def _collect(self) -> None:
        """Wait for something to do, then take everything that is there."""
        with contextlib.suppress(queue.Empty):
            self._sort(self._queue.get(timeout=self._patience_s()))
        self._take()
        # A program that dies without closing the journal still gets its last notes written.
        self._stopping = self._stopping or not threading.main_thread().is_alive()

    def _take(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._sort(self._queue.get_nowait())

    def _patience_s(self) -> float:
        # Real time, whatever clock the program runs on: a thread cannot wait on any other.
        now = time.monotonic()
        if self._failure:
            return max(0.0, self._tried_s + self._probe_s - now)
        if not self._notes:
            return IDLE_S
        return 0.0 if self._is_due() else max(0.0, self._noted_s + BATCH_S - now)

    def _sort(self, item: Item) -> None:
        match item:
            case Intents():
                self._intents.append(item)
            case Noted():
                if not self._notes:
                    self._noted_s = time.monotonic()
                self._notes.append(item)
            case Flush():
                self._flushes.append(item)
            case Stop():
                self._stopping = True

    def _work(self) -> None:
        if self._intents:
            self._commit_intents()
        if self._stopping:
            return
        if self._failure and time.monotonic() >= self._tried_s + self._probe_s:
            self._probe()
        if not self._failure and self._notes and self._is_due():
            self._commit_notes()
        if self._failure or not self._notes:
            self._answer_flushes()
        if not self._notes and self._queue.empty():
            self._checkpoint("PASSIVE", WAL_BYTES)

    def _is_due(self) -> bool:
        full = len(self._notes) >= BATCH_NOTES
        return full or bool(self._flushes) or time.monotonic() >= self._noted_s + BATCH_S

    def _ready(self) -> sqlite3.Connection | None:
        """Return the connection, opened if need be, or None after noting why there is none. StartError passes."""
        try:
            if self._connection is None:
                self._connect()
            elif _inode(self._path) != self._inode:
                raise JournalUnavailable(f"{self._path}: it was moved or deleted")
        except StartError as newer:
            self._fail(newer.user_message)
            raise
        except DamagedJournal as damage:
            self._damaged_inode = _inode(self._path)
            self._fail(f"the journal is damaged: {damage.detail}. Move the file away to begin a new one.")
        except JournalUnavailable as trouble:
            self._fail(trouble.detail)
        except sqlite3.Error as error:
            self._fail_with(error)
        except OSError as error:
            self._fail(f"{self._path}: {error.strerror}")
        return self._connection

    def _connect(self) -> None:
        inode = _inode(self._path)
        if inode and inode == self._damaged_inode:
            raise DamagedJournal(f"{self._path}: it is still the damaged file")
        is_new = inode != self._checked_inode
        self._connection = open_to_write(self._path, busy_s=self._busy_s, check=is_new)
        self._inode = self._checked_inode = _inode(self._path)

    def _commit_intents(self) -> None:
        waiting, self._intents = self._intents, []
        for group, answer in zip(waiting, self._answers_to(waiting), strict=True):
            group.answer(answer)

    def _answers_to(self, waiting: list[Intents]) -> list[TerminalError | None]:
        """Write them in one durable commit; return for each None or why its orders must not leave."""
        connection = None if self._failure else self._ready()
        answers: list[TerminalError | None] = []
        began = self._clock.mono_ns()
        try:
            if connection is None or not self._transact(
                connection, "FULL", lambda: answers.extend(_put_group(connection, group) for group in waiting)
            ):
                return [JournalUnavailable(self._failure) for _ in waiting]
        except _BAD_VALUE as bad:
            if len(waiting) == 1:
                return [JournalUnavailable(f"the order cannot be written down: {bad}")]
            return [answer for group in waiting for answer in self._answers_to([group])]
        self._told.commit_ns(self._clock.mono_ns() - began)
        return answers

    def _commit_notes(self) -> bool:
        """Write the oldest notes. False after a failure of the file; they stay then."""
        connection = self._ready()
        if connection is None:
            return False
        batch = list(islice(self._notes, BATCH_NOTES))
        try:
            done = self._transact(connection, "NORMAL", lambda: _put_all(connection, batch))
        except _BAD_VALUE:
            done = self._commit_singly(connection, batch)
        if done:
            for _ in batch:
                self._notes.popleft()
            for hear, count in Counter(note.done for note in batch).items():
                hear(count)
        return done

    def _commit_singly(self, connection: sqlite3.Connection, batch: list[Noted]) -> bool:
        """Save the notes from the one among them that can never be written."""
        for note in batch:
            try:
                if not self._transact(connection, "NORMAL", partial(note.write, connection)):
                    return False
            except _BAD_VALUE:
                log.exception("journal note cannot be written")
        return True

    def _transact(self, connection: sqlite3.Connection, sync: str, write: Callable[[], None]) -> bool:
        """Do the writing in one transaction. False after a failure of the file; a bad value's exception passes."""
        try:
            connection.execute(f"PRAGMA synchronous = {sync}")
            connection.execute("BEGIN IMMEDIATE")
            write()
            connection.execute("COMMIT")
        except _BAD_VALUE:
            connection.execute("ROLLBACK")
            raise
        except sqlite3.Error as error:
            self._fail_with(error)
            return False
        return True

    def _probe(self) -> None:
        """See whether the journal can be written again, by writing what it missed."""
        was, self._tried_s = self._failure, time.monotonic()
        try:
            if self._notes and not self._commit_notes():
                return
            connection = self._ready()
        except StartError:
            return
        text = f"writable again; it was not: {was}"
        if connection is not None and self._transact(
            connection, "FULL", lambda: put_event(connection, "journal", text, self._clock.wall_ns())
        ):
            log.info("journal can be written again waiting=%d", len(self._notes))
            self._failure = ""
            self._told.failure("")

    def _fail_with(self, error: sqlite3.Error) -> None:
        if is_damage(error):
            self._damaged_inode = _inode(self._path)
        self._fail(f"{self._path}: {describe(error)}")

    def _fail(self, reason: str) -> None:
        """Note why nothing can be written, and let go of the file: the next attempt opens it anew."""
        self._disconnect()
        self._tried_s = time.monotonic()
        if reason != self._failure:
            log.error("journal cannot be written reason=%s", reason)
            self._failure = reason
            self._told.failure(reason)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _checkpoint(self, kind: str, beyond_bytes: int) -> None:
        if self._connection is None:
            return
        log_file = self._path.with_name(self._path.name + "-wal")
        with contextlib.suppress(OSError):
            if log_file.stat().st_size > beyond_bytes:
                try:
                    self._connection.execute(f"PRAGMA wal_checkpoint({kind})").fetchone()
                except sqlite3.Error as error:
                    self._fail_with(error)

    def _answer_flushes(self) -> None:
        flushes, self._flushes = self._flushes, []
        for flush in flushes:
            flush.answer()

    def _finish(self) -> None:
        """Write what is left, once; nobody is left waiting."""
        with self._door:
            self._is_closed = True
        self._take()
        for group in self._intents:
            group.answer(JournalUnavailable("the journal is closed"))
        while not self._failure and self._notes:
            self._commit_notes()
        if self._notes:
            log.error(
                "journal closed with notes unwritten count=%d reason=%s", len(self._notes), self._failure
            )
        self._answer_flushes()
        self._checkpoint("TRUNCATE", 0)
        self._disconnect()


def _put_group(connection: sqlite3.Connection, group: Intents) -> TerminalError | None:
    """Write the intents of one asker; return the error that stands for nothing written."""
    if group.abandoned:
        return JournalUnavailable("the journal took too long")
    ids = [request.cl_ord_id for request in group.requests]
    if len(set(ids)) < len(ids) or any(is_used(connection, cl_ord_id) for cl_ord_id in ids):
        return RiskRejected("This order was already sent.", field="cl_ord_id")
    for request in group.requests:
        put_intent(connection, request, group.profile, group.sent_ns)
    return None


def _put_all(connection: sqlite3.Connection, notes: list[Noted]) -> None:
    for note in notes:
        note.write(connection)


def _inode(path: Path) -> int:
    """Return the number of the file under this name, 0 for none."""
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
