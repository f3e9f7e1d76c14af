"""A small exchange as somebody might write it who read Kraken's pages and never saw our simulator.

Numbers are doubles as Python prints them (``1e-08``), times have three digits and ``+00:00``, snapshots come ahead of
their acknowledgements, and what is optional is missing. It shares no code with the simulator or the client.
"""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from core.data.kraken.endpoints import Endpoints

Row = dict[str, Any]
BTC = "BTC/USD"
PAIR = {
    "symbol": BTC,
    "base": "BTC",
    "quote": "USD",
    "status": "online",
    "qty_precision": 8,
    "qty_increment": 1e-08,
    "price_precision": 1,
    "cost_precision": 5,
    "cost_min": 0.5,
    "price_increment": 0.1,
    "qty_min": 0.0001,
}
REST = {
    "GetWebSocketsToken": {"token": "token"},
    "Assets": {"XXBT": {"altname": "XBT"}, "ZUSD": {"altname": "USD"}},
    "AssetPairs": {"XXBTZUSD": {"altname": "XBTUSD", "base": "XXBT", "quote": "ZUSD"}},
    "BalanceEx": {"ZUSD": {"balance": "100000.0"}, "XXBT": {"balance": "1.5"}},
    "OpenOrders": {"open": {}},
    "ClosedOrders": {"closed": {}},
    "QueryOrders": {},
    "TradesHistory": {"trades": {}},
    "SystemStatus": {"status": "online"},
    "TradeVolume": {"fees": {"XXBTZUSD": {"fee": "0.26"}}, "fees_maker": {"XXBTZUSD": {"fee": "0.16"}}},
}


def now() -> str:
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03d}+00:00"


