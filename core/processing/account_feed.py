"""The private channels, in order and without a gap: orders, fills and balances are fed only from here.

Each channel counts its frames, on each line by itself. A snapshot begins anew; updates that come before it wait for
it; a missing number puts the channel in doubt until the next snapshot. Source: channels ``executions``, ``balances``.
"""

from __future__ import annotations

from typing import Any, Generic

from core.domain.effects import Effect, Reconcile, ResyncPrivate
from core.domain.events import AnswerEvent, BalanceEvent, ExecutionEvent
from core.domain.health import Line
from core.domain.ids import OrderId
from core.domain.orders import Fill, OrderStatus
from core.processing.health_store import Alarm
from core.processing.numbering import Numbering, PrivateEvent
from core.processing.stores import Stores
from core.processing.totals import Totals

HELD_UPDATES = 5_000
"""Updates that wait for their snapshot; the newest beyond are dropped, counted, and then found missing."""

SNAPSHOT_TRADES = 50
"""Fills in a snapshot; when all of them are new there may be older ones it has no room for."""

EXECUTIONS, BALANCES = "executions", "balances"


class _Stream(Generic[PrivateEvent]):
    """One channel on one line. ``last`` is the number of the last frame applied, 0 before the snapshot."""

    def __init__(self) -> None:
        self.last = 0
        self.in_snapshot = False
        self.dropped = 0
        self._held: dict[int, PrivateEvent] = {}
        self._numbering = Numbering()

    def numbered(self, event: PrivateEvent) -> PrivateEvent:
        """Return the frame with its number."""
        return self._numbering.numbered(event)

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


class _PrivateLine:
    """What one private line has told. ``stretch`` counts its unbroken time with orders, ``joined`` its totals."""

    def __init__(self) -> None:
        self.executions: _Stream[ExecutionEvent] = _Stream()
        self.balances: _Stream[BalanceEvent] = _Stream()
        self.listed: set[OrderId] = set()
        self.totals = Totals()
        self.joined = False
        self.stretch: int | None = None


