"""The exchange's own vocabulary: pairs, orders, fills, ledger entries, and the events the engine emits.

An independent reading of Kraken's documents: nothing here is shared with the client. Prices are in quote units,
quantities in base units, times in integer nanoseconds UTC, all amounts exact ``Decimal``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


class Reject(Exception):
    """A request the exchange answers with an error. ``args[0]`` is the exact error text of the answer.

    Source: Kraken "Error catalogue", for example ``EOrder:Insufficient funds``.
    """

    @property
    def text(self) -> str:
        """The error text as it goes on the wire."""
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class AssetSpec:
    """One asset: modern code (``BTC``), REST id (``XXBT``), REST altname (``XBT``), decimals."""

    code: str
    rest_id: str
    altname: str
    precision: int
    precision_display: int


@dataclass(frozen=True, slots=True)
class PairSpec:
    """One tradable pair with Kraken's real precisions and minimums, and how its simulated market behaves."""

    symbol: str
    base: str
    quote: str
    rest_id: str
    altname: str
    wsname: str
    price_precision: int
    price_increment: Decimal
    qty_precision: int
    qty_min: Decimal
    cost_precision: int
    cost_min: Decimal
    marginable: bool
    has_index: bool
    start_price: Decimal
    daily_volatility: float
    spread_bps: float
    orders_per_s: float
    median_notional: float

    @property
    def qty_increment(self) -> Decimal:
        """Smallest quantity step, base units."""
        return Decimal(1).scaleb(-self.qty_precision)


@dataclass(slots=True)
class TriggerSpec:
    """When a stop, take-profit or trailing order wakes. ``price`` is read with ``price_type`` static, pct or quote."""

    price: Decimal
    reference: str = "last"
    price_type: str = "static"


@dataclass(slots=True)
class ConditionalSpec:
    """Template of the close order that each fill of the primary creates (one triggers other)."""

    order_type: str
    limit_price: Decimal | None = None
    limit_price_type: str = "static"
    trigger_price: Decimal | None = None
    trigger_price_type: str = "static"


@dataclass(slots=True, kw_only=True)
class OrderSpec:
    """A parsed order request, the same from WebSocket and REST. Words are the WebSocket's, lower case.

    Exactly one of ``order_qty`` (base) and ``cash_order_qty`` (quote) is set.
    """

    symbol: str
    side: str
    order_type: str
    order_qty: Decimal | None = None
    cash_order_qty: Decimal | None = None
    limit_price: Decimal | None = None
    limit_price_type: str = "static"
    triggers: TriggerSpec | None = None
    time_in_force: str = "gtc"
    expire_ns: int | None = None
    effective_ns: int | None = None
    deadline_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    margin: bool = False
    leverage: Decimal | None = None
    stp_type: str = "cancel_newest"
    fee_preference: str | None = None
    display_qty: Decimal | None = None
    cl_ord_id: str | None = None
    order_userref: int | None = None
    conditional: ConditionalSpec | None = None
    sender_sub_id: str | None = None


@dataclass(slots=True, kw_only=True)
class AmendSpec:
    """A parsed amend. Exactly one of ``order_id`` and ``cl_ord_id``; quantities are new totals."""

    order_id: str | None = None
    cl_ord_id: str | None = None
    order_qty: Decimal | None = None
    display_qty: Decimal | None = None
    limit_price: Decimal | None = None
    limit_price_type: str | None = None
    trigger_price: Decimal | None = None
    trigger_price_type: str | None = None
    post_only: bool = False
    deadline_ns: int | None = None


