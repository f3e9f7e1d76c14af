"""Shapes of REST answers. Numbers come as text or as JSON numbers; both are read as exact decimals.

Source: Kraken "Spot REST API".
"""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Envelope(msgspec.Struct):
    """Every answer: a list of errors, of which those with ``E`` count, and a result that may be missing or null."""

    error: object = None
    result: msgspec.Raw = msgspec.Raw(b"null")


class WireTime(msgspec.Struct):
    """``Time``: whole seconds."""

    unixtime: int


class WireSystemStatus(msgspec.Struct):
    """``SystemStatus``."""

    status: str


class WireKeyInfo(msgspec.Struct):
    """``GetApiKeyInfo``: what the key may do. Times are texts of Unix seconds, ``0`` for unset."""

    permissions: list[str]
    nonceWindow: str | int | None = None
    ipAllowlist: list[str] | None = None
    validUntil: str | int | None = None
    queryFrom: str | int | None = None
    queryTo: str | int | None = None
    iban: str | None = None


class WireToken(msgspec.Struct):
    """``GetWebSocketsToken``."""

    token: str


class WireHolding(msgspec.Struct):
    """A row of ``BalanceEx``."""

    balance: Decimal
    hold_trade: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    credit_used: Decimal = Decimal(0)


class WireFeeTier(msgspec.Struct):
    """A row of ``TradeVolume``: percent."""

    fee: Decimal


class WireTradeVolume(msgspec.Struct):
    """``TradeVolume``. ``fees`` are the taker's."""

    fees: dict[str, WireFeeTier] | None = None
    fees_maker: dict[str, WireFeeTier] | None = None


class WireDescription(msgspec.Struct):
    """What was ordered. Prices are text (numbers do, too) and may be relative, such as ``+5%``."""

    pair: str
    type: str
    ordertype: str
    price: msgspec.Raw = msgspec.Raw(b"0")
    price2: msgspec.Raw = msgspec.Raw(b"0")


class WireOrder(msgspec.Struct):
    """One order of ``OpenOrders``, ``ClosedOrders``, ``QueryOrders``. ``price`` is the average, not the limit."""

    status: str
    descr: WireDescription
    vol: Decimal
    vol_exec: Decimal
    cost: Decimal | None = None
    price: Decimal | None = None
    cl_ord_id: str | None = None
    opentm: Decimal | None = None
    closetm: Decimal | None = None
    expiretm: Decimal | None = None
    trigger: str | None = None
    oflags: str | None = None
    timeinforce: str | None = None
    reason: str | None = None
    displayvol: Decimal | None = None


class WireOpenOrders(msgspec.Struct):
    """``OpenOrders``: never in pages."""

    open: dict[str, WireOrder] = {}


class WireClosedOrders(msgspec.Struct):
    """One page of ``ClosedOrders``."""

    closed: dict[str, WireOrder] = {}


class WireFill(msgspec.Struct):
    """One row of ``TradesHistory``. Its key is the ``exec_id`` of the stream."""

    ordertxid: str
    pair: str
    time: Decimal
    type: str
    price: Decimal
    cost: Decimal
    fee: Decimal
    vol: Decimal
    trade_id: int | None = None
    maker: bool | None = None


class WireTradesHistory(msgspec.Struct):
    """One page of ``TradesHistory``."""

    trades: dict[str, WireFill] = {}


class WireAdded(msgspec.Struct):
    """``AddOrder``: no ``txid`` when it was only validated."""

    txid: list[str] | None = None


class WireAmended(msgspec.Struct):
    """``AmendOrder``."""

    amend_id: str = ""


class WireCount(msgspec.Struct):
    """Cancels: how many."""

    count: int = 0
    pending: bool = False


class WireDeadMan(msgspec.Struct):
    """``CancelAllOrdersAfter``. Texts; ``"0"`` when disarmed."""

    currentTime: object = None
    triggerTime: object = None


CandleRow = tuple[int, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal, int]
"""Start (s), open, high, low, close, vwap, volume, count."""

TradeRow = tuple[Decimal, Decimal, Decimal, str, str, str, int]
"""Price, volume, time (s), b or s, m or l, misc, trade_id."""


class WireDepth(msgspec.Struct):
    """A row of ``Depth``: [price, volume, time] a level, best first."""

    asks: list[tuple[Decimal, Decimal, Decimal]]
    bids: list[tuple[Decimal, Decimal, Decimal]]


class WireTicker(msgspec.Struct):
    """A row of ``Ticker``: ask, bid and last with quantities; the others as [today, last 24 h]."""

    a: tuple[Decimal, Decimal, Decimal]
    b: tuple[Decimal, Decimal, Decimal]
    c: tuple[Decimal, Decimal]
    v: tuple[Decimal, Decimal]
    p: tuple[Decimal, Decimal]
    l: tuple[Decimal, Decimal]  # noqa: E741
    h: tuple[Decimal, Decimal]
