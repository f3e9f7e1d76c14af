"""Subscriptions to ``executions`` and ``balances``: engine events in, numbered frames out.

Each subscription counts its own frames from 1. Events wait until `flush`, so that the answer to a request
leaves before the reports it caused. Source: Kraken channel pages ``executions`` and ``balances``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.sim import private_rows, wire
from core.sim.model import ExecReport, LedgerEntry
from core.sim.publisher import Subscriber

if TYPE_CHECKING:
    from core.sim.engine import Engine

SNAPSHOT_FILLS = 50


@dataclass(slots=True, kw_only=True)
class PrivateSubscription:
    """One connection's subscription. ``sequence`` is that of the last frame sent."""

    subscriber: Subscriber
    account: str
    channel: str
    every_status: bool = True
    ratecounter: bool = False
    sequence: int = 0

    def send(self, kind: str, rows: list[private_rows.Row]) -> None:
        """Send one frame with the next number."""
        self.sequence += 1
        frame = {"channel": self.channel, "type": kind, "data": rows, "sequence": self.sequence}
        self.subscriber.deliver(wire.encode(frame))


class PrivateFeed:
    """Who hears of which account. One for the whole exchange."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._subscriptions: list[PrivateSubscription] = []
        self._waiting: list[ExecReport | LedgerEntry] = []
        engine.listeners.execution.append(self._waiting_for)
        engine.listeners.ledger.append(self._waiting_for)

    def close(self) -> None:
        """Stop listening to the engine."""
        self._engine.listeners.execution.remove(self._waiting_for)
        self._engine.listeners.ledger.remove(self._waiting_for)

    def subscribe(self, subscription: PrivateSubscription) -> None:
        """Start to send updates; earlier events went to those already there."""
        self.flush()
        self._subscriptions.append(subscription)

    def unsubscribe(self, channel: str, subscriber: Subscriber) -> bool:
        """Stop; return whether there was anything to stop."""
        kept = [one for one in self._subscriptions if (one.channel, one.subscriber) != (channel, subscriber)]
        was_there = len(kept) < len(self._subscriptions)
        self._subscriptions = kept
        return was_there

    def is_subscribed(self, channel: str, subscriber: Subscriber) -> bool:
        """Whether this subscriber hears this channel."""
        return any((one.channel, one.subscriber) == (channel, subscriber) for one in self._subscriptions)

    def drop(self, subscriber: Subscriber) -> None:
        """The subscriber is gone."""
        self._subscriptions = [one for one in self._subscriptions if one.subscriber is not subscriber]

    def send_orders(self, subscription: PrivateSubscription, *, orders: bool, fills: bool) -> None:
        """Send the ``executions`` snapshot: open orders, then the latest fills, oldest first."""
        engine, account = self._engine, subscription.account
        rows: list[private_rows.Row] = []
        if orders:
            rows += [
                private_rows.open_order_row(order, engine.pairs[order.spec.symbol])
                for order in engine.open_orders(account)
            ]
        if fills:
            rows += [
                private_rows.past_fill_row(
                    fill, engine.order(account, fill.order_id), engine.pairs[fill.symbol], engine
                )
                for fill in reversed(engine.fills(account)[:SNAPSHOT_FILLS])
            ]
        subscription.send("snapshot", rows)

    def send_balances(self, subscription: PrivateSubscription) -> None:
        """Send the ``balances`` snapshot."""
        engine = self._engine
        balances = engine.balances(subscription.account)
        subscription.send(
            "snapshot",
            [private_rows.balance_row(engine.assets[asset], total) for asset, total in balances.items()],
        )

    def flush(self) -> None:
        """Send everything that waits, one frame an event."""
        while self._waiting:
            waiting, self._waiting[:] = list(self._waiting), []
            for event in waiting:
                if isinstance(event, ExecReport):
                    self._send_report(event)
                else:
                    self._send_entry(event)

    def _waiting_for(self, event: ExecReport | LedgerEntry) -> None:
        account = event.order.account if isinstance(event, ExecReport) else event.account
        if any(one.account == account for one in self._subscriptions):
            self._waiting.append(event)

    def _send_report(self, report: ExecReport) -> None:
        order = report.order
        row = private_rows.report_row(report, self._engine.pairs[order.spec.symbol], self._engine)
        for one in self._subscriptions:
            if one.channel != "executions" or one.account != order.account:
                continue
            if not one.every_status and report.exec_type not in private_rows.FINAL_EXEC_TYPES:
                continue
            counted = one.ratecounter and report.rate_count is not None
            one.send("update", [row | {"ratecount": report.rate_count} if counted else row])

    def _send_entry(self, entry: LedgerEntry) -> None:
        row = private_rows.ledger_row(entry, self._engine.assets[entry.asset])
        for one in self._subscriptions:
            if one.channel == "balances" and one.account == entry.account:
                one.send("update", [row])
