"""The journal as the event loop sees it: intents are awaited until they are on disk, everything else is queued.

An order may leave only after ``intent`` returned. No journal, no new orders; cancels never ask it. The file is used
by one thread of its own (``writer``), questions are read beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from core.data.journal import order_rows, reader, rows
from core.data.journal.account import account
from core.data.journal.items import Flush, Intents, Note, Noted, Stop, Told
from core.data.journal.order_rows import StoredIntent
from core.data.journal.schema import BUSY_S, describe, open_to_read
from core.data.journal.writer import PROBE_S, Writer
from core.domain.account import Balance
from core.domain.audit import Journalled
from core.domain.errors import JournalUnavailable, StartError, TerminalError
from core.domain.ids import ClOrdId, OrderId
from core.domain.instrument import Instrument
from core.domain.orders import Fill, OrderReport, OrderRequest, OrderStatus
from core.runtime.clock import NS_PER_S, Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

INTENT_S = 3.0
"""After this long the market the user saw is gone: the order is refused, not sent late."""

CLOSE_S = 5.0
MAX_NOTES = 10_000
"""Balances, events and the like that may wait for a slow or broken disk."""

MAX_KEPT = 50_000
"""Fills, reports and outcomes that may wait; what is lost beyond is found again in the exchange's history."""

NOT_OPEN = "the journal is not open"
SLOW = "the disk does not answer"

WATCH_NS = 24 * 3600 * NS_PER_S
"""An order proven absent is watched this long (faults, section 3)."""


