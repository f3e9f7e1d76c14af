"""What faults can do to a whole exchange: its lines, its clock, its tokens, and its account from elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from core.runtime.clock import NS_PER_S
from core.sim.lag import Archive, Records
from core.sim.model import AmendSpec, OrderSpec, Reject, SimOrder

if TYPE_CHECKING:
    from core.sim.connection import Connection
    from core.sim.exchange_clock import ExchangeClock
    from core.sim.fault_matching import Match
    from core.sim.hub import Hub

log = logging.getLogger(__name__)

ELSEWHERE = ("order", "cancel", "amend", "trade", "deposit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What another program does to the account: one of `ELSEWHERE`. Quantities in base, prices in quote units."""

    kind: str
    symbol: str | None = None
    side: str | None = None
    qty: Decimal | None = None
    limit_price: Decimal | None = None
    order_id: str | None = None
    cl_ord_id: str | None = None
    asset: str = "USD"


class Stage:
    """The parts of a running exchange that faults reach. ``drop_rest`` ends every REST connection, with a reset or
    without, and returns how many there were.
    """

    def __init__(
        self,
        hub: Hub,
        clock: ExchangeClock,
        account: str,
        lines: Callable[[], list[Connection]],
        drop_rest: Callable[[bool], int],
    ) -> None:
        self.hub = hub
        self._clock = clock
        self.account = account
        self._lines = lines
        self._drop_rest = drop_rest
        self._archive: Archive | None = None

    def close(self) -> None:
        """Let everything that hangs go on, and stop listening to the engine."""
        for line in self._lines():
            line.thaw()
        if self._archive is not None:
            self._archive.close()

    def lines(self, match: Match) -> list[Connection]:
        """The connections a matcher means, of those open now."""
        return [line for line in self._lines() if match.reaches(line.role, line.number)]

    def open_archive(self) -> Archive:
        """Keep versions of all orders from now on, if that has not begun yet."""
        if self._archive is None:
            self._archive = Archive(self.hub.engine)
        return self._archive

    def as_of(self, lag_s: float) -> Records:
        """Return the accounts as they stood some seconds ago."""
        return self.open_archive().as_of(self.hub.clock.wall_ns() - int(lag_s * NS_PER_S))

    def shift(self, ns: int) -> int:
        """Set the exchange's clock forward, or back."""
        self._clock.shift(ns)
        self.hub.engine.shift(ns)
        return 1

    def set_status(self, mode: str) -> int:
        """Change the state of the engine."""
        self.hub.engine.set_status(mode)
        return 1

    def expire_tokens(self) -> int:
        """Forget every token."""
        self.hub.tokens.expire_all()
        return 1

    def raise_nonces(self, by: int) -> int:
        """Let every key have seen a higher nonce."""
        self.hub.keys.raise_nonces(by)
        return 1

    def restart(self, code: int) -> int:
        """Close everything; what clients were told about numbers and tokens holds no more. Orders stay."""
        self.hub.tokens.expire_all()
        for line in self._lines():
            line.cut(code)
        self._drop_rest(False)
        return 1

    def drop_rest(self, *, is_reset: bool) -> int:
        """End every REST connection; how many there were."""
        return self._drop_rest(is_reset)

    def act(self, deed: Deed) -> int:
        """Do something on the account from elsewhere; 0 when the exchange refused it."""
        self.hub.catch_up()
        try:
            _DEEDS[deed.kind](self, deed)
        except Reject as refusal:
            log.info("deed from elsewhere refused kind=%s reason=%s", deed.kind, refusal.text)
            return 0
        finally:
            self.hub.flush()
        return 1

    def fill_late(self, order: SimOrder, qty: Decimal | None) -> None:
        """Let a cancelled order have been filled, ``qty`` of it or all that was left."""
        left = order.order_qty - order.cum_qty
        self.hub.engine.fill(order.account, order.order_id, left if qty is None else min(qty, left))

    def _order(self, deed: Deed) -> None:
        assert deed.symbol is not None
        assert deed.qty is not None
        kind = "market" if deed.limit_price is None else "limit"
        self.hub.engine.add(
            self.account,
            OrderSpec(
                symbol=deed.symbol,
                side=deed.side or "buy",
                order_type=kind,
                order_qty=deed.qty,
                limit_price=deed.limit_price,
                cl_ord_id=deed.cl_ord_id,
            ),
        )

    def _cancel(self, deed: Deed) -> None:
        self.hub.engine.cancel(self.account, order_id=self._meant(deed).order_id)

    def _amend(self, deed: Deed) -> None:
        order = self._meant(deed)
        self.hub.engine.amend(
            self.account,
            AmendSpec(order_id=order.order_id, order_qty=deed.qty, limit_price=deed.limit_price),
        )

    def _trade(self, deed: Deed) -> None:
        """With a side: an order that takes from the book. Without: an open order is hit."""
        if deed.side is not None:
            self._order(replace(deed, limit_price=None))
            return
        order = self._meant(deed)
        self.hub.engine.fill(self.account, order.order_id, order.leaves if deed.qty is None else deed.qty)

    def _deposit(self, deed: Deed) -> None:
        assert deed.qty is not None
        if deed.qty < 0:
            self.hub.engine.withdraw(self.account, deed.asset, -deed.qty)
        else:
            self.hub.engine.deposit(self.account, deed.asset, deed.qty)

    def _meant(self, deed: Deed) -> SimOrder:
        """The open order a deed names, else the oldest open one of its symbol."""
        for order in self.hub.engine.open_orders(self.account):
            by_id = deed.order_id in (None, order.order_id) and deed.cl_ord_id in (None, order.spec.cl_ord_id)
            if by_id and deed.symbol in (None, order.spec.symbol):
                return order
        raise Reject("EOrder:Unknown order")


_DEEDS: Mapping[str, Callable[[Stage, Deed], None]] = {
    "order": Stage._order,
    "cancel": Stage._cancel,
    "amend": Stage._amend,
    "trade": Stage._trade,
    "deposit": Stage._deposit,
}
