"""The seeded market as a client sees it: every book of every depth stays true, on the stock loop and on Qt's."""

import asyncio
import itertools
import json
from decimal import Decimal
from typing import Any

import pytest

from core.sim import wire
from core.sim.exchange import SimExchange
from tests.protocol.sim.clients import RestClient, WsClient

DEPTHS = (10, 25, 100, 500, 1000)
SPEED = 30.0
SECONDS = 1.0


class Book:
    """One side-by-side copy of a book, kept by the documented rules from texts."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.sides: dict[str, dict[Decimal, tuple[str, str]]] = {"bids": {}, "asks": {}}
        self.checked = 0

    def apply(self, frame: dict[str, Any]) -> None:
        data = frame["data"][0]
        if frame["type"] == "snapshot":
            self.sides = {"bids": {}, "asks": {}}
        for name, side in self.sides.items():
            for level in data[name]:
                side.pop(Decimal(level["price"]), None)
                if Decimal(level["qty"]):
                    side[Decimal(level["price"])] = (level["price"], level["qty"])
            for price in self.best(name)[self.depth :]:
                del side[price]
        assert int(data["checksum"]) == wire.checksum(self.pieces("asks"), self.pieces("bids"))
        assert not self.best("bids") or not self.best("asks") or self.best("bids")[0] < self.best("asks")[0]
        self.checked += 1

    def best(self, name: str) -> list[Decimal]:
        return sorted(self.sides[name], reverse=name == "bids")

    def pieces(self, name: str) -> list[str]:
        texts = (self.sides[name][price] for price in self.best(name)[:10])
        return [wire.stripped(price) + wire.stripped(qty) for price, qty in texts]


async def read_for(client: WsClient, books: dict[tuple[str, int], Book], seconds: float) -> None:
    """Apply what comes; frames of two depths of one pair are told apart by asking for one depth a client."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                frame = json.loads(await client.socket.recv(), parse_float=str)
                if frame.get("channel") == "book":
                    for book in (
                        one for (symbol, _), one in books.items() if symbol == frame["data"][0]["symbol"]
                    ):
                        book.apply(frame)
    except TimeoutError:
        return


@pytest.mark.parametrize("loop", ["stock", pytest.param("qt", marks=pytest.mark.qt)])
async def test_every_book_of_every_depth_stays_true(loop: str) -> None:
    async with SimExchange(seed=11, speed=SPEED) as exchange:
        symbols = list(exchange.engine.pairs)[:4]
        clients = [WsClient(exchange.endpoints.public_ws) for _ in DEPTHS]
        held = [{(symbol, depth): Book(depth) for symbol in symbols} for depth in DEPTHS]
        async with clients[0], clients[1], clients[2], clients[3], clients[4]:
            for client, depth in zip(clients, DEPTHS, strict=True):
                await client.send("subscribe", {"channel": "book", "depth": depth, "symbol": symbols})
            await asyncio.gather(
                *(read_for(client, books, SECONDS) for client, books in zip(clients, held, strict=True))
            )

    books = list(itertools.chain.from_iterable(one.values() for one in held))
    assert all(book.checked for book in books)
    assert sum(book.checked for book in books) > 5 * len(books)


async def test_level3_and_level2_tell_the_same_market() -> None:
    async with SimExchange(seed=5, speed=SPEED) as exchange, RestClient(exchange) as rest:
        token = await rest.token()
        queues: dict[str, dict[str, tuple[str, str]]] = {"bids": {}, "asks": {}}
        frames = 0
        async with WsClient(exchange.endpoints.l3_ws) as client:
            await client.call("subscribe", channel="level3", depth=1000, symbol=["BTC/USD"], token=token)
            while frames < 150:
                frame = json.loads(await client.socket.recv(), parse_float=str)
                if frame.get("channel") != "level3":
                    continue
                frames += 1
                data = frame["data"][0]
                for name, orders in queues.items():
                    for row in data[name]:
                        if row.get("event") == "delete":
                            del orders[row["order_id"]]
                        else:
                            orders[row["order_id"]] = (row["limit_price"], row["order_qty"])
                assert int(data["checksum"]) == wire.checksum(
                    *(top_orders(queues, name) for name in ("asks", "bids"))
                )


def top_orders(queues: dict[str, dict[str, tuple[str, str]]], name: str) -> list[str]:
    """Return the pieces of the ten best levels; a dict keeps the queue's order."""
    prices = sorted({Decimal(price) for price, _ in queues[name].values()}, reverse=name == "bids")[:10]
    return [
        wire.stripped(text) + wire.stripped(qty)
        for price in prices
        for text, qty in queues[name].values()
        if Decimal(text) == price
    ]


async def test_a_slice_of_work_is_short() -> None:
    async with SimExchange(seed=2, speed=5.0) as exchange:
        async with WsClient(exchange.endpoints.public_ws) as client:
            await client.send(
                "subscribe", {"channel": "book", "depth": 100, "symbol": list(exchange.engine.pairs)}
            )
            await read_for(client, {}, 1.0)
        typical_ns = exchange.typical_slice_ns

    assert 0 < typical_ns < 2_000_000
