"""Order requests of REST, in its own spelling: ``ordertype``, ``oflags``, relative prices, ``close[…]``.

They become the same `OrderSpec` and `AmendSpec` as the WebSocket's. Source: Kraken REST "Trading" pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from core.sim import fields, wire
from core.sim.fields import Params, invalid
from core.sim.model import ZERO, AmendSpec, ConditionalSpec, OrderSpec, PairSpec, TriggerSpec
from core.sim.requests import CLOSE_TYPES, ORDER_TYPES

NS_PER_S = 1_000_000_000
REST_DEADLINE_MIN_NS = 2 * NS_PER_S
MIN_EXPIRY_NS = 5 * NS_PER_S
LIMIT_IN_PRICE = ("limit", "iceberg")
LIMIT_IN_PRICE2 = ("stop-loss-limit", "take-profit-limit")
TRAILING = ("trailing-stop", "trailing-stop-limit")
FORCES = ("GTC", "IOC", "FOK", "GTD")
STP_TYPES = ("cancel-newest", "cancel-oldest", "cancel-both")
MAX_TEXT = 64


@dataclass(frozen=True, slots=True)
class Prices:
    """What a price text says: an amount, its sign mark (``+``, ``-``, ``#`` or none) and whether it is a percentage."""

    amount: Decimal
    mark: str
    is_percent: bool

    def absolute(self, base: Decimal, *, upwards: bool, increment: Decimal) -> Decimal:
        """Return the price on the grid; ``upwards`` is the direction chosen for ``#``."""
        if not self.mark:
            return self.amount
        offset = base * self.amount / 100 if self.is_percent else self.amount
        rises = upwards if self.mark == "#" else self.mark == "+"
        price = base + offset if rises else base - offset
        return (price / increment).quantize(Decimal(1), ROUND_HALF_EVEN) * increment


def price(params: Params, name: str) -> Prices | None:
    """Return a price field, None when absent or zero."""
    text = str(params.get(name) or "").strip()
    if not text:
        return None
    mark = text[0] if text[0] in "+-#" else ""
    is_percent = text.endswith("%")
    amount = decimal(text[len(mark) : len(text) - is_percent], name)
    if is_percent and not mark:
        raise invalid(name)
    return Prices(amount, mark, is_percent) if amount else None


def decimal(text: object, name: str) -> Decimal:
    """Return an amount given as text or number; refused when it is neither, or absurd."""
    written = str(text)
    try:
        value = Decimal(written) if len(written) <= MAX_TEXT else Decimal("NaN")
    except InvalidOperation as error:
        raise invalid(name) from error
    if not value.is_finite() or value < 0 or abs(value.adjusted()) > wire.MAX_MAGNITUDE:
        raise invalid(name)
    return value


def amount(params: Params, name: str) -> Decimal | None:
    """Return an amount, None when absent."""
    value = params.get(name)
    return None if value in (None, "") else decimal(value, name)


def boolean(params: Params, name: str) -> bool:
    """Return a flag of a form (``true``, ``1``) or of JSON."""
    return str(params.get(name, "")).lower() in ("true", "1")


def order_spec(
    params: Params, pair: PairSpec, last: Callable[[], Decimal], now_ns: int, deadline_ns: int | None = None
) -> OrderSpec:
    """Return the order an AddOrder asks for. ``last`` gives the last price, for relative ones."""
    order_type = fields.word(params, "ordertype", ORDER_TYPES)
    side = fields.word(params, "type", ("buy", "sell"))
    flags = {flag for flag in str(params.get("oflags") or "").split(",") if flag}
    if unknown := flags - {"post", "fcib", "fciq", "nompp", "viqc"}:
        raise invalid(f"oflags {min(unknown)[:16]}")
    volume = amount(params, "volume")
    if volume is None:
        raise invalid("volume")
    limit, limit_type, triggers = _prices(params, order_type, side, pair, last)
    expire_ns = _moment(params, "expiretm", now_ns, MIN_EXPIRY_NS)
    return OrderSpec(
        symbol=pair.symbol,
        side=side,
        order_type=order_type,
        order_qty=None if "viqc" in flags else volume,
        cash_order_qty=volume if "viqc" in flags else None,
        limit_price=limit,
        limit_price_type=limit_type,
        triggers=triggers,
        # Who only says when it expires means that.
        time_in_force=fields.word(
            params, "timeinforce", FORCES, "GTC" if expire_ns is None else "GTD"
        ).lower(),
        expire_ns=expire_ns,
        effective_ns=_moment(params, "starttm", now_ns, 0),
        deadline_ns=deadline_ns or deadline(params, now_ns),
        post_only="post" in flags,
        reduce_only=boolean(params, "reduce_only"),
        margin=_leverage(params) is not None,
        leverage=_leverage(params),
        stp_type=fields.word(params, "stptype", STP_TYPES, "cancel-newest").replace("-", "_"),
        fee_preference={"fcib": "base", "fciq": "quote"}.get(next(iter(flags & {"fcib", "fciq"}), "")),
        display_qty=amount(params, "displayvol"),
        cl_ord_id=fields.client_id(params) if params.get("cl_ord_id") else None,
        order_userref=userref(params),
        conditional=_close(params, side, pair, last),
    )


def _prices(
    params: Params, order_type: str, side: str, pair: PairSpec, last: Callable[[], Decimal]
) -> tuple[Decimal | None, str, TriggerSpec | None]:
    """Return limit price, its type, and the trigger."""
    first, second = price(params, "price"), price(params, "price2")
    step = pair.price_increment
    if order_type in LIMIT_IN_PRICE:
        if first is None:
            return None, "static", None
        return first.absolute(_base(first, last), upwards=side == "sell", increment=step), "static", None
    if first is None or order_type == "market":
        return None, "static", None
    reference = fields.word(params, "trigger", ("last", "index"), "last")
    if order_type in TRAILING:
        if first.mark != "+":
            raise invalid("price")
        trigger = TriggerSpec(first.amount, reference, "pct" if first.is_percent else "quote")
        offset = None if second is None else second.amount * (-1 if second.mark == "-" else 1)
        return offset, "pct" if second and second.is_percent else "quote", trigger
    rises = (side == "buy") == order_type.startswith("stop-loss")
    wakes_at = first.absolute(_base(first, last), upwards=rises, increment=step)
    limit = second.absolute(wakes_at, upwards=side == "buy", increment=step) if second else None
    return limit, "static", TriggerSpec(wakes_at, reference)


def _base(asked: Prices, last: Callable[[], Decimal]) -> Decimal:
    return last() if asked.mark else ZERO


def _close(params: Params, side: str, pair: PairSpec, last: Callable[[], Decimal]) -> ConditionalSpec | None:
    """Return the template of the close order, which has the opposite side."""
    inner = params.get("close")
    if not inner:
        return None
    if not isinstance(inner, dict):
        raise invalid("close")
    order_type = fields.word(inner, "ordertype", CLOSE_TYPES)
    opposite = "sell" if side == "buy" else "buy"
    limit, limit_type, trigger = _prices(inner, order_type, opposite, pair, last)
    return ConditionalSpec(
        order_type=order_type,
        limit_price=limit,
        limit_price_type=limit_type,
        trigger_price=trigger.price if trigger else None,
        trigger_price_type=trigger.price_type if trigger else "static",
    )


def _leverage(params: Params) -> Decimal | None:
    value = params.get("leverage")
    if value in (None, "", "none", "0", "1"):
        return None
    return decimal(str(value).partition(":")[0], "leverage")


def _moment(params: Params, name: str, now_ns: int, least_ns: int) -> int | None:
    """Return a time given as Unix seconds or as ``+n`` seconds from now; None for absent and 0."""
    text = str(params.get(name) or "0")
    seconds = decimal(text.removeprefix("+"), name)
    if not seconds:
        return None
    ns = int(seconds * NS_PER_S) + (now_ns if text.startswith("+") else 0)
    if ns < now_ns + least_ns:
        raise invalid(name)
    return ns


def deadline(params: Params, now_ns: int) -> int:
    """Return until when the engine may match: REST allows 2 s to 60 s from now."""
    return fields.deadline(params, now_ns, REST_DEADLINE_MIN_NS)


def userref(params: Params) -> int | None:
    """Return ``userref``, which a form carries as text."""
    value = params.get("userref")
    if value in (None, ""):
        return None
    try:
        return fields.userref({"userref": int(str(value)[:MAX_TEXT])}, "userref")
    except ValueError as error:
        raise invalid("userref") from error


def amend_spec(
    params: Params, pair_of: Callable[[], PairSpec], last: Callable[[], Decimal], now_ns: int
) -> AmendSpec:
    """Return the change an AmendOrder asks for."""
    txid, cl_ord_id = fields.text(params, "txid"), fields.text(params, "cl_ord_id")
    if bool(txid) == bool(cl_ord_id):
        raise invalid("txid")

    def resolved(name: str) -> Decimal | None:
        asked = price(params, name)
        if asked is None:
            return None
        return asked.absolute(_base(asked, last), upwards=True, increment=pair_of().price_increment)

    return AmendSpec(
        order_id=txid or None,
        cl_ord_id=cl_ord_id or None,
        order_qty=amount(params, "order_qty"),
        display_qty=amount(params, "display_qty"),
        limit_price=resolved("limit_price"),
        trigger_price=resolved("trigger_price"),
        post_only=boolean(params, "post_only"),
        deadline_ns=deadline(params, now_ns),
    )