class Journal:
    """What was asked, said and executed. All methods on the loop that opened it.

    ``failure`` is "" or why nothing can be written now; ``dropped`` counts what was given up for lack of room.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        busy_s: float = BUSY_S,
        probe_s: float = PROBE_S,
        intent_s: float = INTENT_S,
    ) -> None:
        self.path = path
        self.failure = NOT_OPEN
        self.dropped = 0
        self._clock = clock
        self._intent_s = intent_s
        told = Told(self._post_opened, self._post_failure, self._post_commit)
        self._writer = Writer(path, clock, told, busy_s=busy_s, probe_s=probe_s)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Future[StartError | None]
        self._is_open = False
        self._waiting = {True: 0, False: 0}
        self._done = {kept: partial(self._post, self._written, kept) for kept in self._waiting}
        self._changed: list[Callable[[str], None]] = []
        self._timed: list[Callable[[int], None]] = []

    @property
    def waiting(self) -> int:
        """Notes not on disk yet."""
        return sum(self._waiting.values())

    def on_change(self, callback: Callable[[str], None]) -> None:
        """Have each new ``failure`` told, "" when the trouble is over."""
        self._changed.append(callback)

    def on_commit(self, callback: Callable[[int], None]) -> None:
        """Have the time of each durable commit told, ns."""
        self._timed.append(callback)

    async def open(self) -> None:
        """Open the file, check it, bring it up to date. Trouble is told by ``failure`` and tried again.

        StartError alone is raised: a newer program wrote the file, which is left untouched.
        """
        self._loop = asyncio.get_running_loop()
        self._opening = self._loop.create_future()
        self._is_open = True
        self._writer.start()
        refused = await self._opening
        if refused is not None:
            self._is_open = False
            raise refused
        if self.failure == NOT_OPEN:
            self._set_failure("")

    async def close(self) -> None:
        """Write what is queued and fold the log into the file, within 5 s; what takes longer is logged."""
        if self._loop is None or not self._is_open:
            return
        self._is_open = False
        self._writer.put(Stop())
        if not await self._loop.run_in_executor(None, self._writer.join, CLOSE_S):
            log.error("journal did not close in time seconds=%g waiting=%d", CLOSE_S, self.waiting)
        self.failure = NOT_OPEN  # asked for, so nobody is told

    async def intent(self, request: OrderRequest, profile: str, sent_ns: int) -> None:
        """Write down an order that is about to be sent; it may leave once this returns. ``sent_ns`` UTC.

        JournalUnavailable when it could not be made durable, RiskRejected when its id was used before.
        """
        await self.intents((request,), profile, sent_ns)

    async def intents(self, requests: Sequence[OrderRequest], profile: str, sent_ns: int) -> None:
        """Write down a batch, all or none. Errors as ``intent``."""
        if self.failure or self._loop is None or not self._is_open:
            raise JournalUnavailable(self.failure or NOT_OPEN)
        answer: asyncio.Future[TerminalError | None] = self._loop.create_future()
        group = Intents(tuple(requests), profile, sent_ns, partial(self._post, _settle, answer))
        if not self._writer.put(group):
            raise JournalUnavailable(NOT_OPEN)
        try:
            async with asyncio.timeout(self._intent_s):
                problem = await answer
        except TimeoutError:
            group.abandoned = True
            self._set_failure(SLOW)
            problem = JournalUnavailable(SLOW)
        except asyncio.CancelledError:
            group.abandoned = True
            self._not_sent(requests, sent_ns)
            raise
        if isinstance(problem, JournalUnavailable):
            self._not_sent(requests, sent_ns)
        if problem is not None:
            raise problem

    def outcome(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str, ts: int) -> None:
        """Queue what we conclude of an order; it only rises, and what the exchange says outranks it. ns UTC."""
        note = partial(order_rows.put_outcome, cl_ord_id=cl_ord_id, status=status, reason=reason, ts=ts)
        self._note(note, kept=True)

    def note_report(self, report: OrderReport, road: str, recv_ns: int) -> None:
        """Queue what the exchange said, together with the fill in it. ``recv_ns`` UTC."""
        self._note(partial(rows.put_report, report=report, road=road, recv_ns=recv_ns), kept=True)

    def note_fill(self, fill: Fill) -> None:
        """Queue a fill that came without a report; known ones change nothing."""
        self._note(partial(rows.put_fill, fill=fill), kept=True)

    def note_balances(self, balances: Iterable[Balance], ts: int) -> None:
        """Queue balances; those that did not change are not written again. ns UTC."""
        self._note(partial(rows.put_balances, balances=tuple(balances), ts=ts))

    def note_event(self, kind: str, text: str, ts: int) -> None:
        """Queue something a trader would ask about tomorrow: a lost line, a resync, a refusal. ns UTC."""
        self._note(partial(rows.put_event, kind=kind, text=text, ts=ts))

    def note_instruments(self, instruments: Iterable[Instrument], ts: int) -> None:
        """Queue reference data for the next start. ns UTC."""
        self._note(partial(rows.put_instruments, instruments=tuple(instruments), ts=ts))

    def keep_nonce(self, nonce: int) -> None:
        """Queue the highest nonce used; a lower one changes nothing."""
        self._note(partial(rows.put_nonce, nonce=nonce))

    async def keep(self, key: str, value: str) -> None:
        """Keep a value for later runs and return once it is on disk; an empty value forgets the key.

        JournalUnavailable when it could not be made durable.
        """
        dropped = self.dropped
        self._note(partial(rows.put_kept, key=key, value=value), kept=True)
        await self.flush()
        if self.failure or self.dropped > dropped:
            raise JournalUnavailable(self.failure or "too much waits to be written")

    async def kept(self, prefix: str) -> dict[str, str]:
        """Return what is kept under keys that begin with ``prefix``."""
        return await self._ask(lambda file: reader.kept(file, prefix))

    async def intents_of(self, ids: Sequence[ClOrdId]) -> list[StoredIntent]:
        """Return those of these orders that were ever about to be sent, ended ones too."""
        return await self._ask(lambda file: reader.intents_of(file, ids))

    async def pending_intents(self) -> list[StoredIntent]:
        """Return orders without a final outcome, oldest first; those proven absent for another 24 hours.

        This and the other questions see everything queued before. JournalUnavailable when the file cannot be read.
        """
        since = self._clock.wall_ns() - WATCH_NS
        return await self._ask(lambda file: reader.pending_intents(file, since))

    async def fills(self, since_ns: int = 0) -> list[Fill]:
        """Return fills executed since that time (ns UTC), oldest first."""
        return await self._ask(lambda file: list(reader.fills(file, since_ns)))

    async def reports(self, cl_ord_id: ClOrdId) -> list[OrderReport]:
        """Return what was said of one of our orders, in the order it was heard."""
        return await self._ask(lambda file: reader.reports(file, cl_ord_id))

    async def account(self, wanted: Iterable[OrderId], since_ns: int) -> Journalled:
        """Return the account as it is written down: these orders and ours that are open, fills since then, balances."""
        await self.flush()
        asked, now = list(wanted), self._clock.wall_ns()
        return await self._ask(lambda file: account(file, asked, since_ns, now))

    async def instruments(self) -> list[Instrument]:
        """Return the pairs as they were last described."""
        return await self._ask(reader.instruments)

    async def last_nonce(self) -> int:
        """Return the highest nonce kept, 0 for none."""
        return await self._ask(reader.last_nonce)

    async def flush(self) -> None:
        """Return once everything queued before is on disk, or cannot be written now."""
        if self._loop is not None and self._is_open:
            answer: asyncio.Future[None] = self._loop.create_future()
            if self._writer.put(Flush(partial(self._post, _settle, answer, None))):
                await answer

    def _not_sent(self, requests: Sequence[OrderRequest], sent_ns: int) -> None:
        # A commit that failed or came too late may still be on disk: after a restart it must not look like a doubt.
        reason, ts = "not sent: journal unavailable", self._clock.wall_ns()
        for request in requests:
            put = partial(
                order_rows.put_unsent, cl_ord_id=request.cl_ord_id, sent_ns=sent_ns, reason=reason, ts=ts
            )
            self._note(put, kept=True)

    def _note(self, write: Note, kept: bool = False) -> None:
        room = MAX_KEPT if kept else MAX_NOTES
        note = Noted(write, self._done[kept])
        if not self._is_open or self._waiting[kept] >= room or not self._writer.put(note):
            self._drop(kept)
            return
        self._waiting[kept] += 1

    def _drop(self, kept: bool) -> None:
        self.dropped += 1
        if self.dropped == 1:
            log.error("journal drops notes kept=%s reason=%s", kept, self.failure or "too many are waiting")

    def _written(self, kept: bool, count: int) -> None:
        self._waiting[kept] -= count

    async def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        await self.flush()
        return await asyncio.get_running_loop().run_in_executor(None, self._read, question)

    def _read(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with closing(open_to_read(self.path)) as file:
                return question(file)
        except sqlite3.Error as error:
            raise JournalUnavailable(f"{self.path}: {describe(error)}") from error
        except (msgspec.MsgspecError, ValueError) as error:
            raise JournalUnavailable(f"{self.path}: it holds what cannot be understood: {error}") from error

    def _set_failure(self, failure: str) -> None:
        if failure != self.failure:
            self.failure = failure
            for tell in self._changed:
                tell(failure)

    def _tell_commit(self, ns: int) -> None:
        if self.failure == SLOW:
            self._set_failure("")
        for tell in self._timed:
            tell(ns)

    # Called by the writer on its thread.

    def _post(self, call: Callable[..., None], *args: object) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody listens
                loop.call_soon_threadsafe(call, *args)

    def _post_opened(self, refused: StartError | None) -> None:
        self._post(_settle, self._opening, refused)

    def _post_failure(self, failure: str) -> None:
        self._post(self._set_failure, failure)

    def _post_commit(self, ns: int) -> None:
        self._post(self._tell_commit, ns)


def _settle(answer: asyncio.Future[T], value: T) -> None:
    if not answer.done():  # its asker may have given up
        answer.set_result(value)
