"""What really happened on the exchange, for an auditor: orders, fills and balances as plain frozen values.

Kept up to date from the first question on, so that asking after every step stays cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.sim.model import ZERO, ExecReport, Fill, SimOrder

if TYPE_CHECKING:
    from core.sim.engine import Engine


@dataclass(frozen=True, slots=True)
class OrderTruth:
    """One accepted order. ``status`` in the words of the ``executions`` channel; quantities in base units."""

    order_id: str
    cl_ord_id: str | None
    symbol: str
    side: str
    status: str
    qty: Decimal
    cum_qty: Decimal


@dataclass(frozen=True, slots=True)
class FillTruth:
    """One execution: ``qty`` base, ``price`` quote, ``fee`` in ``fee_asset``."""

    exec_id: str
    order_id: str
    symbol: str
    side: str
    qty: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str


@dataclass(frozen=True, slots=True)
class BalanceTruth:
    """One asset: everything owned, and the part kept for open orders."""

    total: Decimal
    held: Decimal


@dataclass(frozen=True, slots=True)
class Truth:
    """One account at one moment. ``accepted`` counts the orders accepted under each ``cl_ord_id``."""

    orders: Mapping[str, OrderTruth]
    fills: Mapping[str, FillTruth]
    balances: Mapping[str, BalanceTruth]
    accepted: Mapping[str, int]


class Auditing:
    """Follows one account. Call `close` to stop."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine
        self._account = account
        self._orders: dict[str, OrderTruth] = {}
        self._accepted: dict[str, int] = {}
        for order in (*reversed(engine.closed_orders(account)), *engine.open_orders(account)):
            self._note(order)
        self._fills = {fill.exec_id: _fill(fill) for fill in reversed(engine.fills(account))}
        engine.listeners.execution.append(self._on_report)

    def close(self) -> None:
        """Stop listening to the engine."""
        self._engine.listeners.execution.remove(self._on_report)

    def truth(self) -> Truth:
        """Return the account as it stands now."""
        held = self._engine.holds(self._account)
        balances = {
            asset: BalanceTruth(total, held.get(asset, ZERO))
            for asset, total in self._engine.balances(self._account).items()
        }
        return Truth(
            MappingProxyType(dict(self._orders)),
            MappingProxyType(dict(self._fills)),
            MappingProxyType(balances),
            MappingProxyType(dict(self._accepted)),
        )

    def _on_report(self, report: ExecReport) -> None:
        if report.order.account != self._account:
            return
        self._note(report.order)
        if report.fill is not None:
            self._fills[report.fill.exec_id] = _fill(report.fill)

    def _note(self, order: SimOrder) -> None:
        cl_ord_id = order.spec.cl_ord_id
        if order.order_id not in self._orders and cl_ord_id is not None:
            self._accepted[cl_ord_id] = self._accepted.get(cl_ord_id, 0) + 1
        self._orders[order.order_id] = OrderTruth(
            order.order_id,
            cl_ord_id,
            order.spec.symbol,
            order.spec.side,
            order.status,
            order.order_qty,
            order.cum_qty,
        )


def _fill(fill: Fill) -> FillTruth:
    return FillTruth(
        fill.exec_id,
        fill.order_id,
        fill.symbol,
        fill.side,
        fill.qty,
        fill.price,
        fill.fee,
        fill.fee_asset,
    )
