"""Books as REST told them while both market lines are lost: to look at, never to trade on.

They stand beside the real books, not in them, so that nothing that sizes, clicks or judges risk can take them for one.
"""

from __future__ import annotations

from decimal import Decimal

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.market import Depth
from core.processing.book_side import PriceQty
from core.processing.store import Store


class DepthView:
    """A told book, read as a real one is."""

    def __init__(self, told: Depth, instrument: Instrument, received: int) -> None:
        self._told = told
        self.instrument = instrument
        self.received = received
        """Monotonic time it came, ns."""
        self.depth = max(len(told.bids), len(told.asks))

    def bids(self, count: int) -> list[PriceQty]:
        """Return at most ``count`` bids, best first."""
        return list(self._told.bids[:count])

    def asks(self, count: int) -> list[PriceQty]:
        """Return at most ``count`` asks, best first."""
        return list(self._told.asks[:count])

    @property
    def best_bid(self) -> PriceQty | None:
        """Highest bid."""
        return next(iter(self._told.bids), None)

    @property
    def best_ask(self) -> PriceQty | None:
        """Lowest ask."""
        return next(iter(self._told.asks), None)

    @property
    def mid(self) -> Decimal | None:
        """Middle of the touch."""
        bid, ask = self.best_bid, self.best_ask
        return (bid[0] + ask[0]) / 2 if bid is not None and ask is not None else None


class DepthStore(Store[Symbol]):
    """The told book of each pair that has one now."""

    def __init__(self) -> None:
        super().__init__()
        self._views: dict[Symbol, DepthView] = {}

    def view(self, symbol: Symbol) -> DepthView | None:
        """Return what was told of a pair, ``None`` when there is nothing or a real book again."""
        return self._views.get(symbol)

    def symbols(self) -> list[Symbol]:
        """Pairs with a told book."""
        return list(self._views)

    def tell(self, told: Depth, instrument: Instrument, now: int) -> None:
        """Keep a book told at monotonic ``now``."""
        self._views[told.symbol] = DepthView(told, instrument, now)
        self.touch(told.symbol)

    def drop(self, symbol: Symbol) -> None:
        """Forget a told book."""
        if self._views.pop(symbol, None) is not None:
            self.touch(symbol)
