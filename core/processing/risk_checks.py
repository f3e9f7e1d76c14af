"""What is unusual or dangerous about an order that could be sent. Pure: everything is in the ``Situation``.

Each check returns at most one finding: to be agreed to by holding the button, by typing the quantity, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from core.domain.instrument import Instrument, Side
from core.domain.limits import Band, Finding, Limits, Reason, Severity
from core.domain.orders import OrderType, TimeInForce, Trigger
from core.processing.book_store import Walk
from core.processing.own_orders import NONE, OwnOrders

ZERO = Decimal(0)
ONE = Decimal(1)
BPS = Decimal(10_000)

_STOPS = (OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT)
_TRAILING = (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An order, the market it meets and what its owner has. Prices in quote, ``qty`` in base.

    ``near`` is the best price of one's own side, ``touch`` what a taker meets first, ``walk`` how far he would get in
    the live book. ``limit`` is ``None`` for market orders and for offsets. ``own`` are the open orders of the pair but
    the one that is amended. ``position`` counts open buys; ``quote_usd`` is ``None`` while unknown.
    """

    instrument: Instrument
    limits: Limits
    side: Side
    order_type: OrderType
    qty: Decimal | None
    cash_qty: Decimal | None = None
    limit: Decimal | None = None
    trigger: Trigger | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    guarded_against_own: bool = False
    near: Decimal | None = None
    touch: Decimal | None = None
    walk: Walk | None = None
    reference: Decimal | None = None
    own: OwnOrders = NONE
    is_new: bool = True
    position: Decimal = ZERO
    quote_usd: Decimal | None = None
    median_size: Decimal | None = None
    rests: bool = False
    open_orders_max: int = 54

    @property
    def price(self) -> Decimal | None:
        """The price the order's value is reckoned at: its limit, else its trigger, else the touch."""
        if self.limit is not None:
            return self.limit
        if self.trigger is not None and self.trigger.price_type == "static":
            return self.trigger.price
        return self.touch

    @property
    def cost(self) -> Decimal | None:
        """Value in quote, without fees."""
        if self.cash_qty is not None:
            return self.cash_qty
        price = self.price
        return None if price is None or self.qty is None else price * self.qty

    @property
    def base_qty(self) -> Decimal | None:
        """Quantity in base; of an amount in quote what the touch makes of it."""
        if self.qty is not None or self.cash_qty is None:
            return self.qty
        touch = self.touch
        return self.cash_qty / touch if touch else None

    @property
    def takes(self) -> bool:
        """Whether it would trade at once."""
        if self.trigger is not None or self.post_only:
            return False
        touch = self.touch
        return self.limit is None or (touch is not None and (self.limit - touch) * self.side.sign >= 0)

    @property
    def is_relative(self) -> bool:
        """Whether its prices are distances from a market that moves on."""
        return self.order_type in _TRAILING


def severity(value: Decimal | int, band: Band) -> Severity | None:
    """Return what a value calls for."""
    if value > band.block:
        return Severity.BLOCK
    if value >= band.type:
        return Severity.TYPE
    return Severity.HOLD if value >= band.hold else None


def reference(s: Situation) -> Finding | None:
    """Without a price nothing can be judged."""
    if s.reference is not None:
        return None
    return Finding(Reason.REFERENCE, Severity.BLOCK, "Nobody quotes this pair: no price to judge by.")


def size(s: Situation) -> Finding | None:
    """A multiple of one's own median, or a small part of it."""
    qty, median = s.base_qty, s.median_size
    if not qty or not median:
        return None
    times = qty / median
    band = s.limits.size
    found = severity(times, band)
    if found is None and times * band.hold <= 1 < band.hold:
        found = Severity.HOLD  # a digit too few is a slip, but no danger
    if found is None:
        return None
    return Finding(Reason.SIZE, found, f"{_times(times)}× your median size", "qty")


def notional(s: Situation) -> Finding | None:
    """Value in dollars."""
    cost = s.cost
    if cost is None:
        return None
    if s.quote_usd is None:
        text = f"value in dollars unknown: no price of {s.instrument.quote}"
        return Finding(Reason.NOTIONAL, Severity.HOLD, text)
    value = cost * s.quote_usd
    return _over(Reason.NOTIONAL, value, s.limits.notional, f"worth {value:,.0f} USD", "qty")


def position(s: Situation) -> Finding | None:
    """Value in dollars of what would be owned, open buys included."""
    qty, price = s.base_qty, s.reference
    if s.side is Side.SELL or qty is None or price is None or s.quote_usd is None:
        return None
    value = (s.position + qty) * price * s.quote_usd
    return _over(Reason.POSITION, value, s.limits.position, f"position of {value:,.0f} USD", "qty")


def open_orders(s: Situation) -> Finding | None:
    """How many orders the pair would have; never more than nine tenths of what the exchange allows."""
    if not s.is_new:
        return None
    count, band = s.own.count + 1, s.limits.open_orders
    most = min(band.block, s.open_orders_max)
    found = Severity.BLOCK if count > most else severity(count, band)
    if found is None:
        return None
    return Finding(Reason.OPEN_ORDERS, found, f"order {count} on {s.instrument.symbol}, {most} at most")


