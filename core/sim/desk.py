"""The life of an order: accepted, scheduled, waiting for its trigger, matched, resting, expired.

Order of reports: ``pending_new`` (accepted), ``new`` (live), then what happens. A post-only order that would take
liquidity is accepted and then cancelled with the reason ``Post only order``. Source: Kraken "Executions".
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from core.sim.accounts import Account, fee_in_base, round_up
from core.sim.checks import (
    LIMIT_TYPES,
    TRAILING_TYPES,
    TRIGGER_TYPES,
    check_cost,
    check_deadline,
    check_limits,
    check_mode,
    check_shape,
    check_volume,
    invalid,
)
from core.sim.floor import Floor, Venue
from core.sim.matching import SELF_TRADE, Matcher, Taker
from core.sim.model import ZERO, ConditionalSpec, OrderSpec, Reject, SimOrder, TriggerSpec
from core.sim.triggers import arm, is_reached, on_grid, shifted, trail

POST_ONLY = "Post only order"
NO_FUNDS = "Insufficient funds"
NO_LIQUIDITY = "Insufficient liquidity"
EXPIRED = "Order expired"
INSUFFICIENT = "EOrder:Insufficient funds"
BATCH = range(2, 16)


class Desk:
    """Accepts orders and carries them through. ``index_price(symbol)`` is the index, or None where there is none."""

    def __init__(self, floor: Floor, matcher: Matcher, index_price: Callable[[str], Decimal | None]) -> None:
        self._floor = floor
        self._matcher = matcher
        self._index_price = index_price

    # -- coming in ------------------------------------------------------------------------------------------

    def add(
        self, account: Account, spec: OrderSpec, now_ns: int, *, validate: bool = False
    ) -> SimOrder | None:
        """Check and place one order; None when only validated. Charges one point even if a check fails."""
        venue = self._floor.venue(spec.symbol)
        if not validate:
            counter = account.counter(spec.symbol)
            counter.admit(now_ns)
            counter.charge(now_ns, 1)
        self._check(account, venue, spec, now_ns)
        order = self._draft(account, venue, spec, now_ns)
        self._check_funds(account, venue, order, now_ns)
        if validate:
            return None
        self.accept(venue, order, now_ns)
        return order

    def add_batch(
        self, account: Account, specs: list[OrderSpec], now_ns: int, *, validate: bool
    ) -> list[SimOrder | Reject]:
        """2 to 15 orders of one pair. One malformed order rejects all; later failures stand alone."""
        if len(specs) not in BATCH or len({spec.symbol for spec in specs}) != 1:
            raise invalid("orders")
        venue = self._floor.venue(specs[0].symbol)
        if not validate:
            counter = account.counter(venue.spec.symbol)
            counter.admit(now_ns)
            counter.charge(now_ns, Decimal(len(specs)) / 2)
        for spec in specs:
            if spec.time_in_force == "fok":
                raise invalid("time_in_force")
            self._check(account, venue, spec, now_ns)
        if validate:
            return []
        return [self._add_leg(account, venue, spec, now_ns) for spec in specs]

    def _add_leg(self, account: Account, venue: Venue, spec: OrderSpec, now_ns: int) -> SimOrder | Reject:
        try:
            check_limits(account, spec)
            order = self._draft(account, venue, spec, now_ns)
            self._check_funds(account, venue, order, now_ns)
        except Reject as refused:
            return refused
        self.accept(venue, order, now_ns)
        return order

    def _check(self, account: Account, venue: Venue, spec: OrderSpec, now_ns: int) -> None:
        check_mode(self._floor, venue, spec)
        check_deadline(spec.deadline_ns, now_ns)
        check_shape(venue.spec, spec, now_ns)
        check_limits(account, spec)

    def _draft(self, account: Account, venue: Venue, spec: OrderSpec, now_ns: int) -> SimOrder:
        """The order as the exchange will hold it, its prices resolved."""
        spec = replace(
            spec, fee_preference=spec.fee_preference or "quote", order_userref=spec.order_userref or 0
        )
        order = SimOrder(
            order_id=self._floor.ids.new("O"),
            account=account.name,
            spec=spec,
            opened_ns=now_ns,
            order_qty=spec.order_qty or ZERO,
            limit_price=spec.limit_price if spec.limit_price_type == "static" else None,
            display_qty=spec.display_qty,
            last_change_ns=now_ns,
        )
        if spec.triggers:
            arm(order, venue.spec, self.reference(venue, spec))
        if spec.cash_order_qty is None:
            price = order.limit_price or order.trigger_price or self._touch(venue, spec.side)
            check_cost(venue.spec, order.order_qty, price)
        return order

    def reference(self, venue: Venue, spec: OrderSpec) -> Decimal:
        """The price an order's trigger watches."""
        if spec.triggers and spec.triggers.reference == "index":
            index = self._index_price(venue.spec.symbol)
            if index is not None:
                return index
        return venue.grid.price(venue.tape.last_ticks)

    @staticmethod
    def _touch(venue: Venue, side: str) -> Decimal:
        best = venue.book.side(side == "sell").best()
        return venue.grid.price(venue.tape.last_ticks if best is None else best)

    def _check_funds(self, account: Account, venue: Venue, order: SimOrder, now_ns: int) -> None:
        asset, amount = self.needed(account, venue, order, now_ns)
        if self._floor.available(account, asset, now_ns) < amount:
            raise Reject(INSUFFICIENT)

    def needed(self, account: Account, venue: Venue, order: SimOrder, now_ns: int) -> tuple[str, Decimal]:
        """What an order that is not yet open needs. A market buy needs what the book asks for, with its fee."""
        spec = order.spec
        if spec.side == "sell" or order.limit_price or order.trigger_price or spec.cash_order_qty:
            return self._floor.hold(order, now_ns)
        _, taker = self._floor.rates(account, venue.spec, now_ns)
        cost = self._matcher.worst_cost(venue, True, venue.grid.lots(order.leaves))
        fee = ZERO if fee_in_base(spec) else cost * taker
        return venue.spec.quote, round_up(cost + fee, self._floor.assets[venue.spec.quote])

    # -- living ---------------------------------------------------------------------------------------------

    def accept(self, venue: Venue, order: SimOrder, now_ns: int) -> None:
        """Open the order, report it, and start it now or at its scheduled time."""
        self._floor.account(order.account).open[order.order_id] = order
        self._floor.report("pending_new", order, now_ns)
        if order.spec.effective_ns is not None and order.spec.effective_ns > now_ns:
            venue.scheduled[order.order_id] = order
            return
        self.start(venue, order, now_ns)

    def start(self, venue: Venue, order: SimOrder, now_ns: int) -> None:
        """Make an accepted order live: wait for its trigger, or match it."""
        venue.scheduled.pop(order.order_id, None)
        order.status = "new"
        self._floor.report("new", order, now_ns)
        if order.spec.order_type in TRIGGER_TYPES:
            venue.waiting[order.order_id] = order
            self._wake(venue, order, self.reference(venue, order.spec), now_ns)
        elif self._can_pay(venue, order, now_ns):
            self.match(venue, order, now_ns)
        else:
            self._floor.close(order, "canceled", now_ns, NO_FUNDS)
        self.settle(venue, now_ns)

    def match(self, venue: Venue, order: SimOrder, now_ns: int, *, keep_post_only: bool = True) -> None:
        """Trade what can be traded now; rest, cancel or expire what is left.

        An amend that does not repeat the post-only flag may take liquidity (``keep_post_only`` false).
        """
        spec, floor = order.spec, self._floor
        limit = venue.grid.ticks(order.limit_price) if order.limit_price is not None else None
        is_buy = spec.side == "buy"
        if keep_post_only and spec.post_only and limit is not None and venue.book.crosses(is_buy, limit):
            floor.close(order, "canceled", now_ns, POST_ONLY)
            return
        taker = Taker(is_buy, venue.grid.lots(order.leaves), limit, "limit" if limit else "market", order)
        if spec.cash_order_qty is not None:
            taker.cash, taker.lots = spec.cash_order_qty, 10**18
        if spec.time_in_force == "fok" and self._matcher.fillable(venue, taker) < taker.lots:
            floor.close(order, "expired", now_ns, EXPIRED)
            return
        self._matcher.take(venue, taker, now_ns)
        self._finish(venue, order, taker, now_ns)

    def _finish(self, venue: Venue, order: SimOrder, taker: Taker, now_ns: int) -> None:
        floor = self._floor
        if taker.cash is not None:
            order.order_qty = order.cum_qty
            spent = order.cum_qty > 0 and venue.book.side(not taker.is_buy).best() is not None
            status, reason = ("filled", None) if spent else ("canceled", NO_LIQUIDITY)
            floor.close(order, status, now_ns, reason)
        elif taker.lots == 0:
            floor.close(order, "filled", now_ns)
        elif taker.stopped:
            floor.close(order, "expired", now_ns, SELF_TRADE)
        elif taker.limit is None:
            floor.close(order, "canceled", now_ns, NO_LIQUIDITY)
        elif order.spec.time_in_force == "ioc":
            floor.close(order, "expired", now_ns, EXPIRED)
        else:
            self._matcher.rest(venue, order, now_ns)

    def fill(self, account: Account, order_id: str, qty: Decimal, now_ns: int) -> None:
        """Let somebody trade with one order that rests, or that was closed a moment ago."""
        order = account.open.get(order_id) or account.closed.get(order_id)
        if order is None or not 0 < qty <= order.leaves:
            raise Reject("EOrder:Invalid order")
        venue = self._floor.venue(order.spec.symbol)
        if order.is_open and order_id not in venue.places:
            raise Reject("EOrder:Invalid order")
        self._matcher.hit(venue, order, venue.grid.lots(qty), now_ns)
        if not order.is_open and order.status != "filled" and not order.leaves:
            order.status, order.reason = "filled", None
            self._floor.report("filled", order, now_ns)
        self.settle(venue, now_ns)

    def settle(self, venue: Venue, now_ns: int) -> None:
        """Follow up on trades: wake triggers, create conditional closes, until nothing more happens."""
        while venue.prints or self._floor.closing:
            prints, venue.prints = venue.prints, []
            for ticks in prints:
                self._look(venue, venue.grid.price(ticks), "last", now_ns)
            closing, self._floor.closing = self._floor.closing, []
            for order, qty in closing:
                self._close_leg(order, qty, now_ns)

    def follow_index(self, venue: Venue, now_ns: int) -> None:
        """Look at orders that watch the index."""
        index = self._index_price(venue.spec.symbol)
        if venue.waiting and index is not None:
            self._look(venue, index, "index", now_ns)

    def _look(self, venue: Venue, price: Decimal, reference: str, now_ns: int) -> None:
        for order in list(venue.waiting.values()):
            triggers = order.spec.triggers
            if triggers and triggers.reference == reference and order.order_id in venue.waiting:
                self._wake(venue, order, price, now_ns)

    def _wake(self, venue: Venue, order: SimOrder, price: Decimal, now_ns: int) -> None:
        """Trail the price, and release the order when the price has reached its trigger."""
        if order.spec.order_type in TRAILING_TYPES and trail(order, venue.spec, price):
            self._floor.report("status", order, now_ns)
        if not is_reached(order, price) or self._floor.status in ("cancel_only", "post_only", "maintenance"):
            return
        del venue.waiting[order.order_id]
        order.triggered, order.triggered_price = True, price
        self._floor.report("status", order, now_ns)
        if order.spec.order_type not in LIMIT_TYPES and not self._can_pay(venue, order, now_ns):
            self._floor.close(order, "canceled", now_ns, NO_FUNDS)
            return
        self.match(venue, order, now_ns)

    def _can_pay(self, venue: Venue, order: SimOrder, now_ns: int) -> bool:
        """Whether a woken market order is still affordable: its own hold may be used."""
        if (
            order.spec.side == "sell"
            or order.limit_price is not None
            or order.spec.cash_order_qty is not None
        ):
            return True
        account = self._floor.account(order.account)
        asset, held = self._floor.hold(order, now_ns)
        free = self._floor.available(account, asset, now_ns) + held
        bare = copy.copy(order)
        bare.trigger_price = None
        return self.needed(account, venue, bare, now_ns)[1] <= free

    def _close_leg(self, primary: SimOrder, qty: Decimal, now_ns: int) -> None:
        """Create the close order of one fill; one that fails a check (minimum, funds) is not created."""
        close = primary.spec.conditional
        assert close is not None
        account = self._floor.account(primary.account)
        venue = self._floor.venue(primary.spec.symbol)
        spec = close_spec(primary, close, qty, venue)
        try:
            check_volume(venue.spec, qty)
            check_limits(account, spec)
            order = self._draft(account, venue, spec, now_ns)
            self._check_funds(account, venue, order, now_ns)
        except Reject:
            return
        order.ref_order_id = primary.order_id
        self.accept(venue, order, now_ns)

    def rearm(self, venue: Venue, order: SimOrder) -> None:
        """Compute a changed trigger from the current reference price."""
        arm(order, venue.spec, self.reference(venue, order.spec))

    def look_again(self, venue: Venue, order: SimOrder, now_ns: int) -> None:
        """Release a waiting order whose changed trigger is already reached."""
        if order.order_id in venue.waiting:
            self._wake(venue, order, self.reference(venue, order.spec), now_ns)

    def replacement(
        self, account: Account, venue: Venue, old: SimOrder, spec: OrderSpec, now_ns: int
    ) -> SimOrder:
        """The checked order that takes the place of ``old``, whose hold it may use."""
        check_mode(self._floor, venue, spec)
        check_deadline(spec.deadline_ns, now_ns)
        check_shape(venue.spec, spec, now_ns)
        order = self._draft(account, venue, spec, now_ns)
        asset, freed = self._floor.hold(old, now_ns)
        _, amount = self.needed(account, venue, order, now_ns)
        if self._floor.available(account, asset, now_ns) + freed < amount:
            raise Reject(INSUFFICIENT)
        return order

    def keep_time(self, venue: Venue, now_ns: int) -> None:
        """Start scheduled orders and end those whose time is over."""
        if self._floor.status == "maintenance":
            return
        for order in [one for one in venue.scheduled.values() if (one.spec.effective_ns or 0) <= now_ns]:
            self.start(venue, order, now_ns)

    def expire(self, account: Account, now_ns: int) -> None:
        """End orders whose time is over."""
        for order in list(account.open.values()):
            if order.spec.expire_ns is not None and order.spec.expire_ns <= now_ns:
                self._floor.close(order, "expired", now_ns, EXPIRED)


def close_spec(primary: SimOrder, close: ConditionalSpec, qty: Decimal, venue: Venue) -> OrderSpec:
    """The order that closes one fill: opposite side, the filled size, prices of the template."""
    trailing = close.order_type in TRAILING_TYPES
    triggers = None
    if close.trigger_price is not None:
        kind = close.trigger_price_type
        triggers = TriggerSpec(
            close.trigger_price, "last", "quote" if trailing and kind == "static" else kind
        )
    limit, kind = close.limit_price, close.limit_price_type
    if limit is not None and close.order_type == "limit" and kind != "static":
        limit = on_grid(shifted(primary.avg_price, limit, kind), venue.spec)
        kind = "static"
    return OrderSpec(
        symbol=primary.spec.symbol,
        side="sell" if primary.spec.side == "buy" else "buy",
        order_type=close.order_type,
        order_qty=qty,
        limit_price=limit,
        limit_price_type=kind,
        triggers=triggers,
        stp_type=primary.spec.stp_type,
        fee_preference=primary.spec.fee_preference,
        order_userref=primary.spec.order_userref,
    )