def stripped(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace(".", "").lstrip("0")


@dataclass
class Manner:
    """How this server differs from others."""

    echoes: bool = True
    numbers_as_text: bool = False
    first_number: int = 1


@dataclass
class Client:
    """One socket and what it hears."""

    socket: ServerConnection
    numbers: dict[str, int] = field(default_factory=dict)
    books: set[str] = field(default_factory=set)


class ForeignExchange:
    """Everything it was asked is in ``asked``."""

    def __init__(self, manner: Manner) -> None:
        self.url = self.rest_url = ""
        self.asked: list[str] = []
        self._manner = manner
        self._clients: list[Client] = []
        self._orders: dict[str, Row] = {}
        self._bids = {round(30000 - 0.5 * n, 1): 0.5 + n / 8 for n in range(10)}
        self._asks = {round(30001 + 0.5 * n, 1): 0.25 + n / 8 for n in range(10)}

    @property
    def endpoints(self) -> Endpoints:
        urls = dict.fromkeys(("public_ws", "private_ws", "level3_ws"), self.url)
        return Endpoints(**urls, public_rest=self.rest_url, private_rest=self.rest_url)

    async def serve(self, socket: ServerConnection) -> None:
        client = Client(socket)
        self._clients.append(client)
        pulse = asyncio.create_task(self._pulse(client), name="foreign-pulse")
        try:
            await self._say(
                client, channel="status", type="update", data=[{"system": "online", "emergency": []}]
            )
            async for raw in socket:
                await self._take(client, json.loads(raw))
        except ConnectionClosed:
            pass
        finally:
            pulse.cancel()
            self._clients.remove(client)

    async def _say(self, client: Client, **frame: Any) -> None:
        await client.socket.send(json.dumps(frame))

    async def _pulse(self, client: Client) -> None:
        """Heartbeats, an unknown channel, the status again, and a book whose quantities move by 1e-08."""
        best = min(self._asks)
        while True:
            await asyncio.sleep(0.25)
            for frame in ({"channel": "heartbeat"}, {"channel": "novelty", "type": "update", "data": [1]}):
                await self._say(client, **frame)
            await self._say(client, channel="status", type="update", data=[{"system": "online"}])
            for symbol in client.books:
                self._asks[best] = round(self._asks[best] + 1e-08, 8)
                await self._say(client, channel="book", type="update", data=[self._book(symbol, [], [best])])

    def _book(self, symbol: str, bids: list[float], asks: list[float]) -> Row:
        told = str if self._manner.numbers_as_text else float
        sides = sorted(self._asks.items()), sorted(self._bids.items(), reverse=True)
        text = "".join(stripped(price, 1) + stripped(qty, 8) for side in sides for price, qty in side)
        return {
            "symbol": symbol,
            "bids": [{"price": told(price), "qty": told(self._bids[price])} for price in bids],
            "asks": [{"price": told(price), "qty": told(self._asks[price])} for price in asks],
            "checksum": zlib.crc32(text.encode()),
        }

    async def _take(self, client: Client, frame: Row) -> None:
        method, params = frame["method"], frame.get("params", {})
        self.asked.append(method)
        number = {"req_id": frame["req_id"]} if self._manner.echoes and "req_id" in frame else {}

        async def answer(**body: Any) -> None:
            said = "pong" if method == "ping" else method
            await self._say(client, method=said, **number, **body, time_in=now(), time_out=now())

        if method == "ping":
            await answer()
        elif method == "subscribe":
            for symbol in params.get("symbol", [""]):
                await self._snapshot(client, params["channel"], symbol)
                told = {"channel": params["channel"], **({"symbol": symbol} if symbol else {})}
                await answer(success=True, result=told | {"warnings": ["something is deprecated"]})
        elif method == "add_order":
            await self._add(params, answer)
        elif method == "amend_order":
            order = self._orders[params["order_id"]]
            order |= {name: params[name] for name in ("order_qty", "limit_price") if name in params}
            await answer(success=True, result={"amend_id": "T1", "order_id": order["order_id"]})
            await self._report(exec_type="amended", order_status="new", **order)
        elif method == "cancel_order":
            order = self._orders.pop(params["order_id"][0])
            await answer(success=True, result={"order_id": order["order_id"]})
            await self._report(exec_type="canceled", order_status="canceled", cum_qty=0.0, **order)
        else:
            await answer(success=False, error="Unsupported event")

    async def _add(self, params: Row, answer: Any) -> None:
        ids = {"order_id": f"O{len(self._orders):05d}-AAAAA-BBBBBB", "cl_ord_id": params["cl_ord_id"]}
        words = ("symbol", "side", "order_type", "order_qty", "limit_price")
        order = self._orders[ids["order_id"]] = ids | {word: params[word] for word in words}
        await self._report(exec_type="pending_new", order_status="pending_new", **order)
        await answer(success=True, result=ids)
        await self._report(exec_type="new", order_status="new", **ids)
        await self._report(exec_type="mystery", order_status="new", **ids)

    async def _report(self, **row: Any) -> None:
        for client in self._clients:
            if "executions" in client.numbers:
                await self._private(client, "executions", "update", row | {"timestamp": now()})

    async def _private(self, client: Client, channel: str, kind: str, *rows: Row) -> None:
        number = client.numbers[channel]
        client.numbers[channel] += 1
        await self._say(client, channel=channel, type=kind, data=rows, sequence=number)

    async def _snapshot(self, client: Client, channel: str, symbol: str) -> None:
        if channel in ("executions", "balances"):
            client.numbers[channel] = self._manner.first_number
            owned = [{"asset": "USD", "balance": 100000, "wallets": []}, {"asset": "BTC", "balance": 1.5}]
            await self._private(client, channel, "snapshot", *(owned if channel == "balances" else []))
            return
        bids, asks = sorted(self._bids, reverse=True), sorted(self._asks)
        ticker = {
            "symbol": symbol,
            "bid": bids[0],
            "bid_qty": 1e-05,
            "ask": asks[0],
            "ask_qty": 1,
            "last": None,
        }
        assets = [{"id": name, "precision": 8, "precision_display": 5} for name in ("BTC", "USD")]
        data: dict[str, Any] = {
            "book": [self._book(symbol, bids, asks)],
            "ticker": [ticker],
            "instrument": {"assets": assets, "pairs": [PAIR]},
        }
        await self._say(client, channel=channel, type="snapshot", data=data.get(channel, []))
        if channel == "book":
            client.books.add(symbol)

    async def serve_rest(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                length = 0
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.partition(b":")[2])
                target = urlsplit(line.split()[1].decode())
                fields = parse_qs(target.query or (await reader.readexactly(length)).decode())
                body = json.dumps(self._rest(target.path.rpartition("/")[2], fields)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _rest(self, name: str, fields: dict[str, list[str]]) -> Row:
        self.asked.append(name)
        if fields.get("pair", ["XBTUSD"]) != ["XBTUSD"]:
            return {"error": ["EQuery:Unknown asset pair"]}
        if name == "Time":
            return {"error": None, "result": {"unixtime": time.time() // 1}}
        return {"result": REST[name]} if name in REST else {"error": ["EGeneral:Unknown method"]}


@asynccontextmanager
async def foreign_exchange(manner: Manner) -> AsyncIterator[ForeignExchange]:
    """A running one."""
    exchange = ForeignExchange(manner)
    rest = await asyncio.start_server(exchange.serve_rest, "127.0.0.1", 0)
    async with serve(exchange.serve, "127.0.0.1", 0, compression=None) as sockets, rest:
        exchange.url = f"ws://127.0.0.1:{next(iter(sockets.sockets)).getsockname()[1]}/v2"
        exchange.rest_url = f"http://127.0.0.1:{rest.sockets[0].getsockname()[1]}"
        yield exchange
