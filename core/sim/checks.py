"""What an order must satisfy before the exchange accepts it. Every refusal is a :class:`Reject` with Kraken's text.

Source: Kraken "Add order", "Error catalogue" and ``limits.md`` section 5. Funds and limits that need the account's
state are checked by the desk.
"""

from __future__ import annotations

from decimal import Decimal

from core.sim.accounts import Account
from core.sim.counters import SCHEDULED_ORDERS, SECOND_NS
from core.sim.floor import Floor, Venue
from core.sim.model import ConditionalSpec, OrderSpec, PairSpec, Reject, SimOrder

LIMIT_TYPES = frozenset({"limit", "iceberg", "stop-loss-limit", "take-profit-limit", "trailing-stop-limit"})
TRIGGER_TYPES = frozenset(
    {
        "stop-loss",
        "stop-loss-limit",
        "take-profit",
        "take-profit-limit",
        "trailing-stop",
        "trailing-stop-limit",
    }
)
TRAILING_TYPES = frozenset({"trailing-stop", "trailing-stop-limit"})
ORDER_TYPES = LIMIT_TYPES | TRIGGER_TYPES | {"market", "settle-position"}
CLOSE_TYPES = (LIMIT_TYPES | TRIGGER_TYPES) - {"iceberg"}
STP_TYPES = frozenset({"cancel_newest", "cancel_oldest", "cancel_both"})

ICEBERG_SLICES = 15
SOONEST_EXPIRY_NS = 5 * SECOND_NS
LATEST_EXPIRY_NS = 31 * 86_400 * SECOND_NS
LARGEST = 15  # digits before the decimal point of any price or quantity
HEX = frozenset("0123456789abcdefABCDEF")


def invalid(what: str) -> Reject:
    """The refusal of a malformed or contradictory request."""
    return Reject(f"EGeneral:Invalid arguments:{what}")


def check_mode(floor: Floor, venue: Venue, spec: OrderSpec) -> None:
    """Refuse what the state of the engine or of the pair does not allow."""
    if floor.status == "maintenance":
        raise Reject("EService:Unavailable")
    for status in (floor.status, venue.status):
        post_only = spec.post_only and spec.order_type == "limit"
        if status in ("cancel_only", "maintenance", "work_in_progress", "delisted"):
            raise Reject(f"EService:Market in {status} mode")
        if status == "post_only" and not post_only:
            raise Reject("EService:Market in post_only mode")
        if status == "limit_only" and spec.order_type not in LIMIT_TYPES:
            raise Reject("EService:Market in limit_only mode")
        if status == "reduce_only":
            raise Reject("EService:Market in reduce_only mode")


def check_cancels(floor: Floor, venue: Venue) -> None:
    """Refuse cancels and amends while nothing is possible."""
    if floor.status == "maintenance":
        raise Reject("EService:Unavailable")
    if venue.status in ("maintenance", "work_in_progress", "delisted"):
        raise Reject(f"EService:Market in {venue.status} mode")


def check_deadline(deadline_ns: int | None, now_ns: int) -> None:
    """Refuse a request that arrived too late."""
    if deadline_ns is not None and deadline_ns < now_ns:
        raise Reject("EService:Deadline elapsed")


def check_shape(pair: PairSpec, spec: OrderSpec, now_ns: int) -> None:
    """Everything that can be said from the request alone."""
    _check_words(spec)
    _check_margin(pair, spec)
    _check_prices(pair, spec)
    _check_quantity(pair, spec)
    _check_time(spec, now_ns)
    _check_ids(spec)
    if spec.conditional:
        _check_conditional(pair, spec.conditional)


def _check_words(spec: OrderSpec) -> None:
    if spec.order_type not in ORDER_TYPES:
        raise invalid("ordertype")
    if spec.side not in ("buy", "sell"):
        raise invalid("side")
    if spec.stp_type not in STP_TYPES:
        raise invalid("stp_type")
    if spec.fee_preference not in (None, "base", "quote"):
        raise invalid("fee_preference")
    if spec.post_only and (spec.order_type not in LIMIT_TYPES or spec.time_in_force in ("ioc", "fok")):
        raise invalid("post_only")


def _check_margin(pair: PairSpec, spec: OrderSpec) -> None:
    """No account of this exchange has margin: say so as Kraken does for an account that is not eligible."""
    if spec.order_type == "settle-position":
        raise Reject("EOrder:Unknown position")
    if spec.reduce_only:
        raise Reject("EOrder:Reduce only:No position exists")
    if spec.margin or spec.leverage is not None:
        raise Reject(
            "EOrder:Cannot open position" if pair.marginable else "EGeneral:Invalid arguments:leverage"
        )


def check_price(pair: PairSpec, price: Decimal) -> None:
    """A price is positive, of sane size, and on the pair's grid."""
    if not price.is_finite() or price <= 0 or price.adjusted() > LARGEST:
        raise Reject("EOrder:Invalid price")
    if price % pair.price_increment:
        raise Reject("EOrder:Tick size check failed")


def _check_offset(name: str, offset: Decimal, *, positive: bool) -> None:
    if not offset.is_finite() or abs(offset.adjusted()) > LARGEST or (positive and offset <= 0):
        raise invalid(name)


def _check_prices(pair: PairSpec, spec: OrderSpec) -> None:
    if (spec.limit_price is not None) != (spec.order_type in LIMIT_TYPES):
        raise invalid("limit_price")
    if (spec.triggers is not None) != (spec.order_type in TRIGGER_TYPES):
        raise invalid("triggers")
    if spec.limit_price is not None:
        if spec.limit_price_type == "static" and spec.order_type not in TRAILING_TYPES:
            check_price(pair, spec.limit_price)
        else:
            _check_offset("limit_price", spec.limit_price, positive=False)
    if spec.triggers:
        _check_trigger(pair, spec)


