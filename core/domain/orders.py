"""Orders: what we ask, what we are told, and what is known. ``order_merge`` makes the last of the first two.

What we merely infer ranks below everything the exchange says. Source: ``executions`` channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import IntEnum, StrEnum

import msgspec

from core.domain.ids import Asset, ClOrdId, ExecId, OrderId, Symbol
from core.domain.instrument import Side

ZERO = Decimal(0)


class OrderType(StrEnum):
    """Kraken's order types."""

    LIMIT = "limit"
    MARKET = "market"
    ICEBERG = "iceberg"
    STOP_LOSS = "stop-loss"
    STOP_LOSS_LIMIT = "stop-loss-limit"
    TAKE_PROFIT = "take-profit"
    TAKE_PROFIT_LIMIT = "take-profit-limit"
    TRAILING_STOP = "trailing-stop"
    TRAILING_STOP_LIMIT = "trailing-stop-limit"
    SETTLE_POSITION = "settle-position"

    @property
    def has_limit(self) -> bool:
        """Whether a limit price is part of the order."""
        return self in _WITH_LIMIT

    @property
    def has_trigger(self) -> bool:
        """Whether the order sleeps until a trigger price is seen."""
        return self in _WITH_TRIGGER


_WITH_LIMIT = frozenset(
    {
        OrderType.LIMIT,
        OrderType.ICEBERG,
        OrderType.STOP_LOSS_LIMIT,
        OrderType.TAKE_PROFIT_LIMIT,
        OrderType.TRAILING_STOP_LIMIT,
    }
)
_WITH_TRIGGER = frozenset(
    {
        OrderType.STOP_LOSS,
        OrderType.STOP_LOSS_LIMIT,
        OrderType.TAKE_PROFIT,
        OrderType.TAKE_PROFIT_LIMIT,
        OrderType.TRAILING_STOP,
        OrderType.TRAILING_STOP_LIMIT,
    }
)


class TimeInForce(StrEnum):
    """How long an order lives."""

    GTC = "gtc"
    GTD = "gtd"
    IOC = "ioc"
    FOK = "fok"


class Trigger(msgspec.Struct, frozen=True):
    """Trigger of a stop, take-profit or trailing order. ``price`` is static (quote), pct or quote offset."""

    price: Decimal
    price_type: str = "static"
    reference: str = "last"


class Conditional(msgspec.Struct, frozen=True, kw_only=True):
    """Template of the close order each fill of the primary creates."""

    order_type: OrderType
    limit_price: Decimal | None = None
    limit_price_type: str = "static"
    trigger_price: Decimal | None = None
    trigger_price_type: str = "static"


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One order intent. Exactly one of ``qty`` (base) and ``cash_qty`` (quote, market buys only) is set."""

    cl_ord_id: ClOrdId
    symbol: Symbol
    side: Side
    order_type: OrderType
    qty: Decimal | None = None
    cash_qty: Decimal | None = None
    limit_price: Decimal | None = None
    limit_price_type: str = ""
    trigger: Trigger | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_ns: int | None = None
    effective_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    stp_type: str = ""
    fee_preference: str = ""
    display_qty: Decimal | None = None
    conditional: Conditional | None = None


class AmendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Change an order in place. Absolute new terms; ``qty`` is the new total, not what is left."""

    order_id: OrderId
    qty: Decimal | None = None
    limit_price: Decimal | None = None
    limit_price_type: str = ""
    trigger_price: Decimal | None = None
    trigger_price_type: str = ""
    post_only: bool = False


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel one order by whichever id is known; Kraken's is preferred."""

    order_id: OrderId | None = None
    cl_ord_id: ClOrdId | None = None


class CancelAllRequest(msgspec.Struct, frozen=True):
    """Cancel every open order of the account, ours or not."""


class CancelAllAfterRequest(msgspec.Struct, frozen=True):
    """Arm or refresh the dead man's switch: seconds until all orders of the account are cancelled; 0 disarms."""

    timeout_s: int


class EditRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel and replace (legacy): a new order id, the place in the queue lost. ``AmendRequest`` is preferred."""

    order_id: OrderId
    symbol: Symbol
    qty: Decimal | None = None
    limit_price: Decimal | None = None
    display_qty: Decimal | None = None
    trigger: Trigger | None = None
    post_only: bool = False
    reduce_only: bool = False


class BatchAddRequest(msgspec.Struct, frozen=True):
    """2 to 15 orders of one pair. If one fails validation none is placed; after that each stands alone."""

    symbol: Symbol
    orders: tuple[OrderRequest, ...]


class BatchCancelRequest(msgspec.Struct, frozen=True):
    """2 to 50 orders to cancel, by Kraken's ids or by ours, not mixed."""

    order_ids: tuple[OrderId, ...] = ()
    cl_ord_ids: tuple[ClOrdId, ...] = ()


Command = (
    OrderRequest
    | AmendRequest
    | CancelRequest
    | CancelAllRequest
    | CancelAllAfterRequest
    | EditRequest
    | BatchAddRequest
    | BatchCancelRequest
)
"""Everything that can be asked of the exchange about orders."""


class OrderStatus(IntEnum):
    """Rank of what is known of an order; the value only rises. The first three are inferences of ours."""

    SENT = 0
    IN_DOUBT = 1
    NOT_FOUND = 2
    PENDING_NEW = 3
    NEW = 4
    PARTIALLY_FILLED = 5
    REJECTED = 6
    EXPIRED = 7
    CANCELED = 8
    FILLED = 9

    @property
    def is_final(self) -> bool:
        """Whether the order can no longer trade."""
        return self >= OrderStatus.REJECTED

    @property
    def counts_as_open(self) -> bool:
        """Whether risk and funds must reckon with it. Doubt counts; proven absence does not."""
        return not self.is_final and self is not OrderStatus.NOT_FOUND


