"""Runs in the peers' own environment: python-kraken-sdk against an exchange whose endpoints come on stdin.

Prints one JSON object: how many book updates of each pair passed the SDK's own checksum, and what it saw of an
order placed, reported and cancelled over WebSocket and over REST.
"""

import asyncio
import json
import sys
import uuid

from kraken.spot import Market, SpotAsyncClient, SpotOrderBookClient, SpotWSClient, Trade, User

UPDATES = 400
TIMEOUT_S = 40


class Books(SpotOrderBookClient):
    """The SDK's order books, counting which updates it found valid."""

    def __init__(self, endpoints, depth):
        Books.WS_URL = endpoints["public_ws"].removesuffix("/v2")
        super().__init__(depth=depth)
        self._SpotOrderBookClient__market = Market(url=endpoints["public_rest"])
        self.valid, self.invalid, self.levels = {}, {}, {}
        self.enough = asyncio.Event()

    async def on_book_update(self, pair, message):
        if message.get("type") != "update":
            return
        book = self.get(pair)
        counts = self.valid if book["valid"] else self.invalid
        counts[pair] = counts.get(pair, 0) + 1
        self.levels[pair] = [len(book["bid"]), len(book["ask"])]
        if self.invalid or sum(self.valid.values()) >= UPDATES:
            self.enough.set()


async def read_books(endpoints, depth, pairs):
    books = Books(endpoints, depth)
    await books.start()
    await books.add_book(pairs=pairs)
    await books.enough.wait()
    await books.close()
    return {"depth": depth, "valid": books.valid, "invalid": books.invalid, "levels": books.levels}


async def trade_by_websocket(endpoints):
    seen, answers, reports = [], [], asyncio.Queue()

    async def on_message(message):
        if message.get("channel") == "executions":
            for row in message["data"]:
                reports.put_nowait((row["exec_type"], row.get("cl_ord_id")))
        elif message.get("method") in ("add_order", "cancel_order"):
            answers.append((message["method"], message["success"]))

    async def until(report):
        while (latest := await reports.get()) != report:
            seen.append(latest)
        seen.append(latest)

    client = SpotWSClient(
        key=endpoints["key"],
        secret=endpoints["secret"],
        callback=on_message,
        no_public=True,
        rest_url=endpoints["private_rest"],
        auth_ws_url=endpoints["private_ws"].removesuffix("/v2"),
    )
    await client.start()
    await client.subscribe(params={"channel": "executions", "snap_orders": True})
    cl_ord_id = str(uuid.uuid4())
    order = {
        "order_type": "limit",
        "side": "buy",
        "symbol": "BTC/USD",
        "order_qty": 0.001,
        "limit_price": 30000.5,
        "cl_ord_id": cl_ord_id,
    }
    await client.send_message({"method": "add_order", "params": order})
    await until(("new", cl_ord_id))
    await client.send_message({"method": "cancel_order", "params": {"cl_ord_id": [cl_ord_id]}})
    await until(("canceled", cl_ord_id))
    await client.close()
    return {"reports": [kind for kind, ref in seen if ref == cl_ord_id], "answers": answers}


def trade_by_rest(endpoints):
    account = {"key": endpoints["key"], "secret": endpoints["secret"], "url": endpoints["private_rest"]}
    trade, user = Trade(**account), User(**account)
    txid = trade.create_order(ordertype="limit", side="sell", volume=0.5, pair="XETHZUSD", price=9000)[
        "txid"
    ][0]
    status = user.get_open_orders()["open"][txid]["status"]
    cancelled = trade.cancel_order(txid=txid)["count"]
    ended = user.get_orders_info(txid=txid)[txid]["status"]
    return {
        "status": status,
        "cancelled": cancelled,
        "ended": ended,
        "usd": user.get_balances()["ZUSD"]["balance"],
    }


async def main():
    endpoints = json.loads(sys.stdin.readline())
    async with asyncio.timeout(TIMEOUT_S):
        books = [
            await read_books(endpoints, depth, pairs)
            for depth, pairs in ((10, ["BTC/USD", "ETH/USD", "DOGE/USD"]), (100, ["BTC/USD"]))
        ]
        by_websocket = await trade_by_websocket(endpoints)
        by_rest = await asyncio.to_thread(trade_by_rest, endpoints)
        async with SpotAsyncClient(url=endpoints["public_rest"]) as client:
            time = await client.request("GET", "/0/public/Time", auth=False)
    result = {"books": books, "websocket": by_websocket, "rest": by_rest, "time": time["unixtime"]}
    sys.stdout.write(json.dumps(result) + "\n")


asyncio.run(main())
