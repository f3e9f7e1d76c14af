"""The order ticket without a screen: what the user typed, whether it makes an order, and what is wrong with it.

Nothing is rounded silently: a value off the grid is an error that names the nearest valid one.
"""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from core.domain.ids import new_cl_ord_id
from core.domain.instrument import Instrument, Side
from core.domain.orders import Conditional, OrderRequest, OrderType, TimeInForce, Trigger
from core.domain.times import NS

MAX_DIGITS = 40
MIN_EXPIRY_NS = 5 * NS
MAX_EXPIRY_NS = 31 * 24 * 3600 * NS
ICEBERG_SHARE = 15
"""An iceberg shows at least this part of its quantity: one fifteenth (Kraken ``add_order``)."""

_STOPS = frozenset({OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT})

_PLAIN = re.compile(r"\d+(\.\d*)?|\.\d+")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")
_COMMA_DECIMAL = re.compile(r"\d+,\d*")


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field. ``nearest`` is a text that would pass, empty when there is none."""

    field: str
    message: str
    nearest: str = ""


class TicketError(Exception):
    """The fields do not make an order; ``errors`` says why, in the order of the form."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class TicketFields(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly what stands in the form. Prices and quantities are text; ``start_s`` and ``expire_s`` count from now."""

    side: Side = Side.BUY
    order_type: OrderType = OrderType.LIMIT
    qty: str = ""
    qty_in_quote: bool = False
    limit_price: str = ""
    trigger_price: str = ""
    trigger_price_type: str = "static"
    trigger_reference: str = "last"
    time_in_force: TimeInForce = TimeInForce.GTC
    start_s: int = 0
    expire_s: int = 3600
    post_only: bool = False
    reduce_only: bool = False
    stp_type: str = ""
    display_qty: str = ""
    close_type: OrderType | None = None
    close_trigger: str = ""
    close_limit: str = ""


def parse_decimal(text: str) -> Decimal | None:
    """Return the number a person typed, or ``None`` when it is not one or could mean two.

    Plain digits with a point, thousands commas in their places, or one comma that can only be a decimal one.
    """
    text = text.strip().replace("\u202f", "").replace("\u00a0", "").replace(" ", "")
    if not text or not text.isascii() or sum(char.isdigit() for char in text) > MAX_DIGITS:
        return None
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        # "1,234" may be a thousand or a bit more than one: refuse to guess unless a point settles it.
        return Decimal(text.replace(",", "")) if "." in text or text.count(",") > 1 else None
    if _COMMA_DECIMAL.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return None


def build(fields: TicketFields, instrument: Instrument, now_ns: int) -> OrderRequest:
    """Return the order the fields describe. ``now_ns`` is exchange time, ns UTC.

    Raises TicketError with one FieldError for each field that does not fit.
    """
    check = _Check(fields, instrument)
    qty = check.quantity()
    limit = check.price("limit_price") if fields.order_type.has_limit else None
    trigger = check.trigger() if fields.order_type.has_trigger else None
    display = check.display(qty) if fields.order_type is OrderType.ICEBERG else None
    close = check.close() if fields.close_type is not None else None
    check.cost(qty, limit)
    check.terms()
    if check.errors:
        raise TicketError(check.errors)
    return OrderRequest(
        cl_ord_id=new_cl_ord_id(),
        symbol=instrument.symbol,
        side=fields.side,
        order_type=fields.order_type,
        qty=None if fields.qty_in_quote else qty,
        cash_qty=qty if fields.qty_in_quote else None,
        limit_price=limit,
        limit_price_type="quote" if fields.order_type is OrderType.TRAILING_STOP_LIMIT else "",
        trigger=trigger,
        time_in_force=fields.time_in_force,
        expire_ns=now_ns + fields.expire_s * NS if fields.time_in_force is TimeInForce.GTD else None,
        effective_ns=now_ns + fields.start_s * NS if fields.start_s else None,
        post_only=fields.post_only,
        reduce_only=fields.reduce_only,
        stp_type=fields.stp_type,
        display_qty=display,
        conditional=close,
    )


_PRICES = {
    "limit_price": "price",
    "close_trigger": "trigger price of the close order",
    "close_limit": "price of the close order",
}


