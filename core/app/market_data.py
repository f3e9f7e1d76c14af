"""Which symbols, depths and intervals are subscribed, counted by who looks at them.

A view watches what it shows and lets go when it is hidden; the last one to let go ends the subscription. Kraken
allows one depth a symbol and socket, so the deepest wish wins and shallower views read the top of it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from core.domain.ids import Symbol
from core.domain.subscription import Subscription
from core.processing.stores import Stores

log = logging.getLogger(__name__)

_Key = tuple[str, Symbol, int]


class Subscriber(Protocol):
    """The lines, as far as market data needs them."""

    def subscribe(self, subscription: Subscription) -> None:
        """Want it from now on, over every reconnect."""
        ...

    def unsubscribe(self, subscription: Subscription) -> None:
        """Want it no longer."""
        ...

    def resubscribe(self, subscription: Subscription) -> None:
        """Ask for a fresh snapshot."""
        ...


class MarketData:
    """Reference-counted subscriptions. Symbols are held back until the exchange has described them."""

    def __init__(self, lines: Subscriber, stores: Stores) -> None:
        self._lines = lines
        self._stores = stores
        self._wanted: Counter[Subscription] = Counter()
        self._active: dict[_Key, Subscription] = {}
        self._grids: dict[Symbol, tuple[int, int]] = {}
        self.on_books: Callable[[list[Symbol]], None] = lambda symbols: None
        """Hears which pairs' books are followed, whenever that changes."""

    def watch(self, *wanted: Subscription) -> Callable[[], None]:
        """Subscribe until the returned function is called; calling that twice is harmless."""
        held = list(wanted)
        self._wanted.update(held)
        self._settle(dict.fromkeys(map(_key, held)))

        def release() -> None:
            self._wanted.subtract(held)
            keys = dict.fromkeys(map(_key, held))
            held.clear()
            self._settle(keys)

        return release

    def is_watched(self, channel: str, symbol: Symbol, interval: int) -> bool:
        """Whether somebody has asked for this and not released it."""
        wanted = self._wanted.items()
        return any(count > 0 and _key(sub) == (channel, symbol, interval) for sub, count in wanted)

    def instruments_changed(self) -> None:
        """Subscribe what waited for its description, and books whose printed precision changed anew."""
        self._settle(dict.fromkeys(map(_key, self._wanted)))  # in the order of the wishes
        for key, sub in list(self._active.items()):
            if sub.depth and self._grids.get(sub.symbol) != self._grid(sub.symbol):
                log.info("precision changed symbol=%s", sub.symbol)
                self._stop(key)
                self._start(key, sub)

    def resync(self, channel: str, symbol: Symbol) -> None:
        """Ask for a fresh snapshot of a book or queue that can no longer be trusted."""
        for key, sub in self._active.items():
            if key[:2] == (channel, symbol):
                self._lines.resubscribe(sub)

    def unknown(self) -> list[Symbol]:
        """Symbols somebody watches that the exchange does not list (empty until it has listed any)."""
        known = self._stores.instruments
        if not known.symbols():
            return []
        wished = {sub.symbol for sub, count in self._wanted.items() if count > 0 and sub.symbol}
        return sorted(symbol for symbol in wished if known.get(symbol) is None)

    def _settle(self, keys: Iterable[_Key]) -> None:
        for key in keys:
            wish = self._wish(key)
            have = self._active.get(key)
            if wish == have:
                continue
            if have is not None:
                self._stop(key)
            if wish is not None and self._described(wish.symbol):
                self._start(key, wish)
        self._wanted = +self._wanted

    def _wish(self, key: _Key) -> Subscription | None:
        alive = [sub for sub, count in self._wanted.items() if count > 0 and _key(sub) == key]
        return max(alive, key=lambda sub: sub.depth, default=None)

    def _described(self, symbol: Symbol) -> bool:
        return not symbol or self._stores.instruments.get(symbol) is not None

    def _grid(self, symbol: Symbol) -> tuple[int, int] | None:
        instrument = self._stores.instruments.get(symbol)
        return (instrument.price_precision, instrument.qty_precision) if instrument else None

    def _start(self, key: _Key, sub: Subscription) -> None:
        instrument = self._stores.instruments.get(sub.symbol)
        if instrument is not None:
            self._grids[sub.symbol] = (instrument.price_precision, instrument.qty_precision)
            if sub.channel == "book":
                self._stores.books.expect(sub.symbol, sub.depth, instrument)
            elif sub.channel == "level3":
                self._stores.queues.expect(sub.symbol, sub.depth, instrument)
        self._active[key] = sub
        self._lines.subscribe(sub)
        self._tell_books(sub)

    def _stop(self, key: _Key) -> None:
        sub = self._active.pop(key)
        self._lines.unsubscribe(sub)
        self._tell_books(sub)
        if sub.channel == "book":
            self._stores.books.drop(sub.symbol)
        elif sub.channel == "level3":
            self._stores.queues.drop(sub.symbol)

    def _tell_books(self, sub: Subscription) -> None:
        if sub.channel == "book":
            self.on_books([one.symbol for one in self._active.values() if one.channel == "book"])


def _key(sub: Subscription) -> _Key:
    # Depth is left out: one book a symbol. The interval stays in: candles of several intervals live side by side.
    return sub.channel, sub.symbol, sub.interval
