"""Shapes of WebSocket v2 frames, told apart by ``channel`` while they are parsed, whatever the order of keys.

Where Kraken's names are the desk's names the data decode straight into domain values; the other shapes are
converted by ``codec`` and ``reports``. Unknown keys are ignored. Source: Kraken "WebSocket API v2".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from core.domain.account import Wallet
from core.domain.instrument import Instrument
from core.domain.market import BookChange, QueueChange, Ticker, Trade

LevelFloat = Annotated[float, msgspec.Meta(ge=0, le=1e30)]
"""Level numbers of the quick road; a double has no digits to overflow, so bounds and sign are all to check."""

FrameType = Literal["snapshot", "update"]


class BookFrame(msgspec.Struct, tag_field="channel", tag="book", gc=False):
    """Channel ``book``."""

    type: FrameType
    data: list[BookChange[LevelFloat]]


class ExactBookFrame(msgspec.Struct, tag_field="channel", tag="book", gc=False):
    """Channel ``book`` for pairs whose digits a double cannot hold."""

    type: FrameType
    data: list[BookChange[Decimal]]


class QueueFrame(msgspec.Struct, tag_field="channel", tag="level3", gc=False):
    """Channel ``level3``."""

    type: FrameType
    data: list[QueueChange]


class TickerFrame(msgspec.Struct, tag_field="channel", tag="ticker", gc=False):
    """Channel ``ticker``."""

    type: FrameType
    data: list[Ticker]


class TradeFrame(msgspec.Struct, tag_field="channel", tag="trade", gc=False):
    """Channel ``trade``."""

    type: FrameType
    data: list[Trade]


class WireCandle(msgspec.Struct, gc=False):
    """``interval_begin`` is the key; the twin ``timestamp`` is deprecated and shows the end."""

    symbol: str
    interval: int
    interval_begin: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    vwap: Decimal | None = None
    trades: int = 0


class CandleFrame(msgspec.Struct, tag_field="channel", tag="ohlc", gc=False):
    """Channel ``ohlc``."""

    type: FrameType
    data: list[WireCandle]


class WireAsset(msgspec.Struct):
    """One asset of channel ``instrument``."""

    id: str
    precision: int
    precision_display: int
    status: str = "enabled"


class InstrumentData(msgspec.Struct):
    """Assets and pairs, decoded in one go."""

    assets: list[WireAsset] = []
    pairs: list[Instrument] = []


class InstrumentFrame(msgspec.Struct, tag_field="channel", tag="instrument"):
    """Channel ``instrument``; the data are decoded apart, so that one bad pair does not cost all others."""

    type: FrameType
    data: msgspec.Raw


class InstrumentPieces(msgspec.Struct):
    """The same data, entry by entry."""

    assets: list[msgspec.Raw] = []
    pairs: list[msgspec.Raw] = []


class WireFee(msgspec.Struct):
    """A fee of one fill."""

    asset: str
    qty: Decimal


class WireTriggers(msgspec.Struct):
    """Trigger of an order; most members are optional."""

    price: Decimal | None = None
    price_type: str | None = None
    reference: str | None = None
    status: str | None = None


class WireExecution(msgspec.Struct):
    """One report of channel ``executions``: a sparse delta, only the ids and ``exec_type`` are certain."""

    order_id: str
    exec_type: str = ""
    order_status: str | None = None
    cl_ord_id: str | None = None
    timestamp: object = None
    symbol: str | None = None
    side: str | None = None
    order_type: str | None = None
    order_qty: Decimal | None = None
    cash_order_qty: Decimal | None = None
    limit_price: Decimal | None = None
    triggers: WireTriggers | None = None
    display_qty: Decimal | None = None
    time_in_force: str | None = None
    expire_time: object = None
    post_only: bool | None = None
    reduce_only: bool | None = None
    cum_qty: Decimal | None = None
    cum_cost: Decimal | None = None
    exec_id: str | None = None
    trade_id: int | None = None
    last_qty: Decimal | None = None
    last_price: Decimal | None = None
    cost: Decimal | None = None
    fees: list[WireFee] | None = None
    liquidity_ind: str | None = None
    reason: str | None = None
    cancel_reason: str | None = None
    # The field's name is not documented; these three have been seen or guessed by others.
    ratecounter: Decimal | None = None
    ratecount: Decimal | None = None
    rate_count: Decimal | None = None


class ExecutionFrame(msgspec.Struct, tag_field="channel", tag="executions"):
    """Channel ``executions``."""

    type: FrameType
    data: list[WireExecution]
    sequence: int | None = None


class WireBalance(msgspec.Struct):
    """An entry of channel ``balances``: a total in a snapshot, a ledger row (with ``ledger_id``) in an update."""

    asset: str
    balance: Decimal
    wallets: list[Wallet] | None = None
    amount: Decimal | None = None
    fee: Decimal | None = None
    ledger_id: str | None = None
    ref_id: str | None = None
    timestamp: object = None
    type: str | None = None
    subtype: str | None = None
    category: str | None = None
    wallet_type: str | None = None
    wallet_id: str | None = None


class BalanceFrame(msgspec.Struct, tag_field="channel", tag="balances"):
    """Channel ``balances``."""

    type: FrameType
    data: list[WireBalance]
    sequence: int | None = None


class WireStatus(msgspec.Struct):
    """State of the exchange."""

    system: str
    version: str | None = None


class StatusFrame(msgspec.Struct, tag_field="channel", tag="status"):
    """Channel ``status``, pushed without being asked for."""

    data: list[WireStatus]


class HeartbeatFrame(msgspec.Struct, tag_field="channel", tag="heartbeat"):
    """Proof of life of the line."""


Frame = (
    BookFrame
    | TickerFrame
    | TradeFrame
    | CandleFrame
    | QueueFrame
    | ExecutionFrame
    | BalanceFrame
    | InstrumentFrame
    | StatusFrame
    | HeartbeatFrame
)

CHANNELS = frozenset(
    {
        "book",
        "ticker",
        "trade",
        "ohlc",
        "level3",
        "executions",
        "balances",
        "instrument",
        "status",
        "heartbeat",
    }
)


class Head(msgspec.Struct):
    """What a frame that is no channel data says of itself. ``Error`` is how the proxy in front of Kraken writes."""

    method: str | None = None
    channel: str | None = None
    error: object = None
    Error: object = None


class WireAnswer(msgspec.Struct):
    """An answer to a request. ``success`` may be missing or odd: anything but ``true`` is a failure.

    What may look odd without changing what happened (times, warnings) costs nobody the answer.
    """

    method: str
    req_id: int | None = None
    success: object = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: object = None
    symbol: str | None = None
    orders_cancelled: int | None = None
    time_in: object = None
    time_out: object = None


class WireResult(msgspec.Struct):
    """``result`` of any method: each sends its own part. Rows of ``batch_add`` have the same shape."""

    channel: str | None = None
    symbol: str | None = None
    order_id: str | None = None
    original_order_id: str | None = None
    cl_ord_id: str | None = None
    amend_id: str | None = None
    count: int | None = None
    maxratecount: int | None = None
    warnings: object = None
    triggerTime: object = None
    error: object = None
