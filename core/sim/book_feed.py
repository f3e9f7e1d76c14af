"""What each ``book`` depth of one pair must be told: level changes in, frames out.

Kraken sends no removal for a level that falls out of the depth, and sends a level that comes back into
range in the message that freed the slot. Source: Kraken "Book (level 2)" and "Book checksum (WebSocket v2)".
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from decimal import Decimal

from core.sim import wire

DEPTHS = (10, 25, 100, 500, 1000)
# More than the deepest subscription, so that a level coming into range is always known.
WHOLE_BOOK = 1_000_000

Levels = Sequence[tuple[Decimal, Decimal]]


class Level:
    """One price with its text pieces, made once and used by every depth and by the checksum."""

    __slots__ = ("frame", "piece", "qty")

    def __init__(self, price_text: str, qty_text: str) -> None:
        self.qty = qty_text
        self.frame = f'{{"price":{price_text},"qty":{qty_text}}}'
        self.piece = wire.stripped(price_text) + wire.stripped(qty_text)


class SideMirror:
    """One side of the whole visible book, best price first.

    Prices are kept under a key that grows from best to worst: the price for asks, its negative for bids.
    """

    def __init__(self, side: str, price_decimals: int, qty_decimals: int, levels: Levels) -> None:
        self.side = side
        self._sign = 1 if side == "sell" else -1
        self._price_decimals = price_decimals
        self._qty_decimals = qty_decimals
        self.levels: dict[Decimal, Level] = {}
        self.keys: list[Decimal] = []
        for price, qty in levels:
            self.set(price, qty)

    def key(self, price: Decimal) -> Decimal:
        """Return the sorting key of a price."""
        return price * self._sign

    def set(self, price: Decimal, qty: Decimal) -> None:
        """Put the level's new visible total; zero removes it."""
        key = self.key(price)
        if qty <= 0:
            if self.levels.pop(key, None) is not None:
                del self.keys[bisect_left(self.keys, key)]
            return
        if key not in self.levels:
            insort(self.keys, key)
        self.levels[key] = Level(f"{price:.{self._price_decimals}f}", f"{qty:.{self._qty_decimals}f}")

    def removal(self, key: Decimal) -> str:
        """Return the frame text that removes a level."""
        price = key * self._sign
        return f'{{"price":{price:.{self._price_decimals}f},"qty":{Decimal(0):.{self._qty_decimals}f}}}'

    def in_range(self, key: Decimal, depth: int) -> bool:
        """Whether an existing level is among the best ``depth``."""
        return len(self.keys) <= depth or key <= self.keys[depth - 1]

    def pieces(self) -> list[str]:
        """Return the checksum pieces of the ten best levels."""
        return [self.levels[key].piece for key in self.keys[: wire.CHECKSUM_LEVELS]]


class SideView:
    """What a client of one depth holds of one side, after every frame sent so far."""

    def __init__(self, mirror: SideMirror, depth: int) -> None:
        self._mirror = mirror
        self._depth = depth
        self._held = {key: mirror.levels[key].qty for key in mirror.keys[:depth]}

    def frames(self) -> list[str]:
        """Return the levels of a snapshot, best first."""
        mirror = self._mirror
        return [mirror.levels[key].frame for key in mirror.keys[: self._depth]]

    def diff(self, touched: Sequence[Decimal]) -> list[str]:
        """Return the levels an update must carry after these keys changed in the mirror.

        Removals come first: a client that truncates after every level, not after the message, then holds the same.
        """
        mirror, held = self._mirror, self._held
        gone: list[str] = []
        out: list[str] = []
        for key in touched:
            level = mirror.levels.get(key)
            if level is None:
                if held.pop(key, None) is not None:
                    gone.append(mirror.removal(key))
            elif not mirror.in_range(key, self._depth):
                held.pop(key, None)
            elif held.get(key) != level.qty:
                held[key] = level.qty
                out.append(level.frame)
        out += self._came_into_range()
        self._fell_out_of_range()
        return gone + out

    def _came_into_range(self) -> list[str]:
        """Fill freed slots. Untouched levels are held best first, so the new ones are at the far end."""
        mirror, held, out = self._mirror, self._held, []
        index = min(self._depth, len(mirror.keys))
        missing = index - len(held)
        while missing > 0:
            index -= 1
            key = mirror.keys[index]
            if key not in held:
                held[key] = mirror.levels[key].qty
                out.append(mirror.levels[key].frame)
                missing -= 1
        return out[::-1]

    def _fell_out_of_range(self) -> None:
        index = self._depth
        while len(self._held) > self._depth:
            self._held.pop(self._mirror.keys[index], None)
            index += 1


class BookFeed:
    """All ``book`` subscriptions of one pair: one mirror of the engine's book, one view for each depth in use."""

    def __init__(
        self, symbol: str, price_decimals: int, qty_decimals: int, bids: Levels, asks: Levels
    ) -> None:
        self._symbol = symbol
        self._sides = (
            SideMirror("buy", price_decimals, qty_decimals, bids),
            SideMirror("sell", price_decimals, qty_decimals, asks),
        )
        self._views: dict[int, tuple[SideView, SideView]] = {}
        self._touched: tuple[dict[Decimal, None], dict[Decimal, None]] = ({}, {})

    def change(self, side: str, price: Decimal, qty: Decimal) -> None:
        """Take a level's new visible total."""
        index = 0 if side == "buy" else 1
        mirror = self._sides[index]
        mirror.set(price, qty)
        self._touched[index][mirror.key(price)] = None

    @property
    def has_changes(self) -> bool:
        """Whether `updates` would have to look at anything."""
        return bool(self._touched[0] or self._touched[1])

    def open(self, depth: int) -> None:
        """Start to follow a depth. Call `updates` first: what is pending belongs to those already there."""
        if depth not in self._views:
            bids, asks = self._sides
            self._views[depth] = (SideView(bids, depth), SideView(asks, depth))

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
        return self._frame("snapshot", bids.frames(), asks.frames(), now_ns)

    def updates(self, now_ns: int) -> dict[int, str]:
        """Return one update frame for each depth in which something changed since the last call."""
        touched = [list(keys) for keys in self._touched]
        self._touched = ({}, {})
        frames: dict[int, str] = {}
        for depth, views in self._views.items():
            bids, asks = (view.diff(keys) for view, keys in zip(views, touched, strict=True))
            if bids or asks:
                frames[depth] = self._frame("update", bids, asks, now_ns)
        return frames

    def checksum(self) -> int:
        """Return the CRC-32 over the ten best levels of both sides."""
        bids, asks = self._sides
        return wire.checksum(asks.pieces(), bids.pieces())

    def _frame(self, kind: str, bids: list[str], asks: list[str], now_ns: int) -> str:
        return (
            f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{self._symbol}",'
            f'"bids":[{",".join(bids)}],"asks":[{",".join(asks)}],'
            f'"checksum":{self.checksum()},"timestamp":"{wire.rfc3339_us(now_ns)}"}}]}}'
        )