def _check_trigger(pair: PairSpec, spec: OrderSpec) -> None:
    triggers = spec.triggers
    assert triggers is not None
    if triggers.reference not in ("last", "index"):
        raise invalid("triggers.reference")
    if triggers.reference == "index" and not pair.has_index:
        raise invalid("Index unavailable")
    trailing = spec.order_type in TRAILING_TYPES
    if triggers.price_type not in (("pct", "quote") if trailing else ("static", "pct", "quote")):
        raise invalid("triggers.price_type")
    if triggers.price_type == "static":
        check_price(pair, triggers.price)
    else:
        _check_offset("triggers.price", triggers.price, positive=trailing)


def check_volume(pair: PairSpec, qty: Decimal) -> None:
    """A quantity is on the lot grid and at least the minimum."""
    if not qty.is_finite() or qty <= 0 or qty.adjusted() > LARGEST or qty % pair.qty_increment:
        raise invalid("volume")
    if qty < pair.qty_min:
        raise invalid("volume minimum not met")


def _check_quantity(pair: PairSpec, spec: OrderSpec) -> None:
    cash = spec.cash_order_qty
    if (cash is None) == (spec.order_qty is None):
        raise invalid("volume")
    if cash is not None:
        if spec.order_type != "market" or spec.side != "buy":
            raise invalid("cash_order_qty")
        if not cash.is_finite() or cash <= 0 or cash.adjusted() > LARGEST:
            raise invalid("volume")
        if cash < pair.cost_min:
            raise Reject("EOrder:Cost minimum not met")
        return
    assert spec.order_qty is not None
    check_volume(pair, spec.order_qty)
    check_display(pair, spec)


def check_display(pair: PairSpec, spec: OrderSpec) -> None:
    """An iceberg shows at least a fifteenth, on the lot grid."""
    if (spec.display_qty is not None) != (spec.order_type == "iceberg"):
        raise invalid("display_qty")
    if spec.display_qty is None or spec.order_qty is None:
        return
    if not spec.display_qty.is_finite() or spec.display_qty <= 0 or spec.display_qty > spec.order_qty:
        raise invalid("display_qty")
    if spec.display_qty % pair.qty_increment or spec.display_qty * ICEBERG_SLICES < spec.order_qty:
        raise invalid("display_qty")


def check_cost(pair: PairSpec, qty: Decimal, price: Decimal) -> None:
    """Price times quantity reaches the pair's minimum."""
    if qty * price < pair.cost_min:
        raise Reject("EOrder:Cost minimum not met")


def _check_time(spec: OrderSpec, now_ns: int) -> None:
    if spec.time_in_force not in ("gtc", "gtd", "ioc", "fok"):
        raise invalid("time_in_force")
    if spec.time_in_force == "fok" and spec.order_type != "limit":
        raise invalid("time_in_force")
    if (spec.expire_ns is not None) != (spec.time_in_force == "gtd"):
        raise invalid("expire_time")
    start_ns = max(now_ns, spec.effective_ns or 0)
    if spec.expire_ns is not None and not (
        start_ns + SOONEST_EXPIRY_NS <= spec.expire_ns <= now_ns + LATEST_EXPIRY_NS
    ):
        raise invalid("expire_time")
    if spec.effective_ns is not None and spec.effective_ns > now_ns + LATEST_EXPIRY_NS:
        raise invalid("effective_time")


def _check_ids(spec: OrderSpec) -> None:
    text = spec.cl_ord_id
    if text is None:
        return
    if spec.order_userref:
        raise invalid("cl_ord_id")
    dashed = len(text) == 36 and [at for at, sign in enumerate(text) if sign == "-"] == [8, 13, 18, 23]
    is_hex = all(sign in HEX for sign in text.replace("-", ""))
    uuid = is_hex and (dashed or (len(text) == 32 and "-" not in text))
    plain = 0 < len(text) <= 18 and text.isascii() and text.isprintable()
    if not uuid and not plain:
        raise invalid("cl_ord_id")


def _check_conditional(pair: PairSpec, close: ConditionalSpec) -> None:
    if close.order_type not in CLOSE_TYPES:
        raise invalid("conditional.order_type")
    if (close.limit_price is not None) != (close.order_type in LIMIT_TYPES):
        raise invalid("conditional.limit_price")
    if (close.trigger_price is not None) != (close.order_type in TRIGGER_TYPES):
        raise invalid("conditional.trigger_price")
    for price, price_type in (
        (close.limit_price, close.limit_price_type),
        (close.trigger_price, close.trigger_price_type),
    ):
        if price is not None and price_type == "static" and close.order_type not in TRAILING_TYPES:
            check_price(pair, price)


def check_limits(account: Account, spec: OrderSpec) -> None:
    """Client ids are unique among open orders; the number of open and scheduled orders is limited."""
    same_pair = [order for order in account.open.values() if order.spec.symbol == spec.symbol]
    if spec.cl_ord_id is not None and find_client_id(account, spec.cl_ord_id):
        raise invalid("cl_ord_id not unique")
    if len(same_pair) >= account.tier.open_orders:
        raise Reject("EOrder:Orders limit exceeded")
    scheduled = sum(order.status == "pending_new" for order in same_pair)
    if spec.effective_ns is not None and scheduled >= SCHEDULED_ORDERS:
        raise Reject("EOrder:Scheduled orders limit exceeded")


def find_client_id(account: Account, cl_ord_id: str) -> SimOrder | None:
    """The open order with this client id; letter case does not matter."""
    wanted = cl_ord_id.lower()
    return next(
        (order for order in account.open.values() if (order.spec.cl_ord_id or "").lower() == wanted), None
    )
