"""Order books of other libraries, fed with the same bytes, each in the way its own client does it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec

from tests.bench.trace import BookTrace

Top = tuple[list[tuple[float, float]], list[tuple[float, float]]]


class KrakenSdkBook:
    """python-kraken-sdk: `json.loads` as in its connector, then `SpotOrderBookClient.on_message`, checksum on."""

    def __init__(self, trace: BookTrace) -> None:
        self._symbol = trace.pair.symbol
        self._loop = asyncio.Runner()
        self._client = self._loop.run(self._connected(trace))

    async def _connected(self, trace: BookTrace) -> Any:
        from kraken.spot import SpotOrderBookClient

        client = SpotOrderBookClient(depth=trace.depth, callback=lambda pair, message: None)
        # It would ask Kraken over REST for the two precisions; everything else is its own.
        client._SpotOrderBookClient__market = _Precisions(trace)
        return client

    def run(self, frames: list[bytes]) -> None:
        self._loop.run(self._run(frames))

    def close(self) -> None:
        self._loop.run(self._client.close())
        self._loop.close()

    async def _run(self, frames: list[bytes]) -> None:
        on_message = self._client.on_message
        for raw in frames:
            await on_message(json.loads(raw))

    def top(self, count: int) -> Top:
        book = self._client.get(self._symbol)
        if not book or not book["valid"]:
            raise AssertionError("python-kraken-sdk lost the book")
        bids, asks = (
            [(float(price), float(qty)) for price, (qty, _) in list(book[side].items())[:count]]
            for side in ("bid", "ask")
        )
        return bids, asks


class _Precisions:
    def __init__(self, trace: BookTrace) -> None:
        pair = trace.pair
        self._answer = {
            pair.symbol: {"pair_decimals": pair.price_precision, "lot_decimals": pair.qty_precision}
        }

    def get_asset_pairs(self, pair: str) -> dict[str, Any]:
        return self._answer


class CcxtBook:
    """ccxt.pro: its client's text handler, which parses and calls `handle_message`; checksum off, its default."""

    def __init__(self, trace: BookTrace) -> None:
        import ccxt.pro

        self._symbol = trace.pair.symbol
        self._depth = trace.depth
        self._exchange = ccxt.pro.kraken()

    def close(self) -> None:
        """Nothing was opened."""

    def run(self, frames: list[bytes]) -> None:
        asyncio.run(self._run([raw.decode() for raw in frames]))

    async def _run(self, frames: list[str]) -> None:
        from ccxt.async_support.base.ws.client import Client

        def ignore(*_: object) -> None:
            return None

        client = Client("ws://peer", self._exchange.handle_message, ignore, ignore, ignore)
        client.subscriptions[f"orderbook:{self._symbol}"] = {"limit": self._depth}
        on_text = client.handle_text_or_binary_message
        for text in frames:
            on_text(text)

    def top(self, count: int) -> Top:
        book = self._exchange.orderbooks[self._symbol]
        bids, asks = ([(price, qty) for price, qty in book[side][:count]] for side in ("bids", "asks"))
        return bids, asks


class _Level(msgspec.Struct, gc=False):
    price: float
    qty: float


class _Change(msgspec.Struct, gc=False):
    bids: list[_Level]
    asks: list[_Level]


class _Message(msgspec.Struct, gc=False):
    data: list[_Change]


class RustBook:
    """nautilus_trader's book, written in Rust, through Python: typed decoding, then one call a level.

    No checksum, and no cutting to depth, which it has no call for: less work than ours.
    """

    def __init__(self, trace: BookTrace) -> None:
        from nautilus_trader.model.book import OrderBook
        from nautilus_trader.model.enums import BookType
        from nautilus_trader.model.identifiers import InstrumentId

        self._pair = trace.pair
        self._book = OrderBook(InstrumentId.from_str(f"{trace.pair.symbol}.KRAKEN"), BookType.L2_MBP)

    def close(self) -> None:
        """Nothing was opened."""

    def run(self, frames: list[bytes]) -> None:
        from nautilus_trader.model.data import BookOrder
        from nautilus_trader.model.enums import OrderSide
        from nautilus_trader.model.objects import Price, Quantity

        decode = msgspec.json.Decoder(_Message).decode
        price_precision, qty_precision = self._pair.price_precision, self._pair.qty_precision
        update, delete = self._book.update, self._book.delete
        buy, sell = OrderSide.BUY, OrderSide.SELL
        for raw in frames:
            change = decode(raw).data[0]
            for side, levels in ((buy, change.bids), (sell, change.asks)):
                for level in levels:
                    qty = level.qty
                    price = Price(level.price, price_precision)
                    order = BookOrder(side, price, Quantity(qty, qty_precision), 0)
                    if qty:
                        update(order, 0)
                    else:
                        delete(order, 0)

    def top(self, count: int) -> Top:
        bids, asks = (
            [(float(str(level.price)), level.size()) for level in levels[:count]]
            for levels in (self._book.bids(), self._book.asks())
        )
        return bids, asks
