"""Public market data as values. The names are Kraken's own, so the codec decodes straight into them.

Times stay wire text until somebody asks (``ts``), because most messages are never asked.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from core.domain.ids import OrderId, Symbol
from core.domain.instrument import Side
from core.domain.times import parse_ns

Number = TypeVar("Number", float, Decimal)


class Level(msgspec.Struct, Generic[Number], frozen=True, gc=False):
    """One price level as sent: price in quote, qty in base; qty 0 removes the level.

    ``float`` only inside the order book and only for pairs whose digits it holds exactly; else ``Decimal``.
    """

    price: Number
    qty: Number


class BookChange(msgspec.Struct, Generic[Number], frozen=True, gc=False):
    """A book snapshot or update. Levels in the order sent; the same price may occur twice, the last one wins.

    Source: Kraken channel ``book``. ``checksum`` is the CRC32 over the top ten after applying.
    """

    symbol: Symbol
    bids: list[Level[Number]]
    asks: list[Level[Number]]
    checksum: int
    timestamp: str | None = ""


class Depth(msgspec.Struct, frozen=True):
    """A book as REST told it, (price, quantity) best first. It has no checksum: to look at, not to trade on.

    Source: Kraken REST ``Depth``.
    """

    symbol: Symbol
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


class QueueOrder(msgspec.Struct, frozen=True, gc=False):
    """One visible resting order. ``event`` is add, modify or delete; absent in a snapshot. Channel ``level3``."""

    order_id: OrderId
    limit_price: Decimal
    order_qty: Decimal | None = None
    timestamp: str | None = ""
    event: str = "add"


class QueueChange(msgspec.Struct, frozen=True, gc=False):
    """A level-3 snapshot or update; orders of one price in queue order."""

    symbol: Symbol
    bids: list[QueueOrder]
    asks: list[QueueOrder]
    checksum: int
    timestamp: str | None = ""


class Ticker(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Best quotes and 24 h statistics. Prices in quote, quantities in base, ``change_pct`` in percent."""

    symbol: Symbol
    bid: Decimal | None = None
    bid_qty: Decimal | None = None
    ask: Decimal | None = None
    ask_qty: Decimal | None = None
    last: Decimal | None = None
    volume: Decimal | None = None
    vwap: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    change: Decimal | None = None
    change_pct: Decimal | None = None
    trades: int | None = None
    timestamp: str | None = ""


class Trade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A public print. ``side`` is the taker's; ``trade_id`` rises within a pair and is the key."""

    symbol: Symbol
    side: Side
    price: Decimal
    qty: Decimal
    ord_type: str = ""
    trade_id: int
    timestamp: str | None = ""

    @property
    def ts(self) -> int:
        """Exchange time, ns UTC; 0 when the exchange sent none, or one that cannot be read."""
        try:
            return parse_ns(self.timestamp) if self.timestamp else 0
        except (ValueError, OverflowError):
            return 0


class Candle(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One OHLC interval. ``begin`` ns UTC is its start and, with symbol and interval (minutes), its key."""

    symbol: Symbol
    interval: int
    begin: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    vwap: Decimal
    volume: Decimal
    trades: int