class AccountFeed:
    """Applies private events to orders, fills and balances, and says when they can no longer be believed.

    Both private lines feed the same stores. Reports merge in any order. Totals do not: each line's are kept by
    themselves, and a line counts for the shown ones (``joined``) from the moment its totals were equal to them.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._lines: dict[Line, _PrivateLine] = {}
        self.now = 0
        """Monotonic time of the batch under way, ns."""

    def executions(self, line: Line, event: ExecutionEvent, wall: int) -> list[Effect]:
        """Apply reports on our orders."""
        private = self._lines.setdefault(line, _PrivateLine())
        stream = private.executions
        event = stream.numbered(event)
        effects: list[Effect] = []
        if event.snapshot:
            continues, following = stream.begin(event)
            effects += self._open_orders(private, event, wall, continues=continues)
            for update in following:
                effects += self._reports(update)
            effects += self._complete()
        elif stream.last == 0:
            stream.hold(event)
        elif event.sequence > stream.last:
            if event.sequence != stream.last + 1:
                effects += self._gap(EXECUTIONS, line, stream.last, event.sequence, wall)
            else:
                stream.last, stream.in_snapshot = event.sequence, False
            # What a report says is true even after a gap, and merging it can do no harm.
            effects += self._reports(event)
        self._after_reports(wall)
        return effects

    def balances(self, line: Line, event: BalanceEvent, wall: int) -> list[Effect]:
        """Apply totals (snapshot) or ledger entries (update)."""
        private = self._lines.setdefault(line, _PrivateLine())
        stream = private.balances
        event = stream.numbered(event)
        self._stores.balances.moved(event.changes, self.now)
        if event.snapshot:
            self._stores.balances.forgive()
            continues, following = stream.begin(event)
            private.totals.replace(event.balances, keep=continues)
            for update in following:
                private.totals.add(update.changes)
            if not continues:
                private.joined = False
            self._show(private)
            return self._complete()
        if stream.last == 0:
            stream.hold(event)
            return []
        if event.sequence <= stream.last:
            return []
        if event.sequence != stream.last + 1:
            return self._gap(BALANCES, line, stream.last, event.sequence, wall)
        stream.last, stream.in_snapshot = event.sequence, False
        private.totals.add(event.changes)
        if private.joined:
            self._stores.balances.apply_changes(event.changes)
        self._join_equal()
        return []

    def positions(self) -> list[tuple[Line, int, int]]:
        """Return the number of the last frame of orders and of balances applied, by line; 0 before the snapshot."""
        return [(line, one.executions.last, one.balances.last) for line, one in self._lines.items()]

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
        private = self._lines.get(line)
        stream = None if private is None else _stream(private, channel)
        if stream is None or stream.last == 0:
            return []  # its snapshot is awaited; asking again for one that cannot be read would never end
        return self._in_doubt(channel, line, "a frame could not be read", wall)

    def lost(self, line: Line) -> list[Effect]:
        """A line was lost. With the other one joined nothing is; else nothing is verified any more."""
        private = self._lines.pop(line, None)
        if private is None:
            if not self._lines:
                self._doubt_orders("the account line was lost")
                self._doubt_balances("the account line was lost")
            return []
        self._end_stretch(private, "the account line was lost")
        return self._hand_over("the account line was lost")

    def _show(self, private: _PrivateLine) -> None:
        """Take over a line's totals, unless another line's are shown and alive: then they have to meet first."""
        if any(other.joined for other in self._lines.values() if other is not private):
            self._join_equal()
            return
        private.joined = True
        self._stores.balances.apply_snapshot(private.totals.all())

    def _join_equal(self) -> None:
        shown = self._stores.balances
        for private in self._lines.values():
            if not private.joined and private.balances.last and shown.shows(private.totals):
                private.joined = True

    def _hand_over(self, reason: str) -> list[Effect]:
        """Find whose totals are shown when those shown so far have lost their line."""
        if any(private.joined for private in self._lines.values()):
            return []
        self._doubt_balances(reason)
        whole = next((private for private in self._lines.values() if private.balances.last), None)
        if whole is None:
            return []
        # The other line had not caught up yet: its totals are whole, but nobody compared them.
        self._show(whole)
        return [Reconcile(reason)]

    def _open_orders(
        self, private: _PrivateLine, event: ExecutionEvent, wall: int, *, continues: bool
    ) -> list[Effect]:
        orders = self._stores.orders
        if not continues:
            private.listed.clear()
        private.listed.update(report.order_id for report in event.reports)
        contradicted = [
            report.order_id
            for report in event.reports
            if not report.is_trade and _is_open(report.status) and orders.has_ended(report.order_id)
        ]
        unknown = [
            r.fill.exec_id for r in event.reports if r.fill and self._stores.fills.get(r.fill.exec_id) is None
        ]
        effects = self._reports(event)
        alone = all(other.stretch is None for other in self._lines.values() if other is not private)
        if not continues:
            self._end_stretch(private, "")
            private.stretch = orders.begin_stretch()
        if contradicted:
            text = f"reported open after it ended: {', '.join(contradicted[:3])}"
            if alone:
                self._stores.health.alarm(Alarm(wall, "order state", text, tuple(contradicted)))
            # With the other line ahead of this snapshot it is no contradiction; looking does no harm.
            effects.append(Reconcile(text))
        if len(unknown) >= SNAPSHOT_TRADES:
            effects.append(Reconcile("more fills than the snapshot holds", fills=True))
        elif orders.absent_from(private.listed):
            effects.append(Reconcile("open orders missing from the snapshot"))
        return effects

    def _reports(self, event: ExecutionEvent) -> list[Effect]:
        orders = self._stores.orders
        found: dict[Effect, None] = {}
        for report in event.reports:
            if report.fill is not None and not event.snapshot:
                self._expect_entry(report.fill)
            # The fills in a snapshot are of orders long ended; nothing is to be found out about those.
            wishes = orders.report(report)
            if not event.snapshot:
                found.update(dict.fromkeys(wishes))
        return list(found)

    def _expect_entry(self, fill: Fill) -> None:
        """A fill that is news moves its base asset: the other channel has to tell of it."""
        instrument = self._stores.instruments.get(fill.symbol)
        if instrument is not None and self._stores.fills.get(fill.exec_id) is None:
            self._stores.balances.filled(instrument.base, self.now)

    def _complete(self) -> list[Effect]:
        stores = self._stores
        if stores.health.account_doubt and stores.orders.verified and stores.balances.verified:
            return [Reconcile("account snapshots complete")]
        return []

    def _gap(self, channel: str, line: Line, last: int, sequence: int, wall: int) -> list[Effect]:
        self._stores.health.gaps += 1
        self._stores.channels.missed(channel, line)
        return self._in_doubt(channel, line, f"sequence {last} is followed by {sequence}", wall)

    def _in_doubt(self, channel: str, line: Line, reason: str, wall: int) -> list[Effect]:
        stores, private = self._stores, self._lines[line]
        stores.health.note(wall, channel, reason)
        _stream(private, channel).doubt()
        told = f"{channel}: {reason}"
        if channel == EXECUTIONS:
            self._end_stretch(private, told)
        else:
            private.joined = False
            self._hand_over(told)
        effects: list[Effect] = [ResyncPrivate(channel, line, reason)]
        # The other line has heard what this one missed.
        return effects + ([Reconcile(told)] if stores.health.account_doubt else [])

    def _end_stretch(self, private: _PrivateLine, reason: str) -> None:
        if private.stretch is not None:
            self._stores.orders.end_stretch(private.stretch)
            private.stretch = None
        if reason and not self._stores.orders.verified:
            self._doubt_orders(reason)

    def _doubt_orders(self, reason: str) -> None:
        self._stores.orders.doubt()
        self._stores.health.doubt_account(reason)

    def _doubt_balances(self, reason: str) -> None:
        self._stores.balances.doubt()
        self._stores.health.doubt_account(reason)

    def _after_reports(self, wall: int) -> None:
        stores = self._stores
        stores.balances.orders_changed()
        for alarm in stores.orders.take_alarms():
            stores.health.alarm(Alarm(wall, alarm.kind, alarm.text, alarm.order_ids))


def _stream(private: _PrivateLine, channel: str) -> _Stream[Any]:
    return private.executions if channel == EXECUTIONS else private.balances


def _is_open(status: OrderStatus | None) -> bool:
    return status is not None and not status.is_final
