"""What a pair is worth now, for judging orders: book, then last trade, then ticker. Never for drawing."""

from __future__ import annotations

from decimal import Decimal

from core.domain.health import BookState
from core.domain.ids import Asset, Symbol
from core.domain.instrument import Side
from core.processing.book_store import BookStore, BookView
from core.processing.market_stores import TickerStore, TradeStore

DOLLAR = Asset("USD")
ONE = Decimal(1)


class References:
    """Reads the market stores. Prices in quote, dollars where it says so."""

    def __init__(self, books: BookStore, trades: TradeStore, tickers: TickerStore) -> None:
        self._books = books
        self._trades = trades
        self._tickers = tickers

    def live(self, symbol: Symbol) -> BookView | None:
        """Return the book of a pair while it is live."""
        view = self._books.view(symbol)
        return view if view is not None and view.state is BookState.LIVE else None

    def price(self, symbol: Symbol) -> Decimal | None:
        """Return the middle of the live book, else the last trade, else the ticker's last price, else ``None``."""
        view = self.live(symbol)
        if view is not None and (mid := view.mid) is not None:
            return mid
        tape = self._trades.recent(symbol)
        if tape:
            return tape[-1].price
        ticker = self._tickers.get(symbol)
        return ticker.last if ticker is not None else None

    def touch(self, symbol: Symbol, side: Side) -> Decimal | None:
        """Return what a taker of that side pays or gets for the first unit; off the book the reference price."""
        view = self.live(symbol)
        level = None
        if view is not None:
            level = view.best_ask if side is Side.BUY else view.best_bid
        return level[0] if level is not None else self.price(symbol)

    def dollars(self, asset: Asset) -> Decimal | None:
        """Return what one unit of an asset is worth in dollars, ``None`` while nobody says."""
        if asset == DOLLAR:
            return ONE
        straight = self.price(Symbol(f"{asset}/{DOLLAR}"))
        if straight is not None:
            return straight
        turned = self.price(Symbol(f"{DOLLAR}/{asset}"))
        return ONE / turned if turned else None
