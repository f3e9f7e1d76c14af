"""An exchange engine under the test's own clock, with short words for orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.sim.engine import Engine
from core.sim.model import ExecReport, OrderSpec, SimOrder, TriggerSpec

START_NS = 1_795_000_000 * 1_000_000_000
SYMBOL = "BTC/USD"
RICH = {
    "USD": Decimal(10_000_000),
    "EUR": Decimal(1_000_000),
    "BTC": Decimal(100),
    "ETH": Decimal(1_000),
    "USDT": Decimal(1_000_000),
}
POOR = {"USD": Decimal(1_000), "BTC": Decimal("0.01")}


class Bench:
    """An engine, its clock, and everything it reported. Accounts ``ann`` and ``bob`` are rich, ``eve`` is poor."""

    def __init__(
        self, *, market: bool = False, seed: int = 1, tier: str = "intermediate", speed: float = 1.0
    ):
        self.now_ns = START_NS
        self.engine = Engine(now=lambda: self.now_ns, seed=seed, market=market, speed=speed)
        self.reports: list[ExecReport] = []
        self.engine.listeners.execution.append(self.reports.append)
        accounts: tuple[tuple[str, Mapping[str, Decimal]], ...] = (
            ("ann", RICH),
            ("bob", RICH),
            ("eve", POOR),
        )
        for name, balances in accounts:
            self.engine.open_account(name, tier, balances)

    def wait(self, seconds: float) -> None:
        """Let time pass, and the engine notice."""
        self.now_ns += round(seconds * 1_000_000_000)
        self.engine.advance()

    def add(
        self, account: str, side: str, qty: str | None, price: str | None = None, **more: Any
    ) -> SimOrder:
        """Place an order; a limit order when a price is given, else a market order."""
        order = self.engine.add(account, spec(side, qty, price, **more))
        assert order is not None
        return order

    def words(self, account: str) -> list[str]:
        """The exec_types reported to an account, in order."""
        return [report.exec_type for report in self.reports if report.order.account == account]

    def last(self, account: str) -> ExecReport:
        """The latest report to an account."""
        return [report for report in self.reports if report.order.account == account][-1]


def spec(side: str, qty: str | None, price: str | None = None, **more: Any) -> OrderSpec:
    """An order specification; ``trigger`` may be a text for a static trigger."""
    fields: dict[str, Any] = {"symbol": SYMBOL, "order_type": "market" if price is None else "limit"}
    fields.update(more)
    trigger = fields.pop("trigger", None)
    if trigger is not None:
        fields["triggers"] = TriggerSpec(Decimal(trigger)) if isinstance(trigger, str) else trigger
    return OrderSpec(
        side=side,
        order_qty=None if qty is None else Decimal(qty),
        limit_price=None if price is None else Decimal(price),
        **fields,
    )
