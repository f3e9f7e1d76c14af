"""An account as it stood some time ago, for REST queries that lag behind the engine.

Orders change in place, so their versions are kept from the moment the archive is opened. What there was at that
moment is always seen, what came later only when it is old enough.
"""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from core.sim.model import ZERO, ExecReport, Fill, LedgerEntry, SimOrder

if TYPE_CHECKING:
    from core.sim.engine import Engine

FIRST = -1  # earlier than any time
Versions = list[tuple[int, SimOrder]]


class Records(Protocol):
    """What REST may ask of an account: the engine itself, or an earlier state of it."""

    def order(self, account: str, order_id: str) -> SimOrder | None:
        """An order of the account, open or closed."""

    def open_orders(self, account: str) -> list[SimOrder]:
        """Open orders, oldest first."""

    def closed_orders(self, account: str) -> list[SimOrder]:
        """Closed orders, latest closing first."""

    def fills(self, account: str) -> list[Fill]:
        """Executions, newest first."""

    def ledger(self, account: str) -> list[LedgerEntry]:
        """Balance changes, newest first."""

    def balances(self, account: str) -> dict[str, Decimal]:
        """Balance of every asset ever held."""

    def holds(self, account: str) -> dict[str, Decimal]:
        """Amounts kept for open orders."""


class Archive:
    """Versions of every account's orders from now on. Call `close` to stop. Times are wall nanoseconds."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        accounts = {name: engine.account(name) for name in engine.account_names}
        self.known_fills = {name: len(one.fills) + one.fills_before for name, one in accounts.items()}
        self.known_entries = {name: len(one.ledger) + one.entries_before for name, one in accounts.items()}
        self._versions: dict[str, dict[str, Versions]] = {}
        engine.listeners.execution.append(self._on_report)
        for account in engine.account_names:
            orders = (*reversed(engine.closed_orders(account)), *engine.open_orders(account))
            self._versions[account] = {order.order_id: [(FIRST, copy.copy(order))] for order in orders}

    def close(self) -> None:
        """Stop listening to the engine."""
        self.engine.listeners.execution.remove(self._on_report)

    def as_of(self, ts_ns: int) -> PastRecords:
        """Return the state at a time, or the first one kept."""
        return PastRecords(self, ts_ns)

    def orders(self, account: str, ts_ns: int) -> list[SimOrder]:
        """Return the orders that existed then, as they were, oldest first."""
        found = (_version(versions, ts_ns) for versions in self._versions.get(account, {}).values())
        return [order for order in found if order is not None]

    def order(self, account: str, order_id: str, ts_ns: int) -> SimOrder | None:
        """Return one order as it was."""
        return _version(self._versions.get(account, {}).get(order_id, []), ts_ns)

    def _on_report(self, report: ExecReport) -> None:
        orders = self._versions.setdefault(report.order.account, {})
        orders.setdefault(report.order.order_id, []).append((report.ts_ns, report.order))


class PastRecords:
    """One moment of an archive."""

    def __init__(self, archive: Archive, ts_ns: int) -> None:
        self._archive = archive
        self._engine = archive.engine
        self._ts_ns = ts_ns

    def order(self, account: str, order_id: str) -> SimOrder | None:
        """As the engine's."""
        return self._archive.order(account, order_id, self._ts_ns)

    def open_orders(self, account: str) -> list[SimOrder]:
        """As the engine's."""
        return [order for order in self._archive.orders(account, self._ts_ns) if order.is_open]

    def closed_orders(self, account: str) -> list[SimOrder]:
        """As the engine's."""
        closed = [order for order in self._archive.orders(account, self._ts_ns) if not order.is_open]
        return sorted(closed, key=lambda order: order.closed_ns, reverse=True)

    def fills(self, account: str) -> list[Fill]:
        """As the engine's."""
        fills = self._engine.fills(account)
        before = self._engine.account(account).fills_before
        new = len(fills) + before - self._archive.known_fills.get(account, 0)
        return [fill for fill in fills[:new] if fill.ts_ns <= self._ts_ns] + fills[new:]

    def ledger(self, account: str) -> list[LedgerEntry]:
        """As the engine's."""
        entries = self._engine.ledger(account)
        before = self._engine.account(account).entries_before
        new = len(entries) + before - self._archive.known_entries.get(account, 0)
        return [entry for entry in entries[:new] if entry.ts_ns <= self._ts_ns] + entries[new:]

    def balances(self, account: str) -> dict[str, Decimal]:
        """As the engine's: the balance after the last entry of each asset, before the first what it says was there."""
        totals: dict[str, Decimal] = {}
        if self._engine.account(account).entries_before:
            totals = self._engine.balances(account)
            totals |= {one.asset: one.balance - one.amount + one.fee for one in self._engine.ledger(account)}
        for entry in reversed(self.ledger(account)):
            totals[entry.asset] = entry.balance
        return totals

    def holds(self, account: str) -> dict[str, Decimal]:
        """As the engine's."""
        held: dict[str, Decimal] = {}
        for order in self.open_orders(account):
            asset, amount = self._engine.hold(order)
            held[asset] = held.get(asset, ZERO) + amount
        return held


def _version(versions: Versions, ts_ns: int) -> SimOrder | None:
    return next((order for at_ns, order in reversed(versions) if at_ns == FIRST or at_ns <= ts_ns), None)
