"""What each ``level3`` depth of one pair must be told: single resting orders in, frames out.

Depth counts price levels. Orders of a level that comes into range are sent as ``add`` in queue order; none is
deleted for falling out of range. Source: Kraken "Level 3" and "Level 3 checksum (WebSocket v2)".
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from decimal import Decimal

from core.sim import wire
from core.sim.model import L3Change

DEPTHS = (10, 100, 1000)

# Price, then its orders in queue order: id, visible quantity, time of entry or amendment (ns).
QueueLevels = Sequence[tuple[Decimal, Sequence[tuple[str, Decimal, int]]]]


class QueueSide:
    """All visible orders of one side, by a key that grows from best to worst price."""

    def __init__(self, side: str, price_decimals: int, qty_decimals: int, levels: QueueLevels) -> None:
        self.sign = 1 if side == "sell" else -1
        self._price_decimals = price_decimals
        self._qty_decimals = qty_decimals
        self.keys: list[Decimal] = []
        self.queues: dict[Decimal, dict[str, tuple[Decimal, int]]] = {}
        for price, orders in levels:
            for order_id, qty, ts_ns in orders:
                self._put(price * self.sign, order_id, qty, ts_ns)

    def apply(self, change: L3Change) -> Decimal:
        """Take one change and return its key."""
        key = change.price * self.sign
        if change.event == "delete":
            self._remove(key, change.order_id)
        else:
            self._put(key, change.order_id, change.qty, change.ts_ns)
        return key

    def _put(self, key: Decimal, order_id: str, qty: Decimal, ts_ns: int) -> None:
        if key not in self.queues:
            insort(self.keys, key)
            self.queues[key] = {}
        self.queues[key][order_id] = (qty, ts_ns)

    def _remove(self, key: Decimal, order_id: str) -> None:
        queue = self.queues.get(key, {})
        queue.pop(order_id, None)
        if not queue and self.queues.pop(key, None) is not None:
            del self.keys[bisect_left(self.keys, key)]

    def row(self, key: Decimal, order_id: str, qty: Decimal, ts_ns: int, event: str = "") -> str:
        """Return one order as frame text; without an event in snapshots."""
        head = f'"event":"{event}",' if event else ""
        return (
            f'{{{head}"order_id":"{order_id}","limit_price":{key * self.sign:.{self._price_decimals}f},'
            f'"order_qty":{qty:.{self._qty_decimals}f},"timestamp":"{wire.rfc3339_ns(ts_ns)}"}}'
        )

    def rows(self, key: Decimal, event: str = "") -> list[str]:
        """Return all orders of a level in queue order."""
        return [self.row(key, order_id, *entry, event) for order_id, entry in self.queues[key].items()]

    def pieces(self) -> list[str]:
        """Return one checksum piece for each of the ten best levels."""
        out = []
        for key in self.keys[: wire.CHECKSUM_LEVELS]:
            price = wire.stripped(f"{key * self.sign:.{self._price_decimals}f}")
            for qty, _ in self.queues[key].values():
                out.append(price + wire.stripped(f"{qty:.{self._qty_decimals}f}"))
        return out


class QueueView:
    """Which orders a client of one depth holds of one side."""

    def __init__(self, side: QueueSide, depth: int) -> None:
        self._side = side
        self._depth = depth
        self._held = {key: set(side.queues[key]) for key in side.keys[:depth]}

    def snapshot(self) -> list[str]:
        """Return the orders of a snapshot, best price first, in queue order."""
        return [row for key in self._side.keys[: self._depth] for row in self._side.rows(key)]

    def diff(self, changes: Sequence[L3Change]) -> list[str]:
        """Return what an update must carry; the side already stands as after all these changes."""
        out = [row for change in changes if (row := self._one(change))]
        for key in self._side.keys[: self._depth]:
            if key not in self._held:
                self._held[key] = set(self._side.queues[key])
                out += self._side.rows(key, "add")
        if len(self._held) > self._depth:
            for key in self._side.keys[self._depth :]:
                self._held.pop(key, None)
        return out

    def _one(self, change: L3Change) -> str:
        """A change matters only on a level the client holds; others arrive whole when they come into range."""
        key = change.price * self._side.sign
        level = self._held.get(key)
        if level is None or (change.event != "add" and change.order_id not in level):
            return ""
        if change.event == "delete":
            level.discard(change.order_id)
            if not level:
                del self._held[key]
        else:
            level.add(change.order_id)
        return self._side.row(key, change.order_id, change.qty, change.ts_ns, change.event)


class Level3Feed:
    """All ``level3`` subscriptions of one pair."""

    def __init__(
        self, symbol: str, price_decimals: int, qty_decimals: int, bids: QueueLevels, asks: QueueLevels
    ) -> None:
        self._symbol = symbol
        self._bids = QueueSide("buy", price_decimals, qty_decimals, bids)
        self._asks = QueueSide("sell", price_decimals, qty_decimals, asks)
        self._views: dict[int, tuple[QueueView, QueueView]] = {}
        self._pending: tuple[list[L3Change], list[L3Change]] = ([], [])

    def change(self, change: L3Change) -> None:
        """Take one change of one order."""
        is_buy = change.side == "buy"
        (self._bids if is_buy else self._asks).apply(change)
        self._pending[0 if is_buy else 1].append(change)

    def open(self, depth: int) -> None:
        """Start to follow a depth; call `updates` first."""
        if depth not in self._views:
            self._views[depth] = (QueueView(self._bids, depth), QueueView(self._asks, depth))

    def close(self, depth: int) -> None:
        """Nobody follows this depth any more."""
        self._views.pop(depth, None)

    @property
    def is_idle(self) -> bool:
        """Whether nobody follows any depth."""
        return not self._views

    def snapshot(self, depth: int, now_ns: int) -> str:
        """Return the snapshot frame of a depth."""
        bids, asks = self._views[depth]
        return self._frame("snapshot", bids.snapshot(), asks.snapshot(), now_ns)

    def updates(self, now_ns: int) -> dict[int, str]:
        """Return one update frame for each depth in which something changed since the last call."""
        pending, self._pending = self._pending, ([], [])
        frames: dict[int, str] = {}
        for depth, views in self._views.items():
            bids, asks = (view.diff(changes) for view, changes in zip(views, pending, strict=True))
            if bids or asks:
                frames[depth] = self._frame("update", bids, asks, now_ns)
        return frames

    def _frame(self, kind: str, bids: list[str], asks: list[str], now_ns: int) -> str:
        crc = wire.checksum(self._asks.pieces(), self._bids.pieces())
        return (
            f'{{"channel":"level3","type":"{kind}","data":[{{"checksum":{crc},"symbol":"{self._symbol}",'
            f'"bids":[{",".join(bids)}],"asks":[{",".join(asks)}],'
            f'"timestamp":"{wire.rfc3339_ns(now_ns)}"}}]}}'
        )
