"""The record of a session: what was asked, said and concluded goes into the journal, and comes back after a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from core.app.flight_recorder import FlightRecorder
from core.app.venue import Venue
from core.data.journal.journal import Journal
from core.data.journal.order_rows import StoredIntent
from core.data.journal.seal import ACCOUNT
from core.domain.account import Balance
from core.domain.audit import Journalled
from core.domain.errors import JournalUnavailable
from core.domain.events import BalanceEvent, Event, InstrumentEvent, LineEvent, SystemStatusEvent
from core.domain.health import Line
from core.domain.ids import ClOrdId, OrderId
from core.domain.instrument import Instrument
from core.domain.orders import Fill, OrderReport, OrderRequest, OrderStatus, order_from_request
from core.processing.stores import Stores
from core.runtime.clock import NS_PER_S, Clock
from core.runtime.paths import Paths

log = logging.getLogger(__name__)

FILLS_SHOWN_NS = 7 * 24 * 3600 * NS_PER_S
"""How far back fills are taken from the journal at start."""


def open_journal(paths: Paths, venue: Venue, clock: Clock) -> Journal:
    """Return the journal of a venue. That of an exchange which is gone is set aside under another name."""
    path = paths.journal_file(venue.mode)
    if venue.is_new and path.exists():
        for suffix in ("", "-wal", "-shm"):
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.replace(file.with_name(f"previous-{file.name}"))
    return Journal(path, clock)


class OrderJournal(Protocol):
    """Where intents become durable and everything else is noted. ``failure`` says why nothing can be written."""

    failure: str

    def on_change(self, callback: Callable[[str], None]) -> None:
        """Have each new ``failure`` told."""
        ...

    def on_commit(self, callback: Callable[[int], None]) -> None:
        """Have the time of each durable commit told, ns."""
        ...

    async def open(self) -> None:
        """Make ready; trouble is told by ``failure``."""
        ...

    async def close(self) -> None:
        """Write what is queued."""
        ...

    async def intents(self, requests: Sequence[OrderRequest], profile: str, sent_ns: int) -> None:
        """Return once these are durable. JournalUnavailable otherwise."""
        ...

    def outcome(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str, ts: int) -> None:
        """Note what we conclude of an order."""
        ...

    def note_report(self, report: OrderReport, road: str, recv_ns: int) -> None:
        """Note what the exchange said."""
        ...

    def note_balances(self, balances: Iterable[Balance], ts: int) -> None:
        """Note balances."""
        ...

    def note_event(self, kind: str, text: str, ts: int) -> None:
        """Note something a trader would ask about."""
        ...

    def note_instruments(self, instruments: Iterable[Instrument], ts: int) -> None:
        """Note reference data."""
        ...

    async def flush(self) -> None:
        """Return once everything noted before is on disk, or cannot be written now."""
        ...

    async def keep(self, key: str, value: str) -> None:
        """Return once a value is durable; an empty one forgets its key. JournalUnavailable otherwise."""
        ...

    async def kept(self, prefix: str) -> dict[str, str]:
        """Values under keys that begin so."""
        ...

    async def intents_of(self, ids: Sequence[ClOrdId]) -> list[StoredIntent]:
        """Those of these orders that were ever about to be sent."""
        ...

    async def pending_intents(self) -> list[StoredIntent]:
        """Orders without a final outcome, oldest first."""
        ...

    async def reports(self, cl_ord_id: ClOrdId) -> list[OrderReport]:
        """What was said of one order."""
        ...

    async def fills(self, since_ns: int = 0) -> list[Fill]:
        """Fills since a time, oldest first."""
        ...

    async def account(self, wanted: Iterable[OrderId], since_ns: int) -> Journalled:
        """The account as it is written down. JournalUnavailable when it cannot be read."""
        ...


class Record:
    """Writes what happens and reads it back. Called by the pipeline, the stores and the executor."""

    def __init__(
        self,
        journal: OrderJournal,
        stores: Stores,
        clock: Clock,
        profile: str,
        clean: Callable[[str], str] = str,
    ) -> None:
        """``clean`` takes secrets out of texts from outside before they are written down."""
        self._clean = clean
        self._journal = journal
        self._stores = stores
        self._clock = clock
        self._profile = profile
        self.recorder: FlightRecorder | None = None
        """Told of the same things, when there is one."""

    async def open(self, remember: Callable[[OrderRequest], None]) -> None:
        """Open the journal, take back what an earlier run left open and watch from here on.

        ``remember`` is told of every intent taken back. StartError when a newer program wrote the journal.
        """
        health = self._stores.health
        self._journal.on_change(self._journal_changed)
        await self._journal.open()
        health.told_of_journal(self._journal.failure)
        try:
            await self._restore(remember)
        except JournalUnavailable as failure:
            health.told_of_journal(failure.detail)
        self._stores.orders.listener = self

    async def keep_account(self, account: str) -> None:
        """Keep whose journal it is, masked; nothing when that is not known or the journal cannot be written."""
        if account:
            with suppress(JournalUnavailable):  # told on the screen already, and by the next write again
                await self._journal.keep(ACCOUNT, account)

    async def every_fill(self) -> list[Fill]:
        """Return all fills of the journal, oldest first; none while it cannot be read."""
        try:
            return await self._journal.fills()
        except JournalUnavailable as failure:
            self._stores.health.told_of_journal(failure.detail)
            return []

    async def close(self) -> None:
        """Write what is queued."""
        self._stores.orders.listener = None
        await self._journal.close()

    async def commit(self, requests: Sequence[OrderRequest], clicked_ns: int) -> None:
        """Make intents durable. ``clicked_ns`` UTC. Raises JournalUnavailable, and then nothing may be sent."""
        await self._journal.intents(requests, self._profile, clicked_ns)
        if self.recorder is not None:
            self.recorder.intended(requests, clicked_ns)

    def note(self, source: str, text: str) -> None:
        """Write something a trader would ask about into the event log and the journal."""
        now = self._clock.wall_ns()
        text = self._clean(text)
        self._stores.health.note(now, source, text)
        self._journal.note_event(source, text, now)

    def heard(self, report: OrderReport, road: str) -> None:
        """See ``OrderListener``."""
        if report.reason and (reason := self._clean(report.reason)) != report.reason:
            report = msgspec.structs.replace(report, reason=reason)
        self._journal.note_report(report, road, self._clock.wall_ns())
        if self.recorder is not None:
            self.recorder.heard(report, road)

    def concluded(self, cl_ord_id: ClOrdId, status: OrderStatus, reason: str) -> None:
        """See ``OrderListener``."""
        self._journal.outcome(cl_ord_id, status, self._clean(reason), self._clock.wall_ns())
        if self.recorder is not None:
            self.recorder.concluded(cl_ord_id, status, self._clean(reason))

    def listen(self, line: Line, events: Sequence[Event]) -> None:
        """Note what a batch of events changed, after the stores took it in."""
        now = self._clock.wall_ns()
        for event in events:
            match event:
                case BalanceEvent(balances=balances, changes=changes):
                    assets = {balance.asset for balance in balances} | {change.asset for change in changes}
                    self._journal.note_balances(self._stores.balances.told(assets), now)
                case InstrumentEvent(instruments=instruments) if instruments:
                    self._journal.note_instruments(instruments, now)
                case LineEvent(state=state, reason=reason):
                    text = f"{line} {state} {reason}".strip()
                    self._journal.note_event("line", self._clean(text), now)
                case SystemStatusEvent(system=system):
                    self._journal.note_event("exchange", self._clean(system), now)

    async def _restore(self, remember: Callable[[OrderRequest], None]) -> None:
        orders = self._stores.orders
        for stored in await self._journal.pending_intents():
            request = stored.request
            remember(request)
            orders.add(order_from_request(request, stored.sent_ns))
            # Whether it left is not known; what was concluded of it before is.
            proven = stored.status is OrderStatus.NOT_FOUND
            status = OrderStatus.NOT_FOUND if proven else OrderStatus.IN_DOUBT
            orders.infer(request.cl_ord_id, status, stored.reason or "the program was restarted")
            for report in await self._journal.reports(request.cl_ord_id):
                orders.report(report)
        for fill in await self._journal.fills(self._clock.wall_ns() - FILLS_SHOWN_NS):
            self._stores.fills.add(fill)
        log.info("journal restored open=%d fills=%d", len(orders.open()), len(self._stores.fills.all()))

    def _journal_changed(self, failure: str) -> None:
        self._stores.health.told_of_journal(failure)
        text = f"cannot be written: {failure}" if failure else "is written again"
        self._stores.health.note(self._clock.wall_ns(), "journal", text)
