"""Changing and ending orders: amend in place, edit (cancel and new), cancels, and the dead man's switch.

Source: Kraken "Amend order", "Edit order", "Cancel order", "Cancel all orders after"; points as in ``limits.md``.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from core.sim.accounts import Account
from core.sim.checks import (
    ICEBERG_SLICES,
    LIMIT_TYPES,
    TRAILING_TYPES,
    check_cancels,
    check_cost,
    check_deadline,
    check_mode,
    check_price,
    check_volume,
    find_client_id,
    invalid,
)
from core.sim.counters import AMEND_POINTS, CANCEL_POINTS, EDIT_POINTS, SECOND_NS, age_points
from core.sim.desk import INSUFFICIENT, Desk
from core.sim.floor import Floor, Venue
from core.sim.matching import Matcher
from core.sim.model import ZERO, AmendSpec, OrderSpec, Reject, SimOrder, TriggerSpec
from core.sim.triggers import on_grid, shifted

USER = "User requested"
DEAD_MAN = "CancelAllOrdersAfter Timeout"
LONGEST_TIMER_S = 86_400
CANCEL_BATCH = range(1, 51)
EDITABLE = frozenset(
    {
        "order_qty",
        "limit_price",
        "limit_price_type",
        "display_qty",
        "triggers",
        "post_only",
        "reduce_only",
        "fee_preference",
        "order_userref",
        "deadline_ns",
    }
)


class Changes:
    """Amends, edits and cancels on the floor's venues."""

    def __init__(self, floor: Floor, desk: Desk, matcher: Matcher) -> None:
        self._floor = floor
        self._desk = desk
        self._matcher = matcher

    def find(self, account: Account, order_id: str | None, cl_ord_id: str | None) -> SimOrder:
        """The open order meant. Reject: ``Unknown order`` when it is not open, ``Invalid order`` when it never was."""
        if (order_id is None) == (cl_ord_id is None):
            raise invalid("order_id")
        if order_id is not None:
            order = account.open.get(order_id)
            if order is None:
                known = order_id in account.closed
                raise Reject("EOrder:Unknown order" if known else "EOrder:Invalid order")
            return order
        found = find_client_id(account, cl_ord_id or "")
        if found is None:
            raise Reject("EOrder:Unknown order")
        return found

    # -- amend ----------------------------------------------------------------------------------------------

    def amend(self, account: Account, spec: AmendSpec, now_ns: int) -> str:
        """Change an open order in place and return the amend id."""
        order = self.find(account, spec.order_id, spec.cl_ord_id)
        venue = self._floor.venue(order.spec.symbol)
        self._charge(account, order, now_ns, AMEND_POINTS, 1)
        check_cancels(self._floor, venue)
        check_deadline(spec.deadline_ns, now_ns)
        wanted = self._amended(venue, order, spec)
        amend_id = self._floor.ids.new("T")
        if wanted.order_qty <= order.cum_qty:
            self._charge(account, order, now_ns, CANCEL_POINTS, 0, admit=False)
            self._floor.close(order, "canceled", now_ns, USER)
            return amend_id
        check_mode(self._floor, venue, replace(order.spec, post_only=order.spec.post_only or spec.post_only))
        self._check_funds(account, order, wanted, now_ns)
        self._apply(venue, order, wanted, spec, amend_id, now_ns)
        return amend_id

    def _amended(self, venue: Venue, order: SimOrder, spec: AmendSpec) -> SimOrder:
        """A copy of the order as it would stand, checked."""
        pair = venue.spec
        if order.spec.conditional:
            raise invalid("order with conditional close cannot be amended")
        wanted = copy.copy(order)
        wanted.amended = True
        if spec.order_qty is not None:
            if not spec.order_qty.is_finite() or spec.order_qty <= 0:
                raise invalid("volume")
            wanted.order_qty = spec.order_qty
        if spec.display_qty is not None:
            wanted.display_qty = spec.display_qty
        self._amend_prices(venue, order, wanted, spec)
        if wanted.order_qty > order.cum_qty:
            check_volume(pair, wanted.order_qty)
            _check_slice(venue, wanted, spec)
            price = wanted.limit_price or wanted.trigger_price
            if price is not None:
                check_cost(pair, wanted.order_qty, price)
        return wanted

    def _amend_prices(self, venue: Venue, order: SimOrder, wanted: SimOrder, spec: AmendSpec) -> None:
        is_trailing = order.spec.order_type in TRAILING_TYPES
        if spec.trigger_price is not None:
            if order.spec.triggers is None or order.triggered:
                raise invalid("trigger_price")
            kind = spec.trigger_price_type or ("quote" if is_trailing else "static")
            triggers = TriggerSpec(spec.trigger_price, order.spec.triggers.reference, kind)
            wanted.spec = replace(wanted.spec, triggers=triggers)
            self._retrigger(venue, wanted)
        if spec.limit_price is not None:
            if order.spec.order_type not in LIMIT_TYPES:
                raise invalid("limit_price")
            if is_trailing and not order.triggered:
                kind = spec.limit_price_type or "quote"
                wanted.spec = replace(wanted.spec, limit_price=spec.limit_price, limit_price_type=kind)
                anchor = wanted.trigger_price or ZERO
                wanted.limit_price = on_grid(shifted(anchor, spec.limit_price, kind), venue.spec)
            else:
                check_price(venue.spec, spec.limit_price)
                wanted.limit_price = spec.limit_price

    def _retrigger(self, venue: Venue, wanted: SimOrder) -> None:
        """Compute the new trigger (and a limit that hangs on it) as for a new order."""
        triggers = wanted.spec.triggers
        assert triggers is not None
        trailing = wanted.spec.order_type in TRAILING_TYPES
        if trailing == (triggers.price_type == "static") or not triggers.price.is_finite():
            raise invalid("trigger_price_type")
        if triggers.price_type == "static":
            check_price(venue.spec, triggers.price)
        if trailing and triggers.price <= 0:
            raise invalid("trigger_price")
        self._desk.rearm(venue, wanted)

    def _check_funds(self, account: Account, order: SimOrder, wanted: SimOrder, now_ns: int) -> None:
        asset, before = self._floor.hold(order, now_ns)
        _, after = self._floor.hold(wanted, now_ns)
        if after > before and self._floor.available(account, asset, now_ns) + before < after:
            raise Reject(INSUFFICIENT)

    def _apply(
        self, venue: Venue, order: SimOrder, wanted: SimOrder, spec: AmendSpec, amend_id: str, now_ns: int
    ) -> None:
        """Quantity down and display changes keep the queue place; quantity up and price changes lose it."""
        place = venue.places.get(order.order_id)
        price_moves = wanted.limit_price != order.limit_price
        moves = place is not None and (price_moves or wanted.order_qty > order.order_qty)
        if place is not None and moves and spec.post_only and wanted.limit_price is not None:
            ticks = venue.grid.ticks(wanted.limit_price)
            if venue.book.crosses(order.spec.side == "buy", ticks):
                raise Reject("EOrder:Post only order")
        order.spec, order.order_qty = wanted.spec, wanted.order_qty
        order.limit_price, order.display_qty = wanted.limit_price, wanted.display_qty
        order.trigger_price, order.peak_price = wanted.trigger_price, wanted.peak_price
        order.amended, order.last_change_ns = True, now_ns
        order.amends.append(_amend_row(order, spec, amend_id, now_ns))
        venue.at(now_ns)
        self._floor.report("amended", order, now_ns, reason=USER)
        if place is not None and moves:
            venue.book.remove(place)
            del venue.places[order.order_id]
            self._desk.match(venue, order, now_ns, keep_post_only=False)
        elif place is not None:
            self._resize(venue, order, new_slice=spec.display_qty is not None)
        self._desk.look_again(venue, order, now_ns)
        self._desk.settle(venue, now_ns)

    @staticmethod
    def _resize(venue: Venue, order: SimOrder, *, new_slice: bool) -> None:
        """Smaller total or other slice: the hidden part gives way first, then the shown one."""
        place = venue.places[order.order_id]
        left = venue.grid.lots(order.leaves)
        shown = min(left, place.lots)
        if new_slice and order.display_qty is not None:
            shown = min(left, venue.grid.lots(order.display_qty))
        if order.display_qty is not None:
            order.display_left = venue.grid.qty(shown)
        place.hidden = left - shown
        if shown != place.lots:
            venue.book.resize(place, shown)

    # -- edit -----------------------------------------------------------------------------------------------

    def edit(self, account: Account, order_id: str, changes: dict[str, object], now_ns: int) -> SimOrder:
        """Cancel an order and place a changed one. The new order refers to the old one in ``ref_order_id``."""
        order = self.find(account, order_id, None)
        venue = self._floor.venue(order.spec.symbol)
        self._charge(account, order, now_ns, EDIT_POINTS, 1)
        check_cancels(self._floor, venue)
        if order.spec.conditional or order.spec.cl_ord_id or order.triggered:
            raise invalid("order cannot be edited")
        unknown = set(changes) - EDITABLE
        if unknown:
            raise invalid(sorted(unknown)[0])
        spec: OrderSpec = replace(order.spec, **{"deadline_ns": None, **changes})  # type: ignore[arg-type]
        if spec.order_qty is not None and spec.order_qty <= order.cum_qty:
            raise invalid("volume")
        rest = replace(spec, order_qty=(spec.order_qty or order.order_qty) - order.cum_qty)
        fresh = self._desk.replacement(account, venue, order, rest, now_ns)
        self._floor.close(order, "canceled", now_ns, USER)
        fresh.ref_order_id = order.order_id
        self._desk.accept(venue, fresh, now_ns)
        return fresh

    # -- cancel ---------------------------------------------------------------------------------------------

    def cancel(
        self,
        account: Account,
        now_ns: int,
        *,
        order_id: str | None = None,
        cl_ord_id: str | None = None,
        userref: int | None = None,
    ) -> list[SimOrder]:
        """Cancel one order by an id, or all with a user reference."""
        if userref is not None:
            found = [
                order for order in account.open.values() if userref and order.spec.order_userref == userref
            ]
            if not found:
                raise Reject("EOrder:Unknown order")
        else:
            found = [self.find(account, order_id, cl_ord_id)]
        for order in found:
            check_cancels(self._floor, self._floor.venue(order.spec.symbol))
            account.counter(order.spec.symbol).admit(now_ns)
        for order in found:
            self._charge(account, order, now_ns, CANCEL_POINTS, 0, admit=False)
            self._floor.close(order, "canceled", now_ns, USER)
        return found

    def cancel_many(
        self, account: Account, ids: Sequence[str], cl_ord_ids: Sequence[str], now_ns: int
    ) -> int:
        """Cancel up to 50 orders; ids that are not open are passed over. Above the rate limit it still works."""
        if len(ids) + len(cl_ord_ids) not in CANCEL_BATCH:
            raise invalid("orders")
        self._check_online()
        userrefs = {
            int(text) for text in ids if text.isascii() and text.lstrip("-").isdigit() and len(text) < 12
        }
        wanted = set(ids)
        clients = {text.lower() for text in cl_ord_ids}
        count = 0
        for order in list(account.open.values()):
            by_ref = order.spec.order_userref and order.spec.order_userref in userrefs
            by_client = (order.spec.cl_ord_id or "").lower() in clients
            if order.order_id in wanted or by_ref or by_client:
                self._charge(account, order, now_ns, CANCEL_POINTS, 0, admit=False)
                self._floor.close(order, "canceled", now_ns, USER)
                count += 1
        return count

    def cancel_all(self, account: Account, now_ns: int, reason: str = USER) -> int:
        """Cancel every open order; one point for each pair concerned."""
        self._check_online()
        orders = list(account.open.values())
        for symbol in {order.spec.symbol for order in orders}:
            account.counter(symbol).charge(now_ns, 1)
        for order in orders:
            self._floor.close(order, "canceled", now_ns, reason)
        return len(orders)

    def arm_dead_man(self, account: Account, timeout_s: int, now_ns: int) -> int | None:
        """Arm the timer that cancels everything (0 disarms); when it will fire, nanoseconds."""
        if not 0 <= timeout_s < LONGEST_TIMER_S:
            raise invalid("timeout")
        account.dead_man_ns = now_ns + timeout_s * SECOND_NS if timeout_s else None
        return account.dead_man_ns

    def dead_man(self, account: Account, now_ns: int) -> None:
        """Fire a timer that ran out; while the engine is down it fires when the engine returns."""
        due = account.dead_man_ns is not None and account.dead_man_ns <= now_ns
        if due and self._floor.status != "maintenance":
            account.dead_man_ns = None
            self.cancel_all(account, now_ns, DEAD_MAN)

    def _check_online(self) -> None:
        if self._floor.status == "maintenance":
            raise Reject("EService:Unavailable")

    @staticmethod
    def _charge(
        account: Account,
        order: SimOrder,
        now_ns: int,
        points: Sequence[tuple[int, int]],
        fixed: int,
        *,
        admit: bool = True,
    ) -> None:
        counter = account.counter(order.spec.symbol)
        if admit:
            counter.admit(now_ns)
        counter.charge(now_ns, fixed + age_points(points, now_ns - order.last_change_ns))


def _check_slice(venue: Venue, wanted: SimOrder, spec: AmendSpec) -> None:
    """An iceberg's slice stays on the lot grid and at least a fifteenth of what remains."""
    display = wanted.display_qty
    if display is None:
        return
    if wanted.spec.order_type != "iceberg" or not display.is_finite() or display <= 0:
        raise invalid("display_qty")
    if display % venue.spec.qty_increment or display * ICEBERG_SLICES < wanted.leaves:
        raise invalid("display_qty")
    if spec.display_qty is not None and display > wanted.leaves:
        raise invalid("display_qty")


def _amend_row(order: SimOrder, spec: AmendSpec, amend_id: str, now_ns: int) -> dict[str, object]:
    """What REST ``OrderAmends`` shows of an amend."""
    remaining: Decimal = order.leaves
    return {
        "amend_id": amend_id,
        "amend_type": "user",
        "order_qty": order.order_qty,
        "display_qty": order.display_qty,
        "remaining_qty": remaining,
        "limit_price": order.limit_price,
        "trigger_price": order.trigger_price,
        "reason": USER,
        "post_only": spec.post_only,
        "ts_ns": now_ns,
    }