class _Check:
    """Collects what is wrong, field by field."""

    def __init__(self, fields: TicketFields, instrument: Instrument) -> None:
        self.errors: list[FieldError] = []
        self._fields = fields
        self._instrument = instrument

    def quantity(self) -> Decimal | None:
        fields, instrument = self._fields, self._instrument
        qty = self._number("qty", fields.qty, "quantity")
        if qty is None:
            return None
        if fields.qty_in_quote:
            if fields.order_type is not OrderType.MARKET or fields.side is not Side.BUY:
                self._wrong("qty", "A quantity in quote currency works for market buys only.")
            elif qty < instrument.cost_min:
                self._least("qty", instrument.cost_min, instrument.quote)
            return qty
        if qty < instrument.qty_min:
            self._least("qty", instrument.qty_min, instrument.base)
        elif not instrument.on_qty_grid(qty):
            step = f"{instrument.qty_increment.normalize():f}"
            nearest = f"{self._near(qty, instrument.qty_min).normalize():f}"
            self._wrong("qty", f"The quantity must be a multiple of {step}.", nearest)
        return qty

    def price(self, field: str) -> Decimal | None:
        price = self._number(field, getattr(self._fields, field), _PRICES[field])
        return None if price is None else self._on_grid(field, price)

    def trigger(self) -> Trigger | None:
        fields = self._fields
        price = self._number("trigger_price", fields.trigger_price, "trigger price")
        if price is None:
            return None
        trailing = fields.order_type in (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)
        if trailing and fields.trigger_price_type == "static":
            self._wrong("trigger_price_type", "A trailing distance is in percent or in quote currency.")
        if not trailing and fields.trigger_price_type == "static":
            self._on_grid("trigger_price", price)
        if fields.trigger_reference == "index" and not self._instrument.has_index:
            self._wrong("trigger_reference", f"{self._instrument.symbol} has no index price; use last.")
        if not trailing and fields.trigger_price_type != "static":
            # Kraken wants the distance signed; the way a stop or a target lies follows from type and side.
            price = price * fields.side.sign * (1 if fields.order_type in _STOPS else -1)
        return Trigger(price, fields.trigger_price_type, fields.trigger_reference)

    def display(self, qty: Decimal | None) -> Decimal | None:
        shown = self._number("display_qty", self._fields.display_qty, "displayed quantity")
        if shown is None or qty is None or any(error.field == "qty" for error in self.errors):
            return shown
        least = qty / ICEBERG_SHARE
        if shown < least:
            self._least("display_qty", least, self._instrument.base)
        elif shown > qty:
            self._wrong("display_qty", "More is displayed than ordered.", f"{qty.normalize():f}")
        elif not self._instrument.on_qty_grid(shown):
            nearest = f"{self._near(shown, least).normalize():f}"
            self._wrong("display_qty", "The displayed quantity has too many decimals.", nearest)
        return shown

    def close(self) -> Conditional | None:
        kind = self._fields.close_type
        assert kind is not None
        trigger = self.price("close_trigger") if kind.has_trigger else None
        limit = self.price("close_limit") if kind.has_limit else None
        return Conditional(order_type=kind, trigger_price=trigger, limit_price=limit)

    def cost(self, qty: Decimal | None, limit: Decimal | None) -> None:
        if qty is None or limit is None or self._fields.qty_in_quote:
            return
        if self._fields.order_type is OrderType.TRAILING_STOP_LIMIT:
            return  # the limit is an offset there
        if qty * limit < self._instrument.cost_min:
            self._least("qty", self._instrument.cost_min, f"{self._instrument.quote} in value")

    def terms(self) -> None:
        fields = self._fields
        if fields.post_only and not fields.order_type.has_limit:
            self._wrong("post_only", "Post-only needs a limit price.")
        if fields.post_only and fields.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            self._wrong("post_only", "Post-only and IOC or FOK contradict each other.")
        if fields.time_in_force is TimeInForce.FOK and fields.order_type is not OrderType.LIMIT:
            self._wrong("time_in_force", "FOK works for limit orders only.")
        if fields.time_in_force is TimeInForce.GTD:
            self._check_expiry()
        if not 0 <= fields.start_s * NS <= MAX_EXPIRY_NS:
            self._wrong("start_s", "An order starts at once or within 31 days.")

    def _check_expiry(self) -> None:
        if not MIN_EXPIRY_NS <= self._fields.expire_s * NS <= MAX_EXPIRY_NS:
            self._wrong(
                "expire_s", "An order expires in 5 seconds at the earliest and in 31 days at the latest."
            )

    def _on_grid(self, field: str, price: Decimal) -> Decimal:
        if not self._instrument.on_price_grid(price):
            step = f"{self._instrument.price_increment.normalize():f}"
            least = self._instrument.show_price(self._instrument.price_increment)
            nearest = f"{max(least, self._instrument.quantize_price(price, self._fields.side)):f}"
            self._wrong(field, f"The price must be a multiple of {step}.", nearest)
        return price

    def _number(self, field: str, text: str, name: str) -> Decimal | None:
        if not text.strip():
            self._wrong(field, f"Enter a {name}.")
            return None
        value = parse_decimal(text)
        if value is None:
            self._wrong(field, f"{_short(text)} is not a {name}.")
        elif value <= 0:
            self._wrong(field, f"The {name} must be above zero.")
            return None
        return value

    def _least(self, field: str, least: Decimal, unit: str) -> None:
        in_base = unit == self._instrument.base
        shown = f"{(self._near(least, least) if in_base else least).normalize():f}"
        self._wrong(field, f"At least {shown} {unit}.", shown if in_base else "")

    def _near(self, qty: Decimal, least: Decimal) -> Decimal:
        """Return the next smaller quantity on the grid, the next larger one where that is below ``least``."""
        near = self._instrument.quantize_qty(qty)
        return near if near >= least else near + self._instrument.qty_increment

    def _wrong(self, field: str, message: str, nearest: str = "") -> None:
        self.errors.append(FieldError(field, message, nearest))


def _short(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= 20 else text[:20] + "…")