def away(s: Situation) -> Finding | None:
    """A resting price far from the near touch, above or below alike."""
    price = s.trigger.price if s.trigger is not None else s.limit
    near = s.near
    static = s.trigger is None or s.trigger.price_type == "static"
    if price is None or price <= 0 or not near or s.is_relative or not static:
        return None
    if s.trigger is None and s.takes:
        return None
    # 10 times as much and a tenth are the same slip.
    distance = (ONE - min(price, near) / max(price, near)) * BPS
    field = "limit_price" if s.trigger is None else "trigger_price"
    return _over(Reason.AWAY, distance, s.limits.away, f"{_percent(distance)} % from the market", field)


def through(s: Situation) -> Finding | None:
    """A limit beyond the far touch: what it may cost at worst."""
    touch = s.touch
    if s.limit is None or not touch or not s.takes:
        return None
    beyond = (s.limit - touch) * s.side.sign / touch * BPS
    text = f"price {_percent(beyond)} % through the market"
    return _over(Reason.THROUGH, beyond, s.limits.through, text, "limit_price") if beyond > 0 else None


def crosses(s: Situation) -> Finding | None:
    """A plain limit order that would take, from somebody whose limit orders rest: perhaps the wrong side."""
    plain = s.order_type in (OrderType.LIMIT, OrderType.ICEBERG)
    waits = s.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)
    if not (plain and waits and s.rests and s.takes):
        return None
    walk = s.walk
    levels = walk.levels if walk is not None else 1
    text = (
        f"{s.side.value}s at once ({levels} {'level' if levels == 1 else 'levels'}); your limit orders rest"
    )
    return Finding(Reason.CROSSES, Severity.HOLD, text, "limit_price")


def slippage(s: Situation) -> Finding | None:
    """What taking costs against the touch, walked through the visible book."""
    touch = s.touch
    walk = s.walk
    if walk is None or walk.avg is None or not touch or not s.takes:
        return None
    lacks = s.limit is None and _lacks(s, walk)
    if lacks:
        text = f"the visible book holds only {walk.filled.normalize():f} {s.instrument.base}: use a limit"
        return Finding(Reason.SLIPPAGE, Severity.BLOCK, text, "qty")
    bps = abs(walk.avg - touch) / touch * BPS
    levels = f"{walk.levels} {'level' if walk.levels == 1 else 'levels'}"
    return _over(Reason.SLIPPAGE, bps, s.limits.slippage, f"crosses {levels}, {bps:.0f} bps", "qty")


def trigger(s: Situation) -> Finding | None:
    """A trigger on the side of the market where it fires at once."""
    if s.trigger is None or s.trigger.price_type != "static" or s.is_relative or s.reference is None:
        return None
    is_stop = s.order_type in _STOPS
    fires_above = (s.side is Side.BUY) is is_stop
    beyond = s.reference >= s.trigger.price if fires_above else s.reference <= s.trigger.price
    if not beyond:
        return None
    kind = "stop" if is_stop else "target"
    text = f"the {kind} lies on the wrong side of the market and fires at once"
    return Finding(Reason.TRIGGER, Severity.HOLD, text, "trigger_price")


def own_order(s: Situation) -> Finding | None:
    """A price that meets one's own order on the other side."""
    if s.trigger is not None or s.guarded_against_own:
        return None
    price = s.own.opposite(s.side)
    reach = s.limit if s.limit is not None else (s.walk.worst if s.walk is not None else None)
    if price is None or reach is None or (reach - price) * s.side.sign < 0:
        return None
    text = f"meets your own {s.side.opposite.value} at {price.normalize():f}"
    return Finding(Reason.OWN_ORDER, Severity.HOLD, text, "limit_price")


def doubt(s: Situation) -> Finding | None:
    """An order of unknown state on the same side: this one may be the second."""
    if not s.own.doubtful(s.side) or not s.is_new:
        return None
    text = f"a {s.side.value} of unknown state on {s.instrument.symbol}: this may double it"
    return Finding(Reason.DOUBT, Severity.TYPE, text)


CHECKS: tuple[Callable[[Situation], Finding | None], ...] = (
    reference,
    through,
    away,
    trigger,
    slippage,
    crosses,
    size,
    notional,
    position,
    open_orders,
    own_order,
    doubt,
)


def examine(situation: Situation) -> list[Finding]:
    """Return everything that is unusual, in the order a trader should read it."""
    return [found for check in CHECKS if (found := check(situation)) is not None]


def _lacks(s: Situation, walk: Walk) -> bool:
    if s.cash_qty is not None:
        # Walking by value divides; the last digit may be missing.
        return walk.cost < s.cash_qty * Decimal("0.999999")
    return s.qty is not None and walk.filled < s.qty


def _over(reason: Reason, value: Decimal, band: Band, text: str, field: str) -> Finding | None:
    found = severity(value, band)
    return Finding(reason, found, text, field) if found is not None else None


def _percent(bps: Decimal) -> str:
    percent = bps / 100
    return f"{percent:.0f}" if percent >= 10 else f"{percent:.1f}" if percent >= 1 else f"{percent:.2f}"


def _times(times: Decimal) -> str:
    return f"{times:.0f}" if times >= 10 else f"{times:.1f}" if times >= 1 else f"{times:.2f}"