class RequestFlag(StrEnum):
    """State of a cancel or amend wish, beside the order's status."""

    NONE = "none"
    ASKED = "asked"
    DOUBT = "doubt"
    DENIED = "denied"


class Fee(msgspec.Struct, frozen=True):
    """A fee of one fill; the asset need not be the quote."""

    asset: Asset
    qty: Decimal


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of one of our orders. qty in base, price and cost in quote, ts ns UTC."""

    exec_id: ExecId
    order_id: OrderId
    symbol: Symbol
    side: Side
    qty: Decimal
    price: Decimal
    cost: Decimal
    fees: tuple[Fee, ...] = ()
    liquidity: str = ""
    trade_id: int = 0
    ts: int = 0
    cl_ord_id: ClOrdId | None = None


class OrderReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the exchange said about one order: a sparse delta; ``None`` means "not said".

    ``terms`` (qty, prices) carry their own time because the latest *exchange* time wins, not the latest arrival.
    """

    order_id: OrderId
    exec_type: str
    status: OrderStatus | None = None
    cl_ord_id: ClOrdId | None = None
    ts: int = 0
    symbol: Symbol | None = None
    side: Side | None = None
    order_type: OrderType | None = None
    qty: Decimal | None = None
    cash_qty: Decimal | None = None
    limit_price: Decimal | None = None
    trigger: Trigger | None = None
    display_qty: Decimal | None = None
    time_in_force: TimeInForce | None = None
    expire_ns: int | None = None
    post_only: bool | None = None
    reduce_only: bool | None = None
    cum_qty: Decimal | None = None
    cum_cost: Decimal | None = None
    fill: Fill | None = None
    reason: str = ""
    triggered: bool | None = None
    rate_count: Decimal | None = None

    @property
    def is_trade(self) -> bool:
        """Whether it tells of an execution: by what it brings too, for a word not known here may come with a fill."""
        return self.fill is not None or self.exec_type == "trade"


class Term(msgspec.Struct, frozen=True, order=True):
    """One amendable value with the exchange time it was told (ns UTC; 0 = as we asked). The latest wins."""

    ts: int = 0
    value: Decimal = ZERO


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What an amend can change. Each value is merged by itself, because reports name only what changed."""

    qty: Term = Term()
    limit_price: Term = Term()
    trigger_price: Term = Term()
    display_qty: Term = Term()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order, as far as it is known. ``reported`` is the highest rank heard; read ``status``.

    ``foreign`` orders were not placed by this program. ``cum_qty`` in base; ``cum_cost`` in quote is what the first
    ``costed_qty`` of it cost, which lags when a quantity is told without its cost. ``road`` is how the request left:
    ``WS``, ``REST`` or empty. Times: ``created_ns`` and ``ts`` are ns UTC (ours, the exchange's).
    """

    symbol: Symbol
    side: Side
    order_type: OrderType
    terms: Terms
    reported: OrderStatus = OrderStatus.SENT
    cl_ord_id: ClOrdId | None = None
    order_id: OrderId | None = None
    cash_qty: Decimal | None = None
    trigger: Trigger | None = None
    trigger_ts: int = 0
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    triggered: bool = False
    cum_qty: Decimal = ZERO
    cum_cost: Decimal = ZERO
    costed_qty: Decimal = ZERO
    fills: Mapping[ExecId, Fill] = {}
    reason: str = ""
    reason_rank: tuple[int, int] = (-1, 0)
    foreign: bool = False
    road: str = ""
    created_ns: int = 0
    ts: int = 0
    cancel: RequestFlag = RequestFlag.NONE
    amend: RequestFlag = RequestFlag.NONE

    @property
    def status(self) -> OrderStatus:
        """The status to show: a cancelled order whose fills complete it was filled before the cancel."""
        if self.reported in (OrderStatus.CANCELED, OrderStatus.EXPIRED) and 0 < self.qty <= self.cum_qty:
            return OrderStatus.FILLED
        return self.reported

    @property
    def qty(self) -> Decimal:
        """Total quantity, base."""
        return self.terms.qty.value

    @property
    def limit_price(self) -> Decimal | None:
        """Limit price, quote, or ``None`` where the type has none."""
        return self.terms.limit_price.value or None

    @property
    def leaves(self) -> Decimal:
        """Base quantity still to be executed; zero once final."""
        return ZERO if self.status.is_final else max(ZERO, self.qty - self.cum_qty)

    @property
    def avg_price(self) -> Decimal | None:
        """Average executed price, quote, or ``None`` before the first fill."""
        qty = self.costed_qty or self.cum_qty
        return self.cum_cost / qty if qty else None

    @property
    def missing_qty(self) -> Decimal:
        """Executed quantity whose fills have not been seen yet."""
        return self.cum_qty - sum((fill.qty for fill in self.fills.values()), ZERO)


def order_from_request(request: OrderRequest, created_ns: int) -> Order:
    """Return the order as it is before anybody else knows of it."""
    trigger = request.trigger
    return Order(
        symbol=request.symbol,
        side=request.side,
        order_type=request.order_type,
        terms=Terms(
            qty=Term(0, request.qty or ZERO),
            limit_price=Term(0, request.limit_price or ZERO),
            trigger_price=Term(0, trigger.price if trigger else ZERO),
            display_qty=Term(0, request.display_qty or ZERO),
        ),
        cl_ord_id=request.cl_ord_id,
        cash_qty=request.cash_qty,
        trigger=trigger,
        time_in_force=request.time_in_force,
        expire_ns=request.expire_ns,
        post_only=request.post_only,
        reduce_only=request.reduce_only,
        created_ns=created_ns,
    )
