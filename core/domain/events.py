"""Everything that can come up from the wire, in the words of trading.

The codec makes these, the processor consumes them. ``snapshot`` means: replaces what was known.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from core.domain.account import Balance, BalanceChange
from core.domain.health import ConnectionState, Line
from core.domain.ids import ClOrdId, Symbol
from core.domain.instrument import AssetInfo, Instrument
from core.domain.market import BookChange, Candle, QueueChange, Ticker, Trade
from core.domain.orders import OrderReport
from core.domain.subscription import Subscription


class InstrumentEvent(msgspec.Struct, frozen=True):
    """Reference data; an update holds changed entries only, each complete."""

    snapshot: bool
    assets: list[AssetInfo]
    instruments: list[Instrument]


class TickerEvent(msgspec.Struct, frozen=True, gc=False):
    """Quotes and day statistics."""

    snapshot: bool
    tickers: list[Ticker]


class BookEvent(msgspec.Struct, frozen=True, gc=False):
    """One book message."""

    snapshot: bool
    change: BookChange[float] | BookChange[Decimal]


class QueueEvent(msgspec.Struct, frozen=True, gc=False):
    """One level-3 message."""

    snapshot: bool
    change: QueueChange


class TradeEvent(msgspec.Struct, frozen=True, gc=False):
    """Public prints, oldest first."""

    snapshot: bool
    trades: list[Trade]


class CandleEvent(msgspec.Struct, frozen=True, gc=False):
    """Candles to be replaced by key."""

    snapshot: bool
    candles: list[Candle]


UNNUMBERED = -1
"""``sequence`` of a private frame that came without one."""


class ExecutionEvent(msgspec.Struct, frozen=True):
    """Reports on our orders. ``sequence`` counts frames of the subscription from 1 (the snapshot)."""

    snapshot: bool
    sequence: int
    reports: list[OrderReport]


class BalanceEvent(msgspec.Struct, frozen=True):
    """Balances: totals in a snapshot, ledger changes in an update."""

    snapshot: bool
    sequence: int
    balances: list[Balance]
    changes: list[BalanceChange]


class SystemStatusEvent(msgspec.Struct, frozen=True):
    """Engine-wide state: online, maintenance, cancel_only, post_only."""

    system: str
    version: str = ""


class LineEvent(msgspec.Struct, frozen=True):
    """A line changed state. Monotonic ns ``at``."""

    line: Line
    state: ConnectionState
    at: int
    epoch: int
    reason: str = ""
    attempts: int = 0


class PongEvent(msgspec.Struct, frozen=True):
    """Answer to our ping: monotonic round trip and Kraken's two stamps (ns UTC), with our wall time at receipt."""

    line: Line
    rtt_ns: int
    time_in: int
    time_out: int
    recv_wall: int


class SubscriptionEvent(msgspec.Struct, frozen=True):
    """A subscription was acknowledged (``error`` empty), refused, or ended (``active`` False, ``error`` empty)."""

    subscription: Subscription
    active: bool
    error: str = ""
    max_rate_count: int = 0


class CarrierEvent(msgspec.Struct, frozen=True):
    """Another line carries a channel from now on; ``None``: nobody wants it any more."""

    subscription: Subscription
    line: Line | None


class AnswerEvent(msgspec.Struct, frozen=True):
    """The exchange answered a trading request, whether or not somebody still waits for it.

    ``report`` is what an accepted ``add_order`` amounts to. ``error`` is set only for a refusal that proves nothing
    was done; ``late`` says the asker had given up, so the refusal is told here alone.
    """

    method: str
    report: OrderReport | None = None
    cl_ord_id: ClOrdId | None = None
    error: str = ""
    late: bool = False


class BadDataEvent(msgspec.Struct, frozen=True):
    """A frame that could not be understood: counted, shown, never fatal. ``symbol`` where it could be told."""

    channel: str
    reason: str
    symbol: Symbol | None = None


Event = (
    InstrumentEvent
    | TickerEvent
    | BookEvent
    | QueueEvent
    | TradeEvent
    | CandleEvent
    | ExecutionEvent
    | BalanceEvent
    | SystemStatusEvent
    | LineEvent
    | PongEvent
    | SubscriptionEvent
    | CarrierEvent
    | AnswerEvent
    | BadDataEvent
)
