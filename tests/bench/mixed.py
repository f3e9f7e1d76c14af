"""A day's mixture of messages: books of several pairs and depths, tickers, trades, heartbeats."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from tests.bench.trace import PAIRS, START_NS, Pair, TrueBook, decimal_text, wire_time

# One message in a hundred of each kind, about as Kraken's public line sends them.
KINDS = ("book", "ticker", "trade", "heartbeat")
KIND_WEIGHTS = (76, 14, 9, 1)
# The busiest pairs first: most messages are theirs.
PAIR_WEIGHTS = (34, 22, 14, 10, 7, 6, 4, 3)
DEPTHS = (100, 25, 10, 10, 10, 10, 10, 10)
HEARTBEAT = b'{"channel":"heartbeat"}'


@dataclass(frozen=True, slots=True)
class MixedTrace:
    """``setup`` makes the pairs known and sends the snapshots; ``frames`` is what is measured.

    ``ends`` has by symbol the last book (bids, asks), best first; ``last_trade_ids`` the id of the last trade.
    """

    setup: list[bytes]
    frames: list[bytes]
    depths: dict[str, int]
    ends: dict[str, tuple[list[tuple[float, float]], list[tuple[float, float]]]]
    last_trade_ids: dict[str, int]


class Tape:
    """Tickers and trades of one pair around its book."""

    def __init__(self, book: TrueBook, rng: random.Random) -> None:
        self.pair = book.pair
        self.trade_id = 1_000_000
        self._book = book
        self._rng = rng
        self._volume = 900_000_000_000

    def trade(self) -> bytes:
        prints = ",".join(self._print() for _ in range(self._rng.choices((1, 2, 4), (75, 18, 7))[0]))
        return f'{{"channel":"trade","type":"update","data":[{prints}]}}'.encode()

    def ticker(self, kind: str = "update") -> bytes:
        pair, bid, ask = self.pair, self._book.bids, self._book.asks
        price = pair.price_text
        low, high = pair.start_ticks * 97 // 100, pair.start_ticks * 104 // 100
        return (
            f'{{"channel":"ticker","type":"{kind}","data":[{{"symbol":"{pair.symbol}",'
            f'"bid":{price(-bid.keys[0])},"bid_qty":{pair.qty_text(bid.units[bid.keys[0]])},'
            f'"ask":{price(ask.keys[0])},"ask_qty":{pair.qty_text(ask.units[ask.keys[0]])},'
            f'"last":{price(ask.keys[0])},"volume":{pair.qty_text(self._volume)},'
            f'"vwap":{price(pair.start_ticks)},"low":{price(low)},"high":{price(high)},'
            f'"change":{price(ask.keys[0] - low)},"change_pct":{self._rng.uniform(-4, 4):.2f},'
            f'"trades":{self.trade_id % 100_000},"timestamp":"{self._time()}"}}]}}'
        ).encode()

    def _print(self) -> str:
        self.trade_id += 1
        units = max(1, int(self._rng.lognormvariate(16, 1.5)))
        self._volume += units
        side, book = self._rng.choice((("buy", self._book.asks), ("sell", self._book.bids)))
        order = self._rng.choices(("limit", "market"), (60, 40))[0]
        return (
            f'{{"symbol":"{self.pair.symbol}","side":"{side}","price":{self.pair.price_text(abs(book.keys[0]))},'
            f'"qty":{self.pair.qty_text(units)},"ord_type":"{order}","trade_id":{self.trade_id},'
            f'"timestamp":"{self._time()}"}}'
        )

    def _time(self) -> str:
        return wire_time(START_NS + self.trade_id * 1_000_000)


def mixed_trace(count: int, *, seed: int = 7) -> MixedTrace:
    """Return ``count`` messages over eight pairs after their set-up."""
    rng = random.Random(f"mixed {seed}")
    books = [TrueBook(pair, depth, rng) for pair, depth in zip(PAIRS, DEPTHS, strict=True)]
    tapes = [Tape(book, rng) for book in books]
    setup = [
        instruments_frame(),
        *(book.snapshot() for book in books),
        *(tape.ticker("snapshot") for tape in tapes),
    ]
    frames = []
    # A trade last: trades wait longest in a terminal that has priorities, so its arrival ends a run.
    for kind in [*rng.choices(KINDS, KIND_WEIGHTS, k=count - 1), "trade"]:
        place = rng.choices(range(len(PAIRS)), PAIR_WEIGHTS)[0]
        make = {"book": books[place].update, "ticker": tapes[place].ticker, "trade": tapes[place].trade}.get(
            kind
        )
        frames.append(make() if make else HEARTBEAT)
    return MixedTrace(
        setup,
        frames,
        {book.pair.symbol: book.depth for book in books},
        {book.pair.symbol: book.top(book.depth) for book in books},
        {tape.pair.symbol: tape.trade_id for tape in tapes},
    )


def instruments_frame(pairs: tuple[Pair, ...] = PAIRS) -> bytes:
    """Return the snapshot of channel `instrument` that makes the pairs known."""
    assets = sorted({asset for pair in pairs for asset in pair.symbol.split("/")})
    listed = ",".join(_pair_text(pair) for pair in pairs)
    known = ",".join(
        f'{{"id":"{asset}","status":"enabled","precision":10,"precision_display":5,"borrowable":false,'
        f'"collateral_value":0.0,"margin_rate":0.0}}'
        for asset in assets
    )
    return f'{{"channel":"instrument","type":"snapshot","data":{{"assets":[{known}],"pairs":[{listed}]}}}}'.encode()


def _pair_text(pair: Pair) -> str:
    base, quote = pair.symbol.split("/")
    tick = decimal_text(1, pair.price_precision)
    names = {"symbol": pair.symbol, "base": base, "quote": quote, "status": "online"}
    return (
        json.dumps(names, separators=(",", ":"))[:-1]
        + f',"qty_precision":{pair.qty_precision},"qty_increment":1e-08,"price_precision":{pair.price_precision},'
        f'"cost_precision":5,"marginable":false,"has_index":true,"cost_min":0.5,"tick_size":{tick},'
        f'"price_increment":{tick},"qty_min":0.0001}}'
    )