@dataclass(slots=True, kw_only=True)
class SimOrder:
    """An order as the exchange holds it. ``status`` is Kraken's order_status word (``pending_new`` … ``expired``)."""

    # exact_* are unrounded sums; cum_* are their roundings to the ledger's decimals, fill by fill.
    order_id: str
    account: str
    spec: OrderSpec
    opened_ns: int
    status: str = "pending_new"
    order_qty: Decimal = ZERO
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    triggered: bool = False
    triggered_price: Decimal | None = None
    peak_price: Decimal | None = None
    display_qty: Decimal | None = None
    display_left: Decimal = ZERO
    cum_qty: Decimal = ZERO
    cum_cost: Decimal = ZERO
    cum_fee: Decimal = ZERO
    exact_cost: Decimal = ZERO
    exact_fee: Decimal = ZERO
    queued_ns: int = 0
    last_change_ns: int = 0
    closed_ns: int = 0
    amended: bool = False
    reason: str | None = None
    ref_order_id: str | None = None
    exec_ids: list[str] = field(default_factory=list)
    amends: list[dict[str, object]] = field(default_factory=list)

    @property
    def leaves(self) -> Decimal:
        """Base quantity still to be executed."""
        return self.order_qty - self.cum_qty

    @property
    def avg_price(self) -> Decimal:
        """Average executed price, zero before the first fill."""
        return self.exact_cost / self.cum_qty if self.cum_qty else ZERO

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade or be cancelled."""
        return self.status in ("pending_new", "new", "partially_filled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution of an account's order. ``fee`` in ``fee_asset``; ``liquidity`` is ``m`` or ``t``."""

    exec_id: str
    trade_id: int
    order_id: str
    account: str
    symbol: str
    side: str
    order_type: str
    qty: Decimal
    price: Decimal
    cost: Decimal
    fee: Decimal
    fee_asset: str
    liquidity: str
    ts_ns: int
    ledger_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecReport:
    """What happened to an account's order, in Kraken's ``exec_type`` words.

    ``order`` is a copy of the order as it stood after the event; ``fill`` is set for ``trade`` only.
    """

    exec_type: str
    order: SimOrder
    ts_ns: int
    fill: Fill | None = None
    reason: str | None = None
    rate_count: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One change of an account's balance. ``amount`` is signed and without the fee; ``balance`` is the new total."""

    ledger_id: str
    ref_id: str
    account: str
    type: str
    subtype: str
    category: str
    asset: str
    amount: Decimal
    fee: Decimal
    balance: Decimal
    ts_ns: int
    wallet_type: str = "spot"
    wallet_id: str = "main"


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """A print on the tape. ``side`` is the taker's; ``ord_type`` is ``limit`` or ``market``, the taker's."""

    symbol: str
    side: str
    price: Decimal
    qty: Decimal
    ord_type: str
    trade_id: int
    ts_ns: int


@dataclass(frozen=True, slots=True)
class Ticker24h:
    """Statistics of the last 24 hours (no suffix) and of today since midnight UTC (``_today``).

    ``volume`` in base units; ``change`` in quote units and ``change_pct`` in percent against the price 24 h ago;
    ``open`` is the first price of today. Best prices are None while that side of the book is empty.
    """

    symbol: str
    bid: Decimal | None
    bid_qty: Decimal
    ask: Decimal | None
    ask_qty: Decimal
    last: Decimal
    last_qty: Decimal
    volume: Decimal
    volume_today: Decimal
    vwap: Decimal
    vwap_today: Decimal
    trades: int
    trades_today: int
    low: Decimal
    low_today: Decimal
    high: Decimal
    high_today: Decimal
    open: Decimal
    change: Decimal
    change_pct: Decimal
    ts_ns: int


@dataclass(frozen=True, slots=True)
class L3Change:
    """A visible resting order that changed: ``event`` add, modify or delete; ``side`` buy or sell."""

    side: str
    event: str
    order_id: str
    price: Decimal
    qty: Decimal
    ts_ns: int


@dataclass(slots=True)
class Candle:
    """One OHLC interval. ``begin_ns`` is its start; ``count`` is the number of trades; ``vwap`` in quote units."""

    begin_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    turnover: Decimal
    count: int

    @property
    def vwap(self) -> Decimal:
        """Volume-weighted average price; the close when nothing traded."""
        return self.turnover / self.volume if self.volume else self.close


@dataclass(slots=True)
class Listeners:
    """Who hears what the engine does, called synchronously and in order while a command runs.

    ``book``: (symbol, side ``buy``|``sell``, price) whose visible total changed. ``level3``: (symbol, change).
    ``trade``: a public print. ``execution``: a report for one account. ``ledger``: a balance change.
    ``instrument``: symbol whose status or precision changed. ``status``: the engine-wide state changed.
    """

    book: list[Callable[[str, str, Decimal], None]] = field(default_factory=list)
    level3: list[Callable[[str, L3Change], None]] = field(default_factory=list)
    trade: list[Callable[[PublicTrade], None]] = field(default_factory=list)
    execution: list[Callable[[ExecReport], None]] = field(default_factory=list)
    ledger: list[Callable[[LedgerEntry], None]] = field(default_factory=list)
    instrument: list[Callable[[str], None]] = field(default_factory=list)
    status: list[Callable[[str], None]] = field(default_factory=list)
