"""The private channels, in order and without a gap: orders, fills and balances are fed only from here.

Each channel counts its frames, on each line by itself. A snapshot begins anew; updates that come before it wait for
it; a missing number puts the channel in doubt until the next snapshot. Source: channels ``executions``, ``balances``.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from core.domain.effects import Effect, Reconcile, ResyncPrivate
from core.domain.events import AnswerEvent, BalanceEvent, ExecutionEvent
from core.domain.health import Line
from core.domain.ids import OrderId
from core.domain.orders import OrderStatus
from core.processing.health_store import Alarm
from core.processing.stores import Stores

HELD_UPDATES = 5_000
"""Updates that wait for their snapshot; the newest beyond are dropped, counted, and then found missing."""

SNAPSHOT_TRADES = 50
"""Fills in a snapshot; when all of them are new there may be older ones it has no room for."""

EXECUTIONS, BALANCES = "executions", "balances"

PrivateEvent = TypeVar("PrivateEvent", ExecutionEvent, BalanceEvent)


class _Stream(Generic[PrivateEvent]):
    """One channel on one line. ``last`` is the number of the last frame applied, 0 before the snapshot."""

    def __init__(self) -> None:
        self.last = 0
        self.in_snapshot = False
        self.dropped = 0
        self._held: dict[int, PrivateEvent] = {}

    def begin(self, event: PrivateEvent) -> tuple[bool, list[PrivateEvent]]:
        """Take a snapshot frame: whether it continues the one before, and the held updates that follow it."""
        continues = self.in_snapshot and event.sequence == self.last + 1
        self.last, self.in_snapshot = event.sequence, True
        following = []
        while (held := self._held.pop(self.last + 1, None)) is not None:
            self.last, self.in_snapshot = held.sequence, False
            following.append(held)
        self._held.clear()
        return continues, following

    def hold(self, event: PrivateEvent) -> None:
        """Keep an update that came before its snapshot."""
        if len(self._held) < HELD_UPDATES:
            self._held[event.sequence] = event
        else:
            self.dropped += 1

    def doubt(self) -> None:
        """Believe nothing until the next snapshot."""
        self.last, self.in_snapshot = 0, False


class AccountFeed:
    """Applies private events to orders, fills and balances, and says when they can no longer be believed."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._executions: dict[Line, _Stream[ExecutionEvent]] = {}
        self._balances: dict[Line, _Stream[BalanceEvent]] = {}
        self._listed: set[OrderId] = set()

    def executions(self, line: Line, event: ExecutionEvent, wall: int) -> list[Effect]:
        """Apply reports on our orders."""
        stream = self._executions.setdefault(line, _Stream())
        effects: list[Effect] = []
        if event.snapshot:
            continues, following = stream.begin(event)
            effects += self._open_orders(event, wall, continues=continues)
            for update in following:
                effects += self._reports(update)
            effects += self._complete()
        elif stream.last == 0:
            stream.hold(event)
        elif event.sequence > stream.last:
            if event.sequence != stream.last + 1:
                effects += self._gap(EXECUTIONS, stream.last, event.sequence, wall)
                stream.doubt()
            else:
                stream.last, stream.in_snapshot = event.sequence, False
            # What a report says is true even after a gap, and merging it can do no harm.
            effects += self._reports(event)
        self._after_reports(wall)
        return effects

    def balances(self, line: Line, event: BalanceEvent, wall: int) -> list[Effect]:
        """Apply totals (snapshot) or ledger entries (update)."""
        stream = self._balances.setdefault(line, _Stream())
        if event.snapshot:
            continues, following = stream.begin(event)
            self._stores.balances.apply_snapshot(event.balances, replace=not continues)
            for update in following:
                self._stores.balances.apply_changes(update.changes)
            return self._complete()
        if stream.last == 0:
            stream.hold(event)
            return []
        if event.sequence <= stream.last:
            return []
        if event.sequence != stream.last + 1:
            effects = self._gap(BALANCES, stream.last, event.sequence, wall)
            stream.doubt()
            return effects
        stream.last, stream.in_snapshot = event.sequence, False
        self._stores.balances.apply_changes(event.changes)
        return []

    def answer(self, event: AnswerEvent, wall: int) -> list[Effect]:
        """Merge what the answer to a request amounts to."""
        orders = self._stores.orders
        effects: list[Effect] = []
        if event.report is not None:
            effects += orders.report(event.report)
        elif event.late and event.error and event.cl_ord_id is not None:
            orders.infer(event.cl_ord_id, OrderStatus.REJECTED, event.error)
        self._after_reports(wall)
        return effects

    def unreadable(self, line: Line, channel: str, wall: int) -> list[Effect]:
        """A frame of a private channel could not be understood: it is as good as lost."""
        stream = (self._executions if channel == EXECUTIONS else self._balances).get(line)
        if stream is None or stream.last == 0:
            return []  # its snapshot is awaited; asking again for one that cannot be read would never end
        stream.doubt()
        return self._in_doubt(channel, "a frame could not be read", wall)

    def lost(self, line: Line) -> None:
        """The line was lost: nothing is verified until the next snapshots."""
        self._executions.pop(line, None)
        self._balances.pop(line, None)
        self._stores.orders.doubt()
        self._stores.balances.doubt()
        self._stores.health.doubt_account("the account line was lost")

    def _open_orders(self, event: ExecutionEvent, wall: int, *, continues: bool) -> list[Effect]:
        orders = self._stores.orders
        if not continues:
            self._listed.clear()
        self._listed.update(report.order_id for report in event.reports)
        contradicted = [
            report.order_id
            for report in event.reports
            if report.exec_type != "trade" and _is_open(report.status) and orders.has_ended(report.order_id)
        ]
        unknown = [
            r.fill.exec_id for r in event.reports if r.fill and self._stores.fills.get(r.fill.exec_id) is None
        ]
        effects = self._reports(event)
        if not continues:
            orders.verified_ns = wall
        if contradicted:
            text = f"reported open after it ended: {', '.join(contradicted[:3])}"
            self._stores.health.alarm(Alarm(wall, "order state", text, tuple(contradicted)))
            effects.append(Reconcile(text))
        if len(unknown) >= SNAPSHOT_TRADES:
            effects.append(Reconcile("more fills than the snapshot holds", fills=True))
        elif orders.absent_from(self._listed):
            effects.append(Reconcile("open orders missing from the snapshot"))
        return effects

    def _reports(self, event: ExecutionEvent) -> list[Effect]:
        orders = self._stores.orders
        found: dict[Effect, None] = {}
        for report in event.reports:
            # The fills in a snapshot are of orders long ended; nothing is to be found out about those.
            wishes = orders.report(report)
            if not event.snapshot:
                found.update(dict.fromkeys(wishes))
        return list(found)

    def _complete(self) -> list[Effect]:
        stores = self._stores
        if stores.health.account_doubt and stores.orders.verified and stores.balances.verified:
            return [Reconcile("account snapshots complete")]
        return []

    def _gap(self, channel: str, last: int, sequence: int, wall: int) -> list[Effect]:
        self._stores.health.gaps += 1
        return self._in_doubt(channel, f"sequence {last} is followed by {sequence}", wall)

    def _in_doubt(self, channel: str, reason: str, wall: int) -> list[Effect]:
        stores = self._stores
        stores.health.note(wall, channel, reason)
        if channel == EXECUTIONS:
            stores.orders.doubt()
        else:
            stores.balances.doubt()
        stores.health.doubt_account(f"{channel}: {reason}")
        return [ResyncPrivate(channel, reason), Reconcile(f"{channel}: {reason}")]

    def _after_reports(self, wall: int) -> None:
        stores = self._stores
        stores.balances.orders_changed()
        for alarm in stores.orders.take_alarms():
            stores.health.alarm(Alarm(wall, alarm.kind, alarm.text, alarm.order_ids))


def _is_open(status: OrderStatus | None) -> bool:
    return status is not None and not status.is_final
